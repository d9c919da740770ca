/* SPDX-License-Identifier: MIT */
#include "review/merge.h"

#include <stdint.h>

#include "base/buf.h"
#include "json/pointer.h"
#include "review/apply.h"

struct merger {
	struct awh_numbers *numbers;
	struct awh_buf path; /* for messages */
	struct awh_error *error;
};

static json_t *unconst(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}

static json_t *out_of_memory(const struct merger *merger)
{
	awh_fail(merger->error, ADMWH_E_NOMEM, "out of memory");
	return NULL;
}

static json_t *too_deep(const struct merger *merger)
{
	awh_fail(merger->error, ADMWH_E_PATCH, "nested too deep");
	return NULL;
}

static json_t *copy(const struct merger *merger, const json_t *value)
{
	json_t *made = awh_json_copy(value, merger->numbers);

	return made ? made : out_of_memory(merger);
}

static json_t *merge_value(const struct merger *merger, const json_t *target, const json_t *merge);

/* Apply one member of the patch to an object without other references. */
static int merge_member(const struct merger *merger, json_t *object, void *member)
{
	const char *key = json_object_iter_key(member);
	const size_t len = json_object_iter_key_len(member);
	json_t *value = json_object_iter_value(member);

	if (json_is_null(value)) {
		json_object_deln(object, key, len);
		return 0;
	}
	value = merge_value(merger, json_object_getn(object, key, len), value);
	if (!value)
		return -1;
	if (json_object_setn_new_nocheck(object, key, len, value) == 0)
		return 0;
	out_of_memory(merger);
	return -1;
}

/* RFC 7386 section 2. */
static json_t *merge_value(const struct merger *merger, const json_t *target, const json_t *merge)
{
	json_t *object;

	if (!json_is_object(merge))
		return copy(merger, merge);
	object = json_is_object(target) ? awh_json_copy_level(target) : json_object();
	if (!object)
		return out_of_memory(merger);
	for (void *member = json_object_iter(unconst(merge)); member;
	     member = json_object_iter_next(unconst(merge), member)) {
		if (merge_member(merger, object, member) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *no_null(const struct merger *merger)
{
	char shown[AWH_POINTER_SHOWN];

	awh_fail(merger->error, ADMWH_E_PATCH, "%s: a merge patch cannot set null",
		 awh_pointer_show(shown, merger->path.data, merger->path.len));
	return NULL;
}

static size_t push(struct merger *merger, void *member)
{
	const size_t before = merger->path.len;

	awh_pointer_put(&merger->path, json_object_iter_key(member),
			json_object_iter_key_len(member));
	return before;
}

/* Can a merge patch put this value where there was no object? It would drop members that are null.
 */
static bool is_mergeable(struct merger *merger, json_t *value)
{
	for (void *member = json_object_iter(value); member;
	     member = json_object_iter_next(value, member)) {
		const size_t before = push(merger, member);

		if (json_is_null(json_object_iter_value(member)) ||
		    !is_mergeable(merger, json_object_iter_value(member)))
			return false;
		merger->path.len = before;
	}
	return true;
}

static json_t *make_value(struct merger *merger, json_t *from, json_t *to);

/* The member of the patch for a member of `to`: *new*; json_null() when it is to be left out. */
static json_t *make_member(struct merger *merger, json_t *from, void *member)
{
	json_t *to = json_object_iter_value(member);
	json_t *old =
	    json_object_getn(from, json_object_iter_key(member), json_object_iter_key_len(member));
	const bool objects = json_is_object(old) && json_is_object(to);
	json_t *value;

	if (old && !objects && awh_json_equal(old, to, merger->numbers))
		return json_null();
	if (json_is_null(to))
		return no_null(merger);
	value = make_value(merger, old, to);
	if (!value || !objects || json_object_size(value) > 0)
		return value;
	json_decref(value);
	return json_null();
}

static int make_members(struct merger *merger, json_t *merge, json_t *from, json_t *to)
{
	for (void *member = json_object_iter(to); member;
	     member = json_object_iter_next(to, member)) {
		const size_t before = push(merger, member);
		json_t *value = make_member(merger, from, member);

		if (!value)
			return -1;
		merger->path.len = before;
		if (!json_is_null(value) &&
		    json_object_setn_new_nocheck(merge, json_object_iter_key(member),
						 json_object_iter_key_len(member), value) < 0) {
			out_of_memory(merger);
			return -1;
		}
	}
	return 0;
}

static int make_removals(struct merger *merger, json_t *merge, json_t *from, json_t *to)
{
	for (void *member = json_object_iter(from); member;
	     member = json_object_iter_next(from, member)) {
		const char *key = json_object_iter_key(member);
		const size_t len = json_object_iter_key_len(member);

		if (!json_object_getn(to, key, len) &&
		    json_object_setn_new_nocheck(merge, key, len, json_null()) < 0) {
			out_of_memory(merger);
			return -1;
		}
	}
	return 0;
}

static json_t *make_value(struct merger *merger, json_t *from, json_t *to)
{
	json_t *merge;

	if (!json_is_object(from) || !json_is_object(to))
		return is_mergeable(merger, to) ? copy(merger, to) : no_null(merger);
	merge = json_object();
	if (!merge)
		return out_of_memory(merger);
	if (make_members(merger, merge, from, to) < 0 ||
	    make_removals(merger, merge, from, to) < 0) {
		json_decref(merge);
		return NULL;
	}
	return merge;
}

json_t *awh_merge_apply(const json_t *document, const json_t *merge, struct awh_numbers *numbers,
			struct awh_error *error)
{
	const struct merger merger = {.numbers = numbers, .error = error};

	if (!awh_json_fits(merge, AWH_PATCH_DEPTH))
		return too_deep(&merger);
	return merge_value(&merger, document, merge);
}

json_t *awh_merge_make(const json_t *from, const json_t *to, struct awh_numbers *numbers,
		       struct awh_error *error)
{
	struct merger merger = {.numbers = numbers, .error = error};
	json_t *merge;

	if (!awh_json_fits(from, AWH_PATCH_DEPTH) || !awh_json_fits(to, AWH_PATCH_DEPTH))
		return too_deep(&merger);
	awh_buf_init(&merger.path, SIZE_MAX);
	merge = make_value(&merger, unconst(from), unconst(to));
	awh_buf_deinit(&merger.path);
	return merge;
}
