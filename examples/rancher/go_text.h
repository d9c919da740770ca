/* SPDX-License-Identifier: MIT */
/*
 * Small languages that users write into fields, checked as the Go code
 * checks them that later reads them, with its error texts: JSON, base64, regular
 * expressions, cron, JSONPath. Nothing here runs what it checks.
 */
#ifndef RANCHER_GO_TEXT_H
#define RANCHER_GO_TEXT_H

#include <stdbool.h>

#include "go_quote.h"

/* encoding/json: is it one JSON value? */
bool go_json_check(const char *text, struct text *error);

/* base64.StdEncoding.DecodeString() */
bool go_base64_check(const char *text, struct text *error);

/* regexp.Compile(): Go's dialect, which is RE2's: no look-around, no back-references. */
bool go_regexp_check(const char *text, struct text *error);

/* A cron expression of five fields, or a descriptor such as @daily. */
bool cron_check(const char *text, struct text *error);

/* The parser Rancher's audit log uses for redactions. */
bool json_path_check(const char *text, struct text *error);

#endif
