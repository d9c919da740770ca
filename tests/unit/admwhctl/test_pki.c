/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/der.h"
#include "common/files.h"
#include "common/pki.h"

enum { DAY = 86400 };

static struct pki_pair make(enum pki_usage usage, const struct pki_names *names,
			    const struct pki_pair *issuer)
{
	struct pki_pair pair = {0};

	assert_int_equal(pki_make(&pair, usage, names, issuer, 0, (int64_t)time(NULL) + DAY), 0);
	return pair;
}

static struct pki_certificate read_first(const struct pki_pair *pair)
{
	struct pki_certificate certificate;

	assert_int_equal(pki_read(pair->certificate, 0, &certificate), 0);
	return certificate;
}

static void reads_what_it_has_made(void **state)
{
	static const char *const dns[] = {"a.b.svc", "a.b.svc.cluster.local", NULL};
	static const char *const ip[] = {"10.0.0.7", "fd00::7", NULL};
	const struct pki_names ca_names = {.common_name = "the CA"};
	const struct pki_names leaf_names = {"a.b.svc", dns, ip};
	struct pki_pair ca = make(PKI_CA, &ca_names, NULL);
	struct pki_pair leaf = make(PKI_SERVER, &leaf_names, &ca);
	struct pki_certificate of_ca = read_first(&ca), of_leaf = read_first(&leaf);

	(void)state;
	assert_true(of_ca.is_ca);
	assert_false(of_leaf.is_ca);
	assert_string_equal(of_ca.common_name, "the CA");
	assert_string_equal(of_leaf.common_name, "a.b.svc");
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(of_leaf.dns[i], dns[i]);
		assert_string_equal(of_leaf.ip[i], ip[i]);
	}
	assert_null(of_leaf.dns[2]);
	assert_null(of_ca.dns[0]);
	assert_true(pki_is_issued_by(&of_leaf, &of_ca));
	assert_false(pki_is_issued_by(&of_ca, &of_leaf));
	assert_true(pki_is_key_of(leaf.key, &of_leaf));
	assert_false(pki_is_key_of(ca.key, &of_leaf));
	assert_true(of_leaf.to - of_leaf.from >= DAY);
	pki_certificate_deinit(&of_ca);
	pki_certificate_deinit(&of_leaf);
	pki_pair_deinit(&ca);
	pki_pair_deinit(&leaf);
}

/* UTCTime through 2049, GeneralizedTime from 2050: RFC 5280, section 4.1.2.5. */
static void keeps_dates_of_either_form(void **state)
{
	static const int64_t ends[] = {0, 946684799, 2524607999, 2524608000, 4102444800};
	const struct pki_names names = {.common_name = "dated"};

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(ends) / sizeof(*ends); i++) {
		struct pki_pair pair = {0};
		struct pki_certificate certificate;
		int64_t from = ends[i] ? ends[i] : 1;

		assert_int_equal(pki_make(&pair, PKI_CA, &names, NULL, from, ends[i + 1]), 0);
		certificate = read_first(&pair);
		assert_int_equal(certificate.from, from);
		assert_int_equal(certificate.to, ends[i + 1]);
		pki_certificate_deinit(&certificate);
		pki_pair_deinit(&pair);
	}
}

static void takes_no_key_of_another_ca(void **state)
{
	const struct pki_names names = {.common_name = "one"};
	struct pki_pair one = make(PKI_CA, &names, NULL), other = make(PKI_CA, &names, NULL);
	struct pki_pair mixed = {one.certificate, other.key}, leaf = {0};
	struct pki_certificate of_one = read_first(&one), of_other = read_first(&other);

	(void)state;
	assert_int_equal(pki_make(&leaf, PKI_CLIENT, &names, &mixed, 0, time(NULL) + DAY), -1);
	assert_null(leaf.certificate);
	/* The same name, and yet not the same CA. */
	assert_false(pki_is_issued_by(&of_one, &of_other) && of_one.authority_key_id.len > 0);
	pki_certificate_deinit(&of_one);
	pki_certificate_deinit(&of_other);
	pki_pair_deinit(&one);
	pki_pair_deinit(&other);
}

static void finds_each_certificate_of_a_file(void **state)
{
	const struct pki_names names[] = {{.common_name = "first"}, {.common_name = "second"}};
	struct pki_pair first = make(PKI_CA, &names[0], NULL),
			second = make(PKI_CA, &names[1], NULL);
	char *both =
	    text_new("a comment\n%s\n%s%s", first.certificate, second.key, second.certificate);
	struct pki_certificate certificate;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *pem = pki_pem(both, i);

		assert_int_equal(pki_read(both, i, &certificate), 0);
		assert_string_equal(certificate.common_name, names[i].common_name);
		assert_string_equal(pem, i ? second.certificate : first.certificate);
		pki_certificate_deinit(&certificate);
		free(pem);
	}
	assert_int_equal(pki_read(both, 2, &certificate), 1);
	assert_null(pki_pem(both, 2));
	free(both);
	pki_pair_deinit(&first);
	pki_pair_deinit(&second);
}

static void reads_no_text_that_is_none(void **state)
{
	struct pki_certificate certificate;

	(void)state;
	assert_int_equal(pki_read("", 0, &certificate), 1);
	assert_int_equal(pki_read("-----BEGIN CERTIFICATE-----\n", 0, &certificate), -1);
	assert_int_equal(pki_read("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
				  0, &certificate),
			 -1);
}

/* Elements that say they are longer than what there is. */
static void cuts_no_element_off_that_is_not_whole(void **state)
{
	static const struct {
		unsigned char bytes[8];
		size_t len;
	} cases[] = {
	    {{0}, 0},
	    {{0x30}, 1},
	    {{0x30, 1}, 2},
	    {{0x30, 0x80}, 2},
	    {{0x30, 0x81}, 2},
	    {{0x30, 0x82, 0xff, 0xff, 1}, 5},
	    {{0x30, 0x85, 0, 0, 0, 0, 1, 1}, 8},
	    {{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct der_view from = {cases[i].bytes, cases[i].len}, contents;
		unsigned int tag;

		assert_false(der_take(&from, &tag, &contents, NULL));
		assert_int_equal(from.len, cases[i].len);
	}
}

static void writes_lengths_of_all_forms(void **state)
{
	static const size_t lens[] = {0, 1, 127, 128, 255, 256, 65535, 65536};

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		unsigned char *bytes = calloc(1, lens[i] + 1);
		struct der der = {0};
		struct der_view from, outer, inner;
		size_t mark = der_begin(&der, DER_SEQUENCE);

		der_add(&der, DER_OCTET_STRING, bytes, lens[i]);
		der_end(&der, mark);
		from = (struct der_view){der.bytes, der.len};
		assert_true(der_take_tag(&from, DER_SEQUENCE, &outer));
		assert_int_equal(from.len, 0);
		assert_false(der_take_tag(&outer, DER_INTEGER, &inner));
		assert_true(der_take_tag(&outer, DER_OCTET_STRING, &inner));
		assert_true(der_equal(&inner, bytes, lens[i]));
		der_deinit(&der);
		free(bytes);
	}
}

static void random_texts_differ(void **state)
{
	char *one = pki_random_hex(32), *other = pki_random_hex(32);

	(void)state;
	assert_int_equal(strlen(one), 64);
	assert_int_equal(strspn(one, "0123456789abcdef"), 64);
	assert_string_not_equal(one, other);
	free(one);
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_it_has_made),
	    cmocka_unit_test(keeps_dates_of_either_form),
	    cmocka_unit_test(takes_no_key_of_another_ca),
	    cmocka_unit_test(finds_each_certificate_of_a_file),
	    cmocka_unit_test(reads_no_text_that_is_none),
	    cmocka_unit_test(cuts_no_element_off_that_is_not_whole),
	    cmocka_unit_test(writes_lengths_of_all_forms),
	    cmocka_unit_test(random_texts_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
