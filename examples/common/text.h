/* SPDX-License-Identifier: MIT */
/*
 * A text that grows: messages and errors are put together in one. They quote what
 * users sent, so nobody knows their length beforehand. When memory runs out it
 * stays as it is and says so, and every later call on it does nothing: a chain of
 * calls needs one check at its end.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty one. */
struct text {
	char *data; /* NUL-terminated; NULL while empty */
	size_t len, size;
	bool failed; /* memory ran out */
};

void text_deinit(struct text *text);
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_list(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
void text_add_bytes(struct text *text, const char *bytes, size_t len);

/* Add ", " (whatever the separator is) unless the text is empty. */
void text_separate(struct text *text, const char *separator);

/* Was anything added, or was there no memory to? */
bool text_any(const struct text *text);

/* The text; "" while empty. Borrowed until the next call. */
const char *text_get(const struct text *text);

/* Take the text out. New, free with free(); NULL when memory ran out. */
char *text_take(struct text *text);

#endif
