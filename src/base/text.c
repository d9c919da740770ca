/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

char *awh_strndup(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	if (len > 0) /* nothing may have no address */
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *awh_strdup(const char *text)
{
	return text ? awh_strndup(text, strlen(text)) : NULL;
}

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t awh_utf8_sequence(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t want;

	if (len == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		want = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		want = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		want = 4;
	else
		return 0;
	if (len < want)
		return 0;
	for (size_t i = 1; i < want; i++)
		if (!is_continuation(s[i]))
			return 0;
	/* The second byte's range is what rules out overlong forms, surrogates and > U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return want;
}

bool awh_is_name(const char *text)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = text ? strnlen(text, AWH_NAME_MAX + 1) : 0;

	return len >= 1 && len <= AWH_NAME_MAX && strspn(text, letters) == len;
}

int awh_hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool awh_utf8_valid(const char *text, size_t len)
{
	while (len > 0) {
		size_t n = awh_utf8_sequence(text, len);

		if (n == 0)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

/* Control characters: U+0000 to U+001F, U+007F, and U+0080 to U+009F (terminals obey those too). */
static bool is_control(const char *text, size_t sequence)
{
	unsigned char c = (unsigned char)text[0];

	return sequence == 1 ? c < 0x20 || c == 0x7f
			     : sequence == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0;
}

/*
 * Characters that a reader of lines takes for the end of one, and that a terminal orders text by
 * (Unicode Bidi_Control): U+2028, U+2029; U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to
 * U+2069. Returns the code point; 0 for any other.
 */
static unsigned int misleading(const char *text, size_t sequence)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int point;

	if (sequence == 2)
		return s[0] == 0xd8 && s[1] == 0x9c ? 0x61c : 0;
	if (sequence != 3 || s[0] != 0xe2)
		return 0;
	point = 0x2000 | (s[1] & 0x3fU) << 6 | (s[2] & 0x3fU);
	if (point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
	    (point >= 0x2066 && point <= 0x2069))
		return point;
	return 0;
}

unsigned int awh_utf8_unprintable(const char *text, size_t sequence)
{
	if (is_control(text, sequence))
		return (unsigned char)text[sequence - 1];
	return misleading(text, sequence);
}

bool awh_text_is_clean(const char *text, size_t len)
{
	while (len > 0) {
		size_t n = awh_utf8_sequence(text, len);

		if (n == 0 || is_control(text, n))
			return false;
		text += n;
		len -= n;
	}
	return true;
}

void awh_utf8_trim(char *text)
{
	size_t len = strlen(text);
	size_t back = 0;

	while (back < 3 && back < len && is_continuation((unsigned char)text[len - 1 - back]))
		back++;
	if (back < len && awh_utf8_sequence(text + len - 1 - back, back + 1) != back + 1)
		text[len - 1 - back] = '\0';
}

void awh_text_show(char *out, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	static const char cut[] = "...";
	size_t len = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
		const char escape[] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
		size_t width = plain ? 1 : sizeof(escape);

		if (len + width + sizeof(cut) > size) {
			memcpy(out + len, cut, sizeof(cut));
			return;
		}
		memcpy(out + len, plain ? text : escape, width);
		len += width;
	}
	out[len] = '\0';
}

static void put_escape(struct awh_buf *buf, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char named[] = "btn?fr"; /* \b to \r */
	char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

	if (c == '"' || c == '\\') {
		text[1] = (char)c;
		awh_buf_put(buf, text, 2);
	} else if (c >= '\b' && c <= '\r' && c != '\v') {
		text[1] = named[c - '\b'];
		awh_buf_put(buf, text, 2);
	} else {
		awh_buf_put(buf, text, sizeof(text));
	}
}

/* Bytes at the start of text that stand in a JSON string as they are, and are ASCII. */
static size_t plain_len(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && (unsigned char)(text[i] - ' ') < 0x7f - ' ' && text[i] != '"' &&
	       text[i] != '\\')
		i++;
	return i;
}

/* From the first byte on that is not plain. */
static void put_escaped(struct awh_buf *buf, const char *text, size_t len)
{
	size_t start = 0; /* of the run that needs no escape */
	size_t i = 0;

	while (i < len) {
		char c = text[i];
		size_t n = awh_utf8_sequence(text + i, len - i);

		if (n > 0 && c != '"' && c != '\\' && !is_control(text + i, n)) {
			i += n;
			i += plain_len(text + i, len - i);
			continue;
		}
		awh_buf_put(buf, text + start, i - start);
		if (n == 0)
			awh_buf_put(buf, "\xef\xbf\xbd", 3);
		else
			put_escape(buf, (unsigned char)text[i + n - 1]);
		i += n ? n : 1;
		start = i;
	}
	awh_buf_put(buf, text + start, len - start);
}

void awh_put_json_string(struct awh_buf *buf, const char *text, size_t len)
{
	const size_t plain = plain_len(text, len);

	if (plain == len && awh_buf_reserve(buf, len + 2) == 0) {
		char *out = buf->data + buf->len;

		out[0] = '"';
		if (len > 0)
			memcpy(out + 1, text, len);
		out[len + 1] = '"';
		buf->len += len + 2;
		return;
	}
	awh_buf_put(buf, "\"", 1);
	awh_buf_put(buf, text, plain);
	if (plain < len)
		put_escaped(buf, text + plain, len - plain);
	awh_buf_put(buf, "\"", 1);
}

void awh_put_log_string(struct awh_buf *buf, const char *text, size_t len)
{
	size_t start = 0; /* of the run without misleading characters */
	size_t i = 0;

	awh_buf_put(buf, "\"", 1);
	while (i < len) {
		size_t n = awh_utf8_sequence(text + i, len - i);
		unsigned int point = misleading(text + i, n);

		if (point) {
			put_escaped(buf, text + start, i - start);
			awh_buf_printf(buf, "\\u%04x", point);
			start = i + n;
		}
		i += n ? n : 1;
	}
	put_escaped(buf, text + start, len - start);
	awh_buf_put(buf, "\"", 1);
}

void awh_put_base64(struct awh_buf *buf, const void *data, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t word = (uint32_t)in[i] << 16;
		char out[4];

		if (n > 1)
			word |= (uint32_t)in[i + 1] << 8;
		if (n > 2)
			word |= in[i + 2];
		out[0] = digits[word >> 18];
		out[1] = digits[word >> 12 & 63];
		out[2] = n > 1 ? digits[word >> 6 & 63] : '=';
		out[3] = n > 2 ? digits[word & 63] : '=';
		awh_buf_put(buf, out, 4);
	}
}

void awh_put_hex(struct awh_buf *buf, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = data;

	for (size_t i = 0; i < len; i++) {
		char out[2] = {digits[in[i] >> 4], digits[in[i] & 15]};

		awh_buf_put(buf, out, 2);
	}
}
