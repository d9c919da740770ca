/* SPDX-License-Identifier: MIT */
/*
 * The index of a JSON text: an entry for each value and each name of a member, in
 * the order of the text. One pass checks the whole text and writes it; everything
 * later reads the index and never scans the text again.
 *
 * A member is an entry for its name and, right behind it, one for its value. The children of
 * an array or object follow its own entry; `next` leads behind the last of them.
 */
#ifndef AWH_JSON_INDEX_H
#define AWH_JSON_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/limits.h>

#include "base/buf.h"
#include "base/error.h"

enum awh_kind {
	AWH_KIND_NULL,
	AWH_KIND_FALSE,
	AWH_KIND_TRUE,
	AWH_KIND_NUMBER,
	AWH_KIND_STRING,
	AWH_KIND_NAME, /* of a member */
	AWH_KIND_ARRAY,
	AWH_KIND_OBJECT,
};

/* The bits of an entry: its kind, flags, and above them how many children it has. */
enum {
	AWH_ENTRY_KIND = 7,
	AWH_ENTRY_ESCAPED = 8, /* a string or name that has escapes */
	AWH_ENTRY_TABLED = 8,  /* an object whose members are in the text's table */
	AWH_ENTRY_NUL = 16,    /* holds U+0000, itself or in a value or name inside it */
	AWH_ENTRY_CHILD = 32,  /* one child: a value, not its name */
	/* A string or name with escapes that it could do without, or that are written in two ways.
	 */
	AWH_ENTRY_RESPELT = 32,
	/* The most values a text may have, so that every count fits. */
	AWH_INDEX_VALUES_MAX = 100000000,
};

struct awh_entry {
	/* In the text. A string or name: behind the quote; anything else: its first byte. */
	uint32_t start;
	/* Bytes. A string or name: without quotes, escapes not resolved; a container: all of it. */
	uint32_t len;
	/* A container: the number of the entry behind its last child's. Else free for a reader. */
	uint32_t next;
	uint32_t bits;
};

struct awh_index {
	const char *text; /* *borrowed* */
	size_t len;
	struct awh_entry *entries; /* owned; kept for the next text until awh_index_deinit() */
	uint32_t n_entries;
	uint32_t n_values; /* without names */
	uint32_t capacity; /* of entries */
	/* The limit that a failure is due to; 0 for none. */
	enum admwh_limit limit;
	/*
	 * NULL, or asked before the entries take more memory: may they? bytes: how much more.
	 * False: the text fails with ADMWH_E_LIMIT and limit is ADMWH_LIMIT_BODIES_IN_FLIGHT.
	 */
	bool (*may_grow)(void *owner, size_t bytes);
	void *owner;
};

#define AWH_INDEX_NULL                                                                             \
	{                                                                                          \
		.text = NULL                                                                       \
	}

/* The sets of vector instructions that a text is read with. */
enum awh_index_blocks {
	AWH_INDEX_BEST, /* that this CPU has */
	AWH_INDEX_PORTABLE,
	AWH_INDEX_SSE2,
	AWH_INDEX_AVX2,
	AWH_INDEX_NEON,
};

/* Does this CPU have them? */
bool awh_index_has(enum awh_index_blocks blocks);

struct awh_index_options {
	size_t depth;                 /* of nested arrays and objects */
	size_t values;                /* 0 for AWH_INDEX_VALUES_MAX */
	bool refuses_nul;             /* U+0000 is malformed */
	enum awh_index_blocks blocks; /* one that awh_index_has() */
};

/*
 * Check a text and index it. text is *borrowed* as long as the index is read.
 * 0; ADMWH_E_SYNTAX with "byte N: what" or "byte N: path: what" in error, N from 0; ADMWH_E_NOMEM;
 * ADMWH_E_LIMIT, see may_grow. After a failure the entries are those before it, and containers that
 * were open end there.
 */
int awh_index_read(struct awh_index *index, const char *text, size_t len,
		   const struct awh_index_options *options, struct awh_error *error);

/* Free the entries. */
void awh_index_deinit(struct awh_index *index);

static inline enum awh_kind awh_entry_kind(const struct awh_entry *entry)
{
	return (enum awh_kind)(entry->bits & AWH_ENTRY_KIND);
}

static inline bool awh_entry_is_container(const struct awh_entry *entry)
{
	return (entry->bits & AWH_ENTRY_KIND) >= AWH_KIND_ARRAY;
}

/* Elements of an array, members of an object: of a container. */
static inline uint32_t awh_entry_count(const struct awh_entry *entry)
{
	return entry->bits / AWH_ENTRY_CHILD;
}

/* The number of the entry behind a value and all that is in it. */
static inline uint32_t awh_index_behind(const struct awh_index *index, uint32_t entry)
{
	return awh_entry_is_container(&index->entries[entry]) ? index->entries[entry].next
							      : entry + 1;
}

/* The text of an entry as it is written, a string with its quotes. */
static inline const char *awh_index_raw(const struct awh_index *index, uint32_t entry, size_t *len)
{
	const struct awh_entry *e = &index->entries[entry];
	const size_t quotes =
	    awh_entry_kind(e) == AWH_KIND_STRING || awh_entry_kind(e) == AWH_KIND_NAME;

	*len = e->len + 2 * quotes;
	return index->text + e->start - quotes;
}

/* Append an entry and all that is in it, as awh_json_write() writes a tree of it. */
void awh_index_write(struct awh_buf *buf, const struct awh_index *index, uint32_t entry);

/* Is a string or name this text of len bytes, escapes resolved? */
bool awh_index_is(const struct awh_index *index, uint32_t entry, const char *text, size_t len);

/*
 * Where an entry stands in the value `root`: "spec.containers[0].image"; "" for the root itself. A
 * name stands where its value does. What does not fit in size, 4 or more, is left out.
 */
void awh_index_path(const struct awh_index *index, uint32_t root, uint32_t entry, char *path,
		    size_t size);

/* "a string", "a number", ... for messages. */
const char *awh_kind_name(enum awh_kind kind);

#endif
