/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Chains of mutators: several mutators on one route, called one after another, which answer with
 * one patch.
 *
 * Each mutator sees the object as the one before it left it, like a chain of webhooks:
 * admwh_request_object(), admwh_request_object_json(), admwh_patch_object_json() and
 * admwh_patch_edit() start from there.
 * The first mutator that denies, fails or leaves the response undecided ends the chain, and its
 * outcome is the chain's. A mutator of a chain cannot defer its decision.
 *
 *     admwh_mutators_add(chain, set_defaults, NULL);
 *     admwh_mutators_add(chain, inject_proxy, &settings);
 *     admwh_server_add_mutator(server, "/mutate/pods", admwh_mutators_run, chain);
 */
#ifndef ADMWH_MUTATORS_H
#define ADMWH_MUTATORS_H

#include <admwh/export.h>
#include <admwh/route.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup routes
 * @{ */

/** A chain of mutators. */
struct admwh_mutators;

/**
 * Create an empty chain.
 *
 * @return *new*, free with admwh_mutators_free(); NULL when memory ran out
 * @since 0.1.0
 */
ADMWH_API struct admwh_mutators *admwh_mutators_new(void);

/**
 * Append a mutator to a chain, before the server starts.
 *
 * @param mutators  a chain
 * @param mutate    the mutator; **may be called concurrently**
 * @param userdata  passed to every call; outlives the chain
 * @return 0; ADMWH_E_NOMEM; ADMWH_E_INVAL when mutators or mutate is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_mutators_add(struct admwh_mutators *mutators, admwh_mutate_fn *mutate,
				 void *userdata);

/**
 * Run a chain: an admwh_mutate_fn, to be registered with the chain as its userdata. An empty chain
 * allows.
 *
 * @param req       the request of the running callback
 * @param resp      the response of the running callback
 * @param patch     the patch of the running callback
 * @param mutators  a struct admwh_mutators
 * @return what the last mutator that was called returned
 * @since 0.1.0
 */
ADMWH_API int admwh_mutators_run(const struct admwh_request *req, struct admwh_response *resp,
				 struct admwh_patch *patch, void *mutators);

/**
 * Free a chain, after the server that it is registered with.
 *
 * @param mutators  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_mutators_free(struct admwh_mutators *mutators);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
