/* SPDX-License-Identifier: MIT */
#include "server/events.h"

#include "base/clock.h"

enum { REFUSALS_A_SECOND = 20 };

static void put_caller(struct awh_event *event, const char *address, const struct awh_peer *peer)
{
	awh_event_text(event, "address", address);
	if (!peer || peer->proof == AWH_PROOF_NONE)
		return;
	awh_event_text(event, "subject", peer->facts.subject);
	awh_event_text(event, "issuer", peer->facts.issuer);
}

static void put_held_back(struct awh_event *event, unsigned int held_back)
{
	if (held_back > 0)
		awh_event_number(event, "held_back", held_back);
}

void awh_log_handshake(struct awh_events *events, const char *address, const struct awh_peer *peer,
		       const struct awh_error *error)
{
	bool is_noise = error->code == ADMWH_E_TLS || error->code == ADMWH_E_TIMEOUT;
	unsigned int held_back = 0;
	struct awh_event event;

	if (!is_noise && !awh_throttle_pass(&events->refusals, REFUSALS_A_SECOND, &held_back))
		return;
	awh_event_begin(&event, &events->log, is_noise ? ADMWH_LOG_DEBUG : ADMWH_LOG_WARNING,
			is_noise ? "handshake.noise" : "handshake.refused");
	put_caller(&event, address, peer);
	awh_event_text(&event, "reason", error->text);
	put_held_back(&event, held_back);
	awh_event_send(&event);
}

void awh_log_refusal(struct awh_events *events, const char *address, const struct awh_peer *peer,
		     int status, const char *reason)
{
	bool is_caller = status == 401;
	unsigned int held_back = 0;
	struct awh_event event;

	if (!awh_throttle_pass(&events->refusals, REFUSALS_A_SECOND, &held_back))
		return;
	awh_event_begin(&event, &events->log, is_caller ? ADMWH_LOG_WARNING : ADMWH_LOG_INFO,
			is_caller ? "identify.refused" : "read.refused");
	put_caller(&event, address, peer);
	awh_event_number(&event, "status", status);
	awh_event_text(&event, "reason", reason);
	put_held_back(&event, held_back);
	awh_event_send(&event);
}

static void put_request(struct awh_event *event, const struct admwh_request *request)
{
	awh_event_text(event, "uid", request->uid);
	awh_event_text(event, "operation", admwh_operation_name(request->operation));
	awh_event_text(event, "group", request->kind->group);
	awh_event_text(event, "kind", request->kind->kind);
	awh_event_text(event, "subresource", request->subresource);
}

void awh_log_review(const struct awh_log *log, const char *address, const struct awh_review *review,
		    enum awh_outcome outcome)
{
	bool decided = outcome == AWH_OUTCOME_ALLOWED || outcome == AWH_OUTCOME_DENIED;
	bool late = outcome == AWH_OUTCOME_DEADLINE; /* the review may belong to a worker still */
	struct awh_event event;

	awh_event_begin(&event, log, decided ? ADMWH_LOG_INFO : ADMWH_LOG_WARNING,
			"dispatch.review");
	awh_event_text(&event, "route", review->route->path);
	awh_event_text(&event, "decision", awh_outcome_name(outcome));
	if (atomic_load_explicit(&review->decoded, memory_order_acquire))
		put_request(&event, &review->request.pub);
	if (review->peer) {
		awh_event_text(&event, "bundle", review->peer->facts.bundle);
		awh_event_text(&event, "cn", review->peer->facts.common_name);
	}
	awh_event_text(&event, "address", address);
	if (!late && review->code)
		awh_event_number(&event, "code", review->code);
	if (!late && review->error.code)
		awh_event_text(&event, "error", review->error.text);
	awh_event_text(&event, "traceparent", review->http.traceparent);
	awh_event_number(&event, "us", awh_clock_us() - review->started_us);
	awh_event_send(&event);
}
