/* SPDX-License-Identifier: MIT */
/*
 * wolfSSL's certificate managers, without their trusted peers.
 */
#ifndef AWH_TLS_MANAGER_H
#define AWH_TLS_MANAGER_H

#include "tls/wolfssl.h"
#include "tls/x509.h"

/*
 * Load a certificate into a manager as a CA, and not as a trusted peer. 0; ADMWH_E_CLIENT_CA;
 * ADMWH_E_NOMEM.
 */
int awh_manager_add(WOLFSSL_CERT_MANAGER *manager, const struct awh_x509 *ca);

/* A manager that trusts this one certificate as a CA and nothing else: *new*. As above. */
int awh_manager_new(const struct awh_x509 *ca, WOLFSSL_CERT_MANAGER **manager);

#endif
