/* SPDX-License-Identifier: MIT */
/*
 * A mutator on its own output: one review, the same review with the object as
 * the mutator left it, and a patch that must be empty.
 */
#include <stdint.h>
#include <string.h>

#include <admwh/review.h>

#include "base/buf.h"
#include "review/decode.h"
#include "review/patch.h"
#include "review/response.h"

enum { DEPTH = 1000 };

struct mutator {
	admwh_mutate_fn *mutate;
	void *userdata;
};

/* 0 when there is a decision that may go out. */
static int judge(const struct admwh_response *response, const struct awh_request *request,
		 const struct admwh_patch *patch, int returned)
{
	if (request->failed < 0)
		return request->failed;
	if (response->failure.code < 0)
		return response->failure.code;
	if (patch->failure.code < 0 && response->decision != AWH_DENIED)
		return patch->failure.code == ADMWH_E_NOMEM ? ADMWH_E_NOMEM : ADMWH_E_PATCH;
	return returned < 0 || response->decision == AWH_UNDECIDED ? ADMWH_E_HANDLER : 0;
}

/* The review's text with another object in its place. */
static void put_review(struct awh_buf *next, const struct awh_request *request,
		       struct admwh_patch *patch)
{
	const char *object = request->payloads[AWH_OBJECT].text;
	const char *behind = object + request->payloads[AWH_OBJECT].len;

	awh_buf_put(next, request->body, (size_t)(object - request->body));
	awh_json_write(next, admwh_patch_object_json(patch), request->numbers);
	awh_buf_put(next, behind, request->body_len - (size_t)(behind - request->body));
}

/*
 * One call. text becomes the patch, next the review of what it leads to, and stays empty where
 * there is nothing to review again.
 */
static int run(const struct mutator *mutator, const char *body, size_t body_len,
	       struct awh_buf *text, struct awh_buf *next)
{
	const struct awh_decode_options options = {.depth = DEPTH};
	struct awh_request request;
	struct admwh_response response;
	struct admwh_patch patch;
	int err = awh_request_decode(&request, body, body_len, &options, NULL);
	int returned;

	if (err < 0) {
		awh_request_deinit(&request);
		return err;
	}
	awh_response_init(&response);
	awh_patch_init(&patch, &request);
	returned = mutator->mutate(&request.pub, &response, &patch, mutator->userdata);
	awh_patch_finish(&patch);
	err = judge(&response, &request, &patch, returned);
	if (err == 0 && response.decision == AWH_DENIED) {
		awh_buf_puts(text, "[]");
	} else if (err == 0) {
		awh_patch_write(text, &patch);
		if (!awh_patch_is_empty(&patch))
			put_review(next, &request, &patch);
	}
	awh_patch_deinit(&patch);
	awh_response_deinit(&response);
	awh_request_deinit(&request);
	return err < 0 ? err : text->failed ? text->failed : next->failed;
}

int admwh_review_is_idempotent(const char *body, size_t body_len, admwh_mutate_fn *mutate,
			       void *userdata, char **second_patch)
{
	const struct mutator mutator = {.mutate = mutate, .userdata = userdata};
	struct awh_buf text, next, nothing;
	bool is_empty = true; /* what is not changed once is not changed twice */
	int err;

	if (!body || !mutate)
		return ADMWH_E_INVAL;
	awh_buf_init(&text, SIZE_MAX);
	awh_buf_init(&next, SIZE_MAX);
	awh_buf_init(&nothing, SIZE_MAX);
	err = run(&mutator, body, body_len, &text, &next);
	if (err == 0 && next.len > 0) {
		awh_buf_reset(&text);
		err = run(&mutator, next.data, next.len, &text, &nothing);
		is_empty = text.len == strlen("[]");
	}
	if (err == 0)
		err = awh_buf_terminate(&text);
	awh_buf_deinit(&next);
	awh_buf_deinit(&nothing);
	if (err == 0 && second_patch)
		*second_patch = text.data;
	else
		awh_buf_deinit(&text);
	return err < 0 ? err : is_empty;
}
