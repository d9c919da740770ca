/* SPDX-License-Identifier: MIT */
/*
 * object, oldObject and options as values. They are of the body, except the object of a
 * mutator behind others in a chain: what these have patched is written and read again,
 * once, when a mutator asks for it.
 */
#include <stdlib.h>

#include "review/request.h"

/* An object as a chain has patched it so far. */
struct awh_patched {
	struct awh_patched *next;
	json_t *document; /* a reference */
	struct awh_buf json;
	struct awh_index index;
	struct admwh_text text;
	bool is_read;
};

static void patched_free(struct awh_patched *patched)
{
	awh_text_deinit(&patched->text);
	awh_index_deinit(&patched->index);
	awh_buf_deinit(&patched->json);
	json_decref(patched->document);
	free(patched);
}

void awh_request_release_values(struct awh_request *request)
{
	while (request->patches) {
		struct awh_patched *patched = request->patches;

		request->patches = patched->next;
		patched_free(patched);
	}
	awh_text_deinit(&request->values);
}

/* A text whose errors are the request's. */
static void begin(struct admwh_text *text, struct awh_request *request, struct awh_index *index,
		  const char *where)
{
	awh_text_init(text, index, &request->arena, &request->error, where);
	text->numbers = &request->numbers;
	text->nul_in_trees = request->nul_in_trees;
}

struct admwh_text *awh_request_text(struct awh_request *request)
{
	struct admwh_text *text = &request->values;

	if (!text->index) {
		begin(text, request, &request->index, "");
		for (size_t i = 0; i < AWH_PAYLOADS; i++)
			text->roots[i] = request->payloads[i].entry;
	}
	return text;
}

/* Write and read it. 0 or an error, which the request has then. */
static int read_patched(struct awh_request *request, struct awh_patched *patched)
{
	const struct awh_index_options options = {.depth = AWH_JSON_DEPTH_MAX};
	const size_t as_sent = request->payloads[AWH_OBJECT].len;
	struct awh_error error = {0};
	int err;

	if (!awh_text_charge(awh_request_text(request), as_sent))
		return ADMWH_E_LIMIT;
	awh_json_write(&patched->json, patched->document, request->numbers);
	if (patched->json.len > as_sent &&
	    !awh_text_charge(awh_request_text(request), patched->json.len - as_sent))
		return ADMWH_E_LIMIT;
	err = patched->json.err;
	if (err == 0)
		err = awh_index_read(&patched->index, patched->json.data, patched->json.len,
				     &options, &error);
	if (err == ADMWH_E_NOMEM)
		awh_text_fail_memory(awh_request_text(request));
	else if (err < 0 && request->error.code == 0)
		awh_fail(&request->error, ADMWH_E_HANDLER, "the patched object: %s",
			 error.code ? error.text : admwh_strerror(err));
	return err;
}

/* NULL when memory runs out. */
static struct awh_patched *add_patched(struct awh_request *request)
{
	struct awh_patched *patched = calloc(1, sizeof(*patched));

	if (!patched) {
		awh_text_fail_memory(awh_request_text(request));
		return NULL;
	}
	patched->document = json_incref((json_t *)(uintptr_t)request->patched);
	patched->next = request->patches;
	request->patches = patched;
	awh_buf_init(&patched->json, UINT32_MAX);
	patched->index.may_grow = request->index.may_grow;
	patched->index.owner = request->index.owner;
	begin(&patched->text, request, &patched->index,
	      request->raw ? "request" : "request.object");
	patched->is_read = read_patched(request, patched) == 0;
	return patched;
}

static struct admwh_value patched_value(struct awh_request *request)
{
	const struct awh_patched *patched = request->patches;
	struct admwh_value value = {0};

	if (!patched || patched->document != request->patched)
		patched = add_patched(request);
	if (patched && patched->is_read)
		value = awh_value_root(&patched->text, 0);
	if (!request->raw && admwh_value_kind(value) == ADMWH_NULL)
		value = (struct admwh_value){0};
	return value;
}

struct admwh_value awh_request_value(struct awh_request *request, enum awh_payload which)
{
	const uint32_t entry = request->payloads[which].entry;

	if (which == AWH_OBJECT && request->patched)
		return patched_value(request);
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
