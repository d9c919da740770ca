/* SPDX-License-Identifier: MIT */
/*
 * What is set about webhook tokens (KEP-6060), and the keys that their file holds.
 */
#ifndef AWH_CONFIG_WEBHOOK_TOKENS_H
#define AWH_CONFIG_WEBHOOK_TOKENS_H

#include "config/config.h"
#include "config/jwks.h"

/*
 * Read the keys of a source of AWH_SOURCE_TOKEN_KEYS. *jwks is for awh_jwks_deinit() in any case.
 *
 * Returns 0; ADMWH_E_INVAL, ADMWH_E_LIMIT with the file named; ADMWH_E_TLS; ADMWH_E_NOMEM.
 */
int awh_token_keys_read(struct awh_jwks *jwks, const struct awh_source *source,
			struct awh_error *error);

/* Is all set that tokens are held to, or nothing? 0 or ADMWH_E_INVAL. */
int awh_webhook_tokens_check_config(const struct admwh_config *config, struct awh_error *error);

#endif
