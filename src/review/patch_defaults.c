/* SPDX-License-Identifier: MIT */
/* Defaults: what the object lacks of another one. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "review/node.h"
#include "review/patch.h"

/* The object at the path has something else than an object where the defaults have one. */
static int refuse_object(struct admwh_patch *patch, const char *path, struct awh_ref found)
{
	const struct awh_operation operation = {
	    .op = AWH_ADD, .path = path, .path_len = strlen(path)};
	char reason[64];

	snprintf(reason, sizeof(reason), "there is %s, not an object",
		 awh_kind_name(awh_ref_kind(found)));
	return awh_patch_refuse(patch, &operation, reason);
}

static int add_default(struct admwh_patch *patch, const char *path, struct admwh_value value)
{
	awh_buf_reset(&patch->text);
	awh_ref_write(&patch->text, awh_entry_ref(awh_value_text(value), value.item), false);
	return awh_patch_build_text(patch, AWH_ADD, AWH_WITH_PARENTS, path);
}

/* path: of the object; behind it, what has become of it is undefined */
static int set_members(struct admwh_patch *patch, struct awh_buf *path,
		       struct admwh_value defaults);

static int set_default(struct admwh_patch *patch, struct awh_buf *path, struct admwh_value value)
{
	struct awh_ref found;
	int err = awh_patch_find(patch, path->data, &found);

	if (err < 0 || !admwh_value_is_set(value))
		return err;
	if (awh_ref_is_absent(found) || awh_ref_kind(found) == AWH_KIND_NULL)
		return add_default(patch, path->data, value);
	if (admwh_value_kind(value) != ADMWH_OBJECT)
		return 0;
	if (awh_ref_kind(found) != AWH_KIND_OBJECT)
		return refuse_object(patch, path->data, found);
	return set_members(patch, path, value);
}

static int put_key(struct admwh_patch *patch, struct awh_buf *path, struct admwh_value member)
{
	size_t len = 0;
	const char *key = admwh_value_key(member, &len);

	if (key && memchr(key, 0, len))
		return awh_patch_fail(patch, ADMWH_E_INVAL, "a key of the defaults has U+0000");
	awh_pointer_put(path, key ? key : "", len);
	return key && awh_buf_terminate(path) == 0
		   ? 0
		   : awh_patch_fail(patch, ADMWH_E_NOMEM, "out of memory");
}

static int set_members(struct admwh_patch *patch, struct awh_buf *path, struct admwh_value defaults)
{
	const size_t len = path->len;

	admwh_value_foreach(child, defaults) {
		int err;

		path->len = len;
		err = put_key(patch, path, child);
		if (err == 0)
			err = set_default(patch, path, child);
		if (err < 0)
			return err;
	}
	return 0;
}

int admwh_patch_set_defaults(struct admwh_patch *patch, struct admwh_value defaults)
{
	struct awh_buf path;
	int err = awh_patch_begin(patch);

	if (err < 0)
		return err;
	if (admwh_value_kind(defaults) != ADMWH_OBJECT)
		return awh_patch_fail(patch, ADMWH_E_INVAL, "the defaults are no object");
	awh_buf_init(&path, SIZE_MAX);
	err = awh_buf_terminate(&path) == 0 ? set_default(patch, &path, defaults)
					    : awh_patch_fail(patch, ADMWH_E_NOMEM, "out of memory");
	awh_buf_deinit(&path);
	return err;
}

int admwh_patch_set_defaults_text(struct admwh_patch *patch, const char *json)
{
	static const struct awh_operation operation = {.op = AWH_ADD, .path = ""};
	struct awh_ref value = {0};
	int err = awh_patch_begin_value(patch, "", json != NULL);

	if (err < 0)
		return err;
	awh_buf_puts(&patch->text, json);
	err = awh_patch_take_text(patch, &operation, &value);
	return err < 0 ? err : admwh_patch_set_defaults(patch, awh_value_root(value.text, 0));
}
