/* SPDX-License-Identifier: MIT */
/*
 * The server's own certificate chain and key: read once by x509.h, which knows
 * what is allowed, and once by wolfSSL, which uses it.
 */
#include "tls/context.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tls/pem.h"
#include "tls/requirements.h"

static const char *leaf_problem(const struct awh_x509 *leaf, bool was_good, int64_t now)
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
	if (now > leaf->not_after && !was_good)
		return "it has expired";
	return NULL;
}

/* Is this scalar's point the one in the certificate? */
static bool point_matches(ecc_key *key, struct awh_der wanted)
{
	ecc_point *point = wc_ecc_new_point();
	byte bytes[MAX_ECC_BYTES * 2 + 1];
	word32 len = sizeof(bytes);
	bool matches = point && wc_ecc_make_pub(key, point) == 0 &&
		       wc_ecc_export_point_der(key->idx, point, bytes, &len) == 0 &&
		       awh_der_equal((struct awh_der){bytes, len}, wanted);

	wc_ecc_del_point(point);
	return matches;
}

/*
 * wolfSSL_CTX_check_private_key() compares moduli, but takes any ECDSA key for any ECDSA
 * certificate (5.5.4), so the public key is computed here from the private one.
 */
static bool ecdsa_key_matches(const struct awh_tls_params *params, struct awh_der wanted)
{
	const unsigned char *pem = (const unsigned char *)params->key_pem;
	int size = (int)params->key_len;
	byte *der = malloc(params->key_len);
	bool matches = false;
	word32 at = 0;
	ecc_key key;
	int len;

	if (!der || wc_ecc_init(&key) != 0)
		goto out;
	len = wc_KeyPemToDer(pem, size, der, size, NULL);
	matches = len > 0 && wc_EccPrivateKeyDecode(der, &at, &key, (word32)len) == 0 &&
		  point_matches(&key, wanted);
	wc_ecc_free(&key);
	explicit_bzero(der, params->key_len);
out:
	free(der);
	return matches;
}

/* Read the whole chain; the leaf's bytes are put into leaf. */
static int check_chain(const struct awh_tls_params *params, struct awh_buf *leaf,
		       struct awh_error *error)
{
	struct awh_pem blocks = {params->certificate_pem,
				 params->certificate_pem + params->certificate_len};
	const char *problem = NULL;
	struct awh_x509 cert;
	struct awh_buf der;
	size_t number = 0;
	int err;

	awh_buf_init(&der, AWH_X509_BYTES_MAX);
	while ((err = awh_pem_next_certificate(&blocks, &der, &problem)) > 0) {
		problem = awh_x509_parse(&cert, (struct awh_der){(uint8_t *)der.data, der.len});
		if (!problem && number == 0)
			problem = leaf_problem(&cert, params->keypair_was_good, awh_clock_wall_s());
		if (problem)
			break;
		if (number++ == 0)
			awh_buf_put(leaf, der.data, der.len);
	}
	if (problem)
		err = awh_fail(error, ADMWH_E_KEYPAIR, "certificate %zu of the chain: %s",
			       number + 1, problem);
	else if (der.err == ADMWH_E_NOMEM || leaf->err)
		err = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	else if (der.err)
		err = awh_fail(error, ADMWH_E_KEYPAIR, "certificate %zu of the chain is too large",
			       number + 1);
	else if (number == 0)
		err = awh_fail(error, ADMWH_E_KEYPAIR, "no certificate in the chain");
	awh_buf_deinit(&der);
	return err;
}

static int wolf_fail(struct awh_error *error, const char *what)
{
	wolfSSL_ERR_clear_error();
	return awh_fail(error, ADMWH_E_KEYPAIR, "%s", what);
}

static int use_pair(WOLFSSL_CTX *ctx, const struct awh_tls_params *params,
		    const struct awh_x509 *leaf, struct awh_error *error)
{
	const unsigned char *chain = (const unsigned char *)params->certificate_pem;
	const unsigned char *key = (const unsigned char *)params->key_pem;

	if (wolfSSL_CTX_use_certificate_chain_buffer(ctx, chain, (long)params->certificate_len) !=
	    WOLFSSL_SUCCESS)
		return wolf_fail(error, "the certificate chain is not accepted by the TLS library");
	if (params->key_len == 0 ||
	    wolfSSL_CTX_use_PrivateKey_buffer(ctx, key, (long)params->key_len,
					      WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
		return wolf_fail(error, "the private key cannot be read (PEM, unencrypted)");
	if (wolfSSL_CTX_check_private_key(ctx) != WOLFSSL_SUCCESS ||
	    (leaf->key != AWH_KEY_RSA && !ecdsa_key_matches(params, leaf->key_bits)))
		return wolf_fail(error, "the private key does not belong to the certificate");
	return 0;
}

/* Such a certificate can be served, but kube-apiserver (Go's crypto/x509) refuses it. */
static const char *caller_problem(const struct awh_x509 *leaf, const struct admwh_peer *facts)
{
	if (leaf->signature >= AWH_SIGNATURE_WEAK)
		return "it is signed with SHA-1, or what callers do not know: they refuse it";
	if (facts->n_dns_names == 0 && facts->n_ip_addresses == 0)
		return "it has no subject alternative name for a host: callers refuse it";
	return NULL;
}

static int describe(struct awh_tls_own *own, const struct awh_x509 *leaf, struct awh_error *error)
{
	own->dates = (struct awh_tls_dates){leaf->not_before, leaf->not_after};
	own->peer = awh_peer_new();
	if (!own->peer || awh_peer_begin(own->peer, leaf) || awh_peer_fill(own->peer, leaf))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	own->problem = caller_problem(leaf, &own->peer->facts);
	return 0;
}

int awh_keypair_use(WOLFSSL_CTX *ctx, const struct awh_tls_params *params, struct awh_tls_own *own,
		    struct awh_error *error)
{
	struct awh_x509 leaf;
	struct awh_buf der;
	int err;

	awh_buf_init(&der, AWH_X509_BYTES_MAX);
	err = check_chain(params, &der, error);
	if (err == 0) {
		awh_x509_parse(&leaf, (struct awh_der){(uint8_t *)der.data, der.len});
		err = use_pair(ctx, params, &leaf, error);
		awh_wolfssl_wipe_stack();
	}
	if (err == 0)
		err = describe(own, &leaf, error);
	awh_buf_deinit(&der);
	return err;
}
