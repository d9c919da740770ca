/* SPDX-License-Identifier: MIT */
/*
 * wolfSSL's certificate managers, for one computation: does the key of one CA
 * verify the signature of a certificate?
 */
#ifndef AWH_TLS_MANAGER_H
#define AWH_TLS_MANAGER_H

#include <stdbool.h>

#include "tls/wolfssl.h"
#include "tls/x509.h"

/*
 * Load a certificate into a manager as a CA, and not as a trusted peer. 0; ADMWH_E_CLIENT_CA;
 * ADMWH_E_NOMEM.
 */
int awh_manager_add(WOLFSSL_CERT_MANAGER *manager, const struct awh_x509 *ca);

/* A manager that trusts this one certificate as a CA and nothing else: *new*. As above. */
int awh_manager_new(const struct awh_x509 *ca, WOLFSSL_CERT_MANAGER **manager);

/*
 * Does the certificate name a kind of signature that the issuer's key can make? wolfSSL does not
 * look (CVE-2026-5194): where the named kind has no digest, anyone can sign for any ECDSA key.
 */
bool awh_manager_kinds_agree(enum awh_signature signature, enum awh_key key);

/*
 * Compute a certificate's signature.
 *
 * manager: of awh_manager_new()
 * Returns WOLFSSL_SUCCESS when its CA has signed the certificate, or wolfSSL's error.
 */
int awh_manager_verify(WOLFSSL_CERT_MANAGER *manager, const struct awh_x509 *cert);

#endif
