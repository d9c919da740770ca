/* SPDX-License-Identifier: MIT */
/*
 * The page of metrics: everything that is counted, read as it stands now.
 */
#ifndef AWH_HEALTH_SCRAPE_H
#define AWH_HEALTH_SCRAPE_H

#include "health/exposition.h"
#include "health/view.h"

/* ready: is the server? On the control thread. */
void awh_scrape(const struct awh_view *view, bool ready, struct awh_exposition *exposition);

#endif
