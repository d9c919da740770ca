/* SPDX-License-Identifier: MIT */
/*
 * The decision: every image of a workload is looked up among the scan results
 * and held against a policy.
 */
#ifndef RUNECAST_REVIEW_H
#define RUNECAST_REVIEW_H

#include <stdbool.h>

#include <admwh/admwh.h>

/* Userdata of review_images(): what it decides by. Outlives the server. */
struct review {
	const char *policy; /* id; NULL: that of the request's path */
	const struct admwh_file *policies;
	const struct admwh_file *scan_results;
	bool allow_unknown; /* images that were not scanned: with a warning */
};

admwh_validate_fn review_images;

#endif
