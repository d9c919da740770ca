/* SPDX-License-Identifier: MIT */
/*
 * protocol: versions, cipher suites, groups and signature algorithms of a
 * context. What a program may choose among is here, and nothing else is safe.
 */
#ifndef AWH_TLS_PROTOCOL_H
#define AWH_TLS_PROTOCOL_H

#include "tls/tls.h"
#include "tls/wolfssl.h"

/* Why TLS cannot be made safe: a setter's name, and what it returned. Returns an error code. */
int awh_tls_setup_fail(struct awh_error *error, const char *what, int code);

/* Return so from the function, whose parameter is error, unless a wolfSSL setter succeeds. */
#define AWH_TLS_CHECK(call)                                                                        \
	do {                                                                                       \
		int code_ = (int)(call);                                                           \
		if (code_ != WOLFSSL_SUCCESS)                                                      \
			return awh_tls_setup_fail(error, #call, code_);                            \
	} while (0)

/* Set them. ciphers: names with ":" between them. 0; ADMWH_E_TLS where this wolfSSL does not take
 * what is safe; ADMWH_E_NOMEM. */
int awh_protocol_use(WOLFSSL_CTX *ctx, enum admwh_tls_profile profile, const char *ciphers,
		     struct awh_error *error);

#endif
