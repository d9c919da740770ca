/* SPDX-License-Identifier: MIT */
/*
 * Certificates that differ from a good one in one field, written by hand: what
 * is read of the field, or the words by which it is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "made_der.h"
#include "tls/name.h"
#include "tls/requirements.h"
#include "tls/x509.h"

#define MALFORMED "malformed certificate"
#define MALFORMED_NAME "malformed name in certificate"
#define MALFORMED_KEY "malformed public key in certificate"
#define MALFORMED_DATE "malformed date in certificate"
#define RSA_PSS "06(2a864886f70d01010a)"
#define SHA_2(last) RSA_PSS "30(a0(30(06(6086480165030402" last "))))"
#define EC "06(2a8648ce3d0201)"
#define DATE_1 "17(3230303130313030303030305a)"
#define DATE_2 "17(3439313233313233353935395a)"
#define DATES DATE_1 DATE_2
/* An extension of id-ce, and what it holds. */
#define EXTENSION(number, value) "30(06(551d" number ")04(" value "))"
#define CRITICAL(number, value) "30(06(551d" number ")0101ff 04(" value "))"
#define EXTENSIONS(list) "a3(30(" list "))"

/* The fields of a certificate; NULL: as in a good one. */
struct fields {
	const char *version, *serial, *inner, *issuer, *dates, *subject, *key, *tail;
	const char *outer, *signature;
};

static const char *either(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static void make(struct made_der *der, const struct fields *fields)
{
	static const char ed25519[] = "06(2b6570)";
	static const char name[] = "31(30(06(550403)0c(61)))";
	char text[16384];
	int len = snprintf(
	    text, sizeof(text), "30(30(%s %s 30(%s) 30(%s) 30(%s) 30(%s) 30(%s) %s) 30(%s) %s)",
	    either(fields->version, "a0(0201 02)"), either(fields->serial, "02(01)"),
	    either(fields->inner, ed25519), either(fields->issuer, name),
	    either(fields->dates, DATES), either(fields->subject, name),
	    either(fields->key, "30(06(2b6570)) 03(00 0102)"), either(fields->tail, ""),
	    either(fields->outer, either(fields->inner, ed25519)),
	    either(fields->signature, "03(00 0102)"));

	assert_true(len > 0 && (size_t)len < sizeof(text));
	made_der(der, text);
}

static const char *parse(struct awh_x509 *cert, struct made_der *der, const struct fields *fields)
{
	make(der, fields);
	return awh_x509_parse(cert, (struct awh_der){der->bytes, der->len});
}

struct bad {
	struct fields fields;
	const char *problem;
};

static void check_bad(const struct bad *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct made_der der;
		struct awh_x509 cert;
		const char *problem = parse(&cert, &der, &cases[i].fields);

		if (!problem || strcmp(problem, cases[i].problem) != 0)
			fail_msg("case %zu: %s", i, problem ? problem : "read");
	}
}

static void reads_what_is_written_by_hand(void **state)
{
	const struct fields none = {0};
	struct made_der der;
	struct awh_x509 cert;

	(void)state;
	assert_null(parse(&cert, &der, &none));
	assert_int_equal(cert.version, 3);
	assert_int_equal(cert.signature, AWH_SIGNATURE_ED25519);
	assert_int_equal(cert.key, AWH_KEY_ED25519);
	assert_int_equal(cert.key_bits.len, 2);
	assert_int_equal(cert.serial.len, 1);
	assert_true(awh_x509_self_issued(&cert));
}

static void refuses_malformed_outer_fields(void **state)
{
	static const struct bad cases[] = {
	    {{.version = "a0(0201 03)"}, MALFORMED},
	    {{.version = "a0(0201 ff)"}, MALFORMED},
	    {{.version = "a0(0201 02 00)"}, MALFORMED},
	    {{.version = "a0(04(02))"}, MALFORMED},
	    {{.version = "a0 05"}, MALFORMED},
	    {{.serial = "02()"}, MALFORMED},
	    {{.serial = "02(0001)"}, MALFORMED},
	    {{.serial = "04(01)"}, MALFORMED},
	    {{.inner = ""}, MALFORMED},
	    {{.inner = "06()"}, MALFORMED},
	    {{.inner = "06(2b80)"}, MALFORMED},
	    {{.inner = "06(802b)"}, MALFORMED},
	    {{.outer = "06(2b6571)"}, "the certificate names two signature algorithms"},
	    {{.signature = "03(00)"}, MALFORMED},
	    {{.signature = "03(01 0102)"}, MALFORMED},
	    {{.signature = "04(00 0102)"}, MALFORMED},
	    {{.signature = "03(00 0102) 0500"}, MALFORMED},
	};

	(void)state;
	check_bad(cases, sizeof(cases) / sizeof(*cases));
}

static void refuses_malformed_dates(void **state)
{
	static const struct bad cases[] = {
	    {{.dates = DATE_1}, MALFORMED_DATE},
	    {{.dates = "04(00)" DATE_2}, MALFORMED_DATE},
	    {{.dates = DATE_1 "17(3439313333313233353935395a)"}, MALFORMED_DATE},
	    {{.dates = DATES "0500"}, MALFORMED},
	};

	(void)state;
	check_bad(cases, sizeof(cases) / sizeof(*cases));
}

static void refuses_malformed_names(void **state)
{
	static const struct bad cases[] = {
	    {{.issuer = "30(30(06(550403)0c(61)))"}, MALFORMED},
	    {{.issuer = "31()"}, MALFORMED},
	    {{.subject = "31(04(61))"}, MALFORMED_NAME},
	    {{.subject = "31(30(0c(61)))"}, MALFORMED_NAME},
	    {{.subject = "31(30(06(550483)0c(61)))"}, MALFORMED_NAME},
	    {{.subject = "31(30(06(550403)))"}, MALFORMED_NAME},
	    {{.subject = "31(30(06(550403)0c(61)0c(62)))"}, MALFORMED_NAME},
	};

	(void)state;
	check_bad(cases, sizeof(cases) / sizeof(*cases));
}

/* A name of one RDN with n attributes. */
static const char *parse_attributes(struct awh_x509 *cert, size_t n)
{
	struct fields fields = {0};
	struct made_der der;
	const char *problem;
	struct awh_buf name;

	awh_buf_init(&name, SIZE_MAX / 2);
	awh_buf_puts(&name, "31(");
	while (n-- > 0)
		awh_buf_puts(&name, "30(06(550403)0c(61))");
	awh_buf_puts(&name, ")");
	assert_int_equal(awh_buf_terminate(&name), 0);
	fields.subject = name.data;
	problem = parse(cert, &der, &fields);
	awh_buf_deinit(&name);
	return problem;
}

static void limits_the_attributes_of_a_name(void **state)
{
	struct awh_x509 cert;

	(void)state;
	assert_null(parse_attributes(&cert, AWH_X509_RDNS_MAX));
	assert_string_equal(parse_attributes(&cert, AWH_X509_RDNS_MAX + 1), MALFORMED_NAME);
}

static void refuses_malformed_keys(void **state)
{
	static const struct bad cases[] = {
	    {{.key = ""}, MALFORMED_KEY},
	    {{.key = "30(04(2b6570)) 03(00 0102)"}, MALFORMED_KEY},
	    {{.key = "30(06(2b80)) 03(00 0102)"}, MALFORMED_KEY},
	    {{.key = "30(06(2b6570)) 03(00)"}, MALFORMED_KEY},
	    {{.key = "30(06(2b6570)) 03(00 0102) 0500"}, MALFORMED_KEY},
	    {{.key = "30(06(2a864886f70d010101)) 03(00 04(01))"}, MALFORMED_KEY},
	    {{.key = "30(06(2a864886f70d010101)) 03(00 30(02(03)))"}, MALFORMED_KEY},
	    {{.key = "30(06(2a864886f70d010101)) 03(00 30(02(0003)02(03)))"}, MALFORMED_KEY},
	    {{.key = "30(06(2a864886f70d010101)) 03(00 30(02(03)02()))"}, MALFORMED_KEY},
	    {{.key = "30(06(2a864886f70d010101)) 03(00 30(02(03)02(03)05(00)))"}, MALFORMED_KEY},
	    {{.key = "30(06(2a864886f70d010101)) 03(00 30(02(03)02(03))00)"}, MALFORMED_KEY},
	};

	(void)state;
	check_bad(cases, sizeof(cases) / sizeof(*cases));
}

static void reads_the_kind_of_a_key(void **state)
{
	static const struct {
		const char *key;
		enum awh_key kind;
		size_t rsa_bits;
	} cases[] = {
	    {"30(" EC "06(2a8648ce3d030107)) 03(00 04)", AWH_KEY_P256, 0},
	    {"30(" EC "06(2b81040022)) 03(00 04)", AWH_KEY_P384, 0},
	    {"30(" EC "06(2b81040023)) 03(00 04)", AWH_KEY_P521, 0},
	    {"30(" EC "06(2b8104000a)) 03(00 04)", AWH_KEY_UNKNOWN, 0}, /* secp256k1 */
	    {"30(" EC "30()) 03(00 04)", AWH_KEY_UNKNOWN, 0}, /* a curve by its parameters */
	    {"30(06(2b6571)) 03(00 04)", AWH_KEY_UNKNOWN, 0}, /* Ed448 */
	    {"30(06(2a864886f70d010101)) 03(00 30(02(00ff01)02(03)))", AWH_KEY_RSA, 16},
	    {"30(06(2a864886f70d010101)) 03(00 30(02(0101)02(03)))", AWH_KEY_RSA, 9},
	    {"30(06(2a864886f70d010101)) 03(00 30(02(00)02(03)))", AWH_KEY_RSA, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct fields fields = {.key = cases[i].key};
		struct made_der der;
		struct awh_x509 cert;

		assert_null(parse(&cert, &der, &fields));
		assert_int_equal(cert.key, cases[i].kind);
		assert_int_equal(cert.rsa_bits, cases[i].rsa_bits);
	}
}

/* RFC 4055 section 3.1: without a hash it is SHA-1. */
static void reads_the_hash_of_rsassa_pss(void **state)
{
	static const struct {
		const char *algorithm;
		enum awh_signature signature;
	} cases[] = {
	    {SHA_2("01"), AWH_SIGNATURE_RSA},
	    {SHA_2("02"), AWH_SIGNATURE_RSA},
	    {SHA_2("03"), AWH_SIGNATURE_RSA},
	    {SHA_2("04"), AWH_SIGNATURE_WEAK}, /* SHA-224 */
	    {SHA_2("00"), AWH_SIGNATURE_WEAK},
	    {SHA_2("0101"), AWH_SIGNATURE_WEAK},
	    {RSA_PSS "30(a0(30(06(608648016503040301))))", AWH_SIGNATURE_WEAK}, /* no hash */
	    {RSA_PSS "30(a0(30(06(2b0e03021a))))", AWH_SIGNATURE_WEAK},         /* SHA-1 */
	    {RSA_PSS "30(a0(30(04(608648016503040201))))", AWH_SIGNATURE_WEAK},
	    {RSA_PSS "30(a0(31(06(608648016503040201))))", AWH_SIGNATURE_WEAK},
	    {RSA_PSS "30(a1(30(06(608648016503040201))))", AWH_SIGNATURE_WEAK},
	    {RSA_PSS "30()", AWH_SIGNATURE_WEAK},
	    {RSA_PSS, AWH_SIGNATURE_WEAK},
	    {"06(2b6571)", AWH_SIGNATURE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct fields fields = {.inner = cases[i].algorithm};
		struct made_der der;
		struct awh_x509 cert;

		assert_null(parse(&cert, &der, &fields));
		assert_int_equal(cert.signature, cases[i].signature);
	}
}

static void refuses_malformed_extensions(void **state)
{
	static const struct bad cases[] = {
	    {{.tail = "a3(30())"}, MALFORMED},
	    {{.tail = "a3(31(00))"}, MALFORMED},
	    {{.tail = "a3(30(" EXTENSION("0e", "00") ")00)"}, MALFORMED},
	    {{.tail = EXTENSIONS(EXTENSION("0e", "00")) "00"}, MALFORMED},
	    {{.tail = EXTENSIONS("31(06(551d0e)04(00))")}, MALFORMED},
	    {{.tail = EXTENSIONS("30(04(551d0e)04(00))")}, MALFORMED},
	    {{.tail = EXTENSIONS("30(06(551d80)04(00))")}, MALFORMED},
	    {{.tail = EXTENSIONS("30(06(551d0e)0101 01 04(00))")}, MALFORMED},
	    {{.tail = EXTENSIONS("30(06(551d0e)01(ffff)04(00))")}, MALFORMED},
	    {{.tail = EXTENSIONS("30(06(551d0e)01)")}, MALFORMED},
	    {{.tail = EXTENSIONS("30(06(551d0e)03(00))")}, MALFORMED},
	    {{.tail = EXTENSIONS("30(06(551d0e)04(00)00)")}, MALFORMED},
	    {{.tail = EXTENSIONS(EXTENSION("0e", "00") EXTENSION("0e", "00"))},
	     "an extension is twice in the certificate"},
	    /* Unique identifiers are of version 2, extensions of version 3. */
	    {{.version = "", .tail = "81(00)"}, MALFORMED},
	    {{.version = "a0(0201 01)", .tail = EXTENSIONS(EXTENSION("0e", "00"))}, MALFORMED},
	    {{.tail = "81"}, MALFORMED},
	    {{.tail = "a3"}, MALFORMED},
	    {{.tail = "0500"}, MALFORMED},
	};

	(void)state;
	check_bad(cases, sizeof(cases) / sizeof(*cases));
}

static void refuses_malformed_known_extensions(void **state)
{
	static const char constraints[] = "malformed basicConstraints";
	static const char usage[] = "malformed keyUsage";
	static const char extended[] = "malformed extKeyUsage";
	static const char names[] = "malformed subjectAltName";
	static const char name[] = "malformed name in subjectAltName";
	const struct bad cases[] = {
	    {{.tail = EXTENSIONS(EXTENSION("13", "31()"))}, constraints},
	    {{.tail = EXTENSIONS(EXTENSION("13", "30()00"))}, constraints},
	    {{.tail = EXTENSIONS(EXTENSION("13", "30(010101)"))}, constraints},
	    {{.tail = EXTENSIONS(EXTENSION("13", "30(01)"))}, constraints},
	    {{.tail = EXTENSIONS(EXTENSION("13", "30(0101ff 0201ff)"))}, constraints},
	    {{.tail = EXTENSIONS(EXTENSION("13", "30(02)"))}, constraints},
	    {{.tail = EXTENSIONS(EXTENSION("13", "30(0500)"))}, constraints},
	    {{.tail = EXTENSIONS(EXTENSION("0f", "04(00)"))}, usage},
	    {{.tail = EXTENSIONS(EXTENSION("0f", "03(07 80)00"))}, usage},
	    {{.tail = EXTENSIONS(EXTENSION("0f", "03()"))}, usage},
	    {{.tail = EXTENSIONS(EXTENSION("0f", "03(07 808080)"))}, usage},
	    {{.tail = EXTENSIONS(EXTENSION("0f", "03(08 80)"))}, usage},
	    {{.tail = EXTENSIONS(EXTENSION("25", "31()"))}, extended},
	    {{.tail = EXTENSIONS(EXTENSION("25", "30()"))}, extended},
	    {{.tail = EXTENSIONS(EXTENSION("25", "30(06(2b06))00"))}, extended},
	    {{.tail = EXTENSIONS(EXTENSION("25", "30(04(2b06))"))}, extended},
	    {{.tail = EXTENSIONS(EXTENSION("25", "30(06(2b86))"))}, extended},
	    {{.tail = EXTENSIONS(EXTENSION("11", "31()"))}, names},
	    {{.tail = EXTENSIONS(EXTENSION("11", "30()"))}, names},
	    {{.tail = EXTENSIONS(EXTENSION("11", "30(82(61))00"))}, names},
	    {{.tail = EXTENSIONS(EXTENSION("11", "30(82)"))}, name},
	    {{.tail = EXTENSIONS(EXTENSION("11", "30(82())"))}, name},
	    {{.tail = EXTENSIONS(EXTENSION("11", "30(82(61 0a))"))}, name},
	    {{.tail = EXTENSIONS(EXTENSION("11", "30(86(61 c3a4))"))}, name},
	    {{.tail = EXTENSIONS(EXTENSION("11", "30(87(0a0000))"))}, name},
	    {{.tail = EXTENSIONS(EXTENSION("11", "30(88(80))"))}, name},
	    {{.tail = EXTENSIONS(EXTENSION("11", "30(89(61))"))}, name},
	};

	(void)state;
	check_bad(cases, sizeof(cases) / sizeof(*cases));
}

static void reads_known_extensions(void **state)
{
	static const char tail[] = "81(00) 82(00)" EXTENSIONS(
	    EXTENSION("0e", "00") EXTENSION("23", "00") CRITICAL("20", "00")
		CRITICAL("13", "30(0101ff 0201 02)") EXTENSION("0f", "03(07 0680)")
		    EXTENSION("25", "30(06(2b06)06(551d2500))") EXTENSION("1e", "00"));
	const struct fields fields = {.tail = tail};
	struct made_der der;
	struct awh_x509 cert;

	(void)state;
	assert_null(parse(&cert, &der, &fields));
	assert_true(cert.has_basic_constraints && cert.is_ca);
	assert_int_equal(cert.path_length, 2);
	assert_true(cert.has_key_usage);
	assert_int_equal(cert.key_usage, 0x0680);
	assert_true(cert.has_extended_usage && cert.for_client);
	assert_true(cert.has_name_constraints);
	assert_false(cert.has_unknown_critical);
}

static void reads_extensions_at_their_least(void **state)
{
	const struct fields fields = {
	    .tail = EXTENSIONS(EXTENSION("13", "30()") EXTENSION("0f", "03(00)")
				   EXTENSION("25", "30(06(2b06))") CRITICAL("36", "00"))};
	const struct fields foreign = {.tail = EXTENSIONS("30(06(2a1d13)04(00))")};
	struct made_der der;
	struct awh_x509 cert;

	(void)state;
	assert_null(parse(&cert, &der, &fields));
	assert_true(cert.has_basic_constraints && !cert.is_ca);
	assert_int_equal(cert.path_length, -1);
	assert_true(cert.has_key_usage);
	assert_int_equal(cert.key_usage, 0);
	assert_true(cert.has_extended_usage && !cert.for_client);
	assert_true(cert.has_unknown_critical);
	/* The OID ends like one of id-ce, and is none. */
	assert_null(parse(&cert, &der, &foreign));
	assert_false(cert.has_basic_constraints || cert.has_unknown_critical);
}

static void walks_alternative_names_of_its_kinds_alone(void **state)
{
	static const enum awh_alternative_type expected[] = {
	    AWH_ALTERNATIVE_DNS, AWH_ALTERNATIVE_URI, AWH_ALTERNATIVE_IP, AWH_ALTERNATIVE_IP};
	const struct fields fields = {
	    .tail = EXTENSIONS(EXTENSION(
		"11", "30(81(61) a0(00) 82(61) a3(00) a4(00) 86(61) a5(00) 87(7f000001) 88(2b)"
		      "87(00000000 00000000 00000000 00000001))"))};
	enum awh_alternative_type type;
	struct awh_der names, value;
	struct made_der der;
	struct awh_x509 cert;
	size_t n = 0;

	(void)state;
	assert_null(parse(&cert, &der, &fields));
	names = cert.alternative_names;
	while (awh_alternative_next(&names, &type, &value)) {
		assert_true(n < 4);
		assert_int_equal(type, expected[n++]);
	}
	assert_int_equal(n, 4);
}

static const char *parse_unknown_extensions(struct awh_x509 *cert, unsigned int n)
{
	struct fields fields = {0};
	struct made_der der;
	const char *problem;
	struct awh_buf tail;

	awh_buf_init(&tail, SIZE_MAX / 2);
	awh_buf_puts(&tail, "a3(30(");
	for (unsigned int i = 0; i < n; i++)
		awh_buf_printf(&tail, "30(06(2b06%02x)04(00))", i);
	awh_buf_puts(&tail, "))");
	assert_int_equal(awh_buf_terminate(&tail), 0);
	fields.tail = tail.data;
	problem = parse(cert, &der, &fields);
	awh_buf_deinit(&tail);
	return problem;
}

static void limits_the_extensions(void **state)
{
	struct awh_x509 cert;

	(void)state;
	assert_null(parse_unknown_extensions(&cert, AWH_X509_EXTENSIONS_MAX));
	assert_string_equal(parse_unknown_extensions(&cert, AWH_X509_EXTENSIONS_MAX + 1),
			    "too many extensions in certificate");
}

/* RFC 4514: dotted numbers and #DER where there is no short name, short names in order. */
static void writes_attribute_types(void **state)
{
	static const struct {
		const char *subject;
		const char *text;
	} cases[] = {
	    {"31(30(06(0992268993f22c640119)16(636f6d)))", "DC=com"},
	    {"31(30(06(0992268993f22c640101)0c(61)))", "UID=a"},
	    {"31(30(06(550406)13(4348)))31(30(06(550407)0c(61)))31(30(06(550408)0c(62)))",
	     "ST=b,L=a,C=CH"},
	    {"31(30(06(550409)0c(61)))", "STREET=a"},
	    {"31(30(06(550404)0c(61)))", "2.5.4.4=#0c0161"},
	    {"31(30(06(55040c)0c(61)))", "2.5.4.12=#0c0161"},
	    {"31(30(06(2a864886f70d010901)16(61)))", "1.2.840.113549.1.9.1=#160161"},
	    {"31(30(06(06)0c(61)))", "0.6=#0c0161"},
	    {"31(30(06(883703)0c(61)))", "2.999.3=#0c0161"},
	    {"31(30(06(550503)0c(61)))", "2.5.5.3=#0c0161"},
	    {"31(30(06(550403)0c(233b)))", "CN=\\#\\;"},
	    {"31(30(06(550403)0c(61237f)))", "CN=a#\\7f"},
	    {"31(30(06(550403)0c(61))30(06(55040a)0c(62)))31(30(06(55040b)0c(63)))",
	     "OU=c,CN=a+O=b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct fields fields = {.subject = cases[i].subject};
		struct made_der der;
		struct awh_x509 cert;
		struct awh_buf text;

		assert_null(parse(&cert, &der, &fields));
		awh_buf_init(&text, 1000);
		awh_x509_put_name(&text, cert.subject);
		assert_int_equal(awh_buf_terminate(&text), 0);
		assert_string_equal(text.data, cases[i].text);
		awh_buf_deinit(&text);
	}
}

static void knows_the_keys_that_are_strong_enough(void **state)
{
	static const struct {
		enum awh_key key;
		unsigned int rsa_bits;
		bool is_strong;
	} cases[] = {
	    {AWH_KEY_UNKNOWN, 4096, false}, {AWH_KEY_RSA, 2047, false}, {AWH_KEY_RSA, 2048, true},
	    {AWH_KEY_RSA, 4096, true},      {AWH_KEY_P256, 0, true},    {AWH_KEY_P384, 0, true},
	    {AWH_KEY_P521, 0, true},        {AWH_KEY_ED25519, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct awh_x509 cert = {.key = cases[i].key, .rsa_bits = cases[i].rsa_bits};

		assert_int_equal(awh_x509_key_problem(&cert) == NULL, cases[i].is_strong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_is_written_by_hand),
	    cmocka_unit_test(refuses_malformed_outer_fields),
	    cmocka_unit_test(refuses_malformed_dates),
	    cmocka_unit_test(refuses_malformed_names),
	    cmocka_unit_test(limits_the_attributes_of_a_name),
	    cmocka_unit_test(refuses_malformed_keys),
	    cmocka_unit_test(reads_the_kind_of_a_key),
	    cmocka_unit_test(reads_the_hash_of_rsassa_pss),
	    cmocka_unit_test(refuses_malformed_extensions),
	    cmocka_unit_test(refuses_malformed_known_extensions),
	    cmocka_unit_test(reads_known_extensions),
	    cmocka_unit_test(reads_extensions_at_their_least),
	    cmocka_unit_test(walks_alternative_names_of_its_kinds_alone),
	    cmocka_unit_test(limits_the_extensions),
	    cmocka_unit_test(writes_attribute_types),
	    cmocka_unit_test(knows_the_keys_that_are_strong_enough),
	};

	return cmocka_run_group_tests_name("x509 fields", tests, NULL, NULL);
}
