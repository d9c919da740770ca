/* SPDX-License-Identifier: MIT */
#include "json/index.h"

#include <stdlib.h>
#include <string.h>

#include "json/escape.h"
#include "json/path.h"
#include "json/scan.h"

enum { FIRST_ENTRIES = 256 };

static int grow(struct awh_index *index)
{
	uint32_t capacity = index->capacity ? index->capacity * 2 : FIRST_ENTRIES;
	struct awh_entry *entries;

	if (index->may_grow &&
	    !index->may_grow(index->owner, (capacity - index->capacity) * sizeof(*entries))) {
		index->limit = ADMWH_LIMIT_BODIES_IN_FLIGHT;
		return ADMWH_E_LIMIT;
	}
	entries = realloc(index->entries, capacity * sizeof(*entries));
	if (!entries)
		return ADMWH_E_NOMEM;
	index->entries = entries;
	index->capacity = capacity;
	return 0;
}

static int add(struct awh_index *index, struct awh_entry entry)
{
	int err = index->n_entries == index->capacity ? grow(index) : 0;

	if (err < 0)
		return err;
	index->entries[index->n_entries++] = entry;
	return 0;
}

static void close_entry(struct awh_index *index, uint32_t *open, size_t end)
{
	struct awh_entry *entry = &index->entries[*open];
	const uint32_t parent = entry->next;

	entry->len = (uint32_t)(end - entry->start);
	entry->next = index->n_entries;
	if (parent != UINT32_MAX)
		index->entries[parent].bits |= entry->bits & AWH_ENTRY_NUL;
	*open = parent;
}

static int add_item(struct awh_index *index, const struct awh_scan *scan, uint32_t *open)
{
	static const enum awh_kind kinds[] = {
	    [AWH_ITEM_NULL] = AWH_KIND_NULL,     [AWH_ITEM_FALSE] = AWH_KIND_FALSE,
	    [AWH_ITEM_TRUE] = AWH_KIND_TRUE,     [AWH_ITEM_NUMBER] = AWH_KIND_NUMBER,
	    [AWH_ITEM_STRING] = AWH_KIND_STRING, [AWH_ITEM_KEY] = AWH_KIND_NAME,
	    [AWH_ITEM_ARRAY] = AWH_KIND_ARRAY,   [AWH_ITEM_OBJECT] = AWH_KIND_OBJECT,
	};
	struct awh_entry entry = {.start = (uint32_t)(scan->start - scan->text),
				  .len = (uint32_t)scan->len};
	bool is_text = scan->item == AWH_ITEM_STRING || scan->item == AWH_ITEM_KEY;
	int err;

	if (scan->item == AWH_ITEM_END)
		return 0;
	if (scan->item == AWH_ITEM_ARRAY_END || scan->item == AWH_ITEM_OBJECT_END) {
		close_entry(index, open, entry.start + 1);
		return 0;
	}
	entry.bits = kinds[scan->item];
	if (is_text && scan->escaped)
		entry.bits |= AWH_ENTRY_ESCAPED;
	if (is_text && scan->has_nul)
		entry.bits |= AWH_ENTRY_NUL;
	if (*open != UINT32_MAX) {
		index->entries[*open].bits |= entry.bits & AWH_ENTRY_NUL;
		if (scan->item != AWH_ITEM_KEY)
			index->entries[*open].bits += AWH_ENTRY_CHILD;
	}
	index->n_values += scan->item != AWH_ITEM_KEY;
	if (awh_entry_is_container(&entry))
		entry.next = *open;
	err = add(index, entry);
	if (err == 0 && awh_entry_is_container(&entry))
		*open = index->n_entries - 1;
	return err;
}

int awh_index_read(struct awh_index *index, const char *text, size_t len,
		   const struct awh_index_options *options, struct awh_error *error)
{
	struct awh_scan scan;
	uint32_t open = UINT32_MAX;
	int err;

	index->text = text;
	index->len = len;
	index->n_entries = 0;
	index->n_values = 0;
	index->limit = (enum admwh_limit)0;
	awh_scan_init(&scan, text, len, options->depth, error);
	scan.takes_nul = !options->refuses_nul;
	scan.values_left = options->values ? options->values : AWH_INDEX_VALUES_MAX;
	do {
		err = awh_scan_next(&scan);
		if (err == 0) {
			err = add_item(index, &scan, &open);
			if (err < 0)
				awh_fail(error, err, "%s", admwh_strerror(err));
		}
	} while (err == 0 && scan.item != AWH_ITEM_END);
	if (scan.limit)
		index->limit = scan.limit;
	while (open != UINT32_MAX)
		close_entry(index, &open, (size_t)(awh_scan_here(&scan) - text));
	awh_scan_deinit(&scan);
	return err;
}

void awh_index_deinit(struct awh_index *index)
{
	free(index->entries);
	*index = (struct awh_index)AWH_INDEX_NULL;
}

bool awh_index_is(const struct awh_index *index, uint32_t entry, const char *text, size_t len)
{
	const struct awh_entry *e = &index->entries[entry];
	const char *written = index->text + e->start;

	if (e->bits & AWH_ENTRY_ESCAPED)
		return awh_escaped_is(written, e->len, text, len);
	return e->len == len && memcmp(written, text, len) == 0;
}

/* The child of a container that an entry is, or is in; *position: its number in an array. */
static uint32_t child_around(const struct awh_index *index, uint32_t container, uint32_t entry,
			     size_t *position)
{
	const uint32_t named = awh_entry_kind(&index->entries[container]) == AWH_KIND_OBJECT;
	uint32_t child = container + 1;
	uint32_t behind = awh_index_behind(index, child + named);

	*position = 0;
	while (behind <= entry) {
		child = behind;
		behind = awh_index_behind(index, child + named);
		++*position;
	}
	return child + named;
}

void awh_index_path(const struct awh_index *index, uint32_t root, uint32_t entry, char *path,
		    size_t size)
{
	struct awh_path out;
	uint32_t at = root;

	awh_path_init(&out, path, size);
	while (at < entry) {
		const struct awh_entry *container = &index->entries[at];
		size_t position;

		at = child_around(index, at, entry, &position);
		if (awh_entry_kind(container) == AWH_KIND_OBJECT)
			awh_path_add_key(&out, index->text + index->entries[at - 1].start);
		else
			awh_path_add_index(&out, position);
	}
}

const char *awh_kind_name(enum awh_kind kind)
{
	static const char *const names[] = {
	    [AWH_KIND_NULL] = "null",       [AWH_KIND_FALSE] = "a boolean",
	    [AWH_KIND_TRUE] = "a boolean",  [AWH_KIND_NUMBER] = "a number",
	    [AWH_KIND_STRING] = "a string", [AWH_KIND_NAME] = "a name",
	    [AWH_KIND_ARRAY] = "an array",  [AWH_KIND_OBJECT] = "an object",
	};

	return names[kind];
}
