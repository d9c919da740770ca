/* SPDX-License-Identifier: MIT */
/*
 * One value of a review at a time: its expected type, and the error where it has
 * another. decode.c knows which value belongs where.
 */
#ifndef AWH_REVIEW_DECODER_H
#define AWH_REVIEW_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "json/index.h"
#include "review/request.h"

/* A walk through the envelope. An error of the review is remembered and the walk goes on. */
struct awh_decoder {
	const struct awh_index *index; /* the request's */
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

/* The same of an entry. */
void awh_complain_at(struct awh_decoder *decoder, uint32_t entry, const char *what);

/* Is an entry of this kind? If not, complain. AWH_KIND_TRUE stands for both booleans. */
bool awh_decode_expect(struct awh_decoder *decoder, uint32_t entry, enum awh_kind wanted);

/*
 * A string or name, into the request's arena. *out is left alone where it holds U+0000. 0 or
 * ADMWH_E_NOMEM.
 */
int awh_decode_text(struct awh_decoder *decoder, uint32_t entry, const char **out);

/* The same of what must be a string; *out is left alone where it is none. */
int awh_decode_string(struct awh_decoder *decoder, uint32_t entry, const char **out);

/* An array of strings, likewise. */
int awh_decode_strings(struct awh_decoder *decoder, uint32_t entry, const char *const **out,
		       size_t *n_out);

static inline const struct awh_entry *awh_decode_entry(const struct awh_decoder *decoder,
						       uint32_t entry)
{
	return &decoder->index->entries[entry];
}

/*
 * Is there a member of an object, with its name at this entry? A text that ends early can leave a
 * name without a value.
 */
static inline bool awh_decode_has_member(const struct awh_decoder *decoder, uint32_t object,
					 uint32_t name)
{
	return name + 1 < awh_decode_entry(decoder, object)->next;
}

#endif
