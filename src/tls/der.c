/* SPDX-License-Identifier: MIT */
#include "tls/der.h"

#include <assert.h>
#include <string.h>

bool awh_der_equal(struct awh_der a, struct awh_der b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* The length octets at *at, of which there is one at least; *at is moved past them. */
static bool read_length(struct awh_der in, size_t *at, size_t *len)
{
	size_t octets;

	assert(*at < in.len);
	*len = in.data[(*at)++];
	if (*len < 0x80)
		return true;
	/* 0x80 is the indefinite form; four octets are more than any certificate needs. */
	octets = *len & 0x7f;
	if (octets < 1 || octets > 4 || octets > in.len - *at || in.data[*at] == 0)
		return false;
	*len = 0;
	while (octets-- > 0)
		*len = *len << 8 | in.data[(*at)++];
	return *len >= 0x80;
}

bool awh_der_next(struct awh_der *in, uint8_t *tag, struct awh_der *value, struct awh_der *element)
{
	size_t at = 1;
	size_t len;

	if (in->len < 2 || (in->data[0] & 0x1f) == 0x1f)
		return false;
	if (!read_length(*in, &at, &len) || len > in->len - at)
		return false;
	*tag = in->data[0];
	*value = (struct awh_der){in->data + at, len};
	if (element)
		*element = (struct awh_der){in->data, at + len};
	in->data += at + len;
	in->len -= at + len;
	return true;
}

bool awh_der_expect(struct awh_der *in, uint8_t tag, struct awh_der *value)
{
	uint8_t found;

	return awh_der_peek(*in, tag) && awh_der_next(in, &found, value, NULL);
}

bool awh_der_peek(struct awh_der in, uint8_t tag)
{
	return in.len > 0 && in.data[0] == tag;
}

bool awh_der_boolean(struct awh_der value, bool *set)
{
	if (value.len != 1 || (value.data[0] != 0x00 && value.data[0] != 0xff))
		return false;
	*set = value.data[0] == 0xff;
	return true;
}

bool awh_der_integer_valid(struct awh_der value)
{
	if (value.len == 0)
		return false;
	if (value.len == 1)
		return true;
	/* The first nine bits must not all be equal. */
	return !(value.data[0] == 0x00 && value.data[1] < 0x80) &&
	       !(value.data[0] == 0xff && value.data[1] >= 0x80);
}

bool awh_der_small(struct awh_der value, int *number)
{
	int n = 0;

	if (!awh_der_integer_valid(value) || value.len > 4 || value.data[0] >= 0x80)
		return false;
	for (size_t i = 0; i < value.len; i++)
		n = n << 8 | value.data[i];
	*number = n;
	return true;
}

static bool two_digits(const uint8_t *at, int *number)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return false;
	*number = (at[0] - '0') * 10 + (at[1] - '0');
	return true;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t days_from_date(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

bool awh_der_time(uint8_t tag, struct awh_der value, int64_t *seconds)
{
	const uint8_t *at = value.data;
	int part[5]; /* month, day, hour, minute, second */
	int century = 0;
	int year;

	if (value.len != (tag == AWH_DER_UTC_TIME ? 13 : 15) || at[value.len - 1] != 'Z')
		return false;
	if (tag != AWH_DER_UTC_TIME) {
		if (!two_digits(at, &century))
			return false;
		at += 2;
	}
	if (!two_digits(at, &year))
		return false;
	for (int i = 0; i < 5; i++)
		if (!two_digits(at + 2 + 2 * i, &part[i]))
			return false;
	if (tag == AWH_DER_UTC_TIME)
		century = year < 50 ? 20 : 19;
	year += century * 100;
	if (part[0] < 1 || part[0] > 12 || part[1] < 1 || part[1] > days_in_month(year, part[0]) ||
	    part[2] > 23 || part[3] > 59 || part[4] > 59)
		return false;
	*seconds = days_from_date(year, part[0], part[1]) * 86400 + part[2] * 3600 + part[3] * 60 +
		   part[4];
	return true;
}
