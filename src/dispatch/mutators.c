/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include <admwh/mutators.h>

#include "review/patch.h"
#include "review/request.h"
#include "review/response.h"

struct mutator {
	admwh_mutate_fn *mutate;
	void *userdata;
};

struct admwh_mutators {
	struct mutator *list;
	size_t count;
};

/*
 * One call, with the object as patched so far in place of the one that was sent. The review cannot
 * be deferred: the mutators behind this one would be left out, and the object belongs to this
 * thread.
 */
static int call(const struct mutator *mutator, const struct admwh_request *req,
		struct admwh_response *resp, struct admwh_patch *patch)
{
	struct awh_request *request = patch->request;
	json_t **object = &request->payloads[AWH_OBJECT].value;
	json_t *sent = *object;
	json_t *now = json_incref(patch->applier.document);
	const json_t *patched = request->patched;
	void *review = resp->review;
	int returned;

	if (now)
		*object = now;
	if (!awh_patch_is_empty(patch))
		request->patched = now;
	resp->decision = AWH_UNDECIDED;
	resp->review = NULL;
	returned = mutator->mutate(req, resp, patch, mutator->userdata);
	resp->review = review;
	request->patched = patched;
	if (now)
		*object = sent;
	json_decref(now);
	return returned;
}

struct admwh_mutators *admwh_mutators_new(void)
{
	return calloc(1, sizeof(struct admwh_mutators));
}

int admwh_mutators_add(struct admwh_mutators *mutators, admwh_mutate_fn *mutate, void *userdata)
{
	struct mutator *list;

	if (!mutators || !mutate)
		return ADMWH_E_INVAL;
	list = realloc(mutators->list, (mutators->count + 1) * sizeof(*list));
	if (!list)
		return ADMWH_E_NOMEM;
	list[mutators->count++] = (struct mutator){.mutate = mutate, .userdata = userdata};
	mutators->list = list;
	return 0;
}

int admwh_mutators_run(const struct admwh_request *req, struct admwh_response *resp,
		       struct admwh_patch *patch, void *chain)
{
	const struct admwh_mutators *mutators = chain;
	int err = 0;

	if (!mutators || mutators->count == 0)
		return admwh_response_allow(resp);
	for (size_t i = 0; i < mutators->count && err == 0; i++) {
		err = call(&mutators->list[i], req, resp, patch);
		if (resp->decision != AWH_ALLOWED || resp->failure.code < 0)
			break;
		/* The next one sees what this one edited. */
		if (err >= 0)
			err = awh_patch_finish(patch);
	}
	return err;
}

void admwh_mutators_free(struct admwh_mutators *mutators)
{
	if (!mutators)
		return;
	free(mutators->list);
	free(mutators);
}
