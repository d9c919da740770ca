/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/certificate.h"
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

/* One certificate. */
static struct certificates read_one(const struct pki_pair *pair)
{
	struct certificates certificates;

	assert_null(certificates_read(&certificates, pair->certificate, strlen(pair->certificate)));
	assert_int_equal(certificates.n, 1);
	return certificates;
}

static void assert_texts(const json_t *array, const char *const *texts)
{
	size_t i = 0;

	for (; texts[i]; i++)
		assert_string_equal(json_string_value(json_array_get(array, i)), texts[i]);
	assert_int_equal(json_array_size(array), i);
}

static void reads_what_it_has_made(void **state)
{
	static const char *const dns[] = {"a.b.svc", "a.b.svc.cluster.local", NULL};
	static const char *const ip[] = {"10.0.0.7", "fd00::7", NULL};
	const struct pki_names ca_names = {.common_name = "the CA"};
	const struct pki_names leaf_names = {"a.b.svc", dns, ip};
	struct pki_pair ca = make(PKI_CA, &ca_names, NULL);
	struct pki_pair leaf = make(PKI_SERVER, &leaf_names, &ca);
	struct certificates of_ca = read_one(&ca), of_leaf = read_one(&leaf);

	(void)state;
	assert_true(of_ca.list->is_ca);
	assert_false(of_leaf.list->is_ca);
	assert_string_equal(certificate_name(of_ca.list), "the CA");
	assert_string_equal(certificate_name(of_leaf.list), "a.b.svc");
	assert_texts(of_leaf.list->dns, dns);
	assert_texts(of_leaf.list->addresses, ip);
	assert_int_equal(json_array_size(of_ca.list->dns), 0);
	assert_true(certificate_issued_by(of_leaf.list, of_ca.list));
	assert_int_equal(of_leaf.list->key_id.len, 20);
	assert_true(of_leaf.list->to - of_leaf.list->from >= DAY);
	certificates_deinit(&of_ca);
	certificates_deinit(&of_leaf);
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
		struct certificates certificates;
		int64_t from = ends[i] ? ends[i] : 1;

		assert_int_equal(pki_make(&pair, PKI_CA, &names, NULL, from, ends[i + 1]), 0);
		certificates = read_one(&pair);
		assert_int_equal(certificates.list->from, from);
		assert_int_equal(certificates.list->to, ends[i + 1]);
		certificates_deinit(&certificates);
		pki_pair_deinit(&pair);
	}
}

static void takes_no_key_of_another_ca(void **state)
{
	const struct pki_names names = {.common_name = "one"};
	struct pki_pair one = make(PKI_CA, &names, NULL), other = make(PKI_CA, &names, NULL);
	struct pki_pair mixed = {one.certificate, other.key}, leaf = {0};

	(void)state;
	assert_int_equal(pki_make(&leaf, PKI_CLIENT, &names, &mixed, 0, time(NULL) + DAY), -1);
	assert_null(leaf.certificate);
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
	struct certificates certificates;

	(void)state;
	assert_null(certificates_read(&certificates, both, strlen(both)));
	assert_int_equal(certificates.n, 2);
	assert_true(certificates.has_key);
	for (size_t i = 0; i < 2; i++) {
		char *pem = certificate_pem(both, i);

		assert_string_equal(certificate_name(&certificates.list[i]), names[i].common_name);
		assert_string_equal(pem, i ? second.certificate : first.certificate);
		free(pem);
	}
	assert_null(certificate_pem(both, 2));
	certificates_deinit(&certificates);
	free(both);
	pki_pair_deinit(&first);
	pki_pair_deinit(&second);
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
	    cmocka_unit_test(cuts_no_element_off_that_is_not_whole),
	    cmocka_unit_test(writes_lengths_of_all_forms),
	    cmocka_unit_test(random_texts_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
