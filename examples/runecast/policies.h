/* SPDX-License-Identifier: MIT */
/*
 * What an image may have:
 * {"policies": {"2": {"name": "...", "rule": {"maxSeverity": {"high": {"totalWithFix": 0}}}}}}
 */
#ifndef RUNECAST_POLICIES_H
#define RUNECAST_POLICIES_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/file.h>

#include "config_file.h"
#include "scan_results.h"

/* What is counted of a severity. */
enum count { TOTAL, WITH_FIX, WITHOUT_FIX, COUNTS };

struct policy {
	char *id;
	char *name;
	json_int_t most[SEVERITIES][COUNTS]; /* -1: as many as there are */
	json_t *allow_always;                /* {"CVE-1": true}: do not count */
	json_t *deny_always;                 /* one of these is too much */
};

struct policies {
	struct policy *items;
	size_t n_items;
};

/* *new*; NULL: place->problem says why. */
struct policies *policies_read(struct place *place, json_t *root);

/* As a file of a config. */
admwh_file_parse_fn policies_parse;
admwh_file_free_fn policies_free;

/* *borrowed*; NULL when there is none with this id. */
const struct policy *policies_find(const struct policies *policies, const char *id);

/* Does a scan keep the policy? */
bool policy_permits(const struct policy *policy, const struct scan *scan);

#endif
