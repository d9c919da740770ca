/* SPDX-License-Identifier: MIT */
#include "common/host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <wolfssl/wolfcrypt/asn_public.h>

#include "common/files.h"
#include "common/pki.h"

bool host_is_ip(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* Go's rule (crypto/x509): "*" stands for one whole label, the first. */
static bool is_name_of(const char *pattern, const char *host)
{
	const char *rest = strchr(host, '.');

	if (strncmp(pattern, "*.", 2) == 0)
		return rest && rest > host && strcasecmp(pattern + 1, rest) == 0;
	return strcasecmp(pattern, host) == 0;
}

static bool is_same_ip(const char *a, const char *b)
{
	unsigned char bytes_a[sizeof(struct in6_addr)], bytes_b[sizeof(struct in6_addr)];

	for (int family = AF_INET; family != 0; family = family == AF_INET ? AF_INET6 : 0)
		if (inet_pton(family, a, bytes_a) == 1)
			return inet_pton(family, b, bytes_b) == 1 &&
			       memcmp(bytes_a, bytes_b, family == AF_INET ? 4 : 16) == 0;
	return false;
}

static bool is_certificate_of(const struct pki_certificate *certificate, const char *host)
{
	for (char **ip = certificate->ip; *ip; ip++)
		if (is_same_ip(*ip, host))
			return true;
	for (char **name = certificate->dns; !host_is_ip(host) && *name; name++)
		if (is_name_of(*name, host))
			return true;
	return false;
}

/* PEM, since that is what pki_read() takes. New; NULL: there is none. */
static char *peer_certificate(WOLFSSL *ssl)
{
	WOLFSSL_X509 *x509 = wolfSSL_get_peer_certificate(ssl);
	int der_len = 0;
	const unsigned char *der = x509 ? wolfSSL_X509_get_der(x509, &der_len) : NULL;
	size_t size = (size_t)der_len * 2 + 256;
	char *pem = zeroed(1, size);

	if (!der ||
	    wc_DerToPem(der, (word32)der_len, (byte *)pem, (word32)size - 1, CERT_TYPE) <= 0) {
		free(pem);
		pem = NULL;
	}
	wolfSSL_X509_free(x509);
	return pem;
}

bool host_has_certificate(const char *host, WOLFSSL *ssl, char *why, size_t size)
{
	char *pem = peer_certificate(ssl);
	struct pki_certificate certificate;
	bool is_right;

	if (!pem || pki_read(pem, 0, &certificate)) {
		free(pem);
		snprintf(why, size, "the server's certificate cannot be read");
		return false;
	}
	free(pem);
	is_right = is_certificate_of(&certificate, host);
	pki_certificate_deinit(&certificate);
	if (!is_right)
		snprintf(why, size, "the server's certificate has no subject alternative name %s",
			 host);
	return is_right;
}
