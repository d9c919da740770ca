/* SPDX-License-Identifier: MIT */
#include "tls/tls.h"
#include "tls/wolfssl.h"

int awh_tls_sha256(const void *data, size_t len, uint8_t *digest)
{
	if (len > UINT32_MAX || wc_Sha256Hash(data, (word32)len, digest) != 0)
		return ADMWH_E_TLS;
	return 0;
}
