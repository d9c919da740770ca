/* SPDX-License-Identifier: MIT */
#include "review/patch.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "json/go.h"
#include "json/pointer.h"
#include "review/diff.h"
#include "review/labels.h"
#include "review/merge.h"

void awh_patch_init(struct admwh_patch *patch, struct awh_request *request)
{
	*patch = (struct admwh_patch){
	    .request = request,
	    .applier = {.rules = AWH_PATCH_BOTH, .error = &patch->failure},
	};
}

void awh_patch_deinit(struct admwh_patch *patch)
{
	json_decref(patch->operations);
	json_decref(patch->applier.document);
	json_decref(patch->edited);
	json_decref(patch->edited_as);
	patch->operations = NULL;
	patch->applier.document = NULL;
	patch->edited = NULL;
	patch->edited_as = NULL;
}

void awh_patch_take(struct admwh_patch *to, struct admwh_patch *from)
{
	*to = *from;
	to->applier.error = &to->failure;
	awh_patch_init(from, from->request);
	awh_fail(&from->failure, ADMWH_E_STATE, "the review was deferred");
}

bool awh_patch_is_empty(const struct admwh_patch *patch)
{
	return json_array_size(patch->operations) == 0;
}

static int fail(struct admwh_patch *patch, int code, const char *reason)
{
	return awh_fail(&patch->failure, code, "%s", reason);
}

/*
 * The document starts as the object itself, shared: operations copy what they change, so a mutator
 * that changes nothing costs nothing.
 */
static int prepare(struct admwh_patch *patch)
{
	struct awh_request *request = patch->request;

	if (patch->failure.code < 0)
		return patch->failure.code;
	if (patch->applier.document)
		return 0;
	patch->applier.numbers = awh_request_numbers(request);
	patch->applier.document = json_incref(awh_request_tree(request, AWH_OBJECT));
	if (patch->applier.numbers && patch->applier.document)
		return 0;
	if (patch->applier.numbers && !request->payloads[AWH_OBJECT].text)
		return fail(patch, ADMWH_E_PATCH, "the review has no object to patch");
	if (request->error.code < 0)
		return fail(patch, request->error.code, request->error.text);
	return fail(patch, ADMWH_E_NOMEM, "out of memory");
}

static int append(struct admwh_patch *patch, const struct awh_operation *operation)
{
	json_t *item = awh_operation_json(operation);

	if (!patch->operations)
		patch->operations = json_array();
	if (item && json_array_append_new(patch->operations, item) == 0)
		return 0;
	return fail(patch, ADMWH_E_NOMEM, "out of memory");
}

/*
 * Apply, then write down. A move may fail half done: what was before it is kept until it is known
 * to have worked, which makes it copy the objects on its way.
 */
static int perform(struct admwh_patch *patch, const struct awh_operation *operation)
{
	struct awh_applier *applier = &patch->applier;
	json_t *before = operation->op == AWH_MOVE ? json_incref(applier->document) : NULL;
	int err;

	applier->index = json_array_size(patch->operations);
	err = awh_operation_apply(applier, operation);
	if (err < 0 && before) {
		json_decref(applier->document);
		applier->document = before;
	} else {
		json_decref(before);
	}
	return err < 0 ? err : append(patch, operation);
}

/* Perform the operations that turn the document into the wanted one. */
static int perform_changes(struct admwh_patch *patch, const json_t *wanted)
{
	struct awh_numbers *numbers = patch->applier.numbers;
	struct awh_diff diff;
	int err = awh_diff_make(&diff, patch->applier.document, wanted,
				patch->options | AWH_DIFF_KEEP_ROOT, numbers, &patch->failure);

	for (size_t i = 0; i < diff.n_operations && err == 0; i++) {
		struct awh_operation operation = diff.operations[i];

		if (operation.value) {
			operation.value = awh_json_copy(operation.value, numbers);
			if (!operation.value)
				err = fail(patch, ADMWH_E_NOMEM, "out of memory");
		}
		if (err == 0)
			err = perform(patch, &operation);
		json_decref(operation.value);
	}
	awh_diff_deinit(&diff);
	return err;
}

/* Turn what was edited so far into operations, before anything else is done to the document. */
static int close_edit(struct admwh_patch *patch)
{
	int err;

	if (!patch->edited || patch->edited_as)
		return 0;
	err = perform_changes(patch, patch->edited);
	if (err == 0)
		patch->edited_as = json_incref(patch->applier.document);
	return err;
}

/* A change after the edit was closed must not be lost silently. */
static int check_edit(struct admwh_patch *patch)
{
	if (!patch->edited_as ||
	    awh_json_equal(patch->edited, patch->edited_as, patch->applier.numbers))
		return 0;
	return fail(patch, ADMWH_E_PATCH,
		    "the object of admwh_patch_edit() was changed after another operation");
}

/* Ready for one more operation? */
static int begin(struct admwh_patch *patch)
{
	int err = prepare(patch);

	return err < 0 ? err : close_edit(patch);
}

/* An operation without a value. */
static int build(struct admwh_patch *patch, enum awh_op op, const char *from, const char *path)
{
	struct awh_operation operation = {.op = op, .path = path, .from = from};
	int err;

	if (!patch)
		return ADMWH_E_INVAL;
	err = begin(patch);
	if (err < 0)
		return err;
	if (!path || ((op == AWH_MOVE || op == AWH_COPY) && !from))
		return fail(patch, ADMWH_E_INVAL, "the pointer is NULL");
	operation.path_len = strlen(path);
	operation.from_len = from ? strlen(from) : 0;
	return perform(patch, &operation);
}

/* An operation with a value: it is copied, since the caller may change it later. */
static int build_value(struct admwh_patch *patch, enum awh_op op, const char *path,
		       const json_t *value)
{
	struct awh_operation operation = {.op = op, .path = path};
	int err;

	if (!patch)
		return ADMWH_E_INVAL;
	err = begin(patch);
	if (err < 0)
		return err;
	if (!path || !value)
		return fail(patch, ADMWH_E_INVAL,
			    path ? "the value is NULL" : "the pointer is NULL");
	operation.path_len = strlen(path);
	operation.value = awh_json_copy(value, patch->applier.numbers);
	if (!operation.value)
		return fail(patch, ADMWH_E_NOMEM, "out of memory");
	err = perform(patch, &operation);
	json_decref(operation.value);
	return err;
}

/* A NULL as new value means that memory ran out in the caller's own json_...() call. */
static int check_new(struct admwh_patch *patch, const json_t *value)
{
	if (!patch)
		return ADMWH_E_INVAL;
	if (patch->failure.code < 0)
		return patch->failure.code;
	return value ? 0 : fail(patch, ADMWH_E_NOMEM, "out of memory");
}

static bool could_be_index(const struct awh_token *token)
{
	size_t index;

	return (token->len == 1 && token->text[0] == '-') ||
	       awh_token_index(token, SIZE_MAX, &index);
}

/*
 * Make the object that the first n tokens lead to, unless there is something else already. Only
 * members of objects are made: what to put into an array, or whether a list was meant, is unknown,
 * and the operation that follows reports what is missing.
 */
static int make_parent(struct admwh_patch *patch, const char *path,
		       const struct awh_pointer *pointer, size_t n)
{
	const json_t *document = patch->applier.document;
	const json_t *found = awh_pointer_walk(document, pointer, n);
	json_t *object;
	char *text;
	int err;

	if (found && !json_is_null(found))
		return 0;
	if (!json_is_object(awh_pointer_walk(document, pointer, n - 1)) ||
	    could_be_index(&pointer->tokens[n]))
		return 0;
	object = json_object();
	text = awh_strndup(path, awh_pointer_prefix(path, strlen(path), n));
	if (object && text)
		err = build_value(patch, AWH_ADD, text, object);
	else
		err = fail(patch, ADMWH_E_NOMEM, "out of memory");
	free(text);
	json_decref(object);
	return err;
}

/*
 * The API server cannot decode an object with a label or annotation that is no string, and a parent
 * made of half a key ("app.kubernetes.io/name", its "/" not escaped) would be one.
 */
static int check_label(struct admwh_patch *patch, const char *path,
		       const struct awh_pointer *pointer, const json_t *value)
{
	const struct awh_operation operation = {
	    .op = AWH_ADD, .path = path, .path_len = strlen(path)};
	char reason[128];

	if (patch->request->raw || !awh_label_refused(pointer, value, reason, sizeof(reason)))
		return 0;
	patch->applier.index = json_array_size(patch->operations);
	return awh_operation_fail(&patch->applier, &operation, ADMWH_E_PATCH, reason);
}

static int make_parents(struct admwh_patch *patch, const char *path, const json_t *value)
{
	struct awh_arena arena = AWH_ARENA_NULL;
	struct awh_pointer pointer;
	int err = begin(patch);

	if (err == 0)
		err = awh_pointer_parse(&pointer, path, strlen(path), &arena, NULL);
	if (err == 0)
		err = check_label(patch, path, &pointer, value);
	for (size_t n = 1; err == 0 && n < pointer.n_tokens; n++)
		err = make_parent(patch, path, &pointer, n);
	awh_arena_deinit(&arena);
	/* The operation that follows reports a malformed pointer. */
	if (err == ADMWH_E_POINTER)
		return 0;
	return err == ADMWH_E_NOMEM ? fail(patch, err, "out of memory") : err;
}

int awh_patch_finish(struct admwh_patch *patch)
{
	int err = patch->failure.code;

	if (err == 0 && patch->edited_as)
		err = check_edit(patch);
	return err < 0 ? err : close_edit(patch);
}

static bool has_test(const struct admwh_patch *patch)
{
	for (size_t i = 0; i < json_array_size(patch->operations); i++) {
		const json_t *operation = json_array_get(patch->operations, i);

		if (strcmp(json_string_value(json_object_get(operation, "op")), "test") == 0)
			return true;
	}
	return false;
}

/*
 * kube-apiserver's test operation compares strings as they are written, and Go wrote the object it
 * compares with: so a patch with a test is written as Go would.
 */
void awh_patch_write(struct awh_buf *buf, const struct admwh_patch *patch)
{
	struct awh_buf text;

	if (!patch->operations) {
		awh_buf_puts(buf, "[]");
	} else if (!has_test(patch)) {
		awh_json_write(buf, patch->operations, patch->applier.numbers);
	} else {
		awh_buf_init(&text, buf->max);
		awh_json_write(&text, patch->operations, patch->applier.numbers);
		if (text.err)
			buf->err = text.err;
		awh_go_put(buf, text.data, text.len);
		awh_buf_deinit(&text);
	}
}

/* build_value() with a value that is stolen, also on failure */
static int build_stolen(struct admwh_patch *patch, enum awh_op op, const char *path, json_t *value)
{
	int err = check_new(patch, value);

	if (err == 0)
		err = build_value(patch, op, path, value);
	json_decref(value);
	return err;
}

int admwh_patch_add(struct admwh_patch *patch, const char *pointer, const json_t *value)
{
	return build_value(patch, AWH_ADD, pointer, value);
}

int admwh_patch_add_new(struct admwh_patch *patch, const char *pointer, json_t *value)
{
	return build_stolen(patch, AWH_ADD, pointer, value);
}

int admwh_patch_add_parents(struct admwh_patch *patch, const char *pointer, const json_t *value)
{
	int err = 0;

	if (patch && pointer && value)
		err = make_parents(patch, pointer, value);
	return err < 0 ? err : build_value(patch, AWH_ADD, pointer, value);
}

int admwh_patch_add_parents_new(struct admwh_patch *patch, const char *pointer, json_t *value)
{
	int err = check_new(patch, value);

	if (err == 0)
		err = admwh_patch_add_parents(patch, pointer, value);
	json_decref(value);
	return err;
}

int admwh_patch_remove(struct admwh_patch *patch, const char *pointer)
{
	return build(patch, AWH_REMOVE, NULL, pointer);
}

int admwh_patch_replace(struct admwh_patch *patch, const char *pointer, const json_t *value)
{
	return build_value(patch, AWH_REPLACE, pointer, value);
}

int admwh_patch_replace_new(struct admwh_patch *patch, const char *pointer, json_t *value)
{
	return build_stolen(patch, AWH_REPLACE, pointer, value);
}

int admwh_patch_move(struct admwh_patch *patch, const char *from, const char *to)
{
	return build(patch, AWH_MOVE, from, to);
}

int admwh_patch_copy(struct admwh_patch *patch, const char *from, const char *to)
{
	return build(patch, AWH_COPY, from, to);
}

int admwh_patch_test(struct admwh_patch *patch, const char *pointer, const json_t *value)
{
	return build_value(patch, AWH_TEST, pointer, value);
}

int admwh_patch_test_new(struct admwh_patch *patch, const char *pointer, json_t *value)
{
	return build_stolen(patch, AWH_TEST, pointer, value);
}

int admwh_patch_merge(struct admwh_patch *patch, const json_t *merge)
{
	json_t *merged;
	int err;

	if (!patch)
		return ADMWH_E_INVAL;
	err = begin(patch);
	if (err < 0)
		return err;
	if (!merge)
		return fail(patch, ADMWH_E_INVAL, "the merge patch is NULL");
	merged = awh_merge_apply(patch->applier.document, merge, patch->applier.numbers,
				 &patch->failure);
	if (!merged)
		return patch->failure.code;
	err = perform_changes(patch, merged);
	json_decref(merged);
	return err;
}

int admwh_patch_merge_new(struct admwh_patch *patch, json_t *merge)
{
	int err = check_new(patch, merge);

	if (err == 0)
		err = admwh_patch_merge(patch, merge);
	json_decref(merge);
	return err;
}

json_t *admwh_patch_edit(struct admwh_patch *patch)
{
	if (!patch || patch->failure.code < 0)
		return NULL;
	if (patch->edited && !patch->edited_as)
		return patch->edited;
	if (!admwh_patch_object_json(patch) || prepare(patch) < 0 || check_edit(patch) < 0 ||
	    awh_request_take_edit(patch->request) < 0)
		return NULL;
	json_decref(patch->edited);
	json_decref(patch->edited_as);
	patch->edited_as = NULL;
	patch->edited = awh_json_copy(patch->applier.document, patch->applier.numbers);
	if (!patch->edited)
		fail(patch, ADMWH_E_NOMEM, "out of memory");
	return patch->edited;
}

const json_t *awh_patch_object(struct admwh_patch *patch)
{
	if (patch->edited && !patch->edited_as)
		return patch->edited;
	if (!patch->applier.document)
		return awh_request_tree(patch->request, AWH_OBJECT);
	return patch->applier.document;
}

const json_t *admwh_patch_object_json(struct admwh_patch *patch)
{
	if (!patch || !awh_request_allows_tree(patch->request, AWH_OBJECT))
		return NULL;
	return awh_patch_object(patch);
}

const char *admwh_patch_error(const struct admwh_patch *patch)
{
	return patch ? patch->failure.text : "";
}
