/* SPDX-License-Identifier: MIT */
/*
 * The server's own certificate chain and key: read once by our reader, which
 * knows what is allowed, and once by wolfSSL, which uses it.
 */
#include "tls/context.h"

#include <string.h>

#include "base/clock.h"
#include "tls/pem.h"

static const char *leaf_problem(const struct awh_x509 *leaf, int64_t now)
{
	switch (leaf->key) {
	case AWH_KEY_RSA:
		if (leaf->rsa_bits < AWH_RSA_BITS_MIN)
			return "its RSA key is below 2048 bits";
		break;
	case AWH_KEY_P256:
	case AWH_KEY_P384:
		break;
	default:
		return "its key is neither RSA nor ECDSA P-256 or P-384";
	}
	if (now > leaf->not_after)
		return "it has expired";
	return NULL;
}

static int check_chain(const char *pem, size_t len, struct awh_error *error)
{
	struct awh_pem blocks = {pem, pem + len};
	const char *problem = NULL;
	struct awh_x509 cert;
	struct awh_buf der;
	size_t number = 0;
	int status;

	awh_buf_init(&der, AWH_X509_BYTES_MAX);
	while ((status = awh_pem_next_certificate(&blocks, &der, &problem)) > 0) {
		problem = awh_x509_parse(&cert, (struct awh_span){(uint8_t *)der.data, der.len});
		if (!problem && number == 0)
			problem = leaf_problem(&cert, awh_clock_wall_s());
		if (problem)
			break;
		number++;
	}
	if (problem)
		status = awh_fail(error, ADMWH_E_KEYPAIR, "certificate %zu of the chain: %s",
				  number + 1, problem);
	else if (der.failed)
		status = awh_fail(error, der.failed == ADMWH_E_NOMEM ? der.failed : ADMWH_E_KEYPAIR,
				  "%s", admwh_strerror(der.failed));
	else if (number == 0)
		status = awh_fail(error, ADMWH_E_KEYPAIR, "no certificate in the chain");
	awh_buf_deinit(&der);
	return status;
}

static int wolf_fail(struct awh_error *error, const char *what)
{
	wolfSSL_ERR_clear_error();
	return awh_fail(error, ADMWH_E_KEYPAIR, "%s", what);
}

int awh_keypair_use(WOLFSSL_CTX *ctx, const struct awh_tls_params *params, struct awh_error *error)
{
	const unsigned char *chain = (const unsigned char *)params->certificate_pem;
	const unsigned char *key = (const unsigned char *)params->key_pem;
	int status = check_chain(params->certificate_pem, params->certificate_len, error);

	if (status < 0)
		return status;
	if (wolfSSL_CTX_use_certificate_chain_buffer(ctx, chain, (long)params->certificate_len) !=
	    WOLFSSL_SUCCESS)
		return wolf_fail(error, "the certificate chain is not accepted by the TLS library");
	if (params->key_len == 0 ||
	    wolfSSL_CTX_use_PrivateKey_buffer(ctx, key, (long)params->key_len,
					      WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
		return wolf_fail(error, "the private key cannot be read (PEM, unencrypted)");
	if (wolfSSL_CTX_check_private_key(ctx) != WOLFSSL_SUCCESS)
		return wolf_fail(error, "the private key does not belong to the certificate");
	return 0;
}
