/* SPDX-License-Identifier: MIT */
/* The expectations are what k8s.io/apimachinery 0.36 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "quantity.h"

#define FORMAT                                                                                     \
	"quantities must match the regular expression "                                            \
	"'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
#define SUFFIX "unable to parse quantity's suffix"
#define NUMBER "unable to parse numeric part of quantity"

static void refuses_what_is_no_quantity(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} samples[] = {
	    {"", FORMAT},      {"x", FORMAT},     {"1 ", FORMAT},
	    {" 1", FORMAT},    {"1.2.3", FORMAT}, {"--1", SUFFIX},
	    {"1Kb", FORMAT},   {"12E2m", FORMAT}, {"1K", SUFFIX},
	    {"1mm", SUFFIX},   {"1e", SUFFIX},    {"1i", SUFFIX},
	    {"1e+", SUFFIX},   {"1m3", SUFFIX},   {"1e99999999999999999999", SUFFIX},
	    {".e-20", NUMBER}, {"Ei", NUMBER},    {"1.5e-2147483649", SUFFIX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct text error = {0};
		struct quantity quantity;

		assert_false(quantity_parse(samples[i].text, &quantity, &error));
		assert_string_equal(text_get(&error), samples[i].error);
		text_deinit(&error);
	}
}

static void writes_the_canonical_form(void **state)
{
	static const struct {
		const char *text;
		const char *canonical;
	} samples[] = {
	    {"0", "0"},
	    {"-0", "0"},
	    {".", "0"},
	    {"0.000Ki", "0"},
	    {"1.5", "1500m"},
	    {"1.5Gi", "1536Mi"},
	    {"0.1n", "1n"},
	    {"1024", "1024"},
	    {"1024Ki", "1Mi"},
	    {"2048Mi", "2Gi"},
	    {"1000000k", "1G"},
	    {"12e6", "12e6"},
	    {"1e-12", "1e-9"},
	    {"0.5Ki", "512"},
	    {"1000m", "1"},
	    {"100k", "100k"},
	    {"-1.5Gi", "-1536Mi"},
	    {"1.0001Ki", "1024102400u"},
	    {"9Ei", "9223372036854775807"},
	    {"9223372036854775808", "9223372036854775808"},
	    {"1.500", "1.500"},
	    {"1.5e-2147483648", "1e-9"}, /* Kubernetes: 15e2147483647, its int32 wraps */
	    {"1.5e2147483647", "1.5e2147483647"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct text out = {0};
		struct quantity quantity;

		assert_true(quantity_parse(samples[i].text, &quantity, &out));
		quantity_write(&quantity, &out);
		assert_string_equal(text_get(&out), samples[i].canonical);
		quantity_free(&quantity);
		text_deinit(&out);
	}
}

static void compares_exactly(void **state)
{
	/* Each is less than the next. */
	static const char *const rising[] = {"-1e2000000000",
					     "-1Gi",
					     "-1G",
					     "-1",
					     "-1m",
					     "-1n",
					     "0",
					     "1n",
					     "999m",
					     "1",
					     "1.000000001",
					     "999",
					     "1k",
					     "1Ki",
					     "1.5Ki",
					     "1M",
					     "1Mi",
					     "9223372036854775806",
					     "9Ei",
					     "1e19",
					     "1e2000000000"};
	const size_t n = sizeof(rising) / sizeof(rising[0]);
	struct text none = {0};
	struct quantity a, b;

	(void)state;
	for (size_t i = 0; i < n * n; i++) {
		int order, wanted = (i / n > i % n) - (i / n < i % n);

		assert_true(quantity_parse(rising[i / n], &a, &none));
		assert_true(quantity_parse(rising[i % n], &b, &none));
		order = quantity_compare(&a, &b);
		assert_int_equal((order > 0) - (order < 0), wanted);
		quantity_free(&a);
		quantity_free(&b);
	}
}

static void equal_amounts_are_equal_however_written(void **state)
{
	static const char *const pairs[][2] = {{"1", "1000m"},     {"1Ki", "1024"}, {"1e3", "1k"},
					       {"0.5Gi", "512Mi"}, {"-0", "0"},     {"1.0", "1"},
					       {"001", "+1"},      {"0.1n", "1n"}};
	struct text none = {0};
	struct quantity a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_true(quantity_parse(pairs[i][0], &a, &none));
		assert_true(quantity_parse(pairs[i][1], &b, &none));
		assert_int_equal(quantity_compare(&a, &b), 0);
		quantity_free(&a);
		quantity_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_no_quantity),
	    cmocka_unit_test(writes_the_canonical_form),
	    cmocka_unit_test(compares_exactly),
	    cmocka_unit_test(equal_amounts_are_equal_however_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
