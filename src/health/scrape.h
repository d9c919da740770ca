/* SPDX-License-Identifier: MIT */
/*
 * The page of metrics: everything that is counted, read as it stands now.
 */
#ifndef AWH_HEALTH_SCRAPE_H
#define AWH_HEALTH_SCRAPE_H

#include "health/exposition.h"
#include "server/server.h"

/* On the control thread. */
void awh_scrape(struct admwh_server *server, struct awh_exposition *exposition);

#endif
