/* SPDX-License-Identifier: MIT */
/*
 * auth: the auth snapshot, and the verdict on a connection and on a request. No
 * I/O, no connection.
 *
 * A snapshot is all that decides which callers are allowed, at one moment: the TLS
 * context with key pair and client CAs, the rules and deny list of each bundle, and
 * the tokens. It is made as a whole from one reading of a config's files, or not at
 * all, never changed, and shared by reference: the endpoint has the current one,
 * each shard has one, and a connection keeps the one it was accepted under.
 */
#ifndef AWH_AUTH_SNAPSHOT_H
#define AWH_AUTH_SNAPSHOT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/webhook_tokens.h"
#include "base/error.h"
#include "config/bundle.h"
#include "config/config.h"
#include "config/source.h"
#include "config/tokens.h"
#include "identity/identity.h"
#include "tls/tls.h"

struct awh_snapshot {
	atomic_int references;
	struct awh_tls_context *tls; /* NULL for plain HTTP */
	/* The same without client certificates, for the conversion listener; NULL without one. */
	struct awh_tls_context *anonymous;
	struct awh_rules *rules;        /* one a bundle, in the order of their indices */
	struct awh_bundle_files *files; /* likewise; rules borrow from them */
	size_t n_rules;
	struct awh_tokens *tokens;                 /* NULL without a token file */
	struct awh_webhook_tokens *webhook_tokens; /* NULL without a file of their keys */
	int64_t loaded_s;                          /* when it was made, seconds since 1970 */
	uint64_t generation;                       /* snapshots of this server before it */
	unsigned int changes; /* against the one before it: bits of enum awh_reload */
};

/*
 * Make a snapshot of what was read. A certificate that has expired is only let pass in a file that
 * has not changed since it was good.
 *
 * config: *borrowed*, outlives the snapshot
 * sources: one reading of all of its files; *borrowed* until this returns
 * good: an earlier reading that a snapshot was made of; NULL: none
 * Returns *new*; NULL: the fault says why, and names the file it is about.
 */
struct awh_snapshot *awh_snapshot_new(const struct admwh_config *config,
				      const struct awh_sources *sources,
				      const struct awh_sources *good, struct awh_fault *fault);
struct awh_snapshot *awh_snapshot_ref(struct awh_snapshot *snapshot);
void awh_snapshot_unref(struct awh_snapshot *snapshot);

/* Is this caller allowed? As awh_identify(). */
int awh_snapshot_identify(const struct awh_snapshot *snapshot, struct awh_peer *peer,
			  struct awh_error *error);

/*
 * And one that another snapshot allowed? Its CA must still be among those of its bundle.
 * As awh_identify_again(); also ADMWH_E_UNTRUSTED.
 */
int awh_snapshot_identify_again(const struct awh_snapshot *snapshot, const struct awh_peer *peer,
				struct awh_error *error);

#endif
