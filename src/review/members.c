/* SPDX-License-Identifier: MIT */
/* The members of an object that was changed: those of before, and what became of some. */
#include <string.h>

#include "json/hash.h"
#include "review/node.h"

enum { FEW = 8, FIRST_SLOTS = 32 };

/*
 * Where a member's value is. A new value of a member that was there stays in its place; one that
 * was away in between comes last, as a new one does.
 */
enum place { GONE, IN_PLACE, LAST };

struct awh_member {
	struct awh_member *older;           /* of all that changed */
	struct awh_member *before, *behind; /* of those that are LAST */
	struct awh_token name;
	uint64_t hash;
	enum place place;
	enum place left; /* where it was before it was GONE */
	struct awh_ref value;
};

static bool is_named(const struct awh_member *member, const struct awh_token *name)
{
	return member->name.len == name->len &&
	       memcmp(member->name.text, name->text, name->len) == 0;
}

static struct awh_member *find_in_table(const struct awh_members *members,
					const struct awh_token *name)
{
	const uint64_t hash = awh_hash(name->text, name->len);
	const size_t mask = members->capacity - 1;
	struct awh_member *member;

	for (size_t i = (size_t)hash & mask; (member = members->table[i]); i = (i + 1) & mask)
		if (member->hash == hash && is_named(member, name))
			return member;
	return NULL;
}

/* What became of a member; NULL when it did not change. */
static struct awh_member *find(const struct awh_members *members, const struct awh_token *name)
{
	struct awh_member *member = members->all;

	if (members->table)
		return find_in_table(members, name);
	while (member && !is_named(member, name))
		member = member->older;
	return member;
}

static void put_in_table(struct awh_members *members, struct awh_member *member)
{
	const size_t mask = members->capacity - 1;
	size_t i = (size_t)member->hash & mask;

	while (members->table[i])
		i = (i + 1) & mask;
	members->table[i] = member;
}

/* Room in the table for one more member. */
static bool reserve(struct awh_overlay *overlay, struct awh_members *members)
{
	const size_t capacity = members->capacity ? members->capacity * 2 : FIRST_SLOTS;
	struct awh_member **table;

	if (members->count < FEW || members->count < members->capacity / 2)
		return true;
	table = awh_overlay_alloc(overlay, capacity * sizeof(struct awh_member *));
	if (!table)
		return false;
	members->table = table;
	members->capacity = capacity;
	for (struct awh_member *member = members->all; member; member = member->older)
		put_in_table(members, member);
	return true;
}

/* A change, with a name of its own; it does not count yet. NULL: no memory. */
static struct awh_member *make(struct awh_overlay *overlay, const struct awh_token *name)
{
	struct awh_member *member = awh_overlay_alloc(overlay, sizeof(*member));
	char *text = member ? awh_overlay_alloc(overlay, name->len + 1) : NULL;

	if (!text)
		return NULL;
	memcpy(text, name->text, name->len);
	member->name = (struct awh_token){text, name->len};
	member->hash = awh_hash(text, name->len);
	return member;
}

static struct awh_member *add(struct awh_overlay *overlay, struct awh_members *members,
			      const struct awh_token *name)
{
	struct awh_member *member = reserve(overlay, members) ? make(overlay, name) : NULL;

	if (!member)
		return NULL;
	member->older = members->all;
	members->all = member;
	members->count++;
	if (members->table)
		put_in_table(members, member);
	return member;
}

/* Between its neighbours. */
static void link(struct awh_members *members, struct awh_member *member)
{
	*(member->before ? &member->before->behind : &members->first) = member;
	*(member->behind ? &member->behind->before : &members->last) = member;
}

static void append(struct awh_members *members, struct awh_member *member)
{
	member->before = members->last;
	member->behind = NULL;
	link(members, member);
}

/* It keeps its neighbours, to be put back between them. */
static void unlink(struct awh_members *members, struct awh_member *member)
{
	*(member->before ? &member->before->behind : &members->first) = member->behind;
	*(member->behind ? &member->behind->before : &members->last) = member->before;
}

/* A member of before, whatever became of it. */
static struct awh_ref get_base(const struct awh_node *object, const struct awh_token *name)
{
	const struct awh_ref base = object->base;
	const uint32_t entry =
	    base.text ? awh_text_member(base.text, base.entry, name->text, name->len) : 0;

	return entry ? awh_entry_ref(base.text, entry) : (struct awh_ref){0};
}

struct awh_ref awh_members_get(const struct awh_node *object, const struct awh_token *name)
{
	const struct awh_member *member = find(&object->members, name);

	if (!member)
		return get_base(object, name);
	return member->place == GONE ? (struct awh_ref){0} : member->value;
}

bool awh_members_set(struct awh_overlay *overlay, struct awh_node *object,
		     const struct awh_token *name, struct awh_ref value)
{
	struct awh_member *member = find(&object->members, name);
	const bool is_there =
	    member ? member->place != GONE : !awh_ref_is_absent(get_base(object, name));

	if (!member)
		member = add(overlay, &object->members, name);
	if (!member)
		return false;
	if (!is_there) {
		append(&object->members, member);
		object->size++;
	}
	if (member->place == GONE)
		member->place = is_there ? IN_PLACE : LAST;
	member->value = value;
	return true;
}

bool awh_members_remove(struct awh_overlay *overlay, struct awh_node *object,
			const struct awh_token *name)
{
	struct awh_member *member = find(&object->members, name);

	if (!member) {
		member = add(overlay, &object->members, name);
		if (!member)
			return false;
		member->place = IN_PLACE;
	}
	if (member->place == LAST)
		unlink(&object->members, member);
	member->left = member->place;
	member->place = GONE;
	object->size--;
	return true;
}

void awh_members_put_back(struct awh_node *object, const struct awh_token *name,
			  struct awh_ref value)
{
	struct awh_member *member = find(&object->members, name);

	member->place = member->left;
	member->value = value;
	if (member->place == LAST)
		link(&object->members, member);
	object->size++;
}

/* The members that stand where they were. */
static bool walk_base(const struct awh_node *object, awh_child_fn *child, void *arg)
{
	const struct awh_ref base = object->base;
	const struct awh_index *index = base.text->index;
	const uint32_t end = index->entries[base.entry].next;

	for (uint32_t entry = base.entry + 1; entry < end;
	     entry = awh_index_behind(index, entry + 1)) {
		struct awh_ref value = awh_entry_ref(base.text, entry + 1);
		const struct awh_member *member;
		struct awh_token name;

		name.text = awh_text_bytes(base.text, entry, &name.len);
		if (!name.text)
			return false;
		member = find(&object->members, &name);
		if (member && member->place != IN_PLACE)
			continue;
		if (!child(arg, &name, member ? member->value : value))
			return false;
	}
	return true;
}

bool awh_members_walk(const struct awh_node *object, awh_child_fn *child, void *arg)
{
	if (object->base.text && !walk_base(object, child, arg))
		return false;
	for (const struct awh_member *member = object->members.first; member;
	     member = member->behind)
		if (!child(arg, &member->name, member->value))
			return false;
	return true;
}
