/* SPDX-License-Identifier: MIT */
/* What a replay has found, shown as it goes and counted by route and caller. */
#ifndef ADMWHCTL_TALLY_H
#define ADMWHCTL_TALLY_H

#include <jansson.h>
#include <stddef.h>

#include "replay/compare.h"
#include "replay/records.h"

/* The reviews of one route and caller. */
struct tally_group {
	const char *route, *caller; /* borrowed */
	size_t counts[COMPARISONS];
	json_t *kinds; /* of differences: how many there are */
};

struct tally {
	struct tally_group *groups;
	size_t n_groups;
	size_t counts[COMPARISONS];
	size_t n_bad, n_left;    /* files that are no records, and reviews that were not replayed */
	size_t n_without_extra;  /* different, of those that were recorded without userInfo.extra */
	enum policy_reads reads; /* for the hint at these */
	double seconds;
	json_t *differences; /* for JSON; NULL: they are printed as text */
};

void tally_init(struct tally *tally, bool as_json, enum policy_reads reads);
void tally_deinit(struct tally *tally);

/* Entries come by route and caller, and outlive the tally. */
void tally_add(struct tally *tally, const struct record_entry *entry, const struct record *record,
	       const struct comparing *comparing);

/* Print the summary, or all of the JSON. */
void tally_end(const struct tally *tally);

#endif
