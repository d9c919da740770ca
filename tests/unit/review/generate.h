/* SPDX-License-Identifier: MIT */
/*
 * Documents made by chance, for tests of laws: the same seed makes the same
 * document everywhere. A second document is the first one edited, so that the
 * two have much in common, as an object and its change have.
 */
#ifndef GENERATE_H
#define GENERATE_H

#include <stdint.h>
#include <stdlib.h>

#include <jansson.h>

static inline uint32_t chance(uint64_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 33) % below;
}

static inline const char *any_name(uint64_t *state)
{
	static const char *const names[] = {
	    "",   "a",      "b", "c", "name",     "a/b",      "~",
	    "~1", "0",      "1", "-", "metadata", "\xc3\xa9", "\xf0\x9f\x98\x80",
	    " ",  "x.y/z~",
	};

	return names[chance(state, sizeof(names) / sizeof(*names))];
}

static inline json_t *any_scalar(uint64_t *state)
{
	switch (chance(state, 8)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(chance(state, 2));
	case 2:
		return json_integer(chance(state, 4));
	case 3:
		return json_integer(INT64_MAX - (json_int_t)chance(state, 3));
	case 4:
		return json_real(chance(state, 4) / 4.0);
	default:
		return json_string(any_name(state));
	}
}

static inline json_t *any_document(uint64_t *state, unsigned depth)
{
	const uint32_t kind = chance(state, 10);
	json_t *value;

	if (depth == 0 || kind < 3)
		return any_scalar(state);
	value = kind < 7 ? json_object() : json_array();
	for (uint32_t n = chance(state, 7); n > 0; n--) {
		if (json_is_array(value))
			json_array_append_new(value, any_document(state, depth - 1));
		else
			json_object_set_new(value, any_name(state), any_document(state, depth - 1));
	}
	return value;
}

static inline void edit_children(json_t *value, uint64_t *state, unsigned depth);

/* Change a document in a place or two. */
static inline json_t *edited(json_t *value, uint64_t *state, unsigned depth)
{
	if (chance(state, 8) == 0 || !(json_is_object(value) || json_is_array(value))) {
		if (chance(state, 3) > 0)
			return json_deep_copy(value);
		return any_document(state, depth);
	}
	value = json_deep_copy(value);
	edit_children(value, state, depth);
	return value;
}

static inline void edit_children(json_t *value, uint64_t *state, unsigned depth)
{
	const unsigned below = depth > 0 ? depth - 1 : 0;
	const char *key;
	json_t *child;
	size_t index;
	void *next;

	json_object_foreach_safe(value, next, key, child)
	{
		if (chance(state, 8) == 0)
			json_object_del(value, key);
		else
			json_object_set_new(value, key, edited(child, state, below));
	}
	if (json_is_object(value) && chance(state, 3) == 0)
		json_object_set_new(value, any_name(state), any_document(state, below));
	for (index = 0; index < json_array_size(value); index++) {
		if (chance(state, 6) == 0)
			json_array_remove(value, index);
		else if (chance(state, 6) == 0)
			json_array_insert_new(value, index, any_document(state, below));
		else
			json_array_set_new(value, index,
					   edited(json_array_get(value, index), state, below));
	}
	if (json_is_array(value) && chance(state, 4) == 0)
		json_array_append_new(value, any_document(state, below));
}

#endif
