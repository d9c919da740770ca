/* SPDX-License-Identifier: MIT */
#include "json/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json/escape.h"

enum {
	FIRST_STRINGS = 16,
	PATH_BYTES = 256,
	/* As little memory as may be taken unasked. */
	UNASKED = 64 * 1024,
};

struct awh_text_string {
	const char *text;
	size_t len;
};

void awh_text_init(struct admwh_text *text, struct awh_index *index, struct awh_arena *arena,
		   struct awh_error *error, const char *where)
{
	*text = (struct admwh_text){.index = index, .arena = arena, .error = error, .where = where};
}

struct admwh_value awh_value_root(const struct admwh_text *text, uint32_t entry)
{
	return awh_value_make(text, entry, awh_index_behind(text->index, entry));
}

void awh_text_fail_memory(struct admwh_text *text)
{
	if (text->error->code == 0)
		awh_fail(text->error, ADMWH_E_NOMEM, "out of memory");
}

/* "request.object.spec", "[0].name" or "" with ": " behind it. */
static void show_place(struct admwh_text *text, uint32_t entry, char *shown, size_t size)
{
	char path[PATH_BYTES];
	const char *dot;

	awh_index_path(text->index, 0, entry, path, sizeof(path));
	dot = text->where[0] && path[0] && path[0] != '[' ? "." : "";
	snprintf(shown, size, "%s%s%s%s", text->where, dot, path,
		 text->where[0] || path[0] ? ": " : "");
}

void awh_text_fail(struct admwh_text *text, uint32_t entry, int err, const char *format, ...)
{
	char place[PATH_BYTES + 32], what[PATH_BYTES];
	va_list args;

	if (text->error->code)
		return;
	show_place(text, entry, place, sizeof(place));
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	awh_fail(text->error, err, "%s%s", place, what);
}

void awh_value_fail_kind(struct admwh_value value, const char *expected)
{
	awh_text_fail(awh_value_text(value), value.item, ADMWH_E_HANDLER, "expected %s, got %s",
		      expected, awh_kind_name(awh_entry_kind(awh_value_entry(value))));
}

void awh_value_fail_nul(struct admwh_value value)
{
	const struct awh_entry *entries = value.text->index->entries;
	uint32_t entry = value.item;

	if (value.text->error->code)
		return;
	while (awh_entry_is_container(&entries[entry]) || !(entries[entry].bits & AWH_ENTRY_NUL))
		entry++;
	awh_text_fail(awh_value_text(value), entry, ADMWH_E_HANDLER,
		      "U+0000 is not taken by the handler");
}

bool awh_text_charge(struct admwh_text *text, size_t bytes)
{
	const struct awh_index *index = text->index;

	if (!index->may_grow || index->may_grow(index->owner, bytes))
		return true;
	awh_text_fail(text, 0, ADMWH_E_LIMIT,
		      "reading it takes more than bodies-in-flight has left");
	return false;
}

/* It is asked for in large steps: strings are many and small. */
void *awh_text_take(struct admwh_text *text, size_t size)
{
	void *memory;

	text->uncharged += size;
	if (text->uncharged > UNASKED) {
		if (!awh_text_charge(text, text->uncharged))
			return NULL;
		text->uncharged = 0;
	}
	memory = awh_arena_alloc(text->arena, size);
	if (!memory)
		awh_text_fail_memory(text);
	return memory;
}

const char *awh_text_keep(struct admwh_text *text, const char *string)
{
	const size_t size = strlen(string) + 1;
	char *copy = awh_text_take(text, size);

	return copy ? memcpy(copy, string, size) : NULL;
}

static bool reserve_string(struct admwh_text *text)
{
	uint32_t capacity = text->strings_capacity ? text->strings_capacity * 2 : FIRST_STRINGS;
	struct awh_text_string *strings;

	if (text->n_strings < text->strings_capacity)
		return true;
	strings = awh_text_take(text, capacity * sizeof(*strings));
	if (!strings)
		return false;
	if (text->n_strings > 0)
		memcpy(strings, text->strings, text->n_strings * sizeof(*strings));
	text->strings = strings;
	text->strings_capacity = capacity;
	return true;
}

const char *awh_text_resolve(struct admwh_text *text, uint32_t entry, size_t *len)
{
	struct awh_entry *e = &text->index->entries[entry];
	char *copy;

	if (e->next == 0) {
		copy = reserve_string(text) ? awh_text_take(text, (size_t)e->len + 1) : NULL;
		*len = 0;
		if (!copy)
			return NULL;
		*len = awh_unescape(copy, text->index->text + e->start, e->len);
		copy[*len] = '\0';
		text->strings[text->n_strings++] = (struct awh_text_string){copy, *len};
		e->next = text->n_strings;
	}
	*len = text->strings[e->next - 1].len;
	return text->strings[e->next - 1].text;
}

const char *awh_text_bytes(struct admwh_text *text, uint32_t entry, size_t *len)
{
	const struct awh_entry *e = &text->index->entries[entry];

	if (e->bits & AWH_ENTRY_ESCAPED)
		return awh_text_resolve(text, entry, len);
	*len = e->len;
	return text->index->text + e->start;
}
