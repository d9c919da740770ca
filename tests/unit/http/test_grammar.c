/* SPDX-License-Identifier: MIT */
#include "http/grammar.h"

#include <string.h>

#include "cmocka_all.h"

static struct awh_span span(const char *text)
{
	return (struct awh_span){text, strlen(text)};
}

static void refuses_what_is_no_host(void **state)
{
	static const char *const hosts[] = {
	    "",
	    ":",
	    ":80",
	    "a:b",
	    "a:80:80",
	    "a:-1",
	    "a:8 0",
	    "a:8.0",
	    "a b",
	    "a/b",
	    "a\\b",
	    "a?b",
	    "a#b",
	    "a@b",
	    "u:p@b",
	    "a%",
	    "a%4",
	    "a%4g",
	    "a\"",
	    "<a>",
	    "a^",
	    "a|b",
	    "{a}",
	    "\xc3\xa9",
	    "a\x01",
	    "a\x7f",
	    "[::1",
	    "::1",
	    "[::1]x",
	    "[::1].",
	    "[::1]:x",
	    "x[::1]",
	    "[]",
	    "[:]",
	    "[1.2.3.4]",
	    "[::1%25lo]",
	    "[1::2::3]",
	    "[1:2:3:4:5:6:7]",
	    "[1:2:3:4:5:6:7:8:9]",
	    "[12345::]",
	    "[::256.1.1.1]",
	    "[v.a]",
	    "[v1]",
	    "[v1.]",
	    "[vg.a]",
	    "[v1.a/]",
	    "[1234:1234:1234:1234:1234:1234:1234:1234:1234:1234]",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(hosts); i++)
		if (awh_is_host(span(hosts[i])))
			fail_msg("%s", hosts[i]);
	assert_false(awh_is_host((struct awh_span){"a\0b", 3}));
	assert_false(awh_is_host((struct awh_span){"[::1\0]", 6}));
}

static void takes_hosts(void **state)
{
	static const char *const hosts[] = {
	    "a",
	    "a.example.",
	    "A-b_c~",
	    "127.0.0.1",
	    "127.0.0.1:8443",
	    "a:",
	    "a:0",
	    "a:123456",
	    "%41%2f",
	    "!$&'()*+,;=",
	    "[::]",
	    "[::1]:8443",
	    "[::1]:",
	    "[1:2:3:4:5:6:7:8]",
	    "[::ffff:1.2.3.4]",
	    "[v1.a:b]",
	    "[VaF.!]",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(hosts); i++)
		if (!awh_is_host(span(hosts[i])))
			fail_msg("%s", hosts[i]);
}

static void knows_schemes(void **state)
{
	(void)state;
	assert_true(awh_is_scheme(span("a")));
	assert_true(awh_is_scheme(span("Git+ssh-1.2")));
	assert_false(awh_is_scheme(span("")));
	assert_false(awh_is_scheme(span("1a")));
	assert_false(awh_is_scheme(span("+a")));
	assert_false(awh_is_scheme(span("a_b")));
}

static void knows_authorities_with_userinfo(void **state)
{
	(void)state;
	assert_true(awh_is_authority(span("a:1")));
	assert_true(awh_is_authority(span("@a")));
	assert_true(awh_is_authority(span("u:p%20:!@a:1")));
	assert_false(awh_is_authority(span("u@")));
	assert_false(awh_is_authority(span("u@v@a")));
	assert_false(awh_is_authority(span("u/@a")));
	assert_false(awh_is_authority(span("u%2@a")));
	assert_false(awh_is_authority(span("")));
}

static void refuses_what_is_no_number_or_too_much(void **state)
{
	static const char *const numbers[] = {"",
					      "+1",
					      "-1",
					      " 1",
					      "1 ",
					      "0x1",
					      "1_0",
					      "a",
					      "1.0",
					      "18446744073709551616",
					      "99999999999999999999999"};
	uint64_t value = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_false(awh_read_decimal(span(numbers[i]), &value));
	assert_false(awh_read_hex(span("10000000000000000"), &value));
	assert_false(awh_read_hex(span("g"), &value));
	assert_int_equal(value, 7);
}

static void reads_numbers(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(awh_read_decimal(span("18446744073709551615"), &value));
	assert_true(value == UINT64_MAX);
	assert_true(awh_read_decimal(span("0010"), &value));
	assert_true(value == 10);
	assert_true(awh_read_hex(span("ffffFFFFffffFFFF"), &value));
	assert_true(value == UINT64_MAX);
	assert_true(awh_read_hex(span("0a"), &value));
	assert_true(value == 10);
}

static void compares_names_in_any_case_of_ascii(void **state)
{
	(void)state;
	assert_true(awh_span_is(span("HoSt"), "Host"));
	assert_true(awh_span_is(span(""), ""));
	assert_false(awh_span_is(span("Hos"), "Host"));
	assert_false(awh_span_is(span("Hosts"), "Host"));
	assert_false(awh_span_is(span("100\rcontinue"), "100-continue"));
	assert_false(awh_span_is(span("[ost"), "{ost"));
	assert_false(awh_span_is((struct awh_span){"a\0b", 3}, "a"));
	assert_false(awh_span_is((struct awh_span){"a\0", 2}, "a"));
}

static void takes_lists_apart(void **state)
{
	static const char *const expected[] = {"a", "", "b c", "", ""};
	struct awh_span list = span("\ta ,,b c\t, ,");
	struct awh_span element;

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_true(awh_list_next(&list, &element));
		assert_true(awh_span_is(element, expected[i]));
	}
	assert_false(awh_list_next(&list, &element));
}

static void knows_what_each_byte_may_be(void **state)
{
	static const char separators[] = "\"(),/:;<=>?@[\\]{}";

	(void)state;
	for (unsigned int c = 0; c < 256; c++) {
		bool visible = c > 0x20 && c < 0x7f;
		bool separator = visible && memchr(separators, (int)c, sizeof(separators) - 1);

		assert_int_equal(awh_is_tchar((unsigned char)c), visible && !separator);
		assert_int_equal(awh_is_target_char((unsigned char)c), visible);
		assert_int_equal(awh_is_value_char((unsigned char)c),
				 visible || c == ' ' || c == '\t' || c > 0x7f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_no_host),
	    cmocka_unit_test(takes_hosts),
	    cmocka_unit_test(knows_schemes),
	    cmocka_unit_test(knows_authorities_with_userinfo),
	    cmocka_unit_test(refuses_what_is_no_number_or_too_much),
	    cmocka_unit_test(reads_numbers),
	    cmocka_unit_test(compares_names_in_any_case_of_ascii),
	    cmocka_unit_test(takes_lists_apart),
	    cmocka_unit_test(knows_what_each_byte_may_be),
	};

	return cmocka_run_group_tests_name("http grammar", tests, NULL, NULL);
}
