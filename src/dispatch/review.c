/* SPDX-License-Identifier: MIT */
#include "dispatch/review.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dispatch/chain.h"
#include "dispatch/defer.h"
#include "review/encode.h"

const char awh_out_of_memory[] =
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
    "\"message\":\"out of memory\",\"reason\":\"InternalError\",\"code\":500}";

const char *awh_outcome_name(enum awh_outcome outcome)
{
	switch (outcome) {
	case AWH_OUTCOME_NONE:
	case AWH_OUTCOMES:
		break;
	case AWH_OUTCOME_ALLOWED:
		return "allowed";
	case AWH_OUTCOME_DENIED:
		return "denied";
	case AWH_OUTCOME_ERROR:
		return "error";
	case AWH_OUTCOME_DEADLINE:
		return "deadline";
	case AWH_OUTCOME_MALFORMED:
		return "malformed";
	case AWH_OUTCOME_SHED:
		return "shed";
	}
	return "none";
}

const char *admwh_decision_name(enum admwh_decision decision)
{
	return decision >= ADMWH_DECISION_ALLOWED && decision <= ADMWH_DECISION_DEADLINE
		   ? awh_outcome_name((enum awh_outcome)decision)
		   : "";
}

/* Kubewarden's audit scanner sends bare reviews; Rancher's webhook does not look at a review's
 * type. */
static bool takes_bare_reviews(enum admwh_dialect dialect)
{
	return dialect == ADMWH_DIALECT_KUBEWARDEN || dialect == ADMWH_DIALECT_RANCHER;
}

enum state { WAITED_FOR, SETTLED, ABANDONED };

struct awh_review *awh_review_new(const struct admwh_route *route, size_t max_body, size_t depth,
				  size_t values)
{
	struct awh_review *review = calloc(1, sizeof(*review));

	if (!review)
		return NULL;
	review->route = route;
	atomic_init(&review->references, 1);
	review->decode = (struct awh_decode_options){
	    .depth = depth,
	    .values = values,
	    .bare_reviews = takes_bare_reviews(route->dialect),
	    .raw = route->raw,
	};
	review->started_us = awh_clock_us();
	awh_buf_init(&review->body, max_body);
	awh_buf_init(&review->answer, AWH_ANSWER_MAX);
	return review;
}

struct awh_review *awh_review_ref(struct awh_review *review)
{
	atomic_fetch_add_explicit(&review->references, 1, memory_order_relaxed);
	return review;
}

void awh_review_unref(struct awh_review *review)
{
	if (!review || atomic_fetch_sub(&review->references, 1) > 1)
		return;
	awh_deferral_free(review->deferral); /* its patch refers to the request */
	awh_request_deinit(&review->request);
	awh_peer_unref(review->peer);
	awh_tokens_unref(review->tokens);
	awh_arena_deinit(&review->origin);
	awh_buf_deinit(&review->body);
	awh_buf_deinit(&review->answer);
	free(review);
}

static bool settle_as(struct awh_review *review, enum state state)
{
	int expected = WAITED_FOR;

	return atomic_compare_exchange_strong(&review->state, &expected, (int)state);
}

bool awh_review_settle(struct awh_review *review)
{
	return settle_as(review, SETTLED);
}

bool awh_review_abandon(struct awh_review *review)
{
	return settle_as(review, ABANDONED);
}

void awh_review_set_deadline(struct awh_review *review, int64_t ms)
{
	review->deadline_us = review->started_us + ms * 1000;
}

/* False when memory ran out; a NULL text stays NULL. */
static bool keep_text(struct awh_arena *arena, const char **kept, const char *text)
{
	*kept = text ? awh_arena_strndup(arena, text, strlen(text)) : NULL;
	return *kept || !text;
}

int awh_review_set_origin(struct awh_review *review, struct awh_peer *peer, const char *target,
			  const char *address, const char *traceparent)
{
	review->peer = peer ? awh_peer_ref(peer) : NULL;
	review->http.method = "POST";
	if (keep_text(&review->origin, &review->http.target, target) &&
	    keep_text(&review->origin, &review->http.address, address) &&
	    keep_text(&review->origin, &review->http.traceparent, traceparent))
		return 0;
	return ADMWH_E_NOMEM;
}

void awh_review_set_bearer(struct awh_review *review, struct awh_tokens *tokens,
			   const struct admwh_bearer *bearer)
{
	review->tokens = awh_tokens_ref(tokens);
	review->bearer = bearer;
}

/* What is there to answer: the handler may still be running on another thread. */
static struct awh_reply_to reply_to(struct awh_review *review)
{
	const struct awh_request *request = &review->request;
	struct awh_reply_to to = {
	    .dialect = review->route->dialect,
	    .raw = review->route->raw,
	    .version = ADMWH_REVIEW_V1,
	};

	if (awh_review_is_decoded(review)) {
		to.version = request->pub.version;
		to.uid = request->pub.uid;
		to.request = request->text;
		to.request_len = request->len;
	}
	return to;
}

/* decode: bytes -> struct admwh_request */
static int decode(struct awh_review *review)
{
	struct awh_request *request = &review->request;
	struct awh_reply_to to = reply_to(review);
	int failed = awh_request_decode(request, review->body.data ? review->body.data : "",
					review->body.len, &review->decode, &review->error);

	if (failed == 0) {
		request->deadline_us = review->deadline_us;
		request->pub.peer = review->peer ? &review->peer->facts : NULL;
		request->pub.bearer = review->bearer;
		request->pub.http = review->http.target ? &review->http : NULL;
		atomic_store_explicit(&review->decoded, true, memory_order_release);
		return 0;
	}
	review->outcome = failed == ADMWH_E_NOMEM ? AWH_OUTCOME_ERROR : AWH_OUTCOME_MALFORMED;
	review->status = failed == ADMWH_E_SYNTAX ? 400 : failed == ADMWH_E_REVIEW ? 422 : 500;
	review->code = review->status;
	to.version = request->pub.version;
	to.uid = review->route->raw ? NULL : request->pub.uid;
	awh_failure_encode(&review->answer, &to, review->code, review->error.text, NULL);
	return failed;
}

#define LATE_FORMAT "handler did not decide within %" PRId64 " ms"

static int64_t given_ms(const struct awh_review *review)
{
	return (review->deadline_us - review->started_us) / 1000;
}

static bool is_late(const struct awh_review *review)
{
	return review->deadline_us && awh_clock_us() > review->deadline_us;
}

/* Status.code of a failure. */
static int failure_code(const struct awh_error *error)
{
	return error->code == ADMWH_E_DEADLINE ? 504 : 500;
}

/* Has everything that must hold before a decision goes out been kept? */
static int check(struct awh_review *review, int returned, const struct admwh_response *response,
		 const struct admwh_patch *patch)
{
	struct awh_error *error = &review->error;

	if (response->failure.code)
		*error = response->failure;
	else if (review->request.failed)
		awh_fail(error, review->request.failed, "out of memory");
	else if (patch->failure.code && response->decision != AWH_DENIED)
		awh_fail(error, ADMWH_E_PATCH, "patch: %s", patch->failure.text);
	else if (returned < 0)
		awh_fail(error, ADMWH_E_HANDLER, "handler failed (%d)", returned);
	else if (is_late(review))
		awh_fail(error, ADMWH_E_DEADLINE, LATE_FORMAT, given_ms(review));
	else if (response->decision == AWH_UNDECIDED)
		awh_fail(error, ADMWH_E_UNDECIDED, "handler decided nothing");
	return error->code;
}

/* A denial repeats the request's uid: without one there is only the HTTP status to fail by. */
static bool can_deny(struct awh_review *review)
{
	return review->route->on_failure == ADMWH_ON_FAILURE_DENY && awh_review_is_decoded(review);
}

/* What a failure is told as: the route chooses between a denial and the failurePolicy. */
static void encode_failure(struct awh_review *review, const struct admwh_response *response)
{
	struct awh_reply_to to = reply_to(review);
	bool late = review->error.code == ADMWH_E_DEADLINE;

	review->outcome = late ? AWH_OUTCOME_DEADLINE : AWH_OUTCOME_ERROR;
	review->code = failure_code(&review->error);
	review->status = can_deny(review) ? 200 : review->code;
	awh_buf_reset(&review->answer);
	awh_failure_encode(&review->answer, &to, review->code, review->error.text, response);
	if (review->answer.failed != ADMWH_E_LIMIT)
		return;
	/* An echo can be too large; the failure itself never is. */
	to.request = NULL;
	awh_buf_reset(&review->answer);
	awh_failure_encode(&review->answer, &to, review->code, review->error.text, NULL);
}

void awh_review_release(struct awh_review *review)
{
	if (atomic_fetch_sub(&review->readers, 1) == 1)
		awh_request_release(&review->request);
}

static void encode(struct awh_review *review, const struct admwh_response *response,
		   const struct admwh_patch *patch)
{
	const struct awh_reply_to to = reply_to(review);
	bool allowed = response->decision == AWH_ALLOWED;

	review->outcome = allowed ? AWH_OUTCOME_ALLOWED : AWH_OUTCOME_DENIED;
	review->code = allowed ? 0 : awh_response_code(response, to.dialect);
	review->status = 200;
	awh_response_encode(&review->answer, &to, response,
			    review->route->kind == AWH_ROUTE_MUTATE ? patch : NULL);
	if (review->answer.failed) {
		awh_fail(&review->error, review->answer.failed, "answer: %s",
			 admwh_strerror(review->answer.failed));
		encode_failure(review, response);
	}
}

/* What an after is told: as things stand, those further in included. */
static struct admwh_result result_of(const struct awh_review *review,
				     const struct admwh_response *response)
{
	struct admwh_result result = {
	    .decision = ADMWH_DECISION_ALLOWED,
	    .route = review->route->path,
	    .elapsed_us = awh_clock_us() - review->started_us,
	};

	if (review->error.code) {
		bool late = review->error.code == ADMWH_E_DEADLINE;

		result.decision = late ? ADMWH_DECISION_DEADLINE : ADMWH_DECISION_ERROR;
		result.code = failure_code(&review->error);
		result.message = review->error.text;
	} else if (response->decision != AWH_ALLOWED) {
		result.decision = ADMWH_DECISION_DENIED;
		result.code = awh_response_code(response, review->route->dialect);
		result.message = response->message;
	}
	return result;
}

/* An after can fail, too, or have taken the time that was left. What failed before has its reason.
 */
static void check_again(struct awh_review *review, const struct admwh_response *response)
{
	struct awh_error *error = &review->error;

	if (error->code)
		return;
	if (response->failure.code)
		*error = response->failure;
	else if (review->request.failed)
		awh_fail(error, review->request.failed, "out of memory");
	else if (is_late(review))
		awh_fail(error, ADMWH_E_DEADLINE, LATE_FORMAT, given_ms(review));
}

static void call_afters(struct awh_review *review, struct admwh_response *response)
{
	const struct awh_chain *chain = review->route->chain;

	response->sealed = true;
	while (review->n_entered > 0) {
		const struct awh_around *around = &chain->items[--review->n_entered];
		const struct admwh_result result = result_of(review, response);

		response->told = response->message;
		if (around->after)
			around->after(&review->request.pub, response, &result, around->userdata);
		if (response->told != response->message)
			free(response->told);
		response->told = NULL;
		check_again(review, response);
	}
}

void awh_review_decide(struct awh_review *review, int returned, struct admwh_response *response,
		       struct admwh_patch *patch)
{
	awh_patch_finish(patch);
	check(review, returned, response, patch);
	call_afters(review, response);
	if (review->error.code == 0)
		encode(review, response, patch);
	else
		encode_failure(review, response);
}

static int call_handler(struct awh_review *review, struct admwh_response *response,
			struct admwh_patch *patch)
{
	const struct admwh_route *route = review->route;
	const struct admwh_request *request = &review->request.pub;
	int returned;

	response->review = review;
	response->patch = patch;
	if (route->kind == AWH_ROUTE_MUTATE)
		returned = route->mutate(request, response, patch, route->userdata);
	else
		returned = route->validate(request, response, route->userdata);
	response->review = NULL;
	return returned;
}

static int answer_unmatched(const struct awh_review *review, struct admwh_response *response)
{
	const struct admwh_request *request = &review->request.pub;
	const char *group = request->kind->group;

	if (review->route->unmatched == ADMWH_UNMATCHED_ALLOW)
		return admwh_response_allow(response);
	return admwh_response_fail(response, "no handler for %s of %s%s%s at this path",
				   request->operation_name, group, group[0] ? "/" : "",
				   request->kind->kind);
}

/*
 * dispatch: call the handler and keep what it did. False: it has deferred the review, which may be
 * answered and given up by now; the reference is for what the handler has read until here.
 */
static bool dispatch(struct awh_review *review)
{
	const struct admwh_route *route = review->route;
	const struct admwh_request *request = &review->request.pub;
	struct admwh_response response;
	struct admwh_patch patch;
	bool deferred;
	int returned;

	awh_review_ref(review);
	atomic_fetch_add(&review->readers, 1);
	awh_response_init(&response);
	awh_patch_init(&patch, &review->request);
	patch.options = awh_dialect_patching(route->dialect);
	returned = awh_chain_enter(route->chain, request, &response, &review->n_entered);
	if (returned == 0)
		returned = awh_route_matches(route, request)
			       ? call_handler(review, &response, &patch)
			       : answer_unmatched(review, &response);
	deferred = review->deferral != NULL;
	if (!deferred)
		awh_review_decide(review, returned, &response, &patch);
	awh_patch_deinit(&patch);
	awh_response_deinit(&response);
	awh_review_release(review);
	awh_review_unref(review);
	return !deferred;
}

bool awh_review_decode(struct awh_review *review)
{
	return atomic_load_explicit(&review->decoded, memory_order_relaxed) || decode(review) == 0;
}

void awh_review_late_error(const struct awh_review *review, struct awh_error *error)
{
	if (atomic_load(&review->starved))
		awh_fail(error, ADMWH_E_DEADLINE, "waited %" PRId64 " ms for a worker",
			 (awh_clock_us() - review->queued_us) / 1000);
	else
		awh_fail(error, ADMWH_E_DEADLINE, LATE_FORMAT, given_ms(review));
}

static bool has_room(struct awh_review *review)
{
	if (!review->room || review->room(review))
		return true;
	review->outcome = AWH_OUTCOME_SHED;
	return false;
}

bool awh_review_run(struct awh_review *review)
{
	bool decided = true;

	atomic_store(&review->begun, true);
	if (is_late(review)) {
		atomic_store(&review->starved, review->queued_us != 0);
		awh_review_late_error(review, &review->error);
		encode_failure(review, NULL);
	} else if (awh_review_decode(review) && has_room(review)) {
		decided = dispatch(review);
	}
	return decided;
}

int awh_review_answer_late(struct awh_review *review, struct awh_buf *answer, int *status)
{
	struct awh_reply_to to = reply_to(review);
	struct awh_error error = {0};
	int code;

	awh_review_late_error(review, &error);
	code = failure_code(&error);
	*status = can_deny(review) ? 200 : code;
	awh_failure_encode(answer, &to, code, error.text, NULL);
	if (answer->failed == ADMWH_E_LIMIT) {
		to.request = NULL;
		awh_buf_reset(answer);
		awh_failure_encode(answer, &to, code, error.text, NULL);
	}
	return answer->failed;
}
