/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Handlers and routes: the callbacks that decide, and the options of the path that they serve.
 *
 * **Handlers may run concurrently**, the same handler with the same userdata included. The options
 * of a server's route are set before the server starts.
 */
#ifndef ADMWH_ROUTE_H
#define ADMWH_ROUTE_H

#include <stdbool.h>

#include <admwh/config.h>
#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/identity.h>
#include <admwh/patch.h>
#include <admwh/request.h>
#include <admwh/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup routes
 * @{ */

/** A path and its handler. */
struct admwh_route;

/**
 * A validator: decides a request. It returns: a C++ exception that leaves it ends the process
 * (std::terminate), as does one that leaves any other callback.
 *
 * @param req       *borrowed* until the callback returns
 * @param resp      *borrowed* until the callback returns
 * @param userdata  what was registered
 * @return 0 when decided; negative when failed, see admwh_route_set_on_failure()
 */
typedef int admwh_validate_fn(const struct admwh_request *req, struct admwh_response *resp,
			      void *userdata);

/**
 * A mutator: decides a request and may patch its object. A mutator that adds operations but leaves
 * the response undecided has failed. No C++ exception may leave it, as with admwh_validate_fn.
 *
 * @param req       *borrowed* until the callback returns
 * @param resp      *borrowed* until the callback returns
 * @param patch     *borrowed* until the callback returns
 * @param userdata  what was registered
 * @return 0 when decided; negative when failed, see admwh_route_set_on_failure()
 */
typedef int admwh_mutate_fn(const struct admwh_request *req, struct admwh_response *resp,
			    struct admwh_patch *patch, void *userdata);

/**
 * How the API server is answered when a handler fails, leaves the response undecided or misses its
 * deadline.
 *
 * Reviews that no handler could see are always left to the failurePolicy of the webhook
 * configuration: those rejected by a full queue, those that are malformed, and those with a body
 * above 64 KiB that no worker started before the deadline (smaller bodies are decoded before they
 * are queued).
 */
enum admwh_on_failure {
	/** HTTP 200 and a denial with code 500 or 504. The default. */
	ADMWH_ON_FAILURE_DENY = 1,
	/**
	 * HTTP 500 or 504: the failurePolicy of the webhook configuration decides. The body is a
	 * metav1.Status, whose message, the reason of the failure, the API server shows to the user
	 * under failurePolicy Fail. Warnings and audit annotations are lost.
	 */
	ADMWH_ON_FAILURE_POLICY = 2
};

/**
 * Choose how the API server is answered when a handler fails.
 *
 * @param route       a route
 * @param on_failure  ADMWH_ON_FAILURE_DENY or ADMWH_ON_FAILURE_POLICY
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_on_failure(struct admwh_route *route,
							   enum admwh_on_failure on_failure);

/**
 * Set whether the handler runs on the event loop instead of a worker thread. This is for handlers
 * that compute briefly and never block: an inline handler blocks every connection of its event loop
 * while it runs, and is not answered for at its deadline.
 *
 * @param route  a route
 * @param on     false is the default
 * @return 0; ADMWH_E_INVAL when route is NULL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_inline(struct admwh_route *route, bool on);

/**
 * Restrict a route to callers that match a rule of its own, beyond the rules of the bundles; others
 * get 403. With several calls the rules are alternatives: one match is enough.
 *
 * @param route   a route
 * @param bundle  name of the bundle whose CA issued the certificate, for instance "audit-scanner";
 *                copied
 * @param rule    as for admwh_bundle_allow(); ADMWH_RULE_ANY for every caller that the bundle
 *                allows
 * @param value   as for admwh_bundle_allow(); NULL with ADMWH_RULE_ANY
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE once the server was started. A bundle that
 *         the server does not have is an error of its start.
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_allow(struct admwh_route *route, const char *bundle,
						  enum admwh_rule rule, const char *value);

/** The credentials that a route requires. */
enum admwh_route_auth {
	/** All that are configured: a certificate, a token, or both. The default. */
	ADMWH_ROUTE_AUTH_ALL = 1,
	/** An allowed certificate. */
	ADMWH_ROUTE_AUTH_CERTIFICATE = 2,
	/** A token; needs ADMWH_CLIENT_AUTH_REQUEST where client CAs are configured. */
	ADMWH_ROUTE_AUTH_TOKEN = 3,
	/** A certificate or a token; needs ADMWH_CLIENT_AUTH_REQUEST. */
	ADMWH_ROUTE_AUTH_EITHER = 4
};

/**
 * Choose the credentials that a route requires.
 *
 * @param route  a route
 * @param auth   one of enum admwh_route_auth
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE once the server was started. Credentials that the server
 *         is not configured for are an error of its start.
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_auth(struct admwh_route *route,
						     enum admwh_route_auth auth);

/**
 * Restrict a route to tokens of this group; others get 403. With several calls the groups are
 * alternatives: one is enough. These are groups of the token file, not of `req->user`.
 *
 * @param route  a route
 * @param group  as in the token file; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_require_token_group(struct admwh_route *route,
								const char *group);

/**
 * Call the handler only for reviews of this group, kind and operation: a policy for Pods finds
 * nothing to forbid in other objects, and allows them. With several calls the
 * filters are alternatives: one match is enough. Without a filter the handler gets all reviews.
 * admwh_route_set_unmatched() says what happens to the others.
 *
 * @param route       a route
 * @param group       API group, "" for the core group; NULL for any; copied
 * @param kind        for instance "Pod"; NULL for any; copied
 * @param operations  a sum of ADMWH_OPERATION_BIT(ADMWH_CREATE) and so on; 0 for any
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_add_filter(struct admwh_route *route, const char *group,
						       const char *kind, unsigned int operations);

/** An operation as a bit, for admwh_route_add_filter(). */
#define ADMWH_OPERATION_BIT(operation) (1u << (operation))

/** What happens to a review that matches no filter of its route. */
enum admwh_unmatched {
	/** It fails, as with a failed handler: the webhook configuration sends too much. The
	 * default. */
	ADMWH_UNMATCHED_FAIL = 1,
	/** It is allowed. */
	ADMWH_UNMATCHED_ALLOW = 2
};

/**
 * Choose what happens to reviews that match no filter.
 *
 * @param route      a route
 * @param unmatched  ADMWH_UNMATCHED_FAIL or ADMWH_UNMATCHED_ALLOW
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_unmatched(struct admwh_route *route,
							  enum admwh_unmatched unmatched);

/**
 * Choose the dialect of a route.
 *
 * @param route    a route
 * @param dialect  one of enum admwh_dialect
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_dialect(struct admwh_route *route,
							enum admwh_dialect dialect);

/**
 * Set whether the route only warns, to try a policy before it is enforced: what its handler, or a
 * hook, denies is allowed. The user gets what the denial says as warnings ("would be denied:
 * spec.hostNetwork: Forbidden: ..."), one for each error of admwh_response_decide(), each cut at
 * 256 bytes, as many as the API server passes on; the audit log gets the message as annotation
 * `would-deny`, cut at 4 KiB, unless the handler has added one of this name. Logs and metrics have
 * the decision `warned`, after hooks ADMWH_DECISION_WARNED.
 *
 * The patch of a mutator that denies is dropped: the object is stored as it came. A failure stays
 * one, and a denial of an object that is malformed (value.h) becomes one:
 * admwh_route_set_on_failure() says whether it is denied. The response of a raw route is allowed
 * with warnings likewise, which its client may not show; a dialect that echoes the request echoes
 * it as for any allow.
 *
 * @param route  a route
 * @param on     false is the default
 * @return 0; ADMWH_E_INVAL when route is NULL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_warn(struct admwh_route *route, bool on);

/**
 * Let the route of a path only warn, as admwh_route_set_warn() does: the choice of an operator,
 * `--warn-path` of admwh_program_main(). It may be called several times.
 *
 * @param config  a config
 * @param path    as the route was added, a pattern with its `{...}`; copied. A path of no validator
 *                and no mutator is an error of the server's start
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_warn_path(struct admwh_config *config,
							   const char *path);

/**
 * Set whether the route serves raw requests, as Kubewarden's raw policies do: the body is
 * `{"request": ...}` with any JSON value, the answer `{"response": {...}}`.
 * admwh_request_object(), and admwh_request_object_json(), is then the value of `request`, to which
 * a mutator's patch applies; uid is its member `uid`, or ""; kind, resource and user are empty;
 * operation is ADMWH_OTHER.
 *
 * @param route  a route
 * @param on     false is the default
 * @return 0; ADMWH_E_INVAL when route is NULL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_raw(struct admwh_route *route, bool on);

/**
 * Set whether the handler takes jansson trees of objects that hold U+0000, and reads their strings
 * and names with their length: json_string_length(), json_object_iter_key_len(),
 * json_object_getn(). Without it a handler that asks for such a tree has failed; see
 * admwh_request_object_json(). Operations of a patch, merges, and handlers that read the envelope
 * alone need no such choice.
 *
 * @param route  a route
 * @param on     false is the default
 * @return 0; ADMWH_E_INVAL when route is NULL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_nul_in_trees(struct admwh_route *route, bool on);

/**
 * Tell where a kind that is none of Kubernetes' own has its Pod, so that admwh_request_pod() and
 * admwh_containers() find it in this route: a Rollout, say, by "/spec/template".
 *
 * A kind that has several Pods, or a list of them, is read by admwh_pod_containers().
 *
 * @param route  a route
 * @param group  group of the kind; copied
 * @param kind   the kind, in any version; copied
 * @param pod    JSON Pointer of the object that has the metadata and the spec of the Pod, through
 *               objects alone and without "~"; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_POINTER; ADMWH_E_EXISTS for a kind of Kubernetes that has a
 *         Pod, and for one that was added; ADMWH_E_NOMEM; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_add_workload(struct admwh_route *route,
							 const char *group, const char *kind,
							 const char *pod);

/**
 * Choose how the operations of an edited copy and of a merge are found (admwh_patch_edit(),
 * admwh_patch_merge()). The whole object is never replaced, whatever the options.
 *
 * @param route    a route
 * @param options  a sum of enum admwh_patch_make_option, 0 for none. Without this call it is 0, in
 *                 the dialect of Kubewarden ADMWH_PATCH_MAKE_INDEX_BY_INDEX.
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_route_set_patch_options(struct admwh_route *route,
							      unsigned int options);

/**
 * Message of the last setter of a route that failed.
 *
 * @param route  a route; for a server's route the message is admwh_server_error()'s
 * @return *borrowed* until the next call with this route or its server; "" when no call failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_route_error(const struct admwh_route *route);

/**
 * Create a route without a server, for admwh_route_review().
 *
 * @param validate  the handler
 * @param userdata  passed to every call; outlives the route
 * @return *new*, free with admwh_route_free(); NULL when memory ran out or validate is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_route *admwh_route_new_validator(admwh_validate_fn *validate,
							void *userdata);

/**
 * As admwh_route_new_validator(), for a mutator.
 *
 * @param mutate    the handler
 * @param userdata  passed to every call; outlives the route
 * @return *new*, free with admwh_route_free(); NULL when memory ran out or mutate is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_route *admwh_route_new_mutator(admwh_mutate_fn *mutate, void *userdata);

/**
 * Free a route of admwh_route_new_validator() or admwh_route_new_mutator().
 *
 * @param route  NULL is allowed; a server's route is left alone
 * @since 0.1.0
 */
ADMWH_API void admwh_route_free(struct admwh_route *route);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
