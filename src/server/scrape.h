/* SPDX-License-Identifier: MIT */
/*
 * The page of metrics: everything that is counted, read as it stands now.
 */
#ifndef AWH_SERVER_SCRAPE_H
#define AWH_SERVER_SCRAPE_H

#include "server/exposition.h"
#include "server/server.h"

/* On the keeper's thread. */
void awh_scrape(struct admwh_server *server, struct awh_exposition *exposition);

#endif
