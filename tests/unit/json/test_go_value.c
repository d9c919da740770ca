/* SPDX-License-Identifier: MIT */
/* Values as Go prints them: fmt's %v of numbers, strconv.Quote(), and encoding/json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json/go_value.h"
#include "values.h"

static void assert_printed(const char *json, const char *expected)
{
	struct admwh_document *document = parse(json);
	struct awh_buf buf;

	awh_buf_init(&buf, 4096);
	awh_go_put_value(&buf, admwh_document_value(document));
	assert_int_equal(awh_buf_terminate(&buf), 0);
	assert_string_equal(buf.data, expected);
	awh_buf_deinit(&buf);
	finish(document, "");
}

static void assert_quoted(const char *text, size_t len, const char *expected)
{
	struct awh_buf buf;

	awh_buf_init(&buf, 4096);
	awh_go_put_quoted(&buf, text, len);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	assert_string_equal(buf.data, expected);
	awh_buf_deinit(&buf);
}

static void prints_numbers_as_fmt_does(void **state)
{
	static const char *const cases[][2] = {
	    {"0", "0"},
	    {"-0", "0"},
	    {"-7", "-7"},
	    {"9223372036854775807", "9223372036854775807"},
	    {"9223372036854775808", "9.223372036854776e+18"},
	    {"0.0", "0"},
	    {"-0.0", "-0"},
	    {"1.5", "1.5"},
	    {"-1.25", "-1.25"},
	    {"12.0", "12"},
	    {"120.0", "120"},
	    {"1050.0", "1050"},
	    {"10.5", "10.5"},
	    {"100.05", "100.05"},
	    {"1e5", "100000"},
	    {"123456.7", "123456.7"},
	    {"1e6", "1e+06"},
	    {"1234567.8", "1.2345678e+06"},
	    {"12345678901234567.0", "1.2345678901234568e+16"},
	    {"1e17", "1e+17"},
	    {"1.5e300", "1.5e+300"},
	    {"-1e100", "-1e+100"},
	    {"0.5", "0.5"},
	    {"0.05", "0.05"},
	    {"0.0001", "0.0001"},
	    {"0.00012", "0.00012"},
	    {"0.00001", "1e-05"},
	    {"0.000015", "1.5e-05"},
	    {"1e-6", "1e-06"},
	    {"1.25e-10", "1.25e-10"},
	    {"1e-300", "1e-300"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_printed(cases[i][0], cases[i][1]);
}

static void prints_the_rest_as_encoding_json_does(void **state)
{
	static const char *const cases[][2] = {
	    {"null", "null"},
	    {"true", "true"},
	    {"false", "false"},
	    {"[]", "[]"},
	    {"{}", "{}"},
	    {"[ null , true, false ]", "[null,true,false]"},
	    {"[1e20,1e21,1.5e22]", "[100000000000000000000,1e+21,1.5e+22]"},
	    {"[0.000001,0.0000015]", "[0.000001,0.0000015]"},
	    {"[1e-7,1.5e-7,1e-10]", "[1e-7,1.5e-7,1e-10]"},
	    {"[123456789.125,1e6,-0.0]", "[123456789.125,1000000,-0]"},
	    {"{\"b\":1,\"a\":[],\"c\":{}}", "{\"a\":[],\"b\":1,\"c\":{}}"},
	    {"{\"ab\":1,\"a\":2,\"\":3,\"b\":4}", "{\"\":3,\"a\":2,\"ab\":1,\"b\":4}"},
	    {"{\"a\":1,\"ab\":2}", "{\"a\":1,\"ab\":2}"},
	    {"{\"\\u0061b\":1,\"a\":2}", "{\"a\":2,\"ab\":1}"},
	    {"[\"<\\u00e9\\n\\u007f>\"]", "[\"\\u003c\xc3\xa9\\n\x7f\\u003e\"]"},
	    {"{\"&\":\"\\\"\"}", "{\"\\u0026\":\"\\\"\"}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_printed(cases[i][0], cases[i][1]);
}

static void quotes_strings_as_strconv_does(void **state)
{
	static const char *const cases[][2] = {
	    {"", "\"\""},
	    {"a b~", "\"a b~\""},
	    {"\"\\", "\"\\\"\\\\\""},
	    {"\a\b\f\n\r\t\v", "\"\\a\\b\\f\\n\\r\\t\\v\""},
	    {"\x01\x1f\x7f", "\"\\x01\\x1f\\x7f\""},
	    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
	    {"a\xff\xc3", "\"a\\xff\\xc3\""},
	    {"\xed\xa0\x80", "\"\\xed\\xa0\\x80\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_quoted(cases[i][0], strlen(cases[i][0]), cases[i][1]);
	assert_quoted("a\0b", 3, "\"a\\x00b\"");
	assert_printed("\"\\u0000\\u2028'\"", "\"\\x00\\u2028'\"");
}

static size_t encode(char out[5], uint32_t rune)
{
	size_t n = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
	static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = n; i-- > 1; rune >>= 6)
		out[i] = (char)(0x80 | (rune & 0x3f));
	out[0] = (char)(marks[n] | rune);
	out[n] = '\0';
	return n;
}

/* At both ends of each range that strconv.IsPrint() refuses. */
static void escapes_what_is_not_printed(void **state)
{
	static const struct {
		uint32_t rune;
		bool prints;
	} cases[] = {
	    {0x20, true},     {0x7e, true},     {0x80, false},     {0xa0, false},
	    {0xa1, true},     {0xac, true},     {0xad, false},     {0xae, true},
	    {0x5ff, true},    {0x600, false},   {0x605, false},    {0x606, true},
	    {0x61b, true},    {0x61c, false},   {0x6dd, false},    {0x6de, true},
	    {0x1fff, true},   {0x2000, false},  {0x200f, false},   {0x2010, true},
	    {0x2027, true},   {0x2028, false},  {0x202f, false},   {0x2030, true},
	    {0x3000, false},  {0x3001, true},   {0xd7ff, true},    {0xe000, false},
	    {0xf8ff, false},  {0xf900, true},   {0xfdcf, true},    {0xfdd0, false},
	    {0xfdef, false},  {0xfdf0, true},   {0xfeff, false},   {0xfffb, false},
	    {0xfffd, true},   {0xfffe, false},  {0xffff, false},   {0x10000, true},
	    {0x110bc, true},  {0x110bd, false}, {0x110be, true},   {0x1d173, false},
	    {0x1d17a, false}, {0x1d17b, true},  {0x1fffd, true},   {0x1fffe, false},
	    {0x1ffff, false}, {0x20000, true},  {0xe00ff, false},  {0xe0100, true},
	    {0xe01ef, true},  {0xe01f0, false}, {0x10ffff, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const uint32_t rune = cases[i].rune;
		char text[5], expected[16];
		size_t len = encode(text, rune);

		if (cases[i].prints)
			snprintf(expected, sizeof(expected), "\"%s\"", text);
		else
			snprintf(expected, sizeof(expected),
				 rune < 0x10000 ? "\"\\u%04x\"" : "\"\\U%08x\"", rune);
		assert_quoted(text, len, expected);
	}
}

static void cuts_long_strings(void **state)
{
	char text[AWH_GO_VALUE_MAX + 2], expected[AWH_GO_VALUE_MAX + 8];

	(void)state;
	memset(text, 'a', sizeof(text));
	memset(expected, 'a', sizeof(expected));
	expected[0] = '"';
	strcpy(expected + AWH_GO_VALUE_MAX + 1, "\"");
	assert_quoted(text, AWH_GO_VALUE_MAX, expected);
	strcpy(expected + AWH_GO_VALUE_MAX + 1, "...\"");
	assert_quoted(text, AWH_GO_VALUE_MAX + 1, expected);
	assert_quoted(text, AWH_GO_VALUE_MAX + 2, expected);
}

/* Between characters, of which the last one ends at every byte about the limit. */
static void cuts_long_objects(void **state)
{
	(void)state;
	for (size_t before = AWH_GO_VALUE_MAX - 6; before <= AWH_GO_VALUE_MAX; before++) {
		char json[AWH_GO_VALUE_MAX + 32], expected[AWH_GO_VALUE_MAX + 32];
		size_t cut = before;

		memset(json, 'a', before);
		memcpy(json, "[\"", 2);
		strcpy(json + before, "\xf0\x9f\x98\x80\"]");
		memcpy(expected, json, sizeof(expected));
		if (strlen(json) > AWH_GO_VALUE_MAX) {
			if (before + 4 <= AWH_GO_VALUE_MAX)
				cut = AWH_GO_VALUE_MAX;
			strcpy(expected + cut, "...");
		}
		assert_printed(json, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prints_numbers_as_fmt_does),
	    cmocka_unit_test(prints_the_rest_as_encoding_json_does),
	    cmocka_unit_test(quotes_strings_as_strconv_does),
	    cmocka_unit_test(escapes_what_is_not_printed),
	    cmocka_unit_test(cuts_long_strings),
	    cmocka_unit_test(cuts_long_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
