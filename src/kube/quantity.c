/* SPDX-License-Identifier: MIT */
/* The grammar of resource.ParseQuantity(), its limits, and the canonical form. */
#include <admwh/quantity.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json/value.h"
#include "kube/decimal.h"

enum {
	NANO = -9,
	MAX_FAST = 18, /* digits that Kubernetes keeps in an int64 */
};

/* What is at most in amounts with a binary suffix: 2^63-1. */
static const char most_binary[] = "9223372036854775807";

static const char format_wrong[] = "quantities must match the regular expression "
				   "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
static const char suffix_wrong[] = "unable to parse quantity's suffix";
static const char numeric_wrong[] = "unable to parse numeric part of quantity";
static const char too_many_digits[] = "quantities have at most 128 digits";
static const char exponent_wrong[] = "exponents of quantities are from -1000000000 to 1000000000";

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

enum { N_SUFFIXES = sizeof(suffixes) / sizeof(suffixes[0]) };

struct span {
	const char *text;
	size_t len;
};

/* "-01.50Ki": digits before and behind the point, without leading zeros, and the suffix. */
struct parts {
	struct span whole, fraction, suffix;
	bool has_digits; /* be it a zero */
};

/* Take the characters of a set off the beginning. */
static struct span take(struct span *rest, const char *set)
{
	struct span taken = {rest->text, 0};

	while (taken.len < rest->len && rest->text[taken.len] && strchr(set, rest->text[taken.len]))
		taken.len++;
	rest->text += taken.len;
	rest->len -= taken.len;
	return taken;
}

static bool take_one(struct span *rest, const char *set)
{
	struct span one = {rest->text, rest->len < 1 ? rest->len : 1};
	const bool is_taken = take(&one, set).len > 0;

	rest->text += is_taken;
	rest->len -= is_taken;
	return is_taken;
}

/* text: behind the sign. False where even the characters are wrong. */
static bool split(struct span text, struct parts *parts)
{
	const size_t zeros = take(&text, "0").len;
	struct span rest;

	parts->whole = take(&text, "0123456789");
	parts->fraction = (struct span){"", 0};
	if (take_one(&text, "."))
		parts->fraction = take(&text, "0123456789");
	parts->has_digits = zeros + parts->whole.len + parts->fraction.len > 0;
	parts->suffix = rest = text;
	take(&rest, "eEinumkKMGTP");
	take_one(&rest, "+-");
	take(&rest, "0123456789");
	return rest.len == 0;
}

static bool is_text(struct span span, const char *text)
{
	return strlen(text) == span.len && memcmp(text, span.text, span.len) == 0;
}

/* The digits behind e or E, with their sign: an int64 in Kubernetes. NULL, or why they are none. */
static const char *read_exponent(struct span text, int *exponent)
{
	const bool is_negative = text.len > 0 && text.text[0] == '-';
	uint64_t number = 0;

	take_one(&text, "+-");
	if (text.len == 0)
		return suffix_wrong;
	for (size_t i = 0; i < text.len; i++) {
		if (text.text[i] < '0' || text.text[i] > '9')
			return suffix_wrong;
		number = number > INT64_MAX / 10 ? UINT64_MAX
						 : number * 10 + (uint64_t)(text.text[i] - '0');
	}
	if (number > (uint64_t)INT64_MAX + is_negative)
		return suffix_wrong;
	if (number > AWH_DECIMAL_EXPONENT_MAX)
		return exponent_wrong;
	*exponent = is_negative ? -(int)number : (int)number;
	return NULL;
}

/* "Mi", "k", or "e3". NULL, or why it is none. */
static const char *interpret(struct span text, struct suffix *suffix,
			     enum admwh_quantity_form *form)
{
	for (size_t i = 0; i < N_SUFFIXES; i++) {
		if (!is_text(text, suffixes[i].text))
			continue;
		*suffix = suffixes[i];
		*form = suffix->base == 2 ? ADMWH_QUANTITY_BINARY : ADMWH_QUANTITY_DECIMAL;
		return NULL;
	}
	if (!take_one(&text, "eE"))
		return suffix_wrong;
	*suffix = (struct suffix){"", 10, 0};
	*form = ADMWH_QUANTITY_EXPONENT;
	return read_exponent(text, &suffix->exponent);
}

/* Would Kubernetes keep it in an int64? Then a number without any digit, ".", is 0. */
static bool is_fast(const struct parts *parts, const struct suffix *suffix)
{
	const int64_t n = parts->whole.len ? (int64_t)parts->whole.len : 1;
	const int64_t n_fraction = (int64_t)parts->fraction.len;

	if (suffix->base == 10)
		return n + n_fraction <= MAX_FAST && suffix->exponent - n_fraction >= NANO;
	return n_fraction == 0 && 15 - n - suffix->exponent * 3 / 10 - 1 >= 0;
}

/* What has a binary suffix is capped, and below 1 has none. */
static void limit_binary(struct admwh_quantity *quantity)
{
	struct admwh_quantity limit = {.n_digits = 0};

	awh_decimal_set(&limit, most_binary, strlen(most_binary));
	if (awh_decimal_compare_size(quantity, &limit) > 0)
		awh_decimal_set(quantity, most_binary, strlen(most_binary));
	awh_decimal_set(&limit, "1", 1);
	if (quantity->n_digits > 0 && awh_decimal_compare_size(quantity, &limit) < 0)
		quantity->form = ADMWH_QUANTITY_DECIMAL;
}

static void fill(struct admwh_quantity *quantity, const struct parts *parts,
		 const struct suffix *suffix)
{
	memcpy(quantity->digits, parts->whole.text, parts->whole.len);
	memcpy(quantity->digits + parts->whole.len, parts->fraction.text, parts->fraction.len);
	quantity->n_digits = (uint32_t)(parts->whole.len + parts->fraction.len);
	quantity->exponent = -(int64_t)parts->fraction.len;
	if (suffix->base == 10)
		quantity->exponent += suffix->exponent;
	awh_decimal_trim(quantity);
	for (int i = 0; suffix->base == 2 && i < suffix->exponent; i += 10)
		awh_decimal_times_1024(quantity);
	awh_decimal_round(quantity, NANO);
	if (quantity->form == ADMWH_QUANTITY_BINARY)
		limit_binary(quantity);
}

/* NULL, or why it is none. */
static const char *read(struct admwh_quantity *quantity, struct span text)
{
	struct suffix suffix;
	struct parts parts;
	const char *error;

	if (text.len == 0)
		return format_wrong;
	quantity->is_negative = text.text[0] == '-';
	take_one(&text, "+-");
	if (!split(text, &parts))
		return format_wrong;
	error = interpret(parts.suffix, &suffix, &quantity->form);
	if (!error && !parts.has_digits && !is_fast(&parts, &suffix))
		error = numeric_wrong;
	if (!error && parts.whole.len + parts.fraction.len > ADMWH_QUANTITY_DIGITS_MAX)
		error = too_many_digits;
	if (error)
		return error;
	fill(quantity, &parts, &suffix);
	return quantity->exponent > AWH_DECIMAL_EXPONENT_MAX ? exponent_wrong : NULL;
}

static int parse(struct admwh_quantity *quantity, struct span text)
{
	const char *error;

	*quantity = (struct admwh_quantity){.error = NULL};
	error = read(quantity, text);
	if (error)
		*quantity = (struct admwh_quantity){.error = error};
	return error ? ADMWH_E_INVAL : 0;
}

static const struct admwh_quantity zero = {.n_digits = 0};

static const struct admwh_quantity *or_zero(const struct admwh_quantity *quantity)
{
	return quantity ? quantity : &zero;
}

static struct span trim(struct span text)
{
	take(&text, " ");
	while (text.len > 0 && text.text[text.len - 1] == ' ')
		text.len--;
	return text;
}

/* The suffix of a form; NULL when it has none for the exponent. */
static const char *suffix_of(int base, int64_t exponent)
{
	for (size_t i = 0; i < N_SUFFIXES; i++)
		if (suffixes[i].base == base && suffixes[i].exponent == exponent)
			return suffixes[i].text;
	return NULL;
}

static int write_decimal(const struct admwh_quantity *quantity, bool has_suffix, char *text,
			 size_t size)
{
	const int64_t modulo = quantity->exponent % 3;
	const int more = (int)(modulo < 0 ? modulo + 3 : modulo);
	const int64_t exponent = quantity->exponent - more;
	const char *suffix = has_suffix ? suffix_of(10, exponent) : NULL;
	char power[24] = "";

	if (!suffix && exponent != 0)
		snprintf(power, sizeof(power), "e%" PRId64, exponent);
	return snprintf(text, size, "%s%.*s%.*s%s", quantity->is_negative ? "-" : "",
			(int)quantity->n_digits, quantity->digits, more, "00",
			suffix ? suffix : power);
}

/*
 * The digits before a binary suffix, which is of the exponent: without one where it is a sum beyond
 * what a text with such a suffix is. False: it is written with another one, as are fractions and
 * what is below 1024.
 */
static bool split_binary(struct admwh_quantity *number, int *exponent)
{
	struct admwh_quantity least = {.n_digits = 0}, most = least;

	awh_decimal_set(&least, "1024", 4);
	awh_decimal_set(&most, most_binary, strlen(most_binary));
	*exponent = 0;
	if (number->form != ADMWH_QUANTITY_BINARY || awh_decimal_compare_size(number, &least) < 0)
		return false;
	while (awh_decimal_compare_size(number, &most) <= 0 && *exponent < 60 &&
	       awh_decimal_by_1024(number))
		*exponent += 10;
	return awh_decimal_expand(number);
}

int admwh_quantity_parse(struct admwh_quantity *quantity, struct admwh_value value)
{
	const enum admwh_kind kind = admwh_value_kind(value);
	struct span text;
	int err;

	if (!quantity)
		return ADMWH_E_INVAL;
	*quantity = (struct admwh_quantity){.error = "there is no text"};
	if (!admwh_value_is_set(value))
		return ADMWH_E_NOT_FOUND;
	if (kind != ADMWH_STRING && kind != ADMWH_NUMBER) {
		awh_value_fail_kind(value, "a quantity");
		return ADMWH_E_INVAL;
	}
	text.text = kind == ADMWH_STRING ? admwh_value_text(value, &text.len)
					 : admwh_value_raw(value, &text.len);
	if (!text.text)
		return ADMWH_E_NOMEM;
	err = parse(quantity, trim(text));
	if (err < 0)
		awh_text_fail(awh_value_text(value), value.item, ADMWH_E_HANDLER,
			      "expected a quantity: %s", quantity->error);
	return err;
}

int admwh_quantity_parse_text(struct admwh_quantity *quantity, const char *text)
{
	if (!quantity)
		return ADMWH_E_INVAL;
	return parse(quantity, (struct span){text ? text : "", text ? strlen(text) : 0});
}

int admwh_quantity_sign(const struct admwh_quantity *quantity)
{
	quantity = or_zero(quantity);
	if (quantity->n_digits == 0)
		return 0;
	return quantity->is_negative ? -1 : 1;
}

int admwh_quantity_compare(const struct admwh_quantity *a, const struct admwh_quantity *b)
{
	const int sign_a = admwh_quantity_sign(a), sign_b = admwh_quantity_sign(b);

	if (sign_a != sign_b)
		return sign_a < sign_b ? -1 : 1;
	return sign_a * awh_decimal_compare_size(or_zero(a), or_zero(b));
}

int admwh_quantity_add(struct admwh_quantity *quantity, const struct admwh_quantity *addend)
{
	const bool was_zero = admwh_quantity_sign(quantity) == 0;

	if (!quantity)
		return ADMWH_E_INVAL;
	addend = or_zero(addend);
	if (!awh_decimal_add(quantity, addend))
		return ADMWH_E_LIMIT;
	if (was_zero)
		quantity->form = addend->form;
	return 0;
}

int admwh_quantity_subtract(struct admwh_quantity *quantity,
			    const struct admwh_quantity *subtrahend)
{
	struct admwh_quantity negative = *or_zero(subtrahend);

	negative.is_negative = !negative.is_negative;
	return admwh_quantity_add(quantity, &negative);
}

bool admwh_quantity_scaled(const struct admwh_quantity *quantity, int scale, int64_t *number)
{
	struct admwh_quantity rounded = *or_zero(quantity);
	uint64_t size = 0;
	bool fits = scale >= NANO && scale <= 18;

	if (number)
		*number = 0;
	if (!fits)
		return false;
	awh_decimal_round(&rounded, scale);
	fits = rounded.n_digits + rounded.exponent - scale <= 19 || rounded.n_digits == 0;
	for (uint32_t i = 0; fits && i < rounded.n_digits; i++)
		size = size * 10 + (uint64_t)(rounded.digits[i] - '0');
	for (int64_t i = scale; fits && i < rounded.exponent; i++)
		size *= 10;
	fits = fits && size <= (uint64_t)INT64_MAX + rounded.is_negative;
	if (!number)
		return fits;
	if (!fits)
		*number = rounded.is_negative ? INT64_MIN : INT64_MAX;
	else
		*number = rounded.is_negative ? (int64_t)(0 - size) : (int64_t)size;
	return fits;
}

size_t admwh_quantity_format(const struct admwh_quantity *quantity, char *text, size_t size)
{
	struct admwh_quantity number = *or_zero(quantity);
	int len, exponent;

	quantity = or_zero(quantity);
	if (quantity->n_digits == 0)
		len = snprintf(text, size, "0");
	else if (split_binary(&number, &exponent))
		len = snprintf(text, size, "%s%.*s%s", number.is_negative ? "-" : "",
			       (int)number.n_digits, number.digits,
			       exponent ? suffix_of(2, exponent) : "");
	else
		len =
		    write_decimal(quantity, quantity->form != ADMWH_QUANTITY_EXPONENT, text, size);
	return len > 0 ? (size_t)len : 0;
}
