/* SPDX-License-Identifier: MIT */
/*
 * telemetry: what happened, as a log line and as a number. One function an event, so
 * that the fields of the line and the counter that goes up are decided in one place.
 */
#ifndef AWH_TELEMETRY_EVENTS_H
#define AWH_TELEMETRY_EVENTS_H

#include "auth/admit.h"
#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "dispatch/review.h"
#include "identity/identity.h"
#include "telemetry/metrics.h"

/* Where a review came from. */
struct awh_origin {
	const char *address;
	bool is_unauthenticated; /* at an exempt path: its log lines are rate-limited */
};

struct awh_events {
	struct awh_log log;
	struct awh_metrics metrics;
	/* Events that clients cause at will: each kind is rate-limited by itself. */
	struct awh_throttle accept_failures;
	struct awh_throttle unauthenticated;
	struct awh_throttle accepted;
	struct awh_throttle certificates; /* the first connection with each */
	struct awh_throttle observed;
	struct awh_throttle exempt;
	struct awh_throttle overloads;
	struct awh_throttle refusals;
	struct awh_throttle records;     /* that could not be written */
	struct awh_throttle conversions; /* all that is asked of their listener */
};

/* How a server was started. */
struct awh_started {
	const struct admwh_config *config;
	uint16_t port, health_port, conversion_port; /* 0: none */
	size_t n_routes;
};

/* A review could not be written to the folder of recorded ones. */
void awh_tell_record_failed(struct awh_events *events, const char *folder, const char *reason);

/* The server serves. Warnings follow: of insecure options, of the TLS library. */
void awh_tell_started(struct awh_events *events, const struct awh_started *started);
void awh_tell_stopped(struct awh_events *events, bool drained);
/* A worker process could not begin to serve. */
void awh_tell_process_failed(struct awh_events *events, const struct awh_error *error);

/* No connection can be accepted: an errno value. */
void awh_tell_accept_failed(struct awh_events *events, int error);

/*
 * A handshake is over, well with error NULL.
 *
 * is_http: the client spoke HTTP without TLS, as a wrong URL makes it: told at level info
 */
void awh_tell_handshake(struct awh_events *events, const char *address, const struct awh_peer *peer,
			const struct awh_error *error, bool is_http);

/*
 * A request's caller is denied, or would be.
 *
 * route: NULL for a path without a handler
 */
void awh_tell_caller(struct awh_events *events, const char *address, const struct awh_peer *peer,
		     const struct admwh_route *route, const struct awh_admission *admission,
		     bool observed);

/* A webhook token was looked at, if one was. */
void awh_tell_token(struct awh_events *events, const struct awh_admission *admission);

/*
 * A request was answered without a review. Those of the health endpoint are not
 * counted; 401 and 403 were told of by awh_tell_caller().
 */
void awh_tell_refusal(struct awh_events *events, enum awh_endpoint_id endpoint, const char *address,
		      const struct awh_peer *peer, int status, const char *reason);

/* A review was answered. outcome may differ from the review's: its handler may still run. */
void awh_tell_review(struct awh_events *events, const struct awh_origin *origin,
		     const struct awh_review *review, enum awh_outcome outcome);

/* A handler has decided after its deadline, or after its client has gone. */
void awh_tell_abandoned(struct awh_events *events);

/* A limit has delayed or ended something without an answer. */
void awh_tell_limit(struct awh_events *events, enum admwh_limit limit);

/*
 * Files were read again, with this come of it. changes: kinds that were new, bits of
 * enum awh_reload; generation: how many times it went well since the start
 */
void awh_tell_reloaded(struct awh_events *events, unsigned int changes, uint64_t generation);
/* is_new: for these contents it was not told yet, so that it is logged and not only counted */
void awh_tell_reload_failed(struct awh_events *events, enum awh_reload kind,
			    const struct awh_error *error, bool is_new);

/*
 * Files were looked at: bits of enum awh_reload. failing: cannot be used; restored: could not be,
 * and are again what is served with
 */
void awh_tell_looked(struct awh_events *events, unsigned int failing, unsigned int restored);

/*
 * A file of the program's own has a new version in use; or is good again, for this reason. And: it
 * cannot be used; is_new as above.
 */
void awh_tell_file(struct awh_events *events, const char *file, const char *reason);
void awh_tell_file_failed(struct awh_events *events, const char *file,
			  const struct awh_error *error, bool is_new);

/* Why callers refuse the server's certificate; NULL: they do not. */
void awh_tell_keypair(struct awh_events *events, const char *problem);

/*
 * A client's connection is accepted, with whatever it presented.
 *
 * is_allowed: its certificate is: the first connection with it is told at level info, others at
 * debug
 */
void awh_tell_accepted(struct awh_events *events, const char *address, const struct awh_peer *peer,
		       bool is_allowed);

/* CAs of bundles that issue nothing that is accepted. */
void awh_tell_unusable_cas(struct awh_events *events, const struct awh_snapshot *snapshot);

/* Rules that look like patterns, and are none. */
void awh_tell_patterns(struct awh_events *events, const struct awh_snapshot *snapshot);

/*
 * A deny list names a trusted CA.
 *
 * bundle: its name; subject: of the CA, RFC 4514; line: of the list
 */
void awh_tell_denied_ca(struct awh_events *events, const char *bundle, const char *subject,
			const char *line);
/* A deny list names every CA of a bundle. */
void awh_tell_denied_bundle(struct awh_events *events, const char *bundle);

/* The server's certificate ends, or has ended: seconds since 1970. */
void awh_tell_expiry(struct awh_events *events, int64_t end_s, bool is_past);

/* A reload denies a connected caller. ends: its connection is closed, after the answer in progress
 */
void awh_tell_untrusted(struct awh_events *events, const char *address, const struct awh_peer *peer,
			const struct awh_error *error, bool ends);

/* A review is shed by this limit: its request is rejected, too. */
void awh_tell_shed(struct awh_events *events, const struct awh_review *review,
		   enum admwh_limit limit);

#endif
