/* SPDX-License-Identifier: MIT */
#include "json/json.h"

#include <stdint.h>
#include <stdlib.h>

#include "json/escape.h"
#include "json/number.h"
#include "json/numbers.h"
#include "json/scan.h"

enum { FIRST_OPEN = 16 };

/* A tree under construction. Each value is hung into its parent as soon as it is made. */
struct builder {
	struct awh_scan scan;
	struct awh_numbers *numbers;
	json_t *root;
	json_t **open; /* containers, outermost first; *borrowed* from root */
	size_t open_capacity;
	const char *key; /* of the next member: into the text, or into key_space */
	size_t key_len;
	char *key_space;
	size_t key_capacity;
	char *string_space;
	size_t string_capacity;
};

/* The string or key just read, without escapes: in place, or in *space. NULL: no memory. */
static const char *resolve(const struct awh_scan *scan, char **space, size_t *capacity, size_t *len)
{
	*len = scan->len;
	if (!scan->escaped)
		return scan->start;
	if (scan->len > *capacity) {
		char *grown = realloc(*space, scan->len);

		if (!grown)
			return NULL;
		*space = grown;
		*capacity = scan->len;
	}
	*len = awh_unescape(*space, scan->start, scan->len);
	return *space;
}

static json_t *make_number(struct builder *builder)
{
	const struct awh_scan *scan = &builder->scan;
	int64_t integer;
	double real = 0;
	json_t *value;
	bool plain = false;

	if (awh_number_integer(scan->start, scan->len, &integer)) {
		value = json_integer(integer);
		plain = !(integer == 0 && scan->len > 1); /* "-0" */
	} else {
		awh_number_real(scan->start, scan->len, &real);
		value = json_real(real);
	}
	if (value && builder->numbers && !plain &&
	    awh_numbers_keep(builder->numbers, value, scan->start, scan->len) < 0) {
		json_decref(value);
		return NULL;
	}
	return value;
}

static json_t *make_string(struct builder *builder)
{
	size_t len;
	const char *text =
	    resolve(&builder->scan, &builder->string_space, &builder->string_capacity, &len);

	return text ? json_stringn_nocheck(text, len) : NULL;
}

static json_t *make_value(struct builder *builder)
{
	switch (builder->scan.item) {
	case AWH_ITEM_NULL:
		return json_null();
	case AWH_ITEM_FALSE:
		return json_false();
	case AWH_ITEM_TRUE:
		return json_true();
	case AWH_ITEM_NUMBER:
		return make_number(builder);
	case AWH_ITEM_STRING:
		return make_string(builder);
	case AWH_ITEM_ARRAY:
		return json_array();
	default:
		return json_object();
	}
}

/* Make room for one more open container at this depth. */
static int reserve_open(struct builder *builder, size_t depth)
{
	size_t capacity = builder->open_capacity ? builder->open_capacity * 2 : FIRST_OPEN;
	json_t **open;

	if (depth <= builder->open_capacity)
		return 0;
	open = realloc(builder->open, capacity * sizeof(json_t *));
	if (!open)
		return ADMWH_E_NOMEM;
	builder->open = open;
	builder->open_capacity = capacity;
	return 0;
}

static int hang(struct builder *builder, json_t *value, size_t depth)
{
	json_t *parent;

	if (depth == 0) {
		builder->root = value;
		return 0;
	}
	parent = builder->open[depth - 1];
	if (json_is_array(parent))
		return json_array_append_new(parent, value) < 0 ? ADMWH_E_NOMEM : 0;
	return json_object_setn_new_nocheck(parent, builder->key, builder->key_len, value) < 0
		   ? ADMWH_E_NOMEM
		   : 0;
}

static int add_value(struct builder *builder)
{
	bool opens = builder->scan.item == AWH_ITEM_ARRAY || builder->scan.item == AWH_ITEM_OBJECT;
	size_t depth = builder->scan.depth - opens; /* containers around the value */
	json_t *value;

	if (opens && reserve_open(builder, depth + 1) < 0)
		return ADMWH_E_NOMEM;
	value = make_value(builder);
	if (!value || hang(builder, value, depth) < 0)
		return ADMWH_E_NOMEM;
	if (opens)
		builder->open[depth] = value;
	return 0;
}

static int add_item(struct builder *builder)
{
	switch (builder->scan.item) {
	case AWH_ITEM_KEY:
		builder->key = resolve(&builder->scan, &builder->key_space, &builder->key_capacity,
				       &builder->key_len);
		return builder->key ? 0 : ADMWH_E_NOMEM;
	case AWH_ITEM_ARRAY_END:
	case AWH_ITEM_OBJECT_END:
	case AWH_ITEM_END:
		return 0;
	default:
		return add_value(builder);
	}
}

/* Walk the text that builder->scan stands before. *new* or NULL. */
static json_t *build(struct builder *builder, struct awh_error *error)
{
	int err;

	do {
		err = awh_scan_next(&builder->scan);
		if (err == 0 && add_item(builder) < 0)
			err = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	} while (err == 0 && builder->scan.item != AWH_ITEM_END);
	if (err < 0) {
		json_decref(builder->root);
		builder->root = NULL;
	}
	awh_scan_deinit(&builder->scan);
	free(builder->open);
	free(builder->key_space);
	free(builder->string_space);
	return builder->root;
}

int awh_json_check(const char *text, size_t len, size_t depth, struct awh_error *error)
{
	struct awh_scan scan;
	int err;

	awh_scan_init(&scan, text, len, depth, error);
	scan.takes_nul = true;
	do
		err = awh_scan_next(&scan);
	while (err == 0 && scan.item != AWH_ITEM_END);
	awh_scan_deinit(&scan);
	return err;
}

json_t *awh_json_parse(const char *text, size_t len, size_t depth, struct awh_numbers *numbers,
		       struct awh_error *error)
{
	struct builder builder = {.numbers = numbers};

	awh_scan_init(&builder.scan, text, len, depth, error);
	builder.scan.takes_nul = true;
	return build(&builder, error);
}

json_t *awh_json_parse_without_nul(const char *text, size_t len, size_t depth,
				   struct awh_numbers *numbers, struct awh_error *error)
{
	struct builder builder = {.numbers = numbers};

	awh_scan_init(&builder.scan, text, len, depth, error);
	return build(&builder, error);
}

json_t *awh_json_build(const char *text, size_t len, struct awh_numbers *numbers)
{
	struct builder builder = {.numbers = numbers};

	awh_scan_init_trusted(&builder.scan, text, len, SIZE_MAX);
	return build(&builder, NULL);
}
