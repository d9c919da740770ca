/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "words.h"

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
		struct words words = WORDS_NONE;

		words_quote(&words, samples[i][0]);
		assert_string_equal(words_text(&words), samples[i][1]);
		words_free(&words);
	}
}

static void grows_as_needed(void **state)
{
	struct words words = WORDS_NONE;

	(void)state;
	assert_string_equal(words_text(&words), "");
	for (int i = 0; i < 10000; i++)
		words_add(&words, "%c", 'a' + i % 26);
	assert_int_equal(words.len, 10000);
	assert_int_equal(strlen(words_text(&words)), 10000);
	words_free(&words);
	assert_string_equal(words_text(&words), "");
}

static void writes_every_length_of_utf8(void **state)
{
	static const uint32_t runes[] = {0x41, 0xe9, 0x65e5, 0x1f600};
	struct words words = WORDS_NONE;
	const char *at;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		words_rune(&words, runes[i]);
	at = words_text(&words);
	for (size_t i = 0; i < 4; i++) {
		uint32_t rune;
		size_t len = rune_at(at, &rune);

		assert_int_equal(len, i + 1);
		assert_int_equal(rune, runes[i]);
		at += len;
	}
	words_free(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quotes_as_go_does),
	    cmocka_unit_test(grows_as_needed),
	    cmocka_unit_test(writes_every_length_of_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
