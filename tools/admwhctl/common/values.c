/* SPDX-License-Identifier: MIT */
#include "common/values.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/print.h"

json_t *json_made(json_t *value)
{
	if (!value)
		out_of_memory();
	return value;
}

json_t *json_kept(const json_t *value)
{
	return json_incref((json_t *)(uintptr_t)value);
}

const char *member_text_or_null(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

const char *member_text(const json_t *object, const char *name)
{
	const char *text = member_text_or_null(object, name);

	return text ? text : "";
}

void member_set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value))
		out_of_memory();
}

void member_set_text(json_t *object, const char *name, const char *text)
{
	if (text && *text)
		member_set(object, name, json_string(text));
}

bool is_among(const char *text, const char *const *texts)
{
	while (*texts && strcmp(*texts, text) != 0)
		texts++;
	return *texts;
}

bool has_text(const json_t *array, const char *text)
{
	json_t *element;
	size_t i;

	json_array_foreach(array, i, element) {
		if (json_is_string(element) && strcmp(json_string_value(element), text) == 0)
			return true;
	}
	return false;
}

bool has_text_or_star(const json_t *array, const char *text)
{
	return has_text(array, "*") || has_text(array, text);
}

char *texts_joined(const json_t *array)
{
	char *all = text_new("%s", "");
	json_t *element;
	size_t i;

	json_array_foreach(array, i, element) {
		char *longer = text_new("%s%s%s", all, *all ? ", " : "",
					json_is_string(element) ? json_string_value(element) : "?");

		free(all);
		all = longer;
	}
	return all;
}

size_t json_levels(const json_t *value)
{
	size_t most = 0, i;
	const char *key;
	json_t *child;

	json_array_foreach((json_t *)(uintptr_t)value, i, child) {
		size_t levels = json_levels(child);

		most = levels > most ? levels : most;
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, child) {
		size_t levels = json_levels(child);

		most = levels > most ? levels : most;
	}
	return most + (json_is_array(value) || json_is_object(value));
}

void json_print(FILE *to, const json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);

	if (!text)
		out_of_memory();
	print_json(to, text, strlen(text));
	fputc('\n', to);
	free(text);
}

/*
 * encoding/json writes an integral number below 1e21 as the fewest digits that mean it and zeros,
 * and the API server reads them as an integer where they fit.
 */
static bool is_integer_to_others(double real, json_int_t *integer)
{
	char digits[32], *point, *end;
	int n = 14;

	if (trunc(real) != real || fabs(real) >= 1e19)
		return false;
	*integer = fabs(real) < 0x1p53 ? (json_int_t)real : 0;
	if (fabs(real) < 0x1p53)
		return true;
	do
		snprintf(digits, sizeof(digits), "%.*e", n, real);
	while (n++ < 17 && strtod(digits, NULL) != real);
	/* "-9.223372036854775e+18" becomes "-9223372036854775000". */
	n = atoi(strchr(digits, 'e') + 1);
	point = strchr(digits, '.');
	memmove(point, point + 1, strlen(point));
	end = strchr(digits, 'e');
	memset(end, '0', sizeof(digits) - 1 - (size_t)(end - digits));
	point[n] = '\0';
	errno = 0;
	*integer = strtoll(digits, NULL, 10);
	return errno == 0;
}

json_t *json_number(double real)
{
	json_int_t integer;

	if (is_integer_to_others(real, &integer))
		return json_made(json_integer(integer));
	return json_made(json_real(real));
}
