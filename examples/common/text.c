/* SPDX-License-Identifier: MIT */
/* A text that grows. See text.h. */
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for len bytes more and the NUL. */
static bool reserve(struct text *text, size_t len)
{
	size_t size = text->size ? text->size : 64;
	char *data;

	if (text->failed)
		return false;
	while (size - text->len <= len)
		size *= 2;
	if (size == text->size)
		return true;
	data = realloc(text->data, size);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->size = size;
	return true;
}

void text_deinit(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

void text_add_list(struct text *text, const char *format, va_list arguments)
{
	va_list again;
	int len;

	va_copy(again, arguments);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		text->failed = true;
	else if (reserve(text, (size_t)len)) {
		vsnprintf(text->data + text->len, (size_t)len + 1, format, arguments);
		text->len += (size_t)len;
	}
}

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_add_list(text, format, arguments);
	va_end(arguments);
}

void text_add_bytes(struct text *text, const char *bytes, size_t len)
{
	if (!reserve(text, len))
		return;
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void text_separate(struct text *text, const char *separator)
{
	if (text->len > 0)
		text_add(text, "%s", separator);
}

bool text_any(const struct text *text)
{
	return text->len > 0 || text->failed;
}

const char *text_get(const struct text *text)
{
	return text->data ? text->data : "";
}

char *text_take(struct text *text)
{
	char *data = text->failed ? NULL : text->data;

	if (!text->failed && !data)
		data = strdup("");
	else if (text->failed)
		free(text->data);
	*text = (struct text){0};
	return data;
}
