/* SPDX-License-Identifier: MIT */
/*
 * ConversionReview (apiextensions.k8s.io): its envelope, what must hold of the objects
 * before and after a conversion, and its answer. No I/O.
 */
#ifndef AWH_REVIEW_CONVERSION_H
#define AWH_REVIEW_CONVERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/conversion.h>

#include "base/buf.h"
#include "base/error.h"
#include "review/decoder.h"
#include "review/request.h"

/* What a handler of conversions gets. */
struct awh_conversion {
	struct admwh_conversion pub;       /* first: a callback's pointer is this one's */
	struct awh_error failure;          /* by admwh_conversion_fail() */
	const struct awh_request *request; /* of the review */
};

/* Has admwh_conversion_fail() been called? */
static inline bool awh_conversion_has_failed(const struct admwh_conversion *conv)
{
	return ((const struct awh_conversion *)conv)->failure.code != 0;
}

/* Decode the envelope. 0 or ADMWH_E_NOMEM; see also decoder->complaint. */
int awh_decode_conversion(struct awh_decoder *decoder);

/*
 * An object of the review, before its conversion. Texts are in the request's arena.
 */
struct awh_convertible {
	const char *version; /* without the group, which is that of the desired version */
	const char *kind;
	const char *name; /* NULL without one; likewise ns */
	const char *ns;
	uint32_t entry;
	uint32_t kind_entry;
	uint32_t metadata;
};

/*
 * Read what every object must have: an apiVersion of the group of the desired version, a kind,
 * metadata. request: of a ConversionReview. entry: an element of its objects
 * 0; ADMWH_E_REVIEW ("request.objects[3].kind: required"); ADMWH_E_NOMEM.
 */
int awh_convertible_read(struct awh_convertible *object, struct awh_request *request,
			 uint32_t entry, struct awh_error *error);

/* Is the desired version one, "GROUP/VERSION"? 0 or ADMWH_E_REVIEW. */
int awh_conversion_check_desired(const struct awh_request *request, struct awh_error *error);

/*
 * Has a conversion changed what it may: of metadata labels and annotations, and not the kind
 * (k8s.io/apiextensions-apiserver/pkg/apiserver/conversion, validateConvertedObject() and
 * restoreObjectMeta())?
 *
 * object: before; its payload is the request's object
 * json: after, as text
 * index: to read it by; kept for the next one, and freed by the caller
 * 0; ADMWH_E_PATCH ("metadata.name: must not change"); ADMWH_E_NOMEM; and as request->take().
 */
int awh_converted_check(struct awh_request *request, const struct awh_convertible *object,
			const char *json, size_t len, struct awh_index *index,
			struct awh_error *error);

/* Append an answer: its begin, then the objects with "," between them, then its end. */
void awh_conversion_put_begin(struct awh_buf *buf, const struct awh_request *request);
void awh_conversion_put_end(struct awh_buf *buf);

/* Append the answer of a review that has failed. */
void awh_conversion_put_failure(struct awh_buf *buf, const struct awh_request *request,
				const char *message);

#endif
