/* SPDX-License-Identifier: MIT */
/* Equality of values: linear, whatever order the members of the other object have. */
#include <string.h>

#include "json/escape.h"
#include "json/number.h"
#include "json/value.h"

/* An entry of a text. */
struct side {
	struct admwh_text *text;
	uint32_t item;
};

static const struct awh_entry *entry_of(struct side side)
{
	return &side.text->index->entries[side.item];
}

static const char *bytes_of(struct side side)
{
	return side.text->index->text + entry_of(side)->start;
}

static bool same_bytes(struct side a, struct side b)
{
	return entry_of(a)->len == entry_of(b)->len &&
	       memcmp(bytes_of(a), bytes_of(b), entry_of(a)->len) == 0;
}

/* Of strings and names. */
static bool same_text(struct side a, struct side b)
{
	if (!((entry_of(a)->bits | entry_of(b)->bits) & AWH_ENTRY_ESCAPED))
		return same_bytes(a, b);
	return awh_escaped_same(bytes_of(a), entry_of(a)->len, bytes_of(b), entry_of(b)->len);
}

static bool same_number(struct side a, struct side b)
{
	return same_bytes(a, b) ||
	       awh_number_equal(bytes_of(a), entry_of(a)->len, bytes_of(b), entry_of(b)->len);
}

static uint32_t behind(struct side side)
{
	return awh_index_behind(side.text->index, side.item);
}

static bool equal(struct side a, struct side b);

static bool equal_arrays(struct side a, struct side b)
{
	const uint32_t end = entry_of(a)->next;

	for (a.item++, b.item++; a.item < end; a.item = behind(a), b.item = behind(b))
		if (!equal(a, b))
			return false;
	return true;
}

/* The member of an object b that has the name `name` of another; 0 when there is none. */
static uint32_t member_named(struct side b, struct side name)
{
	size_t len;
	const char *bytes = awh_text_bytes(name.text, name.item, &len);

	return bytes ? awh_text_member(b.text, b.item, bytes, len) : 0;
}

/* Of as many members. Those of b are in the same order mostly: the next one is tried first. */
static bool equal_objects(struct side a, struct side b)
{
	const struct side object = b;
	const uint32_t a_end = entry_of(a)->next, b_end = entry_of(b)->next;

	for (a.item++, b.item++; a.item < a_end; a.item = behind(a)) {
		if (b.item < b_end && same_text(a, b))
			b.item++;
		else
			b.item = member_named(object, a);
		a.item++;
		if (!b.item || !equal(a, b))
			return false;
		b.item = behind(b);
	}
	return true;
}

/* Not deeper than the texts, which have a limit. */
static bool equal(struct side a, struct side b)
{
	const enum awh_kind kind = awh_entry_kind(entry_of(a));

	if (awh_entry_kind(entry_of(b)) != kind)
		return false;
	if (kind == AWH_KIND_STRING)
		return same_text(a, b);
	if (kind == AWH_KIND_NUMBER)
		return same_number(a, b);
	if (!awh_entry_is_container(entry_of(a)))
		return true;
	if (awh_entry_count(entry_of(a)) != awh_entry_count(entry_of(b)))
		return false;
	return kind == AWH_KIND_ARRAY ? equal_arrays(a, b) : equal_objects(a, b);
}

bool admwh_value_equal(struct admwh_value a, struct admwh_value b)
{
	const struct side left = {awh_value_text(a), a.item};
	const struct side right = {awh_value_text(b), b.item};

	if (!awh_value_entry(a) || !awh_value_entry(b))
		return false;
	/* What did not change at all is written as before. */
	if (awh_entry_kind(entry_of(left)) == awh_entry_kind(entry_of(right)) &&
	    same_bytes(left, right))
		return true;
	return equal(left, right);
}
