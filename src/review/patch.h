/* SPDX-License-Identifier: MIT */
/*
 * The JSON Patch a mutator builds. No I/O.
 */
#ifndef AWH_REVIEW_PATCH_H
#define AWH_REVIEW_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/patch.h>

#include "base/buf.h"
#include "base/error.h"
#include "review/apply.h"
#include "review/decode.h"

struct admwh_patch {
	struct awh_request *request; /* whose object is patched; *borrowed* */
	json_t *operations;          /* array; NULL until the first */
	struct awh_applier applier;  /* document: the object after them; NULL until the first */
	struct awh_error failure;    /* of the first operation that failed */
};

void awh_patch_init(struct admwh_patch *patch, struct awh_request *request);
void awh_patch_deinit(struct admwh_patch *patch);

/* Are there operations? */
bool awh_patch_is_empty(const struct admwh_patch *patch);

/* Append the operations as the JSON text of an array. */
void awh_patch_write(struct awh_buf *buf, const struct admwh_patch *patch);

#endif
