/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Functions of the program around its handlers: before and after hooks, which run for every review,
 * and the wording of responses to requests that are rejected before they reach a handler. **Hooks
 * may run concurrently.**
 */
#ifndef ADMWH_HOOKS_H
#define ADMWH_HOOKS_H

#include <stdint.h>

#include <admwh/config.h>
#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/request.h>
#include <admwh/response.h>
#include <admwh/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup routes
 * @{ */

/**
 * A before hook: runs before a handler.
 *
 * @param req       *borrowed* until the callback returns
 * @param resp      *borrowed* until the callback returns
 * @param userdata  what was registered
 * @return 0 to go on; 1 when the hook has decided: inner hooks and the handler are then skipped;
 *         negative: the hook has failed, which counts as a failure of the handler
 */
typedef int admwh_before_fn(const struct admwh_request *req, struct admwh_response *resp,
			    void *userdata);

/** The outcome of a review, as after hooks see it. */
enum admwh_decision {
	ADMWH_DECISION_ALLOWED = 1,  /**< the request is allowed */
	ADMWH_DECISION_DENIED = 2,   /**< the request is denied */
	ADMWH_DECISION_ERROR = 3,    /**< the handler or a hook has failed */
	ADMWH_DECISION_DEADLINE = 4, /**< the deadline passed before a decision */
	ADMWH_DECISION_WARNED = 5 /**< denied, and allowed with warnings: admwh_route_set_warn() */
};

/**
 * Name of a decision, as logs and metrics have it.
 *
 * @param decision  a decision
 * @return *borrowed* (static) text: "allowed", "denied", "error", "deadline" or "warned"; "" for a
 *         number that is no decision
 * @since 0.1.0
 */
ADMWH_API const char *admwh_decision_name(enum admwh_decision decision);

/** The outcome of a review. Read-only; fields may be appended. */
struct admwh_result {
	enum admwh_decision decision; /**< of the handler and the inner hooks */
	int code;            /**< Status.code of a denial, enforced or not, or an error; or 0 */
	const char *message; /**< of a denial, enforced or not, or an error; or NULL */
	const char *route;   /**< path of the route; NULL for a route without a server */
	int64_t elapsed_us;  /**< microseconds since the request head was read */
};

/**
 * An after hook: runs after a handler has decided or failed, on the same thread.
 *
 * @param req       *borrowed* until the callback returns
 * @param resp      *borrowed* until the callback returns; the hook may add warnings and audit
 *                  annotations, and may deny; it cannot turn a denial or a failure into an allow
 * @param result    *borrowed* until the callback returns
 * @param userdata  what was registered
 */
typedef void admwh_after_fn(const struct admwh_request *req, struct admwh_response *resp,
			    const struct admwh_result *result, void *userdata);

/**
 * Run hooks before and after every handler. The hooks that were added first are outermost: their
 * before hook runs first, their after hook last. An after hook runs if its before hook ran; with
 * before NULL it runs if the review got that far.
 *
 * Hooks run for reviews that match no filter of their route, too, but not for bodies that are no
 * review. When the library answers in place of a handler at its deadline, after hooks still run
 * when the handler is done, but their changes are ignored. A hook cannot defer a decision.
 *
 * @param server    a server that was not started
 * @param before    NULL for none; **may be called concurrently**
 * @param after     NULL for none; **may be called concurrently**
 * @param userdata  passed to every call; outlives the server
 * @return 0; ADMWH_E_INVAL with neither; ADMWH_E_NOMEM; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_add_hooks(struct admwh_server *server,
						       admwh_before_fn *before,
						       admwh_after_fn *after, void *userdata);

/** A request that is rejected before it reaches a handler. Read-only; fields may be appended. */
struct admwh_refusal {
	int status;          /**< HTTP status of the library's own response */
	int err;             /**< ADMWH_E_SYNTAX, ADMWH_E_REFUSED and so on; 0 for none */
	const char *message; /**< of the library's own response; for 401 without the reason */
	const char *method;  /**< NULL when the request head could not be parsed */
	const char *path;    /**< without the query; NULL when method is */
};

/** The response to such a request, under construction. */
struct admwh_reply;

/**
 * Words the response to a request that is rejected before it reaches a handler.
 *
 * @param refusal   *borrowed* until the callback returns
 * @param reply     *borrowed* until the callback returns; unless admwh_reply_set() changes it, the
 *                  library's own response is sent
 * @param userdata  what was given to admwh_config_set_refusal()
 */
typedef void admwh_refusal_fn(const struct admwh_refusal *refusal, struct admwh_reply *reply,
			      void *userdata);

/**
 * Set the function that words responses to requests that are rejected before they reach a handler
 * (unknown path, caller not allowed, body that is no review), for programs that reproduce another
 * server's. **Called from several threads.**
 *
 * @param config    a config
 * @param refusal   NULL for none
 * @param userdata  passed to every call; outlives the server
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_refusal(struct admwh_config *config,
							 admwh_refusal_fn *refusal, void *userdata);

/**
 * Replace the library's response to a rejected request. Status 400 and above only: the request
 * stays rejected. On failure the library's own response is sent.
 *
 * @param reply         as given to the callback
 * @param status        400 to 599
 * @param content_type  visible ASCII and spaces; copied
 * @param body          NUL-terminated; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_reply_set(struct admwh_reply *reply, int status, const char *content_type,
			      const char *body);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
