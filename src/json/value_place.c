/* SPDX-License-Identifier: MIT */
/*
 * Where a value stands, and which one stands somewhere. Children are of different lengths, so that
 * a container is walked child by child, but from one of those that the table has: neither a policy
 * that takes elements from the last to the first nor one that tells of many values where they are
 * does more than linear work.
 */
#include "json/path.h"
#include "json/value.h"

/* Entries of a child whose value is no container: 2 in an object. */
static uint32_t width_of(const struct awh_index *index, uint32_t container)
{
	return 1 + (awh_entry_kind(&index->entries[container]) == AWH_KIND_OBJECT);
}

/* Is none of the children a container? */
static bool is_flat(const struct awh_index *index, uint32_t container)
{
	const struct awh_entry *e = &index->entries[container];

	return e->next - container - 1 == awh_entry_count(e) * width_of(index, container);
}

static uint32_t first_child(const struct awh_index *index, uint32_t container)
{
	return container + width_of(index, container);
}

uint32_t awh_text_child(struct admwh_text *text, uint32_t container, uint32_t position)
{
	const struct awh_index *index = text->index;
	const uint32_t width = width_of(index, container);
	uint32_t child = first_child(index, container);

	if (is_flat(index, container))
		return child + position * width;
	if (position >= AWH_TEXT_STEP)
		child = awh_text_step(text, container, position / AWH_TEXT_STEP);
	for (position %= AWH_TEXT_STEP; child && position > 0; position--)
		child = awh_index_behind(index, child) + width - 1;
	return child;
}

/*
 * The last step that is not behind an entry in a container, by bisection; *child: the value there.
 * False: memory has run out.
 */
static bool find_step(struct admwh_text *text, uint32_t container, uint32_t entry, uint32_t *step,
		      uint32_t *child)
{
	const struct awh_entry *e = &text->index->entries[container];
	uint32_t end = (awh_entry_count(e) - 1) / AWH_TEXT_STEP + 1;

	*step = 0;
	*child = first_child(text->index, container);
	while (end - *step > 1) {
		const uint32_t middle = *step + (end - *step) / 2;
		const uint32_t at = awh_text_step(text, container, middle);

		if (!at)
			return false;
		if (at > entry) {
			end = middle;
		} else {
			*step = middle;
			*child = at;
		}
	}
	return true;
}

/* The child that a value is, or is in, and its number. False: memory has run out. */
static bool child_around(struct admwh_text *text, uint32_t container, uint32_t entry,
			 uint32_t *child, uint32_t *position)
{
	const struct awh_index *index = text->index;
	const uint32_t width = width_of(index, container);
	uint32_t behind;

	if (is_flat(index, container)) {
		*child = entry;
		*position = (entry - container - 1) / width;
		return true;
	}
	if (!find_step(text, container, entry, position, child))
		return false;
	*position *= AWH_TEXT_STEP;
	while ((behind = awh_index_behind(index, *child)) <= entry) {
		*child = behind + width - 1;
		++*position;
	}
	return true;
}

bool awh_text_path(struct admwh_text *text, uint32_t root, uint32_t entry, struct awh_path *out)
{
	const struct awh_index *index = text->index;
	uint32_t at = root;

	while (at < entry && !out->full) {
		const bool named = awh_entry_kind(&index->entries[at]) == AWH_KIND_OBJECT;
		uint32_t position;

		if (!child_around(text, at, entry, &at, &position))
			return false;
		if (named)
			awh_path_add_key(out, index->text + index->entries[at - 1].start);
		else
			awh_path_add_index(out, position);
	}
	return true;
}
