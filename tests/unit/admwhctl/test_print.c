/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/files.h"
#include "common/print.h"

/* A text, and how it is shown to people and in a string of JSON; NULL: it is no UTF-8. */
static const struct {
	const char *text, *shown, *json;
} cases[] = {
    {"", "", ""},
    {"a\tb", "a\tb", "a\tb"},
    {"\x1b]0;x\x07", "\\x1b]0;x\\x07", "\\u001b]0;x\\u0007"},
    {"\x7f", "\\x7f", "\\u007f"},
    {"\xc2\x9b", "\\xc2\\x9b", "\\u009b"},
    {"\xc2\xa0\xc3\xa9", "\xc2\xa0\xc3\xa9", "\xc2\xa0\xc3\xa9"},
    {"\xd8\x9c", "\\xd8\\x9c", "\\u061c"},
    {"\xe2\x80\xa8\xe2\x80\xaf", "\\xe2\\x80\\xa8\xe2\x80\xaf", "\\u2028\xe2\x80\xaf"},
    {"a\xe2\x80\xae\xe2\x81\xa9z", "a\\xe2\\x80\\xae\\xe2\\x81\\xa9z", "a\\u202e\\u2069z"},
    {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    {"\xc3", "\\xc3", NULL},
    {"\xff\xe2\x80", "\\xff\\xe2\\x80", NULL},
};

static void shows_what_a_terminal_would_follow(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *shown = text_shown(cases[i].text);

		assert_string_equal(shown, cases[i].shown);
		free(shown);
	}
}

static void shows_a_nul_byte(void **state)
{
	char *shown = bytes_shown("a\0b", 3);

	(void)state;
	assert_string_equal(shown, "a\\x00b");
	free(shown);
}

static void escapes_strings_of_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases) && cases[i].json; i++) {
		char *text = text_new("{\n\"%s\": 1\n}", cases[i].text), *written = NULL;
		char *expected = text_new("{\n\"%s\": 1\n}", cases[i].json);
		size_t len;
		FILE *to = text_open(&written, &len);

		print_json(to, text, strlen(text));
		text_close(to);
		assert_string_equal(written, expected);
		free(expected);
		free(written);
		free(text);
	}
}

static void puts_each_line_between_two_texts(void **state)
{
	static const char *const texts[][2] = {
	    {"", ""},
	    {"a", "<a>\n"},
	    {"a\nb\n", "<a>\n<b>\n"},
	    {"\n\ra", "<>\n<\\x0da>\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *written = NULL;
		size_t len;
		FILE *to = text_open(&written, &len);

		print_lines(to, "<", texts[i][0], ">");
		text_close(to);
		assert_string_equal(written, texts[i][1]);
		free(written);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_what_a_terminal_would_follow),
	    cmocka_unit_test(shows_a_nul_byte),
	    cmocka_unit_test(escapes_strings_of_json),
	    cmocka_unit_test(puts_each_line_between_two_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
