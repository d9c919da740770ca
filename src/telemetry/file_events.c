/* SPDX-License-Identifier: MIT */
/* Events of the files that the server was made from: reloads, certificates, CAs and rules. */
#include "telemetry/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "telemetry/ca_use.h"
#include "tls/tls.h"

enum {
	CAS_TOLD = 20,  /* of those that are unusable, by one look */
	CA_DIGITS = 16, /* of a fingerprint that stands for a CA */
};

static const char *unusable_reason(enum awh_ca_state state)
{
	switch (state) {
	case AWH_CA_EXPIRED:
		return "this client CA has expired: nothing it issued is accepted";
	case AWH_CA_NOT_YET_VALID:
		return "this client CA is not valid yet: nothing it issued is accepted";
	default:
		return "this client CA has an unknown critical extension: nothing it issued is "
		       "accepted";
	}
}

static void tell_unusable_ca(struct awh_events *events, const struct awh_snapshot *snapshot,
			     const struct awh_tls_ca *ca)
{
	char digest[CA_DIGITS + 1];
	struct awh_event event;

	snprintf(digest, sizeof(digest), "%016" PRIx64, awh_ca_digest(ca->sha256));
	awh_event_begin(&event, &events->log, ADMWH_LOG_WARNING, "handshake.ca");
	awh_event_text(&event, "bundle", snapshot->rules[ca->bundle].bundle);
	awh_event_text(&event, "ca", ca->subject.data);
	awh_event_text(&event, "ca_fingerprint", digest);
	awh_event_text(&event, "reason", unusable_reason(ca->state));
	awh_event_number(&event, "not_after", ca->not_after);
	awh_event_send(&event);
}

void awh_tell_unusable_cas(struct awh_events *events, const struct awh_snapshot *snapshot)
{
	struct awh_tls_ca ca;
	size_t told = 0;

	for (size_t i = 0; told < CAS_TOLD && awh_tls_context_ca(snapshot->tls, i, &ca) == 0; i++) {
		if (ca.state != AWH_CA_VALID && ++told)
			tell_unusable_ca(events, snapshot, &ca);
		awh_buf_deinit(&ca.subject);
	}
}

static void tell_patterns(struct awh_events *events, const char *bundle,
			  const struct awh_values *rules)
{
	for (size_t i = 0; rules && i < rules->n_items; i++) {
		struct awh_event event;

		if (rules->items[i].kind != ADMWH_RULE_DNS || !strchr(rules->items[i].value, '*'))
			continue;
		awh_event_begin(&event, &events->log, ADMWH_LOG_WARNING, "identify.pattern");
		awh_event_text(&event, "bundle", bundle);
		awh_event_text(&event, "rule", rules->items[i].text);
		awh_event_text(&event, "reason", "a rule is no pattern: \"*\" stands for itself");
		awh_event_send(&event);
	}
}

void awh_tell_patterns(struct awh_events *events, const struct awh_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->n_rules; i++) {
		tell_patterns(events, snapshot->rules[i].bundle, snapshot->rules[i].allow);
		tell_patterns(events, snapshot->rules[i].bundle, snapshot->rules[i].allow_file);
	}
}

void awh_tell_reloaded(struct awh_events *events, unsigned int changes, uint64_t generation)
{
	for (enum awh_reload kind = 0; kind < AWH_RELOADS; kind++) {
		struct awh_event event;

		if (!(changes & 1U << kind))
			continue;
		awh_metrics_reload(&events->metrics, kind, true);
		awh_event_begin(&event, &events->log, ADMWH_LOG_INFO, "handshake.reload");
		awh_event_text(&event, "kind", awh_reload_name(kind));
		awh_event_text(&event, "result", awh_reload_result(true));
		awh_event_number(&event, "generation", (int64_t)generation);
		awh_event_send(&event);
	}
}

void awh_tell_reload_failed(struct awh_events *events, enum awh_reload kind,
			    const struct awh_error *error, bool is_new)
{
	struct awh_event event;

	awh_metrics_reload(&events->metrics, kind, false);
	if (!is_new)
		return;
	awh_event_begin(&event, &events->log, ADMWH_LOG_ERROR, "handshake.reload");
	awh_event_text(&event, "kind", awh_reload_name(kind));
	awh_event_text(&event, "result", awh_reload_result(false));
	awh_event_text(&event, "reason", error->text);
	awh_event_send(&event);
}

void awh_tell_looked(struct awh_events *events, unsigned int failing, unsigned int restored)
{
	awh_metrics_looked(&events->metrics, failing);
	for (enum awh_reload kind = 0; kind < AWH_RELOADS; kind++) {
		struct awh_event event;

		if (!(restored & 1U << kind))
			continue;
		awh_event_begin(&event, &events->log, ADMWH_LOG_INFO, "handshake.reload");
		awh_event_text(&event, "kind", awh_reload_name(kind));
		awh_event_text(&event, "result", "ok");
		awh_event_text(&event, "reason", "the contents that are served with are back");
		awh_event_send(&event);
	}
}

void awh_tell_file(struct awh_events *events, const char *file, const char *reason)
{
	struct awh_event event;

	if (!reason)
		awh_metrics_reload(&events->metrics, AWH_RELOAD_PROGRAM, true);
	awh_event_begin(&event, &events->log, ADMWH_LOG_INFO, "dispatch.reload");
	awh_event_text(&event, "file", file);
	awh_event_text(&event, "result", awh_reload_result(true));
	awh_event_text(&event, "reason", reason);
	awh_event_send(&event);
}

void awh_tell_file_failed(struct awh_events *events, const char *file,
			  const struct awh_error *error, bool is_new)
{
	struct awh_event event;

	awh_metrics_reload(&events->metrics, AWH_RELOAD_PROGRAM, false);
	if (!is_new)
		return;
	awh_event_begin(&event, &events->log, ADMWH_LOG_ERROR, "dispatch.reload");
	awh_event_text(&event, "file", file);
	awh_event_text(&event, "result", awh_reload_result(false));
	awh_event_text(&event, "reason", error->text);
	awh_event_send(&event);
}

void awh_tell_keypair(struct awh_events *events, const char *problem)
{
	struct awh_event event;

	if (!problem)
		return;
	awh_event_begin(&event, &events->log, ADMWH_LOG_WARNING, "handshake.keypair");
	awh_event_text(&event, "reason", problem);
	awh_event_send(&event);
}

void awh_tell_denied_ca(struct awh_events *events, const char *bundle, const char *subject,
			const char *line)
{
	struct awh_event event;

	awh_event_begin(&event, &events->log, ADMWH_LOG_WARNING, "identify.denied_ca");
	awh_event_text(&event, "bundle", bundle);
	awh_event_text(&event, "subject", subject);
	awh_event_text(&event, "line", line);
	awh_event_text(&event, "reason",
		       "the deny list names a trusted CA: nothing it issued is accepted");
	awh_event_send(&event);
}

void awh_tell_denied_bundle(struct awh_events *events, const char *bundle)
{
	struct awh_event event;

	awh_event_begin(&event, &events->log, ADMWH_LOG_ERROR, "identify.denied_bundle");
	awh_event_text(&event, "bundle", bundle);
	awh_event_text(&event, "reason",
		       "the deny list names every trusted CA: no certificate is accepted");
	awh_event_send(&event);
}

void awh_tell_expiry(struct awh_events *events, int64_t end_s, bool is_past)
{
	int64_t left_s = end_s - awh_clock_wall_s();
	struct awh_event event;

	awh_event_begin(&event, &events->log, is_past ? ADMWH_LOG_ERROR : ADMWH_LOG_WARNING,
			"handshake.expiry");
	awh_event_text(&event, "reason",
		       is_past ? "the server's certificate has expired"
			       : "the server's certificate expires soon");
	awh_event_number(&event, "not_after", end_s);
	awh_event_number(&event, "seconds_left", left_s);
	awh_event_send(&event);
}
