/* SPDX-License-Identifier: MIT */
/**
 * @file
 * **Experimental**: tokens that API servers obtain to call webhooks (KEP-6060, alpha in Kubernetes
 * 1.37 behind the gate APIServerWebhookAuthenticationToken). They are service account tokens, JSON
 * Web Tokens that the server verifies offline, by the issuer's public keys: where an API server
 * cannot be given a client certificate or a token file's token, they prove that it calls.
 *
 * Such a token is accepted as one of a token file is, at each route that takes tokens
 * (admwh_route_set_auth()), and `req->bearer->webhook` says what it holds. It is bound to the URL
 * of its webhook, path included, to a webhook configuration, and to an API group: a review of a
 * resource of another group is answered with HTTP 403.
 *
 * Issuer, keys, an origin and an allowed webhook are all required, or none is set.
 *
 * These functions and their names may change with Kubernetes, without a new soname. Setters behave
 * as those of config.h do.
 */
#ifndef ADMWH_WEBHOOK_TOKENS_H
#define ADMWH_WEBHOOK_TOKENS_H

#include <admwh/config.h>
#include <admwh/export.h>
#include <admwh/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup callers
 * @{ */

/**
 * Set the issuer that tokens must name: the first `--service-account-issuer` of kube-apiserver.
 *
 * @param config  a config
 * @param issuer  1 to 1024 bytes, for instance "https://kubernetes.default.svc.cluster.local";
 *                compared byte for byte
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int
admwh_config_experimental_set_token_issuer(struct admwh_config *config, const char *issuer);

/**
 * Set the file of the issuer's public keys, a JSON Web Key Set: what
 * `kubectl get --raw /openid/v1/jwks` prints. It is read at once, and read again when it changes,
 * see admwh_config_set_reload(). The library fetches nothing.
 *
 * Keys are RSA of 2048 to 4096 bits, or of the curves P-256, P-384 or P-521. Each signs with one
 * algorithm: that of its `alg`, or else RS256, ES256, ES384, ES512 by its type. Keys of other types
 * and uses are left out.
 *
 * @param config  a config
 * @param file    its name
 * @return 0; ADMWH_E_IO; ADMWH_E_LIMIT when it is larger than 1 MiB or has more than 32 keys;
 *         ADMWH_E_INVAL when it is no key set, has no key to use, a key that cannot be used, a
 *         private one, or several without a `kid` each; ADMWH_E_TLS; ADMWH_E_NOMEM; ADMWH_E_STATE
 *         when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int
admwh_config_experimental_set_token_keys_file(struct admwh_config *config, const char *file);

/**
 * Add an origin: the part of the webhook's URL before its path. A token's audience must be an
 * origin and then the path of the request, byte for byte. With several calls any will do.
 *
 * @param config  a config
 * @param origin  for a Service "https://NAME.NAMESPACE.svc:PORT", with the port, 443 too; else as
 *                in `clientConfig.url`
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int
admwh_config_experimental_add_token_origin(struct admwh_config *config, const char *origin);

/**
 * Accept tokens that are bound to this webhook configuration. With several calls any will do.
 *
 * @param config  a config
 * @param kind    of the configuration
 * @param name    its metadata.name; NULL for every one of the kind
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int
admwh_config_experimental_allow_webhook(struct admwh_config *config, enum admwh_webhook_kind kind,
					const char *name);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
