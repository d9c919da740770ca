/* SPDX-License-Identifier: MIT */
/*
 * review: the envelope of an AdmissionReview, its answer, patches and differences.
 * This header is decode: bytes -> struct admwh_request. No I/O.
 *
 * The whole text is checked in one pass; the envelope becomes a struct, object,
 * oldObject and options stay spans of the text until a callback asks for them.
 */
#ifndef AWH_REVIEW_DECODE_H
#define AWH_REVIEW_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "review/request.h"

struct awh_decode_options {
	size_t depth;
	size_t values;     /* of the whole text; 0 for any number */
	bool bare_reviews; /* apiVersion and kind may be absent */
	bool raw;          /* {"request": ...}, whatever it is: it is the object */
	bool converts;     /* a ConversionReview, see conversion.h */
	bool nul_in_trees; /* see struct awh_request */
	awh_take_fn *take; /* likewise */
	void *owner;
	struct awh_request_memory *memory; /* NULL, or what is used first; it is left empty */
	enum awh_index_blocks blocks;
};

/*
 * Decode. body is *borrowed* until awh_request_deinit().
 *
 * 0; ADMWH_E_SYNTAX (HTTP 400: "byte 17: expected a value"); ADMWH_E_REVIEW (HTTP 422:
 * "request.userInfo.groups[3]: expected a string, got null"); ADMWH_E_NOMEM; ADMWH_E_LIMIT with the
 * error that take() gave. On failure pub.uid is
 * set where it could be read, whatever the order of the members, and pub.version is what was sent
 * or else ADMWH_REVIEW_V1, so that the answer can repeat them, and limit is set; everything else is
 * undefined and awh_request_deinit() is still to be called.
 */
int awh_request_decode(struct awh_request *request, const char *body, size_t body_len,
		       const struct awh_decode_options *options, struct awh_error *error);

#endif
