/* SPDX-License-Identifier: MIT */
#include "tls/x509.h"

#include <string.h>

#define OID(...)                                                                                   \
	{                                                                                          \
		(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})             \
	}

static const char malformed[] = "malformed certificate";

/* What is wrong, as static text; NULL when nothing is. */
typedef const char *problem;

static bool is_oid(struct awh_der oid, const uint8_t *bytes, size_t len)
{
	return awh_der_equal(oid, (struct awh_der){bytes, len});
}

/* An OID's sub-identifiers: each ends, none begins with a filler octet. */
static bool oid_valid(struct awh_der oid)
{
	bool begins = true;

	if (oid.len == 0 || oid.data[oid.len - 1] >= 0x80)
		return false;
	for (size_t i = 0; i < oid.len; i++) {
		if (begins && oid.data[i] == 0x80)
			return false;
		begins = oid.data[i] < 0x80;
	}
	return true;
}

struct algorithm {
	struct awh_der oid;
	int value; /* enum awh_signature or enum awh_key */
};

static const struct algorithm signatures[] = {
    {OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b), AWH_SIGNATURE_RSA}, /* SHA-256 */
    {OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c), AWH_SIGNATURE_RSA}, /* SHA-384 */
    {OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d), AWH_SIGNATURE_RSA}, /* SHA-512 */
    {OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02), AWH_SIGNATURE_ECDSA},     /* SHA-256 */
    {OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03), AWH_SIGNATURE_ECDSA},     /* SHA-384 */
    {OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04), AWH_SIGNATURE_ECDSA},     /* SHA-512 */
    {OID(0x2b, 0x65, 0x70), AWH_SIGNATURE_ED25519},
    {OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x02), AWH_SIGNATURE_WEAK}, /* MD2 */
    {OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04), AWH_SIGNATURE_WEAK}, /* MD5 */
    {OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05), AWH_SIGNATURE_WEAK}, /* SHA-1 */
    {OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0e), AWH_SIGNATURE_WEAK}, /* SHA-224 */
    {OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01), AWH_SIGNATURE_WEAK},             /* SHA-1 */
    {OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01), AWH_SIGNATURE_WEAK},       /* SHA-224 */
};

static const struct algorithm curves[] = {
    {OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07), AWH_KEY_P256},
    {OID(0x2b, 0x81, 0x04, 0x00, 0x22), AWH_KEY_P384},
    {OID(0x2b, 0x81, 0x04, 0x00, 0x23), AWH_KEY_P521},
};

static int find_algorithm(const struct algorithm *list, size_t n, struct awh_der oid, int otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (awh_der_equal(list[i].oid, oid))
			return list[i].value;
	return otherwise;
}

static const uint8_t oid_pss[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a};
static const uint8_t oid_sha2[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02};

/* RSASSA-PSS-params: the hash is in [0] and is SHA-1 when left out (RFC 4055 section 3.1). */
static enum awh_signature pss_signature(struct awh_der parameters)
{
	struct awh_der fields, hash, algorithm, oid;

	if (!awh_der_expect(&parameters, AWH_DER_SEQUENCE, &fields) ||
	    !awh_der_expect(&fields, AWH_DER_CONTEXT_CONSTRUCTED(0), &hash) ||
	    !awh_der_expect(&hash, AWH_DER_SEQUENCE, &algorithm) ||
	    !awh_der_expect(&algorithm, AWH_DER_OID, &oid))
		return AWH_SIGNATURE_WEAK;
	if (oid.len != sizeof(oid_sha2) + 1 || memcmp(oid.data, oid_sha2, sizeof(oid_sha2)) != 0)
		return AWH_SIGNATURE_WEAK;
	/* 1, 2, 3: SHA-256, SHA-384, SHA-512 */
	return oid.data[oid.len - 1] >= 1 && oid.data[oid.len - 1] <= 3 ? AWH_SIGNATURE_RSA
									: AWH_SIGNATURE_WEAK;
}

static problem parse_signature(struct awh_x509 *cert, struct awh_der algorithm)
{
	struct awh_der oid;

	if (!awh_der_expect(&algorithm, AWH_DER_OID, &oid) || !oid_valid(oid))
		return malformed;
	if (is_oid(oid, oid_pss, sizeof(oid_pss)))
		cert->signature = pss_signature(algorithm);
	else
		cert->signature = (enum awh_signature)find_algorithm(
		    signatures, sizeof(signatures) / sizeof(*signatures), oid,
		    AWH_SIGNATURE_UNKNOWN);
	return NULL;
}

static problem parse_validity(struct awh_x509 *cert, struct awh_der validity)
{
	int64_t *dates[] = {&cert->not_before, &cert->not_after};

	for (size_t i = 0; i < 2; i++) {
		struct awh_der value;
		uint8_t tag;

		if (!awh_der_next(&validity, &tag, &value, NULL) ||
		    (tag != AWH_DER_UTC_TIME && tag != AWH_DER_GENERALIZED_TIME) ||
		    !awh_der_time(tag, value, dates[i]))
			return "malformed date in certificate";
	}
	return validity.len == 0 ? NULL : malformed;
}

/* Every attribute of every RDN is an OID and a value; no RDN is empty. */
static problem check_name(struct awh_der name)
{
	struct awh_der rdns, rdn, pair, oid, value;
	size_t n = 0;
	uint8_t tag;

	if (!awh_der_expect(&name, AWH_DER_SEQUENCE, &rdns))
		return malformed;
	while (rdns.len > 0) {
		if (!awh_der_expect(&rdns, AWH_DER_SET, &rdn) || rdn.len == 0)
			return malformed;
		while (rdn.len > 0)
			if (++n > AWH_X509_RDNS_MAX ||
			    !awh_der_expect(&rdn, AWH_DER_SEQUENCE, &pair) ||
			    !awh_der_expect(&pair, AWH_DER_OID, &oid) || !oid_valid(oid) ||
			    !awh_der_next(&pair, &tag, &value, NULL) || pair.len > 0)
				return "malformed name in certificate";
	}
	return NULL;
}

static problem parse_name(struct awh_der *in, struct awh_der *name)
{
	struct awh_der value;
	uint8_t tag;

	if (!awh_der_peek(*in, AWH_DER_SEQUENCE) || !awh_der_next(in, &tag, &value, name))
		return malformed;
	return check_name(*name);
}

static size_t bit_length(struct awh_der integer)
{
	size_t bits;

	while (integer.len > 0 && integer.data[0] == 0) {
		integer.data++;
		integer.len--;
	}
	if (integer.len == 0)
		return 0;
	bits = integer.len * 8;
	for (uint8_t top = integer.data[0]; top < 0x80; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

/* A BIT STRING of whole octets. */
static bool whole_bits(struct awh_der *in, struct awh_der *bits)
{
	if (!awh_der_expect(in, AWH_DER_BIT_STRING, bits) || bits->len < 2 || bits->data[0] != 0)
		return false;
	bits->data++;
	bits->len--;
	return true;
}

static problem parse_rsa_key(struct awh_x509 *cert, struct awh_der bits)
{
	struct awh_der fields, modulus, exponent;

	if (!awh_der_expect(&bits, AWH_DER_SEQUENCE, &fields) || bits.len > 0 ||
	    !awh_der_expect(&fields, AWH_DER_INTEGER, &modulus) ||
	    !awh_der_expect(&fields, AWH_DER_INTEGER, &exponent) || fields.len > 0 ||
	    !awh_der_integer_valid(modulus) || !awh_der_integer_valid(exponent))
		return "malformed public key in certificate";
	cert->key = AWH_KEY_RSA;
	cert->rsa_bits = bit_length(modulus);
	return NULL;
}

static problem parse_key(struct awh_x509 *cert, struct awh_der *in)
{
	static const uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
	static const uint8_t ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
	static const uint8_t ed25519[] = {0x2b, 0x65, 0x70};
	struct awh_der fields, algorithm, oid, bits, curve;
	uint8_t tag;

	if (!awh_der_peek(*in, AWH_DER_SEQUENCE) ||
	    !awh_der_next(in, &tag, &fields, &cert->key_info) ||
	    !awh_der_expect(&fields, AWH_DER_SEQUENCE, &algorithm) ||
	    !awh_der_expect(&algorithm, AWH_DER_OID, &oid) || !oid_valid(oid) ||
	    !whole_bits(&fields, &bits) || fields.len > 0)
		return "malformed public key in certificate";
	cert->key_bits = bits;
	cert->key = AWH_KEY_UNKNOWN;
	if (is_oid(oid, rsa, sizeof(rsa)))
		return parse_rsa_key(cert, bits);
	if (is_oid(oid, ed25519, sizeof(ed25519)))
		cert->key = AWH_KEY_ED25519;
	else if (is_oid(oid, ec, sizeof(ec)) && awh_der_expect(&algorithm, AWH_DER_OID, &curve))
		cert->key = (enum awh_key)find_algorithm(curves, sizeof(curves) / sizeof(*curves),
							 curve, AWH_KEY_UNKNOWN);
	return NULL;
}

static problem parse_basic_constraints(struct awh_x509 *cert, struct awh_der value)
{
	struct awh_der fields, item;

	if (!awh_der_expect(&value, AWH_DER_SEQUENCE, &fields) || value.len > 0)
		return "malformed basicConstraints";
	cert->has_basic_constraints = true;
	if (awh_der_peek(fields, AWH_DER_BOOLEAN) &&
	    (!awh_der_expect(&fields, AWH_DER_BOOLEAN, &item) ||
	     !awh_der_boolean(item, &cert->is_ca)))
		return "malformed basicConstraints";
	if (awh_der_peek(fields, AWH_DER_INTEGER) &&
	    (!awh_der_expect(&fields, AWH_DER_INTEGER, &item) ||
	     !awh_der_small(item, &cert->path_length)))
		return "malformed basicConstraints";
	return fields.len == 0 ? NULL : "malformed basicConstraints";
}

static problem parse_key_usage(struct awh_x509 *cert, struct awh_der value)
{
	struct awh_der bits;

	if (!awh_der_expect(&value, AWH_DER_BIT_STRING, &bits) || value.len > 0 || bits.len < 1 ||
	    bits.len > 3 || bits.data[0] > 7)
		return "malformed keyUsage";
	cert->has_key_usage = true;
	cert->key_usage = (bits.len > 1 ? (unsigned int)bits.data[1] << 8 : 0) |
			  (bits.len > 2 ? bits.data[2] : 0);
	return NULL;
}

static problem parse_extended_usage(struct awh_x509 *cert, struct awh_der value)
{
	static const uint8_t client[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02};
	static const uint8_t any[] = {0x55, 0x1d, 0x25, 0x00};
	struct awh_der usages, oid;

	if (!awh_der_expect(&value, AWH_DER_SEQUENCE, &usages) || value.len > 0 || usages.len == 0)
		return "malformed extKeyUsage";
	cert->has_extended_usage = true;
	while (usages.len > 0) {
		if (!awh_der_expect(&usages, AWH_DER_OID, &oid) || !oid_valid(oid))
			return "malformed extKeyUsage";
		if (is_oid(oid, client, sizeof(client)) || is_oid(oid, any, sizeof(any)))
			cert->for_client = true;
	}
	return NULL;
}

/* IA5String without control characters: what a DNS name or URI is made of. */
static bool is_plain_text(struct awh_der text)
{
	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 || text.data[i] > 0x7e)
			return false;
	return true;
}

static bool alternative_name_valid(uint8_t tag, struct awh_der value)
{
	switch (tag) {
	case AWH_DER_CONTEXT(1): /* rfc822Name */
	case AWH_DER_CONTEXT(2): /* dNSName */
	case AWH_DER_CONTEXT(6): /* uniformResourceIdentifier */
		return is_plain_text(value);
	case AWH_DER_CONTEXT(7): /* iPAddress */
		return value.len == 4 || value.len == 16;
	case AWH_DER_CONTEXT(8): /* registeredID */
		return oid_valid(value);
	case AWH_DER_CONTEXT_CONSTRUCTED(0): /* otherName */
	case AWH_DER_CONTEXT_CONSTRUCTED(3): /* x400Address */
	case AWH_DER_CONTEXT_CONSTRUCTED(4): /* directoryName */
	case AWH_DER_CONTEXT_CONSTRUCTED(5): /* ediPartyName */
		return true;
	default:
		return false;
	}
}

/*
 * A name with NUL, control or non-ASCII bytes makes the whole certificate unfit: a CA that signs
 * one cannot be relied on for its other names.
 */
static problem parse_alternative_names(struct awh_x509 *cert, struct awh_der value)
{
	struct awh_der names, name;
	size_t n = 0;
	uint8_t tag;

	if (!awh_der_expect(&value, AWH_DER_SEQUENCE, &names) || value.len > 0 || names.len == 0)
		return "malformed subjectAltName";
	cert->alternative_names = names;
	while (names.len > 0) {
		if (!awh_der_next(&names, &tag, &name, NULL) || !alternative_name_valid(tag, name))
			return "malformed name in subjectAltName";
		if (++n > AWH_X509_NAMES_MAX)
			return "too many names in subjectAltName";
	}
	return NULL;
}

/* Last octets of the id-ce OIDs, 2.5.29.x. */
enum {
	CE_SUBJECT_KEY_ID = 14,
	CE_KEY_USAGE = 15,
	CE_ALTERNATIVE_NAMES = 17,
	CE_BASIC_CONSTRAINTS = 19,
	CE_NAME_CONSTRAINTS = 30,
	CE_POLICIES = 32,
	CE_AUTHORITY_KEY_ID = 35,
	CE_EXTENDED_USAGE = 37,
};

static problem parse_extension(struct awh_x509 *cert, struct awh_der oid, bool critical,
			       struct awh_der value)
{
	int number = oid.len == 3 && oid.data[0] == 0x55 && oid.data[1] == 0x1d ? oid.data[2] : -1;

	switch (number) {
	case CE_BASIC_CONSTRAINTS:
		return parse_basic_constraints(cert, value);
	case CE_KEY_USAGE:
		return parse_key_usage(cert, value);
	case CE_EXTENDED_USAGE:
		return parse_extended_usage(cert, value);
	case CE_ALTERNATIVE_NAMES:
		return parse_alternative_names(cert, value);
	case CE_NAME_CONSTRAINTS:
		cert->has_name_constraints = true;
		return NULL;
	case CE_SUBJECT_KEY_ID:
	case CE_AUTHORITY_KEY_ID:
		return NULL;
	case CE_POLICIES: /* any policy will do, so it needs no processing */
		return NULL;
	default:
		if (critical)
			cert->has_unknown_critical = true;
		return NULL;
	}
}

static bool seen_before(struct awh_der *seen, size_t n, struct awh_der oid)
{
	for (size_t i = 0; i < n; i++)
		if (awh_der_equal(seen[i], oid))
			return true;
	return false;
}

static problem parse_extensions(struct awh_x509 *cert, struct awh_der in)
{
	struct awh_der list, extension, oid, item, value;
	struct awh_der seen[AWH_X509_EXTENSIONS_MAX];
	problem wrong = NULL;
	size_t n = 0;

	if (!awh_der_expect(&in, AWH_DER_SEQUENCE, &list) || in.len > 0 || list.len == 0)
		return malformed;
	while (list.len > 0 && !wrong) {
		bool critical = false;

		if (!awh_der_expect(&list, AWH_DER_SEQUENCE, &extension) ||
		    !awh_der_expect(&extension, AWH_DER_OID, &oid) || !oid_valid(oid))
			return malformed;
		if (awh_der_peek(extension, AWH_DER_BOOLEAN) &&
		    (!awh_der_expect(&extension, AWH_DER_BOOLEAN, &item) ||
		     !awh_der_boolean(item, &critical)))
			return malformed;
		if (!awh_der_expect(&extension, AWH_DER_OCTET_STRING, &value) || extension.len > 0)
			return malformed;
		if (n == AWH_X509_EXTENSIONS_MAX)
			return "too many extensions in certificate";
		if (seen_before(seen, n, oid))
			return "an extension is twice in the certificate";
		seen[n++] = oid;
		wrong = parse_extension(cert, oid, critical, value);
	}
	return wrong;
}

/* issuerUniqueID, subjectUniqueID and the extensions: what may follow the public key. */
static problem parse_tail(struct awh_x509 *cert, struct awh_der tbs)
{
	struct awh_der value;

	for (int i = 1; i <= 2; i++)
		if (awh_der_peek(tbs, (uint8_t)AWH_DER_CONTEXT(i)) &&
		    (cert->version < 2 ||
		     !awh_der_expect(&tbs, (uint8_t)AWH_DER_CONTEXT(i), &value)))
			return malformed;
	if (awh_der_peek(tbs, AWH_DER_CONTEXT_CONSTRUCTED(3))) {
		if (cert->version < 3 ||
		    !awh_der_expect(&tbs, AWH_DER_CONTEXT_CONSTRUCTED(3), &value) || tbs.len > 0)
			return malformed;
		return parse_extensions(cert, value);
	}
	return tbs.len == 0 ? NULL : malformed;
}

static problem parse_version(struct awh_x509 *cert, struct awh_der *tbs)
{
	struct awh_der field, number;

	cert->version = 1;
	if (!awh_der_peek(*tbs, AWH_DER_CONTEXT_CONSTRUCTED(0)))
		return NULL;
	if (!awh_der_expect(tbs, AWH_DER_CONTEXT_CONSTRUCTED(0), &field) ||
	    !awh_der_expect(&field, AWH_DER_INTEGER, &number) || field.len > 0 ||
	    !awh_der_small(number, &cert->version) || cert->version > 2)
		return malformed;
	cert->version++;
	return NULL;
}

static problem parse_tbs(struct awh_x509 *cert, struct awh_der tbs, struct awh_der outer)
{
	struct awh_der inner, validity;
	problem wrong = parse_version(cert, &tbs);

	if (wrong)
		return wrong;
	if (!awh_der_expect(&tbs, AWH_DER_INTEGER, &cert->serial) ||
	    !awh_der_integer_valid(cert->serial))
		return malformed;
	if (!awh_der_expect(&tbs, AWH_DER_SEQUENCE, &inner))
		return malformed;
	/* RFC 5280 section 4.1.1.2 */
	if (!awh_der_equal(inner, outer))
		return "the certificate names two signature algorithms";
	wrong = parse_signature(cert, inner);
	if (!wrong)
		wrong = parse_name(&tbs, &cert->issuer);
	if (!wrong && !awh_der_expect(&tbs, AWH_DER_SEQUENCE, &validity))
		wrong = malformed;
	if (!wrong)
		wrong = parse_validity(cert, validity);
	if (!wrong)
		wrong = parse_name(&tbs, &cert->subject);
	if (!wrong)
		wrong = parse_key(cert, &tbs);
	return wrong ? wrong : parse_tail(cert, tbs);
}

const char *awh_x509_parse(struct awh_x509 *cert, struct awh_der der)
{
	struct awh_der in = der;
	struct awh_der fields, tbs, algorithm, signature;

	*cert = (struct awh_x509){.der = der, .path_length = -1};
	if (der.len > AWH_X509_BYTES_MAX)
		return "certificate is too large";
	if (!awh_der_expect(&in, AWH_DER_SEQUENCE, &fields) || in.len > 0 ||
	    !awh_der_expect(&fields, AWH_DER_SEQUENCE, &tbs) ||
	    !awh_der_expect(&fields, AWH_DER_SEQUENCE, &algorithm) ||
	    !whole_bits(&fields, &signature) || fields.len > 0)
		return malformed;
	return parse_tbs(cert, tbs, algorithm);
}

bool awh_x509_self_issued(const struct awh_x509 *cert)
{
	return awh_der_equal(cert->issuer, cert->subject);
}
