/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"

static int no_environment(void **state)
{
	static const char *const names[] = {"CATTLE_PORT", "ALLOWED_CNS",   "CATTLE_DEBUG",
					    "TMPDIR",      "RANCHER_DEBUG", "CATTLE_TRACE"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	return 0;
}

static void refuses_what_it_does_not_know(void **state)
{
	static const struct {
		const char *port;
		const char *arguments[3];
		const char *error;
	} samples[] = {
	    {NULL, {"--prot", "1"}, "--prot: there is no such flag; --help lists them"},
	    {NULL, {"8443"}, "unexpected argument '8443'"},
	    {NULL,
	     {"--lame-duck", "3601"},
	     "--lame-duck: expected a number from 0 to 3600, not '3601'"},
	    {"https",
	     {NULL},
	     "failed to decode webhook port value 'https': strconv.Atoi: parsing \"https\": "
	     "invalid "
	     "syntax"},
	    {NULL,
	     {"--port", "9443 "},
	     "failed to decode webhook port value '9443 ': strconv.Atoi: parsing \"9443 \": "
	     "invalid "
	     "syntax"},
	};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char *argv[] = {(char[]){"x"}, (char *)(uintptr_t)samples[i].arguments[0],
				(char *)(uintptr_t)samples[i].arguments[1], NULL};
		int argc = 1 + (argv[1] != NULL) + (argv[2] != NULL);
		struct text error = {0};
		struct options options;

		no_environment(state);
		if (samples[i].port)
			setenv("CATTLE_PORT", samples[i].port, 1);
		assert_int_equal(options_read(&options, argc, argv, &error), PROGRAM_WRONG);
		assert_string_equal(text_get(&error), samples[i].error);
		options_free(&options);
		text_deinit(&error);
	}
}

static void has_the_defaults_of_the_original(void **state)
{
	char *argv[] = {(char[]){"x"}, NULL};
	struct text error = {0};
	struct options options;

	(void)state;
	assert_int_equal(options_read(&options, 1, argv, &error), PROGRAM_READ);
	assert_string_equal(options.port, "9443");
	assert_string_equal(options.allowed_cns, "");
	assert_string_equal(options.client_ca, "/tmp/k8s-webhook-server/client-ca/ca.crt");
	assert_false(options.no_client_ca);
	assert_false(options.debug);
	assert_string_equal(options.address, "");
	assert_int_equal(options.lame_duck, 0);
	options_free(&options);
}

static void reads_the_environment(void **state)
{
	char *argv[] = {(char[]){"x"}, NULL};
	struct text error = {0};
	struct options options;

	(void)state;
	setenv("CATTLE_PORT", "8443", 1);
	setenv("ALLOWED_CNS", "a, b", 1);
	setenv("CATTLE_DEBUG", "true", 1);
	setenv("TMPDIR", "/var/x", 1);
	assert_int_equal(options_read(&options, 1, argv, &error), PROGRAM_READ);
	assert_string_equal(options.port, "8443");
	assert_string_equal(options.allowed_cns, "a, b");
	assert_string_equal(options.client_ca, "/var/x/k8s-webhook-server/client-ca/ca.crt");
	assert_string_equal(options.tls_key, "/var/x/k8s-webhook-server/serving-certs/tls.key");
	assert_true(options.debug);
	options_free(&options);
}

static void flags_win(void **state)
{
	char x[] = "x", port[] = "--port", one[] = "1", cns[] = "--allowed-cns", c[] = "c",
	     ca_flag[] = "--client-ca", ca[] = "ca", insecure[] = "--insecure-no-client-ca";
	char *argv[] = {x, port, one, cns, c, ca_flag, ca, insecure, NULL};
	struct text error = {0};
	struct options options;

	(void)state;
	setenv("CATTLE_PORT", "no number, but not looked at", 1);
	setenv("ALLOWED_CNS", "a", 1);
	assert_int_equal(options_read(&options, 8, argv, &error), PROGRAM_READ);
	assert_string_equal(options.port, "1");
	assert_string_equal(options.allowed_cns, "c");
	assert_string_equal(options.client_ca, "ca");
	assert_true(options.no_client_ca);
	options_free(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(refuses_what_it_does_not_know, no_environment),
	    cmocka_unit_test_setup(has_the_defaults_of_the_original, no_environment),
	    cmocka_unit_test_setup(reads_the_environment, no_environment),
	    cmocka_unit_test_setup(flags_win, no_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
