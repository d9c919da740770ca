/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic of one signature, which is wolfSSL's: did this key sign that
 * certificate? Names, dates, usages and key identifiers are not looked at, and the
 * certificate is not decoded, whose many names would cost more than the signature.
 */
#ifndef AWH_TLS_SIGNATURE_H
#define AWH_TLS_SIGNATURE_H

#include <stdbool.h>

#include "tls/x509.h"

/*
 * Does the certificate name a kind of signature that the issuer's key can make? wolfSSL does not
 * look (CVE-2026-5194): where the named kind has no digest, anyone can sign for any ECDSA key.
 */
bool awh_signature_kind_agrees(const struct awh_x509 *cert, const struct awh_x509 *issuer);

/*
 * Compute. A signature of another kind than the issuer's key does not hold.
 *
 * code: wolfSSL's error where it does not hold
 * Returns 1 when it holds; 0 when it does not; ADMWH_E_NOMEM.
 */
int awh_signature_holds(const struct awh_x509 *cert, const struct awh_x509 *issuer, int *code);

#endif
