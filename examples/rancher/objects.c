/* SPDX-License-Identifier: MIT */
/*
 * Reading objects, and refusing them.
 */
#include <string.h>

#include "go_text.h"
#include "rancher.h"

const char *go_type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "bool";
	case JSON_NULL:
		break;
	}
	return "null";
}

static void wrong_type(const json_t *value, const char *field, const char *go_type,
		       struct text *wrong)
{
	if (!text_any(wrong))
		text_add(wrong, "json: cannot unmarshal %s into Go struct field %s of type %s",
			 go_type_name(value), field, go_type);
}

/* The member, when it is there and what it has to be. */
static const json_t *member(const json_t *object, const char *key, json_type type,
			    const char *field, const char *go_type, struct text *wrong)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value))
		return NULL;
	if (json_typeof(value) == type || (type == JSON_TRUE && json_is_false(value)))
		return value;
	wrong_type(value, field, go_type, wrong);
	return NULL;
}

const char *string_in(const json_t *object, const char *key, const char *field, struct text *wrong)
{
	return json_string_value(member(object, key, JSON_STRING, field, "string", wrong));
}

const char *text_in(const json_t *object, const char *key, const char *field, struct text *wrong)
{
	const char *text = string_in(object, key, field, wrong);

	return text ? text : "";
}

const json_t *object_in(const json_t *object, const char *key, const char *field,
			const char *go_type, struct text *wrong)
{
	return member(object, key, JSON_OBJECT, field, go_type, wrong);
}

const json_t *array_in(const json_t *object, const char *key, const char *field,
		       const char *go_type, struct text *wrong)
{
	return member(object, key, JSON_ARRAY, field, go_type, wrong);
}

const json_t *bool_in(const json_t *object, const char *key, const char *field, struct text *wrong)
{
	return member(object, key, JSON_TRUE, field, "bool", wrong);
}

static const char *in_metadata(const json_t *object, const char *map, const char *field,
			       const char *key, struct text *wrong)
{
	const json_t *metadata = object_in(object, "metadata", "metadata", "v1.ObjectMeta", wrong);
	const json_t *values = object_in(metadata, map, field, "map[string]string", wrong);
	const json_t *value = json_object_get(values, key);

	if (json_is_null(value))
		return ""; /* so Go has it: the key is there, its string is empty */
	return string_in(values, key, field, wrong);
}

const char *label_of(const json_t *object, const char *key, struct text *wrong)
{
	return in_metadata(object, "labels", "ObjectMeta.metadata.labels", key, wrong);
}

const char *annotation_of(const json_t *object, const char *key, struct text *wrong)
{
	return in_metadata(object, "annotations", "ObjectMeta.metadata.annotations", key, wrong);
}

static void check_object(const json_t *value, const char *name, const char *go_type,
			 struct text *wrong)
{
	if (json_is_object(value) || text_any(wrong))
		return;
	text_add(wrong, "failed to unmarshal request %s: ", name);
	if (!value || json_is_null(value))
		text_add(wrong, "unexpected end of JSON input");
	else
		text_add(wrong, "json: cannot unmarshal %s into Go value of type %s",
			 go_type_name(value), go_type);
}

int objects_get(const struct admwh_request *req, struct admwh_response *resp, const char *what,
		const char *go_type, struct objects *objects)
{
	struct text wrong = {0};

	*objects = (struct objects){NULL, NULL};
	if (req->operation != ADMWH_DELETE) {
		objects->object = admwh_request_object_json(req);
		check_object(objects->object, "object", go_type, &wrong);
	}
	if (req->operation != ADMWH_CREATE) {
		objects->old = admwh_request_old_object_json(req);
		check_object(objects->old, "oldObject", go_type, &wrong);
	}
	return text_any(&wrong) ? give_up(resp, what, &wrong) : 0;
}

json_t *json_in_text(const char *text, struct text *error)
{
	struct admwh_json *json;
	json_t *value = NULL;

	if (!go_json_check(text, error))
		return NULL;
	json = admwh_json_new();
	if (json)
		value = admwh_json_parse(json, text, strlen(text));
	if (!value)
		text_add(error, "%s", json ? admwh_json_error(json) : "out of memory");
	admwh_json_free(json);
	return value;
}

int deny(struct admwh_response *resp, int code, const char *reason, struct text *why)
{
	int err =
	    why->failed ? ADMWH_E_NOMEM : admwh_response_deny(resp, code, "%s", text_get(why));

	text_deinit(why);
	return err ? err : admwh_response_set_reason(resp, reason);
}

int deny_bad_request(struct admwh_response *resp, struct text *why)
{
	return deny(resp, 400, "BadRequest", why);
}

int give_up(struct admwh_response *resp, const char *what, struct text *why)
{
	int err = admwh_response_fail(resp, "%s%s%s", what ? what : "", what ? ": " : "",
				      why->failed ? "out of memory" : text_get(why));

	text_deinit(why);
	return err;
}

void field_invalid(struct text *out, const char *path, const char *value, const char *detail)
{
	text_add(out, "%s: Invalid value: ", path);
	go_quote(out, value);
	text_add(out, ": %s", detail);
}

void field_forbidden(struct text *out, const char *path, const char *detail)
{
	text_add(out, "%s: Forbidden: %s", path, detail);
}
