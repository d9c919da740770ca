/* SPDX-License-Identifier: MIT */
/*
 * The text of a recorded review: the AdmissionReview that came, redacted, and what
 * became of it. Bytes in, bytes out.
 */
#ifndef AWH_TELEMETRY_RECORD_TEXT_H
#define AWH_TELEMETRY_RECORD_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* All *borrowed*; texts may be NULL unless it is said. */
struct awh_record {
	const char *body; /* of the request; not NULL */
	size_t body_len;
	const char *answer; /* of the response; not NULL */
	size_t answer_len;
	const char *route, *decision; /* not NULL */
	const char *bundle, *common_name, *bearer;
	int code;       /* 0: none */
	int64_t time_s; /* since 1970 */
	size_t depth;   /* of the body's JSON */
};

/*
 * Append the document.
 *
 * Returns 0; ADMWH_E_REFUSED: an object of a kind that is withheld is in it; ADMWH_E_SYNTAX: the
 * body is no AdmissionReview; ADMWH_E_NOMEM.
 */
int awh_record_put(struct awh_buf *out, const struct awh_record *record);

#endif
