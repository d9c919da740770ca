/* SPDX-License-Identifier: MIT */
#include "dispatch/review.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "review/patch.h"
#include "review/response.h"

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

struct awh_review *awh_review_new(const struct admwh_route *route, size_t max_body, size_t depth,
				  size_t values)
{
	struct awh_review *review = calloc(1, sizeof(*review));

	if (!review)
		return NULL;
	review->route = route;
	review->decode = (struct awh_decode_options){
	    .depth = depth,
	    .values = values,
	    .bare_reviews = route->bare_reviews,
	};
	review->started_us = awh_clock_us();
	awh_buf_init(&review->body, max_body);
	awh_buf_init(&review->answer, AWH_ANSWER_MAX);
	return review;
}

void awh_review_free(struct awh_review *review)
{
	if (!review)
		return;
	awh_request_deinit(&review->request);
	awh_peer_unref(review->peer);
	awh_tokens_unref(review->tokens);
	awh_arena_deinit(&review->origin);
	awh_buf_deinit(&review->body);
	awh_buf_deinit(&review->answer);
	free(review);
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

static void answer_failure(struct awh_review *review, struct awh_buf *answer, int code,
			   const char *message)
{
	awh_failure_encode(answer, review->request.pub.version, review->request.pub.uid, code,
			   message);
}

/* decode: bytes -> struct admwh_request */
static int decode(struct awh_review *review)
{
	struct awh_request *request = &review->request;
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
	answer_failure(review, &review->answer, review->code, review->error.text);
	return failed;
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
	else if (review->deadline_us && awh_clock_us() > review->deadline_us)
		awh_fail(error, ADMWH_E_DEADLINE, "handler did not decide in time");
	else if (response->decision == AWH_UNDECIDED)
		awh_fail(error, ADMWH_E_UNDECIDED, "handler decided nothing");
	return error->code;
}

/* A denial repeats the request's uid: without one there is only the HTTP status to fail by. */
static bool can_deny(const struct awh_review *review)
{
	return review->route->on_failure == ADMWH_ON_FAILURE_DENY &&
	       atomic_load_explicit(&review->decoded, memory_order_acquire);
}

/* What a failure is told as: the route chooses between a denial and the failurePolicy. */
static void encode_failure(struct awh_review *review)
{
	bool late = review->error.code == ADMWH_E_DEADLINE;

	review->outcome = late ? AWH_OUTCOME_DEADLINE : AWH_OUTCOME_ERROR;
	review->code = late ? 504 : 500;
	review->status = can_deny(review) ? 200 : review->code;
	awh_buf_reset(&review->answer);
	answer_failure(review, &review->answer, review->code, review->error.text);
}

static void encode(struct awh_review *review, const struct admwh_response *response,
		   const struct admwh_patch *patch)
{
	bool allowed = response->decision == AWH_ALLOWED;

	review->outcome = allowed ? AWH_OUTCOME_ALLOWED : AWH_OUTCOME_DENIED;
	review->code = allowed ? 0 : response->code;
	review->status = 200;
	awh_response_encode(&review->answer, &review->request.pub, response,
			    review->route->kind == AWH_ROUTE_MUTATE ? patch : NULL);
	if (review->answer.failed) {
		awh_fail(&review->error, review->answer.failed, "answer: %s",
			 admwh_strerror(review->answer.failed));
		encode_failure(review);
	}
}

/* dispatch: call the handler and keep what it did */
static void dispatch(struct awh_review *review)
{
	const struct admwh_route *route = review->route;
	const struct admwh_request *request = &review->request.pub;
	struct admwh_response response;
	struct admwh_patch patch;
	int returned;

	awh_response_init(&response);
	awh_patch_init(&patch, &review->request);
	if (route->kind == AWH_ROUTE_MUTATE)
		returned = route->mutate(request, &response, &patch, route->userdata);
	else
		returned = route->validate(request, &response, route->userdata);
	awh_patch_finish(&patch);
	if (check(review, returned, &response, &patch) == 0)
		encode(review, &response, &patch);
	else
		encode_failure(review);
	awh_patch_deinit(&patch);
	awh_response_deinit(&response);
}

bool awh_review_decode(struct awh_review *review)
{
	return atomic_load_explicit(&review->decoded, memory_order_relaxed) || decode(review) == 0;
}

void awh_review_run(struct awh_review *review)
{
	if (review->deadline_us && awh_clock_us() > review->deadline_us) {
		awh_fail(&review->error, ADMWH_E_DEADLINE, "no time was left for the handler");
		encode_failure(review);
	} else if (awh_review_decode(review)) {
		dispatch(review);
	}
	if (review->answer.failed)
		review->status = 500;
}

int awh_review_answer_late(struct awh_review *review, struct awh_buf *answer, int *status)
{
	static const char message[] = "handler did not decide in time";

	*status = can_deny(review) ? 200 : 504;
	if (atomic_load_explicit(&review->decoded, memory_order_acquire))
		answer_failure(review, answer, 504, message);
	else
		awh_failure_encode(answer, ADMWH_REVIEW_V1, NULL, 504, message);
	return answer->failed;
}

struct admwh_answer {
	struct awh_review *review;
};

struct admwh_answer *admwh_review_route(const struct admwh_route *route, const char *body,
					size_t body_len)
{
	enum {
		NO_SOCKET_BODY = 1024 * 1024 * 1024,
		NO_SOCKET_DEPTH = 200,
		NO_SOCKET_VALUES = 1000000,
	};
	struct admwh_answer *answer = NULL;
	struct awh_review *review;

	if (!route || !body || route->kind == AWH_ROUTE_HEALTH)
		return NULL;
	review = awh_review_new(route, NO_SOCKET_BODY, NO_SOCKET_DEPTH, NO_SOCKET_VALUES);
	if (!review)
		return NULL;
	awh_buf_put(&review->body, body, body_len);
	if (review->body.failed)
		goto out;
	awh_review_run(review);
	if (awh_buf_terminate(&review->answer) < 0)
		goto out;
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		goto out;
	answer->review = review;
	return answer;
out:
	awh_review_free(review);
	return NULL;
}

struct admwh_answer *admwh_review_validate(const char *body, size_t body_len,
					   admwh_validate_fn *validate, void *userdata)
{
	const struct admwh_route route = {
	    .kind = AWH_ROUTE_VALIDATE,
	    .validate = validate,
	    .userdata = userdata,
	    .on_failure = ADMWH_ON_FAILURE_DENY,
	};

	return validate ? admwh_review_route(&route, body, body_len) : NULL;
}

struct admwh_answer *admwh_review_mutate(const char *body, size_t body_len, admwh_mutate_fn *mutate,
					 void *userdata)
{
	const struct admwh_route route = {
	    .kind = AWH_ROUTE_MUTATE,
	    .mutate = mutate,
	    .userdata = userdata,
	    .on_failure = ADMWH_ON_FAILURE_DENY,
	};

	return mutate ? admwh_review_route(&route, body, body_len) : NULL;
}

int admwh_answer_status(const struct admwh_answer *answer)
{
	return answer ? answer->review->status : 500;
}

const char *admwh_answer_body(const struct admwh_answer *answer, size_t *len)
{
	if (len)
		*len = answer ? answer->review->answer.len : strlen(awh_out_of_memory);
	return answer ? answer->review->answer.data : awh_out_of_memory;
}

void admwh_answer_free(struct admwh_answer *answer)
{
	if (!answer)
		return;
	awh_review_free(answer->review);
	free(answer);
}
