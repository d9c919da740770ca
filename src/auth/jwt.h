/* SPDX-License-Identifier: MIT */
/*
 * JSON Web Tokens of Kubernetes (RFC 7519, RFC 7515 compact serialization): from the
 * text that a client sent to what it says. Nothing of a token is used before its
 * signature has held, except the names of its algorithm and key, which are compared.
 */
#ifndef AWH_AUTH_JWT_H
#define AWH_AUTH_JWT_H

#include <stddef.h>

#include "config/jwks.h"
#include "identity/webhook_token.h"

/*
 * Verify a token and read it. Issuer, audience, times and webhook are read, and left to be checked.
 *
 * text: len bytes, at most AWH_TOKEN_BYTES_MAX
 * token: set to *new* when the result is AWH_TOKEN_OK
 * Returns AWH_TOKEN_OK, _MALFORMED, _ALGORITHM, _KEY, _SIGNATURE, _UNBOUND or _ERROR.
 */
enum awh_token_result awh_jwt_verify(struct awh_webhook_token **token, const char *text, size_t len,
				     const struct awh_jwks *jwks);

/*
 * Read what a token says, of the JSON text that its signature holds for: the second half of
 * awh_jwt_verify().
 *
 * token: set to *new* when the result is AWH_TOKEN_OK
 * Returns AWH_TOKEN_OK, _MALFORMED, _UNBOUND or _ERROR.
 */
enum awh_token_result awh_jwt_read(struct awh_webhook_token **token, const char *text, size_t len);

#endif
