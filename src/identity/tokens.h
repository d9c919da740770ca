/* SPDX-License-Identifier: MIT */
/*
 * Bearer tokens: the set of those that are good, and how a request shows one.
 *
 * Only digests are kept, and a lookup compares every one of them in the same
 * time, so that neither memory nor timing reveals a token. This folder knows no
 * hash function: src/tls/ has SHA-256, its callers hand digests in.
 */
#ifndef AWH_IDENTITY_TOKENS_H
#define AWH_IDENTITY_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/request.h>

#include "base/error.h"

enum {
	AWH_DIGEST_BYTES = 32,
	AWH_TOKEN_BYTES_MAX = 4096,
	AWH_TOKENS_MAX = 10000, /* each is compared with at every request */
};

/* Reference-counted; filled by one thread, then only read: a review keeps what it points to. */
struct awh_tokens;

struct awh_tokens *awh_tokens_new(void);
struct awh_tokens *awh_tokens_ref(struct awh_tokens *tokens);
void awh_tokens_unref(struct awh_tokens *tokens);

size_t awh_tokens_count(const struct awh_tokens *tokens);

/*
 * digest: AWH_DIGEST_BYTES of the token
 * name: clean text, groups too; copied
 * Returns 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_LIMIT past AWH_TOKENS_MAX; ADMWH_E_NOMEM.
 */
int awh_tokens_add(struct awh_tokens *tokens, const uint8_t *digest, const char *name,
		   const char *const *groups, size_t n_groups, struct awh_error *error);

/* The holder of the token with this digest, *borrowed* from the set; NULL: there is none. */
const struct admwh_bearer *awh_tokens_find(const struct awh_tokens *tokens, const uint8_t *digest);

/* Is this a member of that group? */
bool awh_bearer_is_in(const struct admwh_bearer *bearer, const char *group);

/* Can this be a token: 1 to AWH_TOKEN_BYTES_MAX visible ASCII characters? */
bool awh_token_is_valid(const char *token, size_t len);

/*
 * The token of an Authorization field, RFC 6750 section 2.1: the scheme "Bearer" in any case, one
 * space or more, and the token.
 *
 * authorization: its value, without space around it; NULL for none
 * bare: a value of one word is a token, too
 * Returns its first byte, with *len set; NULL when there is none that could be valid.
 */
const char *awh_bearer_token(const char *authorization, bool bare, size_t *len);

#endif
