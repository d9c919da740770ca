/* SPDX-License-Identifier: MIT */
#include "common/host.h"

#include <stdio.h>

bool host_is_ip(const char *host)
{
	char text[INET6_ADDRSTRLEN];

	return host_address(host, text);
}

bool host_has_certificate(const char *host, WOLFSSL *ssl, char *why, size_t size)
{
	WOLFSSL_X509 *x509 = wolfSSL_get_peer_certificate(ssl);
	int len = 0;
	const unsigned char *der = x509 ? wolfSSL_X509_get_der(x509, &len) : NULL;
	struct certificate certificate = {0};
	bool is_right = false;

	if (!der || certificate_read(&certificate, der, (size_t)len))
		snprintf(why, size, "the server's certificate cannot be read");
	else if (!certificate_is_for(&certificate, host))
		snprintf(why, size, "the server's certificate has no subject alternative name %s",
			 host);
	else
		is_right = true;
	certificate_deinit(&certificate);
	wolfSSL_X509_free(x509);
	return is_right;
}

void server_fingerprint(WOLFSSL *ssl, char hex[SHA256_HEX_BYTES])
{
	WOLFSSL_X509 *x509 = wolfSSL_get_peer_certificate(ssl);
	int len = 0;
	const unsigned char *der = x509 ? wolfSSL_X509_get_der(x509, &len) : NULL;

	hex[0] = '\0';
	if (der)
		sha256_hex(der, (size_t)len, hex);
	wolfSSL_X509_free(x509);
}
