/* SPDX-License-Identifier: MIT */
/*
 * base: memory, buffers, text, errors, log, clock and threads. It knows no other
 * folder. This header is a code and its message, kept on the handle a caller
 * holds. No thread-local state. The first message is the one closest to the cause:
 * a layer above returns what it got and does not write over it.
 */
#ifndef AWH_BASE_ERROR_H
#define AWH_BASE_ERROR_H

#include <stdarg.h>

#include <admwh/error.h>

struct awh_error {
	int code;       /* 0 or an enum admwh_error */
	char text[512]; /* one line of UTF-8 */
};

/* Set code and message, and return code. A NULL error only returns code. */
int awh_fail(struct awh_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int awh_vfail(struct awh_error *error, int code, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

void awh_error_clear(struct awh_error *error);

#endif
