/* SPDX-License-Identifier: MIT */
/*
 * Reviews without a socket: a body in, the answer out, on the caller's thread,
 * within the default limits of a server.
 */
#include <admwh/review.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/limits.h>

#include "dispatch/review.h"

enum {
	NO_SOCKET_BODY = 1024 * 1024 * 1024, /* the caller holds it already */
#define PRESET(id, number, text, preset, least, greatest, unit, past) PRESET_##id = preset,
	ADMWH_LIMIT_MAP(PRESET)
#undef PRESET
};

struct admwh_answer {
	struct awh_review *review;
};

/* The caller of a review without a server waits here. */
struct waiter {
	pthread_mutex_t mutex;
	pthread_cond_t came;
	bool done;
};

static void wake(struct awh_review *review)
{
	struct waiter *waiter = review->waiter;

	pthread_mutex_lock(&waiter->mutex);
	waiter->done = true;
	pthread_cond_signal(&waiter->came);
	pthread_mutex_unlock(&waiter->mutex);
}

/* Run the review, and wait when another thread decides it. */
static void run_and_wait(struct awh_review *review)
{
	struct waiter waiter = {
	    .mutex = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER, .done = false};

	review->done = wake;
	review->waiter = &waiter;
	if (!awh_review_run(review)) {
		pthread_mutex_lock(&waiter.mutex);
		while (!waiter.done)
			pthread_cond_wait(&waiter.came, &waiter.mutex);
		pthread_mutex_unlock(&waiter.mutex);
	}
	pthread_cond_destroy(&waiter.came);
	pthread_mutex_destroy(&waiter.mutex);
}

static size_t values_of(const struct admwh_route *route)
{
	return route->kind == AWH_ROUTE_CONVERT ? PRESET_CONVERSION_JSON_VALUES
						: PRESET_JSON_VALUES;
}

struct admwh_answer *admwh_route_review(const struct admwh_route *route, const char *body,
					size_t body_len)
{
	struct admwh_answer *answer = NULL;
	struct awh_review *review;

	if (!route || !body || route->kind == AWH_ROUTE_PAGE)
		return NULL;
	review = awh_review_new(route, NO_SOCKET_BODY, PRESET_JSON_DEPTH, values_of(route));
	if (!review)
		return NULL;
	awh_buf_put(&review->body, body, body_len);
	if (review->body.err)
		goto out;
	run_and_wait(review);
	if (awh_buf_terminate(&review->answer) < 0)
		goto out;
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		goto out;
	answer->review = review;
	return answer;
out:
	awh_review_unref(review);
	return NULL;
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
	return answer ? answer->review->status : 500;
}

const char *admwh_answer_body(const struct admwh_answer *answer, size_t *len)
{
	if (len)
		*len = answer ? answer->review->answer.len : strlen(awh_out_of_memory);
	return answer ? answer->review->answer.data : awh_out_of_memory;
}

bool admwh_answer_is_allowed(const struct admwh_answer *answer)
{
	return answer && answer->review->status == 200 &&
	       (answer->review->outcome == AWH_OUTCOME_ALLOWED ||
		answer->review->outcome == AWH_OUTCOME_WARNED ||
		answer->review->outcome == AWH_OUTCOME_CONVERTED);
}

void admwh_answer_free(struct admwh_answer *answer)
{
	if (!answer)
		return;
	awh_review_unref(answer->review);
	free(answer);
}
