/* SPDX-License-Identifier: MIT */
/*
 * The reference reader of JSON text, item by item, that fuzz_index.c compares the
 * index with. Everything is checked on the way, so that a text that was walked to its
 * end is well-formed; nothing is built.
 *
 * There is no recursion and no copy of the text: only a stack of open containers,
 * and the members of open objects.
 */
#ifndef REFERENCE_SCAN_H
#define REFERENCE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/limits.h>

#include "base/error.h"
#include "members.h"

enum awh_item {
	AWH_ITEM_END, /* of the text */
	AWH_ITEM_NULL,
	AWH_ITEM_FALSE,
	AWH_ITEM_TRUE,
	AWH_ITEM_NUMBER,
	AWH_ITEM_STRING,
	AWH_ITEM_KEY, /* the ":" behind it is read too */
	AWH_ITEM_ARRAY,
	AWH_ITEM_ARRAY_END,
	AWH_ITEM_OBJECT,
	AWH_ITEM_OBJECT_END,
};

struct awh_scan {
	/* The item that was read last. */
	enum awh_item item;
	const char *start; /* a string or key: behind the quote; else its first byte */
	size_t len;        /* a string or key: without quotes, escapes not resolved (escape.h) */
	bool escaped;      /* a string or key with escapes in it */
	bool has_nul;      /* a string or key with U+0000 in it */

	size_t depth; /* open arrays and objects */

	/* How many values may still come: a value is much larger built than written. */
	size_t values_left;

	bool takes_nul; /* false: U+0000 is refused as malformed */
	size_t n_nuls;  /* strings and keys so far that hold U+0000 */

	enum admwh_limit limit; /* the one a failure is due to; 0 for none */

	/* Private from here. */
	const char *text;
	size_t text_len;
	size_t at; /* the next byte */
	size_t max_depth;
	int expect;
	bool trusted;
	bool in_name; /* a key is being read */
	struct awh_error *error;
	struct awh_scan_frame *frames;
	size_t frames_capacity;
	struct awh_members members; /* of all open objects */
};

/*
 * Begin a text of at most `depth` nested containers. text is *borrowed* until awh_scan_deinit();
 * error may be NULL.
 */
void awh_scan_init(struct awh_scan *scan, const char *text, size_t len, size_t depth,
		   struct awh_error *error);

/* The same for a text, or one value of a text, that was walked to its end before. */
void awh_scan_init_trusted(struct awh_scan *scan, const char *text, size_t len, size_t depth);

void awh_scan_deinit(struct awh_scan *scan);

/*
 * Read the next item. 0; ADMWH_E_SYNTAX with "byte N: what" or "byte N: path: what" in error, N
 * from 0; ADMWH_E_NOMEM. After a failure there is no next item.
 */
int awh_scan_next(struct awh_scan *scan);

/* Read to the end of the value whose first item was read last. As awh_scan_next(). */
int awh_scan_skip(struct awh_scan *scan);

/* The place just behind the last item. */
const char *awh_scan_here(const struct awh_scan *scan);

/*
 * Where the last item stands: "request.userInfo.groups[3]"; "" for the text itself. What does not
 * fit in size, 4 or more, is left out. Not for a trusted text.
 */
void awh_scan_path(const struct awh_scan *scan, char *path, size_t size);

/* Is the last item, a string or key, this text? */
bool awh_scan_is(const struct awh_scan *scan, const char *text);

/* "a string", "a number", ... for messages. */
const char *awh_item_name(enum awh_item item);

#endif
