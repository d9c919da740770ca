/* SPDX-License-Identifier: MIT */
#include "go_decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "go_text.h"
#include "go_time.h"
#include "go_types.h"
#include "quantity.h"
#include "rancher.h"

/* Where a value stands. Frames are on the stack of the walk, each below the one it is in. */
struct frame {
	const struct frame *up;
	struct go_span type; /* of the struct whose member it is; .at is NULL in lists and maps */
	struct go_span name; /* of the member, as messages have it */
	const char *key;     /* in JSON; NULL in a list */
	size_t index;        /* in a list */
};

/*
 * Go goes on behind a value of the wrong type and tells the first at the end. What a type's own
 * UnmarshalJSON() complains about ends the decoding at once, and is told instead.
 */
struct walk {
	const struct go_source *source;
	struct text *error;
	bool ended;
};

struct go_source go_source_of(const struct admwh_request *req, const char *pointer, json_t *value)
{
	struct go_source source = {.pointer = pointer, .value = json_is_null(value) ? NULL : value};

	source.text = admwh_request_body(req, &source.len);
	return source;
}

static void clear(struct text *text)
{
	text->len = 0;
}

static const json_t *locate(const json_t *root, const struct frame *frame)
{
	const json_t *in;

	if (!frame)
		return root;
	in = locate(root, frame->up);
	return frame->key ? json_object_get(in, frame->key) : json_array_get(in, frame->index);
}

/* A number as it was written, which its value does not tell: the text is parsed once more. */
static void add_number(const struct walk *walk, const struct frame *frame, struct text *out)
{
	struct admwh_json *json = admwh_json_new();
	const struct go_source *source = walk->source;
	json_t *document = json ? admwh_json_parse(json, source->text, source->len) : NULL;
	const json_t *root = admwh_json_pointer_get(document, source->pointer);
	char *number = document ? admwh_json_write(json, locate(root, frame), NULL) : NULL;

	if (number)
		text_add(out, "%s", number);
	out->failed = out->failed || !number;
	free(number);
	json_decref(document);
	admwh_json_free(json);
}

/* The members on the way to the frame, joined by ".". */
static void add_names(const struct frame *frame, struct text *out)
{
	if (!frame)
		return;
	add_names(frame->up, out);
	if (!frame->type.at)
		return;
	text_add(out, ".");
	text_add_bytes(out, frame->name.at, frame->name.len);
}

/* "Struct.path.to.member", the struct being the innermost. */
static void add_place(const struct frame *frame, struct text *out)
{
	const struct frame *member = frame;
	struct go_span type;
	const char *dot;

	while (member && !member->type.at)
		member = member->up;
	if (!member) {
		text_add(out, "Go value");
		return;
	}
	type = member->type;
	dot = memchr(type.at, '.', type.len); /* without its package */
	text_add(out, "Go struct field ");
	text_add_bytes(out, dot + 1, type.len - (size_t)(dot + 1 - type.at));
	add_names(member, out);
}

static void wrong_type(const struct walk *walk, const struct frame *frame, const json_t *value,
		       struct go_span type)
{
	struct text *out = walk->error;
	struct go_span underlying = go_underlying(type);

	if (text_any(out))
		return;
	text_add(out, "json: cannot unmarshal %s", go_type_name(value));
	if (json_is_number(value) &&
	    (go_span_skip(&underlying, "int") || go_span_skip(&underlying, "uint"))) {
		text_add(out, " ");
		add_number(walk, frame, out);
	}
	text_add(out, " into ");
	add_place(frame, out);
	text_add(out, " of type ");
	text_add_bytes(out, type.at, type.len);
}

/* What UnmarshalJSON() of a type does. False with an error that ends the decoding. */
typedef bool custom_fn(struct walk *walk, const struct frame *frame, json_t *value);

static bool end_wrong_type(struct walk *walk, const struct frame *frame, json_t *value,
			   const char *type)
{
	clear(walk->error);
	wrong_type(walk, frame, value, go_span(type));
	return false;
}

static bool decode_time(struct walk *walk, const struct frame *frame, json_t *value)
{
	struct text error = {0};

	if (json_is_null(value))
		return true;
	if (!json_is_string(value))
		return end_wrong_type(walk, frame, value, "string");
	if (go_time_check(json_string_value(value), &error))
		return true;
	clear(walk->error);
	text_add(walk->error, "%s", text_get(&error));
	text_deinit(&error);
	return false;
}

static bool decode_duration(struct walk *walk, const struct frame *frame, json_t *value)
{
	struct text error = {0};
	int64_t ns;

	if (json_is_null(value))
		return true;
	if (!json_is_string(value))
		return end_wrong_type(walk, frame, value, "string");
	if (go_duration_parse(json_string_value(value), &ns, &error))
		return true;
	clear(walk->error);
	text_add(walk->error, "%s", text_get(&error));
	text_deinit(&error);
	return false;
}

static bool decode_quantity(struct walk *walk, const struct frame *frame, json_t *value)
{
	struct text text = {0}, error = {0};
	struct quantity quantity = {0};
	bool valid;

	if (json_is_null(value))
		return true;
	if (json_is_string(value))
		text_add(&text, "%s", json_string_value(value));
	else if (json_is_number(value))
		add_number(walk, frame, &text);
	else
		text_add(&text, "%s", go_type_name(value)); /* no quantity either */
	valid = !text.failed && quantity_parse(text_get(&text), &quantity, &error);
	if (!valid) {
		clear(walk->error);
		text_add(walk->error, "%s", text_get(&error));
		walk->error->failed = walk->error->failed || text.failed;
	}
	quantity_free(&quantity);
	text_deinit(&error);
	text_deinit(&text);
	return valid;
}

static bool is_int(const json_t *value, int64_t least, int64_t most)
{
	return json_is_integer(value) && json_integer_value(value) >= least &&
	       json_integer_value(value) <= most;
}

static bool decode_int_or_string(struct walk *walk, const struct frame *frame, json_t *value)
{
	return json_is_string(value) || json_is_null(value) ||
	       is_int(value, INT32_MIN, INT32_MAX) || end_wrong_type(walk, frame, value, "int32");
}

static bool decode_any(struct walk *walk, const struct frame *frame, json_t *value)
{
	(void)walk;
	(void)frame;
	(void)value;
	return true;
}

static bool decode_any_map(struct walk *walk, const struct frame *frame, json_t *value)
{
	return json_is_object(value) || json_is_null(value) ||
	       end_wrong_type(walk, frame, value, "map[string]interface {}");
}

static custom_fn *custom_of(struct go_span type)
{
	static const struct {
		const char *name;
		custom_fn *decode;
	} customs[] = {
	    {"intstr.IntOrString", decode_int_or_string},
	    {"resource.Quantity", decode_quantity},
	    {"v1.Duration", decode_duration},
	    {"v1.FieldsV1", decode_any},
	    {"v1.GenericMap", decode_any_map},
	    {"v1.Time", decode_time},
	};

	for (size_t i = 0; i < sizeof(customs) / sizeof(customs[0]); i++)
		if (go_span_is(type, customs[i].name))
			return customs[i].decode;
	return NULL;
}

/* A basic type, whose range is that of its bits. */
static bool is_basic(struct go_span type, const json_t *value)
{
	if (go_span_is(type, "string"))
		return json_is_string(value);
	if (go_span_is(type, "bool"))
		return json_is_boolean(value);
	if (go_span_is(type, "uint8"))
		return is_int(value, 0, UINT8_MAX);
	if (go_span_is(type, "int32"))
		return is_int(value, INT32_MIN, INT32_MAX);
	return json_is_integer(value); /* int, int64 */
}

static void walk_value(struct walk *walk, const struct frame *frame, struct go_span type,
		       json_t *value);

static void walk_list(struct walk *walk, const struct frame *frame, struct go_span element,
		      json_t *list)
{
	struct frame inner = {.up = frame};
	json_t *item;

	json_array_foreach(list, inner.index, item)
	{
		if (walk->ended)
			break;
		walk_value(walk, &inner, element, item);
	}
}

static void walk_map(struct walk *walk, const struct frame *frame, struct go_span element,
		     json_t *map)
{
	struct frame inner = {.up = frame};
	json_t *item;

	json_object_foreach(map, inner.key, item)
	{
		if (walk->ended)
			break;
		walk_value(walk, &inner, element, item);
	}
}

static void walk_struct(struct walk *walk, const struct frame *frame, struct go_span type,
			json_t *object)
{
	const char *members = go_struct_members(type);
	struct frame inner = {.up = frame, .type = type};
	struct go_member member;
	json_t *item;

	json_object_foreach(object, inner.key, item)
	{
		if (walk->ended)
			break;
		if (!go_member_find(members, inner.key, &member))
			continue;
		inner.name = member.name;
		walk_value(walk, &inner, member.type, item);
	}
}

/* Bytes are base64 (RFC 4648) in a string, or a list of numbers. */
static void walk_bytes(struct walk *walk, const struct frame *frame, struct go_span type,
		       json_t *value)
{
	struct text error = {0};

	if (json_is_array(value))
		walk_list(walk, frame, go_span("uint8"), value);
	else if (!json_is_string(value))
		wrong_type(walk, frame, value, type);
	else if (!go_base64_check(json_string_value(value), &error) && !text_any(walk->error))
		text_add(walk->error, "%s", text_get(&error));
	text_deinit(&error);
}

static void walk_value(struct walk *walk, const struct frame *frame, struct go_span type,
		       json_t *value)
{
	struct go_span underlying, element;
	custom_fn *custom;

	go_span_skip(&type, "*");
	custom = custom_of(type);
	if (custom) {
		walk->ended = !custom(walk, frame, value);
		return;
	}
	if (json_is_null(value))
		return;
	underlying = element = go_underlying(type);
	if (go_span_is(underlying, "[]uint8"))
		walk_bytes(walk, frame, type, value);
	else if (go_span_skip(&element, "[]") && json_is_array(value))
		walk_list(walk, frame, element, value);
	else if (go_span_skip(&element, "map[string]") && json_is_object(value))
		walk_map(walk, frame, element, value);
	else if (go_struct_members(underlying) && json_is_object(value))
		walk_struct(walk, frame, underlying, value);
	else if (element.at != underlying.at || go_struct_members(underlying) ||
		 !is_basic(underlying, value))
		wrong_type(walk, frame, value, type);
}

bool go_decode_check(const struct go_source *source, const char *type, struct text *error)
{
	struct walk walk = {.source = source, .error = error};

	if (!source->value)
		text_add(error, "unexpected end of JSON input");
	else
		walk_value(&walk, NULL, go_span(type), source->value);
	return !text_any(error);
}

static bool equal(struct go_span type, json_t *a, json_t *b);

static bool equal_lists(struct go_span element, const json_t *a, const json_t *b)
{
	if (!a || !b || json_array_size(a) != json_array_size(b))
		return a == b;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!equal(element, json_array_get(a, i), json_array_get(b, i)))
			return false;
	return true;
}

static bool equal_maps(struct go_span element, json_t *a, json_t *b)
{
	const char *key;
	json_t *item;

	if (!a || !b || json_object_size(a) != json_object_size(b))
		return a == b;
	json_object_foreach(a, key, item)
	{
		json_t *other = json_object_get(b, key);

		if (!other || !equal(element, item, other))
			return false;
	}
	return true;
}

static bool equal_structs(const char *members, const json_t *a, const json_t *b)
{
	struct go_member member;

	while (go_member_next(&members, &member)) {
		char key[64]; /* longer than any member's name */

		snprintf(key, sizeof(key), "%.*s", (int)member.key.len, member.key.at);
		if (!equal(member.type, json_object_get(a, key), json_object_get(b, key)))
			return false;
	}
	return true;
}

/* Absent is "", 0 and false. */
static bool equal_basic(const json_t *a, const json_t *b)
{
	const json_t *value = a ? a : b;

	if (a && b)
		return json_equal(a, b);
	if (json_is_string(value))
		return json_string_length(value) == 0;
	if (json_is_integer(value))
		return json_integer_value(value) == 0;
	return !json_is_true(value);
}

static bool equal(struct go_span type, json_t *a, json_t *b)
{
	struct go_span element;

	a = json_is_null(a) ? NULL : a;
	b = json_is_null(b) ? NULL : b;
	if (go_span_skip(&type, "*") && (!a || !b))
		return a == b;
	element = go_underlying(type);
	if (go_span_skip(&element, "[]"))
		return equal_lists(element, a, b);
	if (go_span_skip(&element, "map[string]"))
		return equal_maps(element, a, b);
	if (go_struct_members(element))
		return equal_structs(go_struct_members(element), a, b);
	return equal_basic(a, b);
}

bool go_decode_equal(const char *type, const json_t *a, const json_t *b)
{
	return equal_structs(go_struct_members(go_span(type)), a, b);
}
