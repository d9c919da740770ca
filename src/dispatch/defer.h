/* SPDX-License-Identifier: MIT */
/*
 * dispatch: a review that is decided later. The program's handle and the server
 * own its review together, each by a reference; the deferral itself belongs to
 * the review.
 *
 * The mutex is held from the decision until the waiting side has been told, so
 * that a server that ends waits for what is being decided, and nothing of it is
 * touched afterwards.
 */
#ifndef AWH_DISPATCH_DEFER_H
#define AWH_DISPATCH_DEFER_H

#include <pthread.h>
#include <stdbool.h>

#include <admwh/defer.h>

#include "review/patch.h"
#include "review/response.h"

struct admwh_deferral {
	struct awh_review *review;
	pthread_mutex_t mutex; /* guards the next two */
	bool completed;
	bool detached; /* the server has ended */
	bool mutates;
	struct admwh_response response;
	struct admwh_patch patch;
};

/* For the last reference to its review. NULL is allowed. */
void awh_deferral_free(struct admwh_deferral *deferral);

#endif
