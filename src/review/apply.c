/* SPDX-License-Identifier: MIT */
#include "review/apply.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "json/go.h"
#include "json/pointer.h"
#include "review/kube.h"

/* One operation under way, its pointers split. */
struct step {
	struct awh_applier *applier;
	const struct awh_operation *operation;
	struct awh_pointer path;
	struct awh_pointer from;
};

int awh_operation_fail(const struct awh_applier *applier, const struct awh_operation *operation,
		       int code, const char *reason)
{
	char path[AWH_POINTER_SHOWN], from[AWH_POINTER_SHOWN] = "";

	if (code == ADMWH_E_NOMEM)
		return awh_fail(applier->error, code, "out of memory");
	if (operation->from)
		awh_pointer_show(from, operation->from, operation->from_len);
	return awh_fail(applier->error, code, "operation %zu: %s %s%s%s: %s", applier->index,
			awh_op_name(operation->op), from, operation->from ? " to " : "",
			awh_pointer_show(path, operation->path, operation->path_len), reason);
}

static int out_of_memory(const struct step *step)
{
	return awh_operation_fail(step->applier, step->operation, ADMWH_E_NOMEM, NULL);
}

static int refuse(const struct step *step, const char *reason)
{
	return awh_operation_fail(step->applier, step->operation, ADMWH_E_PATCH, reason);
}

static bool follows(const struct step *step, enum awh_patch_rules rules)
{
	return (step->applier->rules & rules) != 0;
}

/* The position among n that a token names. */
static bool resolve(const struct step *step, const struct awh_token *token, size_t n, size_t *index)
{
	if (n > 0 && awh_token_index(token, n - 1, index))
		return true;
	return !follows(step, AWH_PATCH_RFC) && awh_kube_index(token, n, index);
}

static json_t *child_of(const struct step *step, const json_t *value, const struct awh_token *token)
{
	size_t index;

	if (json_is_object(value))
		return json_object_getn(value, token->text, token->len);
	if (json_is_array(value) && resolve(step, token, json_array_size(value), &index))
		return json_array_get(value, index);
	return NULL;
}

static json_t *find(const struct step *step, const struct awh_pointer *pointer, size_t n_tokens)
{
	json_t *value = step->applier->document;

	for (size_t i = 0; i < n_tokens && value; i++)
		value = child_of(step, value, &pointer->tokens[i]);
	return value;
}

static bool is_digits(const struct awh_token *token)
{
	size_t index;

	return awh_token_index(token, SIZE_MAX, &index);
}

/* Refuse a pointer that leads nowhere, and say why. */
static int refuse_missing(const struct step *step, const struct awh_pointer *pointer)
{
	const bool is_from = pointer == &step->from;
	const char *text = is_from ? step->operation->from : step->operation->path;
	const size_t len = is_from ? step->operation->from_len : step->operation->path_len;
	const json_t *value = step->applier->document;
	const json_t *next = value;
	char shown[AWH_POINTER_SHOWN], reason[AWH_POINTER_SHOWN + 64];
	size_t i = 0;

	while (i < pointer->n_tokens && (next = child_of(step, value, &pointer->tokens[i]))) {
		value = next;
		i++;
	}
	if (!json_is_object(value) && !json_is_array(value))
		snprintf(reason, sizeof(reason), "%s is %s, not an object or array",
			 i == 0 ? "the document"
				: awh_pointer_show(shown, text, awh_pointer_prefix(text, len, i)),
			 awh_json_type_name(value));
	else if (i + 1 < pointer->n_tokens)
		snprintf(reason, sizeof(reason), "parent %s is missing",
			 awh_pointer_show(shown, text, awh_pointer_prefix(text, len, i + 1)));
	else if (json_is_object(value))
		snprintf(reason, sizeof(reason), "no such member%s", is_from ? " to take" : "");
	else if (is_digits(&pointer->tokens[i]))
		snprintf(reason, sizeof(reason), "index is past the end of %zu elements%s",
			 json_array_size(value), is_from ? " to take from" : "");
	else
		snprintf(reason, sizeof(reason), "\"%s\" is no array index",
			 awh_pointer_show(shown, pointer->tokens[i].text, pointer->tokens[i].len));
	return refuse(step, reason);
}

static bool is_shared(const json_t *value)
{
	return (json_is_object(value) || json_is_array(value)) && value->refcount > 1;
}

/* Put another value in the place of an existing child; *steals* value. */
static int set_child(const struct step *step, json_t *parent, const struct awh_token *token,
		     json_t *value)
{
	size_t index;

	if (json_is_object(parent))
		return json_object_setn_new_nocheck(parent, token->text, token->len, value);
	if (resolve(step, token, json_array_size(parent), &index))
		return json_array_set_new(parent, index, value);
	json_decref(value);
	return -1;
}

/*
 * The container that the first n_tokens lead to, with no other reference to it, so that it can be
 * changed; NULL without memory.
 */
static json_t *own(const struct step *step, const struct awh_pointer *pointer, size_t n_tokens)
{
	json_t *value = step->applier->document;

	if (is_shared(value)) {
		json_t *copy = awh_json_copy_level(value);

		if (!copy)
			return NULL;
		json_decref(value);
		step->applier->document = value = copy;
	}
	for (size_t i = 0; i < n_tokens; i++) {
		json_t *child = child_of(step, value, &pointer->tokens[i]);

		if (is_shared(child)) {
			child = awh_json_copy_level(child);
			if (!child || set_child(step, value, &pointer->tokens[i], child) < 0)
				return NULL;
		}
		value = child;
	}
	return value;
}

/* Would the document stay within its depth with value at the path? */
static bool fits(const struct step *step, const json_t *value)
{
	return step->path.n_tokens <= AWH_PATCH_DEPTH &&
	       awh_json_fits(value, AWH_PATCH_DEPTH - step->path.n_tokens);
}

static int replace_document(const struct step *step, json_t *value)
{
	const bool is_container = json_is_object(value) || json_is_array(value);

	if (follows(step, AWH_PATCH_KUBE) && !is_container) {
		json_decref(value);
		return refuse(step, "the document must stay an object or array");
	}
	json_decref(step->applier->document);
	step->applier->document = value;
	return 0;
}

/* Is there a place for a new value? Its position when the parent is an array. */
static bool place_of(const struct step *step, const json_t *parent, size_t *index)
{
	const struct awh_token *last = &step->path.tokens[step->path.n_tokens - 1];
	const size_t size = json_array_size(parent);

	if (json_is_object(parent))
		return true;
	if (!json_is_array(parent))
		return false;
	if (last->len == 1 && last->text[0] == '-') {
		*index = size;
		return true;
	}
	return resolve(step, last, size + 1, index);
}

/* RFC 6902 4.1; *steals* value. */
static int put(const struct step *step, json_t *value)
{
	const struct awh_pointer *path = &step->path;
	const struct awh_token *last = path->tokens + path->n_tokens - 1;
	size_t index = 0;
	json_t *parent;
	int err;

	if (!fits(step, value)) {
		json_decref(value);
		return refuse(step, "the document would be nested too deep");
	}
	if (path->n_tokens == 0)
		return replace_document(step, value);
	if (!place_of(step, find(step, path, path->n_tokens - 1), &index)) {
		json_decref(value);
		return refuse_missing(step, path);
	}
	parent = own(step, path, path->n_tokens - 1);
	if (!parent) {
		json_decref(value);
		return out_of_memory(step);
	}
	if (json_is_object(parent))
		err = json_object_setn_new_nocheck(parent, last->text, last->len, value);
	else
		err = json_array_insert_new(parent, index, value);
	return err < 0 ? out_of_memory(step) : 0;
}

/* Take away what is there; it is known to exist and not to be the document. */
static int take(const struct step *step, const struct awh_pointer *pointer)
{
	const struct awh_token *last = &pointer->tokens[pointer->n_tokens - 1];
	json_t *parent = own(step, pointer, pointer->n_tokens - 1);
	size_t index;

	if (!parent)
		return out_of_memory(step);
	if (json_is_object(parent))
		json_object_deln(parent, last->text, last->len);
	else if (resolve(step, last, json_array_size(parent), &index))
		json_array_remove(parent, index);
	return 0;
}

static int apply_add(const struct step *step)
{
	if (step->path.n_tokens == 0 && follows(step, AWH_PATCH_KUBE))
		return refuse(step, "the whole document can only be replaced");
	return put(step, json_incref(step->operation->value));
}

static int apply_remove(const struct step *step)
{
	if (step->path.n_tokens == 0)
		return refuse(step, "the whole document cannot be removed");
	if (!find(step, &step->path, step->path.n_tokens))
		return refuse_missing(step, &step->path);
	return take(step, &step->path);
}

static int apply_replace(const struct step *step)
{
	const struct awh_pointer *path = &step->path;
	json_t *parent;

	if (path->n_tokens == 0)
		return put(step, json_incref(step->operation->value));
	parent = find(step, path, path->n_tokens - 1);
	if (!parent || !child_of(step, parent, &path->tokens[path->n_tokens - 1])) {
		if (follows(step, AWH_PATCH_RFC) || !json_is_object(parent))
			return refuse_missing(step, path);
		return put(step, json_incref(step->operation->value));
	}
	if (!fits(step, step->operation->value))
		return refuse(step, "the document would be nested too deep");
	parent = own(step, path, path->n_tokens - 1);
	if (!parent || set_child(step, parent, &path->tokens[path->n_tokens - 1],
				 json_incref(step->operation->value)) < 0)
		return out_of_memory(step);
	return 0;
}

static bool is_prefix(const struct awh_pointer *a, const struct awh_pointer *b)
{
	if (a->n_tokens > b->n_tokens)
		return false;
	for (size_t i = 0; i < a->n_tokens; i++)
		if (a->tokens[i].len != b->tokens[i].len ||
		    memcmp(a->tokens[i].text, b->tokens[i].text, a->tokens[i].len) != 0)
			return false;
	return true;
}

static int apply_move(const struct step *step)
{
	const struct awh_pointer *from = &step->from, *path = &step->path;
	json_t *value = find(step, from, from->n_tokens);
	int err;

	if ((from->n_tokens == 0 || path->n_tokens == 0) && follows(step, AWH_PATCH_KUBE))
		return refuse(step, "the whole document can only be replaced");
	if (!value)
		return refuse_missing(step, from);
	if (is_prefix(from, path)) {
		if (from->n_tokens == path->n_tokens)
			return 0;
		if (from->n_tokens == 0 || follows(step, AWH_PATCH_RFC))
			return refuse(step, "a value cannot move into its own child");
	}
	json_incref(value);
	err = take(step, from);
	if (err < 0) {
		json_decref(value);
		return err;
	}
	return put(step, value);
}

/* Count the bytes that a copy adds, and refuse too many. */
static int grow(const struct step *step, const json_t *value)
{
	struct awh_applier *applier = step->applier;
	struct awh_buf text;
	size_t len;
	int err;

	awh_buf_init(&text, AWH_PATCH_COPY_MAX - applier->grown);
	awh_json_write(&text, value, applier->numbers);
	len = text.err ? 0 : awh_go_len(text.data, text.len);
	err = text.err;
	awh_buf_deinit(&text);
	if (err == ADMWH_E_NOMEM)
		return out_of_memory(step);
	if (err < 0 || len > AWH_PATCH_COPY_MAX - applier->grown)
		return refuse(step, "copies together exceed 3 MiB");
	applier->grown += len;
	return 0;
}

static int apply_copy(const struct step *step)
{
	const struct awh_pointer *from = &step->from;
	json_t *value = find(step, from, from->n_tokens);
	int err;

	if ((from->n_tokens == 0 || step->path.n_tokens == 0) && follows(step, AWH_PATCH_KUBE))
		return refuse(step, "the whole document can only be replaced");
	if (!value) {
		/* kube-apiserver copies a member that is not there as null. */
		if (follows(step, AWH_PATCH_RFC) ||
		    !json_is_object(find(step, from, from->n_tokens - 1)))
			return refuse_missing(step, from);
		return put(step, json_null());
	}
	err = grow(step, value);
	if (err < 0)
		return err;
	value = awh_json_copy(value, step->applier->numbers);
	return value ? put(step, value) : out_of_memory(step);
}

static int apply_test(const struct step *step)
{
	const struct awh_numbers *numbers = step->applier->numbers;
	json_t *wanted = step->operation->value;
	json_t *value = find(step, &step->path, step->path.n_tokens);
	const size_t n_tokens = step->path.n_tokens;

	if (!value) {
		/* kube-apiserver reads a member that is not there as null. */
		if (!follows(step, AWH_PATCH_RFC) && json_is_null(wanted) && n_tokens > 0 &&
		    json_is_object(find(step, &step->path, n_tokens - 1)))
			return 0;
		return refuse_missing(step, &step->path);
	}
	if (!awh_json_fits(wanted, AWH_PATCH_DEPTH))
		return refuse(step, "the value is nested too deep");
	if (!awh_json_equal(value, wanted, numbers))
		return refuse(step, "the value differs");
	if (follows(step, AWH_PATCH_KUBE) && !awh_kube_equal(value, wanted, numbers))
		return refuse(step, "the value differs in how kube-apiserver compares");
	return 0;
}

static int split(struct awh_pointer *pointer, const struct step *step, const char *text, size_t len,
		 struct awh_arena *arena)
{
	struct awh_error error;
	int err;

	if (!follows(step, AWH_PATCH_RFC))
		text = awh_kube_pointer(text, &len, arena);
	if (!text)
		return out_of_memory(step);
	err = awh_pointer_parse(pointer, text, len, arena, &error);
	return err < 0 ? awh_operation_fail(step->applier, step->operation, err, error.text) : 0;
}

int awh_operation_apply(struct awh_applier *applier, const struct awh_operation *operation)
{
	static int (*const functions[AWH_OPS])(const struct step *) = {
	    [AWH_ADD] = apply_add,   [AWH_REMOVE] = apply_remove, [AWH_REPLACE] = apply_replace,
	    [AWH_MOVE] = apply_move, [AWH_COPY] = apply_copy,     [AWH_TEST] = apply_test,
	};
	struct awh_arena arena = AWH_ARENA_NULL;
	struct step step = {.applier = applier, .operation = operation};
	int err = split(&step.path, &step, operation->path, operation->path_len, &arena);

	if (err == 0 && operation->from)
		err = split(&step.from, &step, operation->from, operation->from_len, &arena);
	if (err == 0)
		err = functions[operation->op](&step);
	awh_arena_deinit(&arena);
	return err;
}

static int apply_item(struct awh_applier *applier, const json_t *item)
{
	struct awh_operation operation;
	int err = awh_operation_read(&operation, item, (applier->rules & AWH_PATCH_RFC) != 0,
				     applier->index, applier->error);

	/* The document must not refer to a value that the owner of the patch may change. */
	if (err == 0 && (operation.op == AWH_ADD || operation.op == AWH_REPLACE)) {
		operation.value = awh_json_copy(operation.value, applier->numbers);
		if (!operation.value)
			return awh_fail(applier->error, ADMWH_E_NOMEM, "out of memory");
		err = awh_operation_apply(applier, &operation);
		json_decref(operation.value);
	} else if (err == 0) {
		err = awh_operation_apply(applier, &operation);
	}
	return err;
}

int awh_patch_apply(json_t **document, const json_t *operations, enum awh_patch_rules rules,
		    struct awh_numbers *numbers, struct awh_error *error)
{
	struct awh_applier applier = {
	    .document = *document, .numbers = numbers, .rules = rules, .error = error};
	const bool is_container = json_is_object(*document) || json_is_array(*document);
	int err = 0;

	if (!json_is_array(operations))
		return awh_fail(error, ADMWH_E_PATCH, "the patch is not an array");
	if (rules & AWH_PATCH_KUBE && !is_container)
		return awh_fail(error, ADMWH_E_PATCH, "the document is no object or array");
	json_incref(applier.document);
	for (; applier.index < json_array_size(operations) && err == 0; applier.index++)
		err = apply_item(&applier, json_array_get(operations, applier.index));
	if (err < 0) {
		json_decref(applier.document);
		return err;
	}
	json_decref(*document);
	*document = applier.document;
	return 0;
}
