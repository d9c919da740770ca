/* SPDX-License-Identifier: MIT */
/*
 * The facts this library needs from an X.509 certificate, read by its own
 * bounded DER reader: wolfSSL's getters cut names at NUL, pick one of several
 * CNs, and know string types unreliably. No signature is checked here, and
 * nothing is trusted; bytes in, spans of the same bytes out.
 */
#ifndef AWH_TLS_X509_H
#define AWH_TLS_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls/der.h"

enum {
	AWH_X509_BYTES_MAX = 65536, /* of one certificate */
	AWH_X509_EXTENSIONS_MAX = 64,
	AWH_X509_RDNS_MAX = 64,
	AWH_X509_NAMES_MAX = 1024, /* subject alternative names */
};

/* What signed a certificate. Only those below AWH_SIGNATURE_WEAK are accepted. */
enum awh_signature {
	AWH_SIGNATURE_RSA,   /* PKCS #1 v1.5 or PSS with SHA-256, SHA-384 or SHA-512 */
	AWH_SIGNATURE_ECDSA, /* with SHA-256, SHA-384 or SHA-512 */
	AWH_SIGNATURE_ED25519,
	AWH_SIGNATURE_WEAK, /* MD5, SHA-1, SHA-224 */
	AWH_SIGNATURE_UNKNOWN,
};

enum awh_key {
	AWH_KEY_RSA,
	AWH_KEY_P256,
	AWH_KEY_P384,
	AWH_KEY_P521,
	AWH_KEY_ED25519,
	AWH_KEY_UNKNOWN,
};

/* Bits of keyUsage, RFC 5280 section 4.2.1.3, first bit highest. */
enum {
	AWH_USAGE_DIGITAL_SIGNATURE = 0x8000,
	AWH_USAGE_KEY_CERT_SIGN = 0x0400,
};

/* All spans point into der. */
struct awh_x509 {
	struct awh_der der;
	int version;             /* 1 to 3 */
	struct awh_der serial;   /* content octets */
	struct awh_der issuer;   /* the Name with its header, for comparison */
	struct awh_der subject;  /* the same */
	struct awh_der key_info; /* SubjectPublicKeyInfo with its header */
	struct awh_der key_bits; /* subjectPublicKey, for ECDSA the point */
	int64_t not_before;
	int64_t not_after;
	enum awh_signature signature;
	enum awh_key key;
	size_t rsa_bits;
	bool has_basic_constraints;
	bool is_ca;
	int path_length; /* -1: unlimited */
	bool has_key_usage;
	unsigned int key_usage;
	bool has_extended_usage;
	bool for_client; /* clientAuth or anyExtendedKeyUsage is among the extended usages */
	bool has_name_constraints;
	bool has_unknown_critical;
	struct awh_der alternative_names; /* content of GeneralNames; empty without the extension */
};

/*
 * Read a certificate. Every part that the functions below walk has been checked when this
 * succeeds.
 *
 * Returns NULL, or what is wrong with it (static).
 */
const char *awh_x509_parse(struct awh_x509 *cert, struct awh_der der);

/* Issuer and subject are the same bytes. */
bool awh_x509_self_issued(const struct awh_x509 *cert);

#endif
