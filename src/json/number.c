/* SPDX-License-Identifier: MIT */
#include "json/number.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	/* No double needs more digits to be rounded right: the rest only counts as "not zero". */
	DIGITS_THAT_MATTER = 768,
	/* Significant digits that distinguish every double from its neighbours. */
	DIGITS_MIN = 15,
	DIGITS_MAX = 17,
	/* Powers of ten beyond which every double is infinite, or zero. */
	EXPONENT_MAX = 400,
	DIGITS_OF_INT64 = 19,
	/* Powers of ten written out with zeros instead of an exponent. */
	PLAIN_MIN = -5,
	PLAIN_MAX = 16,
};

/* Exponents are counted up to here; those written beyond are only known to be huge. */
static const int64_t exponent_limit = INT64_C(100000000000000000);

/* A number as 0.d1d2d3... * 10^exponent; d1 and the last digit are not zero. */
struct decimal {
	bool negative;
	bool huge;         /* the exponent was too long to count */
	int64_t exponent;  /* 0 for zero */
	const char *first; /* of the digits, with perhaps a "." among them; first == end for zero */
	const char *end;
};

/* The number behind "e"; a huge one stays at the limit. */
static int64_t read_exponent(const char *text, const char *end)
{
	bool negative = text < end && *text == '-';
	int64_t exponent = 0;

	if (text < end && !awh_is_digit(*text))
		text++;
	for (; text < end; text++) {
		exponent = exponent * 10 + (*text - '0');
		if (exponent > exponent_limit)
			exponent = exponent_limit;
	}
	return negative ? -exponent : exponent;
}

static struct decimal read_decimal(const char *text, size_t len)
{
	const char *end = text + len;
	const char *mantissa_end = memchr(text, 'e', len);
	struct decimal number = {.negative = *text == '-'};
	bool behind_point = false;
	int64_t shift = 0;

	if (!mantissa_end)
		mantissa_end = memchr(text, 'E', len);
	if (!mantissa_end)
		mantissa_end = end;
	for (const char *at = text + number.negative; at < mantissa_end; at++) {
		if (*at == '.') {
			behind_point = true;
			continue;
		}
		if (*at != '0') {
			if (!number.first)
				number.first = at;
			number.end = at + 1;
		}
		if (number.first && !behind_point)
			shift++;
		else if (!number.first && behind_point)
			shift--;
	}
	if (number.first && mantissa_end < end) {
		number.exponent = read_exponent(mantissa_end + 1, end);
		number.huge =
		    number.exponent == exponent_limit || number.exponent == -exponent_limit;
	}
	if (number.first)
		number.exponent += shift;
	return number;
}

/* Append a decimal digit to a sum; false past the limit. */
static bool add_digit(uint64_t *sum, uint64_t digit, uint64_t limit)
{
	if (*sum > limit / 10 || *sum * 10 > limit - digit)
		return false;
	*sum = *sum * 10 + digit;
	return true;
}

bool awh_number_integer(const char *text, size_t len, int64_t *value)
{
	bool negative = *text == '-';
	const uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	uint64_t sum = 0;

	for (size_t i = negative; i < len; i++)
		if (!awh_is_digit(text[i]) || !add_digit(&sum, (uint64_t)(text[i] - '0'), limit))
			return false;
	*value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
	return true;
}

bool awh_number_whole(const char *text, size_t len, int64_t *value)
{
	const struct decimal number = read_decimal(text, len);
	const uint64_t limit = (uint64_t)INT64_MAX + number.negative;
	int64_t power = number.exponent;
	uint64_t sum = 0;

	if (number.huge || power > DIGITS_OF_INT64)
		return false;
	for (const char *at = number.first; at < number.end; at++)
		if (*at != '.' && (power-- <= 0 || !add_digit(&sum, (uint64_t)(*at - '0'), limit)))
			return false;
	while (power-- > 0)
		if (!add_digit(&sum, 0, limit))
			return false;
	*value = number.negative ? (int64_t)(0 - sum) : (int64_t)sum;
	return true;
}

/*
 * Digits and exponent without a point: strtod() looks for the locale's own point and no other.
 * digits has room for an exponent behind it.
 */
static double from_digits(char *digits, size_t n_digits, int64_t exponent)
{
	snprintf(digits + n_digits, 24, "e%" PRId64, exponent);
	return strtod(digits, NULL);
}

bool awh_number_real(const char *text, size_t len, double *value)
{
	struct decimal number = read_decimal(text, len);
	char digits[DIGITS_THAT_MATTER + 1 + 24];
	size_t n_digits = 0;
	double real = 0;

	if (number.first && number.exponent > EXPONENT_MAX)
		return false;
	if (number.first && number.exponent >= -EXPONENT_MAX) {
		for (const char *at = number.first; at < number.end; at++) {
			if (n_digits == DIGITS_THAT_MATTER) {
				digits[n_digits++] = '1';
				break;
			}
			if (*at != '.')
				digits[n_digits++] = *at;
		}
		real = from_digits(digits, n_digits, number.exponent - (int64_t)n_digits);
		if (isinf(real))
			return false;
	}
	*value = number.negative ? -real : real;
	return true;
}

bool awh_number_in_range(const char *text, size_t len)
{
	const struct decimal number = read_decimal(text, len);
	double value;

	if (!number.first || number.exponent <= DBL_MAX_10_EXP)
		return true;
	return number.exponent == DBL_MAX_10_EXP + 1 && awh_number_real(text, len, &value);
}

bool awh_number_equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct decimal x = read_decimal(a, a_len);
	struct decimal y = read_decimal(b, b_len);

	if (!x.first || !y.first)
		return !x.first && !y.first;
	if (x.huge || y.huge)
		return a_len == b_len && memcmp(a, b, a_len) == 0;
	if (x.negative != y.negative || x.exponent != y.exponent)
		return false;
	while (x.first < x.end && y.first < y.end) {
		x.first += *x.first == '.';
		y.first += *y.first == '.';
		if (*x.first++ != *y.first++)
			return false;
	}
	return x.first == x.end && y.first == y.end;
}

/* Fewest significant digits that are read back as this double; sets the power of the first. */
static size_t shortest_digits(char digits[64], double value, int *power)
{
	size_t n_digits = 0;

	for (int precision = DIGITS_MIN; precision <= DIGITS_MAX; precision++) {
		char text[64];
		const char *at = text;

		/* Whatever stands between the digits is the locale's point. */
		snprintf(text, sizeof(text), "%.*e", precision - 1, value);
		for (n_digits = 0; *at != 'e'; at++)
			if (awh_is_digit(*at))
				digits[n_digits++] = *at;
		*power = (int)strtol(at + 1, NULL, 10);
		while (n_digits > 1 && digits[n_digits - 1] == '0')
			n_digits--;
		if (!(from_digits(digits, n_digits, *power - (int64_t)n_digits + 1) != value))
			break;
	}
	return n_digits;
}

static size_t put_zeros(char *out, int count)
{
	for (int i = 0; i < count; i++)
		out[i] = '0';
	return count > 0 ? (size_t)count : 0;
}

static size_t format_finite(char out[AWH_NUMBER_TEXT], double value)
{
	char digits[64];
	int power = 0;
	size_t n_digits = shortest_digits(digits, fabs(value), &power);
	bool plain = power >= PLAIN_MIN && power <= PLAIN_MAX;
	/* Digits before the point. */
	size_t whole = !plain ? 1 : power < 0 ? 0 : (size_t)power + 1;
	size_t n = 0;

	if (signbit(value))
		out[n++] = '-';
	for (size_t i = 0; i < whole; i++)
		out[n++] = i < n_digits ? digits[i] : '0';
	if (whole == 0)
		out[n++] = '0';
	if (n_digits > whole || plain)
		out[n++] = '.';
	if (plain && power < -1)
		n += put_zeros(out + n, -1 - power);
	for (size_t i = whole; i < n_digits; i++)
		out[n++] = digits[i];
	if (plain && n_digits <= whole)
		out[n++] = '0';
	if (!plain)
		n += (size_t)snprintf(out + n, AWH_NUMBER_TEXT - n, "e%d", power);
	out[n] = '\0';
	return n;
}

size_t awh_number_format(char out[AWH_NUMBER_TEXT], double value)
{
	/* jansson makes no such value; should one come, the text around it stays JSON. */
	if (!isfinite(value)) {
		memcpy(out, "null", sizeof("null"));
		return strlen("null");
	}
	return format_finite(out, value);
}

size_t awh_number_format_integer(char out[AWH_NUMBER_TEXT], int64_t value)
{
	const bool negative = value < 0;
	uint64_t rest = negative ? -(uint64_t)value : (uint64_t)value;
	char digits[AWH_NUMBER_TEXT];
	char *first = digits + sizeof(digits);
	size_t len;

	do
		*--first = (char)('0' + rest % 10);
	while (rest /= 10);
	if (negative)
		*--first = '-';
	len = (size_t)(digits + sizeof(digits) - first);
	memcpy(out, first, len);
	out[len] = '\0';
	return len;
}
