/* SPDX-License-Identifier: MIT */
/*
 * The JSON Patch a mutator builds: operation by operation, or by editing a copy
 * that is compared with the original afterwards. No I/O.
 */
#ifndef AWH_REVIEW_PATCH_H
#define AWH_REVIEW_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/patch.h>

#include "base/buf.h"
#include "base/error.h"
#include "review/apply.h"
#include "review/request.h"

struct admwh_patch {
	struct awh_request *request; /* whose object is patched; *borrowed* */
	json_t *operations;          /* array; NULL until the first */
	struct awh_applier applier;  /* document: the object after them; NULL until the first */
	json_t *edited;              /* the copy that the handler edits; NULL when there is none */
	json_t *edited_as;           /* the document its changes led to; NULL while it is open */
	struct awh_error failure;    /* of the first operation that failed */
	unsigned int options;        /* of the differences: enum awh_diff_option */
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

/* Are there operations? */
bool awh_patch_is_empty(const struct admwh_patch *patch);

/* Append the operations as the JSON text of an array. */
void awh_patch_write(struct awh_buf *buf, const struct admwh_patch *patch);

#endif
