/* SPDX-License-Identifier: MIT */
/*
 * Certificates that are put together from parts, each part good or malformed in turn. DER is
 * written as hexadecimal text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tls/x509.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum part { VERSION, SERIAL, ALGORITHM, ISSUER, VALIDITY, SUBJECT, KEY, TAIL, PARTS };

#define NAME "300c310a300806035504030c0161"
#define NOT_BEFORE "170d3730303130313030303030305a"
#define NOT_AFTER "170d3439313233313233353935395a"
#define EC_POINT "06072a8648ce3d0201"
#define P256 "06082a8648ce3d030107"

/* A self-issued ECDSA certificate of version 3 without extensions. */
static const char *const good[PARTS] = {
    [VERSION] = "a003020102",
    [SERIAL] = "020101",
    [ALGORITHM] = "300a06082a8648ce3d040302",
    [ISSUER] = NAME,
    [VALIDITY] = "301e" NOT_BEFORE NOT_AFTER,
    [SUBJECT] = NAME,
    [KEY] = "30193013" EC_POINT P256 "03020004",
    [TAIL] = "",
};

static const char malformed[] = "malformed certificate";
static const char malformed_name[] = "malformed name in certificate";
static const char malformed_date[] = "malformed date in certificate";
static const char malformed_key[] = "malformed public key in certificate";

enum { HEX_MAX = 2 * AWH_X509_BYTES_MAX + 1 };

/* An element, as text; *new*. */
static char *element(uint8_t tag, const char *content)
{
	size_t len = strlen(content) / 2;
	size_t size = strlen(content) + 16;
	char *text = malloc(size);

	assert_non_null(text);
	if (len < 0x80)
		snprintf(text, size, "%02x%02zx%s", tag, len, content);
	else if (len < 0x100)
		snprintf(text, size, "%02x81%02zx%s", tag, len, content);
	else
		snprintf(text, size, "%02x82%04zx%s", tag, len, content);
	return text;
}

/* The text is taken over. */
static char *wrap(uint8_t tag, char *content)
{
	char *text = element(tag, content);

	free(content);
	return text;
}

static char *joined(const char *const *texts, size_t n)
{
	char *text = calloc(1, HEX_MAX);
	char *at = text;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, texts[i]);
	return text;
}

/* A certificate of these parts. */
static char *certificate(const char *const parts[PARTS])
{
	char *tbs = wrap(0x30, joined(parts, PARTS));
	char *whole = joined((const char *[]){tbs, parts[ALGORITHM], "03020000"}, 3);

	free(tbs);
	return wrap(0x30, whole);
}

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* cert's spans are of memory that is gone: only its values may be used. */
static const char *parse_text(struct awh_x509 *cert, const char *text)
{
	size_t len = strlen(text) / 2;
	uint8_t *der = malloc(len);
	const char *problem;

	assert_non_null(der);
	for (size_t i = 0; i < len; i++)
		der[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
	problem = awh_x509_parse(cert, (struct awh_der){der, len});
	free(der);
	return problem;
}

static const char *parse_parts(struct awh_x509 *cert, const char *const parts[PARTS])
{
	char *text = certificate(parts);
	const char *problem = parse_text(cert, text);

	free(text);
	return problem;
}

/* The good certificate with another part. */
static const char *parse_with(struct awh_x509 *cert, enum part part, const char *text)
{
	const char *parts[PARTS];

	memcpy(parts, good, sizeof(parts));
	parts[part] = text;
	return parse_parts(cert, parts);
}

/* The good certificate with these extensions. */
static const char *parse_extensions(struct awh_x509 *cert, const char *list)
{
	char *tail = wrap(0xa3, element(0x30, list));
	const char *problem = parse_with(cert, TAIL, tail);

	free(tail);
	return problem;
}

/* An extension that is not critical; oid: with its header. */
static char *extension(const char *oid, const char *value)
{
	char *octets = element(0x04, value);
	char *fields = joined((const char *[]){oid, octets}, 2);

	free(octets);
	return wrap(0x30, fields);
}

static const char *parse_extension(struct awh_x509 *cert, const char *oid, const char *value)
{
	char *list = extension(oid, value);
	const char *problem = parse_extensions(cert, list);

	free(list);
	return problem;
}

static void check_problem(const char *text, const char *problem, const char *expected)
{
	if ((problem == NULL) != (expected == NULL) || (problem && strcmp(problem, expected) != 0))
		fail_msg("%s: %s", text, problem ? problem : "read");
}

static void reads_what_has_the_right_parts(void **state)
{
	static const struct {
		enum part part;
		const char *text, *problem;
	} cases[] = {
	    {SERIAL, "020101", NULL},
	    {SERIAL, "0200", malformed},
	    {SERIAL, "02020001", malformed},
	    {SERIAL, "040101", malformed},
	    {SERIAL, "", malformed},
	    {ALGORITHM, "3000", malformed},
	    {ALGORITHM, "30020600", malformed},
	    {ALGORITHM, "30030601ff", malformed},
	    {ALGORITHM, "300406028001", malformed},
	    {ISSUER, "", malformed},
	    {ISSUER, "3000", NULL},
	    {ISSUER, "30023100", malformed},
	    {ISSUER, "30023000", malformed},
	    {ISSUER, "300431023000", malformed_name},
	    {ISSUER, "3009310730050601800c00", malformed_name},   /* OID of filler */
	    {ISSUER, "30083106300404000c00", malformed_name},     /* no OID */
	    {ISSUER, "300731053003060103", malformed_name},       /* no value */
	    {ISSUER, "300a310830060601030c0000", malformed_name}, /* two values */
	    {ISSUER, "3009310730050601030c00", NULL},
	    {ISSUER, "300b310930050601030c003000", malformed_name}, /* an empty pair */
	    {SUBJECT, "30023100", malformed},
	    {SUBJECT, "3100", malformed},
	    {VALIDITY, "3100", malformed},
	    {VALIDITY, "3000", malformed_date},
	    {VALIDITY, "300f" NOT_BEFORE, malformed_date},
	    {VALIDITY, "302d" NOT_BEFORE NOT_AFTER NOT_AFTER, malformed},
	    {VALIDITY, "301f" NOT_BEFORE NOT_AFTER "00", malformed},
	    {VALIDITY, "301e0c0d3730303130313030303030305a" NOT_AFTER, malformed_date},
	    {VALIDITY, "301e170d3730303030313030303030305a" NOT_AFTER, malformed_date},
	    {VALIDITY, "3020180f31393730303130313030303030305a" NOT_AFTER, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_x509 cert;

		check_problem(cases[i].text, parse_with(&cert, cases[i].part, cases[i].text),
			      cases[i].problem);
	}
}

static void reads_versions(void **state)
{
	static const struct {
		const char *version, *tail;
		int number; /* 0: refused */
	} cases[] = {
	    {"", "", 1},
	    {"a003020100", "", 1},
	    {"a003020101", "", 2},
	    {"a003020102", "", 3},
	    {"a003020103", "", 0},
	    {"a0030201ff", "", 0},
	    {"a000", "", 0},
	    {"a0020200", "", 0},
	    {"a003040102", "", 0},
	    {"a00402010200", "", 0},
	    {"", "810100", 0},
	    {"a003020101", "810100", 2},
	    {"a003020101", "820100", 2},
	    {"a003020101", "810100820100", 2},
	    {"a003020101", "820100810100", 0},
	    {"a003020101", "830100", 0},
	    {"a003020101", "a30a300830060602550e0400", 0},
	    {"a003020102", "a30a300830060602550e0400", 3},
	    {"a003020102", "810100820100a30a300830060602550e0400", 3},
	    {"a003020102", "a30a300830060602550e040000", 0},
	    {"a003020102", "a30b300830060602550e040000", 0},
	    {"a003020102", "a3023000", 0},
	    {"a003020102", "a300", 0},
	    {"a003020102", "00", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *parts[PARTS];
		struct awh_x509 cert;
		const char *problem;

		memcpy(parts, good, sizeof(parts));
		parts[VERSION] = cases[i].version;
		parts[TAIL] = cases[i].tail;
		problem = parse_parts(&cert, parts);
		if (cases[i].number == 0)
			check_problem(cases[i].tail, problem, malformed);
		else
			assert_int_equal(problem ? -1 : cert.version, cases[i].number);
	}
}

static void wants_certificate_algorithm_and_signature(void **state)
{
	static const struct {
		const char *tail, *problem;
	} cases[] = {
	    {"300a06082a8648ce3d04030203020000", NULL},
	    {"300a06082a8648ce3d04030303020000", "the certificate names two signature algorithms"},
	    {"300a06082a8648ce3d04030203020001", NULL},
	    {"300a06082a8648ce3d04030203020100", malformed}, /* part of an octet */
	    {"300a06082a8648ce3d040302030100", malformed},
	    {"300a06082a8648ce3d0403020300", malformed},
	    {"300a06082a8648ce3d04030204020000", malformed},
	    {"300a06082a8648ce3d0403020302000000", malformed},
	    {"03020000", malformed},
	    {"", malformed},
	};
	char *tbs = wrap(0x30, joined(good, PARTS));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = wrap(0x30, joined((const char *[]){tbs, cases[i].tail}, 2));
		struct awh_x509 cert;

		check_problem(cases[i].tail, parse_text(&cert, text), cases[i].problem);
		free(text);
	}
	free(tbs);
}

static void knows_signature_algorithms(void **state)
{
	static const struct {
		const char *text;
		enum awh_signature signature;
	} cases[] = {
	    {"06092a864886f70d01010b", AWH_SIGNATURE_RSA},
	    {"06092a864886f70d01010c0500", AWH_SIGNATURE_RSA},
	    {"06092a864886f70d01010d0500", AWH_SIGNATURE_RSA},
	    {"06082a8648ce3d040302", AWH_SIGNATURE_ECDSA},
	    {"06082a8648ce3d040303", AWH_SIGNATURE_ECDSA},
	    {"06082a8648ce3d040304", AWH_SIGNATURE_ECDSA},
	    {"06032b6570", AWH_SIGNATURE_ED25519},
	    {"06092a864886f70d010102", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d010104", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d010105", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010e", AWH_SIGNATURE_WEAK},
	    {"06072a8648ce3d0401", AWH_SIGNATURE_WEAK},
	    {"06082a8648ce3d040301", AWH_SIGNATURE_WEAK},
	    {"06082a8648ce3d040305", AWH_SIGNATURE_UNKNOWN},
	    {"06032b6571", AWH_SIGNATURE_UNKNOWN},
	    {"060101", AWH_SIGNATURE_UNKNOWN},
	    /* RSASSA-PSS */
	    {"06092a864886f70d01010a", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010a3000", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010a3002a000", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010a3004a0023000", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010a300fa00d300b0609608648016503040200", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010a300fa00d300b0609608648016503040201", AWH_SIGNATURE_RSA},
	    {"06092a864886f70d01010a300fa00d300b0609608648016503040202", AWH_SIGNATURE_RSA},
	    {"06092a864886f70d01010a300fa00d300b0609608648016503040203", AWH_SIGNATURE_RSA},
	    {"06092a864886f70d01010a300fa00d300b0609608648016503040204", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010a300fa00d300b0609608648016503040301", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010a300fa00d300b0609618648016503040201", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010a3010a00e300c060a60864801650304020101", AWH_SIGNATURE_WEAK},
	    {"06092a864886f70d01010a300ea00c300a06086086480165030401", AWH_SIGNATURE_WEAK},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = element(0x30, cases[i].text);
		struct awh_x509 cert;

		check_problem(text, parse_with(&cert, ALGORITHM, text), NULL);
		if (cert.signature != cases[i].signature)
			fail_msg("%s: %d", text, cert.signature);
		free(text);
	}
}

#define RSA "300b06092a864886f70d010101"

static void knows_keys(void **state)
{
	static const struct {
		const char *text;
		enum awh_key key; /* AWH_KEY_UNKNOWN + 1: malformed */
		size_t rsa_bits;
	} cases[] = {
	    {"3013" EC_POINT P256 "03020004", AWH_KEY_P256, 0},
	    {"3010" EC_POINT "06052b8104002203020004", AWH_KEY_P384, 0},
	    {"3010" EC_POINT "06052b8104002303020004", AWH_KEY_P521, 0},
	    {"3010" EC_POINT "06052b8104002403020004", AWH_KEY_UNKNOWN, 0},
	    {"3009" EC_POINT "03020004", AWH_KEY_UNKNOWN, 0},
	    {"300506032b657003020004", AWH_KEY_ED25519, 0},
	    {"300506032b657103020004", AWH_KEY_UNKNOWN, 0},
	    {"300003020004", AWH_KEY_UNKNOWN + 1, 0},
	    {"300306018003020004", AWH_KEY_UNKNOWN + 1, 0},
	    {"3013" EC_POINT P256 "03020104", AWH_KEY_UNKNOWN + 1, 0},
	    {"3013" EC_POINT P256 "030100", AWH_KEY_UNKNOWN + 1, 0},
	    {"3013" EC_POINT P256, AWH_KEY_UNKNOWN + 1, 0},
	    {"3013" EC_POINT P256 "0302000400", AWH_KEY_UNKNOWN + 1, 0},
	    {RSA "0309003006020100020103", AWH_KEY_RSA, 0},
	    {RSA "030900300602017f020103", AWH_KEY_RSA, 7},
	    {RSA "0309003006020101020103", AWH_KEY_RSA, 1},
	    {RSA "030a00300702020080020103", AWH_KEY_RSA, 8},
	    {RSA "030a00300702020100020103", AWH_KEY_RSA, 9},
	    {RSA "0309003006040101020103", AWH_KEY_UNKNOWN + 1, 0},
	    {RSA "0309003006020101040103", AWH_KEY_UNKNOWN + 1, 0},
	    {RSA "0309003106020101020103", AWH_KEY_UNKNOWN + 1, 0},
	    {RSA "03080030050200020103", AWH_KEY_UNKNOWN + 1, 0},
	    {RSA "03080030050201010200", AWH_KEY_UNKNOWN + 1, 0},
	    {RSA "030a00300702010102010300", AWH_KEY_UNKNOWN + 1, 0},
	    {RSA "030a00300602010102010300", AWH_KEY_UNKNOWN + 1, 0},
	    {RSA "030a00300702020001020103", AWH_KEY_UNKNOWN + 1, 0},
	    {RSA "030a00300702010102020003", AWH_KEY_UNKNOWN + 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = element(0x30, cases[i].text);
		bool good_key = cases[i].key <= AWH_KEY_UNKNOWN;
		struct awh_x509 cert;

		check_problem(text, parse_with(&cert, KEY, text), good_key ? NULL : malformed_key);
		if (good_key && (cert.key != cases[i].key || cert.rsa_bits != cases[i].rsa_bits))
			fail_msg("%s: key %d of %zu bits", text, cert.key, cert.rsa_bits);
		free(text);
	}
	{
		struct awh_x509 cert;

		check_problem("no key", parse_with(&cert, KEY, ""), malformed_key);
		check_problem("a set", parse_with(&cert, KEY, "3100"), malformed_key);
	}
}

static void reads_basic_constraints(void **state)
{
	static const struct {
		const char *value;
		bool is_good, is_ca;
		int path_length;
	} cases[] = {
	    {"3000", true, false, -1},
	    {"30030101ff", true, true, -1},
	    {"3003010100", true, false, -1},
	    {"30060101ff020103", true, true, 3},
	    {"3003020100", true, false, 0},
	    {"300402020080", true, false, 128},
	    {"3003010101", false, false, 0},
	    {"30030201ff", false, false, 0},
	    {"30020200", false, false, 0},
	    {"30020100", false, false, 0},
	    {"30040101ff00", false, false, 0},
	    {"30030101ff00", false, false, 0},
	    {"30060201030101ff", false, false, 0},
	    {"3100", false, false, 0},
	    {"", false, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_x509 cert;

		check_problem(cases[i].value, parse_extension(&cert, "0603551d13", cases[i].value),
			      cases[i].is_good ? NULL : "malformed basicConstraints");
		if (!cases[i].is_good)
			continue;
		assert_true(cert.has_basic_constraints);
		assert_int_equal(cert.is_ca, cases[i].is_ca);
		assert_int_equal(cert.path_length, cases[i].path_length);
	}
}

static void reads_key_usage(void **state)
{
	static const struct {
		const char *value;
		int usage; /* -1: malformed */
	} cases[] = {
	    {"030100", 0},        {"03020780", 0x8000},
	    {"03020204", 0x0400}, {"0303070080", 0x0080},
	    {"030407008000", -1}, {"03020880", -1},
	    {"0300", -1},         {"0302078000", -1},
	    {"04020780", -1},     {"", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_x509 cert;

		check_problem(cases[i].value, parse_extension(&cert, "0603551d0f", cases[i].value),
			      cases[i].usage >= 0 ? NULL : "malformed keyUsage");
		if (cases[i].usage < 0)
			continue;
		assert_true(cert.has_key_usage);
		assert_int_equal(cert.key_usage, cases[i].usage);
	}
}

static void reads_extended_usage(void **state)
{
	static const struct {
		const char *value;
		bool is_good, for_client;
	} cases[] = {
	    {"300a06082b06010505070302", true, true},
	    {"300a06082b06010505070301", true, false},
	    {"30060604551d2500", true, true},
	    {"30050603551d25", true, false},
	    {"301406082b0601050507030106082b06010505070302", true, true},
	    {"301406082b0601050507030206082b06010505070301", true, true},
	    {"3000", false, false},
	    {"30020500", false, false},
	    {"30020600", false, false},
	    {"3003060180", false, false},
	    {"300c06082b060105050703020500", false, false},
	    {"300a06082b0601050507030200", false, false},
	    {"310a06082b06010505070302", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_x509 cert;

		check_problem(cases[i].value, parse_extension(&cert, "0603551d25", cases[i].value),
			      cases[i].is_good ? NULL : "malformed extKeyUsage");
		if (!cases[i].is_good)
			continue;
		assert_true(cert.has_extended_usage);
		assert_int_equal(cert.for_client, cases[i].for_client);
	}
}

static void reads_alternative_names(void **state)
{
	static const char bad_name[] = "malformed name in subjectAltName";
	static const char bad_list[] = "malformed subjectAltName";
	static const struct {
		const char *value, *problem;
	} cases[] = {
	    {"3003810161", NULL},
	    {"3003820161", NULL},
	    {"3003860161", NULL},
	    {"3003820120", NULL},
	    {"300382017e", NULL},
	    {"300382011f", bad_name},
	    {"300382017f", bad_name},
	    {"3003820180", bad_name},
	    {"300482026100", bad_name},
	    {"30028200", bad_name},
	    {"300581016182007f", bad_list},
	    {"30058101618200", bad_name},
	    {"3006870401020304", NULL},
	    {"300787050102030405", bad_name},
	    {"30058703010203", bad_name},
	    {"30128710000102030405060708090a0b0c0d0e0f", NULL},
	    {"300388012a", NULL},
	    {"3003880180", bad_name},
	    {"3002a000", NULL},
	    {"3002a300", NULL},
	    {"3002a400", NULL},
	    {"3002a500", NULL},
	    {"3002a200", bad_name},
	    {"30020500", bad_name},
	    {"300182", bad_name},
	    {"3000", bad_list},
	    {"300382016100", bad_list},
	    {"3103820161", bad_list},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_x509 cert;

		check_problem(cases[i].value, parse_extension(&cert, "0603551d11", cases[i].value),
			      cases[i].problem);
	}
}

static void knows_extensions_by_their_whole_oid(void **state)
{
	static const struct {
		const char *oid;
		bool is_unknown;
	} cases[] = {
	    {"0603551d0e", false}, {"0603551d20", false},  {"0603551d23", false},
	    {"0603551d1e", false}, {"0603551d24", true},   {"0603551e1e", true},
	    {"0603541d1e", true},  {"0604551d1e00", true}, {"0602551d", true},
	    {"06032a0304", true},  {"0604551d8113", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char critical[64];
		struct awh_x509 cert;
		char *list;

		check_problem(cases[i].oid, parse_extension(&cert, cases[i].oid, "0500"), NULL);
		assert_false(cert.has_unknown_critical);
		assert_int_equal(cert.has_name_constraints,
				 strcmp(cases[i].oid, "0603551d1e") == 0);
		snprintf(critical, sizeof(critical), "%s0101ff", cases[i].oid);
		list = extension(critical, "0500");
		check_problem(list, parse_extensions(&cert, list), NULL);
		if (cert.has_unknown_critical != cases[i].is_unknown)
			fail_msg("%s: %d", cases[i].oid, cert.has_unknown_critical);
		free(list);
	}
}

static void reads_extensions_in_order(void **state)
{
	static const char twice[] = "an extension is twice in the certificate";
	static const struct {
		const char *list, *problem;
	} cases[] = {
	    {"30060602551e0400", NULL},
	    {"30060602551e040030060602551f0400", NULL},
	    {"30060602551e040030060602551e0400", twice},
	    {"30060602551e040030060602551f040030060602551e0400", twice},
	    {"30090602551e0101000400", NULL},
	    {"30090602551e0101010400", malformed}, /* no boolean of DER */
	    {"30080602551e01000400", malformed},
	    {"30060602551e0401", malformed},
	    {"30070602551e040000", malformed},
	    {"30060602551e0c00", malformed},
	    {"30040602551e", malformed},
	    {"3006060255800400", malformed}, /* an OID that does not end */
	    {"3006060281800400", malformed}, /* nor does this */
	    {"30050602551e00", malformed},
	    {"300406000400", malformed},
	    {"3000", malformed},
	    {"30060602551e040030020400", malformed}, /* without an OID */
	    {"30060602551e040030", malformed},       /* a byte is left */
	    {"31060602551e0400", malformed},
	    {"30060602551e04000500", malformed},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_x509 cert;

		check_problem(cases[i].list, parse_extensions(&cert, cases[i].list),
			      cases[i].problem);
	}
}

/* n elements of this text, each with its number in two octets instead of "NNNN". */
static char *many(const char *text, unsigned int n)
{
	size_t before = strcspn(text, "N");
	char *list = calloc(1, HEX_MAX);
	size_t at = 0;

	assert_non_null(list);
	for (unsigned int i = 0; i < n; i++)
		at += (size_t)snprintf(list + at, HEX_MAX - at, "%.*s%02u%02u%s", (int)before, text,
				       i / 100 + 20, i % 100, text + before + 4);
	return list;
}

static void holds_to_its_limits(void **state)
{
	(void)state;
	for (unsigned int over = 0; over < 2; over++) {
		char *list = many("30060602NNNN0400", AWH_X509_EXTENSIONS_MAX + over);
		char *rdns = wrap(0x30, many("310830060602NNNN0c00", AWH_X509_RDNS_MAX + over));
		char *names = wrap(0x30, many("87040000NNNN", AWH_X509_NAMES_MAX + over));
		struct awh_x509 cert;

		check_problem("extensions", parse_extensions(&cert, list),
			      over ? "too many extensions in certificate" : NULL);
		check_problem("attributes", parse_with(&cert, SUBJECT, rdns),
			      over ? malformed_name : NULL);
		check_problem("alternative names", parse_extension(&cert, "0603551d11", names),
			      over ? "too many names in subjectAltName" : NULL);
		free(list);
		free(rdns);
		free(names);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_has_the_right_parts),
	    cmocka_unit_test(reads_versions),
	    cmocka_unit_test(wants_certificate_algorithm_and_signature),
	    cmocka_unit_test(knows_signature_algorithms),
	    cmocka_unit_test(knows_keys),
	    cmocka_unit_test(reads_basic_constraints),
	    cmocka_unit_test(reads_key_usage),
	    cmocka_unit_test(reads_extended_usage),
	    cmocka_unit_test(reads_alternative_names),
	    cmocka_unit_test(knows_extensions_by_their_whole_oid),
	    cmocka_unit_test(reads_extensions_in_order),
	    cmocka_unit_test(holds_to_its_limits),
	};

	return cmocka_run_group_tests_name("x509 parts", tests, NULL, NULL);
}
