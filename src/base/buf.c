/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/error.h>

#include "base/wipe.h"

enum { FIRST_CAPACITY = 256 };

void awh_buf_init(struct awh_buf *buf, size_t max)
{
	*buf = (struct awh_buf){.max = max};
}

void awh_buf_deinit(struct awh_buf *buf)
{
	if (buf->secret && buf->data) {
		explicit_bzero(buf->data, buf->capacity);
		awh_wipe_registers();
	}
	free(buf->data);
	*buf = (struct awh_buf){.max = buf->max, .secret = buf->secret};
}

void awh_buf_reset(struct awh_buf *buf)
{
	buf->len = 0;
	buf->err = 0;
}

size_t awh_buf_recycle(struct awh_buf *buf, size_t most)
{
	if (buf->capacity > most)
		awh_buf_deinit(buf);
	awh_buf_reset(buf);
	return buf->capacity;
}

static char *grow_secret(struct awh_buf *buf, size_t capacity)
{
	char *data = malloc(capacity);

	if (data && buf->data) {
		memcpy(data, buf->data, buf->len);
		explicit_bzero(buf->data, buf->capacity);
		awh_wipe_registers();
		free(buf->data);
	}
	return data;
}

int awh_buf_reserve(struct awh_buf *buf, size_t more)
{
	size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
	char *data;

	if (buf->err)
		return buf->err;
	if (more > buf->max - buf->len)
		return buf->err = ADMWH_E_LIMIT;
	if (buf->data && more <= buf->capacity - buf->len)
		return 0;
	while (capacity < buf->len + more)
		capacity = capacity > SIZE_MAX / 2 ? buf->len + more : capacity * 2;
	data = buf->secret ? grow_secret(buf, capacity) : realloc(buf->data, capacity);
	if (!data)
		return buf->err = ADMWH_E_NOMEM;
	buf->data = data;
	buf->capacity = capacity;
	return 0;
}

void awh_buf_put(struct awh_buf *buf, const void *data, size_t len)
{
	const bool has_room = len <= buf->capacity - buf->len && len <= buf->max - buf->len;

	if (len == 0 || buf->err || (!has_room && awh_buf_reserve(buf, len) < 0))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void awh_buf_puts(struct awh_buf *buf, const char *text)
{
	awh_buf_put(buf, text, strlen(text));
}

void awh_buf_put_number(struct awh_buf *buf, uint64_t number, unsigned int digits)
{
	char text[20]; /* of UINT64_MAX */
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (at > 0 && sizeof(text) - at < digits)
		text[--at] = '0';
	awh_buf_put(buf, text + at, sizeof(text) - at);
}

void awh_buf_vprintf(struct awh_buf *buf, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	/* One byte more than is kept: vsnprintf() ends its text with a NUL. */
	if (len < 0)
		buf->err = ADMWH_E_INVAL;
	else if (awh_buf_reserve(buf, (size_t)len + 1) == 0) {
		vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

void awh_buf_printf(struct awh_buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	awh_buf_vprintf(buf, format, args);
	va_end(args);
}

int awh_buf_terminate(struct awh_buf *buf)
{
	if (awh_buf_reserve(buf, 1) < 0)
		return buf->err;
	buf->data[buf->len] = '\0';
	return 0;
}
