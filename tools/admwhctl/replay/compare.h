/* SPDX-License-Identifier: MIT */
/* The answer to a replayed review against the one that was recorded. */
#ifndef ADMWHCTL_COMPARE_H
#define ADMWHCTL_COMPARE_H

#include <jansson.h>
#include <stdbool.h>

#include "common/client.h"
#include "replay/records.h"

enum comparison {
	SAME,
	DIFFERENT,
	NOT_COMPARABLE, /* different, of a review that was redacted */
	NO_ANSWER,      /* or none that kube-apiserver would take */
	COMPARISONS
};

struct comparing {
	enum comparison result;
	/*
	 * New: decision ("allowed", "denied", "error"), code and message of those that are not
	 * allowed, warnings, patch; members that are empty are left out. Or error: why there is no
	 * answer.
	 */
	json_t *recorded, *replayed;
	json_t *changes;      /* new: the names of what differs */
	char *before, *after; /* new: the patched objects as YAML; NULL unless they differ */
};

/* is_validating: a patch is no valid answer. */
void compare_answer(struct comparing *comparing, const struct record *record, bool is_validating,
		    const struct client_answer *answer);

void comparing_deinit(struct comparing *comparing);

#endif
