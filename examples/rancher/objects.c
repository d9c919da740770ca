/* SPDX-License-Identifier: MIT */
/*
 * Reading objects, and refusing them.
 */
#include <string.h>

#include "go_decode.h"
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

const char *string_in(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

const char *text_in(const json_t *object, const char *key)
{
	const char *text = string_in(object, key);

	return text ? text : "";
}

const char *name_of(const json_t *object)
{
	return text_in(json_object_get(object, "metadata"), "name");
}

static const char *in_metadata(const json_t *object, const char *map, const char *key)
{
	const json_t *metadata = json_object_get(object, "metadata");
	const json_t *value = json_object_get(json_object_get(metadata, map), key);

	if (json_is_null(value))
		return ""; /* so Go has it: the key is there, its string is empty */
	return json_string_value(value);
}

const char *label_of(const json_t *object, const char *key)
{
	return in_metadata(object, "labels", key);
}

const char *annotation_of(const json_t *object, const char *key)
{
	return in_metadata(object, "annotations", key);
}

/* Check the object or the oldObject of the review against its type. */
static struct admwh_value decode(const struct admwh_request *req, const char *name,
				 const char *go_type, struct text *wrong)
{
	bool old = strcmp(name, "oldObject") == 0;
	struct admwh_value value = old ? admwh_request_old_object(req) : admwh_request_object(req);
	struct text error = {0};

	if (text_any(wrong) || go_decode_check(value, go_type, &error))
		return value;
	text_add(wrong, "failed to unmarshal request %s: %s", name, text_get(&error));
	wrong->failed = wrong->failed || error.failed;
	text_deinit(&error);
	return value;
}

int values_get(const struct admwh_request *req, struct admwh_response *resp, const char *what,
	       const char *go_type, struct values *values)
{
	struct text wrong = {0};

	*values = (struct values){0};
	if (req->operation != ADMWH_DELETE)
		values->object = decode(req, "object", go_type, &wrong);
	if (req->operation != ADMWH_CREATE)
		values->old = decode(req, "oldObject", go_type, &wrong);
	return text_any(&wrong) ? give_up(resp, what, &wrong) : 0;
}

/* A tree of what there is; without one the library has the error. */
static int set_tree(const json_t **tree, const json_t *built)
{
	*tree = built;
	return built ? 0 : ADMWH_E_HANDLER;
}

int objects_get(const struct admwh_request *req, struct admwh_response *resp, const char *what,
		const char *go_type, struct objects *objects)
{
	struct values values;
	int err = values_get(req, resp, what, go_type, &values);

	*objects = (struct objects){NULL, NULL};
	if (!err && req->operation != ADMWH_DELETE)
		err = set_tree(&objects->object, admwh_request_object_json(req));
	if (!err && req->operation != ADMWH_CREATE)
		err = set_tree(&objects->old, admwh_request_old_object_json(req));
	return err;
}

int object_get(const struct admwh_request *req, struct admwh_response *resp, const char *what,
	       const char *go_type, const json_t **object)
{
	struct text wrong = {0};

	decode(req, "object", go_type, &wrong);
	if (text_any(&wrong))
		return give_up(resp, what, &wrong);
	return set_tree(object, admwh_request_object_json(req));
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

void field_required(struct text *out, const char *path, const char *detail)
{
	text_add(out, "%s: Required value%s%s", path, *detail ? ": " : "", detail);
}

void field_forbidden(struct text *out, const char *path, const char *detail)
{
	text_add(out, "%s: Forbidden: %s", path, detail);
}
