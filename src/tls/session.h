/* SPDX-License-Identifier: MIT */
/* The inside of a session, for the callbacks. */
#ifndef AWH_TLS_SESSION_H
#define AWH_TLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "tls/ahead.h"
#include "tls/context.h"
#include "tls/wire.h"

enum { AWH_HANDSHAKE_BYTES = 256 * 1024 }; /* received by a whole handshake */

struct awh_tls_session {
	WOLFSSL *ssl; /* NULL: broken from the start, for want of random bytes */
	struct awh_tls_context *context;
	struct awh_peer *peer;
	struct awh_path_cache *cache; /* *borrowed*; NULL: none */
	struct awh_aead *aead;        /* offload.h has its records; NULL: wolfSSL has them */
	uint8_t path[AWH_PATH_ID];    /* what it knows the verified path by */
	unsigned int checks;          /* signatures of the chain that were computed here */
	int fd;
	struct awh_ahead ahead;
	size_t call_budget;
	size_t overhead; /* bytes since the last data: key updates, alerts, empty records */
	size_t handshake_budget;
	struct awh_wire wire;
	bool done;              /* the handshake is over and everything was checked */
	bool broken;            /* nothing more can be read or written */
	bool closed;            /* close_notify was sent */
	bool presented;         /* the client sent a certificate */
	bool looked;            /* the chain was verified, whatever came of it */
	bool distrust;          /* wolfSSL found an error in the chain */
	bool plain_http;        /* the client speaks HTTP, not TLS */
	bool gone;              /* a read met the client's end of the connection */
	int verdict;            /* 0, or why the client was refused */
	struct awh_error error; /* goes with verdict */
};

/* callbacks.c: what is known of the peer's certificate. */
void awh_session_set_proof(struct awh_tls_session *session, enum awh_proof proof,
			   const char *reason);

#endif
