/* SPDX-License-Identifier: MIT */
/*
 * What the server tells its log: one function an event, so that what goes into
 * a log line is decided in one place.
 */
#ifndef AWH_SERVER_EVENTS_H
#define AWH_SERVER_EVENTS_H

#include "base/error.h"
#include "base/log.h"
#include "dispatch/review.h"
#include "identity/identity.h"

struct awh_events {
	struct awh_log log;
	struct awh_throttle refusals; /* strangers cause these at will */
};

/* A handshake came to nothing. What the caller did wrong is a warning, noise is for debugging. */
void awh_log_handshake(struct awh_events *events, const char *address, const struct awh_peer *peer,
		       const struct awh_error *error);

/* A request was answered without a review. */
void awh_log_refusal(struct awh_events *events, const char *address, const struct awh_peer *peer,
		     int status, const char *reason);

/* A review was answered. outcome may differ from the review's: its handler may still run. */
void awh_log_review(const struct awh_log *log, const char *address, const struct awh_review *review,
		    enum awh_outcome outcome);

#endif
