/* SPDX-License-Identifier: MIT */
/*
 * Times and durations as Go's time package reads them, errors included.
 */
#ifndef RANCHER_GO_TIME_H
#define RANCHER_GO_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "go_quote.h"

/* time.Parse(time.RFC3339, text): false, with Go's error, when it is none. */
bool go_time_check(const char *text, struct text *error);

/* time.ParseDuration(text): nanoseconds; false, with Go's error, when it is none. */
bool go_duration_parse(const char *text, int64_t *ns, struct text *error);

/* strconv's ParseInt (in base 10) or Atoi, whichever the error is to name. */
bool go_int_parse(const char *function, const char *text, int64_t *value, struct text *error);

#endif
