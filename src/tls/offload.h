/* SPDX-License-Identifier: MIT */
/*
 * offload: records of TLS 1.3 under AES-GCM are sealed and opened by aead.h instead
 * of wolfSSL, where wolfSSL is built without the CPU's AES instructions (Debian):
 * what it has in their place reads tables at addresses that depend on the key, and
 * takes forty times as long.
 *
 * wolfSSL asks a context's callback for each record, and goes on by itself where the
 * callback declines. It declines during the handshake, whose keys wolfSSL does not
 * show, and in TLS 1.2, where wolfSSL hands it a nonce of zeros.
 */
#ifndef AWH_TLS_OFFLOAD_H
#define AWH_TLS_OFFLOAD_H

#include "tls/aead.h"
#include "tls/session.h"

/* Before the first session of a context. */
void awh_offload_use(WOLFSSL_CTX *ctx);

/* The handshake is done: from now on, the session's records where it can be. 0 or ADMWH_E_NOMEM. */
int awh_offload_begin(struct awh_tls_session *session);

#endif
