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

/* What a request showed of its object before it was patched. */
struct shown {
	bool is_other;
	json_t *tree;
	struct admwh_value value;
	size_t n_operations;
};

/* Show the object as patched so far in place of the one that was sent. 0, or an error. */
static int show_patched(struct admwh_patch *patch, struct shown *before)
{
	struct awh_request *request = patch->request;
	struct awh_payload_span *object = &request->payloads[AWH_OBJECT];
	struct admwh_value value;

	*before = (struct shown){!awh_patch_is_empty(patch), object->value, request->patched,
				 patch->n_shown};
	if (!before->is_other)
		return 0;
	value = awh_patch_value(patch);
	if (admwh_value_is_absent(value))
		return request->error.code < 0 ? request->error.code : ADMWH_E_NOMEM;
	object->value = json_incref(patch->tree.document);
	request->patched = value;
	patch->n_shown = patch->n_operations;
	return 0;
}

static void show_again(struct admwh_patch *patch, const struct shown *before)
{
	struct awh_request *request = patch->request;
	struct awh_payload_span *object = &request->payloads[AWH_OBJECT];

	if (!before->is_other)
		return;
	json_decref(object->value);
	object->value = before->tree;
	request->patched = before->value;
	patch->n_shown = before->n_operations;
}

/*
 * One call, with the object as patched so far. The review cannot be deferred: the mutators behind
 * this one would be left out, and the object belongs to this thread.
 */
static int call(const struct mutator *mutator, const struct admwh_request *req,
		struct admwh_response *resp, struct admwh_patch *patch)
{
	void *review = resp->review;
	struct shown before;
	int returned = show_patched(patch, &before);

	if (returned < 0)
		return returned;
	resp->decision = AWH_UNDECIDED;
	resp->review = NULL;
	returned = mutator->mutate(req, resp, patch, mutator->userdata);
	resp->review = review;
	show_again(patch, &before);
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
