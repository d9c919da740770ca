/* SPDX-License-Identifier: MIT */
/*
 * The public functions that say what the object should have: they add the operations that it takes,
 * none where it is so already.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "review/node.h"
#include "review/patch.h"

int awh_patch_find(struct admwh_patch *patch, const char *path, struct awh_ref *found)
{
	struct awh_pointer pointer;
	int err = awh_pointer_parse(&pointer, path, strlen(path), &patch->pointers, NULL);

	*found = (struct awh_ref){0};
	if (err == ADMWH_E_NOMEM)
		return awh_patch_fail(patch, err, "out of memory");
	if (err == 0)
		*found = awh_applier_find(&patch->applier, &pointer, pointer.n_tokens);
	awh_arena_reset(&patch->pointers);
	return 0;
}

static bool is_set(struct awh_ref value)
{
	return !awh_ref_is_absent(value) && awh_ref_kind(value) != AWH_KIND_NULL;
}

static bool is_same_member(struct awh_ref a, struct awh_ref b, const char *text)
{
	const struct awh_token name = {text, strlen(text)};
	const struct awh_ref x = awh_ref_member(a, &name), y = awh_ref_member(b, &name);

	if (!is_set(x) || !is_set(y))
		return is_set(x) == is_set(y);
	return awh_ref_equal(x, y, false);
}

/* An element that is looked for. */
struct search {
	struct awh_ref value;
	const char *const *names;
	size_t n_names;
	size_t index; /* of the element that is looked at */
	struct awh_ref found;
};

static bool is_sought(const struct search *search, struct awh_ref element)
{
	if (search->n_names == 0)
		return awh_ref_equal(element, search->value, false);
	if (awh_ref_kind(element) != AWH_KIND_OBJECT)
		return false;
	for (size_t i = 0; i < search->n_names; i++)
		if (!is_same_member(element, search->value, search->names[i]))
			return false;
	return true;
}

/* Ends the walk at the element. */
static bool look_at(void *arg, const struct awh_token *name, struct awh_ref element)
{
	struct search *search = arg;

	(void)name;
	if (!is_sought(search, element)) {
		search->index++;
		return true;
	}
	search->found = element;
	return false;
}

static int refuse_list(struct admwh_patch *patch, const char *list, struct awh_ref found)
{
	const struct awh_operation operation = {
	    .op = AWH_ADD, .path = list, .path_len = strlen(list)};
	char reason[64];

	snprintf(reason, sizeof(reason), "there is %s, not an array",
		 awh_kind_name(awh_ref_kind(found)));
	return awh_patch_refuse(patch, &operation, reason);
}

/* Begin the path of an element of a list. */
static const char *put_path(struct admwh_patch *patch, const char *list, const char *format,
			    size_t index)
{
	awh_buf_reset(&patch->path);
	awh_buf_puts(&patch->path, list);
	if (format)
		awh_buf_puts(&patch->path, format);
	else
		awh_buf_printf(&patch->path, "/%zu", index);
	return awh_buf_terminate(&patch->path) == 0 ? patch->path.data : NULL;
}

static int put_element(struct admwh_patch *patch, const char *list, struct search *search)
{
	const bool is_there = !awh_ref_is_absent(search->found);
	const char *path = put_path(patch, list, is_there ? NULL : "/-", search->index);

	if (is_there && awh_ref_equal(search->found, search->value, false))
		return 0;
	if (!path)
		return awh_patch_fail(patch, ADMWH_E_NOMEM, "out of memory");
	awh_ref_write(&patch->text, search->value, false);
	return awh_patch_build_text(patch, is_there ? AWH_REPLACE : AWH_ADD, AWH_ALONE, path);
}

int awh_patch_put(struct admwh_patch *patch, const char *list, struct admwh_value value,
		  const char *const *names, size_t n_names)
{
	struct search search = {.names = names, .n_names = n_names};
	struct awh_ref found;
	int err = awh_patch_begin_value(patch, list, !admwh_value_is_absent(value));

	if (err == 0)
		err = awh_patch_find(patch, list, &found);
	if (err < 0)
		return err;
	search.value = awh_entry_ref(awh_value_text(value), value.item);
	if (!is_set(found)) {
		awh_buf_puts(&patch->text, "[");
		awh_ref_write(&patch->text, search.value, false);
		awh_buf_puts(&patch->text, "]");
		/* A null may be an element, which an add would leave there. */
		return awh_patch_build_text(patch, awh_ref_is_absent(found) ? AWH_ADD : AWH_REPLACE,
					    AWH_WITH_PARENTS, list);
	}
	if (awh_ref_kind(found) != AWH_KIND_ARRAY)
		return refuse_list(patch, list, found);
	awh_ref_walk(found, look_at, &search);
	return put_element(patch, list, &search);
}

/* Refuse a map, or what should have it, that is no object. */
static int refuse_map(struct admwh_patch *patch, const char *pointer, struct awh_ref found)
{
	const struct awh_operation operation = {
	    .op = AWH_ADD, .path = patch->path.data, .path_len = patch->path.len};
	char reason[64];

	snprintf(reason, sizeof(reason), "%s is %s, not an object", pointer,
		 awh_kind_name(awh_ref_kind(found)));
	return awh_patch_refuse(patch, &operation, reason);
}

/* Can a member be put there, in an object that is there or is made? */
static int check_map(struct admwh_patch *patch, const char *pointer)
{
	struct awh_ref found;
	int err = awh_patch_find(patch, pointer, &found);

	if (err < 0 || !is_set(found) || awh_ref_kind(found) == AWH_KIND_OBJECT)
		return err;
	return refuse_map(patch, pointer, found);
}

static bool is_text(struct awh_ref found, const char *text)
{
	return found.text && awh_ref_kind(found) == AWH_KIND_STRING &&
	       awh_index_is(found.text->index, found.entry, text, strlen(text));
}

/* Set a string in a map of the metadata. */
static int set_text(struct admwh_patch *patch, const char *map, const char *key, const char *text)
{
	struct awh_ref found;
	int err = awh_patch_begin_value(patch, key, text != NULL);

	if (err < 0)
		return err;
	awh_buf_reset(&patch->path);
	awh_buf_puts(&patch->path, map);
	awh_pointer_put(&patch->path, key, strlen(key));
	if (awh_buf_terminate(&patch->path) < 0)
		return awh_patch_fail(patch, ADMWH_E_NOMEM, "out of memory");
	err = check_map(patch, "/metadata");
	if (err == 0)
		err = check_map(patch, map);
	if (err == 0)
		err = awh_patch_find(patch, patch->path.data, &found);
	if (err < 0 || is_text(found, text))
		return err;
	awh_put_json_string(&patch->text, text, strlen(text));
	return awh_patch_build_text(patch, AWH_ADD, AWH_WITH_PARENTS, patch->path.data);
}

int admwh_patch_set_label(struct admwh_patch *patch, const char *key, const char *value)
{
	return set_text(patch, "/metadata/labels", key, value);
}

int admwh_patch_set_annotation(struct admwh_patch *patch, const char *key, const char *value)
{
	return set_text(patch, "/metadata/annotations", key, value);
}

int admwh_patch_append(struct admwh_patch *patch, const char *list, struct admwh_value value)
{
	return awh_patch_put(patch, list, value, NULL, 0);
}

int admwh_patch_append_string(struct admwh_patch *patch, const char *list, const char *text)
{
	int err = awh_patch_begin_value(patch, list, text != NULL);
	struct awh_ref value = {0};
	const struct awh_operation operation = {
	    .op = AWH_ADD, .path = list, .path_len = list ? strlen(list) : 0};

	if (err < 0)
		return err;
	awh_put_json_string(&patch->text, text, strlen(text));
	err = awh_patch_take_text(patch, &operation, &value);
	return err < 0 ? err : admwh_patch_append(patch, list, awh_value_root(value.text, 0));
}

int admwh_patch_put(struct admwh_patch *patch, const char *list, struct admwh_value value)
{
	static const char *const names[] = {"name"};

	return awh_patch_put(patch, list, value, names, 1);
}

/* Is there something at a pointer, or does the operation tell what is wrong with it? */
static int is_present(struct admwh_patch *patch, const char *pointer, bool *is)
{
	struct awh_ref found;
	int err = awh_patch_begin_value(patch, pointer, true);

	if (err == 0)
		err = awh_patch_find(patch, pointer, &found);
	if (err == 0)
		*is = !awh_ref_is_absent(found) || awh_pointer_check(pointer, strlen(pointer));
	return err;
}

int admwh_patch_remove_if_present(struct admwh_patch *patch, const char *pointer)
{
	bool is;
	int err = is_present(patch, pointer, &is);

	return err < 0 || !is ? err : awh_patch_build(patch, AWH_REMOVE, NULL, pointer);
}

int admwh_patch_move_if_present(struct admwh_patch *patch, const char *from, const char *to)
{
	bool is;
	int err = is_present(patch, from, &is);

	return err < 0 || !is ? err : awh_patch_build(patch, AWH_MOVE, from, to);
}
