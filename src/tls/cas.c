/* SPDX-License-Identifier: MIT */
/* The client CAs of a context, for display. */
#include <string.h>

#include "base/clock.h"
#include "tls/context.h"
#include "tls/name.h"

static enum awh_ca_state state_of(const struct awh_anchor *anchor, int64_t now)
{
	if (anchor->cert.has_unknown_critical)
		return AWH_CA_UNSUPPORTED;
	if (now > anchor->cert.not_after)
		return AWH_CA_EXPIRED;
	return anchor->manager ? AWH_CA_VALID : AWH_CA_NOT_YET_VALID;
}

const char *awh_ca_state_name(enum awh_ca_state state)
{
#define STATE_NAME(id, name) [AWH_CA_##id] = name,
	static const char *const names[] = {AWH_CA_STATE_MAP(STATE_NAME)};
#undef STATE_NAME

	return names[state];
}

size_t awh_tls_context_count_cas(const struct awh_tls_context *context, size_t bundle,
				 enum awh_ca_state state)
{
	int64_t now = awh_clock_wall_s();
	size_t n = 0;

	for (size_t i = 0; i < context->trust.n; i++)
		n += context->trust.anchors[i].bundle == bundle &&
		     state_of(&context->trust.anchors[i], now) == state;
	return n;
}

/* Is this end the one to tell: the first of those to come, else the last of those past? */
static bool is_nearer(int64_t end, int64_t than, int64_t now)
{
	if (than == 0 || (than < now) != (end < now))
		return than == 0 || than < now;
	return end < now ? end > than : end < than;
}

int64_t awh_tls_context_ca_end(const struct awh_tls_context *context, size_t bundle)
{
	int64_t now = awh_clock_wall_s(), first = 0;

	for (size_t i = 0; i < context->trust.n; i++) {
		int64_t end = context->trust.anchors[i].cert.not_after;

		if (context->trust.anchors[i].bundle == bundle && is_nearer(end, first, now))
			first = end;
	}
	return first;
}

bool awh_tls_context_is_outdated(const struct awh_tls_context *context)
{
	int64_t now = awh_clock_wall_s();

	for (size_t i = 0; i < context->trust.n; i++) {
		const struct awh_anchor *anchor = &context->trust.anchors[i];

		if (state_of(anchor, now) == AWH_CA_NOT_YET_VALID && now >= anchor->cert.not_before)
			return true;
	}
	return false;
}

int awh_tls_context_ca(const struct awh_tls_context *context, size_t i, struct awh_tls_ca *ca)
{
	enum { SUBJECT_MAX = 64 * 1024 };
	const struct awh_anchor *anchor;

	if (i >= context->trust.n)
		return ADMWH_E_NOT_FOUND;
	anchor = &context->trust.anchors[i];
	*ca = (struct awh_tls_ca){
	    .bundle = anchor->bundle,
	    .state = state_of(anchor, awh_clock_wall_s()),
	    .not_after = anchor->cert.not_after,
	};
	memcpy(ca->sha256, anchor->sha256, sizeof(ca->sha256));
	awh_buf_init(&ca->subject, SUBJECT_MAX);
	awh_x509_put_name(&ca->subject, anchor->cert.subject);
	if (awh_buf_terminate(&ca->subject) == 0)
		return 0;
	awh_buf_deinit(&ca->subject);
	return ADMWH_E_NOMEM;
}
