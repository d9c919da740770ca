/* SPDX-License-Identifier: MIT */
/*
 * metav1.Status as JSON: why a request is denied, or could not be reviewed. No I/O.
 */
#ifndef AWH_REVIEW_STATUS_H
#define AWH_REVIEW_STATUS_H

#include <stddef.h>

#include "base/buf.h"
#include "review/response.h"

/* All of it is *borrowed*. */
struct awh_status {
	const char *message; /* NULL or "": none */
	const char *reason;  /* likewise */
	int code;            /* 0: none */
	const struct awh_cause *causes;
	size_t n_causes;
	size_t n_more; /* causes that are not told */
	struct awh_details details;
	int retry_after; /* seconds; 0: none */
};

typedef void awh_put_cause_fn(struct awh_buf *buf, const struct awh_cause *cause);

/* The members of a cause that were given; or all, those that were not as null. */
void awh_put_cause(struct awh_buf *buf, const struct awh_cause *cause);
void awh_put_cause_with_nulls(struct awh_buf *buf, const struct awh_cause *cause);

/* The members of a status that were given, behind those that are in opening. */
void awh_put_status(struct awh_buf *buf, const char *opening, const struct awh_status *status,
		    awh_put_cause_fn *cause);

/* Likewise, with status Failure, and the reason that goes with the code where none was given. */
void awh_put_status_by_reason(struct awh_buf *buf, const struct awh_status *status);

/*
 * An object of its own, the body of an answer that is no review: client-go shows its message to the
 * user when the HTTP status is an error, and nothing of an AdmissionReview
 * (k8s.io/client-go/rest Result.Error()).
 */
void awh_put_status_alone(struct awh_buf *buf, const struct awh_status *status);

/* kube-apiserver sends a Status.code as its HTTP status: 400 to 599. */
int awh_status_clamp(int code);

/* The metav1.StatusReason that goes with an HTTP status: 403 -> "Forbidden"; "" for none. */
const char *awh_status_reason(int code);

#endif
