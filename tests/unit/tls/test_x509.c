/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pki.h"
#include "tls/name.h"

/* Everything a caller may do with a certificate that was parsed. */
static void walk(const struct awh_x509 *cert)
{
	struct awh_der names = cert->alternative_names;
	enum awh_alternative_type type;
	struct awh_attribute attribute;
	struct awh_attributes attributes;
	struct awh_der value;
	struct awh_buf text;
	size_t n = 0;

	awh_attributes_begin(&attributes, cert->subject);
	while (awh_attributes_next(&attributes, &attribute))
		n++;
	assert_true(n <= AWH_X509_RDNS_MAX);
	while (awh_alternative_next(&names, &type, &value))
		if (type == AWH_ALTERNATIVE_IP)
			assert_true(value.len == 4 || value.len == 16);
	awh_buf_init(&text, 1 << 20);
	awh_x509_put_name(&text, cert->subject);
	awh_x509_put_name(&text, cert->issuer);
	assert_int_equal(text.err, 0);
	if (text.len > 0)
		assert_null(memchr(text.data, '\0', text.len));
	awh_buf_deinit(&text);
}

/* The DER in memory of its exact size, so that a sanitizer sees every over-read. */
static const char *parse_exactly(struct awh_x509 *cert, const uint8_t *der, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	const char *problem;

	assert_non_null(copy);
	memcpy(copy, der, len);
	problem = awh_x509_parse(cert, (struct awh_der){copy, len});
	if (!problem)
		walk(cert);
	free(copy);
	return problem;
}

static void for_every_leaf(void (*check)(const char *name, struct awh_der der))
{
	json_t *index = pki_index();
	struct pki_chain chain;
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(index, "clients"), i, entry) {
		pki_chain_load(&chain, pki_text(entry, "cert"));
		check(pki_text(entry, "case"), chain.spans[0]);
		pki_chain_deinit(&chain);
	}
	json_decref(index);
}

static void check_readable(const char *name, struct awh_der der)
{
	static const char *const unreadable[] = {"extension-twice", "san-nul", "san-many",
						 "two-signature-algorithms"};
	struct awh_x509 cert;
	const char *problem = parse_exactly(&cert, der.data, der.len);
	bool expected = true;

	for (size_t i = 0; i < sizeof(unreadable) / sizeof(*unreadable); i++)
		expected = expected && strcmp(name, unreadable[i]) != 0;
	if (expected != !problem)
		fail_msg("%s: %s", name, problem ? problem : "read");
}

static void reads_all_but_the_malformed_ones(void **state)
{
	(void)state;
	for_every_leaf(check_readable);
}

static void check_cuts(const char *name, struct awh_der der)
{
	struct awh_x509 cert;

	(void)name;
	if (der.len > 3000)
		return;
	for (size_t len = 0; len < der.len; len++)
		assert_non_null(parse_exactly(&cert, der.data, len));
}

static void refuses_every_truncation(void **state)
{
	(void)state;
	for_every_leaf(check_cuts);
}

static void check_flips(const char *name, struct awh_der der)
{
	static const uint8_t masks[] = {0x01, 0x80, 0xff, 0x20};
	struct awh_x509 cert;
	uint8_t *copy;

	(void)name;
	if (der.len > 3000)
		return;
	copy = malloc(der.len);
	assert_non_null(copy);
	memcpy(copy, der.data, der.len);
	for (size_t i = 0; i < der.len; i++)
		for (size_t m = 0; m < sizeof(masks); m++) {
			copy[i] ^= masks[m];
			parse_exactly(&cert, copy, der.len);
			copy[i] ^= masks[m];
		}
	free(copy);
}

static void survives_every_changed_byte(void **state)
{
	(void)state;
	for_every_leaf(check_flips);
}

static void refuses_bytes_behind_the_certificate(void **state)
{
	struct pki_chain chain;
	struct awh_x509 cert;
	uint8_t longer[4096] = {0};

	(void)state;
	pki_chain_load(&chain, "client/good.crt");
	memcpy(longer, chain.spans[0].data, chain.spans[0].len);
	assert_null(parse_exactly(&cert, longer, chain.spans[0].len));
	assert_non_null(parse_exactly(&cert, longer, chain.spans[0].len + 1));
	pki_chain_deinit(&chain);
}

static void load(const char *file, struct pki_chain *chain, struct awh_x509 *cert)
{
	pki_chain_load(chain, file);
	assert_null(awh_x509_parse(cert, chain->spans[0]));
}

static void reads_the_facts_of_a_leaf(void **state)
{
	struct pki_chain chain;
	struct awh_x509 cert;

	(void)state;
	load("client/good.crt", &chain, &cert);
	assert_int_equal(cert.version, 3);
	assert_int_equal(cert.not_before, 1577836800);
	assert_int_equal(cert.not_after, 2524607999);
	assert_int_equal(cert.signature, AWH_SIGNATURE_ECDSA);
	assert_int_equal(cert.key, AWH_KEY_P256);
	assert_false(cert.is_ca);
	assert_false(cert.has_basic_constraints);
	assert_true(cert.has_key_usage);
	assert_int_equal(cert.key_usage, AWH_USAGE_DIGITAL_SIGNATURE);
	assert_true(cert.has_extended_usage);
	assert_true(cert.for_client);
	assert_false(cert.has_name_constraints);
	assert_false(cert.has_unknown_critical);
	assert_int_equal(cert.alternative_names.len, 0);
	assert_false(awh_x509_self_issued(&cert));
	pki_chain_deinit(&chain);
}

static void reads_the_facts_of_cas(void **state)
{
	struct pki_chain chain;
	struct awh_x509 cert;

	(void)state;
	load("ca/good.crt", &chain, &cert);
	assert_true(cert.has_basic_constraints);
	assert_true(cert.is_ca);
	assert_int_equal(cert.path_length, -1);
	assert_int_equal(cert.key_usage & AWH_USAGE_KEY_CERT_SIGN, AWH_USAGE_KEY_CERT_SIGN);
	assert_true(awh_x509_self_issued(&cert));
	pki_chain_deinit(&chain);
	load("ca/name-constraints.crt", &chain, &cert);
	assert_true(cert.has_name_constraints);
	pki_chain_deinit(&chain);
	load("ca/unknown-critical.crt", &chain, &cert);
	assert_true(cert.has_unknown_critical);
	pki_chain_deinit(&chain);
	load("ca/v1.crt", &chain, &cert);
	assert_int_equal(cert.version, 1);
	pki_chain_deinit(&chain);
	load("ca/rsa1024.crt", &chain, &cert);
	assert_int_equal(cert.key, AWH_KEY_RSA);
	assert_int_equal(cert.rsa_bits, 1024);
	pki_chain_deinit(&chain);
	pki_chain_load(&chain, "client/path-length-kept.chain.crt");
	assert_null(awh_x509_parse(&cert, chain.spans[1]));
	assert_int_equal(cert.path_length, 0);
	pki_chain_deinit(&chain);
}

static void distinguishes_weak_signatures_from_strong_ones(void **state)
{
	static const struct {
		const char *file;
		enum awh_signature signature;
	} cases[] = {
	    {"client/md5.crt", AWH_SIGNATURE_WEAK},
	    {"client/sha1.crt", AWH_SIGNATURE_WEAK},
	    {"ca/rsa.crt", AWH_SIGNATURE_RSA},
	    {"client/good.crt", AWH_SIGNATURE_ECDSA},
	};
	struct pki_chain chain;
	struct awh_x509 cert;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		load(cases[i].file, &chain, &cert);
		assert_int_equal(cert.signature, cases[i].signature);
		pki_chain_deinit(&chain);
	}
}

static void writes_names_as_rfc_4514_text(void **state)
{
	static const struct {
		const char *file;
		const char *subject;
	} cases[] = {
	    {"client/good.crt", "CN=kube-apiserver"},
	    {"client/organization.crt", "CN=kube-apiserver,OU=control plane,O=system:masters"},
	    {"client/cn-two-in-one-rdn.crt", "CN=kube-apiserver+CN=evil"},
	    {"client/cn-two.crt", "CN=evil,CN=kube-apiserver"},
	    {"client/cn-nul.crt", "CN=kube-apiserver\\00.evil"},
	    {"client/cn-newline.crt", "CN=kube-apiserver\\0aadmitted=true"},
	    {"client/cn-with-o.crt", "CN=kube-apiserver\\,O=x"},
	    {"client/cn-leading-space.crt", "CN=\\ kube-apiserver"},
	    {"client/cn-trailing-space.crt", "CN=kube-apiserver\\ "},
	    {"client/cn-empty.crt", "CN="},
	    {"client/cn-bad-utf8.crt", "CN=#0c0f6b7562652d617069736572766572ff"},
	    {"client/cn-t61.crt", "CN=#140e6b7562652d617069736572766572"},
	    {"client/cn-ia5.crt", "CN=kube-apiserver"},
	    {"client/subject-empty.crt", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pki_chain chain;
		struct awh_x509 cert;
		struct awh_buf text;

		load(cases[i].file, &chain, &cert);
		awh_buf_init(&text, 10000);
		awh_x509_put_name(&text, cert.subject);
		assert_int_equal(awh_buf_terminate(&text), 0);
		assert_string_equal(text.data, cases[i].subject);
		awh_buf_deinit(&text);
		pki_chain_deinit(&chain);
	}
}

/* Attribute types that have no short name, and values that are not text. */
static void writes_other_attributes_as_numbers(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		const char *text;
	} cases[] = {
#define CASE(bytes, text) {bytes, sizeof(bytes) - 1, text}
	    CASE("\x30\x00", ""),
	    CASE("\x30\x0a\x31\x08\x30\x06\x06\x01\x00\x0c\x01x", "0.0=#0c0178"),
	    CASE("\x30\x0a\x31\x08\x30\x06\x06\x01\x27\x0c\x01x", "0.39=#0c0178"),
	    CASE("\x30\x0a\x31\x08\x30\x06\x06\x01\x28\x0c\x01x", "1.0=#0c0178"),
	    CASE("\x30\x0a\x31\x08\x30\x06\x06\x01\x4f\x0c\x01x", "1.39=#0c0178"),
	    CASE("\x30\x0a\x31\x08\x30\x06\x06\x01\x50\x0c\x01x", "2.0=#0c0178"),
	    CASE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x2a\x83\x04\x0c\x01x", "1.2.388=#0c0178"),
	    CASE("\x30\x0d\x31\x0b\x30\x09\x06\x04\x88\x37\x00\x01\x0c\x01x", "2.999.0.1=#0c0178"),
	    CASE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x06\x13\x01x", "C=x"),
	    CASE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x07\x0c\x01x", "L=x"),
	    CASE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x08\x0c\x01x", "ST=x"),
	    CASE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x09\x0c\x01x", "STREET=x"),
	    CASE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x05\x0c\x01x", "2.5.4.5=#0c0178"),
	    CASE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x0c\x0c\x01x", "2.5.4.12=#0c0178"),
	    CASE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x05\x03\x0c\x01x", "2.5.5.3=#0c0178"),
	    CASE("\x30\x13\x31\x11\x30\x0f\x06\x0a\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"
		 "\x16\x01x",
		 "DC=x"),
	    CASE("\x30\x13\x31\x11\x30\x0f\x06\x0a\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"
		 "\x0c\x01x",
		 "UID=x"),
	    CASE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01 ", "CN=\\ "),
	    CASE("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03###", "CN=\\###"),
	    CASE("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03   ", "CN=\\  \\ "),
	    CASE("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03\x1f\x20\x7f",
		 "CN=\\1f \\7f"),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_der name = {(const uint8_t *)cases[i].name, cases[i].len};
		struct awh_buf text;

		awh_buf_init(&text, 10000);
		awh_x509_put_name(&text, name);
		assert_int_equal(awh_buf_terminate(&text), 0);
		assert_string_equal(text.data, cases[i].text);
		awh_buf_deinit(&text);
	}
}

static void refuses_a_certificate_over_the_limit(void **state)
{
	struct awh_x509 cert;
	uint8_t *der = calloc(1, AWH_X509_BYTES_MAX + 1);

	(void)state;
	assert_non_null(der);
	assert_string_equal(awh_x509_parse(&cert, (struct awh_der){der, AWH_X509_BYTES_MAX + 1}),
			    "certificate is too large");
	free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_all_but_the_malformed_ones),
	    cmocka_unit_test(refuses_every_truncation),
	    cmocka_unit_test(survives_every_changed_byte),
	    cmocka_unit_test(refuses_bytes_behind_the_certificate),
	    cmocka_unit_test(reads_the_facts_of_a_leaf),
	    cmocka_unit_test(reads_the_facts_of_cas),
	    cmocka_unit_test(distinguishes_weak_signatures_from_strong_ones),
	    cmocka_unit_test(writes_names_as_rfc_4514_text),
	    cmocka_unit_test(writes_other_attributes_as_numbers),
	    cmocka_unit_test(refuses_a_certificate_over_the_limit),
	};

	return cmocka_run_group_tests_name("x509", tests, NULL, NULL);
}
