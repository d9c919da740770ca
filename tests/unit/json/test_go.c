/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/go.h"

enum { OUTPUT_MAX = 1024 };

/* A copy of its own size, so that a read past the end is seen. */
static char *copy_of(const char *text)
{
	const size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	return memcpy(copy, text, len);
}

static void writes_text_as_go_does(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
	    {"\"\"", "\"\""},
	    {"<", "\\u003c"},
	    {"\"a<b>c&d\"", "\"a\\u003cb\\u003ec\\u0026d\""},
	    {"<<", "\\u003c\\u003c"},
	    {"\"\xe2\x80\xa8|\xe2\x80\xa9\"", "\"\\u2028|\\u2029\""},
	    {"\xe2\x80\xa8", "\\u2028"},
	    {"\"\xe2\x80\xaa\xe2\x80\xa7\"", "\"\xe2\x80\xaa\xe2\x80\xa7\""},
	    {"\"\xe2\x82\xa8\"", "\"\xe2\x82\xa8\""},
	    {"\"\xc2\x80\xa8\"", "\"\xc2\x80\xa8\""},
	    {"\\u007f", "\x7f"},
	    {"\"\\u007fa\"", "\"\x7f"
			     "a\""},
	    {"\"\\u007e\\u0080\"", "\"\\u007e\xc2\x80\""},
	    {"\"\\u009f\\u00a0\"", "\"\xc2\x9f\\u00a0\""},
	    {"\"\\u008a\\u009C\"", "\"\xc2\x8a\xc2\x9c\""},
	    {"\"\\u001f\\u0000\\u107f\\u1080\"", "\"\\u001f\\u0000\\u107f\\u1080\""},
	    {"\"\\n\\\\u007f\\\"<\"", "\"\\n\\\\u007f\\\"\\u003c\""},
	    {"\"\\\\\\u007f\"", "\"\\\\\x7f\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t len = strlen(cases[i].text);
		char *text = copy_of(cases[i].text);
		struct awh_buf buf;

		awh_buf_init(&buf, OUTPUT_MAX);
		awh_go_put(&buf, text, len);
		assert_int_equal(awh_buf_terminate(&buf), 0);
		assert_string_equal(buf.data, cases[i].expected);
		assert_true(awh_go_len(text, len) >= buf.len);
		awh_buf_deinit(&buf);
		free(text);
	}
}

static void writes_nothing_of_a_text_that_was_lost(void **state)
{
	struct awh_buf buf;

	(void)state;
	awh_buf_init(&buf, 1);
	awh_go_put(&buf, NULL, 0);
	assert_int_equal(buf.len, 0);
	assert_int_equal(buf.err, 0);
	awh_buf_deinit(&buf);
}

static void measures_what_is_escaped(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
	    {"", 0},
	    {"abc", 3},
	    {"a<b", 8},
	    {"<>&", 18},
	    {"\xe2\x80\xa8\xe2\x80\xa9", 12},
	    {"\xe2\x80\xaa", 3},
	    {"\xe2\x80", 2},
	    {"a\xe2\x82\xac", 4},
	    {"\\u007f", 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = copy_of(cases[i].text);

		assert_int_equal(awh_go_len(text, strlen(cases[i].text)), cases[i].len);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_text_as_go_does),
	    cmocka_unit_test(writes_nothing_of_a_text_that_was_lost),
	    cmocka_unit_test(measures_what_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
