/* SPDX-License-Identifier: MIT */
/*
 * Text from and for the outside: UTF-8, hexadecimal, JSON strings, base64. All of
 * it is length-aware; nothing here relies on a NUL byte.
 */
#ifndef AWH_BASE_TEXT_H
#define AWH_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct awh_buf;

/* Copies with malloc(); NULL when memory runs out. awh_strdup(NULL) is NULL. */
char *awh_strdup(const char *text);
char *awh_strndup(const char *text, size_t len);

/*
 * Length in bytes (1 to 4) of the well-formed UTF-8 sequence at text (RFC 3629:
 * no overlong form, no surrogate, nothing past U+10FFFF); 0 when it is malformed or cut.
 */
size_t awh_utf8_sequence(const char *text, size_t len);

/* Of a bundle, a check: fits into a path and a label without escapes. */
enum { AWH_NAME_MAX = 63 };

/* 1 to AWH_NAME_MAX characters of [A-Za-z0-9._-]? NULL is none. */
bool awh_is_name(const char *text);

/* Visible ASCII, without the space? */
static inline bool awh_is_visible(char c)
{
	return c > ' ' && c < 0x7f;
}

/* An ASCII digit? Not isdigit(), which takes no char below 0. */
static inline bool awh_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A space or a tab? */
static inline bool awh_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The value of a hexadecimal digit of either case; -1 for anything else. */
int awh_hex_digit(unsigned char c);

bool awh_utf8_valid(const char *text, size_t len);

/* Well-formed UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F)? */
bool awh_text_is_clean(const char *text, size_t len);

/*
 * The code point of a control character but U+0000, or of one that looks like the end of a line or
 * changes the order of what is shown after it; 0 for any other. sequence: its length in bytes
 */
unsigned int awh_utf8_unprintable(const char *text, size_t sequence);

/* Cut an incomplete sequence off the end of a NUL-terminated text. */
void awh_utf8_trim(char *text);

/*
 * A text from outside for a message of one line: what is not printable ASCII, '"' and '\\' as \xNN,
 * and "..." where it was cut. size: of out, with the NUL; at least 4
 */
void awh_text_show(char *out, size_t size, const char *text);

/* Append text as a JSON string with its quotes; malformed UTF-8 becomes U+FFFD. */
void awh_put_json_string(struct awh_buf *buf, const char *text, size_t len);

/*
 * The same for a line of a log: characters that would look like the end of the line, or change the
 * order of what is shown after them, are escaped as well.
 */
void awh_put_log_string(struct awh_buf *buf, const char *text, size_t len);

/* Append standard, padded base64 (RFC 4648 section 4) in one line. */
void awh_put_base64(struct awh_buf *buf, const void *data, size_t len);

/* Append lower-case hexadecimal. */
void awh_put_hex(struct awh_buf *buf, const void *data, size_t len);

#endif
