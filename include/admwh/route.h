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
 * Accept reviews without apiVersion and kind, as Kubewarden's audit scanner sends them. They are
 * answered as admission.k8s.io/v1.
 *
 * @param route  a route
 * @param on     accept them
 * @return 0; ADMWH_E_INVAL when route is NULL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_bare_reviews(struct admwh_route *route, bool on);

/**
 * A route of its own, without a server, for admwh_review_route().
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
