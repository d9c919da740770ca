/* SPDX-License-Identifier: MIT */
/*
 * Recording of reviews: a queue that never waits, and a thread that redacts what is
 * in it and writes files. What the queue has no room for is dropped and counted.
 */
#ifndef AWH_TELEMETRY_RECORDER_H
#define AWH_TELEMETRY_RECORDER_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/error.h"
#include "config/config.h"
#include "dispatch/review.h"
#include "telemetry/events.h"

enum {
	AWH_RECORD_BODY_MAX = 1024 * 1024,       /* bytes; a larger review is not recorded */
	AWH_RECORD_QUEUE = 64,                   /* reviews */
	AWH_RECORD_QUEUE_BYTES = 8 * 1024 * 1024 /* of bodies and answers */
};

struct awh_recorder;

/*
 * Open the folder and start the thread, where the config says so.
 *
 * recorder: set to *new*; NULL where nothing is recorded
 * events: *borrowed*, outlives it, as the config does
 * Returns 0; ADMWH_E_IO; ADMWH_E_NOMEM.
 */
int awh_recorder_new(struct awh_recorder **recorder, const struct admwh_config *config,
		     struct awh_events *events, struct awh_error *error);

/* Write what is in the queue, then end the thread. NULL is allowed. */
void awh_recorder_free(struct awh_recorder *recorder);

/*
 * Record a review that was decided, if it is of a kind to record. From any thread; never waits for
 * a file. recorder may be NULL.
 */
void awh_recorder_take(struct awh_recorder *recorder, const struct awh_review *review);

/*
 * Likewise, one that was answered at its deadline while its handler may still run. One whose body
 * no worker has decoded yet is of an unknown kind, and not recorded.
 */
void awh_recorder_take_late(struct awh_recorder *recorder, const struct awh_review *review,
			    const struct awh_buf *answer);

#endif
