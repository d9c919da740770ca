/* SPDX-License-Identifier: MIT */
#include "reload/denied_cas.h"

#include "identity/values.h"

static void tell_bundle(const struct awh_snapshot *snapshot, size_t bundle,
			struct awh_events *events)
{
	const char *name = snapshot->rules[bundle].bundle;
	size_t n_cas = 0, n_denied = 0;
	struct awh_tls_ca ca;

	for (size_t i = 0; awh_tls_context_ca(snapshot->tls, i, &ca) == 0; i++) {
		if (ca.bundle == bundle) {
			n_cas++;
			n_denied += ca.denial != NULL;
		}
		if (ca.bundle == bundle && ca.denial)
			awh_tell_denied_ca(events, name, ca.subject.data, ca.denial->text);
		awh_buf_deinit(&ca.subject);
	}
	if (n_cas > 0 && n_denied == n_cas)
		awh_tell_denied_bundle(events, name);
}

void awh_denied_cas_tell(const struct awh_snapshot *snapshot, struct awh_events *events)
{
	for (size_t i = 0; i < snapshot->n_rules; i++)
		tell_bundle(snapshot, i, events);
}
