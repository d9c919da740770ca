/* SPDX-License-Identifier: MIT */
/*
 * Text that grows, and the two ways Go puts text into quotes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

static bool make_room(struct words *words, size_t more)
{
	size_t size = words->size ? words->size : 128;
	char *text;

	if (words->failed)
		return false;
	while (size - words->len <= more)
		size *= 2;
	if (size == words->size)
		return true;
	text = realloc(words->text, size);
	if (!text) {
		words->failed = true;
		return false;
	}
	words->text = text;
	words->size = size;
	return true;
}

void words_bytes(struct words *words, const char *bytes, size_t len)
{
	if (!make_room(words, len))
		return;
	memcpy(words->text + words->len, bytes, len);
	words->len += len;
	words->text[words->len] = '\0';
}

void words_add(struct words *words, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !make_room(words, (size_t)len))
		return;
	va_start(args, format);
	vsnprintf(words->text + words->len, (size_t)len + 1, format, args);
	va_end(args);
	words->len += (size_t)len;
}

void words_rune(struct words *words, uint32_t rune)
{
	char out[4];
	size_t n = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = n; i-- > 1; rune >>= 6)
		out[i] = (char)(0x80 | (rune & 0x3f));
	out[0] = (char)(lead[n] | rune);
	words_bytes(words, out, n);
}

size_t rune_at(const char *text, uint32_t *rune)
{
	unsigned char lead = (unsigned char)text[0];
	size_t n = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	*rune = n == 1 ? lead : (uint32_t)(lead & (0x7f >> n));
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 1;
		*rune = *rune << 6 | ((unsigned char)text[i] & 0x3f);
	}
	return n;
}

/* The ranges beyond ASCII that strconv.IsPrint refuses and that people come across. */
static bool prints(uint32_t rune)
{
	static const uint32_t refused[][2] = {
	    {0x0080, 0x00a0}, {0x00ad, 0x00ad},   {0x061c, 0x061c}, {0x1680, 0x1680},
	    {0x180e, 0x180e}, {0x2000, 0x200f},   {0x2028, 0x202f}, {0x205f, 0x206f},
	    {0x3000, 0x3000}, {0xd800, 0xf8ff},   {0xfeff, 0xfeff}, {0xfff0, 0xfffb},
	    {0xfffe, 0xffff}, {0xe0000, 0x10ffff}};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (rune >= refused[i][0] && rune <= refused[i][1])
			return false;
	return rune >= 0x20 && rune != 0x7f;
}

static void quote_rune(struct words *words, uint32_t rune)
{
	static const char plain[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
	const char *found = rune && rune < 0x20 ? strchr(plain, (int)rune) : NULL;

	if (rune == '"' || rune == '\\')
		words_add(words, "\\%c", (int)rune);
	else if (found)
		words_add(words, "\\%c", letters[found - plain]);
	else if (prints(rune))
		words_rune(words, rune);
	else if (rune < 0x80)
		words_add(words, "\\x%02x", (unsigned)rune);
	else if (rune < 0x10000)
		words_add(words, "\\u%04x", (unsigned)rune);
	else
		words_add(words, "\\U%08x", (unsigned)rune);
}

void words_quote(struct words *words, const char *text)
{
	uint32_t rune;

	words_add(words, "\"");
	for (; *text; text += rune_at(text, &rune)) {
		rune_at(text, &rune);
		quote_rune(words, rune);
	}
	words_add(words, "\"");
}

void words_quote_ascii(struct words *words, const char *text, size_t len)
{
	words_add(words, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x80 || c < 0x20) {
			words_add(words, "\\x%02x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			words_bytes(words, "\\", 1);
		words_bytes(words, text + i, 1);
	}
	words_add(words, "\"");
}

bool words_any(const struct words *words)
{
	return words->len > 0 || words->failed;
}

const char *words_text(const struct words *words)
{
	return words->text ? words->text : "";
}

void words_free(struct words *words)
{
	free(words->text);
	*words = (struct words)WORDS_NONE;
}
