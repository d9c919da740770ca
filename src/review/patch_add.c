/* SPDX-License-Identifier: MIT */
/* The public functions that add one operation each. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "review/labels.h"
#include "review/node.h"
#include "review/patch.h"

int awh_patch_build(struct admwh_patch *patch, enum awh_op op, const char *from, const char *path)
{
	struct awh_operation operation = {.op = op, .path = path, .from = from};
	int err = awh_patch_begin(patch);

	if (err < 0)
		return err;
	if (!path || ((op == AWH_MOVE || op == AWH_COPY) && !from))
		return awh_patch_fail(patch, ADMWH_E_INVAL, "the pointer is NULL");
	operation.path_len = strlen(path);
	operation.from_len = from ? strlen(from) : 0;
	return awh_patch_perform(patch, &operation, (struct awh_ref){0});
}

static bool could_be_index(const struct awh_token *token)
{
	size_t index;

	return (token->len == 1 && token->text[0] == '-') ||
	       awh_token_index(token, SIZE_MAX, &index);
}

/* Does the object, or null, that the first n tokens lead to need to be made? */
static bool lacks_parent(const struct admwh_patch *patch, const struct awh_pointer *pointer,
			 size_t n)
{
	const struct awh_applier *applier = &patch->applier;
	struct awh_ref found = awh_applier_find(applier, pointer, n);

	if (!awh_ref_is_absent(found) && awh_ref_kind(found) != AWH_KIND_NULL)
		return false;
	found = awh_applier_find(applier, pointer, n - 1);
	return !awh_ref_is_absent(found) && awh_ref_kind(found) == AWH_KIND_OBJECT &&
	       !could_be_index(&pointer->tokens[n]);
}

/*
 * Make the object that the first n tokens lead to, unless there is something else already. Only
 * members of objects are made: what to put into an array, or whether a list was meant, is unknown,
 * and the operation that follows reports what is missing.
 */
static int make_parent(struct admwh_patch *patch, const struct awh_operation *child,
		       const struct awh_pointer *pointer, size_t n)
{
	const struct awh_operation operation = {
	    .op = AWH_ADD,
	    .path = child->path,
	    .path_len = awh_pointer_prefix(child->path, child->path_len, n),
	};
	struct awh_ref value;
	int err;

	if (!lacks_parent(patch, pointer, n))
		return 0;
	awh_buf_reset(&patch->text);
	awh_buf_puts(&patch->text, "{}");
	err = awh_patch_take_text(patch, &operation, &value);
	return err < 0 ? err : awh_patch_perform(patch, &operation, value);
}

/*
 * The API server cannot decode an object with a label or annotation that is no string, and a parent
 * made of half a key ("app.kubernetes.io/name", its "/" not escaped) would be one.
 */
static int check_label(struct admwh_patch *patch, const struct awh_operation *operation,
		       const struct awh_pointer *pointer, struct awh_ref value)
{
	char reason[128];

	if (patch->request->raw ||
	    !awh_label_refused(pointer, awh_ref_kind(value), reason, sizeof(reason)))
		return 0;
	return awh_patch_refuse(patch, operation, reason);
}

static int make_parents(struct admwh_patch *patch, const struct awh_operation *operation,
			struct awh_ref value)
{
	struct awh_pointer pointer;
	int err = awh_pointer_parse(&pointer, operation->path, operation->path_len,
				    &patch->pointers, NULL);

	if (err == ADMWH_E_NOMEM)
		return awh_patch_fail(patch, err, "out of memory");
	/* The operation that follows reports a malformed pointer. */
	if (err == ADMWH_E_POINTER)
		return 0;
	err = check_label(patch, operation, &pointer, value);
	for (size_t n = 1; err == 0 && n < pointer.n_tokens; n++)
		err = make_parent(patch, operation, &pointer, n);
	awh_arena_reset(&patch->pointers);
	return err;
}

int awh_patch_begin_value(struct admwh_patch *patch, const char *path, bool has_value)
{
	int err = awh_patch_begin(patch);

	if (err < 0)
		return err;
	if (!path)
		return awh_patch_fail(patch, ADMWH_E_INVAL, "the pointer is NULL");
	if (!has_value)
		return awh_patch_fail(patch, ADMWH_E_INVAL, "the value is NULL");
	awh_buf_reset(&patch->text);
	return 0;
}

int awh_patch_build_text(struct admwh_patch *patch, enum awh_op op, enum awh_how how,
			 const char *path)
{
	const struct awh_operation operation = {.op = op, .path = path, .path_len = strlen(path)};
	struct awh_ref value;
	int err = awh_patch_take_text(patch, &operation, &value);

	if (err == 0 && how == AWH_WITH_PARENTS)
		err = make_parents(patch, &operation, value);
	return err < 0 ? err : awh_patch_perform(patch, &operation, value);
}

/* The value is copied, since the caller may change it later. */
static int build_json(struct admwh_patch *patch, enum awh_op op, enum awh_how how, const char *path,
		      const json_t *value)
{
	int err = awh_patch_begin_value(patch, path, value != NULL);

	if (err < 0)
		return err;
	awh_json_write(&patch->text, value, patch->request->numbers);
	return awh_patch_build_text(patch, op, how, path);
}

static int build_stolen(struct admwh_patch *patch, enum awh_op op, enum awh_how how,
			const char *path, json_t *value)
{
	int err = awh_patch_check_new(patch, value);

	if (err == 0)
		err = build_json(patch, op, how, path, value);
	json_decref(value);
	return err;
}

static int build_string(struct admwh_patch *patch, enum awh_op op, enum awh_how how,
			const char *path, const char *text)
{
	int err = awh_patch_begin_value(patch, path, text != NULL);

	if (err < 0)
		return err;
	awh_put_json_string(&patch->text, text, strlen(text));
	return awh_patch_build_text(patch, op, how, path);
}

static int build_value(struct admwh_patch *patch, enum awh_op op, enum awh_how how,
		       const char *path, struct admwh_value value)
{
	int err = awh_patch_begin_value(patch, path, !admwh_value_is_absent(value));

	if (err < 0)
		return err;
	awh_index_write(&patch->text, value.text->index, value.item);
	return awh_patch_build_text(patch, op, how, path);
}

int admwh_patch_add(struct admwh_patch *patch, const char *pointer, const json_t *value)
{
	return build_json(patch, AWH_ADD, AWH_ALONE, pointer, value);
}

int admwh_patch_add_new(struct admwh_patch *patch, const char *pointer, json_t *value)
{
	return build_stolen(patch, AWH_ADD, AWH_ALONE, pointer, value);
}

int admwh_patch_add_string(struct admwh_patch *patch, const char *pointer, const char *text)
{
	return build_string(patch, AWH_ADD, AWH_ALONE, pointer, text);
}

int admwh_patch_add_integer(struct admwh_patch *patch, const char *pointer, int64_t number)
{
	int err = awh_patch_begin_value(patch, pointer, true);

	if (err < 0)
		return err;
	awh_buf_printf(&patch->text, "%" PRId64, number);
	return awh_patch_build_text(patch, AWH_ADD, AWH_ALONE, pointer);
}

int admwh_patch_add_bool(struct admwh_patch *patch, const char *pointer, bool truth)
{
	int err = awh_patch_begin_value(patch, pointer, true);

	if (err < 0)
		return err;
	awh_buf_puts(&patch->text, truth ? "true" : "false");
	return awh_patch_build_text(patch, AWH_ADD, AWH_ALONE, pointer);
}

int admwh_patch_add_value(struct admwh_patch *patch, const char *pointer, struct admwh_value value)
{
	return build_value(patch, AWH_ADD, AWH_ALONE, pointer, value);
}

int admwh_patch_add_json_text(struct admwh_patch *patch, const char *pointer, const char *json,
			      size_t len)
{
	const struct awh_operation operation = {
	    .op = AWH_ADD, .path = pointer, .path_len = pointer ? strlen(pointer) : 0};
	struct awh_ref value = {0};
	int err = awh_patch_begin_value(patch, pointer, json != NULL);

	if (err == 0) {
		awh_buf_put(&patch->text, json, len);
		err = awh_patch_take_text(patch, &operation, &value);
	}
	if (err < 0)
		return err;
	/* Without the white space and the escapes that it does not need. */
	awh_buf_reset(&patch->text);
	awh_ref_write(&patch->text, value, false);
	return awh_patch_build_text(patch, AWH_ADD, AWH_ALONE, pointer);
}

int admwh_patch_add_parents(struct admwh_patch *patch, const char *pointer, const json_t *value)
{
	return build_json(patch, AWH_ADD, AWH_WITH_PARENTS, pointer, value);
}

int admwh_patch_add_parents_new(struct admwh_patch *patch, const char *pointer, json_t *value)
{
	return build_stolen(patch, AWH_ADD, AWH_WITH_PARENTS, pointer, value);
}

int admwh_patch_add_parents_string(struct admwh_patch *patch, const char *pointer, const char *text)
{
	return build_string(patch, AWH_ADD, AWH_WITH_PARENTS, pointer, text);
}

int admwh_patch_add_parents_value(struct admwh_patch *patch, const char *pointer,
				  struct admwh_value value)
{
	return build_value(patch, AWH_ADD, AWH_WITH_PARENTS, pointer, value);
}

int admwh_patch_remove(struct admwh_patch *patch, const char *pointer)
{
	return awh_patch_build(patch, AWH_REMOVE, NULL, pointer);
}

int admwh_patch_replace(struct admwh_patch *patch, const char *pointer, const json_t *value)
{
	return build_json(patch, AWH_REPLACE, AWH_ALONE, pointer, value);
}

int admwh_patch_replace_new(struct admwh_patch *patch, const char *pointer, json_t *value)
{
	return build_stolen(patch, AWH_REPLACE, AWH_ALONE, pointer, value);
}

int admwh_patch_replace_string(struct admwh_patch *patch, const char *pointer, const char *text)
{
	return build_string(patch, AWH_REPLACE, AWH_ALONE, pointer, text);
}

int admwh_patch_replace_value(struct admwh_patch *patch, const char *pointer,
			      struct admwh_value value)
{
	return build_value(patch, AWH_REPLACE, AWH_ALONE, pointer, value);
}

int admwh_patch_move(struct admwh_patch *patch, const char *from, const char *to)
{
	return awh_patch_build(patch, AWH_MOVE, from, to);
}

int admwh_patch_copy(struct admwh_patch *patch, const char *from, const char *to)
{
	return awh_patch_build(patch, AWH_COPY, from, to);
}

int admwh_patch_test(struct admwh_patch *patch, const char *pointer, const json_t *value)
{
	return build_json(patch, AWH_TEST, AWH_ALONE, pointer, value);
}

int admwh_patch_test_new(struct admwh_patch *patch, const char *pointer, json_t *value)
{
	return build_stolen(patch, AWH_TEST, AWH_ALONE, pointer, value);
}

int admwh_patch_test_string(struct admwh_patch *patch, const char *pointer, const char *text)
{
	return build_string(patch, AWH_TEST, AWH_ALONE, pointer, text);
}

int admwh_patch_test_value(struct admwh_patch *patch, const char *pointer, struct admwh_value value)
{
	return build_value(patch, AWH_TEST, AWH_ALONE, pointer, value);
}
