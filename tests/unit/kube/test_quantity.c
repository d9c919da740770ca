/* SPDX-License-Identifier: MIT */
/* The public quantity. Its grammar is tested against Go's in test_cases.c, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/quantity.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FORMAT                                                                                     \
	"quantities must match the regular expression "                                            \
	"'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
#define SUFFIX "unable to parse quantity's suffix"
#define NUMERIC "unable to parse numeric part of quantity"
#define EXPONENT "exponents of quantities are from -1000000000 to 1000000000"
#define TEN "0123456789"

static void rejects_what_is_no_quantity(void **state)
{
	static const char *const cases[][2] = {
	    {"", FORMAT},
	    {"1 ", FORMAT},
	    {" 1", FORMAT},
	    {"1.1.1", FORMAT},
	    {"1,5", FORMAT},
	    {"--1", SUFFIX},
	    {"0x10", FORMAT},
	    {"1_000", FORMAT},
	    {"inf", FORMAT},
	    {"1\xc2\xb5", FORMAT},
	    {"1K", SUFFIX},
	    {"1mi", SUFFIX},
	    {"1kk", SUFFIX},
	    {"1e", SUFFIX},
	    {"1e+", SUFFIX},
	    {"1Ki5", SUFFIX},
	    {"1m3", SUFFIX},
	    {"1i", SUFFIX},
	    {"12E2m", FORMAT},
	    {"1e1000000001", EXPONENT},
	    {"1e4294967296", EXPONENT},
	    {"10e1000000000", EXPONENT},
	    {"1e-1000000001", EXPONENT},
	    {"1e9223372036854775807", EXPONENT},
	    {"1e9223372036854775808", SUFFIX},
	    {"1e-9223372036854775808", EXPONENT},
	    {"1e-9223372036854775809", SUFFIX},
	    {"1e18446744073709551617", SUFFIX},
	    {"1e-99999999999999999999999999", SUFFIX},
	    {".Ei", NUMERIC},
	    {"Ei", NUMERIC},
	    {".e-20", NUMERIC},
	};
	struct admwh_quantity quantity;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(&quantity, 'x', sizeof(quantity));
		if (admwh_quantity_parse_text(&quantity, cases[i][0]) != ADMWH_E_INVAL)
			fail_msg("\"%s\" is taken", cases[i][0]);
		assert_string_equal(quantity.error, cases[i][1]);
		assert_int_equal(admwh_quantity_sign(&quantity), 0);
	}
	assert_int_equal(admwh_quantity_parse_text(&quantity, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_quantity_parse_text(NULL, "1"), ADMWH_E_INVAL);
}

static const char *format(const struct admwh_quantity *quantity)
{
	static char text[ADMWH_QUANTITY_TEXT_MAX + 1];

	const size_t len = admwh_quantity_format(quantity, text, sizeof(text));

	assert_int_equal(len, strlen(text));
	return text;
}

static void writes_the_canonical_form(void **state)
{
	static const char *const cases[][2] = {
	    {"0", "0"},
	    {"+", "0"},
	    {"-", "0"},
	    {".", "0"},
	    {"-0.0", "0"},
	    {"1.", "1"},
	    {".5", "500m"},
	    {"0.1m", "100u"},
	    {"1500m", "1500m"},
	    {"1.5", "1500m"},
	    {"0.0000000001", "1n"},
	    {"-0.0000000001", "-1n"},
	    {"1.0000000001", "1000000001n"},
	    {"0.9999999999", "1"},
	    {"1e-1000000000", "1e-9"},
	    {"1e0000000000000000000000000012", "1e12"},
	    {"e3", "0"},
	    {"12e6", "12e6"},
	    {"12E6", "12e6"},
	    {"1e4", "10e3"},
	    {"1e-4", "100e-6"},
	    {"1000k", "1M"},
	    {"1000E", "1e21"},
	    {"1e1000000", "10e999999"},
	    {"9223372036854775808", "9223372036854775808"},
	    {"-1Ki", "-1Ki"},
	    {"1024Ki", "1Mi"},
	    {"10Ki", "10Ki"},
	    {"1000Ki", "1000Ki"},
	    {"0.5Ki", "512"},
	    {"0.1Ki", "102400m"},
	    {"1.0001Ki", "1024102400u"},
	    {"0.000Ki", "0"},
	    {"-1.5Gi", "-1536Mi"},
	    {"1.5Gi", "1536Mi"},
	    {"1Ei", "1Ei"},
	    {"8Ei", "9223372036854775807"},
	    {"-100000Ei", "-9223372036854775807"},
	    {"0.0001Ki", "102400u"},
	    {"000001", "1"},
	};
	struct admwh_quantity quantity, again;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (admwh_quantity_parse_text(&quantity, cases[i][0]))
			fail_msg("\"%s\": %s", cases[i][0], quantity.error);
		assert_null(quantity.error);
		assert_string_equal(format(&quantity), cases[i][1]);
		assert_int_equal(admwh_quantity_parse_text(&again, cases[i][1]), 0);
		assert_int_equal(admwh_quantity_compare(&again, &quantity), 0);
	}
	assert_string_equal(format(NULL), "0");
	assert_int_equal(admwh_quantity_format(&quantity, NULL, 0), 1);
}

static void parses_values(void **state)
{
	static const struct {
		const char *json;
		int err;
		const char *text, *error;
	} cases[] = {
	    {"{}", ADMWH_E_NOT_FOUND, "0", ""},
	    {"{\"q\":null}", ADMWH_E_NOT_FOUND, "0", ""},
	    {"{\"q\":\"1Gi\"}", 0, "1Gi", ""},
	    {"{\"q\":\" 1 \"}", 0, "1", ""},
	    {"{\"q\":2}", 0, "2", ""},
	    {"{\"q\":-0.5e1}", 0, "-5", ""},
	    {"{\"q\":\"\\u0031\"}", 0, "1", ""},
	    {"{\"q\":\"\"}", ADMWH_E_INVAL, "0", "q: expected a quantity: " FORMAT},
	    {"{\"q\":\"1\\n\"}", ADMWH_E_INVAL, "0", "q: expected a quantity: " FORMAT},
	    {"{\"q\":\"1\\u0000\"}", ADMWH_E_INVAL, "0", "q: expected a quantity: " FORMAT},
	    {"{\"q\":\"\\u0000\"}", ADMWH_E_INVAL, "0", "q: expected a quantity: " FORMAT},
	    {"{\"q\":\"1GB\"}", ADMWH_E_INVAL, "0", "q: expected a quantity: " FORMAT},
	    {"{\"q\":\"1e\"}", ADMWH_E_INVAL, "0", "q: expected a quantity: " SUFFIX},
	    {"{\"q\":true}", ADMWH_E_INVAL, "0", "q: expected a quantity, got a boolean"},
	    {"{\"q\":{}}", ADMWH_E_INVAL, "0", "q: expected a quantity, got an object"},
	};
	struct admwh_quantity quantity;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct admwh_document *document =
		    admwh_document_parse(cases[i].json, strlen(cases[i].json));
		struct admwh_value value = admwh_value_get(admwh_document_value(document), "q");

		memset(&quantity, 'x', sizeof(quantity));
		assert_int_equal(admwh_quantity_parse(&quantity, value), cases[i].err);
		assert_string_equal(format(&quantity), cases[i].text);
		assert_string_equal(admwh_document_error(document), cases[i].error);
		assert_int_equal(quantity.error != NULL, cases[i].err != 0);
		admwh_document_free(document);
	}
	assert_int_equal(admwh_quantity_parse(NULL, (struct admwh_value){0}), ADMWH_E_INVAL);
}

static void compares_by_value(void **state)
{
	/* Each is less than the next one. */
	static const char *const rising[] = {"-1e1000000",
					     "-9223372036854775808",
					     "-1Gi",
					     "-1G",
					     "-1Ki",
					     "-1",
					     "-1m",
					     "-1n",
					     "0",
					     "1n",
					     "999999999n",
					     "1",
					     "1.000000001",
					     "1001m",
					     "9",
					     "10",
					     "1023",
					     "1Ki",
					     "1025",
					     "1M",
					     "1Mi",
					     "9223372036854775807",
					     "9223372036854775808",
					     "1e30",
					     "1.000000001e30",
					     "1e1000000",
					     "2e1000000"};
	static const char *const equal[][2] = {
	    {"1Ki", "1024"}, {"1", "1000m"}, {"-0", "0"},        {"1e3", "1k"},    {"8Ei", "9Ei"},
	    {"0.1n", "1n"},  {"001", "+1"},  {"0.5Gi", "512Mi"}, {"1.500", "1.5"},
	};
	struct admwh_quantity a, b;

	(void)state;
	for (size_t i = 0; i < COUNT(rising); i++)
		for (size_t j = 0; j < COUNT(rising); j++) {
			assert_int_equal(admwh_quantity_parse_text(&a, rising[i]), 0);
			assert_int_equal(admwh_quantity_parse_text(&b, rising[j]), 0);
			if (admwh_quantity_compare(&a, &b) != (i > j) - (i < j))
				fail_msg("%s and %s", rising[i], rising[j]);
		}
	for (size_t i = 0; i < COUNT(equal); i++) {
		assert_int_equal(admwh_quantity_parse_text(&a, equal[i][0]), 0);
		assert_int_equal(admwh_quantity_parse_text(&b, equal[i][1]), 0);
		assert_int_equal(admwh_quantity_compare(&a, &b), 0);
	}
	assert_int_equal(admwh_quantity_compare(NULL, &a), -1);
	assert_int_equal(admwh_quantity_compare(NULL, NULL), 0);
}

static void adds_and_subtracts(void **state)
{
	static const struct {
		const char *a, *b, *sum, *difference;
	} cases[] = {
	    {"0", "0", "0", "0"},
	    {"1", "1", "2", "0"},
	    {"1", "2", "3", "-1"},
	    {"-1", "2", "1", "-3"},
	    {"-2", "-3", "-5", "1"},
	    {"500m", "0.5", "1", "0"},
	    {"999", "1", "1k", "998"},
	    {"1k", "1n", "1000000000001n", "999999999999n"},
	    {"9223372036854775807", "1", "9223372036854775808", "9223372036854775806"},
	    {"1Gi", "1Gi", "2Gi", "0"},
	    {"8Ei", "8Ei", "18446744073709551614", "0"},
	    {"8Ei", "1", "9223372036854775808", "9223372036854775806"},
	    {"5000Gi", "999999999999999999e3", "1000000005368709119000", "-999999994631290879000"},
	    {"1Gi", "1M", "1074741824", "1072741824"},
	    {"0", "1Gi", "1Gi", "-1Gi"},
	    {"1Gi", "0", "1Gi", "1Gi"},
	    {"1e100", "1e100", "20e99", "0"},
	    {"1e1000000", "1e1000000", "20e999999", "0"},
	};
	struct admwh_quantity a, b, c;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(admwh_quantity_parse_text(&a, cases[i].a), 0);
		assert_int_equal(admwh_quantity_parse_text(&b, cases[i].b), 0);
		c = a;
		assert_int_equal(admwh_quantity_add(&a, &b), 0);
		assert_int_equal(admwh_quantity_subtract(&c, &b), 0);
		if (strcmp(format(&a), cases[i].sum) != 0)
			fail_msg("%s + %s: %s", cases[i].a, cases[i].b, format(&a));
		if (strcmp(format(&c), cases[i].difference) != 0)
			fail_msg("%s - %s: %s", cases[i].a, cases[i].b, format(&c));
	}
	assert_int_equal(admwh_quantity_parse_text(&a, "3"), 0);
	assert_int_equal(admwh_quantity_add(&a, &a), 0);
	assert_string_equal(format(&a), "6");
	assert_int_equal(admwh_quantity_add(&a, NULL), 0);
	assert_int_equal(admwh_quantity_subtract(&a, &a), 0);
	assert_int_equal(admwh_quantity_sign(&a), 0);
	assert_int_equal(admwh_quantity_add(NULL, &a), ADMWH_E_INVAL);
}

static void adds_what_has_room(void **state)
{
	struct admwh_quantity a, one;

	(void)state;
	assert_int_equal(admwh_quantity_parse_text(&one, "1"), 0);
	assert_int_equal(admwh_quantity_parse_text(&a, "1e158"), 0);
	assert_int_equal(admwh_quantity_add(&a, &one), 0);
	assert_int_equal(admwh_quantity_parse_text(&a, "1e159"), 0);
	assert_int_equal(admwh_quantity_add(&a, &one), ADMWH_E_LIMIT);
	assert_string_equal(format(&a), "1e159");
	assert_int_equal(admwh_quantity_parse_text(&a, "1e1000000000"), 0);
	assert_int_equal(admwh_quantity_add(&a, &one), ADMWH_E_LIMIT);
	assert_int_equal(admwh_quantity_subtract(&one, &a), ADMWH_E_LIMIT);
	assert_string_equal(format(&one), "1");
	assert_int_equal(admwh_quantity_parse_text(&a, "5e1000000000"), 0);
	assert_int_equal(admwh_quantity_add(&a, &a), ADMWH_E_LIMIT);
	assert_string_equal(format(&a), "50e999999999");
}

static void holds_a_text_to_its_digits(void **state)
{
	static const char digits[] = TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "12345678";
	struct admwh_quantity quantity;
	char text[300];

	(void)state;
	snprintf(text, sizeof(text), "0001%s", digits + 1);
	assert_int_equal(admwh_quantity_parse_text(&quantity, text), 0);
	snprintf(text, sizeof(text), "11%s", digits + 1);
	assert_int_equal(admwh_quantity_parse_text(&quantity, text), ADMWH_E_INVAL);
	assert_string_equal(quantity.error, "quantities have at most 128 digits");
	snprintf(text, sizeof(text), "0.%s", digits);
	assert_int_equal(admwh_quantity_parse_text(&quantity, text), 0);
	assert_string_equal(format(&quantity), "12345679n");
	snprintf(text, sizeof(text), "9%sEi", digits + 1);
	assert_int_equal(admwh_quantity_parse_text(&quantity, text), 0);
	assert_string_equal(format(&quantity), "9223372036854775807");
}

static void scales_to_integers(void **state)
{
	static const struct {
		const char *text;
		int scale;
		bool fits;
		int64_t number;
	} cases[] = {
	    {"0", 0, true, 0},
	    {"1.5", 0, true, 2},
	    {"-1.5", 0, true, -2},
	    {"1n", 0, true, 1},
	    {"1.5", -3, true, 1500},
	    {"1Gi", 0, true, 1073741824},
	    {"1M", 3, true, 1000},
	    {"1", 18, true, 1},
	    {"9223372036854775807", 0, true, INT64_MAX},
	    {"9223372036854775808", 0, false, INT64_MAX},
	    {"-9223372036854775808", 0, true, INT64_MIN},
	    {"-9223372036854775809", 0, false, INT64_MIN},
	    {"9999999999999999999", 0, false, INT64_MAX},
	    {"10000000000000000000", 0, false, INT64_MAX},
	    {"9.3e9", -9, false, INT64_MAX},
	    {"9e9", -9, true, 9000000000000000000},
	    {"1e1000000", 0, false, INT64_MAX},
	    {"-1e1000000", 0, false, INT64_MIN},
	    {"1", -10, false, 0},
	    {"1", 19, false, 0},
	};
	struct admwh_quantity quantity;
	int64_t number;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		number = 7;
		assert_int_equal(admwh_quantity_parse_text(&quantity, cases[i].text), 0);
		if (admwh_quantity_scaled(&quantity, cases[i].scale, &number) != cases[i].fits ||
		    number != cases[i].number)
			fail_msg("%s", cases[i].text);
		assert_int_equal(admwh_quantity_scaled(&quantity, cases[i].scale, NULL),
				 cases[i].fits);
	}
	assert_true(admwh_quantity_scaled(NULL, 0, &number));
	assert_int_equal(number, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rejects_what_is_no_quantity),
	    cmocka_unit_test(writes_the_canonical_form),
	    cmocka_unit_test(parses_values),
	    cmocka_unit_test(compares_by_value),
	    cmocka_unit_test(adds_and_subtracts),
	    cmocka_unit_test(adds_what_has_room),
	    cmocka_unit_test(holds_a_text_to_its_digits),
	    cmocka_unit_test(scales_to_integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
