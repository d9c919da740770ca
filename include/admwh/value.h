/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Values: reading JSON where it stands, without building a tree.
 *
 * The pass that checks a review writes an index of its values; a struct admwh_value is a place in
 * that index. It is passed by value and never freed, and is valid as long as what it came from: the
 * request of a callback, or a struct admwh_document.
 *
 * Every call is total. An absent value gives an absent value, NULL, 0 or false, and out-parameters
 * are always set, so that a chain of calls needs no checks in between:
 *
 *     struct admwh_value pod = admwh_request_object(req);
 *
 *     if (admwh_value_is_true(ADMWH_GET(pod, "spec", "hostNetwork")))
 *             return admwh_response_deny(resp, 403, "hostNetwork is not allowed");
 *
 * What is **malformed is remembered**, the first one with its path
 * (`request.object.spec.replicas: expected a string, got a number`), and fails the review unless
 * the handler denies it; a document has admwh_document_error(). Malformed is
 *
 * - a value that is neither absent nor null and of another kind than asked for, in
 *   admwh_value_get(), _getn(), _at(), _find(), _first(), _first_element(), _first_member(),
 *   _is_true(), _string(), _integer(), _real(), ADMWH_GET(), admwh_value_foreach_element(),
 *   admwh_value_foreach_member() and admwh_value_foreach();
 * - text with U+0000 of which a C string, or a tree, is asked for;
 * - a malformed JSON Pointer;
 * - and memory that ran out.
 *
 * admwh_value_kind(), _is(), _text(), _raw(), _size(), _key(), _key_is() and _equal() take every
 * kind. **Absence is no error**: a policy that looks for what is forbidden allows an object that
 * does not have it, or is not there.
 *
 * Values of one review, or of one document, are read by one thread at a time.
 */
#ifndef ADMWH_VALUE_H
#define ADMWH_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#include <initializer_list>
#endif

#include <jansson.h>

#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup requests
 * @{ */

/** A JSON text and its index. */
struct admwh_text;

/** A JSON value, or the absence of one. Complete: no member will be appended; {0} is absent. */
struct admwh_value {
	const struct admwh_text *text; /**< private */
	uint32_t item;                 /**< private */
	uint32_t end;                  /**< private */
};

/** What a value is. */
enum admwh_kind {
	ADMWH_ABSENT = 0, /**< there is none */
	ADMWH_NULL,       /**< null */
	ADMWH_BOOLEAN,    /**< true or false */
	ADMWH_NUMBER,     /**< integer or not */
	ADMWH_STRING,     /**< text in UTF-8 */
	ADMWH_ARRAY,      /**< elements in order */
	ADMWH_OBJECT      /**< members; no name occurs twice */
};

/**
 * A member of an object.
 *
 * @param value  an object
 * @param name   the member's name; NULL gives an absent value
 * @return the member; absent without one, and of null
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_value_get(struct admwh_value value, const char *name);

/**
 * A member of an object, by a name that need not be NUL-terminated and may hold U+0000.
 *
 * @param value  an object
 * @param name   the member's name; NULL gives an absent value
 * @param len    bytes of name
 * @return as admwh_value_get()
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_value_getn(struct admwh_value value, const char *name,
					      size_t len);

/**
 * The function behind ADMWH_GET(): admwh_value_get() once for each name.
 *
 * @param value    an object
 * @param names    n_names names, the outermost member's first
 * @param n_names  0 gives value itself
 * @return as admwh_value_get()
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_value_get_names(struct admwh_value value,
						   const char *const *names, size_t n_names);

/**
 * An element of an array. Asking for all of them, in any order, is linear; to walk them
 * admwh_value_foreach_element() is simpler.
 *
 * @param value  an array
 * @param index  from 0
 * @return the element; absent past the end, and of null
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_value_at(struct admwh_value value, size_t index);

/**
 * A value by JSON Pointer (RFC 6901).
 *
 * @param value    the value that the pointer starts from
 * @param pointer  "" for value itself, otherwise "/" and tokens, with ~0 for ~ and ~1 for /:
 *                 "/spec/containers/0/image"; NULL gives an absent value
 * @return what it leads to; absent when there is none, when the pointer goes on behind null, and
 *         when it is malformed
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_value_find(struct admwh_value value, const char *pointer);

/**
 * The kind of a value.
 *
 * @param value  any value
 * @return its kind; ADMWH_ABSENT when there is none
 * @since 0.1.0
 */
ADMWH_API enum admwh_kind admwh_value_kind(struct admwh_value value);

/**
 * Is there no value, not even null?
 *
 * @param value  any value
 * @return true when it is absent
 * @since 0.1.0
 */
ADMWH_API bool admwh_value_is_absent(struct admwh_value value);

/**
 * Is it neither absent nor null?
 *
 * @param value  any value
 * @return true when it is set
 * @since 0.1.0
 */
ADMWH_API bool admwh_value_is_set(struct admwh_value value);

/**
 * Is it true?
 *
 * @param value  a boolean
 * @return true for true; false for false, null and absence
 * @since 0.1.0
 */
ADMWH_API bool admwh_value_is_true(struct admwh_value value);

/**
 * Is it a string of this text? Compared by length, without a copy: a string that holds U+0000 is
 * no C string. A value of another kind is not this text, and nothing is remembered: a deny-list
 * compares what admwh_value_string() gives.
 *
 * @param value  any value
 * @param text   a C string; NULL gives false
 * @return true when it is a string, and this one
 * @since 0.1.0
 */
ADMWH_API bool admwh_value_is(struct admwh_value value, const char *text);

/**
 * The text of a string, whatever it holds: text goes by its length.
 *
 * @param value  any value
 * @param len    set to the length in bytes, 0 when the result is NULL; may be NULL
 * @return *borrowed* as long as the value is valid; **not NUL-terminated**; NULL for any other
 *         kind, and when memory runs out
 * @since 0.1.0
 */
ADMWH_API const char *admwh_value_text(struct admwh_value value, size_t *len);

/**
 * A string as C string. The copy is made once: asked again, it is the same one.
 *
 * @param value  a string
 * @return *borrowed* as long as the value is valid; NULL for null, absence, text that holds U+0000,
 *         and when memory runs out
 * @since 0.1.0
 */
ADMWH_API const char *admwh_value_string(struct admwh_value value);

/**
 * A number as integer. 1.0 and 10e-1 are 1; a number with a fraction, or beyond int64, is
 * malformed.
 *
 * @param value  a number
 * @param number  set to it, or to 0; may be NULL
 * @return true when it is one
 * @since 0.1.0
 */
ADMWH_API bool admwh_value_integer(struct admwh_value value, int64_t *number);

/**
 * A number as double, the nearest one.
 *
 * @param value   a number
 * @param number  set to it, or to 0; may be NULL
 * @return true when it is one
 * @since 0.1.0
 */
ADMWH_API bool admwh_value_real(struct admwh_value value, double *number);

/**
 * A value as it was sent: JSON text, a string with quotes and escapes.
 *
 * @param value  any value
 * @param len    set to the length in bytes, 0 when the value is absent; may be NULL
 * @return *borrowed* as long as the value is valid; not NUL-terminated; NULL when absent
 * @since 0.1.0
 */
ADMWH_API const char *admwh_value_raw(struct admwh_value value, size_t *len);

/**
 * How many elements an array has, or members an object.
 *
 * @param value  any value
 * @return the count; 0 for any other kind
 * @since 0.1.0
 */
ADMWH_API size_t admwh_value_size(struct admwh_value value);

/**
 * The first element of an array, or member of an object, see admwh_value_foreach().
 *
 * @param value  an array or object
 * @return the first one; absent without one, and of null
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_value_first(struct admwh_value value);

/**
 * The first element of an array, see admwh_value_foreach_element().
 *
 * @param value  an array
 * @return the first one; absent without one, and of null
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_value_first_element(struct admwh_value value);

/**
 * The first member of an object, see admwh_value_foreach_member().
 *
 * @param value  an object
 * @return the first one; absent without one, and of null
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_value_first_member(struct admwh_value value);

/**
 * The element, or member, behind this one.
 *
 * @param value  an element or a member
 * @return the next one; absent behind the last, and of a value that is neither
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_value_next(struct admwh_value value);

/**
 * The name of a member, in its text's bytes.
 *
 * @param value  a member, from admwh_value_foreach_member() or any other call
 * @param len    set to the length in bytes, 0 when the result is NULL; may be NULL
 * @return *borrowed* as long as the value is valid; **not NUL-terminated**; NULL for a value that
 *         is no member, and when memory runs out
 * @since 0.1.0
 */
ADMWH_API const char *admwh_value_key(struct admwh_value value, size_t *len);

/**
 * Is it a member of this name? Compared by length, as admwh_value_is() does.
 *
 * @param value  any value
 * @param name   a C string; NULL gives false
 * @return true when it is a member of an object, and has this name
 * @since 0.1.0
 */
ADMWH_API bool admwh_value_key_is(struct admwh_value value, const char *name);

/**
 * Compare two values (RFC 6902 4.6), of one text or of two: did spec change? Numbers are compared
 * by value, exactly, members in any order. The work is linear in the smaller text.
 *
 * @param a  any value
 * @param b  any value
 * @return true when they are equal; false when one is absent, or both, and when memory runs out
 * @since 0.1.0
 */
ADMWH_API bool admwh_value_equal(struct admwh_value a, struct admwh_value b);

/**
 * Where a value stands in the object, oldObject, options or document that it is of:
 * "spec.containers[0].image", metadata.labels["app.kubernetes.io/name"]; "" for that one itself.
 * What is absent stands where it was looked for: "spec.replicas" of an object without replicas, or
 * without spec.
 *
 * @param value  any value
 * @return *borrowed* as long as the value is valid; what is longer than 1 KiB ends in "..."; "" for
 *         an absence of no place, as of an object that the review does not have, and when memory
 *         runs out
 * @since 0.1.0
 */
ADMWH_API const char *admwh_value_path(struct admwh_value value);

/**
 * A jansson tree of a value and all that is in it. Integers beyond int64 are reals. The trees of a
 * review count against bodies-in-flight until it ends, freed or not, from 256 KiB in all on.
 *
 * @param value  any value
 * @return *new*; NULL when absent, when it holds U+0000 (unless admwh_route_set_nul_in_trees()
 * takes it), and when memory runs out
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_value_json(struct admwh_value value);

/**
 * A JSON text of the program's own, read by values. **Used by one thread at a time**: reading
 * changes it, so that handlers that share a document, and run on several threads, need a lock.
 */
struct admwh_document;

/**
 * Read a document: one JSON value (RFC 8259) in UTF-8 with at most 1000 levels of arrays and
 * objects, without a byte order mark, duplicate members or trailing text.
 *
 * @param text  the text, which is copied; need not be NUL-terminated
 * @param len   bytes
 * @return *new*, free with admwh_document_free(), also when the text is malformed:
 *         admwh_document_error() says why; NULL when memory ran out or text is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_document *admwh_document_parse(const char *text, size_t len);

/**
 * The value of a document.
 *
 * @param document  a document; NULL gives an absent value
 * @return its value; absent when the text is malformed
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_document_value(const struct admwh_document *document);

/**
 * The first error of a document: why its text is malformed ("byte 17: expected a value"), or what
 * was malformed when its values were read ("spec.replicas: expected a string, got a number").
 *
 * @param document  a document; NULL, for which memory ran out, gives "out of memory"
 * @return *borrowed* until the document is freed; one line; "" without an error
 * @since 0.1.0
 */
ADMWH_API const char *admwh_document_error(const struct admwh_document *document);

/**
 * Free a document, and with it what its values gave.
 *
 * @param document  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_document_free(struct admwh_document *document);

#ifdef __cplusplus
}

/* The list of names, which C makes as a compound literal. */
inline struct admwh_value admwh_value_get_list(struct admwh_value value,
					       std::initializer_list<const char *> names)
{
	return admwh_value_get_names(value, names.begin(), names.size());
}

#define ADMWH_GET(value, ...) admwh_value_get_list((value), {__VA_ARGS__})
#else
/**
 * A member of a member ...: several steps of admwh_value_get(),
 * `ADMWH_GET(pod, "metadata", "labels", "app.kubernetes.io/name")`. A step that is NULL gives an
 * absent value. An element of an array is no member: admwh_value_at(), or admwh_value_find().
 *
 * @param value  an object
 * @param ...    one or more names
 * @return as admwh_value_get()
 * @since 0.1.0
 */
#define ADMWH_GET(value, ...)                                                                      \
	admwh_value_get_names((value), (const char *const[]){__VA_ARGS__},                         \
			      sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
#endif

/**
 * Walk the elements of an array; null and absence have none. An object is remembered as malformed:
 * a list of containers that is no list fails the review.
 *
 *     admwh_value_foreach_element(container, ADMWH_GET(pod, "spec", "containers"))
 *             if (admwh_value_is_true(ADMWH_GET(container, "securityContext", "privileged")))
 *                     return admwh_response_deny(resp, 403, "%s", admwh_value_path(container));
 *
 * @param child  name of the variable that is declared, a struct admwh_value
 * @param value  an array, evaluated once
 * @since 0.1.0
 */
#define admwh_value_foreach_element(child, value)                                                  \
	for (struct admwh_value child = admwh_value_first_element(value); (child).text;            \
	     child = admwh_value_next(child))

/**
 * Walk the members of an object, whose names admwh_value_key() gives; null and absence have none.
 * An array is remembered as malformed.
 *
 * @param child  name of the variable that is declared, a struct admwh_value
 * @param value  an object, evaluated once
 * @since 0.1.0
 */
#define admwh_value_foreach_member(child, value)                                                   \
	for (struct admwh_value child = admwh_value_first_member(value); (child).text;             \
	     child = admwh_value_next(child))

/**
 * Walk the elements of an array, or the members of an object; null and absence have none. It is for
 * code that takes any JSON, such as a search through a whole document: what expects one of the two
 * uses admwh_value_foreach_element() or admwh_value_foreach_member(), which remember the other.
 *
 * @param child  name of the variable that is declared, a struct admwh_value
 * @param value  an array or object, evaluated once
 * @since 0.1.0
 */
#define admwh_value_foreach(child, value)                                                          \
	for (struct admwh_value child = admwh_value_first(value); (child).text;                    \
	     child = admwh_value_next(child))

/** @} */

#endif
