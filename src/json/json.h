/* SPDX-License-Identifier: MIT */
/*
 * json: JSON text: its index, numbers, escapes, pointers, trees, writing. It
 * knows no review. This header is text <-> jansson values, without loss.
 *
 * jansson alone refuses integers beyond int64 and forgets how a number was
 * written. Here such a number becomes a json_real, and its exact text is kept
 * in a `struct awh_numbers` beside the tree, found again by the value's
 * address; the table holds a reference, so that an address never means two
 * values. The writer asks the table first. Values that a program makes or
 * changes are not in it, or no longer match it, and are written from the double.
 *
 * The reader (index.h) accepts RFC 8259 text and nothing more: valid UTF-8, no byte
 * order mark, no duplicate member, a bounded depth, no number beyond the range of a
 * double, nothing after the value. U+0000 is a character like others, in strings and
 * in names of members: text goes by its length.
 */
#ifndef AWH_JSON_H
#define AWH_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"
#include "json/index.h"

/*
 * How deep a tree may be for the calls below that take one. Text that was read is never as deep;
 * what a program builds may be, and then the call fails instead of the stack.
 */
enum { AWH_JSON_DEPTH_MAX = 2048 };

/* Exact texts of the numbers of one or several trees. Used by one thread at a time. */
struct awh_numbers;

struct awh_numbers *awh_numbers_new(void);
void awh_numbers_free(struct awh_numbers *numbers);

/*
 * Check that text is one JSON value of at most `depth` nested arrays and objects.
 * 0; ADMWH_E_SYNTAX with "byte N: what" or "byte N: path: what" in error, N from 0; ADMWH_E_NOMEM.
 */
int awh_json_check(const char *text, size_t len, size_t depth, struct awh_error *error);

/* Check and build. *new*; NULL with error set. numbers may be NULL: texts are not kept then. */
json_t *awh_json_parse(const char *text, size_t len, size_t depth, struct awh_numbers *numbers,
		       struct awh_error *error);

/*
 * The same, and U+0000 is refused as malformed: for a caller who may read texts as C strings.
 */
json_t *awh_json_parse_without_nul(const char *text, size_t len, size_t depth,
				   struct awh_numbers *numbers, struct awh_error *error);

/* Build one entry of an index and all that is in it. *new*; NULL when memory runs out. */
json_t *awh_json_build(const struct awh_index *index, uint32_t entry, struct awh_numbers *numbers);

/*
 * Bytes that the tree of an entry takes, at most: `each` for a value, and its text again. An empty
 * object, the largest value of jansson's for its text, takes 320 bytes on a 64-bit machine.
 */
enum { AWH_JSON_VALUE_SIZE = 320 };
size_t awh_json_tree_size(const struct awh_index *index, uint32_t entry, size_t each);

/* Trees of this size are not counted against limits. */
enum { AWH_TREE_UNCOUNTED = 256 * 1024 };

/*
 * Deep copy that keeps number texts. *new*; NULL when memory runs out or the tree is deeper than
 * AWH_JSON_DEPTH_MAX.
 */
json_t *awh_json_copy(const json_t *value, struct awh_numbers *numbers);

/*
 * Copy of an array or object alone, which refers to the same children. *new*; NULL when memory
 * runs out: json_copy() would leave out children then.
 */
json_t *awh_json_copy_level(const json_t *value);

/*
 * Equal as JSON values (RFC 6902 4.6): numbers by value, exactly, not by text. Trees deeper than
 * AWH_JSON_DEPTH_MAX are equal to none.
 */
bool awh_json_equal(const json_t *a, const json_t *b, const struct awh_numbers *numbers);

/* Is value nested no deeper than levels? Its first array or object takes one. */
bool awh_json_fits(const json_t *value, size_t levels);

/* Would two numbers be written alike? 1 and 1.0 would not. */
bool awh_json_same_text(const json_t *a, const json_t *b, const struct awh_numbers *numbers);

/*
 * Append as compact JSON text in the trees' own key order. numbers may be NULL. A tree deeper
 * than AWH_JSON_DEPTH_MAX makes the buffer fail with ADMWH_E_LIMIT.
 */
void awh_json_write(struct awh_buf *buf, const json_t *value, const struct awh_numbers *numbers);

#endif
