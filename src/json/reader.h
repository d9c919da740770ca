/* SPDX-License-Identifier: MIT */
/*
 * Reading a JSON text into an index. read.c knows the grammar and is compiled once
 * for each set of vector instructions; index.c chooses.
 */
#ifndef AWH_JSON_READER_H
#define AWH_JSON_READER_H

#include "json/index.h"
#include "json/names.h"

/* In place of the number of an entry: none. */
#define AWH_NO_ENTRY UINT32_MAX

struct awh_reader {
	const char *text;
	size_t len;
	size_t block;     /* the place of the block that `special` is of */
	uint64_t special; /* see blocks.h */

	/* Those of the index, whose memory grows in awh_reader_grow(). */
	struct awh_entry *entries;
	struct awh_entry *next_entry;
	struct awh_entry *end_of_entries;
	/*
	 * The innermost array or object that is open; NULL for none. An open one has the number of
	 * the one around it in next; an object has in len a filter of its members' names, or the
	 * size of their table, see names.h.
	 */
	struct awh_entry *open;
	size_t depth; /* how many are open */

	uint32_t values_left;
	size_t max_depth;
	bool refuses_nul;
	struct awh_names names;
	struct awh_index *index;

	/* The failure. */
	int err;
	const char *what; /* of ADMWH_E_SYNTAX */
	size_t at;        /* the byte */
	size_t duplicate; /* the place of a duplicate name; 0 for none */
	bool in_name;     /* the path ends before the name */
	enum admwh_limit limit;
};

/* Read the whole text. False: it failed. */
typedef bool awh_read_fn(struct awh_reader *reader);
awh_read_fn awh_read_portable, awh_read_sse2, awh_read_avx2, awh_read_neon;

/* The innermost container ends; end: the place behind it. */
static inline __attribute__((always_inline)) void awh_reader_close(struct awh_reader *reader,
								   size_t end)
{
	struct awh_entry *container = reader->open;
	const uint32_t around = container->next;

	if (container->bits & AWH_ENTRY_TABLED) {
		awh_names_drop(&reader->names, container);
		container->bits &= ~(uint32_t)AWH_ENTRY_TABLED;
	}
	container->len = (uint32_t)(end - container->start);
	container->next = (uint32_t)(reader->next_entry - reader->entries);
	reader->open = around == AWH_NO_ENTRY ? NULL : &reader->entries[around];
	if (reader->open)
		reader->open->bits |= container->bits & AWH_ENTRY_NUL;
	reader->depth--;
}

/* Room for one more entry. False: it failed. */
bool awh_reader_grow(struct awh_reader *reader);

#endif
