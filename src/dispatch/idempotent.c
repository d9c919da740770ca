/* SPDX-License-Identifier: MIT */
/*
 * A mutator on its own output: one review, the same review with the object as
 * the mutator left it, and a patch that must be empty.
 */
#include <stdint.h>
#include <string.h>

#include <admwh/review.h>

#include "base/buf.h"
#include "dispatch/review.h"

enum { DEPTH = 1000 };

struct mutator {
	admwh_mutate_fn *mutate;
	void *userdata;
	struct awh_buf patch; /* of the last call, as JSON text */
	struct awh_buf next;  /* the review of what it leads to; empty where it changes nothing */
};

/* The review's text with another object in its place. */
static void put_review(struct awh_buf *next, const struct awh_request *request,
		       struct admwh_patch *patch)
{
	const char *object = request->payloads[AWH_OBJECT].text;
	const char *behind = object + request->payloads[AWH_OBJECT].len;

	awh_buf_put(next, request->body, (size_t)(object - request->body));
	awh_patch_write_object(next, patch);
	awh_buf_put(next, behind, request->body_len - (size_t)(behind - request->body));
}

/*
 * Call the mutator and keep its patch, whatever it decides. It cannot defer the review: the patch
 * would not be complete here.
 */
static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	struct mutator *mutator = userdata;
	void *review = resp->review;
	int returned;

	resp->review = NULL;
	returned = mutator->mutate(req, resp, patch, mutator->userdata);
	resp->review = review;
	if (awh_patch_finish(patch) < 0)
		return returned;
	awh_patch_write(&mutator->patch, patch);
	if (!awh_patch_is_empty(patch))
		put_review(&mutator->next, patch->request, patch);
	return returned;
}

/* One call. 1 when it allowed, 0 when it denied, or why it did neither. */
static int run(struct mutator *mutator, const char *body, size_t body_len)
{
	const struct admwh_route route = {
	    .kind = AWH_ROUTE_MUTATE,
	    .mutate = mutate,
	    .userdata = mutator,
	};
	struct awh_review *review = awh_review_new(&route, SIZE_MAX, DEPTH, 0);
	int result;

	if (!review)
		return ADMWH_E_NOMEM;
	awh_buf_put(&review->body, body, body_len);
	result = review->body.err;
	if (result == 0) {
		awh_review_run(review);
		result =
		    review->error.code == ADMWH_E_UNDECIDED ? ADMWH_E_HANDLER : review->error.code;
	}
	if (result == 0)
		result = mutator->patch.err ? mutator->patch.err : mutator->next.err;
	if (result == 0)
		result = review->outcome == AWH_OUTCOME_ALLOWED;
	awh_review_unref(review);
	return result;
}

/* Both calls. 1 when the mutator is idempotent, and mutator->patch is what the last one gave. */
static int run_twice(struct mutator *mutator, const char *body, size_t body_len)
{
	struct awh_buf next;
	int result = run(mutator, body, body_len);

	if (result == 1 && mutator->next.len > 0) {
		next = mutator->next;
		awh_buf_init(&mutator->next, SIZE_MAX);
		awh_buf_reset(&mutator->patch);
		result = run(mutator, next.data, next.len);
		awh_buf_deinit(&next);
		if (result == 1)
			return mutator->next.len == 0;
	}
	if (result == 0) { /* a denial patches nothing */
		awh_buf_reset(&mutator->patch);
		awh_buf_puts(&mutator->patch, "[]");
	}
	return result < 0 ? result : 1;
}

int admwh_review_is_idempotent(const char *body, size_t body_len, admwh_mutate_fn *mutate_fn,
			       void *userdata, char **second_patch)
{
	struct mutator mutator = {.mutate = mutate_fn, .userdata = userdata};
	int result, err;

	if (!body || !mutate_fn)
		return ADMWH_E_INVAL;
	awh_buf_init(&mutator.patch, SIZE_MAX);
	awh_buf_init(&mutator.next, SIZE_MAX);
	result = run_twice(&mutator, body, body_len);
	err = result < 0 ? result : awh_buf_terminate(&mutator.patch);
	awh_buf_deinit(&mutator.next);
	if (err == 0 && second_patch)
		*second_patch = mutator.patch.data;
	else
		awh_buf_deinit(&mutator.patch);
	return err < 0 ? err : result;
}
