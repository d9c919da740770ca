/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/error.h>

#include "base/buf.h"

static void refuses_one_byte_past_its_maximum(void **state)
{
	struct awh_buf buf;

	(void)state;
	awh_buf_init(&buf, 4);
	awh_buf_puts(&buf, "abcd");
	assert_int_equal(buf.err, 0);
	awh_buf_puts(&buf, "e");
	assert_int_equal(buf.err, ADMWH_E_LIMIT);
	assert_int_equal(buf.len, 4);
	awh_buf_deinit(&buf);
}

static void does_nothing_after_a_failure_until_reset(void **state)
{
	struct awh_buf buf;

	(void)state;
	awh_buf_init(&buf, 2);
	awh_buf_puts(&buf, "abc");
	awh_buf_puts(&buf, "a");
	assert_int_equal(buf.len, 0);
	awh_buf_reset(&buf);
	awh_buf_puts(&buf, "a");
	assert_int_equal(buf.err, 0);
	assert_int_equal(buf.len, 1);
	awh_buf_deinit(&buf);
}

static void keeps_what_was_put_while_it_grows(void **state)
{
	struct awh_buf buf;

	(void)state;
	awh_buf_init(&buf, 1 << 20);
	for (int i = 0; i < 10000; i++)
		awh_buf_printf(&buf, "%d,", i);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	assert_memory_equal(buf.data, "0,1,2,3,", 8);
	assert_string_equal(buf.data + buf.len - 10, "9998,9999,");
	awh_buf_deinit(&buf);
}

static void writes_numbers_in_decimal(void **state)
{
	static const struct {
		uint64_t number;
		unsigned int digits;
		const char *text;
	} cases[] = {
	    {0, 0, "0"},
	    {0, 1, "0"},
	    {7, 2, "07"},
	    {10, 1, "10"},
	    {2026, 2, "2026"},
	    {9, 4, "0009"},
	    {UINT64_MAX, 1, "18446744073709551615"},
	    {1, 20, "00000000000000000001"},
	    {1, 200, "00000000000000000001"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_buf buf;

		awh_buf_init(&buf, 100);
		awh_buf_put_number(&buf, cases[i].number, cases[i].digits);
		assert_int_equal(awh_buf_terminate(&buf), 0);
		assert_string_equal(buf.data, cases[i].text);
		awh_buf_deinit(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_one_byte_past_its_maximum),
	    cmocka_unit_test(does_nothing_after_a_failure_until_reset),
	    cmocka_unit_test(keeps_what_was_put_while_it_grows),
	    cmocka_unit_test(writes_numbers_in_decimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
