/* SPDX-License-Identifier: MIT */
/*
 * Reviews that are decided later: by the program, from any thread, once.
 */
#include <stdlib.h>

#include <admwh/defer.h>

#include "dispatch/decide.h"
#include "dispatch/review.h"

static struct admwh_deferral *deferral_new(struct awh_review *review)
{
	struct admwh_deferral *deferral = &review->deferred;

	if (pthread_mutex_init(&deferral->mutex, NULL))
		return NULL;
	deferral->review = review;
	deferral->mutates = review->route->kind == AWH_ROUTE_MUTATE;
	return deferral;
}

/*
 * The contents of the handler's response and patch move to the deferral. What the handler still
 * does to them is lost, and does not race with the thread that completes the deferral.
 */
struct admwh_deferral *admwh_response_defer(struct admwh_response *resp)
{
	struct awh_review *review = resp ? resp->review : NULL;
	struct admwh_deferral *deferral;

	if (!review) {
		admwh_response_fail(resp, "the review cannot be deferred here");
		return NULL;
	}
	deferral = deferral_new(review);
	if (!deferral) {
		admwh_response_fail(resp, "out of memory");
		return NULL;
	}
	deferral->response = *resp;
	deferral->response.decision = AWH_UNDECIDED;
	deferral->response.review = NULL;
	deferral->response.patch = NULL;
	awh_patch_take(&deferral->patch, resp->patch);
	awh_response_init(resp);
	review->deferral = deferral;
	atomic_fetch_add(&review->readers, 1);
	awh_review_ref(review);
	return deferral;
}

const struct admwh_request *admwh_deferral_request(const struct admwh_deferral *deferral)
{
	return deferral ? &deferral->review->request.pub : NULL;
}

struct admwh_response *admwh_deferral_response(struct admwh_deferral *deferral)
{
	return deferral ? &deferral->response : NULL;
}

struct admwh_patch *admwh_deferral_patch(struct admwh_deferral *deferral)
{
	return deferral && deferral->mutates ? &deferral->patch : NULL;
}

int admwh_deferral_complete(struct admwh_deferral *deferral, int returned)
{
	struct awh_review *review;
	int err = 0;

	if (!deferral)
		return ADMWH_E_INVAL;
	review = deferral->review;
	pthread_mutex_lock(&deferral->mutex);
	if (deferral->completed || deferral->detached) {
		err = ADMWH_E_STATE;
	} else {
		awh_review_decide(review, returned, &deferral->response, &deferral->patch);
		err = awh_review_settle(review) ? 0 : ADMWH_E_DEADLINE;
		deferral->completed = true;
		review->done(review);
	}
	pthread_mutex_unlock(&deferral->mutex);
	return err;
}

void admwh_deferral_free(struct admwh_deferral *deferral)
{
	struct awh_review *review = deferral ? deferral->review : NULL;
	bool completed;

	if (!deferral)
		return;
	pthread_mutex_lock(&deferral->mutex);
	completed = deferral->completed;
	pthread_mutex_unlock(&deferral->mutex);
	if (!completed) {
		admwh_response_fail(&deferral->response, "the deferred review was given up");
		admwh_deferral_complete(deferral, ADMWH_E_HANDLER);
	}
	awh_patch_deinit(&deferral->patch); /* on this thread, rather than on an event loop */
	awh_review_release(review);
	awh_review_unref(review);
}
