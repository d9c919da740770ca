/* SPDX-License-Identifier: MIT */
/* The host of a Host field, for ports that browsers must not be led to. */
#ifndef AWH_HTTP_HOST_H
#define AWH_HTTP_HOST_H

#include <stdbool.h>

/*
 * Is this a host whose address no public zone tells, so that a web site cannot have this name and
 * let it lead into the cluster (DNS rebinding)? IP addresses, names of one label, and names below
 * svc, local, localhost and internal (RFC 6761, RFC 6762).
 *
 * host: a valid Host field, "NAME:PORT" or "NAME"
 */
bool awh_host_is_internal(const char *host);

/* Is it this name, with any port, in any case? */
bool awh_host_is(const char *host, const char *name);

#endif
