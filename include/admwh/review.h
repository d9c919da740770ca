/* SPDX-License-Identifier: MIT */
/**
 * @file
 * One review without a socket: bytes in, bytes out, by the same code that
 * serves the network. For unit tests of policies, and for programs that have
 * an HTTPS server of their own.
 */
#ifndef ADMWH_REVIEW_H
#define ADMWH_REVIEW_H

#include <stddef.h>

#include <admwh/export.h>
#include <admwh/route.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An encoded answer. */
struct admwh_answer;

/**
 * Review with the options of a route, on the calling thread. No deadline applies, nesting is
 * limited to 200 levels and a review to 250,000 values, and the callback sees neither peer nor
 * http (both are NULL).
 *
 * @param route     a route of its own, or one of a server
 * @param body      an AdmissionReview as JSON text
 * @param body_len  bytes
 * @return *new*, free with admwh_answer_free(), also when the body is no review (the status says
 *         so); NULL when memory ran out or an argument is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_answer *admwh_route_review(const struct admwh_route *route, const char *body,
						  size_t body_len);

/**
 * admwh_route_review() with a validator and the default options.
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
 * admwh_route_review() with a mutator and the default options.
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
 * For a mutator's unit tests: is it done when it is done? It reviews the body, then the same review
 * with the object as it left it, and must not change it again: the API server may call a mutator a
 * second time (reinvocationPolicy IfNeeded), and other mutators see what it left.
 *
 * @param body          an AdmissionReview as JSON text
 * @param body_len      bytes
 * @param mutate        the mutator
 * @param userdata      passed to both calls
 * @param second_patch  set to the second patch as JSON text, "[]" when there is none: *new*, free
 *                      with free(); may be NULL; untouched on failure
 * @return 1 when the second patch is empty (also when the mutator denied), 0 when it is not;
 *         ADMWH_E_SYNTAX or ADMWH_E_REVIEW for the body; ADMWH_E_HANDLER when a call failed or did
 *         not decide; ADMWH_E_PATCH when its patch does not apply; ADMWH_E_NOMEM; ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_review_is_idempotent(const char *body, size_t body_len, admwh_mutate_fn *mutate,
					 void *userdata, char **second_patch);

/**
 * HTTP status the answer goes out with: 200 for every decision.
 *
 * @param answer  an answer; NULL counts as one that memory ran out for, 500
 * @return the status
 * @since 0.1.0
 */
ADMWH_API int admwh_answer_status(const struct admwh_answer *answer);

/**
 * The answer: an AdmissionReview, or a metav1.Status where the request's uid is not known.
 *
 * @param answer  an answer
 * @param len     set to the length in bytes; may be NULL
 * @return *borrowed* until the answer is freed; JSON text, NUL-terminated
 * @since 0.1.0
 */
ADMWH_API const char *admwh_answer_body(const struct admwh_answer *answer, size_t *len);

/**
 * Free an answer.
 *
 * @param answer  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_answer_free(struct admwh_answer *answer);

#ifdef __cplusplus
}
#endif

#endif
