/* SPDX-License-Identifier: MIT */
#include "json/json.h"

#include <stdint.h>
#include <string.h>

#include "json/number.h"
#include "json/numbers.h"

/* jansson asks for values that are not const even to look at them. */
static json_t *unconst(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}

static json_t *copy_tree(json_t *value, struct awh_numbers *numbers, size_t depth);

static json_t *copy_array(json_t *array, struct awh_numbers *numbers, size_t depth)
{
	json_t *copy = json_array();

	for (size_t i = 0; copy && i < json_array_size(array); i++) {
		json_t *element = copy_tree(json_array_get(array, i), numbers, depth);

		if (!element || json_array_append_new(copy, element) < 0) {
			json_decref(copy);
			return NULL;
		}
	}
	return copy;
}

static json_t *copy_object(json_t *object, struct awh_numbers *numbers, size_t depth)
{
	json_t *copy = json_object();

	for (void *member = json_object_iter(object); copy && member;
	     member = json_object_iter_next(object, member)) {
		json_t *value = copy_tree(json_object_iter_value(member), numbers, depth);

		if (!value ||
		    json_object_setn_new_nocheck(copy, json_object_iter_key(member),
						 json_object_iter_key_len(member), value) < 0) {
			json_decref(copy);
			return NULL;
		}
	}
	return copy;
}

static json_t *copy_number(const json_t *value, struct awh_numbers *numbers)
{
	json_t *copy = json_is_integer(value) ? json_integer(json_integer_value(value))
					      : json_real(json_real_value(value));

	if (copy && awh_numbers_copy(numbers, copy, value) < 0) {
		json_decref(copy);
		return NULL;
	}
	return copy;
}

/* depth: levels that may still follow */
static json_t *copy_tree(json_t *value, struct awh_numbers *numbers, size_t depth)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return depth > 0 ? copy_object(value, numbers, depth - 1) : NULL;
	case JSON_ARRAY:
		return depth > 0 ? copy_array(value, numbers, depth - 1) : NULL;
	case JSON_STRING:
		return json_stringn_nocheck(json_string_value(value), json_string_length(value));
	case JSON_INTEGER:
	case JSON_REAL:
		return copy_number(value, numbers);
	default:
		return json_incref(value);
	}
}

static int copy_children(json_t *copy, json_t *value)
{
	for (void *member = json_object_iter(value); member;
	     member = json_object_iter_next(value, member))
		if (json_object_setn_nocheck(copy, json_object_iter_key(member),
					     json_object_iter_key_len(member),
					     json_object_iter_value(member)) < 0)
			return ADMWH_E_NOMEM;
	for (size_t i = 0; i < json_array_size(value); i++)
		if (json_array_append(copy, json_array_get(value, i)) < 0)
			return ADMWH_E_NOMEM;
	return 0;
}

static bool equal_numbers(const json_t *a, const json_t *b, const struct awh_numbers *numbers)
{
	char a_space[AWH_NUMBER_TEXT];
	char b_space[AWH_NUMBER_TEXT];
	const char *a_text;
	const char *b_text;
	size_t a_len;
	size_t b_len;

	if (json_is_integer(a) && json_is_integer(b))
		return json_integer_value(a) == json_integer_value(b);
	a_text = awh_numbers_text(a, numbers, a_space, &a_len);
	b_text = awh_numbers_text(b, numbers, b_space, &b_len);
	return awh_number_equal(a_text, a_len, b_text, b_len);
}

static bool equal_trees(json_t *a, json_t *b, const struct awh_numbers *numbers, size_t depth);

static bool equal_arrays(json_t *a, json_t *b, const struct awh_numbers *numbers, size_t depth)
{
	if (json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!equal_trees(json_array_get(a, i), json_array_get(b, i), numbers, depth))
			return false;
	return true;
}

static bool equal_objects(json_t *a, json_t *b, const struct awh_numbers *numbers, size_t depth)
{
	if (json_object_size(a) != json_object_size(b))
		return false;
	for (void *member = json_object_iter(a); member;
	     member = json_object_iter_next(a, member)) {
		json_t *other = json_object_getn(b, json_object_iter_key(member),
						 json_object_iter_key_len(member));

		if (!other || !equal_trees(json_object_iter_value(member), other, numbers, depth))
			return false;
	}
	return true;
}

static bool equal_trees(json_t *a, json_t *b, const struct awh_numbers *numbers, size_t depth)
{
	if (json_is_number(a) && json_is_number(b))
		return equal_numbers(a, b, numbers);
	if (json_typeof(a) != json_typeof(b))
		return false;
	switch (json_typeof(a)) {
	case JSON_OBJECT:
		return depth > 0 && equal_objects(a, b, numbers, depth - 1);
	case JSON_ARRAY:
		return depth > 0 && equal_arrays(a, b, numbers, depth - 1);
	case JSON_STRING:
		return json_string_length(a) == json_string_length(b) &&
		       memcmp(json_string_value(a), json_string_value(b), json_string_length(a)) ==
			   0;
	default:
		return true;
	}
}

static bool fits(json_t *value, size_t levels)
{
	if (!json_is_object(value) && !json_is_array(value))
		return true;
	if (levels == 0)
		return false;
	for (void *member = json_object_iter(value); member;
	     member = json_object_iter_next(value, member))
		if (!fits(json_object_iter_value(member), levels - 1))
			return false;
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!fits(json_array_get(value, i), levels - 1))
			return false;
	return true;
}

json_t *awh_json_copy(const json_t *value, struct awh_numbers *numbers)
{
	return copy_tree(unconst(value), numbers, AWH_JSON_DEPTH_MAX);
}

json_t *awh_json_copy_level(const json_t *value)
{
	json_t *copy = json_is_object(value) ? json_object() : json_array();

	if (copy && copy_children(copy, unconst(value)) < 0) {
		json_decref(copy);
		return NULL;
	}
	return copy;
}

bool awh_json_equal(const json_t *a, const json_t *b, const struct awh_numbers *numbers)
{
	return equal_trees(unconst(a), unconst(b), numbers, AWH_JSON_DEPTH_MAX);
}

bool awh_json_fits(const json_t *value, size_t levels)
{
	return fits(unconst(value), levels);
}

bool awh_json_same_text(const json_t *a, const json_t *b, const struct awh_numbers *numbers)
{
	char a_space[AWH_NUMBER_TEXT];
	char b_space[AWH_NUMBER_TEXT];
	size_t a_len;
	size_t b_len;
	const char *a_text = awh_numbers_text(a, numbers, a_space, &a_len);
	const char *b_text = awh_numbers_text(b, numbers, b_space, &b_len);

	return a_len == b_len && memcmp(a_text, b_text, a_len) == 0;
}
