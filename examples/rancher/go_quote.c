/* SPDX-License-Identifier: MIT */
/*
 * The ways in which Go puts text into quotes.
 */
#include <stdbool.h>
#include <string.h>

#include "go_quote.h"

void go_rune(struct text *out, uint32_t rune)
{
	char bytes[4];
	size_t n = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = n; i-- > 1; rune >>= 6)
		bytes[i] = (char)(0x80 | (rune & 0x3f));
	bytes[0] = (char)(lead[n] | rune);
	text_add_bytes(out, bytes, n);
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

static void quote_rune(struct text *out, uint32_t rune)
{
	static const char plain[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
	const char *found = rune && rune < 0x20 ? strchr(plain, (int)rune) : NULL;

	if (rune == '"' || rune == '\\')
		text_add(out, "\\%c", (int)rune);
	else if (found)
		text_add(out, "\\%c", letters[found - plain]);
	else if (prints(rune))
		go_rune(out, rune);
	else if (rune < 0x80)
		text_add(out, "\\x%02x", (unsigned)rune);
	else if (rune < 0x10000)
		text_add(out, "\\u%04x", (unsigned)rune);
	else
		text_add(out, "\\U%08x", (unsigned)rune);
}

void go_quote(struct text *out, const char *text)
{
	uint32_t rune;

	text_add(out, "\"");
	for (; *text; text += rune_at(text, &rune)) {
		rune_at(text, &rune);
		quote_rune(out, rune);
	}
	text_add(out, "\"");
}

void go_quote_ascii(struct text *out, const char *text, size_t len)
{
	text_add(out, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x80 || c < 0x20) {
			text_add(out, "\\x%02x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			text_add_bytes(out, "\\", 1);
		text_add_bytes(out, text + i, 1);
	}
	text_add(out, "\"");
}

static void quote_json_rune(struct text *out, uint32_t rune)
{
	static const char plain[] = "\b\f\n\r\t", letters[] = "bfnrt";
	const char *found = rune && rune < 0x20 ? strchr(plain, (int)rune) : NULL;

	if (rune == '"' || rune == '\\')
		text_add(out, "\\%c", (int)rune);
	else if (found)
		text_add(out, "\\%c", letters[found - plain]);
	else if (rune < 0x20 || rune == '<' || rune == '>' || rune == '&' || rune == 0x2028 ||
		 rune == 0x2029)
		text_add(out, "\\u%04x", (unsigned)rune);
	else
		go_rune(out, rune);
}

void go_quote_json(struct text *out, const char *text)
{
	uint32_t rune;

	text_add(out, "\"");
	for (; *text; text += rune_at(text, &rune)) {
		rune_at(text, &rune);
		quote_json_rune(out, rune);
	}
	text_add(out, "\"");
}
