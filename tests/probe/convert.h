/* SPDX-License-Identifier: MIT */
/*
 * The probe's conversions of a shop.dev Basket between v1 and v2: spec.size of the one
 * is spec.items of the other. Each tells an event "converted" for each object.
 *
 *   /convert         does that
 *   /convert-edit    the same, on a tree
 *   /convert-slow    the same, after later_wait()
 *   /convert-fail    fails for the second object
 *   /convert-rename  changes the name, which is refused
 */
#ifndef PROBE_CONVERT_H
#define PROBE_CONVERT_H

#include <admwh/admwh.h>

/* Add all of them. 0 or the library's code. */
int convert_add(struct admwh_server *server);

#endif
