/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Handlers, and the routes they are registered on.
 *
 * **Handlers may run concurrently**, also the same one on the same userdata.
 */
#ifndef ADMWH_ROUTE_H
#define ADMWH_ROUTE_H

#include <stdbool.h>

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/identity.h>
#include <admwh/patch.h>
#include <admwh/request.h>
#include <admwh/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One path and its handler. */
struct admwh_route;

/**
 * Decides about a request.
 *
 * @param req       *borrowed* until the callback returns
 * @param resp      *borrowed* until the callback returns
 * @param userdata  what was registered
 * @return 0 when decided; negative: the handler has failed, see admwh_route_set_on_failure()
 */
typedef int admwh_validate_fn(const struct admwh_request *req, struct admwh_response *resp,
			      void *userdata);

/**
 * Decides about a request and may change its object. Without a decision of its own a mutator
 * has failed, also when it added operations.
 *
 * @param req       *borrowed* until the callback returns
 * @param resp      *borrowed* until the callback returns
 * @param patch     *borrowed* until the callback returns
 * @param userdata  what was registered
 * @return 0 when decided; negative: the handler has failed, see admwh_route_set_on_failure()
 */
typedef int admwh_mutate_fn(const struct admwh_request *req, struct admwh_response *resp,
			    struct admwh_patch *patch, void *userdata);

/**
 * What the API server is told when a handler fails, decides nothing or misses its deadline.
 *
 * A review that nobody could review is always left to the failurePolicy of the webhook
 * configuration: the queue is full, its body is larger than 64 KiB and no worker took it up by the
 * deadline (smaller ones are decoded before they are queued), it is malformed.
 */
enum admwh_on_failure {
	/** HTTP 200 and a denial with code 500 or 504: the request is refused. The default. */
	ADMWH_ON_FAILURE_DENY = 1,
	/** HTTP 500 or 504: the failurePolicy of the webhook configuration decides. */
	ADMWH_ON_FAILURE_POLICY = 2
};

/**
 * Choose what a handler's failure means.
 *
 * @param route       a route
 * @param on_failure  ADMWH_ON_FAILURE_DENY or ADMWH_ON_FAILURE_POLICY
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_on_failure(struct admwh_route *route,
							   enum admwh_on_failure on_failure);

/**
 * Run the handler on the event loop itself, without a hand-off to a worker. For handlers that
 * only compute, and briefly: a handler that blocks here blocks every connection of its loop, and
 * is not answered for at its deadline.
 *
 * @param route  a route
 * @param on     run inline
 * @return 0; ADMWH_E_INVAL when route is NULL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_inline(struct admwh_route *route, bool on);

/**
 * Whom a route is for, beyond the rules of the bundles: a caller that meets none of the route's own
 * rules gets 403. With several calls one met is enough.
 *
 * @param route   a route
 * @param bundle  name of the bundle that vouches, for instance "audit-scanner"
 * @param rule    as for admwh_bundle_allow(); 0 for anyone the bundle lets in
 * @param value   as for admwh_bundle_allow(); NULL with rule 0
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE once the server was started. A bundle the
 *         server does not have is found at its start.
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_allow(struct admwh_route *route, const char *bundle,
						  enum admwh_rule rule, const char *value);

/** What a route asks of its caller. */
enum admwh_route_auth {
	/** Everything that is configured: client CAs, tokens, or both. The default. */
	ADMWH_ROUTE_AUTH_ALL = 1,
	/** A certificate that is let in. */
	ADMWH_ROUTE_AUTH_CERTIFICATE = 2,
	/** A token; needs ADMWH_CLIENT_AUTH_REQUEST where client CAs are configured. */
	ADMWH_ROUTE_AUTH_TOKEN = 3,
	/** One of the two; needs ADMWH_CLIENT_AUTH_REQUEST. */
	ADMWH_ROUTE_AUTH_EITHER = 4
};

/**
 * Choose what a route asks of its caller.
 *
 * @param route  a route
 * @param auth   one of enum admwh_route_auth
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE once the server was started. What is not configured is
 *         found at the server's start.
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_auth(struct admwh_route *route,
						     enum admwh_route_auth auth);

/**
 * Take only tokens of this group, 403 for others; with several calls one is enough.
 *
 * @param route  a route
 * @param group  as in the token file; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_require_token_group(struct admwh_route *route,
								const char *group);

/**
 * Call the handler only for some reviews: those of this group and kind with one of these
 * operations. With several calls one is enough; without any the handler gets all reviews.
 *
 * @param route       a route
 * @param group       API group, "" for the core group; NULL for any
 * @param kind        for instance "Pod"; NULL for any
 * @param operations  a sum of ADMWH_OPERATION_BIT(ADMWH_CREATE) and its like; 0 for any
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_add_filter(struct admwh_route *route, const char *group,
						       const char *kind, unsigned int operations);

/** An operation as a bit, for admwh_route_add_filter(). */
#define ADMWH_OPERATION_BIT(operation) (1u << (operation))

/** What becomes of a review that no filter lets through. */
enum admwh_unmatched {
	/** As when a handler fails: the webhook configuration sends what nobody reviews. Default.
	 */
	ADMWH_UNMATCHED_FAIL = 1,
	/** It is allowed. */
	ADMWH_UNMATCHED_ALLOW = 2
};

/**
 * Choose what becomes of reviews that no filter lets through.
 *
 * @param route      a route
 * @param unmatched  ADMWH_UNMATCHED_FAIL or ADMWH_UNMATCHED_ALLOW
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_unmatched(struct admwh_route *route,
							  enum admwh_unmatched unmatched);

/**
 * Choose how answers are written.
 *
 * @param route    a route
 * @param dialect  one of enum admwh_dialect
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_dialect(struct admwh_route *route,
							enum admwh_dialect dialect);

/**
 * Take any JSON as the request: the body is `{"request": ...}`, the answer `{"response": {...}}`,
 * as Kubewarden's raw policies have it. admwh_request_object_json() is the whole of `request`,
 * which a mutator's patch is about; uid is its `uid`, or "". kind, resource and user are empty;
 * operation is ADMWH_OTHER.
 *
 * @param route  a route
 * @param on     take any JSON
 * @return 0; ADMWH_E_INVAL when route is NULL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_raw(struct admwh_route *route, bool on);

/**
 * What the last failed setter of a route complains about.
 *
 * @param route  a route; of a server's the message is admwh_server_error()
 * @return *borrowed* until the next call with this route, or its server; "" when nothing failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_route_error(const struct admwh_route *route);

/**
 * A route of its own, without a server, for admwh_route_review().
 *
 * @param validate  the handler
 * @param userdata  passed to every call
 * @return *new*, free with admwh_route_free(); NULL when memory ran out or validate is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_route *admwh_route_new_validator(admwh_validate_fn *validate,
							void *userdata);

/**
 * As admwh_route_new_validator(), for a mutator.
 *
 * @param mutate    the handler
 * @param userdata  passed to every call
 * @return *new*, free with admwh_route_free(); NULL when memory ran out or mutate is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_route *admwh_route_new_mutator(admwh_mutate_fn *mutate, void *userdata);

/**
 * Free a route made by admwh_route_new_validator() or admwh_route_new_mutator().
 *
 * @param route  NULL is allowed; one that a server owns is left alone
 * @since 0.1.0
 */
ADMWH_API void admwh_route_free(struct admwh_route *route);

#ifdef __cplusplus
}
#endif

#endif
