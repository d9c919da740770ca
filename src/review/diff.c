/* SPDX-License-Identifier: MIT */
#include "review/diff.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "json/number.h"
#include "json/pointer.h"
#include "review/align.h"

/*
 * Operations on the members of an object, and on the elements of an array that is compared index by
 * index, stay as they are while they are no more text than this.
 */
enum { SMALL = 256 };

/* From so much text on, a growing patch is compared with a replacement before it is complete. */
enum { LARGE = 4096 };

/* The place of an element that does not go. */
#define STAYS SIZE_MAX

struct member {
	const char *key;
	size_t key_len;
	json_t *from; /* NULL: added */
	json_t *to;   /* NULL: removed */
};

struct differ {
	struct awh_diff *diff;
	const struct awh_numbers *numbers;
	unsigned options;
	struct awh_aligner aligner;
	size_t text; /* bytes of the operations so far */
	struct awh_buf path;
	struct awh_buf scratch;
	struct member *members; /* a stack: of each object on the way down, those to look at */
	size_t n_members;
	size_t members_capacity;
	struct awh_error *error;
};

/* Where the operations of one container begin. */
struct frame {
	size_t n_operations;
	size_t text;
	size_t small; /* no more text than this is never replaced */
	size_t large; /* more than this is weighed at once */
};

static json_t *unconst(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}

static int out_of_memory(const struct differ *differ)
{
	return awh_fail(differ->error, ADMWH_E_NOMEM, "out of memory");
}

static bool is_container(const json_t *value)
{
	return json_is_object(value) || json_is_array(value);
}

/* Append a token to the path; the length to cut it back to. */
static size_t push_name(struct differ *differ, const char *key, size_t len)
{
	const size_t before = differ->path.len;

	awh_pointer_put(&differ->path, key, len);
	return before;
}

static size_t push_index(struct differ *differ, size_t index)
{
	const size_t before = differ->path.len;
	char digits[AWH_NUMBER_TEXT];

	awh_buf_put(&differ->path, "/", 1);
	awh_buf_put(&differ->path, digits, awh_number_format_integer(digits, (int64_t)index));
	return before;
}

static void pop(struct differ *differ, size_t before)
{
	differ->path.len = before;
}

/* The operation's text, as much as fits into max bytes: its length, 0 when it takes more. */
static size_t text_len(struct differ *differ, const struct awh_operation *operation, size_t max)
{
	struct awh_buf *text = &differ->scratch;

	awh_buf_reset(text);
	text->max = max;
	awh_operation_write(text, operation, differ->numbers);
	return text->err ? 0 : text->len;
}

static int reserve_operation(struct differ *differ)
{
	struct awh_diff *diff = differ->diff;
	size_t capacity = diff->capacity ? diff->capacity * 2 : 16;
	struct awh_operation *operations;

	if (diff->n_operations < diff->capacity)
		return 0;
	operations = realloc(diff->operations, capacity * sizeof(*operations));
	if (!operations)
		return out_of_memory(differ);
	diff->operations = operations;
	diff->capacity = capacity;
	return 0;
}

static int emit(struct differ *differ, enum awh_op op, json_t *value)
{
	struct awh_operation operation = {.op = op, .path_len = differ->path.len, .value = value};
	size_t len;

	if (reserve_operation(differ) < 0)
		return ADMWH_E_NOMEM;
	operation.path =
	    awh_arena_strndup(&differ->diff->paths, differ->path.data, differ->path.len);
	if (!operation.path || differ->path.err)
		return out_of_memory(differ);
	len = text_len(differ, &operation, SIZE_MAX);
	if (differ->scratch.err == ADMWH_E_LIMIT)
		return awh_fail(differ->error, ADMWH_E_PATCH, "nested too deep");
	if (len == 0)
		return out_of_memory(differ);
	differ->text += len;
	differ->diff->operations[differ->diff->n_operations++] = operation;
	return 0;
}

static struct frame begin(const struct differ *differ, const json_t *container)
{
	const bool keep = !(differ->options & AWH_DIFF_SMALLEST) &&
			  (json_is_object(container) || differ->options & AWH_DIFF_INDEX_BY_INDEX);

	return (struct frame){.n_operations = differ->diff->n_operations,
			      .text = differ->text,
			      .small = keep ? SMALL : 0,
			      .large = LARGE};
}

/* Replace the whole container where that takes less text than this. 1 when done, 0, or negative. */
static int replace_below(struct differ *differ, const struct frame *frame, json_t *to, size_t text)
{
	const struct awh_operation whole = {.op = AWH_REPLACE, .path = "", .value = to};
	int err;

	if (text <= frame->small || text <= differ->path.len + 1)
		return 0;
	if (differ->path.len == 0 && differ->options & AWH_DIFF_KEEP_ROOT)
		return 0;
	if (text_len(differ, &whole, text - differ->path.len - 1) == 0)
		return differ->scratch.err == ADMWH_E_NOMEM ? out_of_memory(differ) : 0;
	differ->diff->n_operations = frame->n_operations;
	differ->text = frame->text;
	err = emit(differ, AWH_REPLACE, to);
	return err < 0 ? err : 1;
}

static int settle(struct differ *differ, const struct frame *frame, json_t *to)
{
	return replace_below(differ, frame, to, differ->text - frame->text);
}

/* The same before the end, so that a patch much larger than a replacement is not completed. */
static int settle_early(struct differ *differ, struct frame *frame, json_t *to)
{
	if (differ->text - frame->text <= frame->large)
		return 0;
	frame->large = 2 * (differ->text - frame->text);
	return settle(differ, frame, to);
}

static int push_member(struct differ *differ, void *member, json_t *from, json_t *to)
{
	const size_t capacity = differ->members_capacity ? differ->members_capacity * 2 : 32;
	struct member *members = differ->members;

	if (differ->n_members == differ->members_capacity) {
		members = realloc(members, capacity * sizeof(*members));
		if (!members)
			return out_of_memory(differ);
		differ->members = members;
		differ->members_capacity = capacity;
	}
	members[differ->n_members++] = (struct member){.key = json_object_iter_key(member),
						       .key_len = json_object_iter_key_len(member),
						       .from = from,
						       .to = to};
	return 0;
}

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	const size_t len = x->key_len < y->key_len ? x->key_len : y->key_len;
	const int order = memcmp(x->key, y->key, len);

	return order ? order : (x->key_len > y->key_len) - (x->key_len < y->key_len);
}

static void sort_members(struct differ *differ, size_t first)
{
	if (differ->n_members - first > 1)
		qsort(differ->members + first, differ->n_members - first, sizeof(struct member),
		      compare_members);
}

/* Put on the stack what is new or may have changed. */
static int gather_changes(struct differ *differ, json_t *from, json_t *to, size_t *n_common)
{
	void *other = json_object_iter(from);

	*n_common = 0;
	for (void *member = json_object_iter(to); member;
	     member = json_object_iter_next(to, member)) {
		json_t *new_value = json_object_iter_value(member);
		json_t *old_value = awh_take_member(from, &other, member);

		*n_common += old_value != NULL;
		if (old_value == new_value)
			continue;
		if (old_value && !is_container(new_value) &&
		    awh_same_scalar(&differ->aligner, old_value, new_value))
			continue;
		if (push_member(differ, member, old_value, new_value) < 0)
			return ADMWH_E_NOMEM;
	}
	return 0;
}

static int gather_removals(struct differ *differ, json_t *from, json_t *to)
{
	void *other = json_object_iter(to);

	for (void *member = json_object_iter(from); member;
	     member = json_object_iter_next(from, member))
		if (!awh_take_member(to, &other, member) &&
		    push_member(differ, member, json_object_iter_value(member), NULL) < 0)
			return ADMWH_E_NOMEM;
	return 0;
}

static int diff_values(struct differ *differ, json_t *from, json_t *to, size_t depth);

static int diff_member(struct differ *differ, const struct member *member, size_t depth)
{
	size_t before;
	int err;

	before = push_name(differ, member->key, member->key_len);
	if (!member->from)
		err = emit(differ, AWH_ADD, member->to);
	else if (!member->to)
		err = emit(differ, AWH_REMOVE, NULL);
	else
		err = diff_values(differ, member->from, member->to, depth);
	pop(differ, before);
	return err;
}

/* The members from `first` on the stack, in order. 1 when the object was replaced instead. */
static int diff_members(struct differ *differ, size_t first, struct frame *frame, json_t *to,
			size_t depth)
{
	int err = 0;

	sort_members(differ, first);
	/* The stack may move while a member is looked at. */
	for (size_t i = first, end = differ->n_members; i < end && err == 0; i++) {
		const struct member member = differ->members[i];

		err = diff_member(differ, &member, depth);
		if (err == 0)
			err = settle_early(differ, frame, to);
	}
	differ->n_members = first;
	return err;
}

static int diff_objects(struct differ *differ, json_t *from, json_t *to, size_t depth)
{
	const size_t first = differ->n_members;
	struct frame frame = begin(differ, to);
	size_t n_common;
	int err = gather_changes(differ, from, to, &n_common);

	if (err == 0)
		err = diff_members(differ, first, &frame, to, depth);
	if (err == 0 && n_common < json_object_size(from)) {
		err = gather_removals(differ, from, to);
		if (err == 0)
			err = diff_members(differ, first, &frame, to, depth);
	}
	if (err == 0)
		err = settle(differ, &frame, to);
	differ->n_members = first;
	return err < 0 ? err : 0;
}

/* One element of an array, at its place in the array as patched so far. */
static int diff_element(struct differ *differ, struct frame *frame, size_t index, json_t *from,
			json_t *to, json_t *array, size_t depth)
{
	const size_t before = push_index(differ, index);
	int err;

	if (!from)
		err = emit(differ, AWH_ADD, to);
	else if (!to)
		err = emit(differ, AWH_REMOVE, NULL);
	else
		err = diff_values(differ, from, to, depth);
	pop(differ, before);
	return err < 0 ? err : settle_early(differ, frame, array);
}

/*
 * What is new or changed, from the front. Elements that will go still stand in their places, which
 * are noted. 1 when the array was replaced instead.
 */
static int diff_partners(struct differ *differ, struct frame *frame,
			 struct awh_alignment *alignment, size_t depth)
{
	size_t old = 0; /* of `from`, how many were passed */
	size_t added = 0;
	size_t index = alignment->first;
	int err = 0;

	for (size_t i = 0; i < alignment->n_to && err == 0; i++) {
		const int32_t partner = alignment->partners[i];
		json_t *from = NULL;

		if (partner != AWH_NO_PARTNER) {
			for (; old < (size_t)partner; old++)
				alignment->places[old] = alignment->first + old + added;
			alignment->places[old++] = STAYS;
			index = alignment->first + (size_t)partner + added;
			from = json_array_get(alignment->from, alignment->first + (size_t)partner);
		}
		added += !from;
		err = diff_element(differ, frame, index++, from,
				   json_array_get(alignment->to, alignment->first + i),
				   alignment->to, depth);
	}
	for (; old < alignment->n_from; old++)
		alignment->places[old] = alignment->first + old + added;
	return err;
}

/* What goes, from the end, so that no removal moves another. */
static int diff_leavers(struct differ *differ, struct frame *frame,
			const struct awh_alignment *alignment, size_t depth)
{
	int err = 0;

	for (size_t i = alignment->n_from; i > 0 && err == 0; i--)
		if (alignment->places[i - 1] != STAYS)
			err =
			    diff_element(differ, frame, alignment->places[i - 1],
					 json_array_get(alignment->from, alignment->first + i - 1),
					 NULL, alignment->to, depth);
	return err;
}

/* Operations that will be made at least: each element that comes or goes, each scalar changed. */
static size_t count_operations(const struct differ *differ, const struct awh_alignment *alignment)
{
	size_t n_partners = 0;
	size_t n_changed = 0;

	for (size_t i = 0; i < alignment->n_to; i++) {
		json_t *to = json_array_get(alignment->to, alignment->first + i);
		json_t *from;

		if (alignment->partners[i] == AWH_NO_PARTNER)
			continue;
		from = json_array_get(alignment->from,
				      alignment->first + (size_t)alignment->partners[i]);
		n_partners++;
		n_changed += !(is_container(from) && is_container(to)) &&
			     !awh_same_scalar(&differ->aligner, from, to);
	}
	return alignment->n_from + alignment->n_to - 2 * n_partners + n_changed;
}

/* The text of so many operations, at the least. */
static size_t least_text(const struct differ *differ, size_t n_operations)
{
	return n_operations * (differ->path.len + strlen("{'op':'remove','path':'/0'},"));
}

static int diff_arrays(struct differ *differ, json_t *from, json_t *to, size_t depth)
{
	struct frame frame = begin(differ, to);
	struct awh_alignment alignment;
	int err = awh_align(&alignment, &differ->aligner, from, to,
			    (differ->options & AWH_DIFF_INDEX_BY_INDEX) != 0);

	if (err < 0)
		awh_fail(differ->error, err, "%s", admwh_strerror(err));
	else
		err = replace_below(differ, &frame, to,
				    least_text(differ, count_operations(differ, &alignment)));
	if (err == 0)
		err = diff_partners(differ, &frame, &alignment, depth);
	if (err == 0)
		err = diff_leavers(differ, &frame, &alignment, depth);
	if (err == 0)
		err = settle(differ, &frame, to);
	awh_alignment_deinit(&alignment);
	return err < 0 ? err : 0;
}

/* depth: levels that may still follow */
static int diff_values(struct differ *differ, json_t *from, json_t *to, size_t depth)
{
	const bool objects = json_is_object(from) && json_is_object(to);
	const bool arrays = json_is_array(from) && json_is_array(to);

	if (from == to)
		return 0;
	if (depth == 0 && (objects || arrays))
		return awh_fail(differ->error, ADMWH_E_PATCH, "nested too deep");
	if (objects)
		return diff_objects(differ, from, to, depth - 1);
	if (arrays)
		return diff_arrays(differ, from, to, depth - 1);
	if (awh_same_scalar(&differ->aligner, from, to))
		return 0;
	return emit(differ, AWH_REPLACE, to);
}

int awh_diff_make(struct awh_diff *diff, const json_t *from, const json_t *to, unsigned options,
		  const struct awh_numbers *numbers, struct awh_error *error)
{
	struct differ differ = {
	    .diff = diff,
	    .numbers = numbers,
	    .options = options,
	    .aligner = {.numbers = numbers,
			.number_text = (options & AWH_DIFF_NUMBER_TEXT) != 0,
			.visits = AWH_ALIGN_VISITS_MAX},
	    .error = error,
	};
	int err;

	*diff = (struct awh_diff){.operations = NULL};
	awh_buf_init(&differ.path, SIZE_MAX);
	awh_buf_init(&differ.scratch, SIZE_MAX);
	err = diff_values(&differ, unconst(from), unconst(to), AWH_PATCH_DEPTH);
	awh_buf_deinit(&differ.path);
	awh_buf_deinit(&differ.scratch);
	free(differ.members);
	return err;
}

void awh_diff_deinit(struct awh_diff *diff)
{
	free(diff->operations);
	awh_arena_deinit(&diff->paths);
}

json_t *awh_diff_json(const struct awh_diff *diff, struct awh_numbers *numbers)
{
	json_t *patch = json_array();

	for (size_t i = 0; i < diff->n_operations && patch; i++) {
		struct awh_operation operation = diff->operations[i];
		json_t *item = NULL;

		if (operation.value)
			operation.value = awh_json_copy(operation.value, numbers);
		if (operation.value || operation.op == AWH_REMOVE)
			item = awh_operation_json(&operation);
		json_decref(operation.value);
		if (!item || json_array_append_new(patch, item) < 0) {
			json_decref(patch);
			return NULL;
		}
	}
	return patch;
}
