/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What a program adds around its handlers: hooks before and after each of them,
 * and words of its own for requests that reach none.
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

/**
 * Runs before a handler.
 *
 * @param req       *borrowed* until the callback returns
 * @param resp      *borrowed* until the callback returns
 * @param userdata  what was registered
 * @return 0 to go on inwards; 1 when it has decided: what is further in is left out; negative: it
 *         has failed, as a handler fails
 */
typedef int admwh_before_fn(const struct admwh_request *req, struct admwh_response *resp,
			    void *userdata);

/** What a review comes to for an after. */
enum admwh_decision {
	ADMWH_DECISION_ALLOWED = 1,
	ADMWH_DECISION_DENIED = 2,
	ADMWH_DECISION_ERROR = 3,   /**< the handler, a before or an after has failed */
	ADMWH_DECISION_DEADLINE = 4 /**< it was not decided in time */
};

/**
 * The word of a decision in logs and metrics.
 *
 * @param decision  which
 * @return *borrowed* (static) text: "allowed", "denied", "error" or "deadline"; "" for a number
 *         that is no decision
 * @since 0.1.0
 */
ADMWH_API const char *admwh_decision_name(enum admwh_decision decision);

/** What became of a review. Read-only; fields may be appended. */
struct admwh_result {
	enum admwh_decision decision; /**< as things stand, those further in included */
	int code;                     /**< Status.code of a denial or an error; 0 when allowed */
	const char *message;          /**< of a denial or an error; NULL when allowed */
	const char *route;            /**< path of the route; NULL for a route of its own */
	int64_t elapsed_us;           /**< since the request's head was read, microseconds */
};

/**
 * Runs after a handler has decided or failed, on the thread that it decided on.
 *
 * @param req       *borrowed* until the callback returns
 * @param resp      *borrowed* until the callback returns; warnings and audit annotations may be
 *                  added, and a denial; an allow takes no denial or failure back
 * @param result    *borrowed* until the callback returns
 * @param userdata  what was registered
 */
typedef void admwh_after_fn(const struct admwh_request *req, struct admwh_response *resp,
			    const struct admwh_result *result, void *userdata);

/**
 * Wrap all handlers: the first one registered is the outermost. Whoever's before was called has its
 * after called. When the library has answered in a handler's place at its deadline, the afters are
 * still called once the handler is done, and change nothing any more. Reviews that no filter of
 * their route lets through are wrapped, too; bodies that are no review are not. Only a handler can
 * defer.
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

/** A request that is about to be answered without a review. Read-only; fields may be appended. */
struct admwh_refusal {
	int status;          /**< HTTP status the library has chosen */
	int err;             /**< ADMWH_E_SYNTAX, ADMWH_E_REFUSED and so on; 0 when there is none */
	const char *message; /**< what the library would say; for 401 without its reasons */
	const char *method;  /**< NULL when no request head was understood */
	const char *path;    /**< without the query; NULL when no request head was understood */
};

/** The answer to a refused request, under construction. */
struct admwh_reply;

/**
 * Puts other words into a refusal.
 *
 * @param refusal   *borrowed* until the call returns
 * @param reply     *borrowed* until the call returns; left alone, the library's words go out
 * @param userdata  what was given to admwh_config_set_refusal()
 */
typedef void admwh_refusal_fn(const struct admwh_refusal *refusal, struct admwh_reply *reply,
			      void *userdata);

/**
 * Have requests that are answered without a review (unknown path, caller refused, not a review)
 * worded by the program, which reproduces another server's. **Called from several threads.**
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
 * Choose the words of a refusal. A refusal stays one: a status below 400 is not taken. When this
 * fails, the library's own words go out.
 *
 * @param reply         of the running callback
 * @param status        400 to 599
 * @param content_type  visible ASCII and spaces; copied
 * @param body          NUL-terminated; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_reply_set(struct admwh_reply *reply, int status, const char *content_type,
			      const char *body);

#ifdef __cplusplus
}
#endif

#endif
