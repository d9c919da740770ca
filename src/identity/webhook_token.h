/* SPDX-License-Identifier: MIT */
/*
 * A token that an API server obtained to call this webhook (KEP-6060), once its
 * signature is verified: what it says, and what a request must agree with.
 *
 * It is held to the URL that the API server calls: the claim aud is the URL of the
 * webhook configuration, https://NAME.NAMESPACE.svc:PORT/PATH for a Service. The
 * program names the part before the path, and the rest is the request's own path, so
 * that a token for one route is good for no other.
 */
#ifndef AWH_IDENTITY_WEBHOOK_TOKEN_H
#define AWH_IDENTITY_WEBHOOK_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/request.h>

#include "base/arena.h"

/* What became of a token: a metric's label, and the reason in the log. */
#define AWH_TOKEN_RESULT_MAP(XX)                                                                   \
	XX(OK, "ok", "")                                                                           \
	XX(MALFORMED, "malformed", "it is no signed token as Kubernetes issues")                   \
	XX(ALGORITHM, "algorithm", "its algorithm is not its key's")                               \
	XX(KEY, "unknown_key", "no key of the key file has its kid")                               \
	XX(SIGNATURE, "signature", "its signature does not hold")                                  \
	XX(ISSUER, "issuer", "its issuer is another one")                                          \
	XX(UNBOUND, "unbound", "it is bound to no webhook configuration")                          \
	XX(WEBHOOK, "webhook", "its webhook configuration is not among those allowed")             \
	XX(AUDIENCE, "audience", "its audience is not the URL of this path")                       \
	XX(EXPIRED, "expired", "it has expired")                                                   \
	XX(EARLY, "not_yet_valid", "it is not valid yet")                                          \
	XX(ERROR, "error", "memory ran out")

enum awh_token_result {
#define AWH_TOKEN_RESULT_ENUM(id, name, reason) AWH_TOKEN_##id,
	AWH_TOKEN_RESULT_MAP(AWH_TOKEN_RESULT_ENUM)
#undef AWH_TOKEN_RESULT_ENUM
	    AWH_TOKEN_RESULTS
};

const char *awh_token_result_name(enum awh_token_result result);
/* For a log: "it has expired" */
const char *awh_token_result_reason(enum awh_token_result result);

enum {
	AWH_TOKEN_SKEW_S = 60,       /* that clocks may differ by; kube-apiserver allows as much */
	AWH_TOKEN_ORIGIN_MAX = 1024, /* bytes */
};

/* Reference-counted; filled by one thread, then only read. */
struct awh_webhook_token {
	int references; /* atomic */
	struct awh_arena arena;
	struct admwh_bearer bearer;
	struct admwh_webhook_token facts;
	const char *audience;
	int64_t not_before; /* seconds since 1970; the smallest one where there is none */
};

/* *new*; NULL when memory runs out */
struct awh_webhook_token *awh_webhook_token_new(void);
struct awh_webhook_token *awh_webhook_token_ref(struct awh_webhook_token *token);
/* NULL is allowed. */
void awh_webhook_token_unref(struct awh_webhook_token *token);

/* Is an origin well-formed: https://, a host, maybe a port, and no path? */
bool awh_token_origin_is_valid(const char *origin);

/* Is the audience one of the origins and then the path? Without a path it stands for "/". */
bool awh_token_is_for(const char *audience, const char *const *origins, size_t n_origins,
		      const char *path);

/* Is it valid at a time, in seconds since 1970? AWH_TOKEN_OK, _EXPIRED or _EARLY. */
enum awh_token_result awh_webhook_token_check_time(const struct awh_webhook_token *token,
						   int64_t now_s);

/* May its holder ask about the resources of this API group? */
bool awh_webhook_token_covers(const struct admwh_webhook_token *facts, const char *api_group);

#endif
