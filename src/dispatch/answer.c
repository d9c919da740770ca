/* SPDX-License-Identifier: MIT */
/*
 * Reviews without a socket: a body in, the answer out, on the caller's thread,
 * within the default limits of a server.
 */
#include "dispatch/answer.h"

#include <stdlib.h>
#include <string.h>

#include <admwh/limits.h>

#include "dispatch/decide.h"

enum {
	NO_SOCKET_BODY = 1024 * 1024 * 1024, /* the caller holds it already */
#define PRESET(id, number, text, preset, least, greatest, unit, past) PRESET_##id = preset,
	ADMWH_LIMIT_MAP(PRESET)
#undef PRESET
};

static void wake(struct awh_review *review)
{
	struct awh_waiter *waiter = review->waiter;

	pthread_mutex_lock(&waiter->mutex);
	waiter->done = review;
	pthread_cond_signal(&waiter->came);
	pthread_mutex_unlock(&waiter->mutex);
}

/* True when it was decided, false when its deadline came first. */
static bool wait_for(const struct awh_review *review, struct awh_waiter *waiter)
{
	bool done;

	pthread_mutex_lock(&waiter->mutex);
	while (waiter->done != review && !awh_review_is_late(review))
		pthread_cond_wait(&waiter->came, &waiter->mutex);
	done = waiter->done == review;
	pthread_mutex_unlock(&waiter->mutex);
	return done;
}

/* A deferral that decides just now is waited for: what it writes is the answer. */
static int take(struct admwh_answer *answer, struct awh_waiter *waiter)
{
	struct awh_review *review = answer->review;

	if (!wait_for(review, waiter)) {
		if (awh_review_abandon(review)) {
			answer->outcome = AWH_OUTCOME_DEADLINE;
			awh_buf_init(&answer->late, AWH_ANSWER_MAX);
			awh_review_answer_late(review, &answer->late, &answer->status);
			return awh_buf_terminate(&answer->late);
		}
		pthread_mutex_lock(&waiter->mutex);
		while (waiter->done != review)
			pthread_cond_wait(&waiter->came, &waiter->mutex);
		pthread_mutex_unlock(&waiter->mutex);
	}
	answer->outcome = review->outcome;
	answer->status = review->status;
	return awh_buf_terminate(&review->answer);
}

void awh_waiter_deinit(struct awh_waiter *waiter)
{
	pthread_cond_destroy(&waiter->came);
	pthread_mutex_destroy(&waiter->mutex);
}

static size_t values_of(const struct admwh_route *route)
{
	return route->kind == AWH_ROUTE_CONVERT ? PRESET_CONVERSION_JSON_VALUES
						: PRESET_JSON_VALUES;
}

struct awh_review *awh_answer_begin(const struct admwh_route *route, const char *body,
				    size_t body_len)
{
	struct awh_review *review;

	if (!route || !body || route->kind == AWH_ROUTE_PAGE)
		return NULL;
	review = awh_review_new(route, NO_SOCKET_BODY, PRESET_JSON_DEPTH, values_of(route));
	if (!review)
		return NULL;
	awh_buf_put(&review->body, body, body_len);
	if (!review->body.err)
		return review;
	awh_review_unref(review);
	return NULL;
}

struct admwh_answer *awh_answer_run(struct awh_review *review, struct awh_waiter *waiter)
{
	struct admwh_answer *answer = calloc(1, sizeof(*answer));

	if (!answer) {
		awh_review_unref(review);
		return NULL;
	}
	answer->review = review;
	review->done = wake;
	review->waiter = waiter;
	waiter->done = NULL; /* an earlier one may have been at this address */
	if (awh_review_run(review))
		wake(review);
	if (take(answer, waiter) == 0)
		return answer;
	admwh_answer_free(answer);
	return NULL;
}

struct admwh_answer *admwh_route_review(const struct admwh_route *route, const char *body,
					size_t body_len)
{
	struct awh_waiter waiter = AWH_WAITER_INIT;
	struct awh_review *review = awh_answer_begin(route, body, body_len);
	struct admwh_answer *answer = review ? awh_answer_run(review, &waiter) : NULL;

	awh_waiter_deinit(&waiter);
	return answer;
}

struct admwh_answer *admwh_review_validate(const char *body, size_t body_len,
					   admwh_validate_fn *validate, void *userdata)
{
	const struct admwh_route route = {
	    .kind = AWH_ROUTE_VALIDATE,
	    .validate = validate,
	    .userdata = userdata,
	    .on_failure = ADMWH_ON_FAILURE_DENY,
	};

	return validate ? admwh_route_review(&route, body, body_len) : NULL;
}

struct admwh_answer *admwh_review_mutate(const char *body, size_t body_len, admwh_mutate_fn *mutate,
					 void *userdata)
{
	const struct admwh_route route = {
	    .kind = AWH_ROUTE_MUTATE,
	    .mutate = mutate,
	    .userdata = userdata,
	    .on_failure = ADMWH_ON_FAILURE_DENY,
	};

	return mutate ? admwh_route_review(&route, body, body_len) : NULL;
}

struct admwh_answer *admwh_review_convert(const char *body, size_t body_len,
					  admwh_convert_fn *convert, void *userdata)
{
	const struct admwh_route route = {
	    .kind = AWH_ROUTE_CONVERT,
	    .convert = convert,
	    .userdata = userdata,
	    .on_failure = ADMWH_ON_FAILURE_DENY,
	};

	return convert ? admwh_route_review(&route, body, body_len) : NULL;
}

int admwh_answer_status(const struct admwh_answer *answer)
{
	return answer ? answer->status : 500;
}

const char *admwh_answer_body(const struct admwh_answer *answer, size_t *len)
{
	const struct awh_buf *body = !answer            ? NULL
				     : answer->late.len ? &answer->late
							: &answer->review->answer;

	if (len)
		*len = body ? body->len : strlen(awh_out_of_memory);
	return body ? body->data : awh_out_of_memory;
}

bool admwh_answer_is_allowed(const struct admwh_answer *answer)
{
	return answer && answer->status == 200 &&
	       (answer->outcome == AWH_OUTCOME_ALLOWED || answer->outcome == AWH_OUTCOME_WARNED ||
		answer->outcome == AWH_OUTCOME_CONVERTED);
}

void admwh_answer_free(struct admwh_answer *answer)
{
	if (!answer)
		return;
	awh_buf_deinit(&answer->late);
	awh_buf_deinit(&answer->text);
	awh_buf_deinit(&answer->differences);
	awh_review_unref(answer->review);
	free(answer);
}
