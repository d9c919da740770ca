/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"

enum { MOST = 8, REQUIRED = 5 };

/* With the five flags that are required, or the first of them. */
static enum program_outcome read_from(struct options *options, size_t required,
				      const char *const *arguments, struct text *text)
{
	static const char *const files[REQUIRED] = {"--cert-file=c", "--key-file=k", "--tokens=t",
						    "--policies=p", "--scan-results=s"};
	static char copies[REQUIRED + MOST][64];
	static char *argv[REQUIRED + MOST + 2], name[] = "admwh-runecast";
	int argc = 0;

	argv[argc++] = name;
	for (size_t i = 0; i < required + MOST; i++) {
		const char *argument = i < required ? files[i] : arguments[i - required];

		if (!argument)
			break;
		argv[argc++] = strcpy(copies[i], argument);
	}
	argv[argc] = NULL;
	return options_read(options, argc, argv, text);
}

static void refuses_what_is_wrong(void **state)
{
	static const struct {
		size_t required;
		const char *arguments[MOST], *error;
	} cases[] = {
	    {0, {NULL}, "--cert-file is required"},
	    {2, {NULL}, "--tokens is required"},
	    {4, {NULL}, "--scan-results is required"},
	    {5, {"--tokens="}, "--tokens is empty"},
	    {5, {"--unknown-image", "maybe"}, "--unknown-image: expected deny|allow, not 'maybe'"},
	    {5, {"--lame-duck=-1"}, "--lame-duck: expected a number from 0 to 3600, not '-1'"},
	    {5, {"--allow-cn=a"}, "--allow-cn needs --client-ca-file"},
	    {5, {"--tok=t"}, "--tok: there is no such flag; --help lists them"},
	    {5, {"surplus"}, "unexpected argument 'surplus'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options;
		struct text text = {0};

		assert_int_equal(read_from(&options, cases[i].required, cases[i].arguments, &text),
				 PROGRAM_WRONG);
		assert_string_equal(text_get(&text), cases[i].error);
		text_deinit(&text);
	}
}

static void has_defaults(void **state)
{
	static const char *const none[MOST] = {NULL};
	struct options options;
	struct text text = {0};

	(void)state;
	assert_int_equal(read_from(&options, REQUIRED, none, &text), PROGRAM_READ);
	assert_string_equal(options.address, "0.0.0.0");
	assert_string_equal(options.port, "9080");
	assert_string_equal(options.scan_results, "s");
	assert_int_equal(options.unknown_image, UNKNOWN_DENY);
	assert_int_equal(options.lame_duck, 0);
	assert_null(options.client_ca_file);
	assert_null(options.allow_cn);
	assert_null(options.health);
}

static void takes_flags_before_the_environment(void **state)
{
	static const char *const arguments[MOST] = {"--port=1", "--unknown-image", "allow"};
	struct options options;
	struct text text = {0};

	(void)state;
	setenv("ADMWH_RUNECAST_PORT", "2", 1);
	setenv("ADMWH_RUNECAST_SCAN_RESULTS", "from environment", 1);
	setenv("ADMWH_RUNECAST_LAME_DUCK", "5", 1);
	assert_int_equal(read_from(&options, 4, arguments, &text), PROGRAM_READ);
	assert_string_equal(options.port, "1");
	assert_string_equal(options.scan_results, "from environment");
	assert_int_equal(options.unknown_image, UNKNOWN_ALLOW);
	assert_int_equal(options.lame_duck, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_wrong),
	    cmocka_unit_test(has_defaults),
	    cmocka_unit_test(takes_flags_before_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
