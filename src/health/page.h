/* SPDX-License-Identifier: MIT */
/*
 * health: what is shown to those who watch: checks, pages, metrics, the effective
 * configuration. Knows no connection.
 *
 * A page is a route as any other, whose function writes a reply over a view, on the
 * endpoint's own loop.
 */
#ifndef AWH_HEALTH_PAGE_H
#define AWH_HEALTH_PAGE_H

#include "base/error.h"
#include "dispatch/route.h"
#include "health/check.h"
#include "health/view.h"

struct awh_pages {
	struct awh_view view;
	struct awh_routes routes;  /* of the health endpoint */
	struct awh_checks program; /* that the program has added */
	struct awh_checks alive, ready,
	    health; /* /livez, /readyz, and health at the main endpoint */
};

/*
 * Add all that depends on what the program has registered: checks, the routes of the health
 * endpoint, and below each health route of the main one a page for each check. Before the routes
 * are frozen.
 *
 * main: the main endpoint's routes
 * Returns 0 or a code, with error set.
 */
int awh_pages_make(struct awh_pages *pages, struct awh_routes *main, struct awh_error *error);
void awh_pages_deinit(struct awh_pages *pages);

/* A route of the main endpoint that tells the program's health. NULL: memory ran out. */
struct admwh_route *awh_page_new_health(struct awh_pages *pages);

/* Is this the name of one of the library's own checks? */
bool awh_check_is_taken(const char *name);

#endif
