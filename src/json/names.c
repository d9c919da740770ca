/* SPDX-License-Identifier: MIT */
#include "json/names.h"

#include <stdlib.h>
#include <string.h>

#include "json/escape.h"
#include "json/hash.h"

/* A table is at most half full. */
enum { FIRST_SLOTS = 4 * AWH_NAMES_FEW };

bool awh_names_same(const char *text, const struct awh_entry *a, const struct awh_entry *b)
{
	if ((a->bits | b->bits) & AWH_ENTRY_RESPELT)
		return awh_escaped_same(text + a->start, a->len, text + b->start, b->len);
	return a->len == b->len && memcmp(text + a->start, text + b->start, a->len) == 0;
}

static int hash_escaped(struct awh_names *names, const char *name, size_t len, uint64_t *hash)
{
	if (len > names->scratch_capacity) {
		char *scratch = realloc(names->scratch, len);

		if (!scratch)
			return ADMWH_E_NOMEM;
		names->scratch = scratch;
		names->scratch_capacity = len;
	}
	len = awh_unescape(names->scratch, name, len);
	*hash = awh_hash(names->scratch, len);
	return 0;
}

static int hash_name(struct awh_names *names, const char *text, const struct awh_entry *name,
		     uint64_t *hash)
{
	if (name->bits & AWH_ENTRY_ESCAPED)
		return hash_escaped(names, text + name->start, name->len, hash);
	*hash = awh_hash(text + name->start, name->len);
	return 0;
}

static int reserve(struct awh_names *names, size_t n_slots)
{
	size_t capacity = names->capacity ? names->capacity : FIRST_SLOTS;
	uint64_t *slots;

	if (n_slots <= names->capacity)
		return 0;
	while (capacity < n_slots)
		capacity *= 2;
	slots = realloc(names->slots, capacity * sizeof(*slots));
	if (!slots)
		return ADMWH_E_NOMEM;
	names->slots = slots;
	names->capacity = capacity;
	return 0;
}

/* Put a name into the last table, of `size` slots. 0; ADMWH_E_EXISTS; ADMWH_E_NOMEM. */
static int put(struct awh_names *names, const char *text, const struct awh_entry *entries,
	       size_t size, const struct awh_entry *name)
{
	uint64_t *table = names->slots + names->n_slots - size;
	uint64_t hash, *slot;
	size_t i;

	if (hash_name(names, text, name, &hash) < 0)
		return ADMWH_E_NOMEM;
	for (i = (size_t)hash & (size - 1); *(slot = &table[i]); i = (i + 1) & (size - 1))
		if (*slot >> 32 == hash >> 32 &&
		    awh_names_same(text, &entries[(uint32_t)*slot], name))
			return ADMWH_E_EXISTS;
	*slot = (hash & ~(uint64_t)UINT32_MAX) | (uint64_t)(name - entries);
	return 0;
}

/* Make the last table, of `old` slots, one of `size`, and put all names before this one into it. */
static int make_table(struct awh_names *names, const char *text, const struct awh_entry *entries,
		      size_t old, size_t size, struct awh_entry *object,
		      const struct awh_entry *name)
{
	const size_t first = names->n_slots - old;
	const struct awh_entry *before = object + 1;
	int err = reserve(names, first + size);

	if (err < 0)
		return err;
	memset(names->slots + first, 0, size * sizeof(*names->slots));
	names->n_slots = first + size;
	object->len = (uint32_t)size;
	object->bits |= AWH_ENTRY_TABLED;
	while (before < name && err == 0) {
		err = put(names, text, entries, size, before);
		before = awh_names_next(entries, before);
	}
	return err;
}

int awh_names_add(struct awh_names *names, const char *text, const struct awh_entry *entries,
		  struct awh_entry *object, const struct awh_entry *name)
{
	const size_t size = object->bits & AWH_ENTRY_TABLED ? object->len : 0;
	int err = 0;

	if (size == 0)
		err = make_table(names, text, entries, 0, FIRST_SLOTS, object, name);
	else if (awh_entry_count(object) >= size / 2)
		err = make_table(names, text, entries, size, size * 2, object, name);
	return err < 0 ? err : put(names, text, entries, object->len, name);
}

void awh_names_drop(struct awh_names *names, const struct awh_entry *object)
{
	names->n_slots -= object->len;
}

void awh_names_deinit(struct awh_names *names)
{
	free(names->slots);
	free(names->scratch);
}
