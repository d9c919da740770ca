/* SPDX-License-Identifier: MIT */
/*
 * Nodes of an overlay: objects as what they were, with the members that changed; arrays
 * as a balanced tree of runs, each one element or a part of an array of a text.
 */
#ifndef AWH_REVIEW_NODE_H
#define AWH_REVIEW_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/overlay.h"

struct awh_member;

struct awh_members {
	struct awh_member *all;          /* that changed, the newest first */
	struct awh_member *first, *last; /* that are new, in their order */
	struct awh_member **table;       /* of many, by name: open addressing, half full */
	size_t capacity;                 /* a power of two, or 0 */
	size_t count;
};

struct awh_node {
	enum awh_kind kind;  /* AWH_KIND_ARRAY or AWH_KIND_OBJECT */
	size_t size;         /* children */
	struct awh_ref base; /* the object it was; absent for none */
	union {
		struct awh_members members;
		struct awh_run *runs;
	};
};

/*
 * Called for each child, in order; name is NULL in an array. False ends the walk, which returns
 * false then.
 */
typedef bool awh_child_fn(void *arg, const struct awh_token *name, struct awh_ref child);

/* members.c: objects. */
struct awh_ref awh_members_get(const struct awh_node *object, const struct awh_token *name);
bool awh_members_set(struct awh_overlay *overlay, struct awh_node *object,
		     const struct awh_token *name, struct awh_ref value);
bool awh_members_remove(struct awh_overlay *overlay, struct awh_node *object,
			const struct awh_token *name);
/* Undo the last change of the object, a remove. */
void awh_members_put_back(struct awh_node *object, const struct awh_token *name,
			  struct awh_ref value);
bool awh_members_walk(const struct awh_node *object, awh_child_fn *child, void *arg);

/* runs.c: arrays. index is below the size; for insert it may be the size. */
bool awh_runs_init(struct awh_overlay *overlay, struct awh_node *array, struct awh_ref base);
struct awh_ref awh_runs_get(const struct awh_node *array, size_t index);
bool awh_runs_set(struct awh_overlay *overlay, struct awh_node *array, size_t index,
		  struct awh_ref value);
bool awh_runs_insert(struct awh_overlay *overlay, struct awh_node *array, size_t index,
		     struct awh_ref value);
bool awh_runs_remove(struct awh_overlay *overlay, struct awh_node *array, size_t index);
bool awh_runs_walk(const struct awh_node *array, awh_child_fn *child, void *arg);

/* node.c: values, which may be nodes or entries. */
enum awh_kind awh_ref_kind(struct awh_ref value);
size_t awh_ref_size(struct awh_ref container);
struct awh_ref awh_ref_member(struct awh_ref object, const struct awh_token *name);
struct awh_ref awh_ref_element(struct awh_ref array, size_t index);
bool awh_ref_walk(struct awh_ref container, awh_child_fn *child, void *arg);
bool awh_ref_fits(struct awh_ref value, size_t levels);
/* as_is: entries as they stand in their text; else all as awh_json_write() does */
void awh_ref_write(struct awh_buf *buf, struct awh_ref value, bool as_is);
bool awh_ref_equal(struct awh_ref a, struct awh_ref b, bool as_kube);

static inline struct awh_ref awh_entry_ref(struct admwh_text *text, uint32_t entry)
{
	return (struct awh_ref){.text = text, .entry = entry};
}

static inline const struct awh_entry *awh_ref_entry(struct awh_ref value)
{
	return &value.text->index->entries[value.entry];
}

/* Memory of the overlay, zeroed; NULL when it runs out, which is remembered. */
static inline void *awh_overlay_alloc(struct awh_overlay *overlay, size_t size)
{
	return awh_text_take(overlay->text, size);
}

#endif
