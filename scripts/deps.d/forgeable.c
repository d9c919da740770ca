/* SPDX-License-Identifier: MIT */
/*
 * Exits with 1 where the wolfSSL that is linked accepts a certificate that anyone could have signed
 * (CVE-2026-5194), by the library's own reference check; with 2 where it cannot be initialised.
 */
#include "tls/wolfssl.h"

int main(void)
{
	if (wolfSSL_Init() != WOLFSSL_SUCCESS)
		return 2;
	return awh_wolfssl_is_forgeable() ? 1 : 0;
}
