/* SPDX-License-Identifier: MIT */
/*
 * encode: what a handler decided -> the bytes of an answer. No I/O.
 *
 * Servers write answers in different ways, and clients accept all of them: each
 * way is a dialect, a row of small functions in encode.c. What kube-apiserver
 * requires is the same in all: uid, allowed, patch and patch type.
 */
#ifndef AWH_REVIEW_ENCODE_H
#define AWH_REVIEW_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/patch.h>
#include <admwh/request.h>
#include <admwh/response.h>

#include "base/buf.h"

/* The request that an answer is for, and its form. All of it is *borrowed*. */
struct awh_reply_to {
	enum admwh_dialect dialect;        /* 0 is Kubernetes' */
	bool raw;                          /* the response alone, in no review */
	bool is_error;                     /* its HTTP status is not 200 */
	enum admwh_review_version version; /* of the review */
	const char *uid;                   /* NULL when it is not known */
	const char *request;               /* text to echo, for a dialect that does; may be NULL */
	size_t request_len;
};

/*
 * Append the answer of a decided response. patch is NULL for a validator and is left out where it
 * is empty or the decision is a denial. A buffer that failed says so itself. Should the response
 * be undecided, it is a denial.
 */
void awh_response_encode(struct awh_buf *buf, const struct awh_reply_to *to,
			 const struct admwh_response *response, const struct admwh_patch *patch);

/*
 * Append the answer without a decision. With HTTP status 200 that is a review with allowed false,
 * and the warnings and audit annotations of response, which may be NULL. Otherwise it is what the
 * clients of the dialect show: a metav1.Status, or as the dialect's server does it. Without a uid
 * there is no review.
 */
void awh_failure_encode(struct awh_buf *buf, const struct awh_reply_to *to, int code,
			const char *message, const struct admwh_response *response);

/* The Status.code of a denial; 0 when it has none. */
int awh_response_code(const struct admwh_response *response, enum admwh_dialect dialect);

/* How an edited object becomes a patch: enum awh_diff_option. */
unsigned int awh_dialect_patching(enum admwh_dialect dialect);

#endif
