/* SPDX-License-Identifier: MIT */
#include "kube/decimal.h"

#include <string.h>

enum { MAX = ADMWH_QUANTITY_SUM_MAX };

void awh_decimal_trim(struct admwh_quantity *number)
{
	uint32_t zeros = 0;

	while (zeros < number->n_digits && number->digits[zeros] == '0')
		zeros++;
	number->n_digits -= zeros;
	memmove(number->digits, number->digits + zeros, number->n_digits);
	while (number->n_digits > 0 && number->digits[number->n_digits - 1] == '0') {
		number->n_digits--;
		number->exponent++;
	}
	if (number->n_digits == 0) {
		number->exponent = 0;
		number->is_negative = false;
	}
}

void awh_decimal_set(struct admwh_quantity *number, const char *digits, size_t n)
{
	memcpy(number->digits, digits, n);
	number->n_digits = (uint32_t)n;
	number->exponent = 0;
	awh_decimal_trim(number);
}

bool awh_decimal_times_1024(struct admwh_quantity *number)
{
	unsigned int carry = 0;

	if (number->n_digits + 4 > MAX)
		return false;
	for (uint32_t i = number->n_digits; i-- > 0;) {
		carry += (unsigned int)(number->digits[i] - '0') * 1024;
		number->digits[i] = (char)('0' + carry % 10);
		carry /= 10;
	}
	for (; carry > 0; carry /= 10) {
		memmove(number->digits + 1, number->digits, number->n_digits++);
		number->digits[0] = (char)('0' + carry % 10);
	}
	awh_decimal_trim(number);
	return true;
}

bool awh_decimal_expand(struct admwh_quantity *number)
{
	if (number->exponent < 0 || number->n_digits + number->exponent > MAX)
		return false;
	memset(number->digits + number->n_digits, '0', (size_t)number->exponent);
	number->n_digits += (uint32_t)number->exponent;
	number->exponent = 0;
	return true;
}

bool awh_decimal_by_1024(struct admwh_quantity *number)
{
	struct admwh_quantity quotient = *number;
	unsigned int rest = 0;

	if (number->n_digits == 0 || !awh_decimal_expand(&quotient))
		return false;
	for (uint32_t i = 0; i < quotient.n_digits; i++) {
		rest = rest * 10 + (unsigned int)(quotient.digits[i] - '0');
		quotient.digits[i] = (char)('0' + rest / 1024);
		rest %= 1024;
	}
	if (rest > 0)
		return false;
	awh_decimal_trim(&quotient);
	*number = quotient;
	return true;
}

/* Add one to the last digit. There is room, as digits were dropped. */
static void increment(struct admwh_quantity *number)
{
	uint32_t i = number->n_digits;

	for (; i > 0 && number->digits[i - 1] == '9'; i--)
		number->digits[i - 1] = '0';
	if (i > 0) {
		number->digits[i - 1]++;
	} else {
		memmove(number->digits + 1, number->digits, number->n_digits++);
		number->digits[0] = '1';
	}
}

bool awh_decimal_round(struct admwh_quantity *number, int64_t scale)
{
	const int64_t drop = scale - number->exponent;

	if (number->n_digits == 0 || drop <= 0)
		return true;
	number->exponent = scale;
	number->n_digits =
	    (uint64_t)drop < number->n_digits ? number->n_digits - (uint32_t)drop : 0;
	increment(number);
	awh_decimal_trim(number);
	return false;
}

/* The digit of 10 to that power. */
static int digit_at(const struct admwh_quantity *number, int64_t power)
{
	const int64_t at = number->exponent + number->n_digits - 1 - power;

	return at < 0 || at >= number->n_digits ? 0 : number->digits[at] - '0';
}

/* The power above the first digit. */
static int64_t top_of(const struct admwh_quantity *number)
{
	return number->exponent + number->n_digits;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int awh_decimal_compare_size(const struct admwh_quantity *a, const struct admwh_quantity *b)
{
	int64_t power = top_of(a), end = least(a->exponent, b->exponent);

	if (a->n_digits == 0 || b->n_digits == 0)
		return (a->n_digits > 0) - (b->n_digits > 0);
	if (top_of(a) != top_of(b))
		return top_of(a) < top_of(b) ? -1 : 1;
	while (power-- > end) {
		const int difference = digit_at(a, power) - digit_at(b, power);

		if (difference)
			return difference < 0 ? -1 : 1;
	}
	return 0;
}

/* large + sign * small, without their signs, where the result is not below 0 and fits. */
static void combine(struct admwh_quantity *result, const struct admwh_quantity *large, int sign,
		    const struct admwh_quantity *small)
{
	const int64_t begin = least(large->exponent, small->exponent);
	const int64_t end = most(top_of(large), top_of(small)) + 1;
	int carry = 0;

	result->exponent = begin;
	result->n_digits = (uint32_t)(end - begin);
	for (int64_t power = begin; power < end; power++) {
		int digit = digit_at(large, power) + sign * digit_at(small, power) + carry;

		carry = digit < 0 ? -1 : digit / 10;
		digit -= 10 * carry;
		result->digits[end - 1 - power] = (char)('0' + digit);
	}
	awh_decimal_trim(result);
}

bool awh_decimal_add(struct admwh_quantity *number, const struct admwh_quantity *addend)
{
	struct admwh_quantity a = *number, b = *addend;
	const int order = awh_decimal_compare_size(&a, &b);
	const int sign = a.is_negative == b.is_negative ? 1 : -1;
	const struct admwh_quantity *large = order < 0 ? &b : &a;
	struct admwh_quantity sum = *number;

	if (b.n_digits == 0)
		return true;
	if (a.n_digits == 0)
		a.exponent = b.exponent;
	if (most(top_of(&a), top_of(&b)) + 1 - least(a.exponent, b.exponent) > MAX)
		return false;
	sum.is_negative = large->is_negative;
	combine(&sum, large, sign, large == &a ? &b : &a);
	if (sum.exponent > AWH_DECIMAL_EXPONENT_MAX)
		return false;
	*number = sum;
	return true;
}
