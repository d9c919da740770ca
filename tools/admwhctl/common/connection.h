/* SPDX-License-Identifier: MIT */
/* TCP connections that are made, and waited for, until a time of clock_ms(). */
#ifndef ADMWHCTL_CONNECTION_H
#define ADMWHCTL_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Take "HOST:PORT" or "[ADDRESS]:PORT" apart; port points into it. Returns 0, or -1: it is neither.
 */
int address_split(const char *address, char *host, size_t size, const char **port);

/* Connect to a host. Returns the socket, which does not block; -1: reason says why. */
int connection_open(const char *host, const char *port, int64_t until_ms, char *reason,
		    size_t size);

/* Wait until a socket is ready for events of poll(). false: it is not, in time. */
bool connection_wait(int fd, short events, int64_t until_ms);

#endif
