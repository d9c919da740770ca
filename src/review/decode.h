/* SPDX-License-Identifier: MIT */
/*
 * decode: the bytes of an AdmissionReview -> struct admwh_request. No I/O.
 *
 * The whole text is checked in one pass; the envelope becomes a struct, object,
 * oldObject and options stay spans of the text until a callback asks for them.
 */
#ifndef AWH_REVIEW_DECODE_H
#define AWH_REVIEW_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/limits.h>
#include <admwh/request.h>

#include "base/arena.h"
#include "base/error.h"
#include "review/json.h"

/* object, oldObject, options: in this order everywhere. */
enum awh_payload { AWH_OBJECT, AWH_OLD_OBJECT, AWH_OPTIONS, AWH_PAYLOADS };

struct awh_payload_span {
	const char *text; /* into body; NULL when absent or null */
	size_t len;
	json_t *value; /* built when first asked for */
};

struct awh_request {
	struct admwh_request pub; /* first: a callback's pointer is this one's */
	const char *body;         /* *borrowed* from the caller of awh_request_decode() */
	size_t body_len;
	size_t depth;
	const char *text; /* of the review's request, into body; NULL when absent */
	size_t len;
	size_t values; /* of the whole text, as awh_decode_options counts them */
	struct awh_payload_span payloads[AWH_PAYLOADS];
	struct awh_numbers *numbers; /* made with the first payload */
	int failed;                  /* a payload could not be built: ADMWH_E_NOMEM */
	int64_t deadline_us;         /* monotonic; 0 for none */
	enum admwh_limit limit;      /* the one decoding has failed by; 0 for none */
	struct awh_arena arena;
};

struct awh_decode_options {
	size_t depth;
	size_t values;     /* of the whole text; 0 for any number */
	bool bare_reviews; /* apiVersion and kind may be absent */
	bool raw;          /* {"request": ...}, whatever it is: it is the object */
};

/*
 * Decode. body is *borrowed* until awh_request_deinit().
 *
 * 0; ADMWH_E_SYNTAX (HTTP 400: "byte 17: expected a value"); ADMWH_E_REVIEW (HTTP 422:
 * "request.userInfo.groups[3]: expected a string, got null"); ADMWH_E_NOMEM. On failure pub.uid is
 * set where it could be read, whatever the order of the members, and pub.version is what was sent
 * or else ADMWH_REVIEW_V1, so that the answer can repeat them, and limit is set; everything else is
 * undefined and awh_request_deinit() is still to be called.
 */
int awh_request_decode(struct awh_request *request, const char *body, size_t body_len,
		       const struct awh_decode_options *options, struct awh_error *error);
void awh_request_deinit(struct awh_request *request);

/* Free what was built of the payloads; the envelope stays. */
void awh_request_release(struct awh_request *request);

/* The table of number texts, made if need be; NULL when memory runs out. */
struct awh_numbers *awh_request_numbers(struct awh_request *request);

#endif
