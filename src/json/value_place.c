/* SPDX-License-Identifier: MIT */
/*
 * Where a value stands, and which one stands somewhere. Containers are walked child by
 * child, but a walk goes on from where the last one ended, so that a policy that takes
 * all elements in turn, or tells of all of them where they are, does linear work.
 */
#include <string.h>

#include "json/path.h"
#include "json/value.h"

static bool is_object(const struct awh_index *index, uint32_t container)
{
	return awh_entry_kind(&index->entries[container]) == AWH_KIND_OBJECT;
}

/* Begin with the first child, unless the place is in this container, and not past it already. */
static void go_back(const struct awh_index *index, struct awh_text_place *place, uint32_t container,
		    bool past)
{
	if (place->child == 0 || place->container != container || past)
		*place = (struct awh_text_place){
		    .container = container,
		    .child = container + 1 + is_object(index, container),
		};
}

static void go_on(const struct awh_index *index, struct awh_text_place *place, bool named)
{
	place->child = awh_index_behind(index, place->child) + named;
	place->position++;
}

/* The place of an array, or the one unused for longest; the first of all afterwards. */
static struct awh_text_place *place_of(struct admwh_text *text, uint32_t array)
{
	struct awh_text_place place;
	size_t i = 0;

	while (i < AWH_TEXT_PLACES - 1 && text->places[i].container != array)
		i++;
	place = text->places[i];
	memmove(text->places + 1, text->places, i * sizeof(place));
	text->places[0] = place;
	return text->places;
}

uint32_t awh_text_element(struct admwh_text *text, uint32_t array, size_t position)
{
	struct awh_text_place *place = place_of(text, array);

	go_back(text->index, place, array, place->position > position);
	while (place->position < position)
		go_on(text->index, place, false);
	return place->child;
}

/* The place of the child that an entry is, or is in. */
static void go_to(const struct awh_index *index, struct awh_text_place *place, uint32_t container,
		  uint32_t entry)
{
	const bool named = is_object(index, container);

	go_back(index, place, container, place->child > entry);
	while (awh_index_behind(index, place->child) <= entry)
		go_on(index, place, named);
}

void awh_text_path(struct admwh_text *text, uint32_t root, uint32_t entry, char *path, size_t size)
{
	const struct awh_index *index = text->index;
	struct awh_path out;
	uint32_t at = root;

	awh_path_init(&out, path, size);
	for (size_t level = 0; at < entry; level++) {
		struct awh_text_place *place = &text->path[level % AWH_TEXT_LEVELS];
		const bool named = is_object(index, at);

		go_to(index, place, at, entry);
		at = place->child;
		if (named)
			awh_path_add_key(&out, index->text + index->entries[at - 1].start);
		else
			awh_path_add_index(&out, place->position);
	}
}
