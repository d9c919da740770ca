/* SPDX-License-Identifier: MIT */
/*
 * The JSON Patch a mutator builds: operation by operation, or by editing a copy
 * that is compared with the original afterwards. No I/O.
 *
 * patch.c has the state and performs operations, patch_edit.c what is edited and merged,
 * patch_add.c the public functions that add operations, patch_set.c those that add what it takes,
 * patch_defaults.c what the object lacks.
 */
#ifndef AWH_REVIEW_PATCH_H
#define AWH_REVIEW_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/patch.h>

#include "base/buf.h"
#include "base/error.h"
#include "review/apply.h"
#include "review/overlay.h"
#include "review/request.h"
#include "review/tree_target.h"

struct admwh_patch {
	struct awh_request *request; /* whose object is patched; *borrowed* */
	struct awh_buf operations;   /* as JSON text, a "," behind each */
	size_t n_operations;
	size_t n_shown; /* how many the request's own object has had */
	bool has_test;
	bool has_nul;               /* an operation has brought U+0000; it may be gone again */
	struct awh_applier applier; /* its target is NULL until something is asked for */
	struct awh_overlay overlay; /* the object after the operations */
	struct awh_tree tree;       /* the same as a tree, when one was asked for */
	struct awh_buf text;        /* of the value that is being taken in */
	struct awh_arena pointers;  /* of the operation that is being built */
	struct awh_buf path;        /* likewise, where the library makes it */
	json_t *edited;             /* the copy that the handler edits; NULL when there is none */
	json_t *edited_as;          /* the tree its changes led to; NULL while it is open */
	struct awh_error failure;   /* of the first operation that failed */
	unsigned int options;       /* of the differences: enum awh_diff_option */
};

/* The patch must not move afterwards. */
void awh_patch_init(struct admwh_patch *patch, struct awh_request *request);
void awh_patch_deinit(struct admwh_patch *patch);

/*
 * Move the operations of another patch here; adding to that one fails from now on. `to` must not
 * move afterwards.
 */
void awh_patch_take(struct admwh_patch *to, struct admwh_patch *from);

/* Called when the handler has returned: what it edited becomes operations. 0, or the failure. */
int awh_patch_finish(struct admwh_patch *patch);

/* The object after the operations so far, whatever it holds; *borrowed*. NULL as in
 * <admwh/patch.h>. */
const json_t *awh_patch_object(struct admwh_patch *patch);

/* The same as a value, without what is being edited. Absent: memory has run out, or no object. */
struct admwh_value awh_patch_value(struct admwh_patch *patch);

/* Append the same as JSON text. There is an object, and nothing is being edited. */
void awh_patch_write_object(struct awh_buf *buf, const struct admwh_patch *patch);

/* Are there operations? */
bool awh_patch_is_empty(const struct admwh_patch *patch);

/* Append the operations as the JSON text of an array. */
void awh_patch_write(struct awh_buf *buf, const struct admwh_patch *patch);

/* For the files of the patch. */

/* Remember a failure. Returns its code. */
int awh_patch_fail(struct admwh_patch *patch, int err, const char *reason);

/* Is there an object, and has nothing failed? 0, or the failure. */
int awh_patch_prepare(struct admwh_patch *patch);

/* Ready for one more operation, with what was edited so far? 0, or the failure. NULL is allowed. */
int awh_patch_begin(struct admwh_patch *patch);

/*
 * A new value to steal: a NULL means that memory ran out in the caller's own json_...() call. 0, or
 * the failure. patch: NULL is allowed
 */
int awh_patch_check_new(struct admwh_patch *patch, const json_t *value);

/* The value of an operation: an entry of the overlay. 0, or the failure, with *value absent. */
int awh_patch_take_json(struct admwh_patch *patch, const struct awh_operation *operation,
			const json_t *json, struct awh_ref *value);
/* The same of patch->text. */
int awh_patch_take_text(struct admwh_patch *patch, const struct awh_operation *operation,
			struct awh_ref *value);

/* Apply, then write down. value: *borrowed*; absent for an operation without one */
int awh_patch_perform(struct admwh_patch *patch, const struct awh_operation *operation,
		      struct awh_ref value);

/* Fail for an operation that is not performed. */
int awh_patch_refuse(struct admwh_patch *patch, const struct awh_operation *operation,
		     const char *reason);

/* How an operation is added: it alone, or the parents that it lacks first. */
enum awh_how { AWH_ALONE, AWH_WITH_PARENTS };

/* An operation without a value, checked as the public functions do. 0, or the failure. */
int awh_patch_build(struct admwh_patch *patch, enum awh_op op, const char *from, const char *path);

/* Ready for an operation with a value, patch->text empty? 0, or the failure. */
int awh_patch_begin_value(struct admwh_patch *patch, const char *path, bool has_value);

/* The operation whose value is patch->text then. 0, or the failure. */
int awh_patch_build_text(struct admwh_patch *patch, enum awh_op op, enum awh_how how,
			 const char *path);

/*
 * What a pointer leads to; *found is absent where nothing is. What is no pointer leads nowhere: the
 * operation that follows reports it. 0, or the failure.
 */
int awh_patch_find(struct admwh_patch *patch, const char *path, struct awh_ref *found);

/*
 * Put a value into a list that may be missing: in the place of the first element that has the same
 * members of these names, unless it is equal; else at the end. Without names nothing but an equal
 * element is the same. 0, or the failure.
 */
int awh_patch_put(struct admwh_patch *patch, const char *list, struct admwh_value value,
		  const char *const *names, size_t n_names);

/*
 * The tree of the object after the operations; *borrowed*, built when first asked for, patched from
 * then on. NULL when there is none, or there is no room: the request's error is set then.
 */
json_t *awh_patch_tree(struct admwh_patch *patch);

#endif
