/* SPDX-License-Identifier: MIT */
/**
 * @file
 * JSON documents and the patches between them, without a review: for tests,
 * for tools, and for programs with an HTTPS server of their own.
 *
 * Values are plain json_t. What jansson cannot hold is kept beside them: a
 * struct admwh_json remembers how the numbers of the documents it read were
 * written, so that 18446744073709551616, 1.0 and 1e3 are written again as they
 * were. Use one for all documents that have to do with each other, from one
 * thread at a time. It holds the message of the last failure as well.
 */
#ifndef ADMWH_JSON_H
#define ADMWH_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include <admwh/error.h>
#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How the numbers of some documents were written, and the last error. */
struct admwh_json;

/**
 * A handle for some documents.
 *
 * @return *new*, free with admwh_json_free(); NULL when memory ran out
 * @since 0.1.0
 */
ADMWH_API struct admwh_json *admwh_json_new(void);

/**
 * Free a handle. Values that were made with it stay valid; only how their numbers were written is
 * forgotten.
 *
 * @param json  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_json_free(struct admwh_json *json);

/**
 * Why the last call that failed did so.
 *
 * @param json  the handle the call was made on
 * @return *borrowed* until the next call with this handle; one line; "" when none failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_json_error(const struct admwh_json *json);

/**
 * Read a document: one JSON value (RFC 8259) of at most 1000 nested arrays and objects, in UTF-8,
 * without byte order mark, duplicate member, U+0000 or anything behind the value.
 *
 * @param json  a handle
 * @param text  the text; need not be NUL-terminated
 * @param len   bytes
 * @return *new*; NULL with admwh_json_error() "byte 17: expected a value"
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_parse(struct admwh_json *json, const char *text, size_t len);

/**
 * Write a document as compact JSON, members in their own order, numbers as they were read.
 *
 * @param json   the handle it was read with
 * @param value  a value
 * @param len    set to the length in bytes; may be NULL
 * @return *new*, free with free(); NUL-terminated; NULL when memory ran out or the value is nested
 *         deeper than 2000 levels
 * @since 0.1.0
 */
ADMWH_API char *admwh_json_write(struct admwh_json *json, const json_t *value, size_t *len);

/**
 * Copy a value, deep, with how its numbers were written. json_deep_copy() forgets that.
 *
 * @param json   the handle it was read with
 * @param value  a value
 * @return *new*; NULL when memory ran out or the value is nested deeper than 2000 levels
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_copy(struct admwh_json *json, const json_t *value);

/**
 * Are two values equal as JSON (RFC 6902 4.6)? Numbers are compared by what they are worth,
 * exactly: 1 and 1.0 are equal, 9007199254740993 and 9007199254740992.0 are not.
 *
 * @param json  the handle they were read with
 * @param a     a value
 * @param b     a value
 * @return true when they are
 * @since 0.1.0
 */
ADMWH_API bool admwh_json_equal(const struct admwh_json *json, const json_t *a, const json_t *b);

/**
 * Find a value by JSON Pointer (RFC 6901).
 *
 * @param root     the document; may be NULL, then the result is NULL
 * @param pointer  "" for the document itself, else "/" and tokens with ~0 for ~ and ~1 for /
 * @return *borrowed* from root; NULL when nothing is there or the pointer is malformed
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_pointer_get(const json_t *root, const char *pointer);

/**
 * Append one reference token to a JSON Pointer, escaping "~" and "/":
 * ("/metadata/labels", "app.kubernetes.io/name") gives "/metadata/labels/app.kubernetes.io~1name".
 *
 * @param pointer  a JSON Pointer
 * @param token    any UTF-8 text
 * @return *new*, free with free(); NULL when memory ran out or an argument is NULL
 * @since 0.1.0
 */
ADMWH_API char *admwh_json_pointer_join(const char *pointer, const char *token);

/** Whose opinion of a JSON Patch counts. */
enum admwh_patch_mode {
	/**
	 * Refuses what RFC 6902 refuses and what kube-apiserver refuses, as struct admwh_patch
	 * does.
	 */
	ADMWH_PATCH_MODE_STRICT = 1,
	/** RFC 6902 and RFC 6901, whole and alone. */
	ADMWH_PATCH_MODE_RFC6902 = 2,
	/**
	 * As kube-apiserver's library (evanphx/json-patch v4) applies it: replace of a missing
	 * member adds it, -1 is the last element, 01 is 1, a missing value or a missing member to
	 * copy is null, a missing member passes a test for null, a pointer need not begin with
	 * "/"; the whole document can only be replaced or tested, and stays an object or array;
	 * test compares numbers by their text and fails on an array that holds null.
	 */
	ADMWH_PATCH_MODE_KUBE_APISERVER = 3
};

/**
 * Apply a JSON Patch (RFC 6902). All or nothing: on failure the document is as it was.
 *
 * In every mode the copy operations of a patch may together add 3 MiB of text, as in
 * kube-apiserver, the result may be nested 1000 levels deep, and "" cannot be removed.
 *
 * @param json      the handle both were read with
 * @param document  the document; on success *replaced*: the old reference is released, a new one
 *                  stands in its place. Borrowed pointers into the old document end with it.
 * @param patch     *borrowed*; an array of operations
 * @param mode      whose opinion counts
 * @return 0; ADMWH_E_PATCH or ADMWH_E_POINTER, with admwh_json_error() naming the operation,
 *         counted from 0: "operation 2: remove /a/b: no such member"; ADMWH_E_NOMEM; ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_json_patch_apply(struct admwh_json *json, json_t **document,
				     const json_t *patch, enum admwh_patch_mode mode);

/** Options of admwh_json_patch_make(), to be added up. */
enum admwh_patch_make_option {
	/** Compare arrays index by index instead of looking for what was inserted or removed. */
	ADMWH_PATCH_MAKE_INDEX_BY_INDEX = 1,
	/**
	 * Replace an object, or an array compared index by index, where that is less text than
	 * single operations in it, also where those are less than 256 bytes together, which else
	 * are kept because they say more.
	 */
	ADMWH_PATCH_MAKE_SMALLEST = 2,
	/** Replace a number that is worth the same but written differently. */
	ADMWH_PATCH_MAKE_NUMBER_TEXT = 4
};

/**
 * Find the JSON Patch that leads from one document to another. Applied to the first, it gives the
 * second.
 *
 * The same documents give the same patch. It says add, remove and replace; members come in
 * alphabetical order, those that are new or changed first, then those that go; what did not change
 * is not mentioned. Of arrays, the fewest elements are inserted and removed; one that changed is
 * paired with the one it is most like. A patch is never longer than replacing what changed, but
 * see ADMWH_PATCH_MAKE_SMALLEST.
 *
 * Objects take time linear in their size. Arrays do too beyond bounds: 1048576 comparisons in all,
 * 1000 elements inserted or removed in one array, 4096 pairs weighed against each other. Beyond
 * them elements are compared index by index.
 *
 * @param json     the handle both were read with
 * @param from     *borrowed*
 * @param to       *borrowed*
 * @param options  0, or enum admwh_patch_make_option
 * @return *new*, an array that refers to neither document; empty when they are equal; NULL when
 *         memory ran out, a document is nested deeper than 1000 levels, or a changed member's name
 *         holds U+0000
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_patch_make(struct admwh_json *json, const json_t *from,
					const json_t *to, unsigned int options);

/**
 * Apply a JSON Merge Patch (RFC 7386): its members replace those of the document, object by
 * object; null removes.
 *
 * @param json      the handle both were read with
 * @param document  as in admwh_json_patch_apply()
 * @param merge     *borrowed*
 * @return 0; ADMWH_E_PATCH when it is nested deeper than 1000 levels; ADMWH_E_NOMEM; ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_json_merge_apply(struct admwh_json *json, json_t **document,
				     const json_t *merge);

/**
 * Find the JSON Merge Patch that leads from one document to another.
 *
 * @param json  the handle both were read with
 * @param from  *borrowed*
 * @param to    *borrowed*
 * @return *new*, refers to neither document; NULL when there is none, because a merge patch cannot
 *         set a member to null ("/a/b: a merge patch cannot set null"), when a document is nested
 *         deeper than 1000 levels, or memory ran out
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_merge_make(struct admwh_json *json, const json_t *from,
					const json_t *to);

/**
 * Turn a JSON Merge Patch into the JSON Patch that does the same to this document.
 *
 * @param json      the handle both were read with
 * @param document  *borrowed*
 * @param merge     *borrowed*
 * @param options   0, or enum admwh_patch_make_option
 * @return *new*, an array of operations; NULL as admwh_json_patch_make() and
 * admwh_json_merge_apply()
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_merge_to_patch(struct admwh_json *json, const json_t *document,
					    const json_t *merge, unsigned int options);

#ifdef __cplusplus
}
#endif

#endif
