/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"

enum { MOST = 12 };

static enum program_outcome parse(struct kw_options *options, const char *const *arguments,
				  struct text *text)
{
	char *argv[MOST] = {NULL}, copies[MOST][128];
	int argc = 0;

	for (; arguments[argc]; argc++) {
		strcpy(copies[argc], arguments[argc]);
		argv[argc] = copies[argc];
	}
	return kw_options_read(options, argc, argv, text);
}

static void refuses_what_is_wrong(void **state)
{
	static const struct {
		const char *arguments[MOST], *error;
	} cases[] = {
	    {{"x", "--client-ca-file", "ca.crt"},
	     "client CA certificate requires server certificate and key to be specified"},
	    {{"x", "--cert-file", "a"}, "both certificate and key must be provided together"},
	    {{"x", "--key-file=a"}, "both certificate and key must be provided together"},
	    {{"x", "--key-file=a", "--client-ca-file=b"},
	     "both certificate and key must be provided together"},
	    {{"x", "--port", "65536"}, "--port: expected a number from 0 to 65535, not '65536'"},
	    {{"x", "--workers=0"}, "--workers: expected a number from 1 to 4096, not '0'"},
	    {{"x", "--policy-timeout=0"},
	     "--policy-timeout: expected a number from 1 to 3600, not '0'"},
	    {{"x", "--log-level=loud"},
	     "--log-level: expected trace|debug|info|warn|error, not 'loud'"},
	    {{"x", "--log-fmt=otlp"}, "--log-fmt: expected text|json, not 'otlp'"},
	    {{"x", "--daemon"}, "--daemon: there is no such flag; --help lists them"},
	    {{"x", "port"}, "unexpected argument 'port'"},
	    {{"x", "--sources-path"}, "--sources-path needs a value"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kw_options options;
		struct text text = {0};

		assert_int_equal(parse(&options, cases[i].arguments, &text), PROGRAM_WRONG);
		assert_string_equal(text_get(&text), cases[i].error);
		text_deinit(&text);
		kw_options_deinit(&options);
	}
}

static void has_the_originals_defaults(void **state)
{
	static const char *const none[] = {"x", NULL};
	struct kw_options options;
	struct text text = {0};

	(void)state;
	assert_int_equal(parse(&options, none, &text), PROGRAM_READ);
	assert_string_equal(options.addr, "0.0.0.0");
	assert_int_equal(options.port, 3000);
	assert_int_equal(options.readiness_probe_port, 8081);
	assert_string_equal(options.policies, "policies.yml");
	assert_int_equal(options.policy_timeout_s, 2);
	assert_int_equal(options.workers, 0);
	assert_false(options.disable_timeout_protection || options.continue_on_errors);
	assert_null(options.always_accepted);
	assert_int_equal(options.log.level, ADMWH_LOG_INFO);
	assert_ptr_equal(options.log.sink, admwh_log_text);
	assert_string_equal(text_get(&options.ignored), "");
}

static void takes_arguments_before_the_environment(void **state)
{
	static const char *const arguments[] = {
	    "x",    "--port",         "1", "--sources-path=s.yml", "--log-fmt",
	    "json", "--enable-pprof", NULL};
	struct kw_options options;
	struct text text = {0};

	(void)state;
	setenv("KUBEWARDEN_PORT", "2", 1);
	setenv("KUBEWARDEN_LOG_LEVEL", "error", 1);
	setenv("KUBEWARDEN_CONTINUE_ON_ERRORS", "true", 1);
	setenv("KUBEWARDEN_DISABLE_TIMEOUT_PROTECTION", "no", 1);
	setenv("KUBEWARDEN_WORKERS", "", 1);
	setenv("KUBEWARDEN_ENABLE_METRICS", "1", 1);
	assert_int_equal(parse(&options, arguments, &text), PROGRAM_READ);
	assert_int_equal(options.port, 1);
	assert_int_equal(options.log.level, ADMWH_LOG_ERROR);
	assert_ptr_equal(options.log.sink, admwh_log_json);
	assert_true(options.continue_on_errors);
	assert_false(options.disable_timeout_protection);
	assert_int_equal(options.workers, 0);
	assert_string_equal(text_get(&options.ignored),
			    "--enable-metrics\n--enable-pprof\n--sources-path\n");
	kw_options_deinit(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_wrong),
	    cmocka_unit_test(has_the_originals_defaults),
	    cmocka_unit_test(takes_arguments_before_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
