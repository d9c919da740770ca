/* SPDX-License-Identifier: MIT */
/*
 * Quantities as strings of decimal digits with an exponent: exact at any size,
 * and comparing 1e1000000 with 1 costs no more than comparing 1 with 2.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quantity.h"

#define FORMAT_WRONG                                                                               \
	"quantities must match the regular expression "                                            \
	"'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
#define NANO (-9)
#define MAX_BINARY "9223372036854775807" /* what amounts with a binary suffix are capped at */
#define MAX_FAST 18                      /* digits that Kubernetes keeps in an int64 */

struct suffix {
	const char *text;
	int base;
	int exponent;
};

static const struct suffix suffixes[] = {
    {"n", 10, -9}, {"u", 10, -6}, {"m", 10, -3}, {"", 10, 0},   {"k", 10, 3},  {"M", 10, 6},
    {"G", 10, 9},  {"T", 10, 12}, {"P", 10, 15}, {"E", 10, 18}, {"Ki", 2, 10}, {"Mi", 2, 20},
    {"Gi", 2, 30}, {"Ti", 2, 40}, {"Pi", 2, 50}, {"Ei", 2, 60},
};

/* The parts of "-01.50Ki": digits before and behind the point, without leading zeros, suffix. */
struct parts {
	const char *whole;
	size_t n_whole;
	const char *fraction;
	size_t n_fraction;
	const char *suffix;
	bool digits; /* there was one, be it a zero */
};

static bool split(const char *text, struct parts *parts)
{
	const char *at = text + (*text == '-' || *text == '+');
	const char *begin = at, *end;

	at += strspn(at, "0");
	parts->whole = at;
	parts->n_whole = strspn(at, "0123456789");
	at += parts->n_whole;
	parts->digits = at > begin;
	parts->fraction = at;
	parts->n_fraction = 0;
	if (*at == '.') {
		parts->fraction = ++at;
		parts->n_fraction = strspn(at, "0123456789");
		at += parts->n_fraction;
		parts->digits = parts->digits || parts->n_fraction > 0;
	}
	parts->suffix = at;
	end = at + strspn(at, "eEinumkKMGTP");
	end += *end == '-' || *end == '+';
	return end[strspn(end, "0123456789")] == '\0';
}

/* "Mi", "k", or "e3": base, exponent and how it is written again. */
static bool interpret(const char *text, struct suffix *suffix, enum quantity_format *format)
{
	char *end;
	long long exponent;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strcmp(suffixes[i].text, text) != 0)
			continue;
		*suffix = suffixes[i];
		*format = suffix->base == 2 ? QUANTITY_BINARY : QUANTITY_DECIMAL;
		return true;
	}
	if ((*text != 'e' && *text != 'E') || !text[1])
		return false;
	errno = 0;
	exponent = strtoll(text + 1, &end, 10);
	if (*end || end == text + 1 || errno || exponent > INT32_MAX || exponent < INT32_MIN)
		return false;
	*suffix = (struct suffix){text, 10, (int)exponent};
	*format = QUANTITY_EXPONENT;
	return true;
}

/* Would Kubernetes keep it in an int64? Then it may keep the text as well. */
static bool is_fast(const struct parts *parts, const struct suffix *suffix)
{
	size_t n = parts->n_whole ? parts->n_whole : 1;
	int precision;

	if (n + parts->n_fraction > MAX_FAST)
		return false;
	if (suffix->base == 10)
		return (int64_t)suffix->exponent - (int64_t)parts->n_fraction >= NANO;
	precision = 15 - (int)n - suffix->exponent * 3 / 10 - 1;
	return parts->n_fraction == 0 && precision >= 0;
}

/* Is the text canonical, by Kubernetes' rule of thumb? */
static bool is_canonical(const struct parts *parts, const struct suffix *suffix)
{
	int64_t scale = (int64_t)suffix->exponent - (int64_t)parts->n_fraction;
	char digits[2 * MAX_FAST + 1];
	size_t n;

	if (suffix->base == 2)
		return parts->n_whole > 0 && (strtoll(parts->whole, NULL, 10) & 7) != 0;
	if (parts->n_whole == 0 || scale % 3 != 0)
		return false;
	n = (size_t)snprintf(digits, sizeof(digits), "%.*s%.*s", (int)parts->n_whole, parts->whole,
			     (int)parts->n_fraction, parts->fraction);
	return n < 3 || strcmp(digits + n - 3, "000") != 0;
}

/* digits times 1024; there is room for four more. */
static void times_1024(struct quantity *quantity)
{
	unsigned carry = 0;

	for (size_t i = quantity->n_digits; i-- > 0;) {
		carry += (unsigned)(quantity->digits[i] - '0') * 1024;
		quantity->digits[i] = (char)('0' + carry % 10);
		carry /= 10;
	}
	for (; carry > 0; carry /= 10) {
		memmove(quantity->digits + 1, quantity->digits, quantity->n_digits++);
		quantity->digits[0] = (char)('0' + carry % 10);
	}
}

static void trim(struct quantity *quantity)
{
	size_t zeros = 0;

	while (zeros < quantity->n_digits && quantity->digits[zeros] == '0')
		zeros++;
	quantity->n_digits -= zeros;
	memmove(quantity->digits, quantity->digits + zeros, quantity->n_digits);
	while (quantity->n_digits > 0 && quantity->digits[quantity->n_digits - 1] == '0') {
		quantity->n_digits--;
		quantity->exponent++;
	}
	quantity->digits[quantity->n_digits] = '\0';
	if (quantity->n_digits == 0)
		quantity->exponent = 0;
}

/* Nothing is smaller than a nano: if you want some resources, you get some. */
static void round_up(struct quantity *quantity)
{
	int64_t drop = NANO - quantity->exponent;
	size_t i;

	if (quantity->n_digits == 0 || drop <= 0)
		return;
	quantity->exponent = NANO;
	if ((uint64_t)drop >= quantity->n_digits) {
		quantity->n_digits = 1;
		memcpy(quantity->digits, "1", 2);
		return;
	}
	quantity->n_digits -= (size_t)drop;
	for (i = quantity->n_digits; i > 0 && quantity->digits[i - 1] == '9'; i--)
		quantity->digits[i - 1] = '0';
	if (i > 0) {
		quantity->digits[i - 1]++;
	} else {
		memmove(quantity->digits + 1, quantity->digits, quantity->n_digits++);
		quantity->digits[0] = '1';
	}
	trim(quantity);
}

static int compare_size(const struct quantity *a, const struct quantity *b)
{
	int64_t top_a = (int64_t)a->n_digits + a->exponent;
	int64_t top_b = (int64_t)b->n_digits + b->exponent;

	if (a->n_digits == 0 || b->n_digits == 0)
		return (a->n_digits > 0) - (b->n_digits > 0);
	if (top_a != top_b)
		return top_a < top_b ? -1 : 1;
	return strcmp(a->digits, b->digits);
}

static int compare_size_with(const struct quantity *quantity, const char *digits)
{
	struct quantity other = {.digits = (char[32]){0}, .n_digits = strlen(digits)};

	memcpy(other.digits, digits, other.n_digits);
	trim(&other);
	return compare_size(quantity, &other);
}

static void limit_binary(struct quantity *quantity)
{
	if (compare_size_with(quantity, MAX_BINARY) > 0) {
		quantity->n_digits = strlen(MAX_BINARY);
		quantity->exponent = 0;
		memcpy(quantity->digits, MAX_BINARY, sizeof(MAX_BINARY));
	}
	if (quantity->n_digits > 0 && compare_size_with(quantity, "1") < 0)
		quantity->format = QUANTITY_DECIMAL;
}

static bool fill(struct quantity *quantity, const struct parts *parts, const struct suffix *suffix)
{
	/* Room for times_1024(), for a carry, and for MAX_BINARY. */
	quantity->digits = malloc(parts->n_whole + parts->n_fraction + 32);
	if (!quantity->digits)
		return false;
	memcpy(quantity->digits, parts->whole, parts->n_whole);
	memcpy(quantity->digits + parts->n_whole, parts->fraction, parts->n_fraction);
	quantity->n_digits = parts->n_whole + parts->n_fraction;
	quantity->exponent = -(int64_t)parts->n_fraction;
	if (suffix->base == 10)
		quantity->exponent += suffix->exponent;
	for (int i = 0; suffix->base == 2 && i < suffix->exponent; i += 10)
		times_1024(quantity);
	trim(quantity);
	round_up(quantity);
	if (quantity->format == QUANTITY_BINARY)
		limit_binary(quantity);
	quantity->negative = quantity->negative && quantity->n_digits > 0;
	return true;
}

bool quantity_parse(const char *text, struct quantity *quantity, struct text *error)
{
	struct parts parts;
	struct suffix suffix;

	*quantity = (struct quantity){.negative = *text == '-'};
	if (!*text || !split(text, &parts)) {
		text_add(error, "%s", FORMAT_WRONG);
		return false;
	}
	if (!interpret(parts.suffix, &suffix, &quantity->format)) {
		text_add(error, "unable to parse quantity's suffix");
		return false;
	}
	if (!parts.digits && !is_fast(&parts, &suffix)) {
		text_add(error, "unable to parse numeric part of quantity");
		return false;
	}
	if (!fill(quantity, &parts, &suffix)) {
		text_add(error, "out of memory");
		return false;
	}
	if (is_fast(&parts, &suffix) && is_canonical(&parts, &suffix))
		quantity->as_written = text;
	return true;
}

int quantity_compare(const struct quantity *a, const struct quantity *b)
{
	int size;

	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	size = compare_size(a, b);
	return a->negative ? -size : size;
}

/* The suffix Kubernetes writes; "" also where it has none that large. */
static void write_suffix(int64_t exponent, int base, enum quantity_format format, struct text *out)
{
	if (format == QUANTITY_EXPONENT) {
		if (exponent != 0)
			text_add(out, "e%lld", (long long)exponent);
		return;
	}
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (suffixes[i].base == base && suffixes[i].exponent == exponent)
			text_add(out, "%s", suffixes[i].text);
}

static void write_decimal(const struct quantity *quantity, enum quantity_format format,
			  struct text *out)
{
	int64_t more = quantity->exponent % 3;

	more += more < 0 ? 3 : 0;
	text_add(out, "%s%s%.*s", quantity->negative ? "-" : "", quantity->digits, (int)more, "00");
	write_suffix(quantity->exponent - more, 10, format, out);
}

/* A whole number of at most MAX_BINARY. */
static void write_binary(const struct quantity *quantity, struct text *out)
{
	uint64_t value = strtoull(quantity->digits, NULL, 10);
	int exponent = 0;

	for (int64_t i = 0; i < quantity->exponent; i++)
		value *= 10;
	for (; value % 1024 == 0; value /= 1024)
		exponent += 10;
	text_add(out, "%s%llu", quantity->negative ? "-" : "", (unsigned long long)value);
	write_suffix(exponent, 2, QUANTITY_BINARY, out);
}

void quantity_write(const struct quantity *quantity, struct text *out)
{
	if (quantity->as_written)
		text_add(out, "%s", quantity->as_written);
	else if (quantity->n_digits == 0)
		text_add(out, "0");
	else if (quantity->format != QUANTITY_BINARY)
		write_decimal(quantity, quantity->format, out);
	else if (quantity->exponent < 0 || compare_size_with(quantity, "1024") < 0)
		write_decimal(quantity, QUANTITY_DECIMAL, out);
	else
		write_binary(quantity, out);
}

void quantity_free(struct quantity *quantity)
{
	free(quantity->digits);
	quantity->digits = NULL;
}
