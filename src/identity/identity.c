/* SPDX-License-Identifier: MIT */
/*
 * The verdict on a caller, from the facts that the handshake proved and the
 * rules of the one bundle that issued its certificate. Rules of other bundles are
 * never looked at: a name is worth no more than its issuer.
 */
#include "identity/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/rules.h"

const char *awh_proof_name(enum awh_proof proof)
{
	switch (proof) {
	case AWH_PROOF_NONE:
		return "none";
	case AWH_PROOF_VERIFIED:
		return "verified";
	case AWH_PROOF_UNTRUSTED:
		return "untrusted";
	case AWH_PROOF_EXPIRED:
		return "expired";
	case AWH_PROOF_USAGE:
		return "usage";
	case AWH_PROOF_UNFIT:
		return "unfit";
	case AWH_PROOF_UNPROVED:
		return "unproved";
	}
	return "unknown";
}

const char *awh_chain_limit_name(enum awh_chain_limit limit)
{
	static const char *const names[] = {"",
#define NAME(id, text) text,
					    AWH_CHAIN_LIMIT_MAP(NAME)
#undef NAME
	};

	return (unsigned int)limit < AWH_CHAIN_LIMITS ? names[limit] : "unknown";
}

/* Half of what the facts of a plain certificate take: there is one for each connection. */
enum { FACTS_BYTES = 480 };

struct awh_peer *awh_peer_new(void)
{
	struct awh_peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	peer->proof = AWH_PROOF_NONE;
	peer->cn_form = AWH_CN_ABSENT;
	peer->references = 1;
	peer->arena.block = FACTS_BYTES;
	return peer;
}

struct awh_peer *awh_peer_ref(struct awh_peer *peer)
{
	__atomic_add_fetch(&peer->references, 1, __ATOMIC_RELAXED);
	return peer;
}

void awh_peer_unref(struct awh_peer *peer)
{
	if (!peer || __atomic_sub_fetch(&peer->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	awh_arena_deinit(&peer->arena);
	free(peer);
}

int awh_peer_admit(struct awh_peer *peer, const char *bundle, const char *rule)
{
	const char *bundle_copy, *rule_copy;

	if (peer->facts.bundle)
		return 0;
	bundle_copy = awh_arena_strndup(&peer->arena, bundle, strlen(bundle));
	rule_copy = rule ? awh_arena_strndup(&peer->arena, rule, strlen(rule)) : NULL;
	if (!bundle_copy || (rule && !rule_copy))
		return ADMWH_E_NOMEM;
	peer->facts.bundle = bundle_copy;
	peer->facts.rule = rule_copy;
	return 0;
}

static unsigned int kinds_of(const struct awh_values *values)
{
	return values ? values->kinds : 0;
}

static int refuse_cn(const struct awh_peer *peer, const struct awh_rules *rules,
		     struct awh_error *error)
{
	const char *subject = peer->facts.subject ? peer->facts.subject : "";
	const char *cn = peer->facts.common_name ? peer->facts.common_name : "";

	switch (peer->cn_form) {
	case AWH_CN_ABSENT:
		return awh_fail(error, ADMWH_E_REFUSED,
				"bundle %s: the certificate has no CN (subject %s)", rules->bundle,
				subject);
	case AWH_CN_SEVERAL:
		return awh_fail(error, ADMWH_E_REFUSED,
				"bundle %s: the certificate has several CNs (subject %s)",
				rules->bundle, subject);
	case AWH_CN_UNFIT:
		return awh_fail(error, ADMWH_E_REFUSED,
				"bundle %s: the certificate's CN is empty, has control characters "
				"or is not a UTF8String or PrintableString (subject %s)",
				rules->bundle, subject);
	case AWH_CN_ONE:
		break;
	}
	if (strlen(cn) > rules->cn_length)
		return awh_fail(
		    error, ADMWH_E_REFUSED,
		    "bundle %s: the certificate's CN is longer than %zu bytes (subject %s)",
		    rules->bundle, rules->cn_length, subject);
	return awh_fail(error, ADMWH_E_REFUSED, "bundle %s: CN \"%s\" is not allowed",
			rules->bundle, cn);
}

/* ", dns a, dns b": as many as fit. */
static void put_names(char *text, size_t size, const char *kind, const char *const *names,
		      size_t n_names)
{
	for (size_t i = 0; i < n_names; i++) {
		size_t used = strlen(text);

		if (used + strlen(kind) + strlen(names[i]) + 4 > size)
			return;
		snprintf(text + used, size - used, ", %s %s", kind, names[i]);
	}
}

static int refuse(const struct awh_peer *peer, const struct awh_rules *rules,
		  struct awh_error *error)
{
	const struct admwh_peer *facts = &peer->facts;
	unsigned int kinds = kinds_of(rules->allow) | kinds_of(rules->allow_file);
	char names[256] = "";

	if ((kinds & ~(1U << ADMWH_RULE_CN)) == 0)
		return refuse_cn(peer, rules, error);
	put_names(names, sizeof(names), "dns", facts->dns_names, facts->n_dns_names);
	put_names(names, sizeof(names), "uri", facts->uris, facts->n_uris);
	put_names(names, sizeof(names), "ip", facts->ip_addresses, facts->n_ip_addresses);
	return awh_fail(error, ADMWH_E_REFUSED, "bundle %s: no rule allows it (subject %.200s%s)",
			rules->bundle, facts->subject ? facts->subject : "", names);
}

static const char *find_rule(const struct awh_peer *peer, const struct awh_rules *rules)
{
	const struct awh_value *rule = awh_rules_find(rules->allow, peer, rules->cn_length);

	if (!rule)
		rule = awh_rules_find(rules->allow_file, peer, rules->cn_length);
	if (rule)
		return rule->text;
	return rules->any_name ? "any-name" : NULL;
}

int awh_authorize(const struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		  const char **rule, struct awh_error *error)
{
	const struct awh_value *denial;
	const char *found;

	if (peer->proof == AWH_PROOF_NONE)
		return awh_fail(error, ADMWH_E_NO_CERTIFICATE, "no client certificate");
	if (peer->proof != AWH_PROOF_VERIFIED || peer->bundle >= n_rules)
		return awh_fail(error, ADMWH_E_UNTRUSTED, "%s",
				peer->reason[0] ? peer->reason
						: "no client CA issued the certificate");
	rules += peer->bundle;
	denial = awh_denials_find(rules->deny, peer);
	if (denial)
		return awh_fail(error, ADMWH_E_REVOKED, "bundle %s: the deny list has %s",
				rules->bundle, denial->text);
	found = find_rule(peer, rules);
	if (!found)
		return refuse(peer, rules, error);
	*rule = found;
	return 0;
}

int awh_identify(struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		 struct awh_error *error)
{
	const char *rule;
	int err = awh_authorize(peer, rules, n_rules, &rule, error);

	if (err == 0 && awh_peer_admit(peer, rules[peer->bundle].bundle, rule) < 0)
		err = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return err;
}

int awh_identify_again(const struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		       struct awh_error *error)
{
	const char *rule;

	return awh_authorize(peer, rules, n_rules, &rule, error);
}
