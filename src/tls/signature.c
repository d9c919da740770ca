/* SPDX-License-Identifier: MIT */
#include "tls/signature.h"

#include <stdint.h>

#include "base/error.h"
#include "tls/wolfssl.h"

#include <wolfssl/wolfcrypt/asn.h>

bool awh_signature_kind_agrees(const struct awh_x509 *cert, const struct awh_x509 *issuer)
{
	enum awh_signature signature = cert->signature;

	switch (issuer->key) {
	case AWH_KEY_RSA:
		return signature == AWH_SIGNATURE_RSA;
	case AWH_KEY_P256:
	case AWH_KEY_P384:
	case AWH_KEY_P521:
		return signature == AWH_SIGNATURE_ECDSA;
	case AWH_KEY_ED25519:
		return signature == AWH_SIGNATURE_ED25519;
	case AWH_KEY_UNKNOWN:
		break;
	}
	return false;
}

static int check(const struct awh_x509 *cert, const struct awh_der *key, int kind)
{
	return wc_CheckCertSigPubKey(cert->der.data, (word32)cert->der.len, NULL, key->data,
				     (word32)key->len, kind);
}

/* wolfSSL 5.5.4 wants the key alone, against its documentation. */
static int check_ed25519(const struct awh_x509 *cert, const struct awh_x509 *issuer)
{
	int code = check(cert, &issuer->key_bits, ED25519k);

	if (code == 0 || code == MEMORY_E)
		return code;
	return check(cert, &issuer->key_info, ED25519k);
}

/* awh_signature_kind_agrees() leaves RSA, ECDSA and Ed25519. */
static int compute(const struct awh_x509 *cert, const struct awh_x509 *issuer)
{
	if (cert->signature == AWH_SIGNATURE_ED25519)
		return check_ed25519(cert, issuer);
	return check(cert, &issuer->key_info, cert->signature == AWH_SIGNATURE_RSA ? RSAk : ECDSAk);
}

int awh_signature_holds(const struct awh_x509 *cert, const struct awh_x509 *issuer, int *code)
{
	*code = ASN_SIG_OID_E;
	if (!awh_signature_kind_agrees(cert, issuer))
		return 0;
	*code = compute(cert, issuer);
	wolfSSL_ERR_clear_error();
	if (*code == MEMORY_E || *code == MEMORY_ERROR)
		return ADMWH_E_NOMEM;
	return *code == 0;
}
