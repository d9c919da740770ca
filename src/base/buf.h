/* SPDX-License-Identifier: MIT */
/*
 * A growing byte buffer with a maximum. A put that fails marks the buffer as
 * failed and later puts do nothing, so that a writer checks once, at the end.
 */
#ifndef AWH_BASE_BUF_H
#define AWH_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct awh_buf {
	char *data; /* NULL while empty; not NUL-terminated unless awh_buf_terminate() */
	size_t len;
	size_t capacity;
	size_t max;
	int err;     /* 0, ADMWH_E_NOMEM, ADMWH_E_LIMIT, or ADMWH_E_INVAL by a bad format */
	bool secret; /* set after init: no byte of it stays in freed memory */
};

/* max: the most bytes it may ever hold */
void awh_buf_init(struct awh_buf *buf, size_t max);
void awh_buf_deinit(struct awh_buf *buf);

/* Forget the contents and a failure, keep the memory. */
void awh_buf_reset(struct awh_buf *buf);

/* Likewise, if it is at most so many bytes; returns how many are kept. */
size_t awh_buf_recycle(struct awh_buf *buf, size_t most);

/* Room for more bytes at the end; 0, ADMWH_E_NOMEM or ADMWH_E_LIMIT (also left in err). */
int awh_buf_reserve(struct awh_buf *buf, size_t more);

void awh_buf_put(struct awh_buf *buf, const void *data, size_t len);
void awh_buf_puts(struct awh_buf *buf, const char *text);
/* A number in decimal, with zeros before it up to so many digits. */
void awh_buf_put_number(struct awh_buf *buf, uint64_t number, unsigned int digits);
void awh_buf_printf(struct awh_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void awh_buf_vprintf(struct awh_buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Put a NUL byte behind the contents, not counted in len; 0 or the failure. */
int awh_buf_terminate(struct awh_buf *buf);

#endif
