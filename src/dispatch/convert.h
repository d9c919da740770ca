/* SPDX-License-Identifier: MIT */
/*
 * A ConversionReview: its objects, one after the other, to the handler of its route,
 * and all of their results or none to the answer.
 */
#ifndef AWH_DISPATCH_CONVERT_H
#define AWH_DISPATCH_CONVERT_H

#include "dispatch/review.h"

/* The review is decoded, and its route converts. Status, outcome and answer are set. */
void awh_review_convert(struct awh_review *review);

#endif
