/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Deferred decisions: a handler that waits for something else returns at once, and any thread
 * completes its review later, without occupying a worker thread in between.
 */
#ifndef ADMWH_DEFER_H
#define ADMWH_DEFER_H

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/patch.h>
#include <admwh/request.h>
#include <admwh/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup routes
 * @{ */

/** A review whose decision is deferred. Used by one thread at a time. */
struct admwh_deferral;

/**
 * Defer the decision of this review. The handler then returns 0; its return value and its response
 * are ignored.
 *
 * @param resp  the response of the running handler
 * @return *new*, free with admwh_deferral_free(). NULL when memory ran out, or in a before or after
 *         hook: the review then fails as a failed handler; NULL when the decision was deferred
 *         before: the first deferral stands; NULL when resp is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_deferral *admwh_response_defer(struct admwh_response *resp);

/**
 * The request to decide. It stays valid after its deadline and after the server was freed.
 *
 * @param deferral  a deferral
 * @return *borrowed* until admwh_deferral_free()
 * @since 0.1.0
 */
ADMWH_API const struct admwh_request *admwh_deferral_request(const struct admwh_deferral *deferral);

/**
 * The response that receives the decision.
 *
 * @param deferral  a deferral
 * @return *borrowed* until admwh_deferral_complete()
 * @since 0.1.0
 */
ADMWH_API struct admwh_response *admwh_deferral_response(struct admwh_deferral *deferral);

/**
 * The patch of a mutator.
 *
 * @param deferral  a deferral
 * @return *borrowed* until admwh_deferral_complete(); NULL for a validator
 * @since 0.1.0
 */
ADMWH_API struct admwh_patch *admwh_deferral_patch(struct admwh_deferral *deferral);

/**
 * Complete the review: its response is sent. Only the first call counts.
 *
 * @param deferral  a deferral
 * @param returned  as the return value of a handler: 0 when decided, negative when failed
 * @return 0 when the response is sent; ADMWH_E_DEADLINE when the library has answered at the
 *         deadline, or the caller has disconnected; ADMWH_E_STATE when it was completed before or
 *         the server has ended; ADMWH_E_INVAL without a deferral
 * @since 0.1.0
 */
ADMWH_API int admwh_deferral_complete(struct admwh_deferral *deferral, int returned);

/**
 * Free a deferral. A review that was not completed fails at once, as a failed handler. A deferral
 * that is never freed leaks its memory; its review is answered at the deadline.
 *
 * @param deferral  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_deferral_free(struct admwh_deferral *deferral);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
