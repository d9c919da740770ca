/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json/path.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void shows_keys_as_they_are_written(void **state)
{
	static const struct {
		const char *key, *path;
	} cases[] = {
	    {"name\"", "x.name"},
	    {"a-b_C9\"", "x.a-b_C9"},
	    {"\"", "x[\"\"]"},
	    {"a.b\"", "x[\"a.b\"]"},
	    {"a\\\"b\"", "x[\"a\\\"b\"]"},
	    {"\xc3\xa9\"", "x[\"\xc3\xa9\"]"},
	    {"\x7f\"", "x[\"\\u007f\"]"},
	    {"a\xc2\x80\xc2\x9f\xc2\xa0\"", "x[\"a\\u0080\\u009f\xc2\xa0\"]"},
	    {"\xe2\x80\xa8\xe2\x80\xae\xd8\x9c\"", "x[\"\\u2028\\u202e\\u061c\"]"},
	    {A64 "\"", "x." A64},
	    {A64 "a\"", "x." A64 "..."},
	    {A63 "\xc3\xa9\"", "x[\"" A63 "...\"]"},
	    {A63 "\\n\"", "x[\"" A63 "...\"]"},
	    {A63 "\x7f\"", "x[\"" A63 "...\"]"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_path path;
		char text[256];

		awh_path_init(&path, text, sizeof(text));
		awh_path_add_key(&path, "x\"");
		awh_path_add_key(&path, cases[i].key);
		assert_string_equal(text, cases[i].path);
	}
}

static void shows_indices(void **state)
{
	struct awh_path path;
	char text[64];
	(void)state;

	awh_path_init(&path, text, sizeof(text));
	assert_string_equal(text, "");
	awh_path_add_index(&path, 0);
	awh_path_add_index(&path, 1234567890);
	assert_string_equal(text, "[0][1234567890]");
}

static void leaves_out_what_does_not_fit(void **state)
{
	struct awh_path path;
	char text[8];
	(void)state;

	awh_path_init(&path, text, sizeof(text));
	awh_path_add_key(&path, "abc\"");
	awh_path_add_key(&path, "d\"");
	awh_path_add_key(&path, "e\"");
	assert_string_equal(text, "abc...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_keys_as_they_are_written),
	    cmocka_unit_test(shows_indices),
	    cmocka_unit_test(leaves_out_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
