/* SPDX-License-Identifier: MIT */
/*
 * Checks, and how their results read: as those of Kubernetes' own components
 * (k8s.io/apiserver/pkg/server/healthz), so that people and scripts find what
 * they know. No I/O.
 */
#ifndef AWH_HEALTH_CHECK_H
#define AWH_HEALTH_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/health.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

struct awh_check {
	char name[AWH_NAME_MAX + 1];
	admwh_health_check_fn *run;
	void *userdata;
	bool is_own;   /* the library's: what fails it is no failure but a state, told by 503 */
	bool is_quiet; /* told when it fails alone */
};

struct awh_checks {
	struct awh_check *items;
	size_t n_items;
};

/* 0; ADMWH_E_INVAL: no such name; ADMWH_E_EXISTS; ADMWH_E_NOMEM. */
int awh_checks_add(struct awh_checks *checks, const struct awh_check *check,
		   struct awh_error *error);
void awh_checks_deinit(struct awh_checks *checks);

/*
 * Run all that the query does not exclude and write what they say.
 *
 * name: for the last line, "readyz"
 * query: of the request's target; NULL without one. `verbose` and `exclude=NAME` mean something.
 * Returns the status to answer with: 200; 503 when one of the library's own has failed; else 500.
 */
int awh_checks_run(const struct awh_checks *checks, const char *name, const char *query,
		   struct awh_buf *body);

/* Do all hold? */
bool awh_checks_hold(const struct awh_checks *checks);

/* One alone, with its reason. Returns the status. */
int awh_check_run(const struct awh_check *check, struct awh_buf *body);

#endif
