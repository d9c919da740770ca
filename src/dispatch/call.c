/* SPDX-License-Identifier: MIT */
/* Calls of a webhook that a test makes up: the caller, and the time. */
#include <admwh/testing.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dispatch/answer.h"
#include "dispatch/path.h"

#define NOT_AFTER INT64_C(253402300799) /* the end of the year 9999 */
#define UUID "00000000-0000-4000-8000-000000000000"

struct admwh_call {
	struct awh_waiter waiter;
	struct awh_clock clock;
	struct awh_peer *peer; /* NULL: no certificate */
	struct awh_arena arena;
	struct admwh_bearer bearer;
	struct admwh_webhook_token token; /* of the bearer, if it has one */
	const char *address;
	const char *segment_name, *segment; /* NULL: none */
	int64_t deadline_ms;                /* 0: none */
	bool failed;                        /* memory ran out: there is no answer */
};

static int fail_memory(struct admwh_call *call)
{
	call->failed = true;
	return ADMWH_E_NOMEM;
}

/* A copy; NULL when memory runs out. */
static const char *keep(struct awh_arena *arena, const char *text)
{
	return awh_arena_strndup(arena, text, strlen(text));
}

/* One more text in a list. False when memory runs out. */
static bool append(struct awh_arena *arena, const char *const **list, size_t *count,
		   const char *text)
{
	const char **longer = awh_arena_array(arena, *count + 1, sizeof(*longer));
	const char *copy = keep(arena, text);

	if (!longer || !copy)
		return false;
	if (*count > 0)
		memcpy(longer, *list, *count * sizeof(*longer));
	longer[(*count)++] = copy;
	*list = longer;
	return true;
}

/* What a certificate has that no policy asks for. */
static bool fill(struct awh_peer *peer, const char *bundle)
{
	struct admwh_peer *facts = &peer->facts;

	peer->proof = AWH_PROOF_VERIFIED;
	facts->bundle = keep(&peer->arena, bundle);
	facts->rule = "any-name";
	facts->subject = "";
	facts->issuer = "CN=test";
	facts->serial = "01";
	facts->fingerprint = "0000000000000000000000000000000000000000000000000000000000000000";
	facts->not_after = NOT_AFTER;
	facts->tls_version = "TLSv1.3";
	facts->cipher = "TLS13-AES128-GCM-SHA256";
	return facts->bundle;
}

/* PREFIX and a name; NULL when memory runs out. */
static const char *join(struct awh_arena *arena, const char *prefix, const char *name)
{
	const size_t size = strlen(prefix) + strlen(name) + 1;
	char *text = awh_arena_alloc(arena, size);

	if (text)
		snprintf(text, size, "%s%s", prefix, name);
	return text;
}

static bool set_cn(struct awh_peer *peer, const char *name)
{
	peer->facts.common_name = keep(&peer->arena, name);
	peer->facts.subject = join(&peer->arena, "CN=", name);
	return peer->facts.common_name && peer->facts.subject;
}

static bool add_name(struct awh_peer *peer, enum admwh_rule rule, const char *name)
{
	struct admwh_peer *facts = &peer->facts;
	struct awh_arena *arena = &peer->arena;

	switch (rule) {
	case ADMWH_RULE_CN:
		return set_cn(peer, name);
	case ADMWH_RULE_DNS:
		return append(arena, &facts->dns_names, &facts->n_dns_names, name);
	case ADMWH_RULE_URI:
		return append(arena, &facts->uris, &facts->n_uris, name);
	case ADMWH_RULE_IP:
		return append(arena, &facts->ip_addresses, &facts->n_ip_addresses, name);
	case ADMWH_RULE_O:
		return append(arena, &facts->organizations, &facts->n_organizations, name);
	default:
		return append(arena, &facts->organizational_units, &facts->n_organizational_units,
			      name);
	}
}

static bool set_rule(struct awh_peer *peer, enum admwh_rule rule, const char *name)
{
	static const char *const prefixes[] = {
#define PREFIX(id, number, text, compared) [number] = text ":",
	    ADMWH_RULE_MAP(PREFIX)
#undef PREFIX
	};

	peer->facts.rule = join(&peer->arena, prefixes[rule], name);
	return peer->facts.rule;
}

struct admwh_call *admwh_call_new(void)
{
	struct admwh_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	pthread_mutex_init(&call->waiter.mutex, NULL);
	pthread_cond_init(&call->waiter.came, NULL);
	atomic_init(&call->clock.us, 1); /* a deadline at 0 would be none */
	call->address = "192.0.2.1:50000";
	return call;
}

int admwh_call_set_certificate(struct admwh_call *call, const char *bundle)
{
	if (!call || !bundle)
		return ADMWH_E_INVAL;
	awh_peer_unref(call->peer);
	call->peer = awh_peer_new();
	return call->peer && fill(call->peer, bundle) ? 0 : fail_memory(call);
}

int admwh_call_add_name(struct admwh_call *call, enum admwh_rule rule, const char *value)
{
	struct awh_peer *peer;

	if (!call || !value || rule < ADMWH_RULE_CN || rule > ADMWH_RULE_OU)
		return ADMWH_E_INVAL;
	if (call->failed)
		return ADMWH_E_NOMEM;
	peer = call->peer;
	if (!peer || (rule == ADMWH_RULE_CN && peer->facts.common_name))
		return ADMWH_E_STATE;
	if (strcmp(peer->facts.rule, "any-name") == 0 && !set_rule(peer, rule, value))
		return fail_memory(call);
	return add_name(peer, rule, value) ? 0 : fail_memory(call);
}

int admwh_call_set_token(struct admwh_call *call, const char *name, const char *const *groups,
			 size_t n_groups)
{
	if (!call || !name || (!groups && n_groups > 0))
		return ADMWH_E_INVAL;
	call->bearer = (struct admwh_bearer){.name = keep(&call->arena, name)};
	if (!call->bearer.name)
		return fail_memory(call);
	for (size_t i = 0; i < n_groups; i++)
		if (!append(&call->arena, &call->bearer.groups, &call->bearer.n_groups, groups[i]))
			return fail_memory(call);
	return 0;
}

/* The rest of a service account's name, "NAMESPACE:NAME"; NULL: it is none. */
static const char *account_of(const char *name)
{
	static const char prefix[] = "system:serviceaccount:";
	const char *account = name + sizeof(prefix) - 1, *colon;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	colon = strchr(account, ':');
	return colon && colon > account && colon[1] && !strchr(colon + 1, ':') ? account : NULL;
}

/* What the token says of its service account. */
static int set_account(struct admwh_call *call, const char *name)
{
	const char *account = account_of(name), *colon = strchr(account, ':');
	const char *ns = awh_arena_strndup(&call->arena, account, (size_t)(colon - account));
	const char *of_ns = ns ? join(&call->arena, "system:serviceaccounts:", ns) : NULL;
	const char *const groups[] = {"system:serviceaccounts", of_ns, "system:authenticated"};
	const size_t n_groups = sizeof(groups) / sizeof(groups[0]);

	call->token.ns = ns;
	call->token.service_account = keep(&call->arena, colon + 1);
	if (!of_ns || !call->token.service_account)
		return fail_memory(call);
	return admwh_call_set_token(call, name, groups, n_groups);
}

int admwh_call_experimental_set_webhook_token(struct admwh_call *call, const char *name,
					      enum admwh_webhook_kind kind, const char *webhook,
					      const char *api_group)
{
	int err;

	if (!call || !name || !account_of(name) || !webhook || !*webhook || !api_group ||
	    kind < ADMWH_WEBHOOK_VALIDATING || kind > ADMWH_WEBHOOK_MUTATING)
		return ADMWH_E_INVAL;
	call->token = (struct admwh_webhook_token){
	    .issuer = "https://kubernetes.default.svc.cluster.local",
	    .id = UUID,
	    .service_account_uid = UUID,
	    .kind = kind,
	    .webhook = keep(&call->arena, webhook),
	    .webhook_uid = UUID,
	    .api_group = keep(&call->arena, api_group),
	    .not_after = NOT_AFTER,
	};
	err = set_account(call, name);
	if (err || !call->token.webhook || !call->token.api_group)
		return fail_memory(call);
	call->bearer.webhook = &call->token;
	return 0;
}

int admwh_call_set_address(struct admwh_call *call, const char *address)
{
	if (!call || !address)
		return ADMWH_E_INVAL;
	call->address = keep(&call->arena, address);
	return call->address ? 0 : fail_memory(call);
}

int admwh_call_set_path_segment(struct admwh_call *call, const char *name, const char *segment)
{
	if (!call || !name || !*name || !segment || !awh_path_is_segment(segment))
		return ADMWH_E_INVAL;
	call->segment_name = keep(&call->arena, name);
	call->segment = keep(&call->arena, segment);
	return call->segment_name && call->segment ? 0 : fail_memory(call);
}

int admwh_call_set_deadline(struct admwh_call *call, int64_t ms)
{
	if (!call || ms < 1 || ms > INT32_MAX)
		return ADMWH_E_INVAL;
	call->deadline_ms = ms;
	return 0;
}

int admwh_call_advance(struct admwh_call *call, int64_t ms)
{
	if (!call || ms < 0 || ms > INT32_MAX)
		return ADMWH_E_INVAL;
	pthread_mutex_lock(&call->waiter.mutex);
	atomic_fetch_add(&call->clock.us, ms * 1000);
	pthread_cond_signal(&call->waiter.came);
	pthread_mutex_unlock(&call->waiter.mutex);
	return 0;
}

struct admwh_answer *admwh_call_review(struct admwh_call *call, const struct admwh_route *route,
				       const char *body, size_t body_len)
{
	struct awh_review *review =
	    call && !call->failed ? awh_answer_begin(route, body, body_len) : NULL;

	if (!review)
		return NULL;
	review->clock = &call->clock;
	review->started_us = awh_clock_read(review->clock);
	if (call->deadline_ms)
		awh_review_set_deadline(review, call->deadline_ms);
	review->segment_name = call->segment_name;
	review->segment = call->segment;
	if (call->bearer.name)
		review->bearer = &call->bearer;
	if (awh_review_set_origin(review, call->peer, route->path ? route->path : "/",
				  call->address, NULL) == 0)
		return awh_answer_run(review, &call->waiter);
	awh_review_unref(review);
	return NULL;
}

void admwh_call_free(struct admwh_call *call)
{
	if (!call)
		return;
	awh_peer_unref(call->peer);
	awh_arena_deinit(&call->arena);
	awh_waiter_deinit(&call->waiter);
	free(call);
}
