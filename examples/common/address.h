/* SPDX-License-Identifier: MIT */
/* Where a server listens, as the library wants to be told. */
#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include "common/text.h"

/* Add "HOST:PORT"; an IPv6 address gets its brackets, unless it has them. */
void address_add(struct text *text, const char *host, const char *port);

#endif
