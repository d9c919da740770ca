/* SPDX-License-Identifier: MIT */
/*
 * JSON Merge Patch (RFC 7386). No I/O.
 */
#ifndef AWH_REVIEW_MERGE_H
#define AWH_REVIEW_MERGE_H

#include <jansson.h>

#include "base/error.h"
#include "json/json.h"

/*
 * The document with the merge patch applied. It shares with the document what the patch does not
 * mention and nothing with the patch.
 * *new*; NULL with error set: ADMWH_E_PATCH when the patch is nested too deep, ADMWH_E_NOMEM.
 */
json_t *awh_merge_apply(const json_t *document, const json_t *merge, struct awh_numbers *numbers,
			struct awh_error *error);

/*
 * A merge patch that leads from one document to the other.
 * *new*; NULL with error set: ADMWH_E_PATCH where there is none, because null means removal in a
 * merge patch ("/a/b: a merge patch cannot set null"), or a tree is nested too deep; ADMWH_E_NOMEM.
 */
json_t *awh_merge_make(const json_t *from, const json_t *to, struct awh_numbers *numbers,
		       struct awh_error *error);

#endif
