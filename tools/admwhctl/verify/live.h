/* SPDX-License-Identifier: MIT */
/* live: the server as it runs, asked as its callers ask it, and as others would. */
#ifndef ADMWHCTL_VERIFY_LIVE_H
#define ADMWHCTL_VERIFY_LIVE_H

#include "verify/facts.h"
#include "verify/report.h"

struct live_options {
	const char *address;        /* HOST:PORT; NULL: by kubectl port-forward */
	const char *health_address; /* likewise */
	const char *kubectl;        /* NULL: the cluster is not asked */
	const char *context;        /* NULL: kubectl's own */
};

/* 0, or -1: it has complained that a value is no HOST:PORT. */
int live_check_address(const char *flag, const char *value);

void live_run(struct report *report, const struct facts *facts, const struct live_options *options);

#endif
