/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pki.h"
#include "tls/trust.h"

/* 2026-01-01 */
static const int64_t now = 1767225600;

static int add(struct awh_trust *trust, size_t bundle, const char *file, struct awh_error *error)
{
	size_t len;
	char *pem = pki_load(file, &len);
	const struct awh_tls_bundle added = {bundle, "test", pem, len, false};
	int err = awh_trust_add(trust, &added, now, error);

	if (err == 0)
		err = awh_trust_check(trust, &added, 1, error);
	free(pem);
	return err;
}

static void loads_only_cas_that_can_be_relied_on(void **state)
{
	json_t *index = pki_index();
	json_t *entry;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(index, "cas"), i, entry) {
		bool usable = strcmp(pki_text(entry, "load"), "ok") == 0;
		struct awh_trust trust = {0};
		struct awh_error error = {0};
		int err = add(&trust, 0, pki_text(entry, "ca"), &error);

		if (err != (usable ? 0 : ADMWH_E_CLIENT_CA))
			fail_msg("%s: %d %s", pki_text(entry, "case"), err, error.text);
		assert_int_equal(error.text[0] == '\0', usable);
		if (usable)
			assert_int_equal(
			    trust.n, json_integer_value(json_object_get(entry, "certificates")));
		awh_trust_deinit(&trust);
	}
	json_decref(index);
}

static void refuses_a_ca_file_cut_anywhere(void **state)
{
	size_t len;
	char *pem = pki_load("ca/two.crt", &len);
	const char *second = strstr(pem + 1, "-----BEGIN");

	(void)state;
	for (size_t cut = 0; cut < len - 1; cut++) {
		struct awh_trust trust = {0};
		int err = awh_trust_add(
		    &trust, &(struct awh_tls_bundle){.pem = pem, .pem_len = cut}, now, NULL);
		/* A cut between the blocks cannot be told from a smaller file. */
		bool whole = pem + cut == second || pem + cut == second - 1;

		assert_int_equal(err, whole ? 0 : ADMWH_E_CLIENT_CA);
		awh_trust_deinit(&trust);
	}
	free(pem);
}

static void refuses_a_ca_that_is_in_two_bundles(void **state)
{
	struct awh_trust trust = {0};
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(add(&trust, 0, "ca/good.crt", &error), 0);
	assert_int_equal(add(&trust, 1, "ca/two.crt", &error), ADMWH_E_CLIENT_CA);
	assert_string_equal(error.text, "test: certificate 1 is also in another bundle");
	awh_trust_deinit(&trust);
}

/* Another bundle's CA stands before it. */
static void names_the_bundle_that_has_no_usable_ca(void **state)
{
	struct awh_trust trust = {0};
	struct awh_error error = {0};
	struct awh_tls_bundle files[2] = {{.name = "first"}, {.index = 1, .name = "second"}};

	(void)state;
	assert_int_equal(add(&trust, 0, "ca/scanner.crt", &error), 0);
	assert_int_equal(add(&trust, 1, "ca/expired.crt", &error), ADMWH_E_CLIENT_CA);
	assert_int_equal(trust.n, 2);
	assert_int_equal(awh_trust_check(&trust, files, 1, &error), 0);
	assert_int_equal(awh_trust_check(&trust, files, 2, &error), ADMWH_E_CLIENT_CA);
	assert_string_equal(error.text, "second: certificate 1 has expired");
	files[0].was_good = true;
	assert_int_equal(awh_trust_check(&trust, files, 2, &error), ADMWH_E_CLIENT_CA);
	files[1].was_good = true;
	assert_int_equal(awh_trust_check(&trust, files, 2, &error), 0);
	/* Two files of one bundle: all of them must have been good. */
	files[0].index = 1;
	files[0].was_good = false;
	assert_int_equal(awh_trust_check(&trust, files, 2, &error), ADMWH_E_CLIENT_CA);
	awh_trust_deinit(&trust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loads_only_cas_that_can_be_relied_on),
	    cmocka_unit_test(refuses_a_ca_file_cut_anywhere),
	    cmocka_unit_test(refuses_a_ca_that_is_in_two_bundles),
	    cmocka_unit_test(names_the_bundle_that_has_no_usable_ca),
	};

	return cmocka_run_group_tests_name("trust", tests, start_wolfssl, NULL);
}
