/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/address.h"

static void gives_ipv6_its_brackets(void **state)
{
	static const char *const cases[][2] = {
	    {"0.0.0.0", "0.0.0.0:9443"}, {"::1", "[::1]:9443"},
	    {"[::1]", "[::1]:9443"},     {"", ":9443"},
	    {"::", "[::]:9443"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text text = {0};

		address_add(&text, cases[i][0], "9443");
		assert_string_equal(text_get(&text), cases[i][1]);
		text_deinit(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_ipv6_its_brackets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
