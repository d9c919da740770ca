/* SPDX-License-Identifier: MIT */
/**
 * @file
 * JSON Pointer (RFC 6901) and the JSON Patch (RFC 6902) a mutator answers with.
 *
 * Each operation is applied, as it is added, to the library's own copy of the
 * object, so that what cannot work is known at once. An operation is refused
 * when RFC 6902 refuses it or when kube-apiserver's own library would (see enum
 * admwh_patch_mode in json.h). A failed operation is remembered: unless the
 * handler denies the request, the review then fails and names the operation,
 * whatever the handler returns, because an object must not be stored without a
 * change its handler asked for.
 */
#ifndef ADMWH_PATCH_H
#define ADMWH_PATCH_H

#include <jansson.h>

#include <admwh/error.h>
#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The patch under construction; *borrowed* until the callback returns. */
struct admwh_patch;

/**
 * Add a member, or insert into an array (RFC 6902 4.1). The parent must exist.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value; "-" as last token appends to an array; not ""
 *                 (the whole object), which kube-apiserver takes in replace and test only
 * @param value    *borrowed*; copied at once
 * @return 0; ADMWH_E_POINTER; ADMWH_E_PATCH (admwh_patch_error() says why); ADMWH_E_NOMEM;
 *         ADMWH_E_INVAL when value is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add(struct admwh_patch *patch, const char *pointer, const json_t *value);

/**
 * As admwh_patch_add(), but *steals* value.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param value    *stolen*, also on failure; NULL counts as memory that ran out
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_new(struct admwh_patch *patch, const char *pointer, json_t *value);

/**
 * As admwh_patch_add(), and make the objects that lead there where they are
 * missing or null: each becomes an operation of its own, because the API
 * server does not make them (`/metadata/labels/x` fails on an object without labels).
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the new value
 * @param value    *borrowed*; copied at once
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
 * @param value    *stolen*, also on failure; NULL counts as memory that ran out
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_add_parents_new(struct admwh_patch *patch, const char *pointer,
					  json_t *value);

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
 * Replace an existing value (RFC 6902 4.3). Strict, where kube-apiserver would add a missing one.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param value    *borrowed*; copied at once
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
 * @param value    *stolen*, also on failure; NULL counts as memory that ran out
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_replace_new(struct admwh_patch *patch, const char *pointer,
				      json_t *value);

/**
 * Move a value (RFC 6902 4.4). A value cannot move into its own child.
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
 * Guard: the patch is void unless the value there equals this one (RFC 6902 4.6).
 * A guard that does not hold is a failure like any other operation's.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param value    *borrowed*; copied at once
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_test(struct admwh_patch *patch, const char *pointer, const json_t *value);

/**
 * As admwh_patch_test(), but *steals* value.
 *
 * @param patch    the patch of the running callback
 * @param pointer  JSON Pointer of the value
 * @param value    *stolen*, also on failure; NULL counts as memory that ran out
 * @return as admwh_patch_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_test_new(struct admwh_patch *patch, const char *pointer, json_t *value);

/**
 * Apply a JSON Merge Patch (RFC 7386) and add the operations that do the same.
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
 * @param merge  *stolen*, also on failure; NULL counts as memory that ran out
 * @return as admwh_patch_merge()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_merge_new(struct admwh_patch *patch, json_t *merge);

/**
 * A copy of the object, as it is after the operations added so far, to be edited freely: with
 * json_object_set(), json_array_insert() and all the rest of jansson. When the callback returns,
 * or an operation is added, the library finds out what changed and adds the operations for it;
 * see admwh_json_patch_make() for which. Only what changed is mentioned; the numbers of the rest
 * keep the text they were sent with.
 *
 * @param patch  the patch of the running callback
 * @return *borrowed* until the next operation is added, then call this again; a change made to it
 *         after that is not lost but fails the review. NULL when the review has no object, an
 *         operation has failed, or memory ran out
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_patch_edit(struct admwh_patch *patch);

/**
 * The object as it is after the operations added so far.
 *
 * @param patch  the patch of the running callback
 * @return *borrowed* until the next operation is added; read-only; NULL when the review has no
 *         object, or memory ran out
 * @since 0.1.0
 */
ADMWH_API const json_t *admwh_patch_object_json(struct admwh_patch *patch);

/**
 * Why the first failed operation failed: its number, operation, pointer and reason.
 *
 * @param patch  the patch of the running callback
 * @return *borrowed* until the callback returns; "" when none failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_patch_error(const struct admwh_patch *patch);

#ifdef __cplusplus
}
#endif

#endif
