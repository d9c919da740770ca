/* SPDX-License-Identifier: MIT */
#include "identity/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "identity/lines.h"

enum { FIRST_CAPACITY = 8, TEXT_MAX = 8192, QUOTED_MAX = 64 };

static int no_memory(struct awh_error *error)
{
	return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
}

static bool make_room(struct awh_values *values)
{
	size_t capacity = values->capacity ? values->capacity * 2 : FIRST_CAPACITY;
	struct awh_value *items;

	if (values->n_items < values->capacity)
		return true;
	items = realloc(values->items, capacity * sizeof(*items));
	if (!items)
		return false;
	values->items = items;
	values->capacity = capacity;
	return true;
}

static int append(struct awh_values *values, const struct awh_value_kind *kind,
		  const struct awh_buf *text, struct awh_error *error)
{
	char *copy;

	if (text->err || !make_room(values))
		return no_memory(error);
	copy = awh_arena_strndup(&values->arena, text->data, text->len);
	if (!copy)
		return no_memory(error);
	values->items[values->n_items++] = (struct awh_value){
	    .kind = kind->number, .text = copy, .value = copy + strlen(kind->name) + 1};
	values->kinds |= 1U << kind->number;
	return 0;
}

/* As much of a clean value as a message has room for, cut between characters. */
static size_t quoted(const char *value, size_t len)
{
	size_t n = len < QUOTED_MAX ? len : QUOTED_MAX;

	while (n < len && n > 0 && ((unsigned char)value[n] & 0xC0) == 0x80)
		n--;
	return n;
}

int awh_values_add(struct awh_values *values, const struct awh_value_kind *kind, const char *value,
		   size_t len, size_t max, struct awh_error *error)
{
	struct awh_error reason = {0};
	struct awh_buf text;
	int err;

	if (len == 0)
		return awh_fail(error, ADMWH_E_INVAL, "%s: an empty value matches no certificate",
				kind->name);
	if (!awh_text_is_clean(value, len))
		return awh_fail(error, ADMWH_E_INVAL, "%s: not UTF-8, or a control character in it",
				kind->name);
	awh_buf_init(&text, TEXT_MAX);
	awh_buf_puts(&text, kind->name);
	awh_buf_put(&text, ":", 1);
	err = kind->put(&text, value, len, max, &reason);
	if (err)
		err = awh_fail(error, err, "%s:%.*s%s: %s", kind->name, (int)quoted(value, len),
			       value, quoted(value, len) < len ? "..." : "", reason.text);
	else
		err = append(values, kind, &text, error);
	awh_buf_deinit(&text);
	return err;
}

static const struct awh_value_kind *find_kind(const struct awh_value_kinds *kinds, const char *line,
					      size_t len)
{
	for (size_t i = 0; i < kinds->n_items; i++)
		if (strlen(kinds->items[i].name) == len &&
		    memcmp(kinds->items[i].name, line, len) == 0)
			return &kinds->items[i];
	return NULL;
}

static int read_line(struct awh_values *values, const struct awh_value_kinds *kinds,
		     const struct awh_lines *lines, const size_t *max, struct awh_error *error)
{
	const char *colon = memchr(lines->line, ':', lines->len);
	const struct awh_value_kind *kind =
	    colon ? find_kind(kinds, lines->line, (size_t)(colon - lines->line)) : NULL;
	size_t len;

	if (!kind)
		return awh_fail(error, ADMWH_E_INVAL, "expected %s and a value", kinds->expected);
	len = lines->len - (size_t)(colon + 1 - lines->line);
	/* Such a space is invisible in an editor and would keep the line from matching. */
	if (len > 0 && (colon[1] == ' ' || colon[len] == ' '))
		return awh_fail(error, ADMWH_E_INVAL, "%s: a space before or behind the value",
				kind->name);
	return awh_values_add(values, kind, colon + 1, len, max[kind->number], error);
}

int awh_values_read(struct awh_values *values, const struct awh_value_kinds *kinds,
		    const char *text, size_t len, const size_t *max, struct awh_error *error)
{
	struct awh_lines lines;
	int err = 0;

	awh_lines_begin(&lines, text, len);
	while (err == 0 && awh_lines_next(&lines)) {
		struct awh_error reason = {0};

		if (lines.len == 0 || lines.line[0] == '#')
			continue;
		err = read_line(values, kinds, &lines, max, &reason);
		if (err)
			awh_lines_fail(&lines, &reason, error);
	}
	return err;
}

static int compare(const void *a, const void *b)
{
	const struct awh_value *left = a, *right = b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return strcmp(left->value, right->value);
}

void awh_values_seal(struct awh_values *values)
{
	size_t n = 0;

	if (values->n_items == 0)
		return;
	qsort(values->items, values->n_items, sizeof(*values->items), compare);
	for (size_t i = 1; i < values->n_items; i++)
		if (compare(&values->items[n], &values->items[i]) != 0)
			values->items[++n] = values->items[i];
	values->n_items = n + 1;
}

const struct awh_value *awh_values_find(const struct awh_values *values, unsigned int kind,
					const char *value)
{
	const struct awh_value wanted = {.kind = kind, .value = value};

	if (!(values->kinds & 1U << kind))
		return NULL;
	return bsearch(&wanted, values->items, values->n_items, sizeof(*values->items), compare);
}

void awh_values_deinit(struct awh_values *values)
{
	free(values->items);
	awh_arena_deinit(&values->arena);
	*values = (struct awh_values){0};
}
