/* SPDX-License-Identifier: MIT */
/* Signatures of certificates, and the keys that belong to them. */
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/hash.h>

#include "common/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"

void sha256_hex(const void *bytes, size_t len, char hex[SHA256_HEX_BYTES])
{
	unsigned char digest[WC_SHA256_DIGEST_SIZE] = {0};

	wc_Sha256Hash(bytes, (word32)len, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

bool certificate_issued_by(const struct certificate *cert, const struct certificate *ca)
{
	static const int kinds[] = {[KEY_EC] = ECDSAk, [KEY_RSA] = RSAk, [KEY_ED25519] = ED25519k};
	/* wolfSSL 5.5.4 wants an Ed25519 key alone, against its documentation. */
	struct der_view key = ca->key == KEY_ED25519 ? ca->key_bits : ca->key_info;

	return ca->key != KEY_OTHER && der_equal(&cert->issuer, ca->subject.at, ca->subject.len) &&
	       wc_CheckCertSigPubKey(cert->der.at, (word32)cert->der.len, NULL, key.at,
				     (word32)key.len, kinds[ca->key]) == 0;
}

bool certificates_end_at(const struct certificates *chain, const struct certificates *cas)
{
	for (size_t i = 0; i < chain->n; i++) {
		for (size_t k = 0; k < cas->n; k++)
			if (certificate_issued_by(&chain->list[i], &cas->list[k]))
				return true;
		if (i + 1 < chain->n &&
		    !certificate_issued_by(&chain->list[i], &chain->list[i + 1]))
			return false;
	}
	return false;
}

/* wolfSSL_CTX_check_private_key() takes any EC key (5.5.4): the public key is computed instead. */
static bool ec_key_belongs(const struct certificate *cert, const uint8_t *der, word32 len)
{
	byte point[2 * MAX_ECC_BYTES + 1];
	word32 size = sizeof(point);
	word32 at = 0;
	bool belongs;
	ecc_key key;

	if (wc_ecc_init(&key) != 0)
		return false;
	belongs = wc_EccPrivateKeyDecode(der, &at, &key, len) == 0 &&
		  wc_ecc_make_pub(&key, NULL) == 0 && wc_ecc_export_x963(&key, point, &size) == 0 &&
		  der_equal(&cert->key_bits, point, size);
	wc_ecc_free(&key);
	return belongs;
}

static bool other_key_belongs(const struct certificate *cert, const uint8_t *der, word32 len)
{
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfTLS_server_method());
	bool belongs =
	    ctx &&
	    wolfSSL_CTX_use_certificate_buffer(ctx, cert->der.at, (long)cert->der.len,
					       WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_use_PrivateKey_buffer(ctx, der, len, WOLFSSL_FILETYPE_ASN1) ==
		WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_check_private_key(ctx) == WOLFSSL_SUCCESS;

	wolfSSL_CTX_free(ctx);
	return belongs;
}

const char *certificate_key_problem(const struct certificate *cert, const char *pem, size_t len)
{
	uint8_t *der = memory_grown(NULL, len + 1);
	const char *problem = "the private key belongs to another certificate";
	int size = wc_KeyPemToDer((const byte *)pem, (int)len, der, (int)len, NULL);

	if (memmem(pem, len, "ENCRYPTED", 9))
		problem = "the private key is encrypted, and nothing asks for a passphrase";
	else if (size <= 0)
		problem = "there is no private key in it that can be read";
	else if (cert->key == KEY_EC ? ec_key_belongs(cert, der, (word32)size)
				     : other_key_belongs(cert, der, (word32)size))
		problem = NULL;
	explicit_bzero(der, len);
	free(der);
	return problem;
}
