/* SPDX-License-Identifier: MIT */
/*
 * A jansson tree of one entry of an index and all that is in it.
 */
#include "json/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/escape.h"
#include "json/number.h"
#include "json/numbers.h"

enum { FIRST_OPEN = 32 };

struct open {
	json_t *value; /* *borrowed* from the root */
	uint32_t behind;
};

/* A tree under construction. Each value is hung into its parent as soon as it is made. */
struct builder {
	const struct awh_index *index;
	struct awh_numbers *numbers;
	json_t *root;
	struct open *open; /* containers, outermost first */
	size_t n_open;
	size_t open_capacity;
	struct open first[FIRST_OPEN];
	char *space; /* for a string or name that has escapes */
	size_t capacity;
};

/* A string or name, without escapes: in the text, or in builder->space. NULL: no memory. */
static const char *resolve(struct builder *builder, const struct awh_entry *entry, size_t *len)
{
	const char *text = builder->index->text + entry->start;

	*len = entry->len;
	if (!(entry->bits & AWH_ENTRY_ESCAPED))
		return text;
	if (entry->len > builder->capacity) {
		char *grown = realloc(builder->space, entry->len);

		if (!grown)
			return NULL;
		builder->space = grown;
		builder->capacity = entry->len;
	}
	*len = awh_unescape(builder->space, text, entry->len);
	return builder->space;
}

static json_t *make_number(const struct builder *builder, const struct awh_entry *entry)
{
	const char *text = builder->index->text + entry->start;
	int64_t integer;
	double real = 0;
	json_t *value;
	bool plain = false;

	if (awh_number_integer(text, entry->len, &integer)) {
		value = json_integer(integer);
		plain = !(integer == 0 && entry->len > 1); /* "-0" */
	} else {
		awh_number_real(text, entry->len, &real);
		value = json_real(real);
	}
	if (value && builder->numbers && !plain &&
	    awh_numbers_keep(builder->numbers, value, text, entry->len) < 0) {
		json_decref(value);
		return NULL;
	}
	return value;
}

static json_t *make_string(struct builder *builder, const struct awh_entry *entry)
{
	size_t len;
	const char *text = resolve(builder, entry, &len);

	return text ? json_stringn_nocheck(text, len) : NULL;
}

static json_t *make_value(struct builder *builder, const struct awh_entry *entry)
{
	switch (awh_entry_kind(entry)) {
	case AWH_KIND_NULL:
		return json_null();
	case AWH_KIND_FALSE:
		return json_false();
	case AWH_KIND_TRUE:
		return json_true();
	case AWH_KIND_NUMBER:
		return make_number(builder, entry);
	case AWH_KIND_ARRAY:
		return json_array();
	case AWH_KIND_OBJECT:
		return json_object();
	default:
		return make_string(builder, entry);
	}
}

/* Hang a value into its parent; the entry before a member's value is its name. *steals* value */
static int hang(struct builder *builder, uint32_t entry, json_t *value)
{
	json_t *parent;
	const char *key;
	size_t len;

	if (builder->n_open == 0) {
		builder->root = value;
		return 0;
	}
	parent = builder->open[builder->n_open - 1].value;
	if (json_is_array(parent))
		return json_array_append_new(parent, value);
	key = resolve(builder, &builder->index->entries[entry - 1], &len);
	if (key)
		return json_object_setn_new_nocheck(parent, key, len, value);
	json_decref(value);
	return ADMWH_E_NOMEM;
}

static int grow_open(struct builder *builder)
{
	const size_t capacity = builder->open_capacity * 2;
	const bool is_first = builder->open == builder->first;
	struct open *open = realloc(is_first ? NULL : builder->open, capacity * sizeof(*open));

	if (!open)
		return ADMWH_E_NOMEM;
	if (is_first)
		memcpy(open, builder->first, sizeof(builder->first));
	builder->open = open;
	builder->open_capacity = capacity;
	return 0;
}

static int add(struct builder *builder, uint32_t entry)
{
	const struct awh_entry *e = &builder->index->entries[entry];
	const bool opens = awh_entry_is_container(e);
	json_t *value;

	while (builder->n_open > 0 && builder->open[builder->n_open - 1].behind == entry)
		builder->n_open--;
	if (awh_entry_kind(e) == AWH_KIND_NAME)
		return 0;
	if (opens && builder->n_open == builder->open_capacity && grow_open(builder) < 0)
		return ADMWH_E_NOMEM;
	value = make_value(builder, e);
	if (!value || hang(builder, entry, value) < 0)
		return ADMWH_E_NOMEM;
	if (opens)
		builder->open[builder->n_open++] = (struct open){value, e->next};
	return 0;
}

json_t *awh_json_build(const struct awh_index *index, uint32_t entry, struct awh_numbers *numbers)
{
	const uint32_t behind = awh_index_behind(index, entry);
	struct builder builder = {.index = index, .numbers = numbers, .open_capacity = FIRST_OPEN};
	int err = 0;

	builder.open = builder.first;
	for (uint32_t i = entry; i < behind && err == 0; i++)
		err = add(&builder, i);
	if (err < 0) {
		json_decref(builder.root);
		builder.root = NULL;
	}
	if (builder.open != builder.first)
		free(builder.open);
	free(builder.space);
	return builder.root;
}

size_t awh_json_tree_size(const struct awh_index *index, uint32_t entry, size_t each)
{
	const uint32_t behind = awh_index_behind(index, entry);
	size_t count = 0;
	size_t len;

	for (uint32_t i = entry; i < behind; i++)
		count += awh_entry_kind(&index->entries[i]) != AWH_KIND_NAME;
	awh_index_raw(index, entry, &len);
	return count * each + len;
}
