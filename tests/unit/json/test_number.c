/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/number.h"

static void refuses_integers_beyond_int64(void **state)
{
	static const char *const texts[] = {
	    "9223372036854775808",  "-9223372036854775809", "18446744073709551616", "1.0", "1e0",
	    "92233720368547758070", "-99999999999999999999"};
	int64_t value = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(awh_number_integer(texts[i], strlen(texts[i]), &value));
	assert_int_equal(value, 7);
}

static void reads_integers_up_to_the_ends_of_int64(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {{"0", 0},
		     {"-0", 0},
		     {"-1", -1},
		     {"9223372036854775807", INT64_MAX},
		     {"-9223372036854775808", INT64_MIN}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t value = 99;

		assert_true(awh_number_integer(cases[i].text, strlen(cases[i].text), &value));
		assert_true(value == cases[i].value);
	}
}

/* Written in any way, but whole, and within 64 bits. */
static void reads_whole_numbers(void **state)
{
	static const struct {
		const char *text;
		bool is_whole;
		int64_t value;
	} cases[] = {
	    {"0", true, 0},
	    {"-0.0", true, 0},
	    {"0e99", true, 0},
	    {"1.0", true, 1},
	    {"-12e1", true, -120},
	    {"1.50e1", true, 15},
	    {"1.5", false, 0},
	    {"1e-1", false, 0},
	    {"10e-1", true, 1},
	    {"100.5e1", true, 1005},
	    {"0.001e3", true, 1},
	    {"9223372036854775807", true, INT64_MAX},
	    {"9.223372036854775807e18", true, INT64_MAX},
	    {"9223372036854775808", false, 0},
	    {"-9223372036854775808", true, INT64_MIN},
	    {"-9223372036854775809", false, 0},
	    {"922337203685477580e1", true, INT64_C(9223372036854775800)},
	    {"922337203685477581e1", false, 0},
	    {"1e18", true, INT64_C(1000000000000000000)},
	    {"9e18", true, INT64_C(9000000000000000000)},
	    {"1e19", false, 0},
	    {"1e20", false, 0},
	    {"1e99999999999999999999", false, 0},
	    {"1e-99999999999999999999", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t value = 7;

		if (awh_number_whole(cases[i].text, strlen(cases[i].text), &value) !=
			cases[i].is_whole ||
		    value != (cases[i].is_whole ? cases[i].value : 7))
			fail_msg("%s", cases[i].text);
	}
}

static void refuses_reals_beyond_the_greatest_double(void **state)
{
	static const char *const texts[] = {"1e400",
					    "-1e400",
					    "1e309",
					    "1.8e308",
					    "123123e100000",
					    "1e99999999999999999999",
					    "0.00001e99999999999999999999",
					    "-1e+9999"};
	double value = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(awh_number_real(texts[i], strlen(texts[i]), &value));
		assert_false(awh_number_in_range(texts[i], strlen(texts[i])));
	}
	assert_true(value == 7);
}

static void reads_the_nearest_double(void **state)
{
	static const struct {
		const char *text;
		double value;
	} cases[] = {
	    {"0.1", 0.1},
	    {"1E3", 1000},
	    {"1e+2", 100},
	    {"100e-2", 1},
	    {"-0.0", -0.0},
	    {"0e999999999999999999999", 0},
	    {"1e-999999999999999999999", 0},
	    {"123e-10000000", 0},
	    {"5e-324", 5e-324},
	    {"2.2250738585072011e-308", 2.2250738585072011e-308},
	    {"1.7976931348623157e308", DBL_MAX},
	    {"0.017976931348623157e310", DBL_MAX},
	    {"-9.9999999999999999e307", -1e308},
	    {"9007199254740993", 9007199254740992.0},
	    {"9007199254740993.0000000000000000000000000000000001", 9007199254740994.0},
	    {"0.000000000000000000000000000001", 1e-30},
	    {"1000000000000000000000000000000", 1e30},
	    {"12345678901234567890.5e-3", 12345678901234567.8905},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double value = 99;

		assert_true(awh_number_real(cases[i].text, strlen(cases[i].text), &value));
		assert_true(awh_number_in_range(cases[i].text, strlen(cases[i].text)));
		assert_true(memcmp(&value, &cases[i].value, sizeof(value)) == 0);
	}
}

/* A digit far beyond what is read decides between two doubles. */
static void rounds_by_a_digit_beyond_all_that_are_read(void **state)
{
	enum { ZEROS = 2000 };
	char text[ZEROS + 64] = "9007199254740993.";
	size_t len = strlen(text);
	double value;

	(void)state;
	memset(text + len, '0', ZEROS);
	text[len + ZEROS] = '1';
	assert_true(awh_number_real(text, len + ZEROS, &value));
	assert_true(value == 9007199254740992.0);
	assert_true(awh_number_real(text, len + ZEROS + 1, &value));
	assert_true(value == 9007199254740994.0);
}

static void distinguishes_numbers_by_value(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
	    {"1", "1.0", true},
	    {"1", "1e0", true},
	    {"10e-1", "0.1E+1", true},
	    {"1000", "1e3", true},
	    {"0", "-0.0", true},
	    {"0", "0e99", true},
	    {"0.00", "-0e-7", true},
	    {"120", "1.2e2", true},
	    {"-5", "-5.000", true},
	    {"100000000000000000000", "1e20", true},
	    {"1e999999999", "10e999999998", true},
	    {"1", "-1", false},
	    {"0", "1", false},
	    {"1", "10", false},
	    {"1.1", "1.10000000000000000000000000000001", false},
	    {"9223372036854775808", "9223372036854775809", false},
	    {"9007199254740993", "9007199254740992.0", false},
	    {"12", "1.2", false},
	    {"1.2", "12", false},
	    {"102", "12", false},
	    {"1e-99999999999999999999", "1e-99999999999999999998", false},
	    {"1e-99999999999999999999", "1e-99999999999999999999", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *a = cases[i].a;
		const char *b = cases[i].b;

		assert_int_equal(awh_number_equal(a, strlen(a), b, strlen(b)), cases[i].equal);
		assert_int_equal(awh_number_equal(b, strlen(b), a, strlen(a)), cases[i].equal);
	}
}

static void writes_doubles_in_few_digits(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
	    {0, "0.0"},
	    {-0.0, "-0.0"},
	    {1, "1.0"},
	    {-1.5, "-1.5"},
	    {0.1, "0.1"},
	    {0.30000000000000004, "0.30000000000000004"},
	    {1000, "1000.0"},
	    {1e16, "10000000000000000.0"},
	    {1e17, "1e17"},
	    {1.5e300, "1.5e300"},
	    {0.00012, "0.00012"},
	    {0.00001, "0.00001"},
	    {0.000001, "1e-6"},
	    {1e-300, "1e-300"},
	    {1e-11, "1e-11"}, /* in one digit more it is 9.999999999999999e-12 */
	    {9e-28, "9e-28"},
	    {DBL_MAX, "1.7976931348623157e308"},
	    {-DBL_MAX, "-1.7976931348623157e308"},
	    {9007199254740993.0, "9007199254740992.0"},
	    {NAN, "null"},
	    {HUGE_VAL, "null"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[AWH_NUMBER_TEXT];
		size_t len = awh_number_format(text, cases[i].value);

		assert_string_equal(text, cases[i].text);
		assert_int_equal(len, strlen(text));
	}
}

/* Any bits: a simple generator is enough to cross all exponents. */
static void reads_back_every_double_it_writes(void **state)
{
	uint64_t bits = UINT64_C(0x9e3779b97f4a7c15);

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char text[AWH_NUMBER_TEXT];
		double value;
		double again;
		size_t len;

		bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		memcpy(&value, &bits, sizeof(value));
		if (!isfinite(value))
			continue;
		len = awh_number_format(text, value);
		assert_true(len < sizeof(text));
		assert_true(awh_number_real(text, len, &again));
		assert_true(memcmp(&value, &again, sizeof(value)) == 0);
	}
}

static void does_not_heed_the_locale(void **state)
{
	static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "de_DE.utf8"};
	char text[AWH_NUMBER_TEXT];
	double value = 0;
	bool found = false;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !found; i++)
		found = setlocale(LC_NUMERIC, names[i]) != NULL;
	awh_number_format(text, 1.5);
	assert_true(awh_number_real("2.5", 3, &value));
	setlocale(LC_NUMERIC, "C");
	assert_string_equal(text, "1.5");
	assert_true(value == 2.5);
	if (!found)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_integers_beyond_int64),
	    cmocka_unit_test(reads_whole_numbers),
	    cmocka_unit_test(refuses_reals_beyond_the_greatest_double),
	    cmocka_unit_test(reads_integers_up_to_the_ends_of_int64),
	    cmocka_unit_test(reads_the_nearest_double),
	    cmocka_unit_test(rounds_by_a_digit_beyond_all_that_are_read),
	    cmocka_unit_test(distinguishes_numbers_by_value),
	    cmocka_unit_test(writes_doubles_in_few_digits),
	    cmocka_unit_test(reads_back_every_double_it_writes),
	    cmocka_unit_test(does_not_heed_the_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
