/* SPDX-License-Identifier: MIT */
#include "json/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "json/escape.h"
#include "json/number.h"
#include "json/scan.h"

enum { FIRST_NUMBERS = 64, FIRST_OPEN = 16 };

struct number {
	json_t *value; /* a reference of the table's own; NULL: free place */
	uint64_t bits; /* of the value when it was read */
	const char *text;
	size_t len;
};

/* Open addressing, at most half full. */
struct awh_numbers {
	struct number *places;
	size_t n_places; /* a power of two */
	size_t n_numbers;
	struct awh_arena texts;
};

/* What tells whether a program has set the value since. */
static uint64_t bits_of(const json_t *value)
{
	uint64_t bits;
	double real;

	if (json_is_integer(value))
		return (uint64_t)json_integer_value(value);
	real = json_real_value(value);
	memcpy(&bits, &real, sizeof(bits));
	return bits;
}

/* The place of a value, or the free one where it belongs. */
static struct number *find_place(const struct awh_numbers *numbers, const json_t *value)
{
	uint64_t hash = (uint64_t)(uintptr_t)value * UINT64_C(0x9e3779b97f4a7c15);
	size_t mask = numbers->n_places - 1;
	size_t i = (size_t)(hash >> 32) & mask;

	while (numbers->places[i].value && numbers->places[i].value != value)
		i = (i + 1) & mask;
	return &numbers->places[i];
}

static int grow_numbers(struct awh_numbers *numbers)
{
	struct awh_numbers grown = *numbers;

	grown.n_places = numbers->n_places ? numbers->n_places * 2 : FIRST_NUMBERS;
	grown.places = calloc(grown.n_places, sizeof(*grown.places));
	if (!grown.places)
		return ADMWH_E_NOMEM;
	for (size_t i = 0; i < numbers->n_places; i++)
		if (numbers->places[i].value)
			*find_place(&grown, numbers->places[i].value) = numbers->places[i];
	free(numbers->places);
	*numbers = grown;
	return 0;
}

static int keep_text(struct awh_numbers *numbers, json_t *value, const char *text, size_t len)
{
	char *copy;

	if (numbers->n_numbers >= numbers->n_places / 2 && grow_numbers(numbers) < 0)
		return ADMWH_E_NOMEM;
	copy = awh_arena_strndup(&numbers->texts, text, len);
	if (!copy)
		return ADMWH_E_NOMEM;
	*find_place(numbers, value) = (struct number){
	    .value = json_incref(value), .bits = bits_of(value), .text = copy, .len = len};
	numbers->n_numbers++;
	return 0;
}

/* The text a value was read from, unless it was changed since. */
static const struct number *find_text(const struct awh_numbers *numbers, const json_t *value)
{
	const struct number *number;

	if (!numbers || numbers->n_numbers == 0)
		return NULL;
	number = find_place(numbers, value);
	return number->value && number->bits == bits_of(value) ? number : NULL;
}

/* The text a number is written as: the one it was read from, or one made in space. */
static const char *number_text(const json_t *value, const struct awh_numbers *numbers,
			       char space[AWH_NUMBER_TEXT], size_t *len)
{
	const struct number *number = find_text(numbers, value);

	if (number) {
		*len = number->len;
		return number->text;
	}
	*len = json_is_integer(value) ? awh_number_format_integer(space, json_integer_value(value))
				      : awh_number_format(space, json_real_value(value));
	return space;
}

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
	    keep_text(builder->numbers, value, scan->start, scan->len) < 0) {
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
	const struct number *number = find_text(numbers, value);
	json_t *copy = json_is_integer(value) ? json_integer(json_integer_value(value))
					      : json_real(json_real_value(value));

	if (copy && number && keep_text(numbers, copy, number->text, number->len) < 0) {
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
	a_text = number_text(a, numbers, a_space, &a_len);
	b_text = number_text(b, numbers, b_space, &b_len);
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

static void write_tree(struct awh_buf *buf, json_t *value, const struct awh_numbers *numbers,
		       size_t depth);

static void write_array(struct awh_buf *buf, json_t *array, const struct awh_numbers *numbers,
			size_t depth)
{
	awh_buf_put(buf, "[", 1);
	for (size_t i = 0; i < json_array_size(array) && !buf->failed; i++) {
		if (i > 0)
			awh_buf_put(buf, ",", 1);
		write_tree(buf, json_array_get(array, i), numbers, depth);
	}
	awh_buf_put(buf, "]", 1);
}

static void write_object(struct awh_buf *buf, json_t *object, const struct awh_numbers *numbers,
			 size_t depth)
{
	const char *separator = "";

	awh_buf_put(buf, "{", 1);
	for (void *member = json_object_iter(object); member && !buf->failed;
	     member = json_object_iter_next(object, member)) {
		awh_buf_puts(buf, separator);
		awh_put_json_string(buf, json_object_iter_key(member),
				    json_object_iter_key_len(member));
		awh_buf_put(buf, ":", 1);
		write_tree(buf, json_object_iter_value(member), numbers, depth);
		separator = ",";
	}
	awh_buf_put(buf, "}", 1);
}

static void write_number(struct awh_buf *buf, const json_t *value,
			 const struct awh_numbers *numbers)
{
	char space[AWH_NUMBER_TEXT];
	size_t len;
	const char *text = number_text(value, numbers, space, &len);

	awh_buf_put(buf, text, len);
}

static void write_tree(struct awh_buf *buf, json_t *value, const struct awh_numbers *numbers,
		       size_t depth)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		if (depth == 0 && !buf->failed)
			buf->failed = ADMWH_E_LIMIT;
		else if (json_is_object(value))
			write_object(buf, value, numbers, depth - 1);
		else
			write_array(buf, value, numbers, depth - 1);
		break;
	case JSON_STRING:
		awh_put_json_string(buf, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		write_number(buf, value, numbers);
		break;
	case JSON_TRUE:
		awh_buf_puts(buf, "true");
		break;
	case JSON_FALSE:
		awh_buf_puts(buf, "false");
		break;
	case JSON_NULL:
		awh_buf_puts(buf, "null");
		break;
	}
}

struct awh_numbers *awh_numbers_new(void)
{
	return calloc(1, sizeof(struct awh_numbers));
}

void awh_numbers_free(struct awh_numbers *numbers)
{
	if (!numbers)
		return;
	for (size_t i = 0; i < numbers->n_places; i++)
		json_decref(numbers->places[i].value);
	free(numbers->places);
	awh_arena_deinit(&numbers->texts);
	free(numbers);
}

int awh_json_check(const char *text, size_t len, size_t depth, struct awh_error *error)
{
	struct awh_scan scan;
	int err;

	awh_scan_init(&scan, text, len, depth, error);
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
	return build(&builder, error);
}

json_t *awh_json_build(const char *text, size_t len, struct awh_numbers *numbers)
{
	struct builder builder = {.numbers = numbers};

	awh_scan_init_trusted(&builder.scan, text, len, SIZE_MAX);
	return build(&builder, NULL);
}

json_t *awh_json_copy(const json_t *value, struct awh_numbers *numbers)
{
	return copy_tree(unconst(value), numbers, AWH_JSON_DEPTH_MAX);
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
	const char *a_text = number_text(a, numbers, a_space, &a_len);
	const char *b_text = number_text(b, numbers, b_space, &b_len);

	return a_len == b_len && memcmp(a_text, b_text, a_len) == 0;
}

void awh_json_write(struct awh_buf *buf, const json_t *value, const struct awh_numbers *numbers)
{
	write_tree(buf, unconst(value), numbers, AWH_JSON_DEPTH_MAX);
}
