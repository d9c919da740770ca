/* SPDX-License-Identifier: MIT */
/*
 * The verdict on a caller, from the facts that the handshake proved and the
 * rules of the one bundle that vouched for it. Rules of other bundles are never
 * looked at: a name is worth what its issuer vouches for.
 */
#include "identity/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

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
	}
	return "unknown";
}

struct awh_peer *awh_peer_new(void)
{
	struct awh_peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	peer->proof = AWH_PROOF_NONE;
	peer->cn_form = AWH_CN_ABSENT;
	peer->references = 1;
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

/* The rule's CN that is this caller's, byte for byte; NULL without one. */
static const char *find_cn(const struct awh_peer *peer, const struct awh_rules *rules)
{
	const char *cn = peer->facts.common_name;
	size_t len;

	if (peer->cn_form != AWH_CN_ONE || !cn)
		return NULL;
	len = strlen(cn);
	if (len < 1 || len > rules->cn_length)
		return NULL;
	for (size_t i = 0; i < rules->n_cns; i++)
		if (strlen(rules->cns[i]) == len && memcmp(rules->cns[i], cn, len) == 0)
			return rules->cns[i];
	return NULL;
}

/* Nothing is set unless both strings could be. */
static int let_in(struct awh_peer *peer, const struct awh_rules *rules, const char *cn,
		  struct awh_error *error)
{
	static const char prefix[] = "cn:";
	char *bundle = awh_arena_strndup(&peer->arena, rules->bundle, strlen(rules->bundle));
	const char *rule = "any-name";

	if (bundle && cn) {
		size_t len = strlen(cn);
		char *text = awh_arena_alloc(&peer->arena, sizeof(prefix) + len);

		if (text) {
			memcpy(text, prefix, sizeof(prefix) - 1);
			memcpy(text + sizeof(prefix) - 1, cn, len);
		}
		rule = text;
	}
	if (!bundle || !rule)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	peer->facts.bundle = bundle;
	peer->facts.rule = rule;
	return 0;
}

static int refuse(const struct awh_peer *peer, const struct awh_rules *rules,
		  struct awh_error *error)
{
	const char *subject = peer->facts.subject ? peer->facts.subject : "";

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
	if (strlen(peer->facts.common_name) > rules->cn_length)
		return awh_fail(
		    error, ADMWH_E_REFUSED,
		    "bundle %s: the certificate's CN is longer than %zu bytes (subject %s)",
		    rules->bundle, rules->cn_length, subject);
	return awh_fail(error, ADMWH_E_REFUSED, "bundle %s: CN \"%s\" is not allowed",
			rules->bundle, peer->facts.common_name);
}

static bool is_control(const char *text, size_t sequence)
{
	unsigned char c = (unsigned char)text[0];

	return sequence == 1 ? c < 0x20 || c == 0x7f
			     : sequence == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0;
}

bool awh_name_is_clean(const char *text, size_t len)
{
	while (len > 0) {
		size_t n = awh_utf8_sequence(text, len);

		if (n == 0 || is_control(text, n))
			return false;
		text += n;
		len -= n;
	}
	return true;
}

int awh_rule_check_cn(const char *cn, size_t max_length, struct awh_error *error)
{
	size_t len = cn ? strlen(cn) : 0;

	if (len == 0)
		return awh_fail(error, ADMWH_E_INVAL, "an empty CN matches no certificate");
	if (len > max_length)
		return awh_fail(error, ADMWH_E_INVAL,
				"CN of %zu bytes is longer than the limit of %zu", len, max_length);
	if (!awh_name_is_clean(cn, len))
		return awh_fail(error, ADMWH_E_INVAL, "CN is not UTF-8 or has control characters");
	return 0;
}

/* 0 with the CN that a rule named, or NULL for any name; or why not. */
static int decide(const struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		  const char **cn, struct awh_error *error)
{
	if (peer->proof == AWH_PROOF_NONE)
		return awh_fail(error, ADMWH_E_NO_CERTIFICATE, "no client certificate");
	if (peer->proof != AWH_PROOF_VERIFIED || peer->bundle >= n_rules)
		return awh_fail(error, ADMWH_E_UNTRUSTED, "%s",
				peer->reason[0] ? peer->reason
						: "no bundle vouches for the certificate");
	rules += peer->bundle;
	*cn = find_cn(peer, rules);
	return *cn || rules->any_name ? 0 : refuse(peer, rules, error);
}

int awh_identify(struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		 struct awh_error *error)
{
	const char *cn;
	int failed = decide(peer, rules, n_rules, &cn, error);

	return failed ? failed : let_in(peer, &rules[peer->bundle], cn, error);
}

int awh_identify_again(const struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		       struct awh_error *error)
{
	const char *cn;

	return decide(peer, rules, n_rules, &cn, error);
}
