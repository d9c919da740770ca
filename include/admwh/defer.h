/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Deciding later: a handler that waits for others returns at once and completes
 * its review from any thread, without holding a worker.
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

/** A review that is still to be decided. Used by one thread at a time. */
struct admwh_deferral;

/**
 * Say that this review is decided later. The handler then returns 0; what it returns or decides
 * besides does not count.
 *
 * @param resp  the response of the running handler
 * @return *new*, free with admwh_deferral_free(); NULL when memory ran out: the review fails as a
 *         handler failure; NULL when it was deferred already: the first deferral stands; NULL in a
 *         before or an after: the review fails likewise; NULL when resp is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_deferral *admwh_response_defer(struct admwh_response *resp);

/**
 * The request to decide about. Also after its deadline and after the server is gone.
 *
 * @param deferral  a deferral
 * @return *borrowed* until admwh_deferral_free()
 * @since 0.1.0
 */
ADMWH_API const struct admwh_request *admwh_deferral_request(const struct admwh_deferral *deferral);

/**
 * The response to decide in.
 *
 * @param deferral  a deferral
 * @return *borrowed* until admwh_deferral_complete()
 * @since 0.1.0
 */
ADMWH_API struct admwh_response *admwh_deferral_response(struct admwh_deferral *deferral);

/**
 * The patch to change the object by.
 *
 * @param deferral  a deferral
 * @return *borrowed* until admwh_deferral_complete(); NULL for a validator
 * @since 0.1.0
 */
ADMWH_API struct admwh_patch *admwh_deferral_patch(struct admwh_deferral *deferral);

/**
 * Decide: what stands in the response goes out. The first call counts.
 *
 * @param deferral  a deferral
 * @param returned  as a handler's return value: 0 when decided, negative when it has failed
 * @return 0 when the answer goes out; ADMWH_E_DEADLINE when the library has answered already, or
 *         the caller is gone; ADMWH_E_STATE when it was completed before or the server has ended;
 *         ADMWH_E_INVAL without a deferral
 * @since 0.1.0
 */
ADMWH_API int admwh_deferral_complete(struct admwh_deferral *deferral, int returned);

/**
 * Give up a deferral. One that was not completed fails its review at once, as a handler failure;
 * one that is never freed is answered for at its deadline, and its memory is lost.
 *
 * @param deferral  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_deferral_free(struct admwh_deferral *deferral);

#ifdef __cplusplus
}
#endif

#endif
