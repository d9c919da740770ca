/* SPDX-License-Identifier: MIT */
/* What Kubernetes takes for the key and the value of a label (content.IsLabelKey()). */
#include <string.h>

#include "kube/selector.h"

enum { NAME_MAX_LEN = 63, PREFIX_MAX_LEN = 253 };

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alphanumeric(char c)
{
	return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/* [A-Za-z0-9] at both ends, "-", "_" and "." between. */
static bool is_name(const char *text, size_t len)
{
	if (len == 0 || len > NAME_MAX_LEN || !is_alphanumeric(text[0]) ||
	    !is_alphanumeric(text[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alphanumeric(text[i]) && text[i] != '-' && text[i] != '_' && text[i] != '.')
			return false;
	return true;
}

/* Labels of lower case, digits and "-", separated by dots (RFC 1123). */
static bool is_subdomain(const char *text, size_t len)
{
	char before = '.';

	if (len == 0 || len > PREFIX_MAX_LEN)
		return false;
	for (size_t i = 0; i < len; i++) {
		const bool is_end = !is_lower_or_digit(text[i]);

		if (is_end && ((text[i] != '-' && text[i] != '.') || before == '.' ||
			       (text[i] == '.' && before == '-')))
			return false;
		before = text[i];
	}
	return is_lower_or_digit(before);
}

bool awh_label_is_key(const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len);
	const size_t prefix = slash ? (size_t)(slash - text) : 0;

	if (!slash)
		return is_name(text, len);
	return is_subdomain(text, prefix) && is_name(slash + 1, len - prefix - 1);
}

bool awh_label_is_value(const char *text, size_t len)
{
	return len == 0 || is_name(text, len);
}
