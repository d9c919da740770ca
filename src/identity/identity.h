/* SPDX-License-Identifier: MIT */
/*
 * identity: which caller this is, and whether it is allowed. Verified facts in,
 * verdict out. This folder never sees a certificate or a socket; src/tls/ turns
 * one into facts.
 */
#ifndef AWH_IDENTITY_IDENTITY_H
#define AWH_IDENTITY_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/request.h>

#include "base/arena.h"
#include "base/error.h"

/* What became of a caller's certificate. One word each: a log field. */
enum awh_proof {
	AWH_PROOF_NONE,      /* no certificate was presented */
	AWH_PROOF_VERIFIED,  /* a CA of a bundle issued it */
	AWH_PROOF_UNTRUSTED, /* no CA of a bundle issued it */
	AWH_PROOF_EXPIRED,   /* it, or a CA above it, is out of its dates */
	AWH_PROOF_USAGE,     /* it is not for client authentication, or is a CA */
	AWH_PROOF_UNFIT,     /* what the library does not accept: name constraints, malformed */
	/* a CA of a bundle issued it, but the client did not prove that it has the key */
	AWH_PROOF_UNPROVED,
};

const char *awh_proof_name(enum awh_proof proof);

/* How the CNs of a subject look. A rule on a CN is only ever met by AWH_CN_ONE. */
enum awh_cn_form {
	AWH_CN_ABSENT,
	AWH_CN_ONE,     /* one, UTF8String or PrintableString, valid UTF-8, no control characters */
	AWH_CN_SEVERAL, /* more than one, in whatever RDNs */
	AWH_CN_UNFIT, /* one, of another string type, or empty, or with control characters or NUL */
};

/* What a deny list names a certificate by: hexadecimal, lower case. */
struct awh_cert_ids {
	const char *serial;      /* as in struct admwh_peer */
	const char *fingerprint; /* likewise */
	const char *key;         /* SHA-256 of the SubjectPublicKeyInfo */
};

/* A limit on the chain that a client presents. One word each: a label of a metric. */
#define AWH_CHAIN_LIMIT_MAP(XX)                                                                    \
	XX(CERTIFICATES, "certificates")                                                           \
	XX(BYTES, "bytes")                                                                         \
	XX(CHECKS, "checks")

enum awh_chain_limit {
	AWH_CHAIN_LIMIT_NONE,
#define AWH_CHAIN_LIMIT_ENUM(id, name) AWH_CHAIN_LIMIT_##id,
	AWH_CHAIN_LIMIT_MAP(AWH_CHAIN_LIMIT_ENUM)
#undef AWH_CHAIN_LIMIT_ENUM
	    AWH_CHAIN_LIMITS
};

/* "" for AWH_CHAIN_LIMIT_NONE. */
const char *awh_chain_limit_name(enum awh_chain_limit limit);

enum { AWH_ISSUERS_MAX = 9, AWH_ANCHOR_ID = 32 };

/*
 * One caller's proved facts. Reference-counted, immutable once it is admitted: a review that
 * outlives its connection keeps them.
 */
struct awh_peer {
	struct admwh_peer facts; /* strings in the arena; bundle and rule by awh_peer_admit() */
	const char *key; /* SHA-256 of its SubjectPublicKeyInfo, hexadecimal; in the arena */
	/* What issued it, the trusted CA first; behind them a CA of the bundle above that one,
	 * where its key is denied. */
	struct awh_cert_ids issuers[AWH_ISSUERS_MAX];
	size_t n_issuers;
	enum awh_chain_limit limit; /* that its chain has reached */
	enum awh_proof proof;
	char reason[192]; /* why proof is not AWH_PROOF_VERIFIED, for the log */
	enum awh_cn_form cn_form;
	size_t bundle; /* index of the bundle whose CA issued it, with AWH_PROOF_VERIFIED */
	uint8_t anchor[AWH_ANCHOR_ID]; /* likewise: which of its CAs, by src/tls/trust.h */
	uint8_t ca_sha256[32];         /* likewise: of that CA's certificate in its file */
	const char *ca_subject;        /* likewise: RFC 4514 */
	int64_t valid_until; /* likewise: seconds since 1970; past it nothing is proved any more */
	struct awh_arena arena;
	int references; /* atomic */
};

struct awh_peer *awh_peer_new(void);
struct awh_peer *awh_peer_ref(struct awh_peer *peer);
void awh_peer_unref(struct awh_peer *peer);

struct awh_values;

/* Which callers of a bundle are allowed. All is *borrowed*, and each set sealed. */
struct awh_rules {
	const char *bundle;                  /* its name */
	const struct awh_values *allow;      /* by the program; NULL for none */
	const struct awh_values *allow_file; /* by a file beside it; NULL for none */
	const struct awh_values *deny;       /* by a file; NULL for none */
	bool any_name;
	size_t cn_length; /* limit, bytes */
};

/*
 * Is this caller allowed? Changes nothing, so that it can be asked again while reviews read the
 * peer.
 *
 * rules: one a bundle, in the order of the bundles' indices
 * rule: set on success, *borrowed* from the rules: what struct admwh_peer says
 * Returns 0; ADMWH_E_NO_CERTIFICATE, ADMWH_E_UNTRUSTED (error: the peer's reason),
 * ADMWH_E_REVOKED or ADMWH_E_REFUSED (error: what was presented, and which bundle's rules refused
 * it).
 */
int awh_authorize(const struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		  const char **rule, struct awh_error *error);

/*
 * Set facts.bundle and facts.rule, once: a peer that has them keeps them. Texts are copied.
 *
 * rule: NULL: the chain is the bundle's, but no rule allows the caller
 * Returns 0 or ADMWH_E_NOMEM, with nothing set.
 */
int awh_peer_admit(struct awh_peer *peer, const char *bundle, const char *rule);

/* As awh_authorize(), without the rule. */
int awh_identify_again(const struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		       struct awh_error *error);

/* awh_authorize(), and awh_peer_admit() on success; by the one thread that has the peer. */
int awh_identify(struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		 struct awh_error *error);

#endif
