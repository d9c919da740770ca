/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stdio.h>

#include "base/text.h"

const char *admwh_strerror(int code)
{
	switch (code) {
	case ADMWH_OK:
		return "success";
#define CASE(name, number, text)                                                                   \
	case number:                                                                               \
		return text;
		ADMWH_ERROR_MAP(CASE)
#undef CASE
	default:
		return "unknown error";
	}
}

const char *admwh_error_name(int code)
{
	switch (code) {
	case ADMWH_OK:
		return "OK";
#define CASE(name, number, text)                                                                   \
	case number:                                                                               \
		return #name;
		ADMWH_ERROR_MAP(CASE)
#undef CASE
	default:
		return "UNKNOWN";
	}
}

int awh_vfail(struct awh_error *error, int code, const char *format, va_list args)
{
	if (error) {
		error->code = code;
		if (vsnprintf(error->text, sizeof(error->text), format, args) < 0)
			error->text[0] = '\0';
		awh_utf8_trim(error->text);
	}
	return code;
}

int awh_fail(struct awh_error *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	awh_vfail(error, code, format, args);
	va_end(args);
	return code;
}

void awh_error_clear(struct awh_error *error)
{
	error->code = ADMWH_OK;
	error->text[0] = '\0';
}
