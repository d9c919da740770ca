/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"

static void refuses_malformed_utf8(void **state)
{
	static const char *const cases[] = {
	    "\x80",             /* continuation alone */
	    "\xc0\xaf",         /* overlong "/" */
	    "\xe0\x80\xaf",     /* overlong, 3 bytes */
	    "\xf0\x80\x80\xaf", /* overlong, 4 bytes */
	    "\xed\xa0\x80",     /* surrogate */
	    "\xf4\x90\x80\x80", /* past U+10FFFF */
	    "\xf5\x80\x80\x80",
	    "\xff",
	    "\xc3",
	    "\xe2\x82",
	    "\xf0\x9f\x98",
	    "a\xc3(",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(awh_utf8_valid(cases[i], strlen(cases[i])));
}

static void takes_the_ends_of_every_utf8_range(void **state)
{
	static const char *const cases[] = {
	    "",
	    "a",
	    "\x7f",
	    "\xc2\x80",
	    "\xdf\xbf",
	    "\xe0\xa0\x80",
	    "\xed\x9f\xbf",
	    "\xee\x80\x80",
	    "\xef\xbf\xbf",
	    "\xf0\x90\x80\x80",
	    "\xf4\x8f\xbf\xbf",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(awh_utf8_valid(cases[i], strlen(cases[i])));
	assert_true(awh_utf8_valid("a\0b", 3));
}

static void trims_only_what_is_incomplete(void **state)
{
	static const char *const cases[][2] = {
	    {"ab\xe2\x82", "ab"},         {"ab\xc3", "ab"}, {"ab\xf0\x9f\x98", "ab"},
	    {"ab\xc3\xa9", "ab\xc3\xa9"}, {"", ""},         {"ab", "ab"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[16];

		strcpy(text, cases[i][0]);
		awh_utf8_trim(text);
		assert_string_equal(text, cases[i][1]);
	}
}

static void expect_json(const char *text, size_t len, const char *wanted)
{
	struct awh_buf buf;

	awh_buf_init(&buf, 1000);
	awh_put_json_string(&buf, text, len);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	assert_string_equal(buf.data, wanted);
	awh_buf_deinit(&buf);
}

static void writes_json_strings_that_cannot_break_a_line(void **state)
{
	(void)state;
	expect_json("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
	expect_json("\n\r\t\b\f\v", 6, "\"\\n\\r\\t\\b\\f\\u000b\"");
	expect_json("\0\x1b[31m\x7f", 7, "\"\\u0000\\u001b[31m\\u007f\"");
	expect_json("\xc2\x9b", 2, "\"\\u009b\"");
	expect_json("\xff\xc3\xa9\xe2\x82", 5, "\"\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void encodes_base64_as_rfc_4648_says(void **state)
{
	static const char *const cases[][2] = {
	    {"", ""},
	    {"f", "Zg=="},
	    {"fo", "Zm8="},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="},
	    {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xfe", "+//+"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_buf buf;

		awh_buf_init(&buf, 100);
		awh_put_base64(&buf, cases[i][0], strlen(cases[i][0]));
		assert_int_equal(awh_buf_terminate(&buf), 0);
		assert_string_equal(buf.data, cases[i][1]);
		awh_buf_deinit(&buf);
	}
}

static void encodes_hex(void **state)
{
	struct awh_buf buf;

	(void)state;
	awh_buf_init(&buf, 100);
	awh_put_hex(&buf, "\x00\x7f\xff", 3);
	assert_int_equal(buf.len, 6);
	assert_memory_equal(buf.data, "007fff", 6);
	awh_buf_deinit(&buf);
}

static void shows_a_text_from_outside_in_one_line(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *shown;
	} cases[] = {
	    {"", 4, ""},
	    {"a b~", 8, "a b~"},
	    {"a\"b\\c", 64, "a\\x22b\\x5cc"},
	    {"\n\t\x7f\xc3\xa9\x1b", 64, "\\x0a\\x09\\x7f\\xc3\\xa9\\x1b"},
	    {"abcdef", 9, "abcde..."},
	    {"abcdef", 10, "abcdef"},
	    {"abc\n", 10, "abc..."},
	    {"abc\n", 11, "abc\\x0a"},
	    {"a", 4, "..."},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(out, '?', sizeof(out));
		awh_text_show(out, cases[i].size, cases[i].text);
		assert_string_equal(out, cases[i].shown);
		for (size_t j = cases[i].size; j < sizeof(out); j++)
			assert_int_equal(out[j], '?');
	}
}

static void tells_what_a_line_does_not_show_as_text(void **state)
{
	static const struct {
		const char *text;
		unsigned int point;
	} cases[] = {
	    {"\x01", 1},
	    {"\x1f", 0x1f},
	    {" ", 0},
	    {"~", 0},
	    {"\x7f", 0x7f},
	    {"\xc2\x80", 0x80},
	    {"\xc2\x9f", 0x9f},
	    {"\xc2\xa0", 0},
	    {"\xc3\xa9", 0},
	    {"\xd8\x9c", 0x61c},
	    {"\xe2\x80\xa7", 0},
	    {"\xe2\x80\xa8", 0x2028},
	    {"\xe2\x80\xaf", 0},
	    {"\xe2\x81\xa6", 0x2066},
	    {"\xf0\x9f\x98\x80", 0},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(awh_utf8_unprintable(cases[i].text, strlen(cases[i].text)),
				 cases[i].point);
	assert_int_equal(awh_utf8_unprintable("\x80", 0), 0);
}

static void copies_no_text_as_no_text(void **state)
{
	char *copy = awh_strdup("copy");

	(void)state;
	assert_null(awh_strdup(NULL));
	assert_string_equal(copy, "copy");
	free(copy);
}

/* Nothing has no address: so is the content of an empty buffer. UBSan sees that it is not read. */
static void copies_nothing_as_an_empty_text(void **state)
{
	char *copy = awh_strndup(NULL, 0);

	(void)state;
	assert_string_equal(copy, "");
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_malformed_utf8),
	    cmocka_unit_test(takes_the_ends_of_every_utf8_range),
	    cmocka_unit_test(trims_only_what_is_incomplete),
	    cmocka_unit_test(writes_json_strings_that_cannot_break_a_line),
	    cmocka_unit_test(encodes_base64_as_rfc_4648_says),
	    cmocka_unit_test(encodes_hex),
	    cmocka_unit_test(shows_a_text_from_outside_in_one_line),
	    cmocka_unit_test(tells_what_a_line_does_not_show_as_text),
	    cmocka_unit_test(copies_no_text_as_no_text),
	    cmocka_unit_test(copies_nothing_as_an_empty_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
