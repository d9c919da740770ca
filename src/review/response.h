/* SPDX-License-Identifier: MIT */
/*
 * encode: what a handler decided -> the bytes of an AdmissionReview. No I/O.
 *
 * A response can only be filled with what the API server takes: everything is
 * brought into its form when it is set, so that encoding cannot fail but for
 * memory. A failure sticks: no later decision makes it undone.
 */
#ifndef AWH_REVIEW_RESPONSE_H
#define AWH_REVIEW_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/request.h>
#include <admwh/response.h>

#include "base/buf.h"
#include "base/error.h"

struct admwh_patch;

enum {
	/* The API server cuts and drops warnings past this many characters in all. */
	AWH_WARNINGS_MAX = 4096,
	/* Bytes of a message; the API server sets no limit, terminals and logs do. */
	AWH_MESSAGE_MAX = 65536,
	/* Characters of an audit annotation's key. */
	AWH_ANNOTATION_KEY_MAX = 63,
};

enum awh_decision { AWH_UNDECIDED, AWH_ALLOWED, AWH_DENIED };

struct awh_cause {
	char *type, *message, *field; /* each may be NULL */
};

struct awh_annotation {
	char *key, *value;
};

struct admwh_response {
	enum awh_decision decision;
	int code;      /* of a denial, 400 to 599 */
	char *message; /* of a denial */
	char *reason;  /* NULL: follows from the code */
	struct awh_cause *causes;
	size_t n_causes;
	char **warnings;
	size_t n_warnings;
	size_t warning_characters;
	struct awh_annotation *annotations;
	size_t n_annotations;
	struct awh_error failure; /* by admwh_response_fail(), or memory that ran out; the first */
};

void awh_response_init(struct admwh_response *response);
void awh_response_deinit(struct admwh_response *response);

/*
 * Append the AdmissionReview of a decided response. uid and version are the request's; patch is
 * NULL for a validator and is left out where it is empty or the decision is a denial.
 * A buffer that failed says so itself. Should the response be undecided, it is a denial.
 */
void awh_response_encode(struct awh_buf *buf, const struct admwh_request *request,
			 const struct admwh_response *response, const struct admwh_patch *patch);

/*
 * Append what is answered when there is no decision: an AdmissionReview with allowed false where
 * the uid is known, a metav1.Status else. uid may be NULL.
 */
void awh_failure_encode(struct awh_buf *buf, enum admwh_review_version version, const char *uid,
			int code, const char *message);

/* The metav1.StatusReason that goes with an HTTP status: 403 -> "Forbidden"; "" for none. */
const char *awh_status_reason(int code);

#endif
