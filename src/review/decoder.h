/* SPDX-License-Identifier: MIT */
/*
 * One value of a review at a time: its expected type, and the error where it has
 * another. decode.c knows which value belongs where.
 */
#ifndef AWH_REVIEW_DECODER_H
#define AWH_REVIEW_DECODER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "json/scan.h"
#include "review/request.h"

/*
 * A walk through the envelope. An error of the review is remembered and the walk goes on: broken
 * JSON further on is the graver error, and the uid may come last.
 */
struct awh_decoder {
	struct awh_scan scan;
	struct awh_request *request;
	struct awh_error *error;
	struct awh_error complaint; /* the first */
};

/* The complaint of a string of the envelope, which becomes a C string. */
#define AWH_NUL_REFUSED "U+0000 is not taken"

/* Set the error and return ADMWH_E_NOMEM. */
int awh_decode_nomem(struct awh_decoder *decoder);

/* Remember what is wrong at this path, unless something was before. */
void awh_complain(struct awh_decoder *decoder, const char *path, const char *what);

/* The same of the item that was read last. */
void awh_complain_here(struct awh_decoder *decoder, const char *what);

/*
 * Is the last item of this type? AWH_ITEM_TRUE stands for both booleans. If not, complain and skip
 * the value: 0, with *is false. Else as awh_scan_next().
 */
int awh_decode_expect(struct awh_decoder *decoder, enum awh_item wanted, bool *is);

/* A string, into the request's arena. *out is left alone where it is none. As awh_scan_next(). */
int awh_decode_string(struct awh_decoder *decoder, const char **out);

/* An array of strings, likewise. */
int awh_decode_strings(struct awh_decoder *decoder, const char *const **out, size_t *n_out);

#endif
