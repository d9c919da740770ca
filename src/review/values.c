/* SPDX-License-Identifier: MIT */
/*
 * object, oldObject and options as values. They are of the body, except the object of a
 * mutator behind others in a chain, which is as these have patched it.
 */
#include "review/request.h"

void awh_request_release_values(struct awh_request *request)
{
	awh_text_deinit(&request->values);
}

struct admwh_text *awh_request_text(struct awh_request *request)
{
	struct admwh_text *text = &request->values;

	if (!text->index) {
		awh_text_init(text, &request->index, &request->arena, &request->error, "");
		text->numbers = &request->numbers;
		text->nul_in_trees = request->nul_in_trees;
		for (size_t i = 0; i < AWH_PAYLOADS; i++)
			text->roots[i] = request->payloads[i].entry;
	}
	return text;
}

struct admwh_value awh_request_value(struct awh_request *request, enum awh_payload which)
{
	const uint32_t entry = request->payloads[which].entry;

	if (which == AWH_OBJECT && request->patched.text)
		return request->patched;
	return entry ? awh_value_root(awh_request_text(request), entry) : (struct admwh_value){0};
}

/* Of a request that is const to callbacks. */
static struct admwh_value value_of(const struct admwh_request *req, enum awh_payload which)
{
	return req ? awh_request_value((struct awh_request *)(uintptr_t)req, which)
		   : (struct admwh_value){0};
}

struct admwh_value admwh_request_object(const struct admwh_request *req)
{
	return value_of(req, AWH_OBJECT);
}

struct admwh_value admwh_request_old_object(const struct admwh_request *req)
{
	return value_of(req, AWH_OLD_OBJECT);
}

struct admwh_value admwh_request_options(const struct admwh_request *req)
{
	return value_of(req, AWH_OPTIONS);
}
