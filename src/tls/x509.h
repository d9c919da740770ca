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

#include "base/buf.h"
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
	struct awh_span der;
	int version;              /* 1 to 3 */
	struct awh_span serial;   /* content octets */
	struct awh_span issuer;   /* the Name with its header, for comparison */
	struct awh_span subject;  /* the same */
	struct awh_span key_info; /* SubjectPublicKeyInfo with its header */
	struct awh_span key_bits; /* subjectPublicKey, for ECDSA the point */
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
	struct awh_span
	    alternative_names; /* content of GeneralNames; empty without the extension */
};

/*
 * Read a certificate. Every part that the functions below walk has been checked when this
 * succeeds.
 *
 * Returns NULL, or what is wrong with it (static).
 */
const char *awh_x509_parse(struct awh_x509 *cert, struct awh_span der);

/* Issuer and subject are the same bytes. */
bool awh_x509_self_issued(const struct awh_x509 *cert);

enum awh_attribute_type {
	AWH_ATTRIBUTE_CN,
	AWH_ATTRIBUTE_O,
	AWH_ATTRIBUTE_OU,
	AWH_ATTRIBUTE_OTHER
};

struct awh_attribute {
	enum awh_attribute_type type;
	struct awh_span oid;
	uint8_t tag; /* of the value */
	struct awh_span value;
	struct awh_span element; /* the value with its header */
	bool first;              /* of its RDN */
};

struct awh_attributes {
	struct awh_span rdns;
	struct awh_span rdn;
	bool first;
};

/* Walk the attributes of a Name in the order of the certificate. */
void awh_attributes_begin(struct awh_attributes *walk, struct awh_span name);
bool awh_attributes_next(struct awh_attributes *walk, struct awh_attribute *attribute);

enum awh_alternative_type { AWH_ALTERNATIVE_DNS, AWH_ALTERNATIVE_URI, AWH_ALTERNATIVE_IP };

/*
 * Take the next dNSName, URI or iPAddress off the front of names (first: a copy of
 * alternative_names). DNS names and URIs are printable ASCII, addresses 4 or 16 bytes.
 */
bool awh_alternative_next(struct awh_span *names, enum awh_alternative_type *type,
			  struct awh_span *value);

/* Append a Name as RFC 4514 text: last RDN first, control characters as \XX, never a NUL. */
void awh_x509_put_name(struct awh_buf *buf, struct awh_span name);

#endif
