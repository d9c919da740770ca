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
	DIFFERENT_DETAILS, /* reason, causes or audit annotations alone */
	NOT_COMPARABLE,    /* different, of a record that lacks what the policy may have read */
	NO_ANSWER,         /* or none that kube-apiserver would take */
	COMPARISONS
};

/* What of that which records leave out a policy may read: see docs/recording.md. */
enum policy_reads {
	READS_NONE,
	READS_OBJECT, /* all but userInfo.extra */
	READS_ALL
};

struct comparing {
	enum comparison result;
	/*
	 * New: decision ("allowed", "denied", "error", "deadline"), code, message, reason and
	 * causes of those that are not allowed, warnings, auditAnnotations, patch; members that are
	 * empty are left out. Or error: why there is no answer.
	 */
	json_t *recorded, *replayed;
	json_t *changes; /* new: the names of what differs */
	/* New: the patched objects as YAML. NULL where they are the same, or one is too long. */
	char *before, *after;
	char *obstacle;        /* new: why it is not comparable; NULL unless it is not */
	bool is_without_extra; /* userInfo.extra was left out of the record */
};

/* How to compare: the caller's. */
struct compare_options {
	enum policy_reads reads;
	bool is_validating; /* a patch is no valid answer */
};

void compare_answer(struct comparing *comparing, const struct record *record,
		    const struct compare_options *options, const struct client_answer *answer);

void comparing_deinit(struct comparing *comparing);

#endif
