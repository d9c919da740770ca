/* SPDX-License-Identifier: MIT */
#include "tls/requirements.h"

const char *awh_x509_key_problem(const struct awh_x509 *cert)
{
	if (cert->key == AWH_KEY_UNKNOWN)
		return "has a key of an unknown kind";
	if (cert->key == AWH_KEY_RSA && cert->rsa_bits < AWH_RSA_BITS_MIN)
		return "has an RSA key below 2048 bits";
	return NULL;
}

const char *awh_x509_extension_problem(const struct awh_x509 *cert)
{
	if (cert->version != 3)
		return "is not an X.509 version 3 certificate";
	if (cert->has_name_constraints)
		return "has name constraints, which are not supported";
	return NULL;
}

const char *awh_x509_critical_problem(const struct awh_x509 *cert)
{
	return cert->has_unknown_critical ? "has an unknown critical extension" : NULL;
}

const char *awh_x509_issuer_problem(const struct awh_x509 *cert)
{
	if (!cert->has_basic_constraints || !cert->is_ca)
		return "is not a CA certificate (basicConstraints)";
	if (cert->has_key_usage && !(cert->key_usage & AWH_USAGE_KEY_CERT_SIGN))
		return "may not sign certificates (keyUsage)";
	return NULL;
}
