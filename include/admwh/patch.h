/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The JSON Patch (RFC 6902) of a mutator.
 *
 * Each operation is applied when it is added, over the review's own bytes: only what it changes is
 * made anew, and an operation that cannot apply fails at once. An operation fails where RFC 6902 or
 * kube-apiserver's own implementation rejects it (ADMWH_PATCH_MODE_STRICT of json.h). The patch
 * remembers a failed operation: unless the handler denies the request, the review then fails and
 * names the operation, whatever the handler returns, because the object must not be stored without
 * a change that its handler asked for.
 *
 * A patch is used by one thread at a time.
 */
#ifndef ADMWH_PATCH_H
#define ADMWH_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup patches
 * @{ */

/** The patch of a running mutator; *borrowed* until the callback returns. */
struct admwh_patch;

/**
 * Add a member, or insert an element into an array (RFC 6902 4.1). The parent must exist.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value; "-" as last token appends to an array. Not "" (the
 *                 whole object), which kube-apiserver accepts only in replace and test
 * @param value    *borrowed*; copied
 * @return 0; ADMWH_E_POINTER; ADMWH_E_PATCH, admwh_patch_error() says why; ADMWH_E_NOMEM;
 *         ADMWH_E_INVAL when value is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add(struct admwh_patch *patch, const char *pointer, const json_t *value);

/**
 * As admwh_patch_add(), but *steals* value.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param value    *stolen*, also on failure; NULL means that memory ran out when it was made
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_new(struct admwh_patch *patch, const char *pointer, json_t *value);

/**
 * As admwh_patch_add(), with a string.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param text     *borrowed*; UTF-8, NUL-terminated; copied
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_string(struct admwh_patch *patch, const char *pointer,
				     const char *text);

/**
 * As admwh_patch_add(), with an integer.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param number   the value
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_integer(struct admwh_patch *patch, const char *pointer,
				      int64_t number);

/**
 * As admwh_patch_add(), with true or false.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param truth    the value
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_bool(struct admwh_patch *patch, const char *pointer, bool truth);

/**
 * As admwh_patch_add(), with a value of the request, of another one, or of a struct
 * admwh_document.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param value    copied; an absent one is ADMWH_E_INVAL
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_value(struct admwh_patch *patch, const char *pointer,
				    struct admwh_value value);

/**
 * As admwh_patch_add(), with a value as JSON text.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param json     *borrowed*; one JSON value, as admwh_document_parse() takes it
 * @param len      of json in bytes
 * @return as admwh_patch_add(); ADMWH_E_PATCH when json is malformed
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_json_text(struct admwh_patch *patch, const char *pointer,
					const char *json, size_t len);

/**
 * As admwh_patch_add(), and first add the parent objects that are missing or null, each by an
 * operation of its own: the API server does not create them (`/metadata/labels/x` fails on an
 * object without labels).
 *
 * A label or annotation is a string, of the object and of the templates in it (such as
 * `/spec/template/metadata/labels`): a pointer that goes on behind its key, as with a "/" of the
 * key that is not written "~1", and any other value are ADMWH_E_PATCH. On a raw route they are not.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param value    *borrowed*; copied
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_parents(struct admwh_patch *patch, const char *pointer,
				      const json_t *value);

/**
 * As admwh_patch_add_parents(), but *steals* value.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param value    *stolen*, also on failure; NULL means that memory ran out when it was made
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_parents_new(struct admwh_patch *patch, const char *pointer,
					  json_t *value);

/**
 * As admwh_patch_add_parents(), with a string.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param text     *borrowed*; UTF-8, NUL-terminated; copied
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_parents_string(struct admwh_patch *patch, const char *pointer,
					     const char *text);

/**
 * As admwh_patch_add_parents(), with a value as admwh_patch_add_value() takes it.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param value    copied; an absent one is ADMWH_E_INVAL
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_parents_value(struct admwh_patch *patch, const char *pointer,
					    struct admwh_value value);

/**
 * Remove an existing value (RFC 6902 4.2).
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value; not "" (the whole object)
 * @return 0; ADMWH_E_POINTER; ADMWH_E_PATCH; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_remove(struct admwh_patch *patch, const char *pointer);

/**
 * Replace an existing value (RFC 6902 4.3). A missing value is an error, where kube-apiserver would
 * add it.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param value    *borrowed*; copied
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_replace(struct admwh_patch *patch, const char *pointer,
				  const json_t *value);

/**
 * As admwh_patch_replace(), but *steals* value.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param value    *stolen*, also on failure; NULL means that memory ran out when it was made
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_replace_new(struct admwh_patch *patch, const char *pointer,
				      json_t *value);

/**
 * As admwh_patch_replace(), with a string.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param text     *borrowed*; UTF-8, NUL-terminated; copied
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_replace_string(struct admwh_patch *patch, const char *pointer,
					 const char *text);

/**
 * As admwh_patch_replace(), with a value as admwh_patch_add_value() takes it.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param value    copied; an absent one is ADMWH_E_INVAL
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_replace_value(struct admwh_patch *patch, const char *pointer,
					struct admwh_value value);

/**
 * Move a value (RFC 6902 4.4), but not into its own child.
 *
 * @param patch  the patch of the running callback
 * @param from   JSON Pointer of the existing value
 * @param to     JSON Pointer of its new place
 * @return as admwh_patch_remove()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_move(struct admwh_patch *patch, const char *from, const char *to);

/**
 * Copy a value (RFC 6902 4.5).
 *
 * @param patch  the patch of the running callback
 * @param from   JSON Pointer of the existing value
 * @param to     JSON Pointer of the copy
 * @return as admwh_patch_remove()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_copy(struct admwh_patch *patch, const char *from, const char *to);

/**
 * Require a value to equal this one (RFC 6902 4.6): otherwise the patch does not apply. A test that
 * fails is a failed operation like any other.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param value    *borrowed*; copied
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_test(struct admwh_patch *patch, const char *pointer, const json_t *value);

/**
 * As admwh_patch_test(), but *steals* value.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param value    *stolen*, also on failure; NULL means that memory ran out when it was made
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_test_new(struct admwh_patch *patch, const char *pointer, json_t *value);

/**
 * As admwh_patch_test(), with a string.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param text     *borrowed*; UTF-8, NUL-terminated; copied
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_test_string(struct admwh_patch *patch, const char *pointer,
				      const char *text);

/**
 * As admwh_patch_test(), with a value as admwh_patch_add_value() takes it.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param value    copied; an absent one is ADMWH_E_INVAL
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_test_value(struct admwh_patch *patch, const char *pointer,
				     struct admwh_value value);

/**
 * Set a label: any key, as it is, without escapes. What is missing or null is made; there is no
 * operation where the label has the value. So is a second review of the same object left as it is
 * (admwh_review_is_idempotent()), which holds for all functions up to
 * admwh_patch_remove_if_present(): they look at the object after the operations so far.
 *
 * @param patch  the patch of the running callback
 * @param key    *borrowed*; for instance "app.kubernetes.io/name"
 * @param value  *borrowed*; copied
 * @return 0; ADMWH_E_PATCH where metadata or labels is no object; ADMWH_E_NOMEM; ADMWH_E_INVAL for
 *         NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_set_label(struct admwh_patch *patch, const char *key, const char *value);

/**
 * Set an annotation, as admwh_patch_set_label().
 *
 * @param patch  the patch of the running callback
 * @param key    *borrowed*
 * @param value  *borrowed*; copied
 * @return as admwh_patch_set_label()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_set_annotation(struct admwh_patch *patch, const char *key,
					 const char *value);

/**
 * Append a value to a list, which is made, with its parents, where it is missing or null. There is
 * no operation where the list has an equal element.
 *
 * @param patch  the patch of the running callback
 * @param list   JSON Pointer of the list
 * @param value  copied; an absent one is ADMWH_E_INVAL
 * @return 0; ADMWH_E_PATCH where there is something else than a list, or as
 *         admwh_patch_add_parents(); ADMWH_E_POINTER; ADMWH_E_NOMEM; ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_append(struct admwh_patch *patch, const char *list,
				 struct admwh_value value);

/**
 * As admwh_patch_append(), with a string: a finalizer, for instance.
 *
 * @param patch  the patch of the running callback
 * @param list   JSON Pointer of the list
 * @param text   *borrowed*; UTF-8, NUL-terminated; copied
 * @return as admwh_patch_append()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_append_string(struct admwh_patch *patch, const char *list,
					const char *text);

/**
 * Put an object into a list by its member "name": in the place of the first element of that name,
 * unless it is equal, else at the end. The list is made as by admwh_patch_append(). pod_patch.h has
 * the lists of a Pod.
 *
 * @param patch  the patch of the running callback
 * @param list   JSON Pointer of the list
 * @param value  copied; an absent one is ADMWH_E_INVAL
 * @return as admwh_patch_append()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_put(struct admwh_patch *patch, const char *list,
			      struct admwh_value value);

/**
 * Remove a value that may be there.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value; not "" (the whole object)
 * @return as admwh_patch_remove(); 0 without an operation where nothing is there
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_remove_if_present(struct admwh_patch *patch, const char *pointer);

/**
 * Move a value that may be there: a field that has another name in another version.
 *
 * @param patch  the patch of the running callback
 * @param from   JSON Pointer of the value
 * @param to     JSON Pointer of its new place, whose parent exists
 * @return as admwh_patch_move(); 0 without an operation where nothing is at from
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_move_if_present(struct admwh_patch *patch, const char *from,
					  const char *to);

/**
 * Set what the object lacks: each member of the defaults that is missing or null is added, those of
 * objects in objects likewise. What is set stays as it is, lists among them, and a default that is
 * null adds nothing. So is a second review
 * of the same object left as it is (admwh_review_is_idempotent()).
 *
 * @param patch     the patch of the running callback
 * @param defaults  an object with the defaults where the object under review has them, for instance
 *                  of a struct admwh_document; copied
 * @return 0; ADMWH_E_PATCH where there is something else than an object that the defaults have;
 *         ADMWH_E_NOMEM; ADMWH_E_INVAL when defaults is no object
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_set_defaults(struct admwh_patch *patch, struct admwh_value defaults);

/**
 * As admwh_patch_set_defaults(), with JSON text of the program's own.
 *
 * @param patch  the patch of the running callback
 * @param json   *borrowed*; NUL-terminated: `{"spec": {"replicas": 1}}`
 * @return as admwh_patch_set_defaults(); ADMWH_E_PATCH when it is malformed
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_set_defaults_text(struct admwh_patch *patch, const char *json);

/**
 * Apply a JSON Merge Patch (RFC 7386): add the operations that have the same effect, found as those
 * of admwh_patch_edit().
 *
 * @param patch  the patch of the running callback
 * @param merge  *borrowed*
 * @return 0; ADMWH_E_PATCH; ADMWH_E_NOMEM; ADMWH_E_INVAL when merge is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_merge(struct admwh_patch *patch, const json_t *merge);

/**
 * As admwh_patch_merge(), but *steals* merge.
 *
 * @param patch  the patch of the running callback
 * @param merge  *stolen*, also on failure; NULL means that memory ran out when it was made
 * @return as admwh_patch_merge()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_merge_new(struct admwh_patch *patch, json_t *merge);

/**
 * A copy of the object, after the operations so far, that the handler may change with any function
 * of jansson. When the callback returns, or an operation is added, the library compares the copy
 * with the object and adds the operations for the differences, as admwh_json_patch_make() does with
 * the options of admwh_route_set_patch_options(), but never replaces the whole object. Values that
 * did not change do not occur in the patch; their numbers keep their original text.
 *
 * @param patch  the patch of the running callback
 * @return *borrowed* until the next operation is added; then call this again: a later change to the
 *         old copy fails the review. NULL when the review has no object, an operation has failed,
 *         or memory ran out, and for U+0000 as admwh_request_object_json()
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_patch_edit(struct admwh_patch *patch);

/**
 * The object after the operations so far, with what was edited so far, as a value. It is written
 * and indexed anew when there were operations since the last call, at the cost of its bytes.
 *
 * @param patch  the patch of the running callback
 * @return *borrowed* until the next operation is added; absent when the review has no object, or
 *         memory ran out
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_patch_value(struct admwh_patch *patch);

/**
 * The object after the operations so far, as a tree: built when it is first asked for, patched like
 * the object from then on. admwh_patch_value() needs none.
 *
 * @param patch  the patch of the running callback
 * @return *borrowed* until the next operation is added; NULL when the review has no object, or
 *         memory ran out, and for U+0000 as admwh_request_object_json()
 * @since 0.1.0
 */
ADMWH_API const json_t *admwh_patch_object_json(struct admwh_patch *patch);

/**
 * Message of the first operation that failed: its number, operation, pointer and reason.
 *
 * @param patch  the patch of the running callback
 * @return *borrowed* until the callback returns; "" when no operation failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_patch_error(const struct admwh_patch *patch);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
