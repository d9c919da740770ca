/* SPDX-License-Identifier: MIT */
/*
 * A text that grows: messages and errors are put together in one. When memory
 * runs out it stays as it is and says so, so that a chain of calls needs one
 * check at its end.
 */
#ifndef KW_TEXT_H
#define KW_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct kw_text {
	char *data; /* NUL-terminated; NULL while empty */
	size_t len, size;
	bool failed; /* memory ran out */
};

void kw_text_deinit(struct kw_text *text);
void kw_text_add(struct kw_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void kw_text_add_list(struct kw_text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Add ", " (whatever the separator is) unless the text is empty. */
void kw_text_separate(struct kw_text *text, const char *separator);

/* The text; "" while empty. Borrowed until the next call. */
const char *kw_text_get(const struct kw_text *text);

/* Take the text out. New, free with free(); NULL when memory ran out. */
char *kw_text_take(struct kw_text *text);

#endif
