/* SPDX-License-Identifier: MIT */
#include "tls/manager.h"

int awh_manager_add(WOLFSSL_CERT_MANAGER *manager, const struct awh_x509 *ca)
{
	int code = wolfSSL_CertManagerLoadCABuffer(manager, ca->der.data, (long)ca->der.len,
						   WOLFSSL_FILETYPE_ASN1);

#ifdef WOLFSSL_TRUST_PEER_CERT
	/*
	 * Such builds make every CA a trusted peer too: a client that copies its name and
	 * signature bytes around a key of its own passes without any check (CVE-2026-93302).
	 */
	if (code == WOLFSSL_SUCCESS)
		code = wolfSSL_CertManagerUnload_trust_peers(manager);
#endif
	if (code == WOLFSSL_SUCCESS)
		return 0;
	wolfSSL_ERR_clear_error();
	return code == MEMORY_E || code == MEMORY_ERROR ? ADMWH_E_NOMEM : ADMWH_E_CLIENT_CA;
}

int awh_manager_new(const struct awh_x509 *ca, WOLFSSL_CERT_MANAGER **manager)
{
	int err;

	*manager = wolfSSL_CertManagerNew();
	if (!*manager)
		return ADMWH_E_NOMEM;
	err = awh_manager_add(*manager, ca);
	if (err < 0) {
		wolfSSL_CertManagerFree(*manager);
		*manager = NULL;
	}
	return err;
}
