/* SPDX-License-Identifier: MIT */
#include "telemetry/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/address.h"
#include "telemetry/ca_use.h"
#include "tls/tls.h"

enum {
	EVENTS_A_SECOND = 20, /* of a kind that callers cause at will */
	CA_DIGITS = 16,       /* of a fingerprint that stands for a CA */
};

static void put_caller(struct awh_event *event, const char *address, const struct awh_peer *peer)
{
	awh_event_text(event, "address", address);
	if (!peer || peer->proof == AWH_PROOF_NONE)
		return;
	awh_event_text(event, "proof", awh_proof_name(peer->proof));
	awh_event_text(event, "subject", peer->facts.subject);
	awh_event_text(event, "issuer", peer->facts.issuer);
}

/* Begin an event of which clients can cause any number; false: this one is rate-limited. */
static bool begin_throttled(struct awh_event *event, const struct awh_log *log,
			    struct awh_throttle *throttle, enum admwh_log_level level,
			    const char *name)
{
	unsigned int rate_limited = 0;

	if (level < log->level || !awh_throttle_pass(throttle, EVENTS_A_SECOND, &rate_limited))
		return false;
	awh_event_begin(event, log, level, name);
	if (rate_limited > 0)
		awh_event_number(event, "rate_limited", rate_limited);
	return true;
}

static void warn(struct awh_events *events, const char *name, const char *reason)
{
	struct awh_event event;

	if (!reason)
		return;
	awh_event_begin(&event, &events->log, ADMWH_LOG_WARNING, name);
	awh_event_text(&event, "reason", reason);
	awh_event_send(&event);
}

static const char *insecure_choice(const struct admwh_config *config)
{
	if (config->plain)
		return "HTTP without TLS, without authentication";
	if (config->observe)
		return "observe mode: no caller is denied";
	return config->insecure ? "no client is authenticated" : NULL;
}

/* Objects are written to files: that is told as loudly as what is insecure. */
static void tell_recording(struct awh_events *events, const struct admwh_config *config)
{
	struct awh_event event;

	if (!config->record_folder)
		return;
	awh_event_begin(&event, &events->log, ADMWH_LOG_WARNING, "dispatch.recording");
	awh_event_text(&event, "folder", config->record_folder);
	awh_event_number(&event, "kinds", (int64_t)config->record_kinds.n_items);
	awh_event_number(&event, "files", config->record_files);
	awh_event_text(&event, "reason", "reviews are recorded, with the objects in them");
	awh_event_send(&event);
}

void awh_tell_record_failed(struct awh_events *events, const char *folder, const char *reason)
{
	struct awh_event event;

	if (!begin_throttled(&event, &events->log, &events->records, ADMWH_LOG_WARNING,
			     "dispatch.record"))
		return;
	awh_event_text(&event, "folder", folder);
	awh_event_text(&event, "reason", reason);
	awh_event_send(&event);
}

void awh_tell_started(struct awh_events *events, const struct awh_started *started)
{
	const struct admwh_config *config = started->config;
	char address[AWH_ADDRESS_TEXT];
	struct awh_event event;

	awh_address_text(&config->address, address, sizeof(address));
	awh_event_begin(&event, &events->log, ADMWH_LOG_INFO, "accept.started");
	awh_event_text(&event, "address", address);
	awh_event_number(&event, "port", started->port);
	if (started->health_port)
		awh_event_number(&event, "health_port", started->health_port);
	if (started->conversion_port)
		awh_event_number(&event, "conversion_port", started->conversion_port);
	awh_event_text(&event, "tls", config->plain ? "none" : awh_tls_library());
	if (!config->plain)
		awh_event_text(&event, "aes", awh_tls_aes_name(awh_tls_aes(config->aes_offload)));
	awh_event_text(&event, "client_auth", awh_config_auth_name(config));
	awh_event_number(&event, "bundles", (int64_t)config->n_bundles);
	awh_event_number(&event, "routes", (int64_t)started->n_routes);
	awh_event_number(&event, "threads", awh_config_threads(config));
	awh_event_number(&event, "workers", awh_config_workers(config));
	if (config->processes)
		awh_event_number(&event, "processes", config->processes);
	awh_event_send(&event);
	warn(events, "identify.insecure", insecure_choice(config));
	tell_recording(events, config);
	warn(events, "handshake.version", awh_tls_library_warning());
}

void awh_tell_stopped(struct awh_events *events, bool drained)
{
	struct awh_event event;

	awh_event_begin(&event, &events->log, ADMWH_LOG_INFO, "accept.stopped");
	awh_event_text(&event, "drained", drained ? "yes" : "no");
	awh_event_send(&event);
}

void awh_tell_process_failed(struct awh_events *events, const struct awh_error *error)
{
	struct awh_event event;

	awh_event_begin(&event, &events->log, ADMWH_LOG_ERROR, "accept.process");
	awh_event_text(&event, "state", "cannot start");
	awh_event_text(&event, "reason", error->text);
	awh_event_send(&event);
}

void awh_tell_accept_failed(struct awh_events *events, int error)
{
	struct awh_event event;

	awh_count_up(&events->metrics.counts->counters[AWH_COUNTER_ACCEPT_FAILURES]);
	if (!begin_throttled(&event, &events->log, &events->accept_failures, ADMWH_LOG_ERROR,
			     "accept.failed"))
		return;
	awh_event_text(&event, "reason", strerror(error));
	awh_event_send(&event);
}

/* A caller's mistake is a warning, noise is for debugging; a wrong URL is of interest. */
static void log_handshake(struct awh_events *events, const char *address,
			  const struct awh_peer *peer, const struct awh_error *error, bool is_http)
{
	bool is_noise = error->code == ADMWH_E_TLS || error->code == ADMWH_E_TIMEOUT;
	enum admwh_log_level noise_level = is_http ? ADMWH_LOG_INFO : ADMWH_LOG_DEBUG;
	struct awh_event event;

	if (!begin_throttled(&event, &events->log, &events->unauthenticated,
			     is_noise ? noise_level : ADMWH_LOG_WARNING,
			     is_noise ? "handshake.noise" : "handshake.refused"))
		return;
	put_caller(&event, address, peer);
	awh_event_text(&event, "result", awh_verdict_name(awh_verdict_of(error->code, peer)));
	awh_event_text(&event, "reason", error->text);
	awh_event_send(&event);
}

void awh_tell_handshake(struct awh_events *events, const char *address, const struct awh_peer *peer,
			const struct awh_error *error, bool is_http)
{
	enum awh_verdict verdict = error ? awh_verdict_of(error->code, peer) : AWH_VERDICT_OK;

	awh_count_up(&events->metrics.counts->handshakes[verdict]);
	if (peer && peer->limit != AWH_CHAIN_LIMIT_NONE)
		awh_count_up(&events->metrics.counts->chain_limits[peer->limit]);
	if (error)
		log_handshake(events, address, peer, error, is_http);
}

static void put_ca(struct awh_event *event, const struct awh_peer *peer, char *digest, size_t size)
{
	snprintf(digest, size, "%016" PRIx64, awh_ca_digest(peer->ca_sha256));
	awh_event_text(event, "ca", peer->ca_subject);
	awh_event_text(event, "ca_fingerprint", digest);
}

static bool is_new_certificate(struct awh_events *events, const struct awh_peer *peer)
{
	const char *fingerprint = peer->facts.fingerprint;
	char digits[CA_DIGITS + 1] = "";
	uint64_t digest;

	if (!fingerprint)
		return false;
	snprintf(digits, sizeof(digits), "%s", fingerprint);
	digest = strtoull(digits, NULL, 16);
	return awh_seen_first(&events->metrics.counts->certificates, digest ? digest : 1);
}

void awh_tell_accepted(struct awh_events *events, const char *address, const struct awh_peer *peer,
		       bool is_allowed)
{
	bool is_first = is_allowed && is_new_certificate(events, peer);
	char ca_digest[CA_DIGITS + 1];
	struct awh_event event;

	if (!begin_throttled(&event, &events->log,
			     is_first ? &events->certificates : &events->accepted,
			     is_first ? ADMWH_LOG_INFO : ADMWH_LOG_DEBUG, "handshake.accepted"))
		return;
	awh_event_text(&event, "bundle", peer->facts.bundle);
	awh_event_text(&event, "cn", peer->facts.common_name);
	put_caller(&event, address, peer);
	awh_event_text(&event, "serial", peer->facts.serial);
	awh_event_text(&event, "fingerprint", peer->facts.fingerprint);
	if (peer->facts.fingerprint)
		awh_event_number(&event, "not_after", peer->facts.not_after);
	if (peer->proof == AWH_PROOF_VERIFIED)
		put_ca(&event, peer, ca_digest, sizeof(ca_digest));
	awh_event_text(&event, "tls", peer->facts.tls_version);
	awh_event_text(&event, "cipher", peer->facts.cipher);
	awh_event_send(&event);
}

void awh_tell_refusal(struct awh_events *events, enum awh_endpoint_id endpoint, const char *address,
		      const struct awh_peer *peer, int status, const char *reason)
{
	bool is_overload = status == 429 || status == 500 || status == 503;
	struct awh_throttle *throttle = is_overload ? &events->overloads : &events->refusals;
	struct awh_event event;

	if (endpoint != AWH_ENDPOINT_HEALTH)
		awh_metrics_refusal(&events->metrics, status);
	if (status == 401 || status == 403)
		return;
	if (endpoint == AWH_ENDPOINT_CONVERSION)
		throttle = &events->conversions;
	if (!begin_throttled(&event, &events->log, throttle,
			     is_overload ? ADMWH_LOG_WARNING : ADMWH_LOG_INFO,
			     is_overload ? "dispatch.overload" : "read.refused"))
		return;
	put_caller(&event, address, peer);
	if (endpoint == AWH_ENDPOINT_CONVERSION)
		awh_event_text(&event, "listener", awh_endpoint_name(endpoint));
	awh_event_number(&event, "status", status);
	awh_event_text(&event, "reason", reason);
	awh_event_send(&event);
}

static void count_caller(struct awh_counts *counts, const struct awh_admission *admission,
			 bool observed)
{
	awh_count *by_verdict = observed ? counts->observed : counts->identify_refusals;

	awh_count_up(&by_verdict[admission->verdict]);
	if (admission->verdict == AWH_VERDICT_TOKEN_REFUSED && admission->showed_token)
		awh_count_up(&counts->counters[AWH_COUNTER_TOKENS_REFUSED]);
}

void awh_tell_caller(struct awh_events *events, const char *address, const struct awh_peer *peer,
		     const struct admwh_route *route, const struct awh_admission *admission,
		     bool observed)
{
	struct awh_event event;

	count_caller(events->metrics.counts, admission, observed);
	if (!begin_throttled(
		&event, &events->log, observed ? &events->observed : &events->unauthenticated,
		ADMWH_LOG_WARNING, observed ? "identify.observed" : "identify.refused"))
		return;
	put_caller(&event, address, peer);
	awh_event_text(&event, "result", awh_verdict_name(admission->verdict));
	awh_event_number(&event, "status", admission->status);
	awh_event_text(&event, "route", route ? route->path : NULL);
	awh_event_text(&event, "bearer", admission->bearer ? admission->bearer->name : NULL);
	awh_event_text(&event, "reason", admission->error.text);
	awh_event_send(&event);
}

void awh_tell_token(struct awh_events *events, const struct awh_admission *admission)
{
	if (admission->has_token_result)
		awh_count_up(&events->metrics.counts->webhook_tokens[admission->token_result]);
}

static void put_request(struct awh_event *event, const struct admwh_request *request)
{
	awh_event_text(event, "uid", request->uid);
	awh_event_text(event, "operation", request->operation_name);
	awh_event_text(event, "group", request->kind->group);
	awh_event_text(event, "kind", request->kind->kind);
	awh_event_text(event, "subresource", request->subresource);
}

static bool converts(const struct awh_review *review)
{
	return review->route->kind == AWH_ROUTE_CONVERT;
}

/* The limit of the review's listener. */
static enum admwh_limit own_limit(const struct awh_review *review, enum admwh_limit limit)
{
	return converts(review) ? awh_conversion_limit(limit) : limit;
}

/* What a ConversionReview asks for. */
static void put_conversion(struct awh_event *event, const struct awh_request *request)
{
	awh_event_text(event, "uid", request->pub.uid);
	awh_event_text(event, "operation", request->pub.operation_name);
	awh_event_text(event, "api_version", request->conversion.desired);
	awh_event_number(event, "objects", request->conversion.count);
}

/* Decisions about authenticated callers are all logged. */
static bool begin_review(struct awh_event *event, struct awh_events *events,
			 const struct awh_origin *origin, const struct awh_review *review,
			 enum admwh_log_level level)
{
	static const char name[] = "dispatch.review";
	struct awh_throttle *throttle = converts(review) ? &events->conversions : &events->exempt;

	if (origin->is_unauthenticated)
		return begin_throttled(event, &events->log, throttle, level, name);
	awh_event_begin(event, &events->log, level, name);
	return true;
}

/* Which of a caller's certificates it was is told when the level is debug. */
static void put_peer(struct awh_event *event, const struct awh_log *log,
		     const struct awh_peer *peer)
{
	if (!peer)
		return;
	awh_event_text(event, "bundle", peer->facts.bundle);
	awh_event_text(event, "cn", peer->facts.common_name);
	if (log->level > ADMWH_LOG_DEBUG)
		return;
	awh_event_text(event, "issuer", peer->facts.issuer);
	awh_event_text(event, "serial", peer->facts.serial);
	awh_event_text(event, "fingerprint", peer->facts.fingerprint);
}

static void log_review(struct awh_events *events, const struct awh_origin *origin,
		       const struct awh_review *review, enum awh_outcome outcome, int64_t us)
{
	bool decided = outcome == AWH_OUTCOME_ALLOWED || outcome == AWH_OUTCOME_DENIED ||
		       outcome == AWH_OUTCOME_WARNED || outcome == AWH_OUTCOME_CONVERTED;
	bool late = outcome == AWH_OUTCOME_DEADLINE; /* the review may belong to a worker still */
	struct awh_error error = {0};
	struct awh_event event;

	if (!begin_review(&event, events, origin, review,
			  decided ? ADMWH_LOG_INFO : ADMWH_LOG_WARNING))
		return;
	awh_event_text(&event, "route", review->route->path);
	awh_event_text(&event, "decision", awh_outcome_name(outcome));
	if (awh_review_is_decoded(review) && converts(review))
		put_conversion(&event, &review->request);
	else if (awh_review_is_decoded(review))
		put_request(&event, &review->request.pub);
	put_peer(&event, &events->log, review->peer);
	awh_event_text(&event, "bearer", review->bearer ? review->bearer->name : NULL);
	awh_event_text(&event, "address", origin->address);
	if (!late && review->code)
		awh_event_number(&event, "code", review->code);
	if (late)
		awh_review_late_error(review, &error);
	else if (review->error.code)
		error = review->error;
	awh_event_text(&event, "error", error.code ? error.text : NULL);
	awh_event_text(&event, "traceparent", review->http.traceparent);
	awh_event_number(&event, "elapsed_us", us);
	awh_event_send(&event);
}

static void count_review(struct awh_events *events, const struct awh_review *review,
			 enum awh_outcome outcome, int64_t us)
{
	unsigned int operation = awh_review_is_decoded(review) ? review->request.pub.operation : 0;

	if (converts(review))
		operation = AWH_OPERATION_CONVERT;
	awh_metrics_review(&events->metrics, review->route, operation, outcome, us);
}

/* Only of callers that a rule allows: what others show is theirs to choose. */
static void note_caller(struct awh_metrics *metrics, const struct awh_peer *peer)
{
	struct awh_tls_dates dates;

	if (!peer || !peer->facts.rule || peer->bundle >= metrics->n_callers)
		return;
	dates = (struct awh_tls_dates){peer->facts.not_before, peer->facts.not_after};
	awh_recent_note(&metrics->callers[peer->bundle], dates, awh_clock_wall_s());
}

static void count_late(struct awh_events *events, const struct awh_review *review)
{
	awh_metrics_limit(&events->metrics, ADMWH_LIMIT_DEADLINE);
	if (atomic_load(&review->starved))
		awh_count_up(&events->metrics.counts->counters[AWH_COUNTER_STARVED_REVIEWS]);
}

void awh_tell_review(struct awh_events *events, const struct awh_origin *origin,
		     const struct awh_review *review, enum awh_outcome outcome)
{
	int64_t us = awh_clock_us() - review->started_us;

	count_review(events, review, outcome, us);
	note_caller(&events->metrics, review->peer);
	if (outcome == AWH_OUTCOME_DEADLINE)
		count_late(events, review);
	else if (outcome == AWH_OUTCOME_MALFORMED && review->request.index.limit)
		awh_metrics_limit(&events->metrics, own_limit(review, review->request.index.limit));
	log_review(events, origin, review, outcome, us);
}

void awh_tell_abandoned(struct awh_events *events)
{
	awh_count_up(&events->metrics.counts->counters[AWH_COUNTER_ABANDONED_REVIEWS]);
}

void awh_tell_limit(struct awh_events *events, enum admwh_limit limit)
{
	awh_metrics_limit(&events->metrics, limit);
}

void awh_tell_shed(struct awh_events *events, const struct awh_review *review,
		   enum admwh_limit limit)
{
	count_review(events, review, AWH_OUTCOME_SHED, awh_clock_us() - review->started_us);
	awh_metrics_limit(&events->metrics, own_limit(review, limit));
}

void awh_tell_untrusted(struct awh_events *events, const char *address, const struct awh_peer *peer,
			const struct awh_error *error, bool ends)
{
	struct awh_event event;

	if (!begin_throttled(&event, &events->log, &events->unauthenticated, ADMWH_LOG_WARNING,
			     "identify.untrusted"))
		return;
	put_caller(&event, address, peer);
	awh_event_text(&event, "reason", error->text);
	awh_event_text(&event, "connection", ends ? "closed" : "kept");
	awh_event_send(&event);
}
