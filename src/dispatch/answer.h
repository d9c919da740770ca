/* SPDX-License-Identifier: MIT */
/*
 * Reviews without a socket: what an answer consists of, and how a review is run to its
 * end on the caller's thread.
 */
#ifndef AWH_DISPATCH_ANSWER_H
#define AWH_DISPATCH_ANSWER_H

#include <pthread.h>
#include <stddef.h>

#include <admwh/review.h>

#include "base/buf.h"
#include "dispatch/review.h"

struct admwh_answer {
	struct awh_review *review;
	/* As of the review, or of one that its deadline has ended. */
	enum awh_outcome outcome;
	int status;
	struct awh_buf late; /* the answer in its place; empty for none */
	struct awh_buf text; /* of admwh_answer_text(); empty until then */
	struct awh_buf differences;
};

/* The caller of a review without a server waits here. */
struct awh_waiter {
	pthread_mutex_t mutex;
	pthread_cond_t came;
	const struct awh_review *done; /* the one that was decided last */
};

#define AWH_WAITER_INIT                                                                            \
	{                                                                                          \
		.mutex = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER, .done = NULL \
	}

void awh_waiter_deinit(struct awh_waiter *waiter);

/* A review of these bytes; NULL when memory runs out, or an argument is NULL. */
struct awh_review *awh_answer_begin(const struct admwh_route *route, const char *body,
				    size_t body_len);

/*
 * Run a review, and wait when another thread decides it, until its deadline. *steals* review. NULL
 * when memory runs out. waiter: it outlives the review's deferral
 */
struct admwh_answer *awh_answer_run(struct awh_review *review, struct awh_waiter *waiter);

#endif
