/* SPDX-License-Identifier: MIT */
/*
 * How a review ends: the one place that says what counts as a decision, calls the
 * after hooks, and writes the answer. For the files of dispatch.
 */
#ifndef AWH_DISPATCH_DECIDE_H
#define AWH_DISPATCH_DECIDE_H

#include <stdbool.h>

#include "dispatch/review.h"
#include "review/encode.h"

/* What the answer repeats of the request. Also while the handler runs on another thread. */
struct awh_reply_to awh_review_reply_to(struct awh_review *review);

/* Is its deadline past? */
bool awh_review_is_late(const struct awh_review *review);

/*
 * Encode the failure in review->error: the route chooses between a denial and the failurePolicy.
 * response may be NULL.
 */
void awh_review_fail(struct awh_review *review, const struct admwh_response *response);

/* The same, but where there was no room: then it is shed, and its status is set already. */
void awh_review_fail_or_shed(struct awh_review *review, const struct admwh_response *response);

/* Check what a handler or a deferral has decided, call the after hooks, encode. */
void awh_review_decide(struct awh_review *review, int returned, struct admwh_response *response,
		       struct admwh_patch *patch);

#endif
