/* SPDX-License-Identifier: MIT */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { PORT_DIGITS = 5 };

/* Digits only: no sign, no space, at most 65535. */
static bool parse_port(const char *text, uint16_t *port)
{
	unsigned int value = 0;
	size_t len = strlen(text);

	if (len == 0 || len > PORT_DIGITS)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned int)(*text - '0');
	}
	if (value > UINT16_MAX)
		return false;
	*port = (uint16_t)value;
	return true;
}

static bool parse_host(const char *host, uint16_t port, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (void *)address;
	struct sockaddr_in6 *v6 = (void *)address;
	size_t len = strlen(host);
	char plain[INET6_ADDRSTRLEN];

	memset(address, 0, sizeof(*address));
	if (len == 0 || (host[0] == '[' && host[len - 1] == ']' && len - 2 < sizeof(plain))) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		v6->sin6_addr = in6addr_any;
		if (len == 0)
			return true;
		memcpy(plain, host + 1, len - 2);
		plain[len - 2] = '\0';
		return inet_pton(AF_INET6, plain, &v6->sin6_addr) == 1;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	return inet_pton(AF_INET, host, &v4->sin_addr) == 1;
}

bool awh_address_parse(const char *text, struct sockaddr_storage *address)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	char host[INET6_ADDRSTRLEN + 2];
	struct sockaddr_storage parsed;
	uint16_t port;

	if (!colon || (size_t)(colon - text) >= sizeof(host) || !parse_port(colon + 1, &port))
		return false;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (!parse_host(host, port, &parsed))
		return false;
	*address = parsed;
	return true;
}

const char *awh_address_problem(const char *text)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	uint16_t port;

	if (!text || *text == '\0')
		return "it is empty";
	if (*text == '[' && !strchr(text, ']'))
		return "the \"]\" behind the IPv6 address is missing";
	if (!colon || (strchr(text, ']') && colon < strchr(text, ']')))
		return "the port is missing";
	if (*text != '[' && strchr(text, ':') != colon)
		return "an IPv6 address stands in brackets: \"[::1]:9443\"";
	if (!parse_port(colon + 1, &port))
		return "the port is no number from 0 to 65535";
	return "the host is no IPv4 address, IPv6 address in brackets, or nothing for all";
}

socklen_t awh_address_length(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					      : sizeof(struct sockaddr_in);
}

uint16_t awh_address_port(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	return ntohs(address->ss_family == AF_INET6 ? v6->sin6_port : v4->sin_port);
}

void awh_address_text(const struct sockaddr_storage *address, char *text, size_t size)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;
	char host[INET6_ADDRSTRLEN] = "";

	if (address->ss_family != AF_INET6) {
		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		snprintf(text, size, "%s:%u", host, awh_address_port(address));
	} else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], host, sizeof(host));
		snprintf(text, size, "%s:%u", host, awh_address_port(address));
	} else {
		inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		snprintf(text, size, "[%s]:%u", host, awh_address_port(address));
	}
}

bool awh_address_is_any(const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *v6 = (const void *)address;

	return address->ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

const struct sockaddr_storage *awh_address_any_v4(const struct sockaddr_storage *v6,
						  struct sockaddr_storage *room)
{
	struct sockaddr_in *v4 = (void *)room;

	memset(room, 0, sizeof(*room));
	v4->sin_family = AF_INET;
	v4->sin_port = ((const struct sockaddr_in6 *)(const void *)v6)->sin6_port;
	return room;
}
