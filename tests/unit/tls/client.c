/* SPDX-License-Identifier: MIT */
/*
 * A client for certificates that OpenSSL would not even load:
 *
 *     client FD CHAIN KEY
 *
 * Makes a handshake on a blocking socket that was handed down and prints
 * "served" when the server sent something after it, else "refused". Exits 2 when
 * it cannot load the certificate either.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tls/wolfssl.h"

int main(int argc, char **argv)
{
	WOLFSSL_CTX *ctx;
	WOLFSSL *ssl;
	char byte;
	int served;

	if (argc != 4 || awh_wolfssl_start(NULL) < 0)
		return 2;
	ctx = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
	if (!ctx)
		return 2;
	wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
	if (wolfSSL_CTX_use_certificate_chain_file(ctx, argv[2]) != WOLFSSL_SUCCESS ||
	    wolfSSL_CTX_use_PrivateKey_file(ctx, argv[3], WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
		return 2;
	ssl = wolfSSL_new(ctx);
	if (!ssl || wolfSSL_set_fd(ssl, atoi(argv[1])) != WOLFSSL_SUCCESS)
		return 2;
	served = wolfSSL_connect(ssl) == WOLFSSL_SUCCESS && wolfSSL_read(ssl, &byte, 1) == 1;
	puts(served ? "served" : "refused");
	wolfSSL_free(ssl);
	wolfSSL_CTX_free(ctx);
	return 0;
}
