/* SPDX-License-Identifier: MIT */
#include "review/apply.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "json/go.h"
#include "review/kube.h"

static const struct awh_ref absent = {0};

/* One operation under way, its pointers split. */
struct step {
	struct awh_applier *applier;
	struct awh_target *target;
	const struct awh_target_ops *ops;
	const struct awh_operation *operation;
	struct awh_ref value;
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

static bool follows(const struct awh_applier *applier, enum awh_patch_rules rules)
{
	return (applier->rules & rules) != 0;
}

/* The kind of a value; that of null for an absent one. */
static enum awh_kind kind_of(const struct step *step, struct awh_ref value)
{
	return awh_ref_is_absent(value) ? AWH_KIND_NULL : step->ops->kind(value);
}

static bool is_container(const struct step *step, struct awh_ref value)
{
	return kind_of(step, value) >= AWH_KIND_ARRAY;
}

/* The position among n that a token names. */
static bool resolve(const struct awh_applier *applier, const struct awh_token *token, size_t n,
		    size_t *index)
{
	if (n > 0 && awh_token_index(token, n - 1, index))
		return true;
	return !follows(applier, AWH_PATCH_RFC) && awh_kube_index(token, n, index);
}

/* The key of the child that a token names in a container. False: there can be none. */
static bool key_of(const struct awh_applier *applier, struct awh_ref container,
		   const struct awh_token *token, struct awh_key *key)
{
	const struct awh_target_ops *ops = applier->target->ops;
	const enum awh_kind kind = ops->kind(container);

	*key = (struct awh_key){.name = token};
	if (kind == AWH_KIND_ARRAY)
		return resolve(applier, token, ops->size(container), &key->index);
	return kind == AWH_KIND_OBJECT;
}

static struct awh_ref child_of(const struct awh_applier *applier, struct awh_ref container,
			       const struct awh_token *token)
{
	struct awh_key key;

	if (!key_of(applier, container, token, &key))
		return absent;
	return applier->target->ops->child(container, &key);
}

struct awh_ref awh_applier_find(const struct awh_applier *applier,
				const struct awh_pointer *pointer, size_t n_tokens)
{
	struct awh_ref value = applier->target->ops->root(applier->target);

	for (size_t i = 0; i < n_tokens && !awh_ref_is_absent(value); i++)
		value = child_of(applier, value, &pointer->tokens[i]);
	return value;
}

static struct awh_ref find(const struct step *step, const struct awh_pointer *pointer,
			   size_t n_tokens)
{
	return awh_applier_find(step->applier, pointer, n_tokens);
}

static bool is_digits(const struct awh_token *token)
{
	size_t index;

	return awh_token_index(token, SIZE_MAX, &index);
}

/* The last value that a pointer leads to; *n: after how many tokens. */
static struct awh_ref find_last(const struct step *step, const struct awh_pointer *pointer,
				size_t *n)
{
	struct awh_ref value = find(step, pointer, 0);

	for (*n = 0; *n < pointer->n_tokens; ++*n) {
		struct awh_ref next = child_of(step->applier, value, &pointer->tokens[*n]);

		if (awh_ref_is_absent(next))
			break;
		value = next;
	}
	return value;
}

/* Refuse a pointer that leads nowhere, and say why. */
static int refuse_missing(const struct step *step, const struct awh_pointer *pointer)
{
	const bool is_from = pointer == &step->from;
	const char *text = is_from ? step->operation->from : step->operation->path;
	const size_t len = is_from ? step->operation->from_len : step->operation->path_len;
	char shown[AWH_POINTER_SHOWN], reason[AWH_POINTER_SHOWN + 64];
	size_t i;
	const struct awh_ref value = find_last(step, pointer, &i);
	const enum awh_kind kind = step->ops->kind(value);

	if (kind < AWH_KIND_ARRAY)
		snprintf(reason, sizeof(reason), "%s is %s, not an object or array",
			 i == 0 ? "the document"
				: awh_pointer_show(shown, text, awh_pointer_prefix(text, len, i)),
			 awh_kind_name(kind));
	else if (i + 1 < pointer->n_tokens)
		snprintf(reason, sizeof(reason), "parent %s is missing",
			 awh_pointer_show(shown, text, awh_pointer_prefix(text, len, i + 1)));
	else if (kind == AWH_KIND_OBJECT)
		snprintf(reason, sizeof(reason), "no such member%s", is_from ? " to take" : "");
	else if (is_digits(&pointer->tokens[i]))
		snprintf(reason, sizeof(reason), "index is past the end of %zu elements%s",
			 step->ops->size(value), is_from ? " to take from" : "");
	else
		snprintf(reason, sizeof(reason), "\"%s\" is no array index",
			 awh_pointer_show(shown, pointer->tokens[i].text, pointer->tokens[i].len));
	return refuse(step, reason);
}

/*
 * The container that the first n_tokens lead to, with no other reference to it, so that it can be
 * changed; absent without memory.
 */
static struct awh_ref own(const struct step *step, const struct awh_pointer *pointer,
			  size_t n_tokens)
{
	struct awh_ref value = step->ops->own(step->target, absent, NULL);

	for (size_t i = 0; i < n_tokens && !awh_ref_is_absent(value); i++) {
		struct awh_key key;

		if (!key_of(step->applier, value, &pointer->tokens[i], &key))
			return absent;
		value = step->ops->own(step->target, value, &key);
	}
	return value;
}

/* Would the document stay within its depth with value at the path? */
static bool fits(const struct step *step, struct awh_ref value)
{
	return step->path.n_tokens <= AWH_PATCH_DEPTH &&
	       step->ops->fits(value, AWH_PATCH_DEPTH - step->path.n_tokens);
}

static int replace_document(const struct step *step, struct awh_ref value)
{
	if (follows(step->applier, AWH_PATCH_KUBE) && !is_container(step, value))
		return refuse(step, "the document must stay an object or array");
	step->ops->set_root(step->target, value);
	return 0;
}

static const struct awh_token *last_of(const struct awh_pointer *pointer)
{
	return &pointer->tokens[pointer->n_tokens - 1];
}

/* Is there a place for a new value? Its position when the parent is an array. */
static bool place_of(const struct step *step, struct awh_ref parent, size_t *index)
{
	const struct awh_token *last = last_of(&step->path);
	const enum awh_kind kind = kind_of(step, parent);
	size_t size;

	if (kind != AWH_KIND_ARRAY)
		return kind == AWH_KIND_OBJECT;
	size = step->ops->size(parent);
	if (last->len == 1 && last->text[0] == '-') {
		*index = size;
		return true;
	}
	return resolve(step->applier, last, size + 1, index);
}

/* RFC 6902 4.1 */
static int put(const struct step *step, struct awh_ref value)
{
	const struct awh_pointer *path = &step->path;
	struct awh_key key = {0};
	struct awh_ref parent;
	bool done;

	if (!fits(step, value))
		return refuse(step, "the document would be nested too deep");
	if (path->n_tokens == 0)
		return replace_document(step, value);
	if (!place_of(step, find(step, path, path->n_tokens - 1), &key.index))
		return refuse_missing(step, path);
	key.name = last_of(path);
	parent = own(step, path, path->n_tokens - 1);
	if (awh_ref_is_absent(parent))
		return out_of_memory(step);
	if (step->ops->kind(parent) == AWH_KIND_OBJECT)
		done = step->ops->set(step->target, parent, &key, value);
	else
		done = step->ops->insert(step->target, parent, key.index, value);
	return done ? 0 : out_of_memory(step);
}

/* Take away what is there, which is not the document. *parent, *key: from where */
static int take(const struct step *step, const struct awh_pointer *pointer, struct awh_ref *parent,
		struct awh_key *key)
{
	*parent = own(step, pointer, pointer->n_tokens - 1);
	if (awh_ref_is_absent(*parent) || !key_of(step->applier, *parent, last_of(pointer), key) ||
	    !step->ops->remove(step->target, *parent, key))
		return out_of_memory(step);
	return 0;
}

static int apply_add(const struct step *step)
{
	if (step->path.n_tokens == 0 && follows(step->applier, AWH_PATCH_KUBE))
		return refuse(step, "the whole document can only be replaced");
	return put(step, step->value);
}

static int apply_remove(const struct step *step)
{
	struct awh_ref parent;
	struct awh_key key;

	if (step->path.n_tokens == 0)
		return refuse(step, "the whole document cannot be removed");
	if (awh_ref_is_absent(find(step, &step->path, step->path.n_tokens)))
		return refuse_missing(step, &step->path);
	return take(step, &step->path, &parent, &key);
}

/* Is the parent of what a pointer leads to an object? */
static bool has_object(const struct step *step, const struct awh_pointer *pointer)
{
	return pointer->n_tokens > 0 &&
	       kind_of(step, find(step, pointer, pointer->n_tokens - 1)) == AWH_KIND_OBJECT;
}

static int apply_replace(const struct step *step)
{
	const struct awh_pointer *path = &step->path;
	struct awh_ref parent;
	struct awh_key key;

	if (path->n_tokens == 0)
		return put(step, step->value);
	if (awh_ref_is_absent(find(step, path, path->n_tokens))) {
		if (follows(step->applier, AWH_PATCH_RFC) || !has_object(step, path))
			return refuse_missing(step, path);
		return put(step, step->value);
	}
	if (!fits(step, step->value))
		return refuse(step, "the document would be nested too deep");
	parent = own(step, path, path->n_tokens - 1);
	if (awh_ref_is_absent(parent) || !key_of(step->applier, parent, last_of(path), &key) ||
	    !step->ops->set(step->target, parent, &key, step->value))
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

/* The value stays held until it has its new place. */
static int move(const struct step *step, struct awh_ref value)
{
	struct awh_ref parent;
	struct awh_key key;
	int err;

	if (step->ops->hold)
		step->ops->hold(value);
	err = take(step, &step->from, &parent, &key);
	if (err == 0) {
		err = put(step, value);
		if (err < 0 && step->ops->put_back &&
		    !step->ops->put_back(step->target, parent, &key, value))
			err = out_of_memory(step);
	}
	if (step->ops->release)
		step->ops->release(value);
	return err;
}

static int apply_move(const struct step *step)
{
	const struct awh_pointer *from = &step->from, *path = &step->path;
	const struct awh_ref value = find(step, from, from->n_tokens);

	if ((from->n_tokens == 0 || path->n_tokens == 0) && follows(step->applier, AWH_PATCH_KUBE))
		return refuse(step, "the whole document can only be replaced");
	if (awh_ref_is_absent(value))
		return refuse_missing(step, from);
	if (is_prefix(from, path)) {
		if (from->n_tokens == path->n_tokens)
			return 0;
		if (from->n_tokens == 0 || follows(step->applier, AWH_PATCH_RFC))
			return refuse(step, "a value cannot move into its own child");
	}
	return move(step, value);
}

/* Count the bytes that a copy adds, and refuse too many. */
static int grow(const struct step *step, struct awh_ref value)
{
	struct awh_applier *applier = step->applier;
	struct awh_buf text;
	size_t len;
	int err;

	awh_buf_init(&text, AWH_PATCH_COPY_MAX - applier->grown);
	step->ops->write(step->target, &text, value);
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

/* Put a value that is *new*; absent: memory ran out */
static int put_new(const struct step *step, struct awh_ref value)
{
	int err = awh_ref_is_absent(value) ? out_of_memory(step) : put(step, value);

	if (step->ops->release && !awh_ref_is_absent(value))
		step->ops->release(value);
	return err;
}

static int apply_copy(const struct step *step)
{
	const struct awh_pointer *from = &step->from;
	const struct awh_ref value = find(step, from, from->n_tokens);
	int err;

	if ((from->n_tokens == 0 || step->path.n_tokens == 0) &&
	    follows(step->applier, AWH_PATCH_KUBE))
		return refuse(step, "the whole document can only be replaced");
	if (awh_ref_is_absent(value)) {
		/* kube-apiserver copies a member that is not there as null. */
		if (follows(step->applier, AWH_PATCH_RFC) || !has_object(step, from))
			return refuse_missing(step, from);
		return put_new(step, step->ops->null(step->target));
	}
	err = grow(step, value);
	return err < 0 ? err : put_new(step, step->ops->copy(step->target, value));
}

static int apply_test(const struct step *step)
{
	const struct awh_ref value = find(step, &step->path, step->path.n_tokens);

	if (awh_ref_is_absent(value)) {
		/* kube-apiserver reads a member that is not there as null. */
		if (!follows(step->applier, AWH_PATCH_RFC) &&
		    step->ops->kind(step->value) == AWH_KIND_NULL && has_object(step, &step->path))
			return 0;
		return refuse_missing(step, &step->path);
	}
	if (!step->ops->fits(step->value, AWH_PATCH_DEPTH))
		return refuse(step, "the value is nested too deep");
	if (!step->ops->equal(step->target, value, step->value, false))
		return refuse(step, "the value differs");
	if (follows(step->applier, AWH_PATCH_KUBE) &&
	    !step->ops->equal(step->target, value, step->value, true))
		return refuse(step, "the value differs in how kube-apiserver compares");
	return 0;
}

static int split(struct awh_pointer *pointer, const struct step *step, const char *text, size_t len)
{
	struct awh_arena *arena = &step->applier->pointers;
	struct awh_error error;
	int err;

	if (!follows(step->applier, AWH_PATCH_RFC))
		text = awh_kube_pointer(text, &len, arena);
	if (!text)
		return out_of_memory(step);
	err = awh_pointer_parse(pointer, text, len, arena, &error);
	return err < 0 ? awh_operation_fail(step->applier, step->operation, err, error.text) : 0;
}

int awh_operation_apply(struct awh_applier *applier, const struct awh_operation *operation,
			struct awh_ref value)
{
	static int (*const functions[AWH_OPS])(const struct step *) = {
	    [AWH_ADD] = apply_add,   [AWH_REMOVE] = apply_remove, [AWH_REPLACE] = apply_replace,
	    [AWH_MOVE] = apply_move, [AWH_COPY] = apply_copy,     [AWH_TEST] = apply_test,
	};
	struct step step = {.applier = applier,
			    .target = applier->target,
			    .ops = applier->target->ops,
			    .operation = operation,
			    .value = value};
	int err = split(&step.path, &step, operation->path, operation->path_len);

	if (err == 0 && operation->from)
		err = split(&step.from, &step, operation->from, operation->from_len);
	if (err == 0)
		err = functions[operation->op](&step);
	awh_arena_reset(&applier->pointers);
	return err;
}

void awh_applier_deinit(struct awh_applier *applier)
{
	awh_arena_deinit(&applier->pointers);
}
