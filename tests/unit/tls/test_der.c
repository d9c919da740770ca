/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "tls/der.h"

struct bytes {
	const char *data;
	size_t len;
};

#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

static struct awh_der span(struct bytes bytes)
{
	return (struct awh_der){(const uint8_t *)bytes.data, bytes.len};
}

static void refuses_elements_that_are_not_der(void **state)
{
	static const struct bytes cases[] = {
	    BYTES(""),
	    BYTES("\x04"),
	    BYTES("\x04\x01"),                     /* content cut off */
	    BYTES("\x04\x80\x00\x00"),             /* indefinite */
	    BYTES("\x04\x81\x01x"),                /* long form of a short length */
	    BYTES("\x04\x82\x00\x80"),             /* leading zero */
	    BYTES("\x04\x85\x01\x00\x00\x00\x00"), /* five octets of length */
	    BYTES("\x04\x84\xff\xff\xff\xff"),     /* more than there is */
	    BYTES("\x04\xff"),                     /* reserved */
	    BYTES("\x1f\x01x"),                    /* tag in several octets */
	    BYTES("\x04\x82\x01"),                 /* length cut off */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_der in = span(cases[i]);
		struct awh_der value;
		uint8_t tag;

		assert_false(awh_der_next(&in, &tag, &value, NULL));
		assert_int_equal(in.len, cases[i].len);
	}
}

static void takes_one_element_after_the_other(void **state)
{
	struct awh_der in = span((struct bytes)BYTES("\x02\x01\x05\x04\x00\x30\x02zz"));
	struct awh_der value, element;
	uint8_t tag;

	(void)state;
	assert_true(awh_der_next(&in, &tag, &value, &element));
	assert_int_equal(tag, AWH_DER_INTEGER);
	assert_int_equal(value.len, 1);
	assert_int_equal(element.len, 3);
	assert_false(awh_der_expect(&in, AWH_DER_INTEGER, &value));
	assert_true(awh_der_expect(&in, AWH_DER_OCTET_STRING, &value));
	assert_int_equal(value.len, 0);
	assert_true(awh_der_peek(in, AWH_DER_SEQUENCE));
	assert_true(awh_der_expect(&in, AWH_DER_SEQUENCE, &value));
	assert_memory_equal(value.data, "zz", 2);
	assert_false(awh_der_next(&in, &tag, &value, NULL));
}

static void reads_lengths_of_several_octets(void **state)
{
	uint8_t data[4 + 256] = {0x04, 0x82, 0x01, 0x00};
	struct awh_der in = {data, sizeof(data)};
	struct awh_der value;

	(void)state;
	assert_true(awh_der_expect(&in, AWH_DER_OCTET_STRING, &value));
	assert_int_equal(value.len, 256);
}

/* An element of this header and that many bytes of content, which are never read. */
static bool takes_header(struct bytes header, size_t content)
{
	size_t len = header.len + content;
	uint8_t *data = mmap(NULL, len, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct awh_der in = {data, len};
	struct awh_der value;
	uint8_t tag;
	bool taken;

	assert_true(data != MAP_FAILED);
	memcpy(data, header.data, header.len);
	taken = awh_der_next(&in, &tag, &value, NULL);
	if (taken)
		assert_int_equal(value.len, content);
	munmap(data, len);
	return taken;
}

static void reads_lengths_whose_content_is_there(void **state)
{
	static const struct {
		struct bytes header;
		size_t content;
		bool is_good;
	} cases[] = {
	    {BYTES("\x04\x7f"), 0x7f, true},
	    {BYTES("\x04\x80"), 0x80, false}, /* indefinite, or 128 in one octet */
	    {BYTES("\x04\x81\x80"), 0x80, true},
	    {BYTES("\x04\x81\xff"), 0xff, true},
	    {BYTES("\x04\x82\xff\xff"), 0xffff, true},
	    {BYTES("\x04\x84\x01\x00\x00\x00"), 1 << 24, true},
	    {BYTES("\x04\x85\x01\x00\x00\x00\x00"), (size_t)0x100000000, false},
	    /* nine octets, of which a size_t holds eight */
	    {BYTES("\x04\x89\x01\x00\x00\x00\x00\x00\x00\x00\x80"), 0x80, false},
	    {BYTES("\x04\x89\x01\x00\x00\x00\x00\x00\x00\x00\x80"), 0x89, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(takes_header(cases[i].header, cases[i].content), cases[i].is_good);
}

static void peeks_at_the_tag_alone(void **state)
{
	struct awh_der one = span((struct bytes)BYTES("\x30"));

	(void)state;
	assert_true(awh_der_peek(one, AWH_DER_SEQUENCE));
	assert_false(awh_der_peek(one, AWH_DER_SET));
	assert_false(awh_der_peek((struct awh_der){NULL, 0}, AWH_DER_SEQUENCE));
}

static void compares_bytes(void **state)
{
	static const struct {
		struct bytes a, b;
		bool equal;
	} cases[] = {
	    {BYTES(""), BYTES(""), true},      {BYTES("a"), BYTES("a"), true},
	    {BYTES("a"), BYTES("b"), false},   {BYTES("a"), BYTES(""), false},
	    {BYTES("a"), BYTES("ab"), false},  {BYTES("ab"), BYTES("ab"), true},
	    {BYTES("ab"), BYTES("ac"), false}, {{NULL, 0}, {NULL, 0}, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(awh_der_equal(span(cases[i].a), span(cases[i].b)), cases[i].equal);
}

static void wants_the_shortest_form_of_integers(void **state)
{
	static const struct {
		struct bytes bytes;
		bool is_good;
	} cases[] = {
	    {BYTES(""), false},         {BYTES("\x00"), true},     {BYTES("\xff"), true},
	    {BYTES("\x00\x7f"), false}, {BYTES("\x00\x80"), true}, {BYTES("\xff\x7f"), true},
	    {BYTES("\xff\x80"), false}, {BYTES("\xfe\x80"), true}, {BYTES("\x01\x00"), true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(awh_der_integer_valid(span(cases[i].bytes)), cases[i].is_good);
}

static void knows_two_booleans(void **state)
{
	bool set = false;

	(void)state;
	assert_true(awh_der_boolean(span((struct bytes)BYTES("\xff")), &set));
	assert_true(set);
	assert_true(awh_der_boolean(span((struct bytes)BYTES("\x00")), &set));
	assert_false(set);
	assert_false(awh_der_boolean(span((struct bytes)BYTES("\x01")), &set));
	assert_false(awh_der_boolean(span((struct bytes)BYTES("")), &set));
	assert_false(awh_der_boolean(span((struct bytes)BYTES("\xff\xff")), &set));
}

static void reads_small_integers_in_their_shortest_form(void **state)
{
	static const struct {
		struct bytes bytes;
		int number; /* -1: refused */
	} cases[] = {
	    {BYTES("\x00"), 0},
	    {BYTES("\x7f"), 127},
	    {BYTES("\x00\x80"), 128},
	    {BYTES("\x7f\xff\xff\xff"), 2147483647},
	    {BYTES("\x00\x7f"), -1},
	    {BYTES("\xff"), -1},
	    {BYTES("\xff\xff"), -1},
	    {BYTES(""), -1},
	    {BYTES("\x01\x00\x00\x00\x00"), -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int number = -1;
		bool good = awh_der_small(span(cases[i].bytes), &number);

		assert_int_equal(good, cases[i].number >= 0);
		assert_int_equal(number, cases[i].number);
	}
}

static void reads_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
	    {"700101000000Z", 0},
	    {"500101000000Z", -631152000},
	    {"491231235959Z", 2524607999},
	    {"240229120000Z", 1709208000},
	    {"000229000000Z", 951782400},
	    {"19700101000000Z", 0},
	    {"20000229000000Z", 951782400},
	    {"99991231235959Z", 253402300799},
	    {"20380119031408Z", 2147483648},
	    {"00000101000000Z", -62167219200},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len = strlen(cases[i].text);
		uint8_t tag = len == 13 ? AWH_DER_UTC_TIME : AWH_DER_GENERALIZED_TIME;
		int64_t seconds = 1;

		assert_true(awh_der_time(tag, span((struct bytes){cases[i].text, len}), &seconds));
		assert_int_equal(seconds, cases[i].seconds);
	}
}

static void refuses_dates_that_are_none(void **state)
{
	static const char *const cases[] = {
	    "",
	    "240229120000",
	    "2402291200Z",
	    "240229120000+0000",
	    "241301000000Z",
	    "240001000000Z",
	    "240132000000Z",
	    "240100000000Z",
	    "230229000000Z",
	    "240230000000Z",
	    "240431000000Z",
	    "241232000000Z",
	    "240101240000Z",
	    "240101006000Z",
	    "240101000060Z",
	    "24010100000aZ",
	    "-40101000000Z",
	    "240101000000z",
	    "19000229000000Z",
	    "20240101000000",
	    "20240101000000.5Z",
	    "2024 101000000Z",
	    "x0240101000000Z",
	    "2024010100000\0Z",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_der text = span((struct bytes){cases[i], strlen(cases[i])});
		int64_t seconds;

		assert_false(awh_der_time(AWH_DER_UTC_TIME, text, &seconds));
		assert_false(awh_der_time(AWH_DER_GENERALIZED_TIME, text, &seconds));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_elements_that_are_not_der),
	    cmocka_unit_test(takes_one_element_after_the_other),
	    cmocka_unit_test(reads_lengths_of_several_octets),
	    cmocka_unit_test(reads_lengths_whose_content_is_there),
	    cmocka_unit_test(peeks_at_the_tag_alone),
	    cmocka_unit_test(compares_bytes),
	    cmocka_unit_test(wants_the_shortest_form_of_integers),
	    cmocka_unit_test(knows_two_booleans),
	    cmocka_unit_test(reads_small_integers_in_their_shortest_form),
	    cmocka_unit_test(reads_dates),
	    cmocka_unit_test(refuses_dates_that_are_none),
	};

	return cmocka_run_group_tests_name("der", tests, NULL, NULL);
}
