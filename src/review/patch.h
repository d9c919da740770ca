/* SPDX-License-Identifier: MIT */
/*
 * JSON Patch (RFC 6902): operations on a tree, and the patch a mutator builds. No I/O.
 */
#ifndef AWH_REVIEW_PATCH_H
#define AWH_REVIEW_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/patch.h>

#include "base/buf.h"
#include "base/error.h"
#include "review/decode.h"
#include "review/json.h"

struct admwh_patch {
	struct awh_request *request; /* whose object is patched; *borrowed* */
	json_t *operations;          /* array; NULL until the first */
	json_t *document;            /* the object after them; NULL until the first */
	size_t grown;                /* bytes that copy operations have added */
	struct awh_error failure;    /* of the first operation that failed */
};

void awh_patch_init(struct admwh_patch *patch, struct awh_request *request);
void awh_patch_deinit(struct admwh_patch *patch);

/* Are there operations? */
bool awh_patch_is_empty(const struct admwh_patch *patch);

/* Append the operations as the JSON text of an array. */
void awh_patch_write(struct awh_buf *buf, const struct admwh_patch *patch);

/*
 * Apply a whole patch (an array of operations) to *document. Atomic: on failure *document is
 * unchanged, else it is replaced.
 * 0; ADMWH_E_PATCH, ADMWH_E_POINTER ("operation 2: remove /a/b: no such member"); ADMWH_E_NOMEM.
 */
int awh_patch_apply(json_t **document, const json_t *operations, struct awh_numbers *numbers,
		    struct awh_error *error);

#endif
