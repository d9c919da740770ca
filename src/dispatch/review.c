/* SPDX-License-Identifier: MIT */
#include "dispatch/review.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/container.h"
#include "dispatch/files.h"

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
	case AWH_OUTCOME_WARNED:
		return "warned";
	case AWH_OUTCOME_MALFORMED:
		return "malformed";
	case AWH_OUTCOME_SHED:
		return "shed";
	case AWH_OUTCOME_CONVERTED:
		return "converted";
	case AWH_OUTCOME_REFUSED:
		return "refused";
	}
	return "none";
}

const char *admwh_decision_name(enum admwh_decision decision)
{
	return decision >= ADMWH_DECISION_ALLOWED && decision <= ADMWH_DECISION_WARNED
		   ? awh_outcome_name((enum awh_outcome)decision)
		   : "";
}

static void deferral_deinit(struct admwh_deferral *deferral)
{
	if (!deferral)
		return;
	awh_patch_deinit(&deferral->patch);
	awh_response_deinit(&deferral->response);
	pthread_mutex_destroy(&deferral->mutex);
}

/* Of what reviews leave: bytes of a body, an answer, and in all. */
enum { KEPT_BODY = 32 * 1024, KEPT_ANSWER = 4 * 1024, KEPT = 64 * 1024 };

enum state { WAITED_FOR, SETTLED, ABANDONED };

/* Kubewarden's audit scanner sends them; Rancher's webhook does not look at a review's type. */
static bool takes_bare_reviews(enum admwh_dialect dialect)
{
	return dialect == ADMWH_DIALECT_KUBEWARDEN || dialect == ADMWH_DIALECT_RANCHER;
}

/* A zeroed one, but for what an earlier one has left. 0 or ADMWH_E_NOMEM. */
static int begin(struct awh_review *review, const struct admwh_route *route, size_t max_body,
		 const struct awh_decode_options *options)
{
	if (pthread_mutex_init(&review->counting, NULL))
		return ADMWH_E_NOMEM;
	review->route = route;
	atomic_init(&review->references, 1);
	review->decode = *options;
	review->decode.bare_reviews = takes_bare_reviews(route->dialect);
	review->decode.raw = route->raw;
	review->decode.converts = route->kind == AWH_ROUTE_CONVERT;
	review->decode.nul_in_trees = route->nul_in_trees;
	review->decode.memory = &review->memory;
	review->started_us = awh_clock_us();
	review->body.max = max_body;
	review->answer.max = AWH_ANSWER_MAX;
	return 0;
}

static void free_memory(struct awh_review *review)
{
	awh_request_memory_deinit(&review->memory);
	awh_arena_deinit(&review->origin);
	awh_buf_deinit(&review->body);
	awh_buf_deinit(&review->answer);
	free(review);
}

static void free_spare(struct awh_spare *spare)
{
	free_memory(AWH_CONTAINER(spare, struct awh_review, spare));
}

/* All that belongs to this one goes, what may serve the next one stays. */
static void clear(struct awh_review *review)
{
	struct awh_review left = {
	    .spare.size = sizeof(*review) + awh_request_recycle(&review->request, &review->memory) +
			  awh_arena_reset(&review->origin) +
			  awh_buf_recycle(&review->body, KEPT_BODY) +
			  awh_buf_recycle(&review->answer, KEPT_ANSWER),
	};

	pthread_mutex_destroy(&review->counting);
	left.memory = review->memory;
	left.origin = review->origin;
	left.body = review->body;
	left.answer = review->answer;
	memcpy(review, &left, sizeof(left));
}

struct awh_review *awh_review_reuse(struct awh_spares *spares, const struct admwh_route *route,
				    size_t max_body, size_t depth, size_t values)
{
	const struct awh_decode_options options = {.depth = depth, .values = values};
	struct awh_spare *spare = spares ? awh_spares_take(spares) : NULL;
	struct awh_review *review =
	    spare ? AWH_CONTAINER(spare, struct awh_review, spare) : calloc(1, sizeof(*review));

	if (!review)
		return NULL;
	if (begin(review, route, max_body, &options) < 0) {
		free_memory(review);
		return NULL;
	}
	review->spares = spares ? awh_spares_ref(spares) : NULL;
	return review;
}

struct awh_review *awh_review_new(const struct admwh_route *route, size_t max_body, size_t depth,
				  size_t values)
{
	return awh_review_reuse(NULL, route, max_body, depth, values);
}

struct awh_spares *awh_review_spares_new(void)
{
	return awh_spares_new(KEPT, free_spare);
}

struct awh_review *awh_review_ref(struct awh_review *review)
{
	atomic_fetch_add_explicit(&review->references, 1, memory_order_relaxed);
	return review;
}

void awh_review_unref(struct awh_review *review)
{
	struct awh_spares *spares;

	if (!review || atomic_fetch_sub(&review->references, 1) > 1)
		return;
	spares = review->spares;
	deferral_deinit(review->deferral); /* its patch refers to the request */
	awh_files_unpin(&review->request);
	awh_peer_unref(review->peer);
	awh_tokens_unref(review->tokens);
	awh_webhook_token_unref(review->webhook_token);
	clear(review);
	if (!spares || !awh_spares_put(spares, &review->spare))
		free_memory(review);
	awh_spares_unref(spares);
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

void awh_review_set_bearer(struct awh_review *review, const struct admwh_bearer *bearer,
			   struct awh_tokens *tokens, struct awh_webhook_token *webhook_token)
{
	review->bearer = bearer;
	review->tokens = tokens ? awh_tokens_ref(tokens) : NULL;
	review->webhook_token = webhook_token ? awh_webhook_token_ref(webhook_token) : NULL;
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
