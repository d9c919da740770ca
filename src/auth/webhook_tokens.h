/* SPDX-License-Identifier: MIT */
/*
 * The verdict on webhook tokens (KEP-6060): the keys in force, what the config
 * allows, and the tokens that were verified lately, so that an API server that shows
 * one token for minutes costs one signature.
 *
 * What is remembered is that a token's signature holds and whose it is, by the SHA-256 of the
 * token. Its audience and times are checked at each request, and new keys begin anew.
 */
#ifndef AWH_AUTH_WEBHOOK_TOKENS_H
#define AWH_AUTH_WEBHOOK_TOKENS_H

#include "base/error.h"
#include "config/config.h"
#include "identity/webhook_token.h"

/* Of one snapshot; used by any thread. */
struct awh_webhook_tokens;

/*
 * The verifier for one reading of the config's files.
 *
 * tokens: set to *new*; NULL where no webhook tokens are configured
 * config: *borrowed*, outlives it
 * Returns 0; ADMWH_E_INVAL, ADMWH_E_LIMIT with the file named; ADMWH_E_TLS; ADMWH_E_NOMEM.
 */
int awh_webhook_tokens_new(struct awh_webhook_tokens **tokens, const struct admwh_config *config,
			   const struct awh_sources *sources, struct awh_error *error);
/* NULL is allowed. */
void awh_webhook_tokens_free(struct awh_webhook_tokens *tokens);

/* How many keys there are. */
size_t awh_webhook_tokens_keys(const struct awh_webhook_tokens *tokens);

/*
 * Is this a good token for a request?
 *
 * text: len bytes, as awh_bearer_token() gives them
 * path: of the request, without its query
 * found: set to a reference when the result is AWH_TOKEN_OK
 */
enum awh_token_result awh_webhook_tokens_check(struct awh_webhook_tokens *tokens, const char *text,
					       size_t len, const char *path,
					       struct awh_webhook_token **found);

#endif
