/* SPDX-License-Identifier: MIT */
#include "dispatch/decide.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dispatch/hooks.h"
#include "review/conversion.h"

#define LATE_FORMAT "handler did not decide within %" PRId64 " ms"

static int64_t given_ms(const struct awh_review *review)
{
	return (review->deadline_us - review->started_us) / 1000;
}

/* Status.code of a failure. */
static int failure_code(const struct awh_error *error)
{
	switch (error->code) {
	case ADMWH_E_DEADLINE:
		return 504;
	case ADMWH_E_NOT_FOUND: /* by admwh_response_not_found() alone */
		return 404;
	default:
		return 500;
	}
}

/*
 * Can it fail so by a denial? That repeats the request's uid: without one there is only the HTTP
 * status to fail by. A late review's own error is its worker's.
 */
static bool can_deny(const struct awh_review *review, const struct awh_error *error)
{
	return review->route->on_failure == ADMWH_ON_FAILURE_DENY &&
	       error->code != ADMWH_E_NOT_FOUND && awh_review_is_decoded(review);
}

bool awh_review_is_late(const struct awh_review *review)
{
	return review->deadline_us && awh_clock_read(review->clock) >= review->deadline_us;
}

struct awh_reply_to awh_review_reply_to(struct awh_review *review)
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

/* In place of what the answer holds. */
static void put_failure(const struct awh_review *review, struct awh_buf *answer,
			struct awh_reply_to *to, const struct awh_error *error,
			const struct admwh_response *response)
{
	awh_buf_reset(answer);
	if (review->route->kind == AWH_ROUTE_CONVERT && !to->is_error) {
		awh_conversion_put_failure(answer, &review->request, error->text);
		return;
	}
	awh_failure_encode(answer, to, failure_code(error), error->text, response);
	if (answer->err != ADMWH_E_LIMIT)
		return;
	/* A request to echo can be too large; a failure never is. */
	to->request = NULL;
	awh_buf_reset(answer);
	awh_failure_encode(answer, to, failure_code(error), error->text, NULL);
}

void awh_review_fail(struct awh_review *review, const struct admwh_response *response)
{
	struct awh_reply_to to = awh_review_reply_to(review);
	bool late = review->error.code == ADMWH_E_DEADLINE;

	review->outcome = late ? AWH_OUTCOME_DEADLINE : AWH_OUTCOME_ERROR;
	review->code = failure_code(&review->error);
	review->status = can_deny(review, &review->error) ? 200 : review->code;
	to.is_error = review->status != 200;
	put_failure(review, &review->answer, &to, &review->error, response);
}

/* A failed operation is an error of the patch, unless memory ran out. */
static int patch_code(const struct admwh_patch *patch)
{
	return patch->failure.code == ADMWH_E_NOMEM ? ADMWH_E_NOMEM : ADMWH_E_PATCH;
}

/*
 * Was a value malformed, or could it or a tree not be given? What the handler says of the NULL that
 * it got is less than why it got it, but a denial stands: it never stores what should not be. One
 * that is not enforced does.
 */
static bool request_failed(const struct awh_review *review, const struct admwh_response *response)
{
	return review->request.error.code < 0 &&
	       (response->decision != AWH_DENIED || review->route->warn);
}

/* Check all that must hold before a decision is sent. */
static int check(struct awh_review *review, int returned, const struct admwh_response *response,
		 const struct admwh_patch *patch)
{
	struct awh_error *error = &review->error;

	if (request_failed(review, response))
		*error = review->request.error;
	else if (response->failure.code)
		*error = response->failure;
	else if (patch->failure.code && response->decision != AWH_DENIED)
		awh_fail(error, patch_code(patch), "patch: %s", patch->failure.text);
	else if (returned < 0)
		awh_fail(error, ADMWH_E_HANDLER, "handler failed (%d)", returned);
	else if (awh_review_is_late(review))
		awh_fail(error, ADMWH_E_DEADLINE, LATE_FORMAT, given_ms(review));
	else if (response->decision == AWH_UNDECIDED)
		awh_fail(error, ADMWH_E_UNDECIDED, "handler decided nothing");
	return error->code;
}

/* patch: NULL for none */
static void encode(struct awh_review *review, const struct admwh_response *response,
		   const struct admwh_patch *patch)
{
	struct awh_reply_to to = awh_review_reply_to(review);
	bool allowed = response->decision == AWH_ALLOWED;

	review->status = 200;
	awh_response_encode(&review->answer, &to, response, patch);
	if (!allowed && review->answer.err == ADMWH_E_LIMIT) {
		/* A request to echo can be too large; its denial stands. */
		to.request = NULL;
		awh_buf_reset(&review->answer);
		awh_response_encode(&review->answer, &to, response, NULL);
	}
	if (review->answer.err) {
		awh_fail(&review->error, review->answer.err, "answer: %s",
			 admwh_strerror(review->answer.err));
		awh_review_fail(review, response);
	}
}

static void finish(struct awh_review *review, struct admwh_response *response,
		   const struct admwh_patch *patch)
{
	bool denied = response->decision != AWH_ALLOWED;
	bool warns = denied && review->route->warn;

	review->code = denied ? awh_response_code(response, review->route->dialect) : 0;
	review->outcome = warns    ? AWH_OUTCOME_WARNED
			  : denied ? AWH_OUTCOME_DENIED
				   : AWH_OUTCOME_ALLOWED;
	if (warns && awh_response_warn(response) < 0) {
		review->error = response->failure;
		awh_review_fail(review, response);
		return;
	}
	encode(review, response, review->route->kind == AWH_ROUTE_MUTATE && !denied ? patch : NULL);
}

/* What an after hook gets: the result so far, with what inner hooks changed. */
static struct admwh_result result_of(const struct awh_review *review,
				     const struct admwh_response *response)
{
	struct admwh_result result = {
	    .decision = ADMWH_DECISION_ALLOWED,
	    .route = review->route->path,
	    .elapsed_us = awh_clock_read(review->clock) - review->started_us,
	};

	if (review->error.code) {
		bool late = review->error.code == ADMWH_E_DEADLINE;

		result.decision = late ? ADMWH_DECISION_DEADLINE : ADMWH_DECISION_ERROR;
		result.code = failure_code(&review->error);
		result.message = review->error.text;
	} else if (response->decision != AWH_ALLOWED) {
		result.decision =
		    review->route->warn ? ADMWH_DECISION_WARNED : ADMWH_DECISION_DENIED;
		result.code = awh_response_code(response, review->route->dialect);
		result.message = response->message;
	}
	return result;
}

/* An after hook can fail, too, or use up the time that was left. An earlier error stays. */
static void check_again(struct awh_review *review, const struct admwh_response *response)
{
	struct awh_error *error = &review->error;

	if (error->code)
		return;
	if (request_failed(review, response))
		*error = review->request.error;
	else if (response->failure.code)
		*error = response->failure;
	else if (awh_review_is_late(review))
		awh_fail(error, ADMWH_E_DEADLINE, LATE_FORMAT, given_ms(review));
}

static void call_after_hooks(struct awh_review *review, struct admwh_response *response)
{
	const struct awh_hooks *hooks = review->route->hooks;

	response->sealed = true;
	while (review->n_entered > 0) {
		const struct awh_hook *hook = &hooks->items[--review->n_entered];
		const struct admwh_result result = result_of(review, response);

		response->shown = response->message;
		if (hook->after)
			hook->after(&review->request.pub, response, &result, hook->userdata);
		if (response->shown != response->message)
			free(response->shown);
		response->shown = NULL;
		check_again(review, response);
	}
}

/*
 * Was there no room for a tree or a value? Then the status says so, and the review may be sent
 * again.
 */
static bool is_shed(const struct awh_review *review)
{
	const int err = review->request.error.code;

	return review->status && review->error.code == err &&
	       (err == ADMWH_E_LIMIT || err == ADMWH_E_OVERLOAD);
}

void awh_review_fail_or_shed(struct awh_review *review, const struct admwh_response *response)
{
	if (is_shed(review))
		review->outcome = AWH_OUTCOME_SHED;
	else
		awh_review_fail(review, response);
}

void awh_review_decide(struct awh_review *review, int returned, struct admwh_response *response,
		       struct admwh_patch *patch)
{
	awh_patch_finish(patch);
	check(review, returned, response, patch);
	call_after_hooks(review, response);
	if (review->error.code == 0)
		finish(review, response, patch);
	else
		awh_review_fail_or_shed(review, response);
}

void awh_review_late_error(const struct awh_review *review, struct awh_error *error)
{
	if (atomic_load(&review->starved))
		awh_fail(error, ADMWH_E_DEADLINE, "waited %" PRId64 " ms for a worker",
			 (awh_clock_us() - review->queued_us) / 1000);
	else
		awh_fail(error, ADMWH_E_DEADLINE, LATE_FORMAT, given_ms(review));
}

int awh_review_answer_late(struct awh_review *review, struct awh_buf *answer, int *status)
{
	struct awh_reply_to to = awh_review_reply_to(review);
	struct awh_error error = {0};

	awh_review_late_error(review, &error);
	*status = can_deny(review, &error) ? 200 : failure_code(&error);
	to.is_error = *status != 200;
	put_failure(review, answer, &to, &error, NULL);
	return answer->err;
}
