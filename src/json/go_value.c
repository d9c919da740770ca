/* SPDX-License-Identifier: MIT */
#include "json/go_value.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json/go.h"
#include "json/number.h"

/* How a float is written. */
struct float_format {
	int least, most;     /* powers of the first digit without an exponent */
	int exponent_digits; /* at the least, of one below zero */
};

/* fmt's %v */
static const struct float_format simple = {.least = -4, .most = 5, .exponent_digits = 2};
/* encoding/json, as ECMAScript */
static const struct float_format marshalled = {.least = -6, .most = 20, .exponent_digits = 1};

/* strconv.IsPrint refuses them: spaces, format and private characters, those of no plane. */
static bool prints(uint32_t rune)
{
	static const uint32_t refused[][2] = {
	    {0x0000, 0x001f},   {0x007f, 0x00a0},   {0x00ad, 0x00ad},   {0x0600, 0x0605},
	    {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},
	    {0x08e2, 0x08e2},   {0x1680, 0x1680},   {0x180e, 0x180e},   {0x2000, 0x200f},
	    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x3000, 0x3000},   {0xd800, 0xf8ff},
	    {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},
	    {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
	    {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0x10ffff}};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (rune >= refused[i][0] && rune <= refused[i][1])
			return false;
	return (rune & 0xfffe) != 0xfffe;
}

static uint32_t rune_at(const char *text, size_t n)
{
	static const unsigned char bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t rune = (unsigned char)text[0] & bits[n];

	for (size_t i = 1; i < n; i++)
		rune = rune << 6 | ((unsigned char)text[i] & 0x3f);
	return rune;
}

/* A character that strconv.Quote() escapes; false for any other. */
static bool put_escape(struct awh_buf *buf, uint32_t rune)
{
	static const char plain[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
	const char *found = rune > 0 && rune < 0x20 ? strchr(plain, (int)rune) : NULL;

	if (rune == '"' || rune == '\\')
		awh_buf_printf(buf, "\\%c", (char)rune);
	else if (found)
		awh_buf_printf(buf, "\\%c", letters[found - plain]);
	else if (prints(rune))
		return false;
	else if (rune < 0x80)
		awh_buf_printf(buf, "\\x%02" PRIx32, rune);
	else
		awh_buf_printf(buf, rune < 0x10000 ? "\\u%04" PRIx32 : "\\U%08" PRIx32, rune);
	return true;
}

void awh_go_put_quoted(struct awh_buf *buf, const char *text, size_t len)
{
	const size_t start = buf->len;

	awh_buf_put(buf, "\"", 1);
	for (size_t i = 0, n; i < len && !buf->err; i += n) {
		n = awh_utf8_sequence(text + i, len - i);
		if (buf->len - start > AWH_GO_VALUE_MAX) {
			awh_buf_puts(buf, "...");
			break;
		}
		if (n == 0) {
			awh_buf_printf(buf, "\\x%02x", (unsigned char)text[i]);
			n = 1;
		} else if (!put_escape(buf, rune_at(text + i, n))) {
			awh_buf_put(buf, text + i, n);
		}
	}
	awh_buf_put(buf, "\"", 1);
}

/* Digits without a point, and the power of the first one, which is not 0 but in 0 itself. */
static size_t digits_of(char digits[AWH_NUMBER_TEXT], int *power, const char *text)
{
	const char *e = strchr(text, 'e');
	size_t whole = 0, n = 0;
	bool behind = false;

	for (const char *at = text; *at && at != e; at++) {
		behind = behind || *at == '.';
		whole += !behind && *at != '-';
		if (*at >= '0' && *at <= '9')
			digits[n++] = *at;
	}
	*power = (int)whole - 1 + (e ? (int)strtol(e + 1, NULL, 10) : 0);
	while (n > 1 && digits[0] == '0') {
		memmove(digits, digits + 1, --n);
		--*power;
	}
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (digits[0] == '0')
		*power = 0;
	return n;
}

static void put_float(struct awh_buf *buf, double value, const struct float_format *format)
{
	char text[AWH_NUMBER_TEXT], digits[AWH_NUMBER_TEXT];
	size_t n, first = 1;
	int power;

	awh_number_format(text, value);
	n = digits_of(digits, &power, text);
	awh_buf_puts(buf, text[0] == '-' ? "-" : "");
	if (power < format->least || power > format->most) {
		awh_buf_put(buf, digits, 1);
	} else if (power < 0) {
		awh_buf_printf(buf, "0.%.*s", -1 - power, "000000");
		first = 0;
	} else {
		first = n < (size_t)power + 1 ? n : (size_t)power + 1;
		awh_buf_put(buf, digits, first);
		for (size_t i = n; i < (size_t)power + 1; i++)
			awh_buf_put(buf, "0", 1);
	}
	if (first > 0 && first < n)
		awh_buf_put(buf, ".", 1);
	awh_buf_put(buf, digits + first, n - first);
	if (power < format->least || power > format->most)
		awh_buf_printf(buf, "e%c%0*d", power < 0 ? '-' : '+',
			       power < 0 ? format->exponent_digits : 2, abs(power));
}

/* An integer of 64 bits is one in Go; any other number is a float64. */
static void put_number(struct awh_buf *buf, struct admwh_value value,
		       const struct float_format *format)
{
	size_t len;
	const char *text = admwh_value_raw(value, &len);
	int64_t integer;
	double real;

	if (awh_number_integer(text, len, &integer))
		awh_buf_printf(buf, "%" PRId64, integer);
	else if (awh_number_real(text, len, &real))
		put_float(buf, real, format);
}

static void put_json_string(struct awh_buf *buf, const char *text, size_t len)
{
	struct awh_buf plain;

	awh_buf_init(&plain, buf->max);
	awh_put_json_string(&plain, text ? text : "", text ? len : 0);
	if (plain.err)
		buf->err = plain.err;
	else
		awh_go_put(buf, plain.data, plain.len);
	awh_buf_deinit(&plain);
}

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* The member whose name comes next behind this one, in Go's order; absent for none. */
static struct admwh_value member_behind(struct admwh_value object, struct admwh_value last)
{
	struct admwh_value next = {0};
	size_t last_len, next_len = 0;
	const char *last_name = admwh_value_key(last, &last_len), *next_name = NULL;

	admwh_value_foreach_member(member, object) {
		size_t len;
		const char *name = admwh_value_key(member, &len);

		if (!name || (last_name && compare(name, len, last_name, last_len) <= 0))
			continue;
		if (next_name && compare(name, len, next_name, next_len) > 0)
			continue;
		next = member;
		next_name = name;
		next_len = len;
	}
	return next;
}

static void put_json(struct awh_buf *buf, struct admwh_value value);

/* The members are few: all of it takes at most AWH_GO_VALUE_MAX bytes. */
static void put_object(struct awh_buf *buf, struct admwh_value object)
{
	struct admwh_value member = {0};
	const char *comma = "";

	awh_buf_put(buf, "{", 1);
	while (!admwh_value_is_absent(member = member_behind(object, member))) {
		size_t len;
		const char *name = admwh_value_key(member, &len);

		awh_buf_puts(buf, comma);
		put_json_string(buf, name, len);
		awh_buf_put(buf, ":", 1);
		put_json(buf, member);
		comma = ",";
	}
	awh_buf_put(buf, "}", 1);
}

static void put_array(struct awh_buf *buf, struct admwh_value array)
{
	const char *comma = "";

	awh_buf_put(buf, "[", 1);
	admwh_value_foreach_element(element, array) {
		awh_buf_puts(buf, comma);
		put_json(buf, element);
		comma = ",";
	}
	awh_buf_put(buf, "]", 1);
}

/* As encoding/json does. */
static void put_json(struct awh_buf *buf, struct admwh_value value)
{
	size_t len;
	const char *text;

	switch (admwh_value_kind(value)) {
	case ADMWH_OBJECT:
		put_object(buf, value);
		break;
	case ADMWH_ARRAY:
		put_array(buf, value);
		break;
	case ADMWH_STRING:
		text = admwh_value_text(value, &len);
		put_json_string(buf, text, len);
		break;
	case ADMWH_NUMBER:
		put_number(buf, value, &marshalled);
		break;
	case ADMWH_BOOLEAN:
		awh_buf_puts(buf, admwh_value_is_true(value) ? "true" : "false");
		break;
	case ADMWH_NULL:
	case ADMWH_ABSENT:
		awh_buf_puts(buf, "null");
		break;
	}
}

/* As it was sent, and cut between characters. */
static void put_cut(struct awh_buf *buf, const char *raw)
{
	size_t len = AWH_GO_VALUE_MAX;

	while (len > 0 && ((unsigned char)raw[len] & 0xc0) == 0x80)
		len--;
	awh_buf_put(buf, raw, len);
	awh_buf_puts(buf, "...");
}

void awh_go_put_value(struct awh_buf *buf, struct admwh_value value)
{
	const enum admwh_kind kind = admwh_value_kind(value);
	size_t len;
	const char *text;

	if (kind == ADMWH_STRING) {
		text = admwh_value_text(value, &len);
		awh_go_put_quoted(buf, text ? text : "", text ? len : 0);
	} else if (kind == ADMWH_NUMBER) {
		put_number(buf, value, &simple);
	} else {
		text = admwh_value_raw(value, &len);
		if (len > AWH_GO_VALUE_MAX)
			put_cut(buf, text);
		else
			put_json(buf, value);
	}
}
