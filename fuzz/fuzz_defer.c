/* SPDX-License-Identifier: MIT */
/*
 * A review that is decided later: what the program does with its deferral, and what
 * the waiting side does meanwhile (the deadline, the end of the connection, the end of
 * the server), in an order that the input chooses. One byte says how the route is, and
 * each further one is a step; steps up to RETURN are the handler's, the rest come once
 * it has returned. No socket, no other thread.
 *
 * A model says what each call must return. Beyond it: the waiter is told once, at the
 * completion; the first side settles the review; nothing is allowed that was not
 * completed in time as an allow; and the sanitizers see that what is freed in any order
 * is freed once.
 */
#include <string.h>

#include <admwh/defer.h>

#include "check.h"
#include "dispatch/review.h"

enum { DEPTH = 200, VALUES = 250000, BODY_MAX = 65536, STEPS_MAX = 200 };

static const char body[] =
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
    "\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":{},"
    "\"operation\":\"CREATE\",\"userInfo\":{},\"object\":{\"a\":[1,2]},"
    "\"options\":{\"b\":\"\\u0000\"}}}";

enum step {
	RETURN,
	DEFER,
	ALLOW,
	DENY,
	FAIL,
	WARN,
	PATCH,      /* an operation that applies */
	MISPATCH,   /* one that does not */
	READ,       /* the object */
	READ_NUL,   /* a tree that holds U+0000, which is not given */
	COMPLETE,   /* decided */
	COMPLETE_E, /* failed */
	FREE,       /* the deferral */
	ABANDON,    /* the waiter: its connection has ended */
	DEADLINE,   /* the time is up */
	LATE,       /* the waiter answers by itself */
	DETACH,     /* the server ends */
	LEAVE,      /* the waiter gives up its reference */
	STEPS
};

/* The review as it must be. */
struct model {
	bool deferred, completed, detached, settled, abandoned, left, freed, late;
	bool allows, failed; /* what is decided so far */
	bool allowed;        /* when it was completed */
	unsigned int done;   /* how often the waiter must have been told */
};

struct run {
	const uint8_t *steps, *end;
	struct awh_review *review;
	struct admwh_deferral *deferral;
	struct admwh_response *resp; /* the handler's, before it defers */
	struct admwh_patch *patch;
	struct model model;
	unsigned int done; /* how often it was */
};

static void on_done(struct awh_review *review)
{
	struct run *run = review->waiter;

	run->done++;
}

/* Where decisions go now; NULL: nowhere any more. */
static struct admwh_response *response_of(const struct run *run)
{
	if (!run->model.deferred)
		return run->resp;
	return run->model.completed || run->model.freed ? NULL
							: admwh_deferral_response(run->deferral);
}

static struct admwh_patch *patch_of(const struct run *run)
{
	if (!run->model.deferred)
		return run->patch;
	return run->model.completed || run->model.freed ? NULL
							: admwh_deferral_patch(run->deferral);
}

static void defer(struct run *run)
{
	struct admwh_deferral *deferral;

	if (!run->resp) /* the handler has returned */
		return;
	deferral = admwh_response_defer(run->resp);
	check((deferral != NULL) == !run->model.deferred, "deferred twice, or not at all");
	if (!deferral)
		return;
	run->deferral = deferral;
	run->model.deferred = true;
	run->model.allows = false; /* the decision is the deferral's */
	check(strcmp(admwh_deferral_request(deferral)->uid, "u-1") == 0, "another request");
}

static void decide(struct run *run, enum step step)
{
	struct admwh_response *resp = response_of(run);

	if (!resp)
		return;
	if (step == ALLOW)
		admwh_response_allow(resp);
	if (step == DENY)
		admwh_response_deny(resp, 403, "denied");
	if (step == WARN)
		admwh_response_add_warning(resp, "warned");
	if (step == FAIL)
		admwh_response_fail(resp, "failed");
	run->model.failed |= step == FAIL;
	if (step == ALLOW || step == DENY)
		run->model.allows = step == ALLOW;
}

static void change(struct run *run, bool applies)
{
	struct admwh_patch *patch = patch_of(run);
	int err;

	if (!patch)
		return;
	err = applies ? admwh_patch_add_new(patch, "/b", json_true())
		      : admwh_patch_remove(patch, "/c/d");
	check((err == 0) <= applies, "an operation on nothing applies");
	run->model.failed |= err < 0;
}

static void read_request(struct run *run, bool nul)
{
	const struct admwh_request *req;

	if (!run->model.deferred || run->model.freed)
		return;
	req = admwh_deferral_request(run->deferral);
	check(strcmp(req->uid, "u-1") == 0, "the request has changed");
	if (!nul) {
		const json_t *object = admwh_request_object_json(req);

		check(json_array_size(json_object_get(object, "a")) == 2, "another object");
	} else {
		check(!admwh_request_options_json(req), "a tree with U+0000");
		run->model.failed |= !run->model.completed;
	}
}

/* The answer that was encoded, or the waiter's own. */
static void check_answer(const struct run *run, const struct awh_buf *answer, int status,
			 bool allowed)
{
	json_t *root =
	    json_loadb(answer->data, answer->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	const json_t *response = json_object_get(root, "response");
	const bool says = json_is_true(json_object_get(response, "allowed"));

	check(root && !answer->err, "the answer is no JSON");
	check(says == allowed, "the answer allows what was not, or denies what was");
	check(!response || strcmp(json_string_value(json_object_get(response, "uid")), "u-1") == 0,
	      "another uid");
	check(status == 200 || run->review->route->on_failure == ADMWH_ON_FAILURE_POLICY,
	      "left to the failurePolicy");
	json_decref(root);
}

static void complete(struct run *run, int returned)
{
	struct model *model = &run->model;
	int wanted = model->abandoned ? ADMWH_E_DEADLINE : 0;

	if (!model->deferred || model->freed)
		return;
	if (model->completed || model->detached)
		wanted = ADMWH_E_STATE;
	check(admwh_deferral_complete(run->deferral, returned) == wanted, "completed otherwise");
	if (wanted == ADMWH_E_STATE)
		return;
	model->completed = true;
	model->settled = !model->abandoned;
	model->allowed = model->allows && !model->failed && returned == 0 && !model->late;
	model->done++;
	if (!model->left)
		check_answer(run, &run->review->answer, run->review->status, model->allowed);
}

static void free_deferral(struct run *run)
{
	struct model *model = &run->model;

	if (!model->deferred || model->freed)
		return;
	admwh_deferral_free(run->deferral);
	model->freed = true;
	if (model->completed || model->detached)
		return;
	model->completed = true;
	model->settled = !model->abandoned;
	model->done++;
	if (!model->left)
		check_answer(run, &run->review->answer, run->review->status, false);
}

/* the waiter */

static void abandon(struct run *run)
{
	struct model *model = &run->model;
	const bool wanted = !model->settled && !model->abandoned;

	if (run->resp || model->left || !model->deferred)
		return;
	check(awh_review_abandon(run->review) == wanted, "both sides were the first");
	model->abandoned |= wanted;
}

static void pass_deadline(struct run *run)
{
	if (run->model.left)
		return;
	awh_review_set_deadline(run->review, -1);
	run->model.late = true;
}

/* As at the deadline: only who was first may answer. */
static void answer_late(struct run *run)
{
	struct awh_buf answer;
	int status = 0;

	if (!run->model.abandoned || run->model.left || !run->model.late)
		return;
	awh_buf_init(&answer, AWH_ANSWER_MAX);
	check(awh_review_answer_late(run->review, &answer, &status) == 0, "no late answer");
	check_answer(run, &answer, status, false);
	awh_buf_deinit(&answer);
}

static void detach(struct run *run)
{
	struct model *model = &run->model;

	if (run->resp || model->left || !model->deferred)
		return;
	check(awh_review_detach(run->review) == !model->completed, "detached otherwise");
	model->detached = true;
}

/* Not before it was told, or has given up to be told. */
static void leave(struct run *run)
{
	struct model *model = &run->model;

	if (run->resp || model->left || !(model->completed || model->detached))
		return;
	awh_review_unref(run->review);
	model->left = true;
}

static void take_step(struct run *run, enum step step)
{
	switch (step) {
	case DEFER:
		defer(run);
		break;
	case ALLOW:
	case DENY:
	case FAIL:
	case WARN:
		decide(run, step);
		break;
	case PATCH:
	case MISPATCH:
		change(run, step == PATCH);
		break;
	case READ:
	case READ_NUL:
		read_request(run, step == READ_NUL);
		break;
	case COMPLETE:
	case COMPLETE_E:
		complete(run, step == COMPLETE ? 0 : -1);
		break;
	case FREE:
		free_deferral(run);
		break;
	case ABANDON:
		abandon(run);
		break;
	case DEADLINE:
		pass_deadline(run);
		break;
	case LATE:
		answer_late(run);
		break;
	case DETACH:
		detach(run);
		break;
	case LEAVE:
		leave(run);
		break;
	case RETURN:
	case STEPS:
		break;
	}
	check(run->done == run->model.done, "the waiter was told too often, or not at all");
}

static void take_steps(struct run *run)
{
	while (run->steps < run->end) {
		enum step step = (enum step)(*run->steps++ % STEPS);

		if (step == RETURN && run->resp)
			break;
		take_step(run, step);
	}
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	struct run *run = userdata;

	check(strcmp(req->uid, "u-1") == 0, "another request");
	run->resp = resp;
	run->patch = patch;
	take_steps(run);
	run->resp = NULL;
	run->patch = NULL;
	return 0;
}

static int validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	return mutate(req, resp, NULL, userdata);
}

static void begin_review(struct run *run, const struct admwh_route *route)
{
	run->review = awh_review_new(route, BODY_MAX, DEPTH, VALUES);
	check(run->review != NULL, "no memory");
	awh_buf_put(&run->review->body, body, sizeof(body) - 1);
	run->review->done = on_done;
	run->review->waiter = run;
}

/* Run it to its end, whatever is left open. */
static void run_review(struct run *run)
{
	struct model *model = &run->model;
	const bool decided = awh_review_run(run->review);

	check(decided == !model->deferred, "deferred or not");
	if (decided) {
		check_answer(run, &run->review->answer, run->review->status,
			     model->allows && !model->failed && !model->late);
		check(run->done == 0, "told of a review that was not deferred");
	} else {
		take_steps(run);
		free_deferral(run);
	}
	if (!model->left)
		awh_review_unref(run->review);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct admwh_route *route;
	struct run run = {.model = {.late = false}};

	if (len == 0 || len > STEPS_MAX)
		return 0;
	run.steps = bytes + 1;
	run.end = bytes + len;
	route = bytes[0] & 1 ? admwh_route_new_mutator(mutate, &run)
			     : admwh_route_new_validator(validate, &run);
	check(admwh_route_set_dialect(route, (enum admwh_dialect)(1 + (bytes[0] >> 1 & 3))) == 0 &&
		  admwh_route_set_on_failure(route, bytes[0] & 8 ? ADMWH_ON_FAILURE_POLICY
								 : ADMWH_ON_FAILURE_DENY) == 0,
	      "a route cannot be made");
	begin_review(&run, route);
	run_review(&run);
	admwh_route_free(route);
	return 0;
}
