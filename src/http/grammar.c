/* SPDX-License-Identifier: MIT */
#include "http/grammar.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

/* Not isalpha(), which depends on the locale. */
static bool is_alpha(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(unsigned char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

bool awh_is_tchar(unsigned char c)
{
	return is_alpha(c) || awh_is_digit(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
}

bool awh_is_target_char(unsigned char c)
{
	return c > ' ' && c < 0x7f;
}

bool awh_is_value_char(unsigned char c)
{
	return (c >= ' ' && c != 0x7f) || c == '\t';
}

struct awh_span awh_trim(struct awh_span span)
{
	while (span.len > 0 && awh_is_blank(span.at[0])) {
		span.at++;
		span.len--;
	}
	while (span.len > 0 && awh_is_blank(span.at[span.len - 1]))
		span.len--;
	return span;
}

bool awh_span_is(struct awh_span span, const char *text)
{
	for (size_t i = 0; i < span.len; i++) {
		unsigned char a = (unsigned char)span.at[i];
		unsigned char b = (unsigned char)text[i];

		if (b == '\0' || (a != b && !(is_alpha(a) && (a ^ b) == 0x20)))
			return false;
	}
	return text[span.len] == '\0';
}

struct awh_span awh_span_until(struct awh_span span, const char *ends, struct awh_span *rest)
{
	size_t i = 0;

	while (i < span.len && !is_one_of((unsigned char)span.at[i], ends))
		i++;
	*rest = (struct awh_span){span.at + i, span.len - i};
	return (struct awh_span){span.at, i};
}

bool awh_is_token(struct awh_span span)
{
	for (size_t i = 0; i < span.len; i++)
		if (!awh_is_tchar((unsigned char)span.at[i]))
			return false;
	return span.len > 0;
}

bool awh_list_next(struct awh_span *list, struct awh_span *element)
{
	struct awh_span rest;

	if (!list->at)
		return false;
	*element = awh_trim(awh_span_until(*list, ",", &rest));
	*list = rest.len > 0 ? (struct awh_span){rest.at + 1, rest.len - 1}
			     : (struct awh_span){NULL, 0};
	return true;
}

static bool read_number(struct awh_span span, unsigned int base, uint64_t *value)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < span.len; i++) {
		int digit = awh_hex_digit((unsigned char)span.at[i]);

		if (digit < 0 || (unsigned int)digit >= base)
			return false;
		if (sum > (UINT64_MAX - (unsigned int)digit) / base)
			return false;
		sum = sum * base + (unsigned int)digit;
	}
	if (span.len == 0)
		return false;
	*value = sum;
	return true;
}

bool awh_read_decimal(struct awh_span span, uint64_t *value)
{
	return read_number(span, 10, value);
}

bool awh_read_hex(struct awh_span span, uint64_t *value)
{
	return read_number(span, 16, value);
}

/* unreserved or sub-delims (RFC 3986 2.2, 2.3), or one of more */
static bool is_name_char(unsigned char c, const char *more)
{
	return is_alpha(c) || awh_is_digit(c) || is_one_of(c, "-._~!$&'()*+,;=") ||
	       is_one_of(c, more);
}

/* *( unreserved / sub-delims / pct-encoded / more ) */
static bool is_encoded_name(struct awh_span span, const char *more)
{
	for (size_t i = 0; i < span.len; i++) {
		if (is_name_char((unsigned char)span.at[i], more))
			continue;
		if (span.at[i] != '%' || span.len - i < 3 ||
		    awh_hex_digit((unsigned char)span.at[i + 1]) < 0 ||
		    awh_hex_digit((unsigned char)span.at[i + 2]) < 0)
			return false;
		i += 2;
	}
	return true;
}

static bool is_ipv6(struct awh_span span)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (span.len >= sizeof(text))
		return false;
	memcpy(text, span.at, span.len);
	text[span.len] = '\0';
	return strlen(text) == span.len && inet_pton(AF_INET6, text, &address) == 1;
}

/* "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) */
static bool is_ip_future(struct awh_span span)
{
	size_t i = 1;

	if (span.len == 0 || (span.at[0] != 'v' && span.at[0] != 'V'))
		return false;
	while (i < span.len && awh_hex_digit((unsigned char)span.at[i]) >= 0)
		i++;
	if (i == 1 || span.len - i < 2 || span.at[i] != '.')
		return false;
	for (i++; i < span.len; i++)
		if (!is_name_char((unsigned char)span.at[i], ":"))
			return false;
	return true;
}

/* "", ":" or ":" and digits */
static bool is_port(struct awh_span span)
{
	for (size_t i = 1; i < span.len; i++)
		if (!awh_is_digit(span.at[i]))
			return false;
	return span.len == 0 || span.at[0] == ':';
}

bool awh_is_scheme(struct awh_span span)
{
	for (size_t i = 0; i < span.len; i++) {
		unsigned char c = (unsigned char)span.at[i];

		if (!is_alpha(c) && (i == 0 || (!awh_is_digit(c) && !is_one_of(c, "+-."))))
			return false;
	}
	return span.len > 0;
}

bool awh_is_host(struct awh_span span)
{
	struct awh_span rest;
	struct awh_span host;

	if (span.len > 0 && span.at[0] == '[') {
		host = awh_span_until((struct awh_span){span.at + 1, span.len - 1}, "]", &rest);
		if (rest.len == 0)
			return false;
		rest = (struct awh_span){rest.at + 1, rest.len - 1};
		return (is_ipv6(host) || is_ip_future(host)) && is_port(rest);
	}
	host = awh_span_until(span, ":", &rest);
	return host.len > 0 && is_encoded_name(host, "") && is_port(rest);
}

bool awh_is_authority(struct awh_span span)
{
	struct awh_span rest;
	struct awh_span userinfo = awh_span_until(span, "@", &rest);

	if (rest.len == 0)
		return awh_is_host(span);
	return is_encoded_name(userinfo, ":") &&
	       awh_is_host((struct awh_span){rest.at + 1, rest.len - 1});
}
