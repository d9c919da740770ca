/* SPDX-License-Identifier: MIT */
/*
 * time.Parse with the layout RFC3339, time.ParseDuration, strconv.ParseInt: as
 * lenient as they are (an hour of one digit, a comma before the fraction) and
 * with their words where they are not.
 */
#include <string.h>

#include "go_time.h"

#define LAYOUT "2006-01-02T15:04:05Z07:00"

struct time_text {
	const char *whole;
	const char *at;
	struct text *error;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool cannot_parse(struct time_text *text, const char *at, const char *as)
{
	text_add(text->error, "parsing time ");
	go_quote_ascii(text->error, text->whole, strlen(text->whole));
	text_add(text->error, " as \"" LAYOUT "\": cannot parse ");
	go_quote_ascii(text->error, at, strlen(at));
	text_add(text->error, " as \"%s\"", as);
	return false;
}

static bool out_of_range(struct time_text *text, const char *what)
{
	text_add(text->error, "parsing time ");
	go_quote_ascii(text->error, text->whole, strlen(text->whole));
	text_add(text->error, ": %s out of range", what);
	return false;
}

static bool take_literal(struct time_text *text, char c)
{
	const char as[] = {c, '\0'};

	if (*text->at != c)
		return cannot_parse(text, text->at, as);
	text->at++;
	return true;
}

/* Two digits, or one where the layout says so and no second one follows. */
static bool take_number(struct time_text *text, const char *as, bool two, int *value)
{
	const char *at = text->at;

	if (!is_digit(at[0]) || (two && !is_digit(at[1])))
		return cannot_parse(text, at, as);
	*value = at[0] - '0';
	text->at++;
	if (is_digit(at[1])) {
		*value = *value * 10 + at[1] - '0';
		text->at++;
	}
	return true;
}

static bool take_year(struct time_text *text, int *year)
{
	*year = 0;
	for (int i = 0; i < 4; i++) {
		if (!is_digit(text->at[i]))
			return cannot_parse(text, text->at, "2006");
		*year = *year * 10 + text->at[i] - '0';
	}
	text->at += 4;
	return true;
}

static void skip_fraction(struct time_text *text)
{
	if ((*text->at != '.' && *text->at != ',') || !is_digit(text->at[1]))
		return;
	text->at++;
	while (is_digit(*text->at))
		text->at++;
}

/* "Z", or a sign, two digits, ":" and two digits. */
static bool take_zone(struct time_text *text)
{
	const char *at = text->at;
	int hour, minute;

	if (*at == 'Z') {
		text->at++;
		return true;
	}
	if (strlen(at) < 6 || at[3] != ':')
		return cannot_parse(text, at, "Z07:00");
	if (!is_digit(at[1]) || !is_digit(at[2]))
		return cannot_parse(text, at, "Z07:00");
	hour = (at[1] - '0') * 10 + at[2] - '0';
	minute = is_digit(at[4]) && is_digit(at[5]) ? (at[4] - '0') * 10 + at[5] - '0' : -1;
	text->at += 6;
	if (hour > 24)
		return out_of_range(text, "time zone offset hour");
	if (minute > 60)
		return out_of_range(text, "time zone offset minute");
	if (minute < 0 || (*at != '+' && *at != '-'))
		return cannot_parse(text, at, "Z07:00");
	return true;
}

static int days_in(int month, int year)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(struct time_text *text, int *year, int *month, int *day)
{
	if (!take_year(text, year) || !take_literal(text, '-') ||
	    !take_number(text, "01", true, month))
		return false;
	if (*month < 1 || *month > 12)
		return out_of_range(text, "month");
	return take_literal(text, '-') && take_number(text, "02", true, day);
}

static bool take_clock(struct time_text *text)
{
	int value;

	if (!take_number(text, "15", false, &value))
		return false;
	if (value > 23)
		return out_of_range(text, "hour");
	if (!take_literal(text, ':') || !take_number(text, "04", true, &value))
		return false;
	if (value > 59)
		return out_of_range(text, "minute");
	if (!take_literal(text, ':') || !take_number(text, "05", true, &value))
		return false;
	if (value > 59)
		return out_of_range(text, "second");
	skip_fraction(text);
	return true;
}

bool go_time_check(const char *value, struct text *error)
{
	struct time_text text = {value, value, error};
	int year, month, day;

	if (!take_date(&text, &year, &month, &day) || !take_literal(&text, 'T') ||
	    !take_clock(&text) || !take_zone(&text))
		return false;
	if (*text.at) {
		text_add(error, "parsing time ");
		go_quote_ascii(error, value, strlen(value));
		text_add(error, ": extra text: ");
		go_quote_ascii(error, text.at, strlen(text.at));
		return false;
	}
	/* Last, as in Go: an extra text is told first. */
	if (day < 1 || day > days_in(month, year))
		return out_of_range(&text, "day");
	return true;
}

static bool bad_duration(struct text *error, const char *what, const char *whole)
{
	text_add(error, "time: %s ", what);
	go_quote_ascii(error, whole, strlen(whole));
	return false;
}

static uint64_t unit_ns(const char *unit, size_t len)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
	    {"ns", 1},       {"us", 1000},       {"\302\265s", 1000}, {"\316\274s", 1000},
	    {"ms", 1000000}, {"s", 1000000000u}, {"m", 60000000000u}, {"h", 3600000000000u},
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && memcmp(units[i].name, unit, len) == 0)
			return units[i].ns;
	return 0;
}

/* Digits, up to 2^63; false when they say more. */
static bool take_digits(const char **at, uint64_t *value)
{
	const uint64_t most = (uint64_t)1 << 63;

	for (*value = 0; is_digit(**at); (*at)++) {
		if (*value > most / 10)
			return false;
		*value = *value * 10 + (uint64_t)(**at - '0');
		if (*value > most)
			return false;
	}
	return true;
}

/* What is behind the point, as value / scale; digits that make no difference are passed over. */
static void take_fraction(const char **at, uint64_t *value, double *scale)
{
	const uint64_t most = (uint64_t)1 << 63;
	bool full = false;

	*value = 0;
	*scale = 1;
	for (; is_digit(**at); (*at)++) {
		uint64_t digit = (uint64_t)(**at - '0');

		full = full || *value > (most - digit) / 10;
		if (full)
			continue;
		*value = *value * 10 + digit;
		*scale *= 10;
	}
}

/* One number with its unit, added to the sum. */
static bool take_part(const char **at, uint64_t *sum, const char *whole, struct text *error)
{
	const uint64_t most = (uint64_t)1 << 63;
	const char *begin = *at;
	uint64_t value, fraction = 0, unit;
	double scale = 1;
	bool digits;
	size_t len;

	if (!take_digits(at, &value))
		return bad_duration(error, "invalid duration", whole);
	digits = *at > begin;
	if (**at == '.') {
		begin = ++*at;
		take_fraction(at, &fraction, &scale);
		digits = digits || *at > begin;
	}
	if (!digits)
		return bad_duration(error, "invalid duration", whole);
	len = strcspn(*at, ".0123456789");
	if (len == 0)
		return bad_duration(error, "missing unit in duration", whole);
	unit = unit_ns(*at, len);
	if (unit == 0) {
		text_add(error, "time: unknown unit ");
		go_quote_ascii(error, *at, len);
		text_add(error, " in duration ");
		go_quote_ascii(error, whole, strlen(whole));
		return false;
	}
	*at += len;
	if (value > most / unit)
		return bad_duration(error, "invalid duration", whole);
	value = value * unit + (uint64_t)((double)fraction * ((double)unit / scale));
	*sum += value;
	return (value <= most && *sum <= most) || bad_duration(error, "invalid duration", whole);
}

bool go_duration_parse(const char *text, int64_t *ns, struct text *error)
{
	const char *at = text;
	bool negative = *at == '-';
	uint64_t sum = 0;

	if (*at == '-' || *at == '+')
		at++;
	*ns = 0;
	if (strcmp(at, "0") == 0)
		return true;
	if (!*at)
		return bad_duration(error, "invalid duration", text);
	while (*at)
		if (!take_part(&at, &sum, text, error))
			return false;
	if (sum == (uint64_t)1 << 63 && !negative)
		return bad_duration(error, "invalid duration", text);
	*ns = negative ? (int64_t)(0 - sum) : (int64_t)sum;
	return true;
}

static bool bad_int(struct text *error, const char *function, const char *text, const char *what)
{
	text_add(error, "strconv.%s: parsing ", function);
	go_quote(error, text);
	text_add(error, ": %s", what);
	return false;
}

bool go_int_parse(const char *function, const char *text, int64_t *value, struct text *error)
{
	bool negative = *text == '-';
	const char *at = text + (*text == '-' || *text == '+');
	uint64_t sum = 0;

	if (!*at)
		return bad_int(error, function, text, "invalid syntax");
	for (; *at; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (!is_digit(*at))
			return bad_int(error, function, text, "invalid syntax");
		if (sum > (UINT64_MAX - digit) / 10)
			return bad_int(error, function, text, "value out of range");
		sum = sum * 10 + digit;
	}
	if (sum > (uint64_t)INT64_MAX + negative)
		return bad_int(error, function, text, "value out of range");
	*value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
	return true;
}
