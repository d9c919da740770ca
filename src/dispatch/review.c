/* SPDX-License-Identifier: MIT */
#include "dispatch/review.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

const char awh_out_of_memory[] =
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
    "\"message\":\"out of memory\",\"reason\":\"InternalError\",\"code\":500}";

const char *awh_outcome_name(enum awh_outcome outcome)
{
	switch (outcome) {
	case AWH_OUTCOME_NONE:
	case AWH_OUTCOMES:
		break;
	case AWH_OUTCOME_ALLOWED:
		return "allowed";
	case AWH_OUTCOME_DENIED:
		return "denied";
	case AWH_OUTCOME_ERROR:
		return "error";
	case AWH_OUTCOME_DEADLINE:
		return "deadline";
	case AWH_OUTCOME_MALFORMED:
		return "malformed";
	case AWH_OUTCOME_SHED:
		return "shed";
	}
	return "none";
}

const char *admwh_decision_name(enum admwh_decision decision)
{
	return decision >= ADMWH_DECISION_ALLOWED && decision <= ADMWH_DECISION_DEADLINE
		   ? awh_outcome_name((enum awh_outcome)decision)
		   : "";
}

static void deferral_free(struct admwh_deferral *deferral)
{
	if (!deferral)
		return;
	awh_patch_deinit(&deferral->patch);
	awh_response_deinit(&deferral->response);
	pthread_mutex_destroy(&deferral->mutex);
	free(deferral);
}

enum state { WAITED_FOR, SETTLED, ABANDONED };

/* Kubewarden's audit scanner sends them; Rancher's webhook does not look at a review's type. */
static bool takes_bare_reviews(enum admwh_dialect dialect)
{
	return dialect == ADMWH_DIALECT_KUBEWARDEN || dialect == ADMWH_DIALECT_RANCHER;
}

struct awh_review *awh_review_new(const struct admwh_route *route, size_t max_body, size_t depth,
				  size_t values)
{
	struct awh_review *review = calloc(1, sizeof(*review));

	if (!review)
		return NULL;
	if (pthread_mutex_init(&review->counting, NULL)) {
		free(review);
		return NULL;
	}
	review->route = route;
	atomic_init(&review->references, 1);
	review->decode = (struct awh_decode_options){
	    .depth = depth,
	    .values = values,
	    .bare_reviews = takes_bare_reviews(route->dialect),
	    .raw = route->raw,
	    .nul_in_trees = route->nul_in_trees,
	};
	review->started_us = awh_clock_us();
	awh_buf_init(&review->body, max_body);
	awh_buf_init(&review->answer, AWH_ANSWER_MAX);
	return review;
}

struct awh_review *awh_review_ref(struct awh_review *review)
{
	atomic_fetch_add_explicit(&review->references, 1, memory_order_relaxed);
	return review;
}

void awh_review_unref(struct awh_review *review)
{
	if (!review || atomic_fetch_sub(&review->references, 1) > 1)
		return;
	deferral_free(review->deferral); /* its patch refers to the request */
	awh_request_deinit(&review->request);
	awh_peer_unref(review->peer);
	awh_tokens_unref(review->tokens);
	awh_arena_deinit(&review->origin);
	awh_buf_deinit(&review->body);
	awh_buf_deinit(&review->answer);
	pthread_mutex_destroy(&review->counting);
	free(review);
}

static bool settle_as(struct awh_review *review, enum state state)
{
	int expected = WAITED_FOR;

	return atomic_compare_exchange_strong(&review->state, &expected, (int)state);
}

bool awh_review_settle(struct awh_review *review)
{
	return settle_as(review, SETTLED);
}

bool awh_review_abandon(struct awh_review *review)
{
	return settle_as(review, ABANDONED);
}

void awh_review_set_deadline(struct awh_review *review, int64_t ms)
{
	review->deadline_us = review->started_us + ms * 1000;
}

/* False when memory ran out; a NULL text stays NULL. */
static bool keep_text(struct awh_arena *arena, const char **kept, const char *text)
{
	*kept = text ? awh_arena_strndup(arena, text, strlen(text)) : NULL;
	return *kept || !text;
}

int awh_review_set_origin(struct awh_review *review, struct awh_peer *peer, const char *target,
			  const char *address, const char *traceparent)
{
	review->peer = peer ? awh_peer_ref(peer) : NULL;
	review->http.method = "POST";
	if (keep_text(&review->origin, &review->http.target, target) &&
	    keep_text(&review->origin, &review->http.address, address) &&
	    keep_text(&review->origin, &review->http.traceparent, traceparent))
		return 0;
	return ADMWH_E_NOMEM;
}

void awh_review_set_bearer(struct awh_review *review, struct awh_tokens *tokens,
			   const struct admwh_bearer *bearer)
{
	review->tokens = awh_tokens_ref(tokens);
	review->bearer = bearer;
}

void awh_review_release(struct awh_review *review)
{
	if (atomic_fetch_sub(&review->readers, 1) == 1)
		awh_request_release(&review->request);
}

bool awh_review_detach(struct awh_review *review)
{
	struct admwh_deferral *deferral = review->deferral;
	bool detached;

	if (!deferral)
		return false;
	pthread_mutex_lock(&deferral->mutex);
	detached = !deferral->completed;
	deferral->detached = true;
	pthread_mutex_unlock(&deferral->mutex);
	return detached;
}
