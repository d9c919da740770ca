/* SPDX-License-Identifier: MIT */
#include "json/reader.h"

#include <stdlib.h>

enum { FIRST_ENTRIES = 256 };

static int grow(struct awh_index *index)
{
	const uint32_t capacity = index->capacity ? index->capacity * 2 : FIRST_ENTRIES;
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

bool awh_reader_grow(struct awh_reader *reader)
{
	struct awh_index *index = reader->index;
	const size_t n_entries = (size_t)(reader->next_entry - reader->entries);
	const size_t open = reader->open ? (size_t)(reader->open - reader->entries) : 0;

	reader->err = grow(index);
	if (reader->err)
		return false; /* the entries are where they were, or nowhere yet */
	reader->entries = index->entries;
	reader->next_entry = index->entries + n_entries;
	reader->end_of_entries = index->entries + index->capacity;
	if (reader->open)
		reader->open = index->entries + open;
	return true;
}
