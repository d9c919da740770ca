/* SPDX-License-Identifier: MIT */
/*
 * Members by name, and children by number. Those of small containers are compared, or
 * counted, one after another; of larger ones all members, and every 32nd child, are in
 * one table for the whole text. It is filled when the first one of a container is asked
 * for. Its hash is keyed: a client cannot choose names, or an order, that collide.
 */
#include <stdlib.h>

#include "json/hash.h"
#include "json/value.h"

enum {
	FIRST_MEMBERS = 128,
	/*
	 * Longer names are looked for in the table of small objects, too: comparing one with others
	 * that begin alike, escapes resolved, takes as long as hashing it for each of them.
	 */
	LONG_NAME = 128,
};

struct awh_text_member {
	uint32_t hash;   /* of object and name, or of owner and number */
	uint32_t object; /* a step has its container's owner, see owner_of() */
	uint32_t name;   /* or the step's child; 0: a free slot */
};

/* Of one name the hashes in different objects differ in their lower bits. */
static uint32_t hash_member(uint32_t object, const char *name, size_t len)
{
	const uint64_t hash = awh_hash(name, len);

	return (uint32_t)(hash ^ hash >> 32) ^ object * UINT32_C(0x9e3779b1);
}

/* Put a member into the first free slot from its hash on. */
static void put(struct awh_text_member *members, size_t capacity, struct awh_text_member member)
{
	size_t i = member.hash & (capacity - 1);

	while (members[i].name)
		i = (i + 1) & (capacity - 1);
	members[i] = member;
}

static bool grow(struct admwh_text *text, size_t capacity)
{
	struct awh_text_member *members;

	if (!awh_text_charge(text, (capacity - text->members_capacity) * sizeof(*members)))
		return false;
	members = calloc(capacity, sizeof(*members));
	if (!members) {
		awh_text_fail_memory(text);
		return false;
	}
	for (size_t i = 0; i < text->members_capacity; i++)
		if (text->members[i].name)
			put(members, capacity, text->members[i]);
	free(text->members);
	text->members = members;
	text->members_capacity = capacity;
	return true;
}

static bool reserve(struct admwh_text *text, size_t more)
{
	size_t capacity = text->members_capacity ? text->members_capacity : FIRST_MEMBERS;

	while (capacity / 2 < text->n_members + more)
		capacity *= 2;
	return capacity == text->members_capacity || grow(text, capacity);
}

/* The names that have escapes are resolved, so that nothing can fail once the table is changed. */
static bool resolve_names(struct admwh_text *text, uint32_t object)
{
	const struct awh_index *index = text->index;
	size_t len;

	for (uint32_t name = object + 1; name < index->entries[object].next;
	     name = awh_index_behind(index, name + 1))
		if (!awh_text_bytes(text, name, &len))
			return false;
	return true;
}

/* Put the members of an object into the table. False: there is no memory. */
static bool put_object(struct admwh_text *text, uint32_t object)
{
	const struct awh_index *index = text->index;
	struct awh_entry *e = &index->entries[object];

	if (!resolve_names(text, object) || !reserve(text, awh_entry_count(e)))
		return false;
	for (uint32_t name = object + 1; name < e->next; name = awh_index_behind(index, name + 1)) {
		struct awh_text_member member = {.object = object, .name = name};
		size_t len;
		const char *bytes = awh_text_bytes(text, name, &len);

		member.hash = hash_member(object, bytes, len);
		put(text->members, text->members_capacity, member);
	}
	text->n_members += awh_entry_count(e);
	e->bits |= AWH_ENTRY_TABLED;
	return true;
}

static uint32_t find_in_table(const struct admwh_text *text, uint32_t object, const char *name,
			      size_t len)
{
	const uint32_t hash = hash_member(object, name, len);
	const struct awh_text_member *member;
	size_t i = hash & (text->members_capacity - 1);

	for (; (member = &text->members[i])->name; i = (i + 1) & (text->members_capacity - 1))
		if (member->hash == hash && member->object == object &&
		    awh_index_is(text->index, member->name, name, len))
			return member->name + 1;
	return 0;
}

static uint32_t find_among_few(const struct awh_index *index, uint32_t object, const char *name,
			       size_t len)
{
	const uint32_t end = index->entries[object].next;

	for (uint32_t i = object + 1; i < end; i = awh_index_behind(index, i + 1))
		if (awh_index_is(index, i, name, len))
			return i + 1;
	return 0;
}

/* What steps have in place of an object: no entry that has members. */
static uint32_t owner_of(const struct awh_index *index, uint32_t container)
{
	return container + (awh_entry_kind(&index->entries[container]) == AWH_KIND_OBJECT);
}

/* Of one container no two steps have the same. */
static uint32_t hash_step(uint32_t owner, uint32_t step)
{
	return (uint32_t)awh_hash((const char *)&owner, sizeof(owner)) +
	       step * UINT32_C(0x9e3779b1);
}

static uint32_t find_step(const struct admwh_text *text, uint32_t owner, uint32_t step)
{
	const uint32_t hash = hash_step(owner, step);
	const struct awh_text_member *member;
	size_t i = hash & (text->members_capacity - 1);

	if (text->members_capacity == 0)
		return 0;
	for (; (member = &text->members[i])->name; i = (i + 1) & (text->members_capacity - 1))
		if (member->hash == hash && member->object == owner)
			return member->name;
	return 0;
}

/* Put all steps of a container into the table. False: there is no memory. */
static bool put_steps(struct admwh_text *text, uint32_t container)
{
	const struct awh_index *index = text->index;
	const uint32_t count = awh_entry_count(&index->entries[container]);
	const uint32_t owner = owner_of(index, container);
	const uint32_t named = owner - container;
	uint32_t child = container + 1 + named;

	if (!reserve(text, (count - 1) / AWH_TEXT_STEP))
		return false;
	for (uint32_t i = 1; i < count; i++) {
		child = awh_index_behind(index, child) + named;
		if (i % AWH_TEXT_STEP)
			continue;
		put(text->members, text->members_capacity,
		    (struct awh_text_member){hash_step(owner, i / AWH_TEXT_STEP), owner, child});
		text->n_members++;
	}
	return true;
}

uint32_t awh_text_step(struct admwh_text *text, uint32_t container, uint32_t step)
{
	const uint32_t owner = owner_of(text->index, container);
	const uint32_t child = find_step(text, owner, step);

	if (child)
		return child;
	return put_steps(text, container) ? find_step(text, owner, step) : 0;
}

uint32_t awh_text_member(struct admwh_text *text, uint32_t object, const char *name, size_t len)
{
	const struct awh_entry *e = &text->index->entries[object];

	if (awh_entry_count(e) <= AWH_TEXT_FEW_MEMBERS && len <= LONG_NAME)
		return find_among_few(text->index, object, name, len);
	if (!(e->bits & AWH_ENTRY_TABLED) && !put_object(text, object))
		return 0;
	return find_in_table(text, object, name, len);
}

void awh_text_deinit(struct admwh_text *text)
{
	free(text->members);
	text->members = NULL;
	text->members_capacity = 0;
	text->n_members = 0;
}
