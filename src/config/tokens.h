/* SPDX-License-Identifier: MIT */
/*
 * From a token file to the set of its tokens, by the library's own reader or the
 * program's.
 */
#ifndef AWH_CONFIG_TOKENS_H
#define AWH_CONFIG_TOKENS_H

#include "config/config.h"
#include "identity/tokens.h"

/*
 * Read the tokens of one reading of a config's files.
 *
 * tokens: set to *new* for awh_tokens_unref(); NULL where no token file is configured
 * Returns 0; ADMWH_E_INVAL, ADMWH_E_LIMIT with the file and its line named, and no token;
 * ADMWH_E_NOMEM.
 */
int awh_tokens_read(struct awh_tokens **tokens, const struct admwh_config *config,
		    const struct awh_sources *sources, struct awh_error *error);

/* The holder of the token in an Authorization field: *borrowed* from the set; NULL: unknown. */
const struct admwh_bearer *awh_tokens_bearer(const struct awh_tokens *tokens,
					     const char *authorization, bool bare);

#endif
