/* SPDX-License-Identifier: MIT */
/* The host of a URL against the certificate of the server. */
#ifndef ADMWHCTL_HOST_H
#define ADMWHCTL_HOST_H

#include <wolfssl/options.h>

#include <stdbool.h>
#include <stddef.h>

#include <wolfssl/ssl.h>

#include "common/certificate.h"

bool host_is_ip(const char *host);

/*
 * Whether the server's certificate is of the host, as Go has it: subjectAltName alone counts. If it
 * is not, why says so.
 */
bool host_has_certificate(const char *host, WOLFSSL *ssl, char *why, size_t size);

/* SHA-256 of the certificate that the server shows; "": it shows none. */
void server_fingerprint(WOLFSSL *ssl, char hex[SHA256_HEX_BYTES]);

#endif
