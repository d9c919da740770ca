/* SPDX-License-Identifier: MIT */
#ifndef AWH_CONFIG_CHECK_H
#define AWH_CONFIG_CHECK_H

#include "config/config.h"

/* Is the whole fit for a server? 0 or a code, with config->error set. */
int awh_config_check(struct admwh_config *config);

/* Can a caller be authenticated by a token: one of the token file, or a webhook token? */
bool awh_config_has_tokens(const struct admwh_config *config);

#endif
