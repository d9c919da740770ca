/* SPDX-License-Identifier: MIT */
/* Single values of a request: its media type, and its timeout. */
#include "http/http.h"

#include <string.h>

#include "http/grammar.h"

/* What Go's time.ParseDuration() knows, with its nanoseconds. */
static const struct {
	const char *name;
	int64_t ns;
} units[] = {
    {"ns", 1},           {"us", 1000},      {"\xc2\xb5s", 1000}, /* U+00B5 micro sign, which Go
								    writes */
    {"\xce\xbcs", 1000},                                         /* U+03BC Greek small letter mu */
    {"ms", 1000000},     {"s", 1000000000}, {"m", 60000000000},  {"h", 3600000000000},
};

/* Nanoseconds of the unit at *text, which moves behind it; 0 when there is none. */
static int64_t read_unit(const char **text)
{
	size_t len = strcspn(*text, ".0123456789");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == len && memcmp(*text, units[i].name, len) == 0) {
			*text += len;
			return units[i].ns;
		}
	}
	return 0;
}

/* *DIGIT at *text, which moves behind it. */
static struct awh_span read_digits(const char **text)
{
	struct awh_span digits = {*text, strspn(*text, "0123456789")};

	*text += digits.len;
	return digits;
}

/* 1*DIGIT [ "." 1*DIGIT ] unit: adds it to *sum, false when it is malformed or too much. */
static bool read_term(const char **text, int64_t *sum)
{
	struct awh_span fraction = {NULL, 0};
	uint64_t whole;
	int64_t unit;

	if (!awh_read_decimal(read_digits(text), &whole))
		return false;
	if (**text == '.') {
		++*text;
		fraction = read_digits(text);
		if (fraction.len == 0)
			return false;
	}
	unit = read_unit(text);
	if (unit == 0 || whole > (uint64_t)((INT64_MAX - *sum) / unit))
		return false;
	*sum += (int64_t)whole * unit;
	/* Digits below a nanosecond do not count. */
	for (size_t i = 0; i < fraction.len && unit > 0; i++) {
		int64_t part = (fraction.at[i] - '0') * (unit /= 10);

		if (part > INT64_MAX - *sum)
			return false;
		*sum += part;
	}
	return true;
}

bool awh_http_parse_timeout(const char *text, int64_t *ms)
{
	int64_t sum = 0;

	while (*text)
		if (!read_term(&text, &sum))
			return false;
	if (sum < 1000000)
		return false;
	*ms = sum / 1000000;
	return true;
}

/* A Content-Type without its parameters. */
static struct awh_span media_type(const char *content_type)
{
	struct awh_span rest;
	struct awh_span whole = {content_type, strlen(content_type)};

	return awh_trim(awh_span_until(whole, ";", &rest));
}

bool awh_http_is_json(const char *content_type)
{
	return content_type && awh_span_is(media_type(content_type), "application/json");
}

bool awh_http_is_json_based(const char *content_type)
{
	static const char application[] = "application/", json[] = "+json";
	const size_t around = sizeof(application) - 1 + sizeof(json) - 1;
	struct awh_span type;

	if (awh_http_is_json(content_type) || !content_type)
		return content_type != NULL;
	type = media_type(content_type);
	return type.len > around &&
	       awh_span_is((struct awh_span){type.at, sizeof(application) - 1}, application) &&
	       awh_span_is(
		   (struct awh_span){type.at + type.len - (sizeof(json) - 1), sizeof(json) - 1},
		   json) &&
	       !memchr(type.at, ' ', type.len) && !memchr(type.at, ',', type.len);
}
