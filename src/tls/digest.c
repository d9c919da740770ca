/* SPDX-License-Identifier: MIT */
#include "tls/tls.h"
#include "tls/wolfssl.h"

int awh_tls_sha256(const void *data, size_t len, uint8_t *digest)
{
	int err = 0;

	if (len > UINT32_MAX || wc_Sha256Hash(data, (word32)len, digest) != 0)
		err = ADMWH_E_TLS;
	awh_wolfssl_wipe_stack(); /* a hash has its last block there, of a key or a token too */
	return err;
}
