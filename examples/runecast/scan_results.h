/* SPDX-License-Identifier: MIT */
/*
 * What the scanner found, by image:
 * {"images": {"nginx:1.19": [{"id": "CVE-1", "severity": "high", "fixedIn": "1.2"}]}}
 */
#ifndef RUNECAST_SCAN_RESULTS_H
#define RUNECAST_SCAN_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/file.h>

#include "config_file.h"

enum severity { CRITICAL, HIGH, MEDIUM, LOW, UNKNOWN, SEVERITIES };

struct vulnerability {
	char *id;
	enum severity severity;
	bool has_fix;
};

struct scan {
	char *image; /* in full, see images.h */
	struct vulnerability *items;
	size_t n_items;
};

/* Sorted by image. */
struct scan_results {
	struct scan *items;
	size_t n_items;
};

/* "critical" and its like, in any case. SEVERITIES: none of them. */
enum severity severity_by_name(const char *name);
const char *severity_name(enum severity severity);

/* *new*; NULL: place->problem says why. */
struct scan_results *scan_results_read(struct place *place, json_t *root);

/* As a file of a config. */
admwh_file_parse_fn scan_results_parse;
admwh_file_free_fn scan_results_free;

/* *borrowed*; NULL for an image that was not scanned. */
const struct scan *scan_results_find(const struct scan_results *results, const char *image);

#endif
