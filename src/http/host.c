/* SPDX-License-Identifier: MIT */
#include "http/host.h"

#include <string.h>
#include <strings.h>

#include "http/grammar.h"

/* Without its port, and without the dot at the end of a name. */
static struct awh_span name_of(const char *host)
{
	size_t len = strcspn(host, ":");

	if (len > 0 && host[len - 1] == '.')
		len--;
	return (struct awh_span){host, len};
}

/* Four numbers: the last label of a name is never one (RFC 1123 section 2.1). */
static bool is_ipv4(struct awh_span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] != '.' && (name.at[i] < '0' || name.at[i] > '9'))
			return false;
	return name.len > 0;
}

static bool ends_in(struct awh_span name, const char *suffix)
{
	size_t len = strlen(suffix);

	return name.len > len && strncasecmp(name.at + name.len - len, suffix, len) == 0;
}

bool awh_host_is_internal(const char *host)
{
	static const char *const suffixes[] = {".svc", ".cluster.local", ".localhost", ".internal"};
	struct awh_span name = name_of(host);

	if (host[0] == '[' || is_ipv4(name) || !memchr(name.at, '.', name.len))
		return true;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (ends_in(name, suffixes[i]))
			return true;
	return false;
}

bool awh_host_is(const char *host, const char *name)
{
	struct awh_span span = name_of(host);

	return strlen(name) == span.len && strncasecmp(span.at, name, span.len) == 0;
}
