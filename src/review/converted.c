/* SPDX-License-Identifier: MIT */
/* What a conversion has made of an object, held against the object as it was. */
#include "review/conversion.h"

/* Of metadata, what a conversion may change. */
static bool is_free(struct admwh_value member)
{
	return admwh_value_key_is(member, "labels") || admwh_value_key_is(member, "annotations");
}

static int fail_at(struct admwh_value value, const char *what, struct awh_error *error)
{
	return awh_fail(error, ADMWH_E_PATCH, "%s: %s", admwh_value_path(value), what);
}

/* kube-apiserver takes no other values. */
static int check_texts(struct admwh_value map, struct awh_error *error)
{
	if (!admwh_value_is_set(map))
		return 0;
	if (admwh_value_kind(map) != ADMWH_OBJECT)
		return fail_at(map, "expected an object", error);
	admwh_value_foreach_member(value, map)
		if (admwh_value_kind(value) != ADMWH_STRING)
			return fail_at(value, "expected a string", error);
	return 0;
}

static struct admwh_value same_member(struct admwh_value object, struct admwh_value member)
{
	size_t len;
	const char *key = admwh_value_key(member, &len);

	return admwh_value_getn(object, key, len);
}

static int check_metadata(struct admwh_value before, struct admwh_value after,
			  struct awh_error *error)
{
	int err = 0;

	if (admwh_value_kind(after) != ADMWH_OBJECT)
		return fail_at(after, "expected an object", error);
	admwh_value_foreach_member(was, before)
		if (!is_free(was) && !admwh_value_equal(was, same_member(after, was)))
			return fail_at(was, "must not change", error);
	admwh_value_foreach_member(is, after) {
		if (is_free(is))
			err = check_texts(is, error);
		else if (admwh_value_is_absent(same_member(before, is)))
			err = fail_at(is, "must not be added", error);
		if (err)
			return err;
	}
	return 0;
}

static int check(struct admwh_text *sent, const struct awh_convertible *object,
		 struct admwh_value after, struct awh_error *error)
{
	if (admwh_value_kind(after) != ADMWH_OBJECT)
		return awh_fail(error, ADMWH_E_PATCH, "the object must stay an object");
	if (!admwh_value_equal(awh_value_root(sent, object->kind_entry),
			       admwh_value_get(after, "kind")))
		return awh_fail(error, ADMWH_E_PATCH, "kind: must not change");
	return check_metadata(awh_value_root(sent, object->metadata),
			      admwh_value_get(after, "metadata"), error);
}

int awh_converted_check(struct awh_request *request, const struct awh_convertible *object,
			const char *json, size_t len, struct awh_index *index,
			struct awh_error *error)
{
	const struct awh_index_options options = {.depth = AWH_JSON_DEPTH_MAX};
	struct awh_error *failure = &request->error;
	struct admwh_text converted;
	int err;

	index->may_grow = request->index.may_grow;
	index->owner = request->index.owner;
	err = awh_index_read(index, json, len, &options, error);
	if (err == ADMWH_E_LIMIT && failure->code)
		*error = *failure;
	if (err)
		return err;
	awh_text_init(&converted, index, &request->arena, failure, "");
	err = check(awh_request_text(request), object, awh_value_root(&converted, 0), error);
	awh_text_deinit(&converted);
	/* A lookup that found no memory tells a change where there is none. */
	if (failure->code)
		*error = *failure;
	return failure->code ? failure->code : err;
}
