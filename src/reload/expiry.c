/* SPDX-License-Identifier: MIT */
#include "reload/expiry.h"

#include "base/clock.h"

enum {
	AGAIN_MS = 3600000,
	/* cert-manager renews when a third is left; a kubelet takes its minutes after that. */
	NEAR_PERCENT = 30,
};

enum awh_expiry_state awh_expiry_state(struct awh_tls_dates dates, int64_t now_s)
{
	int64_t life = dates.end - dates.begin;

	if (now_s > dates.end)
		return AWH_EXPIRY_PAST;
	return (dates.end - now_s) * 100 < life * NEAR_PERCENT ? AWH_EXPIRY_NEAR : AWH_EXPIRY_FAR;
}

/* All of them: at a snapshot's first look, and whenever one more has expired. */
static void check_cas(struct awh_expiry *expiry, const struct awh_snapshot *snapshot,
		      struct awh_events *events, bool is_first)
{
	size_t n = 0;

	for (size_t i = 0; i < snapshot->n_rules; i++)
		for (enum awh_ca_state state = 0; state < AWH_CA_STATES; state++)
			if (state != AWH_CA_VALID)
				n += awh_tls_context_count_cas(snapshot->tls, i, state);
	if (n > 0 && (is_first || n > expiry->unusable_cas))
		awh_tell_unusable_cas(events, snapshot);
	expiry->unusable_cas = n;
}

void awh_expiry_check(struct awh_expiry *expiry, const struct awh_snapshot *snapshot,
		      struct awh_events *events)
{
	struct awh_tls_dates dates = awh_tls_context_dates(snapshot->tls);
	enum awh_expiry_state state = awh_expiry_state(dates, awh_clock_wall_s());
	int64_t now_ms = awh_clock_ms();
	bool is_known = state == expiry->state && snapshot->generation == expiry->generation;
	bool is_first = expiry->looked_at <= snapshot->generation;

	if (is_first) {
		expiry->looked_at = snapshot->generation + 1;
		awh_tell_keypair(events, awh_tls_context_problem(snapshot->tls));
		awh_tell_patterns(events, snapshot);
	}
	check_cas(expiry, snapshot, events, is_first);
	if (state == AWH_EXPIRY_FAR || !is_known || now_ms >= expiry->next_ms) {
		expiry->state = state;
		expiry->generation = snapshot->generation;
		expiry->next_ms = now_ms + AGAIN_MS;
		if (state != AWH_EXPIRY_FAR)
			awh_tell_expiry(events, dates.end, state == AWH_EXPIRY_PAST);
	}
}
