/* SPDX-License-Identifier: MIT */
/*
 * The page of the effective configuration: what holds now, defaults and what was
 * read from files included. Never a key, a token or a digest of one.
 */
#ifndef AWH_HEALTH_CONFIGZ_H
#define AWH_HEALTH_CONFIGZ_H

#include "base/buf.h"
#include "health/view.h"

/* On the control thread. When memory runs out the buffer has failed. */
void awh_configz(const struct awh_view *view, struct awh_buf *body);

#endif
