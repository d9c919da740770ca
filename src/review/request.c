/* SPDX-License-Identifier: MIT */
#include "review/request.h"

#include <string.h>

#include "base/clock.h"

/*
 * An object that is edited is copied, and its parts are copied once more while the difference is
 * found.
 */
enum { EDITED_VALUE = AWH_JSON_VALUE_SIZE / 2 * 3 };

static const char *const operation_names[] = {
    [ADMWH_CREATE] = "CREATE",
    [ADMWH_UPDATE] = "UPDATE",
    [ADMWH_DELETE] = "DELETE",
    [ADMWH_CONNECT] = "CONNECT",
};

void awh_payload_set(struct awh_payload_span *payload, const struct awh_index *index,
		     uint32_t entry)
{
	payload->text = awh_index_raw(index, entry, &payload->len);
	payload->entry = entry;
	payload->has_nul = index->entries[entry].bits & AWH_ENTRY_NUL;
}

void awh_request_release(struct awh_request *request)
{
	for (size_t i = 0; i < AWH_PAYLOADS; i++) {
		json_decref(request->payloads[i].value);
		request->payloads[i].value = NULL;
	}
	awh_request_release_values(request);
	awh_numbers_free(request->numbers);
	request->numbers = NULL;
}

void awh_request_deinit(struct awh_request *request)
{
	awh_request_release(request);
	awh_index_deinit(&request->index);
	awh_arena_deinit(&request->arena);
	*request = (struct awh_request){0};
}

size_t awh_request_recycle(struct awh_request *request, struct awh_request_memory *memory)
{
	struct awh_index *index = &memory->index;

	awh_request_release(request);
	if (request->body) {
		memory->arena = request->arena;
		index->entries = request->index.entries;
		index->capacity = request->index.capacity;
	}
	*request = (struct awh_request){0};
	if (index->capacity * sizeof(*index->entries) > AWH_INDEX_KEPT)
		awh_index_deinit(index);
	return awh_arena_reset(&memory->arena) + index->capacity * sizeof(*index->entries);
}

void awh_request_memory_deinit(struct awh_request_memory *memory)
{
	awh_arena_deinit(&memory->arena);
	awh_index_deinit(&memory->index);
}

struct awh_numbers *awh_request_numbers(struct awh_request *request)
{
	if (!request->numbers)
		request->numbers = awh_numbers_new();
	return request->numbers;
}

/* May an entry take so many bytes for each value, and its text again? */
static int take(struct awh_request *request, const struct awh_index *index, uint32_t entry,
		size_t each)
{
	size_t size;

	if (!request->take)
		return 0;
	size = awh_json_tree_size(index, entry, each);
	if (size <= AWH_TREE_UNCOUNTED)
		return 0;
	return request->take(request->owner, size, &request->error);
}

int awh_request_take_edit(struct awh_request *request)
{
	int err = 0;

	if (!request->may_edit)
		err = take(request, &request->index, request->payloads[AWH_OBJECT].entry,
			   EDITED_VALUE);
	request->may_edit = err == 0;
	return err;
}

json_t *awh_request_build(struct awh_request *request, const struct awh_index *index,
			  uint32_t entry)
{
	struct awh_numbers *numbers;
	json_t *tree = NULL;

	if (take(request, index, entry, AWH_JSON_VALUE_SIZE) < 0)
		return NULL;
	numbers = awh_request_numbers(request);
	if (numbers)
		tree = awh_json_build(index, entry, numbers);
	if (!tree)
		awh_fail(&request->error, ADMWH_E_NOMEM, "out of memory");
	return tree;
}

json_t *awh_request_tree(struct awh_request *request, enum awh_payload which)
{
	struct awh_payload_span *payload = &request->payloads[which];
	const struct admwh_value patched = request->patched;

	if (payload->value || !payload->text)
		return payload->value;
	if (which == AWH_OBJECT && patched.text)
		payload->value = awh_request_build(request, patched.text->index, patched.item);
	else
		payload->value = awh_request_build(request, &request->index, payload->entry);
	return payload->value;
}

/* A payload as a handler sees it: an object as mutators before it have left it. */
static bool holds_nul(const struct awh_request *request, enum awh_payload which)
{
	if (which == AWH_OBJECT && request->patched.text)
		return awh_value_entry(request->patched)->bits & AWH_ENTRY_NUL;
	return request->payloads[which].has_nul;
}

bool awh_request_allows_tree(struct awh_request *request, enum awh_payload which)
{
	if (!holds_nul(request, which) || request->nul_in_trees)
		return true;
	awh_value_fail_nul(awh_request_value(request, which));
	return false;
}

/* Of a request that is const to callbacks. */
static json_t *tree(const struct admwh_request *req, enum awh_payload which)
{
	struct awh_request *request = (struct awh_request *)(uintptr_t)req;

	if (!request || !awh_request_allows_tree(request, which))
		return NULL;
	return awh_request_tree(request, which);
}

json_t *admwh_request_object_json(const struct admwh_request *req)
{
	return tree(req, AWH_OBJECT);
}

json_t *admwh_request_old_object_json(const struct admwh_request *req)
{
	return tree(req, AWH_OLD_OBJECT);
}

json_t *admwh_request_options_json(const struct admwh_request *req)
{
	return tree(req, AWH_OPTIONS);
}

bool admwh_request_holds_nul(const struct admwh_request *req)
{
	const struct awh_request *request = (const struct awh_request *)req;

	for (size_t i = 0; request && i < AWH_PAYLOADS; i++)
		if (holds_nul(request, (enum awh_payload)i))
			return true;
	return false;
}

const char *admwh_request_body(const struct admwh_request *req, size_t *len)
{
	const struct awh_request *request = (const struct awh_request *)req;

	if (len)
		*len = req ? request->body_len : 0;
	return req ? request->body : NULL;
}

int64_t admwh_request_remaining_ms(const struct admwh_request *req)
{
	const struct awh_request *request = (const struct awh_request *)req;
	int64_t left;

	if (!req || request->deadline_us == 0)
		return INT64_MAX;
	left = request->deadline_us - awh_clock_read(request->clock);
	return left > 0 ? left / 1000 : 0;
}

const char *admwh_operation_name(enum admwh_operation operation)
{
	return operation >= ADMWH_CREATE && operation <= ADMWH_CONNECT ? operation_names[operation]
								       : "";
}

const char *admwh_request_path_segment(const struct admwh_request *req, const char *name)
{
	const struct awh_request *request = (const struct awh_request *)req;

	if (!req || !name || !request->segment_name || strcmp(request->segment_name, name) != 0)
		return NULL;
	return request->segment;
}
