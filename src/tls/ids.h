/* SPDX-License-Identifier: MIT */
/*
 * What deny lists name a certificate by, read from it: serial number, fingerprint
 * and the digest of its key, as text.
 */
#ifndef AWH_TLS_IDS_H
#define AWH_TLS_IDS_H

#include "base/arena.h"
#include "identity/identity.h"
#include "tls/x509.h"

/* Texts go to the arena. 0, or ADMWH_E_NOMEM with nothing to be compared in ids. */
int awh_cert_ids_read(struct awh_cert_ids *ids, struct awh_arena *arena,
		      const struct awh_x509 *cert);

#endif
