/* SPDX-License-Identifier: MIT */
/*
 * What stands behind the public values: a text, its index, and what reading adds to
 * them. Memory comes from an arena, except the table of members, and what may become
 * large is asked of index->may_grow first. The first thing that is malformed stays in
 * an error.
 */
#ifndef AWH_JSON_VALUE_H
#define AWH_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/value.h>

#include "base/arena.h"
#include "base/error.h"
#include "json/index.h"
#include "json/json.h"

enum {
	AWH_TEXT_ROOTS = 3,
	/* The members of larger objects are in the table, and so is every 32nd child. */
	AWH_TEXT_FEW_MEMBERS = 32,
	AWH_TEXT_STEP = 32,
};

/* The end of a value that is absent: with the number of its last step, see value_missing.c. */
#define AWH_VALUE_MISSING UINT32_C(0x80000000)

struct awh_text_string;  /* a string or name, escapes resolved */
struct awh_text_member;  /* of a large object, or a step of a large container */
struct awh_text_missing; /* a name or index that was asked for and is not there */
struct awh_path;

struct admwh_text {
	struct awh_index *index;      /* *borrowed*; entries' bits and next change */
	struct awh_arena *arena;      /* *borrowed* */
	struct awh_error *error;      /* *borrowed* */
	struct awh_numbers **numbers; /* of trees, made with the first; *borrowed*; may be NULL */
	const char *where;            /* the text itself, in errors: "request.object"; static */
	/* What admwh_value_path() starts from; 0 for none, the text itself. */
	uint32_t roots[AWH_TEXT_ROOTS];
	bool nul_in_trees; /* trees are made of text that holds U+0000 */

	/* Private from here. */
	struct awh_text_string *strings; /* number n: n + 1 is the entry's next */
	uint32_t n_strings;
	uint32_t strings_capacity;
	size_t uncharged;                /* bytes taken of the arena since may_grow was asked */
	size_t uncharged_trees;          /* bytes of trees likewise */
	struct awh_text_member *members; /* a table with open addressing, at most half full */
	size_t members_capacity;         /* a power of two, or 0 */
	size_t n_members;
	struct awh_text_missing *missing; /* number n: n - 1 */
	uint32_t n_missing;
	uint32_t missing_capacity;
	uint32_t *missing_heads; /* NULL while there are none */
};

/*
 * Begin to read. The index has been read; the text does not move afterwards. where: "" unless the
 * text is a part of something
 */
void awh_text_init(struct admwh_text *text, struct awh_index *index, struct awh_arena *arena,
		   struct awh_error *error, const char *where);

/* Free the table. What is in the arena stays there. */
void awh_text_deinit(struct admwh_text *text);

/* What a value refers to is const to programs alone. */
static inline struct admwh_text *awh_value_text(struct admwh_value value)
{
	return (struct admwh_text *)(uintptr_t)value.text;
}

/* NULL when absent. */
static inline struct awh_entry *awh_value_entry(struct admwh_value value)
{
	return value.text && value.end < AWH_VALUE_MISSING ? &value.text->index->entries[value.item]
							   : NULL;
}

/* The value of an entry; end: of the container that it is a child of, or its own */
static inline struct admwh_value awh_value_make(const struct admwh_text *text, uint32_t entry,
						uint32_t end)
{
	return (struct admwh_value){.text = text, .item = entry, .end = end};
}

/*
 * The absence of a member of that name, or of an element, of a value that may be absent itself:
 * admwh_value_path() tells it. {0} when memory runs out, which is remembered, and for a NULL name.
 */
struct admwh_value awh_value_missing(struct admwh_value parent, const char *name, size_t len);
struct admwh_value awh_value_missing_at(struct admwh_value parent, size_t index);

/* Add the steps from the last value that is there to one that is absent; none for any other. */
void awh_value_add_missing(struct admwh_value value, struct awh_path *path);

/* The value of an entry that has no neighbours. */
struct admwh_value awh_value_root(const struct admwh_text *text, uint32_t entry);

/* Remember what is malformed about an entry, unless something was before. */
void awh_text_fail(struct admwh_text *text, uint32_t entry, int err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Remember that memory ran out. */
void awh_text_fail_memory(struct admwh_text *text);

/* Remember that a value, which is set, is not what was expected. */
void awh_value_fail_kind(struct admwh_value value, const char *expected);

/* Remember where the first U+0000 of a value is, which holds one. */
void awh_value_fail_nul(struct admwh_value value);

/* May this much more memory be taken? False: it is remembered. */
bool awh_text_charge(struct admwh_text *text, size_t bytes);

/* Memory of the arena, which is charged; NULL when it runs out, which is remembered. */
void *awh_text_take(struct admwh_text *text, size_t size);

/*
 * A string or name with its escapes resolved, and a NUL behind it; the same one each time. NULL
 * when memory runs out, which is remembered. *borrowed* from the arena.
 */
const char *awh_text_resolve(struct admwh_text *text, uint32_t entry, size_t *len);

/* The same, or in place where there are no escapes: without a NUL then. */
const char *awh_text_bytes(struct admwh_text *text, uint32_t entry, size_t *len);

/* A copy of a C string; NULL when memory runs out, which is remembered. *borrowed* from the arena.
 */
const char *awh_text_keep(struct admwh_text *text, const char *string);

/*
 * The child of a container that has as many, at least: a value. 0 when memory runs out. What it
 * walks past does not grow with the container, once all are in the table.
 */
uint32_t awh_text_child(struct admwh_text *text, uint32_t container, uint32_t position);

/*
 * The child that is in the table, of a container that has it: its number is step * AWH_TEXT_STEP,
 * which is not 0. 0 when memory runs out.
 */
uint32_t awh_text_step(struct admwh_text *text, uint32_t container, uint32_t step);

/*
 * Add the way from a value to an entry in it, as awh_index_path() does, by the table. False: memory
 * has run out.
 */
bool awh_text_path(struct admwh_text *text, uint32_t root, uint32_t entry, struct awh_path *out);

/* The value of an object's member of that name; 0 when there is none, or memory runs out. */
uint32_t awh_text_member(struct admwh_text *text, uint32_t object, const char *name, size_t len);

#endif
