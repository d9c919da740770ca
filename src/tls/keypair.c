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

static int curve_of(const struct awh_x509 *leaf)
{
	return leaf->key == AWH_KEY_P256 ? ECC_SECP256R1 : ECC_SECP384R1;
}

/*
 * The public key is computed from the private one, once, and compared with the certificate's:
 * wolfSSL_CTX_check_private_key() takes any ECDSA key for any ECDSA certificate (5.5.4), and writes
 * past a buffer when the key is on a curve that it does not have. 1, 0 or ADMWH_E_NOMEM.
 */
static int ecdsa_key_matches(const struct awh_pem_block *block, const struct awh_x509 *leaf)
{
	const unsigned char *pem = (const unsigned char *)block->text;
	int size = (int)block->len;
	byte *der = malloc(block->len);
	int matches = ADMWH_E_NOMEM;
	word32 at = 0;
	ecc_key key;
	int len;

	if (!der || wc_ecc_init(&key) != 0)
		goto out;
	len = wc_KeyPemToDer(pem, size, der, size, NULL);
	matches = len > 0 && wc_EccPrivateKeyDecode(der, &at, &key, (word32)len) == 0 &&
		  wc_ecc_get_curve_id(key.idx) == curve_of(leaf) &&
		  point_matches(&key, leaf->key_bits);
	wc_ecc_free(&key);
	explicit_bzero(der, block->len);
out:
	free(der);
	return matches;
}

/* The certificate chain: its leaf, and all of it as wolfSSL reads it, without what is around. */
struct chain {
	struct awh_buf leaf;
	struct awh_buf pem;
	size_t n;
	bool has_key;
	bool has_request;
};

/* A certificate of the chain in der. NULL, or what is wrong with it. */
static const char *add_certificate(struct chain *chain, const struct awh_tls_params *params,
				   const struct awh_buf *der)
{
	struct awh_x509 cert;
	const char *problem =
	    awh_x509_parse(&cert, (struct awh_der){(uint8_t *)der->data, der->len});

	if (!problem && chain->n == 0)
		problem = leaf_problem(&cert, params->keypair_was_good, awh_clock_wall_s());
	if (problem)
		return problem;
	if (chain->n++ == 0)
		awh_buf_put(&chain->leaf, der->data, der->len);
	awh_pem_put_certificate(&chain->pem, der->data, der->len);
	return NULL;
}

static int read_chain(struct chain *chain, const struct awh_tls_params *params,
		      struct awh_error *error)
{
	const char *problem = NULL;
	struct awh_pem blocks;
	struct awh_buf der;
	int err;

	awh_buf_init(&der, AWH_X509_BYTES_MAX);
	awh_pem_begin(&blocks, params->certificate_pem, params->certificate_len);
	while ((err = awh_pem_next_certificate(&blocks, &der, &problem)) > 0) {
		problem = add_certificate(chain, params, &der);
		if (problem)
			break;
	}
	chain->has_key = blocks.has[AWH_PEM_KEY] || blocks.has[AWH_PEM_ENCRYPTED_KEY];
	chain->has_request = blocks.has[AWH_PEM_REQUEST];
	if (problem)
		err = awh_fail(error, ADMWH_E_KEYPAIR, "certificate %zu of the chain: %s",
			       chain->n + 1, problem);
	else if (der.err == ADMWH_E_NOMEM || chain->leaf.err || chain->pem.err)
		err = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	else if (der.err)
		err = awh_fail(error, ADMWH_E_KEYPAIR, "certificate %zu of the chain is too large",
			       chain->n + 1);
	awh_buf_deinit(&der);
	return err;
}

/* The first private key of the key file. holds: which kinds of blocks are in it. */
static int find_key(const struct awh_tls_params *params, struct awh_pem_block *key, bool *holds,
		    struct awh_error *error)
{
	struct awh_pem blocks;
	struct awh_pem_block block;
	const char *problem = NULL;
	bool found = false;
	int err;

	awh_pem_begin(&blocks, params->key_pem, params->key_len);
	while ((err = awh_pem_next(&blocks, &block, &problem)) > 0) {
		if (found || (block.kind != AWH_PEM_KEY && block.kind != AWH_PEM_ENCRYPTED_KEY))
			continue;
		*key = block;
		found = true;
	}
	memcpy(holds, blocks.has, sizeof(blocks.has));
	if (err < 0)
		return awh_fail(error, ADMWH_E_KEYPAIR, "the key file: %s", problem);
	return 0;
}

/* Say what the certificate file and the key file are instead of what they should be. */
static int check_contents(const struct awh_tls_params *params, const struct chain *chain,
			  const bool *key_holds, struct awh_error *error)
{
	bool has_key = key_holds[AWH_PEM_KEY] || key_holds[AWH_PEM_ENCRYPTED_KEY];

	if (chain->n == 0 && chain->has_key && !has_key && key_holds[AWH_PEM_CERTIFICATE])
		return awh_fail(error, ADMWH_E_KEYPAIR,
				"swapped: the private key is in the certificate file, and the "
				"certificate in the key file");
	if (chain->n == 0 && chain->has_key)
		return awh_fail(error, ADMWH_E_KEYPAIR,
				"the certificate file has a private key in it, and no certificate");
	if (chain->n == 0 && chain->has_request)
		return awh_fail(error, ADMWH_E_KEYPAIR,
				"the certificate file has a certificate request in it, and no "
				"certificate: a CA has to sign it first");
	if (chain->n == 0)
		return awh_fail(error, ADMWH_E_KEYPAIR,
				"no certificate in the chain: the certificate file %s",
				awh_pem_foreign(params->certificate_pem, params->certificate_len));
	if (has_key)
		return 0;
	if (key_holds[AWH_PEM_CERTIFICATE])
		return awh_fail(error, ADMWH_E_KEYPAIR,
				"the key file has a certificate in it, and no private key");
	return awh_fail(error, ADMWH_E_KEYPAIR, "no private key: the key file %s",
			awh_pem_foreign(params->key_pem, params->key_len));
}

static int wolf_fail(struct awh_error *error, const char *what)
{
	wolfSSL_ERR_clear_error();
	return awh_fail(error, ADMWH_E_KEYPAIR, "%s", what);
}

/* Of RSA keys wolfSSL compares the moduli. */
static int check_pair(const WOLFSSL_CTX *ctx, const struct awh_pem_block *key,
		      const struct awh_x509 *leaf, struct awh_error *error)
{
	int matches = leaf->key == AWH_KEY_RSA
			  ? wolfSSL_CTX_check_private_key(ctx) == WOLFSSL_SUCCESS
			  : ecdsa_key_matches(key, leaf);

	if (matches < 0)
		return awh_fail(error, matches, "out of memory");
	if (!matches)
		return wolf_fail(error, "the private key does not belong to the certificate");
	return 0;
}

static int use_pair(WOLFSSL_CTX *ctx, const struct chain *chain, const struct awh_pem_block *key,
		    const struct awh_x509 *leaf, struct awh_error *error)
{
	if (wolfSSL_CTX_use_certificate_chain_buffer(ctx, (const unsigned char *)chain->pem.data,
						     (long)chain->pem.len) != WOLFSSL_SUCCESS)
		return wolf_fail(error, "the certificate chain is not accepted by the TLS library");
	if (key->kind == AWH_PEM_ENCRYPTED_KEY)
		return wolf_fail(error, "the private key is encrypted, and no passphrase is asked "
					"for (decrypt it with openssl pkey -in FILE)");
	if (wolfSSL_CTX_use_PrivateKey_buffer(ctx, (const unsigned char *)key->text, (long)key->len,
					      WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
		return wolf_fail(error, "the private key cannot be read: expected PKCS #8, or a "
					"traditional RSA or EC key, in PEM");
	return check_pair(ctx, key, leaf, error);
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

/* Everything about the two files, before wolfSSL sees them. */
static int read_files(const struct awh_tls_params *params, struct chain *chain,
		      struct awh_pem_block *key, struct awh_error *error)
{
	bool key_holds[AWH_PEM_KINDS] = {false};
	int err = read_chain(chain, params, error);

	if (err == 0)
		err = find_key(params, key, key_holds, error);
	return err ? err : check_contents(params, chain, key_holds, error);
}

int awh_keypair_use(WOLFSSL_CTX *ctx, const struct awh_tls_params *params, struct awh_tls_own *own,
		    struct awh_error *error)
{
	struct chain chain = {0};
	struct awh_pem_block key;
	struct awh_x509 leaf;
	int err;

	awh_buf_init(&chain.leaf, AWH_X509_BYTES_MAX);
	awh_buf_init(&chain.pem, SIZE_MAX / 2);
	err = read_files(params, &chain, &key, error);
	if (err == 0) {
		awh_x509_parse(&leaf, (struct awh_der){(uint8_t *)chain.leaf.data, chain.leaf.len});
		err = use_pair(ctx, &chain, &key, &leaf, error);
		awh_wolfssl_wipe_stack();
		awh_wolfssl_free_tables();
	}
	if (err == 0)
		err = describe(own, &leaf, error);
	awh_buf_deinit(&chain.leaf);
	awh_buf_deinit(&chain.pem);
	return err;
}
