/* SPDX-License-Identifier: MIT */
/*
 * What is answered to those who watch: health, readiness, metrics, the effective
 * configuration. Pages are routes of an endpoint like any other, answered on its loop.
 */
#ifndef AWH_HEALTH_PAGE_H
#define AWH_HEALTH_PAGE_H

#include "http/http.h"
#include "conn/conn.h"

enum awh_page {
	AWH_PAGE_HEALTH, /* of the main endpoint: the program's checks */
	AWH_PAGE_HEALTH_CHECK,
	AWH_PAGE_ALIVE,
	AWH_PAGE_READY,
	AWH_PAGE_READY_CHECK,
	AWH_PAGE_READY_STATUS, /* the status alone */
	AWH_PAGE_METRICS,
	AWH_PAGE_CONFIG,
};

/*
 * Everything that depends on what the program has registered: checks, and the pages of both
 * endpoints. Before the routes are frozen. 0 or a code, with the server's error set.
 */
int awh_pages_make(struct admwh_server *server);

/* Is this the name of one of the library's own checks? */
bool awh_check_is_taken(const char *name);

/* Answer with the page of conn->route. head: the request's */
enum awh_step awh_page_answer(struct awh_conn *conn, const struct awh_http_head *head);

#endif
