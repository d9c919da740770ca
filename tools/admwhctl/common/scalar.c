/* SPDX-License-Identifier: MIT */
#include "common/scalar.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/values.h"

#define TAG "tag:yaml.org,2002:"

enum { NUMBER_MAX = 512 }; /* characters of a number; a longer one is a string */

static const char *const yes[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
				  "True", "TRUE", "on",  "On",  "ON",  NULL};
static const char *const no[] = {"n",     "N",     "no",  "No",  "NO",  "false",
				 "False", "FALSE", "off", "Off", "OFF", NULL};
static const char *const null[] = {"", "~", "null", "Null", "NULL", NULL};
static const char *const not_a_number[] = {".nan", ".NaN", ".NAN", NULL};
static const char *const infinite[] = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", NULL};
static const char *const less[] = {"-.inf", "-.Inf", "-.INF", NULL};

static bool is_word(struct scalar *scalar, const char *text)
{
	if (is_among(text, yes) || is_among(text, no))
		*scalar = (struct scalar){SCALAR_BOOL, {.truth = is_among(text, yes)}};
	else if (is_among(text, null))
		*scalar = (struct scalar){.kind = SCALAR_NULL};
	else if (is_among(text, not_a_number))
		*scalar = (struct scalar){SCALAR_REAL, {.real = NAN}};
	else if (is_among(text, infinite))
		*scalar = (struct scalar){SCALAR_REAL, {.real = INFINITY}};
	else if (is_among(text, less))
		*scalar = (struct scalar){SCALAR_REAL, {.real = -INFINITY}};
	else
		return false;
	return true;
}

/* Go's strconv with base 0: 0x, 0o, 0b, and 0 for octal numbers. */
static unsigned int take_base(const char **digits)
{
	static const struct {
		char letter;
		unsigned int base;
	} bases[] = {{'x', 16}, {'o', 8}, {'b', 2}};
	const char *text = *digits;

	if (text[0] != '0' || !text[1])
		return 10;
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (tolower((unsigned char)text[1]) == bases[i].letter) {
			*digits += 2;
			return bases[i].base;
		}
	}
	*digits += 1;
	return 8;
}

static unsigned int digit_of(char c)
{
	if (isdigit((unsigned char)c))
		return (unsigned int)(c - '0');
	return isalpha((unsigned char)c) ? (unsigned int)(tolower((unsigned char)c) - 'a') + 10
					 : UINT_MAX;
}

static bool is_natural(const char *digits, unsigned int base, uint64_t *value)
{
	*value = 0;
	for (const char *at = digits; *at; at++) {
		unsigned int digit = digit_of(*at);

		if (digit >= base || *value > (UINT64_MAX - digit) / base)
			return false;
		*value = *value * base + digit;
	}
	return *digits;
}

static bool take_integer(struct scalar *scalar, bool is_negative, uint64_t value)
{
	if (is_negative && value <= (uint64_t)INT64_MAX + 1)
		*scalar = (struct scalar){SCALAR_INTEGER, {.integer = (int64_t)(0 - value)}};
	else if (!is_negative && value <= INT64_MAX)
		*scalar = (struct scalar){SCALAR_INTEGER, {.integer = (int64_t)value}};
	else
		return false;
	return true;
}

static bool is_integer(struct scalar *scalar, const char *text)
{
	const bool has_sign = *text == '-' || *text == '+';
	const char *digits = text + has_sign;
	unsigned int base = take_base(&digits);
	uint64_t value;

	/* go-yaml reads "0b" and then a number with a sign of its own. */
	if (strncmp(text, "0b-", 3) == 0 || strncmp(text, "0b+", 3) == 0)
		return is_natural(text + 3, 2, &value) &&
		       take_integer(scalar, text[2] == '-', value);
	if (!is_natural(digits, base, &value))
		return false;
	if (take_integer(scalar, *text == '-', value))
		return true;
	if (has_sign)
		return false;
	*scalar = (struct scalar){SCALAR_UNSIGNED, {.natural = value}};
	return true;
}

static const char *skip_digits(const char *text)
{
	while (isdigit((unsigned char)*text))
		text++;
	return text;
}

/* ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$ */
static bool has_shape_of_real(const char *text)
{
	const char *digits = text + (*text == '-' || *text == '+');
	const char *end = skip_digits(digits);
	bool has_digits = end > digits;

	if (*end == '.') {
		const char *fraction = end + 1;

		end = skip_digits(fraction);
		has_digits = has_digits || end > fraction;
	}
	if (!has_digits)
		return false;
	if (*end == 'e' || *end == 'E') {
		const char *exponent = end + 1 + (end[1] == '-' || end[1] == '+');

		end = skip_digits(exponent);
		return end > exponent && !*end;
	}
	return !*end;
}

static bool is_real(struct scalar *scalar, const char *text)
{
	double value;

	if (!has_shape_of_real(text))
		return false;
	value = strtod(text, NULL);
	if (isinf(value))
		return false;
	*scalar = (struct scalar){SCALAR_REAL, {.real = value}};
	return true;
}

/* The underscores of ".5_0", which stand between digits. */
static bool are_underscores_between_digits(const char *text)
{
	for (const char *at = strchr(text, '_'); at; at = strchr(at + 1, '_'))
		if (at == text || !isdigit((unsigned char)at[-1]) || !isdigit((unsigned char)at[1]))
			return false;
	return true;
}

static bool is_number(struct scalar *scalar, const char *text)
{
	char plain[NUMBER_MAX];
	size_t len = 0;

	if (strlen(text) >= sizeof(plain) ||
	    (*text != '.' && *text != '-' && *text != '+' && !isdigit((unsigned char)*text)))
		return false;
	for (const char *at = text; *at; at++)
		if (*at != '_')
			plain[len++] = *at;
	plain[len] = '\0';
	if (*text == '.')
		return are_underscores_between_digits(text) && is_real(scalar, plain);
	return is_integer(scalar, plain) || is_real(scalar, plain);
}

static bool has_shape_of_date(const char *text)
{
	return skip_digits(text) == text + 4 && text[4] == '-' && isdigit((unsigned char)text[5]);
}

static void resolve(struct scalar *scalar, const char *text)
{
	if (!is_word(scalar, text) && !is_number(scalar, text))
		*scalar = (struct scalar){.kind = SCALAR_STRING};
}

static int read_tagged(struct scalar *scalar, const char *name, const char *text)
{
	if (strcmp(name, "str") == 0)
		*scalar = (struct scalar){.kind = SCALAR_STRING};
	else
		resolve(scalar, text);
	if (strcmp(name, "bool") == 0)
		return scalar->kind == SCALAR_BOOL ? 0 : -1;
	if (strcmp(name, "null") == 0)
		return scalar->kind == SCALAR_NULL ? 0 : -1;
	if (strcmp(name, "int") == 0)
		return scalar->kind == SCALAR_INTEGER || scalar->kind == SCALAR_UNSIGNED ? 0 : -1;
	if (strcmp(name, "float") == 0)
		return scalar->kind == SCALAR_INTEGER || scalar->kind == SCALAR_REAL ? 0 : -1;
	*scalar = (struct scalar){.kind = SCALAR_STRING};
	/* A date stays text. */
	return strcmp(name, "timestamp") != 0 || has_shape_of_date(text) ? 0 : -1;
}

int scalar_read(struct scalar *scalar, const char *tag, const char *text)
{
	if (!tag) {
		resolve(scalar, text);
		return 0;
	}
	if (strncmp(tag, TAG, strlen(TAG)) == 0)
		return read_tagged(scalar, tag + strlen(TAG), text);
	*scalar = (struct scalar){.kind = SCALAR_STRING};
	return 0;
}

/* strconv.FormatFloat(value, 'g', -1, 32): the fewest digits that mean the same float. */
static void print_float(double value, char *name, size_t size)
{
	int digits = 0, exponent;

	if (isnan(value)) {
		snprintf(name, size, ".nan");
		return;
	}
	if (isinf((float)value)) {
		snprintf(name, size, value < 0 ? "-.inf" : ".inf");
		return;
	}
	do
		snprintf(name, size, "%.*e", digits, (double)(float)value);
	while (digits++ < 9 && strtof(name, NULL) != (float)value);
	exponent = atoi(strchr(name, 'e') + 1);
	if (exponent >= -4 && exponent < 6)
		snprintf(name, size, "%.*f", digits - 1 > exponent ? digits - 1 - exponent : 0,
			 (double)(float)value);
}

int scalar_name(const struct scalar *scalar, char *name, size_t size)
{
	switch (scalar->kind) {
	case SCALAR_BOOL:
		snprintf(name, size, scalar->truth ? "true" : "false");
		return 0;
	case SCALAR_INTEGER:
		snprintf(name, size, "%" PRId64, scalar->integer);
		return 0;
	case SCALAR_REAL:
		print_float(scalar->real, name, size);
		return 0;
	default:
		return -1;
	}
}
