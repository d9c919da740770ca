/* SPDX-License-Identifier: MIT */
/**
 * @file
 * JSON documents, pointers into them (RFC 6901) and patches between them (RFC 6902, RFC 7386),
 * without a review: for tests, for tools, and for programs with an HTTPS server of their own.
 *
 * Values are jansson's. What jansson cannot represent is kept beside them: a struct admwh_json
 * remembers the text of the numbers that it parsed, so that 18446744073709551616, 1.0 and 1e3 are
 * written as they were read. Use one handle for all documents that belong together, from one thread
 * at a time. It also keeps the message of the last failure.
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

/** @addtogroup patches
 * @{ */

/** A handle: the text of parsed numbers, and the last error. */
struct admwh_json;

/**
 * Create a handle.
 *
 * @return *new*, free with admwh_json_free(); NULL when memory ran out
 * @since 0.1.0
 */
ADMWH_API struct admwh_json *admwh_json_new(void);

/**
 * Free a handle. Values that were parsed with it stay valid; the text of their numbers is
 * forgotten.
 *
 * @param json  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_json_free(struct admwh_json *json);

/**
 * Message of the last call with this handle that failed.
 *
 * @param json  a handle; NULL gives ""
 * @return *borrowed* until the next call with this handle; one line; "" when no call failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_json_error(const struct admwh_json *json);

/**
 * Choose whether admwh_json_parse() takes U+0000 in strings and names of members. Such text is
 * longer than json_string_value() shows as a C string: read it with json_string_length(), and names
 * with json_object_iter_key_len() and json_object_getn(). All other functions of this header take
 * it.
 *
 * @param json  a handle
 * @param on    false is the default: U+0000 is malformed
 * @return 0; ADMWH_E_INVAL when json is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_json_set_nul_in_trees(struct admwh_json *json, bool on);

/**
 * Parse a document: one JSON value (RFC 8259) in UTF-8 with at most 1000 levels of arrays and
 * objects, without a byte order mark, duplicate members or trailing text, and without U+0000 unless
 * admwh_json_set_nul_in_trees() says so.
 *
 * @param json  a handle
 * @param text  the text; need not be NUL-terminated
 * @param len   bytes
 * @return *new*; NULL with an admwh_json_error() such as "byte 17: expected a value"
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_parse(struct admwh_json *json, const char *text, size_t len);

/**
 * Write a document as compact JSON: members in their own order, numbers as they were read.
 *
 * @param json   the handle that it was parsed with
 * @param value  *borrowed*
 * @param len    set to the length in bytes; may be NULL
 * @return *new*, free with free(); NUL-terminated; NULL when memory ran out or the value has more
 *         than 2000 levels
 * @since 0.1.0
 */
ADMWH_API char *admwh_json_write(struct admwh_json *json, const json_t *value, size_t *len);

/**
 * Copy a value deeply, with the text of its numbers, which json_deep_copy() loses.
 *
 * @param json   the handle that it was parsed with
 * @param value  *borrowed*
 * @return *new*; NULL when memory ran out or the value has more than 2000 levels
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_copy(struct admwh_json *json, const json_t *value);

/**
 * Compare two values (RFC 6902 4.6). Numbers are compared by value, exactly: 1 equals 1.0, but
 * 9007199254740993 does not equal 9007199254740992.0.
 *
 * @param json  the handle that both were parsed with
 * @param a     *borrowed*
 * @param b     *borrowed*
 * @return true when they are equal; false when one is NULL
 * @since 0.1.0
 */
ADMWH_API bool admwh_json_equal(const struct admwh_json *json, const json_t *a, const json_t *b);

/**
 * Find a value by JSON Pointer (RFC 6901). The pointer is a C string: it leads to no member whose
 * name holds U+0000, which json_object_getn() finds.
 *
 * @param root     *borrowed*; the document; NULL gives NULL
 * @param pointer  "" for the document itself, otherwise "/" and tokens, with ~0 for ~ and ~1 for /
 * @return *borrowed* from root; NULL when there is no such value or the pointer is malformed
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_pointer_get(const json_t *root, const char *pointer);

/**
 * Append a reference token to a JSON Pointer, with "~" and "/" escaped:
 * ("/metadata/labels", "app.kubernetes.io/name") gives "/metadata/labels/app.kubernetes.io~1name".
 *
 * @param pointer  a JSON Pointer
 * @param token    any UTF-8 text
 * @return *new*, free with free(); NULL when memory ran out or an argument is NULL
 * @since 0.1.0
 */
ADMWH_API char *admwh_json_pointer_join(const char *pointer, const char *token);

/**
 * The JSON Pointer of several reference tokens, escaped as needed. ADMWH_POINTER() counts them.
 *
 * @param tokens    n_tokens names of members, or indices; a NULL among them gives NULL
 * @param n_tokens  0 gives ""
 * @return *new*, free(); NULL also when memory runs out
 * @since 0.1.0
 */
ADMWH_API char *admwh_json_pointer_from(const char *const *tokens, size_t n_tokens);

#ifndef __cplusplus
/**
 * admwh_json_pointer_from() of its arguments:
 * `ADMWH_POINTER("metadata", "labels", "app.kubernetes.io/name")`.
 *
 * @param ...  one or more tokens
 * @return as admwh_json_pointer_from()
 * @since 0.1.0
 */
#define ADMWH_POINTER(...)                                                                         \
	admwh_json_pointer_from((const char *const[]){__VA_ARGS__},                                \
				sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
#endif

/** Which rules decide whether a JSON Patch applies, and how. */
enum admwh_patch_mode {
	/** Both: what RFC 6902 or kube-apiserver rejects is rejected. struct admwh_patch uses this.
	 */
	ADMWH_PATCH_MODE_STRICT = 1,
	/** Those of RFC 6902 and RFC 6901. */
	ADMWH_PATCH_MODE_RFC6902 = 2,
	/**
	 * Those of kube-apiserver's implementation (evanphx/json-patch v4): replace adds a missing
	 * member, -1 is the last element, 01 is 1, a missing value or a missing member to copy is
	 * null, a missing member passes a test for null, a pointer need not begin with "/"; the
	 * whole document can only be replaced or tested, and stays an object or array; test
	 * compares numbers by their text and fails on an array that holds null.
	 */
	ADMWH_PATCH_MODE_KUBE_APISERVER = 3
};

/**
 * Apply a JSON Patch (RFC 6902) wholly or not at all: on failure the document is unchanged.
 *
 * In every mode the copy operations of a patch add at most 3 MiB of text together, as in
 * kube-apiserver, the result has at most 1000 levels, and "" cannot be removed.
 *
 * @param json      the handle that both were parsed with
 * @param document  on success *replaced*: the old reference is released and a new one takes its
 *                  place; pointers borrowed from the old document become invalid
 * @param patch     *borrowed*; an array of operations
 * @param mode      one of enum admwh_patch_mode
 * @return 0; ADMWH_E_PATCH or ADMWH_E_POINTER, and admwh_json_error() names the operation, counted
 *         from 0: "operation 2: remove /a/b: no such member"; ADMWH_E_NOMEM; ADMWH_E_INVAL, also
 *         without a mode
 * @since 0.1.0
 */
ADMWH_API int admwh_json_patch_apply(struct admwh_json *json, json_t **document,
				     const json_t *patch, enum admwh_patch_mode mode);

/** Options of admwh_json_patch_make(): a set of bits, 0 for none. */
enum admwh_patch_make_option {
	/** Compare arrays index by index, without looking for inserted or removed elements. */
	ADMWH_PATCH_MAKE_INDEX_BY_INDEX = 1,
	/**
	 * Always replace an object, or an array compared index by index, when that is shorter than
	 * operations inside it. By default operations of less than 256 bytes together are kept,
	 * because they are more precise.
	 */
	ADMWH_PATCH_MAKE_SMALLEST = 2,
	/** Replace a number whose value is the same but whose text differs. */
	ADMWH_PATCH_MAKE_NUMBER_TEXT = 4
};

/**
 * Make the JSON Patch (RFC 6902) that turns one document into another.
 *
 * The same documents give the same patch, of add, remove and replace operations. Members come in
 * alphabetical order: first those added or changed, then those removed. Values that did not change
 * do not occur. In arrays the fewest elements are inserted and removed; a changed element is paired
 * with the one that is most like it. The patch is not longer than replacing what changed, except as
 * ADMWH_PATCH_MAKE_SMALLEST says.
 *
 * The time is linear in the size of objects, and of arrays beyond these bounds, where elements are
 * compared index by index: 1048576 comparisons in all, 1000 elements inserted or removed in one
 * array, 4096 pairs of elements compared for likeness.
 *
 * @param json     the handle that both were parsed with
 * @param from     *borrowed*
 * @param to       *borrowed*
 * @param options  0, or a sum of enum admwh_patch_make_option
 * @return *new*, an array that refers to neither document, empty when they are equal; NULL when
 *         memory ran out, a document has more than 1000 levels, or there is no such option
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_patch_make(struct admwh_json *json, const json_t *from,
					const json_t *to, unsigned int options);

/**
 * Apply a JSON Merge Patch (RFC 7386): its members replace those of the document, object by object,
 * and null removes a member.
 *
 * @param json      the handle that both were parsed with
 * @param document  as in admwh_json_patch_apply()
 * @param merge     *borrowed*
 * @return 0; ADMWH_E_PATCH when it has more than 1000 levels; ADMWH_E_NOMEM; ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_json_merge_apply(struct admwh_json *json, json_t **document,
				     const json_t *merge);

/**
 * Make the JSON Merge Patch (RFC 7386) that turns one document into another.
 *
 * @param json  the handle that both were parsed with
 * @param from  *borrowed*
 * @param to    *borrowed*
 * @return *new*, refers to neither document; NULL when there is none, because a merge patch cannot
 *         set a member to null ("/a/b: a merge patch cannot set null"), when a document has more
 *         than 1000 levels, or when memory ran out
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_merge_make(struct admwh_json *json, const json_t *from,
					const json_t *to);

/**
 * Convert a JSON Merge Patch to the JSON Patch that has the same effect on this document.
 *
 * @param json      the handle that both were parsed with
 * @param document  *borrowed*
 * @param merge     *borrowed*
 * @param options   as for admwh_json_patch_make()
 * @return *new*, an array of operations; NULL as for admwh_json_patch_make() and
 *         admwh_json_merge_apply()
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_json_merge_to_patch(struct admwh_json *json, const json_t *document,
					    const json_t *merge, unsigned int options);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
