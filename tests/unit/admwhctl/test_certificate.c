/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/pki.h"
#include "common/certificate.h"

static const char *const dns[] = {"policy.webhooks.svc", "*.example.org", NULL};
static const char *const ip[] = {"192.0.2.7", "2001:db8::7", NULL};
static const struct pki_names names = {.common_name = "policy", .dns = dns, .ip = ip};
static const struct pki_names of_ca = {.common_name = "a CA"};

struct made {
	struct pki_pair ca, leaf, other;
	struct certificates authority, chain;
};

static int set_up(void **state)
{
	struct made *made = calloc(1, sizeof(*made));
	int64_t to = 4102444800; /* 2100 */

	*state = made;
	assert_non_null(made);
	assert_int_equal(pki_make(&made->ca, PKI_CA, &of_ca, NULL, 0, to), 0);
	assert_int_equal(pki_make(&made->other, PKI_CA, &of_ca, NULL, 0, to), 0);
	assert_int_equal(pki_make(&made->leaf, PKI_SERVER, &names, &made->ca, 1750000000, to), 0);
	assert_null(certificates_read(&made->authority, made->ca.certificate,
				      strlen(made->ca.certificate)));
	assert_null(certificates_read(&made->chain, made->leaf.certificate,
				      strlen(made->leaf.certificate)));
	return 0;
}

static int tear_down(void **state)
{
	struct made *made = *state;

	certificates_deinit(&made->authority);
	certificates_deinit(&made->chain);
	pki_pair_deinit(&made->ca);
	pki_pair_deinit(&made->leaf);
	pki_pair_deinit(&made->other);
	free(made);
	return 0;
}

static void reads_the_facts(void **state)
{
	const struct made *made = *state;
	const struct certificate *leaf = &made->chain.list[0];

	assert_int_equal(made->chain.n, 1);
	assert_false(made->chain.has_key);
	assert_false(leaf->is_ca);
	assert_true(made->authority.list[0].is_ca);
	assert_true(made->authority.list[0].usage & USAGE_KEY_CERT_SIGN);
	assert_true(leaf->has_extended_usage && leaf->for_server && !leaf->for_client);
	assert_true(leaf->usage & USAGE_DIGITAL_SIGNATURE);
	assert_int_equal(leaf->from, 1750000000);
	assert_int_equal(leaf->to, 4102444800);
	assert_int_equal(leaf->key, KEY_EC);
	assert_int_equal(leaf->key_size, 256);
	assert_string_equal(json_string_value(json_array_get(leaf->common_names, 0)), "policy");
}

static void knows_its_hosts(void **state)
{
	static const struct {
		const char *host;
		bool is_for;
	} cases[] = {
	    {"policy.webhooks.svc", true},
	    {"POLICY.webhooks.svc", true},
	    {"policy.webhooks", false},
	    {"x.policy.webhooks.svc", false},
	    {"a.example.org", true},
	    {"a.b.example.org", false},
	    {"example.org", false},
	    {".example.org", false},
	    {"policy", false},
	    {"192.0.2.7", true},
	    {"192.0.2.8", false},
	    {"2001:db8::7", true},
	    {"2001:0db8:0:0:0:0:0:7", true},
	    {"2001:db8::8", false},
	};
	const struct made *made = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (certificate_is_for(&made->chain.list[0], cases[i].host) != cases[i].is_for)
			fail_msg("%s", cases[i].host);
}

static void an_issuer_has_name_and_key(void **state)
{
	const struct made *made = *state;
	struct certificates same_name;

	assert_true(certificate_issued_by(&made->chain.list[0], &made->authority.list[0]));
	assert_false(certificate_issued_by(&made->authority.list[0], &made->chain.list[0]));
	assert_null(certificates_read(&same_name, made->other.certificate,
				      strlen(made->other.certificate)));
	assert_false(certificate_issued_by(&made->chain.list[0], &same_name.list[0]));
	certificates_deinit(&same_name);
}

static void a_key_belongs_to_one(void **state)
{
	const struct made *made = *state;
	const struct certificate *leaf = &made->chain.list[0];
	const char *none = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

	assert_null(certificate_key_problem(leaf, made->leaf.key, strlen(made->leaf.key)));
	assert_string_equal(certificate_key_problem(leaf, made->ca.key, strlen(made->ca.key)),
			    "the private key belongs to another certificate");
	assert_non_null(certificate_key_problem(leaf, none, strlen(none)));
	assert_string_equal(certificate_key_problem(leaf, "", 0),
			    "there is no private key in it that can be read");
}

/* Each prefix of a certificate, and each that has one byte of its DER changed, is read or is not.
 */
static void reads_any_bytes(void **state)
{
	const struct made *made = *state;
	const char *pem = made->leaf.certificate;
	size_t len = strlen(pem);
	struct certificates read;
	char *copy = strdup(pem);

	assert_non_null(copy);
	for (size_t i = 0; i < len; i++) {
		certificates_read(&read, pem, i);
		certificates_deinit(&read);
	}
	for (size_t i = 28; i + 28 < len; i++) {
		copy[i] = copy[i] == 'A' ? '/' : 'A';
		certificates_read(&read, copy, len);
		certificates_deinit(&read);
		copy[i] = pem[i];
	}
	free(copy);
}

static void tells_what_is_no_certificate(void **state)
{
	static const char *const texts[] = {
	    "",
	    "text",
	    "-----BEGIN CERTIFICATE-----",
	    "-----BEGIN CERTIFICATE-----\n-----END CER",
	    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
	};
	struct certificates read;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_non_null(certificates_read(&read, texts[i], strlen(texts[i])));
		certificates_deinit(&read);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_the_facts),
	    cmocka_unit_test(knows_its_hosts),
	    cmocka_unit_test(an_issuer_has_name_and_key),
	    cmocka_unit_test(a_key_belongs_to_one),
	    cmocka_unit_test(reads_any_bytes),
	    cmocka_unit_test(tells_what_is_no_certificate),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
