/* SPDX-License-Identifier: MIT */
/*
 * The resources that containers of a namespace get when they ask for none.
 */
#ifndef RANCHER_LIMITS_H
#define RANCHER_LIMITS_H

#include <stdbool.h>

#include "go_quote.h"

/*
 * {"requestsCpu": "100m", "limitsCpu": "500m", "requestsMemory": "64Mi", "limitsMemory": "1Gi"}:
 * are they quantities, and no request above its limit? False: with the reason.
 */
bool limits_check(const char *annotation, struct text *why);

#endif
