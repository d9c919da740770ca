/* SPDX-License-Identifier: MIT */
/*
 * Socket addresses and their text.
 */
#ifndef AWH_NET_ADDRESS_H
#define AWH_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { AWH_ADDRESS_TEXT = 64 };

/* "127.0.0.1:9443", "[::1]:9443"; ":9443" for all addresses. *address changes on success only. */
bool awh_address_parse(const char *text, struct sockaddr_storage *address);

/* Why awh_address_parse() does not take it. Static. */
const char *awh_address_problem(const char *text);

/* As awh_address_parse() reads it; size: AWH_ADDRESS_TEXT is enough */
void awh_address_text(const struct sockaddr_storage *address, char *text, size_t size);

socklen_t awh_address_length(const struct sockaddr_storage *address);
uint16_t awh_address_port(const struct sockaddr_storage *address);

/* Is it all addresses of both families? */
bool awh_address_is_any(const struct sockaddr_storage *address);

/* All addresses of a machine without IPv6, with the same port. */
const struct sockaddr_storage *awh_address_any_v4(const struct sockaddr_storage *v6,
						  struct sockaddr_storage *room);

#endif
