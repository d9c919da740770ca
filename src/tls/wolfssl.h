/* SPDX-License-Identifier: MIT */
/*
 * The one place that includes wolfSSL. Its options come first, always: without
 * them its structs have other sizes here than in the library.
 */
#ifndef AWH_TLS_WOLFSSL_H
#define AWH_TLS_WOLFSSL_H

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/version.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/hash.h>

/* Each is needed by a check of verify.h; `./configure --enable-opensslextra` sets them. */
#if !defined(OPENSSL_EXTRA) || !defined(WOLFSSL_ALWAYS_VERIFY_CB) ||                               \
    !defined(WOLFSSL_LOCAL_X509_STORE)
#error "wolfSSL must be built with --enable-opensslextra"
#endif
#if !defined(WOLFSSL_TLS13) || !defined(HAVE_SUPPORTED_CURVES)
#error "wolfSSL must be built with TLS 1.3"
#endif

#include <stdbool.h>

#include "base/error.h"

/* Once per process, from any thread. 0 or ADMWH_E_TLS. Never undone: others may use wolfSSL too. */
int awh_wolfssl_start(struct awh_error *error);

/* Fail because wolfSSL does not start. random: the system's source of random numbers */
int awh_wolfssl_start_fail(int code, const char *random, struct awh_error *error);

/*
 * Wipe the stack below the caller, and the vector registers: wolfSSL leaves copies of the private
 * key there when it reads the key and when it signs.
 */
void awh_wolfssl_wipe_stack(void);

/*
 * Free the tables of multiples that some builds (FP_ECC) keep for the calling thread: 0.8 MB for
 * each point of a curve that it multiplies twice. Handshakes that follow make them anew. Builds
 * without thread-local storage have one set for all threads, and freeing it destroys the mutex that
 * the others take: it stays.
 */
void awh_wolfssl_free_tables(void);

/* Does this build accept a certificate that anyone could have signed (CVE-2026-5194)? */
bool awh_wolfssl_is_forgeable(void);

/* wolfSSL's text for one of its codes. */
const char *awh_wolfssl_text(int code, char text[WOLFSSL_MAX_ERROR_SZ]);

#endif
