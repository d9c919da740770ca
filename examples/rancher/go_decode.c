/* SPDX-License-Identifier: MIT */
#include "go_decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "go_text.h"
#include "go_time.h"
#include "go_types.h"
#include "rancher.h"

/* Where a value stands. Frames are on the stack of the walk, each below the one it is in. */
struct frame {
	const struct frame *up;
	struct go_span type; /* of the struct whose member it is; .at is NULL in lists and maps */
	struct go_span name; /* of the member, as messages have it */
};

/*
 * Go goes on behind a value of the wrong type and tells the first at the end. What a type's own
 * UnmarshalJSON() complains about ends the decoding at once, and is told instead.
 */
struct walk {
	struct text *error;
	bool ended;
};

static void clear(struct text *text)
{
	text->len = 0;
}

static bool is(struct admwh_value value, enum admwh_kind kind)
{
	return admwh_value_kind(value) == kind;
}

/* Go's word for a kind. */
static const char *kind_name(struct admwh_value value)
{
	static const char *const names[] = {
	    [ADMWH_ABSENT] = "null",   [ADMWH_NULL] = "null",     [ADMWH_BOOLEAN] = "bool",
	    [ADMWH_NUMBER] = "number", [ADMWH_STRING] = "string", [ADMWH_ARRAY] = "array",
	    [ADMWH_OBJECT] = "object",
	};

	return names[admwh_value_kind(value)];
}

/* A number as it was written, which messages quote. */
static void add_number(struct admwh_value value, struct text *out)
{
	size_t len;
	const char *number = admwh_value_raw(value, &len);

	text_add_bytes(out, number, len);
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

static void wrong_type(const struct walk *walk, const struct frame *frame, struct admwh_value value,
		       struct go_span type)
{
	struct text *out = walk->error;
	struct go_span underlying = go_underlying(type);

	if (text_any(out))
		return;
	text_add(out, "json: cannot unmarshal %s", kind_name(value));
	if (is(value, ADMWH_NUMBER) &&
	    (go_span_skip(&underlying, "int") || go_span_skip(&underlying, "uint"))) {
		text_add(out, " ");
		add_number(value, out);
	}
	text_add(out, " into ");
	add_place(frame, out);
	text_add(out, " of type ");
	text_add_bytes(out, type.at, type.len);
}

/* What UnmarshalJSON() of a type does. False with an error that ends the decoding. */
typedef bool custom_fn(struct walk *walk, const struct frame *frame, struct admwh_value value);

static bool end_wrong_type(struct walk *walk, const struct frame *frame, struct admwh_value value,
			   const char *type)
{
	clear(walk->error);
	wrong_type(walk, frame, value, go_span(type));
	return false;
}

/* *Steals* error; ended: there is one. */
static bool end_unless(bool valid, struct walk *walk, struct text *error)
{
	if (!valid) {
		clear(walk->error);
		text_add(walk->error, "%s", text_get(error));
		walk->error->failed = walk->error->failed || error->failed;
	}
	text_deinit(error);
	return valid;
}

/* NULL where U+0000 would end it early: the library then has the error, which fails the review. */
static const char *c_string(struct walk *walk, struct admwh_value value)
{
	const char *text = admwh_value_string(value);

	walk->error->failed = walk->error->failed || !text;
	return text;
}

static bool decode_time(struct walk *walk, const struct frame *frame, struct admwh_value value)
{
	struct text error = {0};
	const char *text;

	if (is(value, ADMWH_NULL))
		return true;
	if (!is(value, ADMWH_STRING))
		return end_wrong_type(walk, frame, value, "string");
	text = c_string(walk, value);
	return text && end_unless(go_time_check(text, &error), walk, &error);
}

static bool decode_duration(struct walk *walk, const struct frame *frame, struct admwh_value value)
{
	struct text error = {0};
	const char *text;
	int64_t ns;

	if (is(value, ADMWH_NULL))
		return true;
	if (!is(value, ADMWH_STRING))
		return end_wrong_type(walk, frame, value, "string");
	text = c_string(walk, value);
	return text && end_unless(go_duration_parse(text, &ns, &error), walk, &error);
}

/* Quantity.UnmarshalJSON() reads JSON itself: it trims quotes and spaces, and knows no escapes. */
static struct go_span quantity_text(struct admwh_value value)
{
	struct go_span text;

	text.at = admwh_value_raw(value, &text.len);
	if (!is(value, ADMWH_STRING))
		return text;
	for (text.at++, text.len -= 2; text.len > 0 && *text.at == ' '; text.len--)
		text.at++;
	while (text.len > 0 && text.at[text.len - 1] == ' ')
		text.len--;
	return text;
}

static bool decode_quantity(struct walk *walk, const struct frame *frame, struct admwh_value value)
{
	const struct go_span span = quantity_text(value);
	struct text text = {0}, error = {0};
	struct admwh_quantity quantity;

	(void)frame;
	if (is(value, ADMWH_NULL))
		return true;
	text_add_bytes(&text, span.at, span.len);
	if (admwh_quantity_parse_text(&quantity, text_get(&text)))
		text_add(&error, "%s", quantity.error);
	error.failed = error.failed || text.failed;
	text_deinit(&text);
	return end_unless(!text_any(&error), walk, &error);
}

/* As strconv.ParseInt() takes it: 1.0 and 1e3 are none. */
static bool is_int(struct admwh_value value, int64_t least, int64_t most)
{
	size_t len;
	const char *raw = admwh_value_raw(value, &len);
	char text[32], *end; /* longer than any int64 */
	int64_t number;

	if (!is(value, ADMWH_NUMBER) || len >= sizeof(text))
		return false;
	memcpy(text, raw, len);
	text[len] = '\0';
	errno = 0;
	number = strtoll(text, &end, 10);
	return *end == '\0' && errno == 0 && number >= least && number <= most;
}

static bool decode_int_or_string(struct walk *walk, const struct frame *frame,
				 struct admwh_value value)
{
	return is(value, ADMWH_STRING) || is(value, ADMWH_NULL) ||
	       is_int(value, INT32_MIN, INT32_MAX) || end_wrong_type(walk, frame, value, "int32");
}

static bool decode_any(struct walk *walk, const struct frame *frame, struct admwh_value value)
{
	(void)walk;
	(void)frame;
	(void)value;
	return true;
}

static bool decode_any_map(struct walk *walk, const struct frame *frame, struct admwh_value value)
{
	return is(value, ADMWH_OBJECT) || is(value, ADMWH_NULL) ||
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
static bool is_basic(struct go_span type, struct admwh_value value)
{
	if (go_span_is(type, "string"))
		return is(value, ADMWH_STRING);
	if (go_span_is(type, "bool"))
		return is(value, ADMWH_BOOLEAN);
	if (go_span_is(type, "uint8"))
		return is_int(value, 0, UINT8_MAX);
	if (go_span_is(type, "int32"))
		return is_int(value, INT32_MIN, INT32_MAX);
	return is_int(value, INT64_MIN, INT64_MAX); /* int, int64 */
}

static void walk_value(struct walk *walk, const struct frame *frame, struct go_span type,
		       struct admwh_value value);

/* The elements of a list, or the values of a map. */
static void walk_all(struct walk *walk, const struct frame *frame, struct go_span element,
		     struct admwh_value all)
{
	struct frame inner = {.up = frame};

	admwh_value_foreach(item, all) {
		if (walk->ended)
			break;
		walk_value(walk, &inner, element, item);
	}
}

static void walk_struct(struct walk *walk, const struct frame *frame, struct go_span type,
			struct admwh_value object)
{
	const char *members = go_struct_members(type);
	struct frame inner = {.up = frame, .type = type};
	struct go_member member;

	admwh_value_foreach_member(item, object) {
		struct go_span key;

		key.at = admwh_value_key(item, &key.len);
		if (walk->ended)
			break;
		if (!go_member_find(members, key, &member))
			continue;
		inner.name = member.name;
		walk_value(walk, &inner, member.type, item);
	}
}

/* Bytes are base64 (RFC 4648) in a string, or a list of numbers. */
static void walk_bytes(struct walk *walk, const struct frame *frame, struct go_span type,
		       struct admwh_value value)
{
	struct text error = {0};
	const char *text;

	if (is(value, ADMWH_ARRAY)) {
		walk_all(walk, frame, go_span("uint8"), value);
	} else if (!is(value, ADMWH_STRING)) {
		wrong_type(walk, frame, value, type);
	} else {
		text = c_string(walk, value);
		if (text && !go_base64_check(text, &error) && !text_any(walk->error))
			text_add(walk->error, "%s", text_get(&error));
	}
	text_deinit(&error);
}

static void walk_value(struct walk *walk, const struct frame *frame, struct go_span type,
		       struct admwh_value value)
{
	struct go_span underlying, element;
	custom_fn *custom;

	go_span_skip(&type, "*");
	custom = custom_of(type);
	if (custom) {
		walk->ended = !custom(walk, frame, value);
		return;
	}
	if (is(value, ADMWH_NULL))
		return;
	underlying = element = go_underlying(type);
	if (go_span_is(underlying, "[]uint8"))
		walk_bytes(walk, frame, type, value);
	else if (go_span_skip(&element, "[]") && is(value, ADMWH_ARRAY))
		walk_all(walk, frame, element, value);
	else if (go_span_skip(&element, "map[string]") && is(value, ADMWH_OBJECT))
		walk_all(walk, frame, element, value);
	else if (go_struct_members(underlying) && is(value, ADMWH_OBJECT))
		walk_struct(walk, frame, underlying, value);
	else if (element.at != underlying.at || go_struct_members(underlying) ||
		 !is_basic(underlying, value))
		wrong_type(walk, frame, value, type);
}

bool go_decode_check(struct admwh_value value, const char *type, struct text *error)
{
	struct walk walk = {.error = error};

	if (admwh_value_is_absent(value))
		text_add(error, "unexpected end of JSON input");
	else
		walk_value(&walk, NULL, go_span(type), value);
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
	json_object_foreach(a, key, item) {
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
