/* SPDX-License-Identifier: MIT */
/* HOST:PORT. See address.h. */
#include "common/address.h"

#include <string.h>

void address_add(struct text *text, const char *host, const char *port)
{
	bool is_bare_ipv6 = strchr(host, ':') && *host != '[';

	text_add(text, is_bare_ipv6 ? "[%s]:%s" : "%s:%s", host, port);
}
