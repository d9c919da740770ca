/* SPDX-License-Identifier: MIT */
/*
 * What a certificate must be to stand in a client's chain: each function gives
 * what rules it out, as the end of a sentence ("has an RSA key below 2048 bits"),
 * or NULL.
 */
#ifndef AWH_TLS_REQUIREMENTS_H
#define AWH_TLS_REQUIREMENTS_H

#include "tls/x509.h"

enum { AWH_RSA_BITS_MIN = 2048 };

/* Of any certificate: its key. */
const char *awh_x509_key_problem(const struct awh_x509 *cert);

/* Of any certificate: its version, and extensions that are not evaluated. */
const char *awh_x509_extension_problem(const struct awh_x509 *cert);

/* An extension that must be understood and is not (RFC 5280 section 4.2). */
const char *awh_x509_critical_problem(const struct awh_x509 *cert);

/* Of an issuer: it is none. */
const char *awh_x509_issuer_problem(const struct awh_x509 *cert);

#endif
