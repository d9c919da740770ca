/* SPDX-License-Identifier: MIT */
/*
 * identify: who calls, and may they? Verified facts in, verdict out. This folder
 * never sees a certificate or a socket; src/tls/ turns one into facts.
 */
#ifndef AWH_IDENTITY_IDENTITY_H
#define AWH_IDENTITY_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/request.h>

#include "base/arena.h"
#include "base/error.h"

/* What became of a caller's certificate. One word each: it is a metric's label and a log field. */
enum awh_proof {
	AWH_PROOF_NONE,      /* no certificate was presented */
	AWH_PROOF_VERIFIED,  /* a bundle vouches for it */
	AWH_PROOF_UNTRUSTED, /* no bundle vouches for it */
	AWH_PROOF_EXPIRED,   /* it, or a CA above it, is out of its dates */
	AWH_PROOF_USAGE,     /* it is not for client authentication, or is a CA */
	AWH_PROOF_UNFIT,     /* what the library does not accept: name constraints, malformed */
};

const char *awh_proof_name(enum awh_proof proof);

/* How the CNs of a subject look. A rule on a CN is only ever met by AWH_CN_ONE. */
enum awh_cn_form {
	AWH_CN_ABSENT,
	AWH_CN_ONE,     /* one, UTF8String or PrintableString, valid UTF-8, no control characters */
	AWH_CN_SEVERAL, /* more than one, in whatever RDNs */
	AWH_CN_UNFIT, /* one, of another string type, or empty, or with control characters or NUL */
};

enum { AWH_ANCHOR_ID = 32 };

/*
 * One caller's proved facts. Reference-counted, immutable once the handshake is over: a review
 * that outlives its connection keeps them.
 */
struct awh_peer {
	struct admwh_peer facts; /* strings in the arena; bundle and rule are set by the verdict */
	enum awh_proof proof;
	char reason[192]; /* why proof is not AWH_PROOF_VERIFIED, for the log */
	enum awh_cn_form cn_form;
	size_t bundle; /* index of the bundle that vouched, with AWH_PROOF_VERIFIED */
	uint8_t
	    anchor[AWH_ANCHOR_ID]; /* likewise: which of its CAs, as src/tls/ tells them apart */
	int64_t valid_until; /* likewise: seconds since 1970; past it nothing is proved any more */
	struct awh_arena arena;
	int references; /* atomic */
};

struct awh_peer *awh_peer_new(void);
struct awh_peer *awh_peer_ref(struct awh_peer *peer);
void awh_peer_unref(struct awh_peer *peer);

/* The rules of one bundle. */
struct awh_rules {
	const char *bundle; /* its name */
	const char *const *cns;
	size_t n_cns;
	bool any_name;
	size_t cn_length; /* limit, bytes */
};

/*
 * May this caller in? On success facts.bundle and facts.rule are set.
 *
 * rules: one a bundle, in the order of the bundles' indices
 * Returns 0; ADMWH_E_NO_CERTIFICATE, ADMWH_E_UNTRUSTED (error: the peer's reason) or
 * ADMWH_E_REFUSED (error: what was presented and that no rule of its bundle lets it in);
 * ADMWH_E_NOMEM.
 */
int awh_identify(struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		 struct awh_error *error);

/*
 * As awh_identify(), of a caller that was let in before, by other rules: its facts stay as they
 * are, for others may be reading them.
 */
int awh_identify_again(const struct awh_peer *peer, const struct awh_rules *rules, size_t n_rules,
		       struct awh_error *error);

/* Well-formed UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F)? */
bool awh_name_is_clean(const char *text, size_t len);

/* Is this a CN a rule can be about? 0 or ADMWH_E_INVAL with a message. */
int awh_rule_check_cn(const char *cn, size_t max_length, struct awh_error *error);

#endif
