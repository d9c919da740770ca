/* SPDX-License-Identifier: MIT */
#ifndef AWH_CONFIG_CHECK_H
#define AWH_CONFIG_CHECK_H

#include "config/config.h"

/* Is the whole fit for a server? 0 or a code, with config->error set. */
int awh_config_check(struct admwh_config *config);

#endif
