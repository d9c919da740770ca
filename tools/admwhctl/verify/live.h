/* SPDX-License-Identifier: MIT */
/* live, cluster: the server as it runs, asked as its callers ask it and as others would, and what
 * the cluster has. */
#ifndef ADMWHCTL_VERIFY_LIVE_H
#define ADMWHCTL_VERIFY_LIVE_H

#include "verify/facts.h"
#include "verify/kubectl.h"
#include "verify/report.h"

struct live_options {
	const char *address;        /* HOST:PORT; NULL: by kubectl port-forward */
	const char *health_address; /* NULL: that of each Pod, by port-forward */
	struct kubectl kubectl;     /* program NULL: the cluster is not asked */
};

/* What the checks of a running server share; facts->live. */
struct live {
	const struct live_options *options;
	char *address; /* NULL: there is none */
	char *problem; /* why there is no address */
	struct kubectl_forward forward;
	char *folder; /* temporary, of pairs that are made to be refused; NULL: none */
};

/* 0, or -1: it has complained that a value is no HOST:PORT. */
int live_check_address(const char *flag, const char *value);

void live_run(struct report *report, struct facts *facts, const struct live_options *options);

extern const struct check live_checks[];
extern const struct check cluster_checks[];

/* The body of http://ADDRESS/PATH, new; NULL: there is none that is whole within this time. */
char *http_get(const char *address, const char *path, unsigned int timeout_ms);

#endif
