/* SPDX-License-Identifier: MIT */
/*
 * An object as operations have changed it, over its index. A value is an entry of a
 * text, of the object as it was sent or of what an operation brought, or a node: a
 * container that was changed, or that holds one that was. Nothing else is made. Each
 * node has one parent, so that a node may be changed in place.
 *
 * Memory is that of the text the overlay is over: taken of its arena, charged to what
 * it is charged to, and what fails is remembered in its error.
 */
#ifndef AWH_REVIEW_OVERLAY_H
#define AWH_REVIEW_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "json/value.h"
#include "review/target.h"

struct awh_source;
struct awh_run;

struct awh_overlay {
	struct awh_target target;
	struct admwh_text *text; /* that it is over; *borrowed* */
	struct awh_ref root;
	struct awh_source *sources; /* texts that operations brought */
	struct awh_index scratch;   /* of the text that is being taken in */
	struct awh_run *spare;      /* runs of arrays that are not in use */
	uint64_t n_runs;
	size_t written; /* bytes of the whole, when it was written last */
};

/* The value of an entry. */
void awh_overlay_init(struct awh_overlay *overlay, struct admwh_text *text, uint32_t entry);
void awh_overlay_deinit(struct awh_overlay *overlay);

/*
 * Take in JSON text that awh_json_write() could have written: it is copied. An absent value when it
 * is no JSON, with the reason in error; or when memory runs out, and error is left alone.
 */
struct awh_ref awh_overlay_add_text(struct awh_overlay *overlay, const char *json, size_t len,
				    struct awh_error *error);

/*
 * Write the whole as one text and read it again, unless it is an entry: then it is one. where: see
 * awh_text_init(). False: there is no memory, or no room.
 */
bool awh_overlay_settle(struct awh_overlay *overlay, const char *where);

#endif
