/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "go_quote.h"

static void quotes_as_go_does(void **state)
{
	static const char *const samples[][2] = {
	    {"", "\"\""},
	    {"a\"\\'", "\"a\\\"\\\\'\""},
	    {"\a\b\f\n\r\t\v", "\"\\a\\b\\f\\n\\r\\t\\v\""},
	    {"\001\037\177", "\"\\x01\\x1f\\x7f\""},
	    {"\303\251\346\227\245\360\237\230\200", "\"\303\251\346\227\245\360\237\230\200\""},
	    {"\302\240\342\200\213\342\200\250\357\273\277", "\"\\u00a0\\u200b\\u2028\\ufeff\""},
	    {"\364\217\277\277", "\"\\U0010ffff\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct text words = {0};

		go_quote(&words, samples[i][0]);
		assert_string_equal(text_get(&words), samples[i][1]);
		text_deinit(&words);
	}
}

static void quotes_as_encoding_json_does(void **state)
{
	static const char *const samples[][2] = {
	    {"", "\"\""},
	    {"a\"\\'/", "\"a\\\"\\\\'/\""},
	    {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
	    {"\001\013\037\177", "\"\\u0001\\u000b\\u001f\177\""},
	    {"<a>&", "\"\\u003ca\\u003e\\u0026\""},
	    {"\303\251\342\200\250\342\200\251", "\"\303\251\\u2028\\u2029\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct text words = {0};

		go_quote_json(&words, samples[i][0]);
		assert_string_equal(text_get(&words), samples[i][1]);
		text_deinit(&words);
	}
}

static void writes_every_length_of_utf8(void **state)
{
	static const uint32_t runes[] = {0x41, 0xe9, 0x65e5, 0x1f600};
	struct text words = {0};
	const char *at;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		go_rune(&words, runes[i]);
	at = text_get(&words);
	for (size_t i = 0; i < 4; i++) {
		uint32_t rune;
		size_t len = rune_at(at, &rune);

		assert_int_equal(len, i + 1);
		assert_int_equal(rune, runes[i]);
		at += len;
	}
	text_deinit(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quotes_as_go_does),
	    cmocka_unit_test(quotes_as_encoding_json_does),
	    cmocka_unit_test(writes_every_length_of_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
