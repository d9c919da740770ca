/* SPDX-License-Identifier: MIT */
/* A text that grows. See text.h. */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kw_text_deinit(struct kw_text *text)
{
	free(text->data);
	*text = (struct kw_text){0};
}

/* Room for len bytes more and the NUL. */
static bool reserve(struct kw_text *text, size_t len)
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

void kw_text_add_list(struct kw_text *text, const char *format, va_list arguments)
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

void kw_text_add(struct kw_text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	kw_text_add_list(text, format, arguments);
	va_end(arguments);
}

void kw_text_separate(struct kw_text *text, const char *separator)
{
	if (text->len > 0)
		kw_text_add(text, "%s", separator);
}

const char *kw_text_get(const struct kw_text *text)
{
	return text->data ? text->data : "";
}

char *kw_text_take(struct kw_text *text)
{
	char *data = text->failed ? NULL : text->data;

	if (!text->failed && !data)
		data = strdup("");
	else if (text->failed)
		free(text->data);
	*text = (struct kw_text){0};
	return data;
}
