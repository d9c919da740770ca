/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Reviews without a server: bytes in, bytes out, by the code that serves the network. For unit
 * tests of policies, and for programs with an HTTPS server of their own.
 */
#ifndef ADMWH_REVIEW_H
#define ADMWH_REVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/export.h>
#include <admwh/route.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup tests
 * @{ */

/** An encoded answer: an HTTP status and a body. */
struct admwh_answer;

/**
 * Answer a review with a route, on the calling thread. There is no deadline; a review has at most
 * 200 levels of nesting and 250,000 values; the handler sees neither peer, bearer nor http (all are
 * NULL): admwh_call_review() has callers and deadlines. May be called from several threads at once.
 *
 * @param route     a route without a server, or a route of a server
 * @param body      an AdmissionReview as JSON text
 * @param body_len  bytes
 * @return *new*, free with admwh_answer_free(), also when the body is no review (the status says
 *         so); NULL when memory ran out or an argument is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_answer *admwh_route_review(const struct admwh_route *route, const char *body,
						  size_t body_len);

/**
 * admwh_route_review() with a validator and the default options of a route.
 *
 * @param body      an AdmissionReview as JSON text
 * @param body_len  bytes
 * @param validate  the handler
 * @param userdata  passed to it
 * @return as admwh_route_review()
 * @since 0.1.0
 */
ADMWH_API struct admwh_answer *admwh_review_validate(const char *body, size_t body_len,
						     admwh_validate_fn *validate, void *userdata);

/**
 * admwh_route_review() with a mutator and the default options of a route.
 *
 * @param body      an AdmissionReview as JSON text
 * @param body_len  bytes
 * @param mutate    the handler
 * @param userdata  passed to it
 * @return as admwh_route_review()
 * @since 0.1.0
 */
ADMWH_API struct admwh_answer *admwh_review_mutate(const char *body, size_t body_len,
						   admwh_mutate_fn *mutate, void *userdata);

/**
 * Check, in a unit test, that a mutator is idempotent. The mutator gets the review, then the same
 * review with the object that its patch led to, and must not change that object again: the API
 * server may call a mutator twice (reinvocationPolicy IfNeeded), and other mutators see its
 * changes.
 *
 * @param body          an AdmissionReview as JSON text
 * @param body_len      bytes
 * @param mutate        the mutator
 * @param userdata      passed to both calls
 * @param second_patch  set to the second patch as JSON text, "[]" when it is empty: *new*, free
 *                      with free(); may be NULL; untouched on failure
 * @return 1 when the second patch is empty (also when the mutator denied), 0 when it is not;
 *         ADMWH_E_SYNTAX or ADMWH_E_REVIEW for the body; ADMWH_E_HANDLER when a call failed or left
 *         the response undecided; ADMWH_E_PATCH when a patch does not apply; ADMWH_E_NOMEM;
 *         ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_review_is_idempotent(const char *body, size_t body_len, admwh_mutate_fn *mutate,
					 void *userdata, char **second_patch);

/**
 * HTTP status of an answer: 200 for every decision.
 *
 * @param answer  an answer; NULL, for which memory ran out, gives 500
 * @return the status
 * @since 0.1.0
 */
ADMWH_API int admwh_answer_status(const struct admwh_answer *answer);

/**
 * Body of an answer: an AdmissionReview with status 200, otherwise a metav1.Status, or what the
 * dialect of the route has in its place.
 *
 * @param answer  an answer; NULL gives a static metav1.Status that says that memory ran out
 * @param len     set to the length in bytes; may be NULL
 * @return *borrowed* until the answer is freed; JSON text, NUL-terminated
 * @since 0.1.0
 */
ADMWH_API const char *admwh_answer_body(const struct admwh_answer *answer, size_t *len);

/**
 * Does an answer allow the request? For unit tests of policies: the answer of every dialect, and of
 * a raw route, says so in its own way.
 *
 * @param answer  an answer; NULL gives false
 * @return true when it is a decision, and allows, or a conversion that succeeded; false for a
 *         denial, a failure and what is no review
 * @since 0.1.0
 */
ADMWH_API bool admwh_answer_is_allowed(const struct admwh_answer *answer);

/**
 * Free an answer.
 *
 * @param answer  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_answer_free(struct admwh_answer *answer);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
