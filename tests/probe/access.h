/* SPDX-License-Identifier: MIT */
/*
 * The probe's flags about who is let in: rules, files, tokens, and what a route
 * asks of its callers.
 */
#ifndef PROBE_ACCESS_H
#define PROBE_ACCESS_H

#include <stdbool.h>

#include <admwh/admwh.h>

extern const char access_usage[];

/* Take "--NAME=ARGUMENT". False: it is none of these flags. *failed: the library's code */
bool access_set_option(struct admwh_config *config, const char *name, char *argument, int *err);

/* What the flags say about the route of this path. 0 or the library's code. */
int access_set_route(struct admwh_route *route, const char *path);

#endif
