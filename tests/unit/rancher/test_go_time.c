/* SPDX-License-Identifier: MIT */
/* The expectations are what Go 1.26 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "go_time.h"

#define AS "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \""

static const struct {
	const char *text;
	const char *error; /* behind `parsing time "`; NULL: it is one */
} times[] = {
    {"", AS "\" as \"2006\""},
    {"x", "x" AS "x\" as \"2006\""},
    {"2a26-01-01T00:00:00Z", "2a26-01-01T00:00:00Z" AS "2a26-01-01T00:00:00Z\" as \"2006\""},
    {"1772366400", "1772366400" AS "366400\" as \"-\""},
    {"2026-1-1T00:00:00Z", "2026-1-1T00:00:00Z" AS "1-1T00:00:00Z\" as \"01\""},
    {"2026-00-01T00:00:00Z", "2026-00-01T00:00:00Z\": month out of range"},
    {"2026-13-01T00:00:00Z", "2026-13-01T00:00:00Z\": month out of range"},
    {"2026-01-00T00:00:00Z", "2026-01-00T00:00:00Z\": day out of range"},
    {"2026-02-29T00:00:00Z", "2026-02-29T00:00:00Z\": day out of range"},
    {"1900-02-29T00:00:00Z", "1900-02-29T00:00:00Z\": day out of range"},
    {"2026-01-011T00:00:00Z", "2026-01-011T00:00:00Z" AS "1T00:00:00Z\" as \"T\""},
    {"2026-01-01", "2026-01-01" AS "\" as \"T\""},
    {"2026-01-01T24:00:00Z", "2026-01-01T24:00:00Z\": hour out of range"},
    {"2026-01-01T00:60:00Z", "2026-01-01T00:60:00Z\": minute out of range"},
    {"2026-01-01T00:00:60Z", "2026-01-01T00:00:60Z\": second out of range"},
    {"2026-01-01T00:00:00", "2026-01-01T00:00:00" AS "\" as \"Z07:00\""},
    {"2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.Z" AS ".Z\" as \"Z07:00\""},
    {"2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+0100" AS "+0100\" as \"Z07:00\""},
    {"2026-01-01T00:00:00*01:00", "2026-01-01T00:00:00*01:00" AS "*01:00\" as \"Z07:00\""},
    {"2026-01-01T00:00:00+25:00",
     "2026-01-01T00:00:00+25:00\": time zone offset hour out of range"},
    {"2026-01-01T00:00:00+24:61",
     "2026-01-01T00:00:00+24:61\": time zone offset minute out of range"},
    {"2026-01-01T00:00:00Zx", "2026-01-01T00:00:00Zx\": extra text: \"x\""},
    {"\303\251\"\\", "\\xc3\\xa9\\\"\\\\" AS "\\xc3\\xa9\\\"\\\\\" as \"2006\""},
    {"2026-01-01T00:00:00Z", NULL},
    {"0000-02-29T23:59:59Z", NULL},
    {"2026-01-01T5:00:00Z", NULL},
    {"2026-01-01T00:00:00,5Z", NULL},
    {"2026-01-01T00:00:00.1234567891234Z", NULL},
    {"2026-01-01T00:00:00+24:60", NULL},
};

static void reads_times_as_go_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct text error = {0}, wanted = {0};

		if (times[i].error)
			text_add(&wanted, "parsing time \"%s", times[i].error);
		assert_int_equal(go_time_check(times[i].text, &error), times[i].error == NULL);
		assert_string_equal(text_get(&error), text_get(&wanted));
		text_deinit(&error);
		text_deinit(&wanted);
	}
}

static const struct {
	const char *text;
	int64_t ns;
	const char *error;
} durations[] = {
    {"", 0, "time: invalid duration \"\""},
    {"-", 0, "time: invalid duration \"-\""},
    {".s", 0, "time: invalid duration \".s\""},
    {"1", 0, "time: missing unit in duration \"1\""},
    {"1d", 0, "time: unknown unit \"d\" in duration \"1d\""},
    {"1h\303\251", 0, "time: unknown unit \"h\\xc3\\xa9\" in duration \"1h\\xc3\\xa9\""},
    {"1h 2m", 0, "time: unknown unit \"h \" in duration \"1h 2m\""},
    {"9223372036854775808ns", 0, "time: invalid duration \"9223372036854775808ns\""},
    {"2562047h48m", 0, "time: invalid duration \"2562047h48m\""},
    {"0", 0, NULL},
    {"-0", 0, NULL},
    {"1h30m", 5400000000000, NULL},
    {"+1.5s", 1500000000, NULL},
    {".5ms", 500000, NULL},
    {"2\302\265s3\316\274s", 5000, NULL},
    {"-9223372036854775808ns", INT64_MIN, NULL},
    {"0.3333333333333333333h", 1200000000000, NULL},
};

static void reads_durations_as_go_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		struct text error = {0};
		const char *wanted = durations[i].error ? durations[i].error : "";
		int64_t ns = 1;

		assert_int_equal(go_duration_parse(durations[i].text, &ns, &error),
				 durations[i].error == NULL);
		assert_string_equal(text_get(&error), wanted);
		if (!durations[i].error)
			assert_true(ns == durations[i].ns);
		text_deinit(&error);
	}
}

static const struct {
	const char *text;
	int64_t value;
	const char *what;
} ints[] = {
    {"", 0, "invalid syntax"},
    {"+", 0, "invalid syntax"},
    {"1_0", 0, "invalid syntax"},
    {" 1", 0, "invalid syntax"},
    {"9223372036854775808", 0, "value out of range"},
    {"9223372036854775808x", 0, "invalid syntax"},
    {"99999999999999999999x", 0, "value out of range"},
    {"-9223372036854775809", 0, "value out of range"},
    {"-9223372036854775808", INT64_MIN, NULL},
    {"+007", 7, NULL},
};

static void reads_integers_as_go_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
		struct text error = {0}, wanted = {0};
		int64_t value = 1;

		if (ints[i].what)
			text_add(&wanted, "strconv.Atoi: parsing \"%s\": %s", ints[i].text,
				 ints[i].what);
		assert_int_equal(go_int_parse("Atoi", ints[i].text, &value, &error), !ints[i].what);
		assert_string_equal(text_get(&error), text_get(&wanted));
		if (!ints[i].what)
			assert_true(value == ints[i].value);
		text_deinit(&error);
		text_deinit(&wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_times_as_go_does),
	    cmocka_unit_test(reads_durations_as_go_does),
	    cmocka_unit_test(reads_integers_as_go_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
