/* SPDX-License-Identifier: MIT */
/* Policies asked, and what becomes of what they say. See evaluate.h. */
#include "evaluate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/json.h>

static const char timed_out[] =
    "Policy execution interrupted because it exceeded the allowed execution time";

/* Deny. Without memory for the words it is a denial all the same. */
static void deny(struct kw_answer *answer, int code, const char *message)
{
	answer->allowed = false;
	answer->code = code;
	free(answer->message);
	answer->message = strdup(message);
	json_decref(answer->patch);
	answer->patch = NULL;
}

static void deny_internal(struct kw_answer *answer, const char *why)
{
	struct text message = {0};

	text_add(&message, "internal server error: %s", why);
	deny(answer, 500, text_get(&message));
	text_deinit(&message);
}

static int add_cause(struct kw_answer *answer, const char *message, const char *field)
{
	struct kw_cause *causes =
	    realloc(answer->causes, (answer->n_causes + 1) * sizeof(*answer->causes));
	struct kw_cause *cause;

	if (!causes)
		return -1;
	answer->causes = causes;
	cause = &causes[answer->n_causes++];
	*cause = (struct kw_cause){message ? strdup(message) : NULL, field ? strdup(field) : NULL};
	return (message && !cause->message) || (field && !cause->field) ? -1 : 0;
}

/* The operations that lead from one document to another; NULL with *failed, or when there are none.
 */
static json_t *find_patch(const json_t *from, const json_t *to, bool *failed)
{
	struct admwh_json *json = admwh_json_new();
	json_t *patch = NULL;

	if (json)
		patch = admwh_json_patch_make(json, from, to, ADMWH_PATCH_MAKE_INDEX_BY_INDEX);
	*failed = !patch;
	admwh_json_free(json);
	if (patch && json_array_size(patch) == 0) {
		json_decref(patch);
		patch = NULL;
	}
	return patch;
}

/* A policy's verdict -> an answer. */
static void take_verdict(const struct kw_policy_type *type, const struct kw_review *review,
			 struct kw_verdict *verdict, struct kw_answer *answer)
{
	bool failed = false;

	answer->allowed = verdict->allowed;
	answer->code = verdict->code;
	answer->message = verdict->message;
	verdict->message = NULL;
	if (!verdict->mutated)
		return;
	if (review->raw_json && !type->of_raw)
		deny_internal(answer, "the policy changes objects, not raw requests");
	else if (!review->raw_json && !review->object_json)
		deny(answer, 0,
		     "Incoming object is null, which happens only with DELETE operations, but the "
		     "policy is attempting a mutation. This is not allowed");
	else
		answer->patch =
		    find_patch(review->raw_json ? review->raw_json : review->object_json,
			       verdict->mutated, &failed);
	if (failed)
		deny_internal(answer, "the patch cannot be made");
}

static int64_t member_timeout_s(const struct kw_member *member, int64_t default_timeout_s)
{
	return member->timeout_s >= 0 ? member->timeout_s : default_timeout_s;
}

static void evaluate_member(const struct kw_member *member, struct kw_review *review,
			    int64_t default_timeout_s, struct kw_answer *answer)
{
	int64_t timeout_s = member_timeout_s(member, default_timeout_s);
	struct kw_verdict verdict = {0};
	int status;

	review->until_ms = timeout_s > 0 ? kw_now_ms() + timeout_s * 1000 : 0;
	status = member->type->evaluate(member->settings, review, &verdict);
	if (kw_review_expired(review))
		kw_answer_timeout(answer);
	else if (status)
		deny_internal(answer, "out of memory");
	else
		take_verdict(member->type, review, &verdict, answer);
	kw_verdict_deinit(&verdict);
}

/* What the members of a group have said. */
struct poll {
	const struct kw_policy *policy;
	struct kw_review *review;
	int64_t default_timeout_s;
	struct kw_answer *answers; /* one a member */
	bool *asked;               /* whether it was evaluated: each is once at most */
};

static int ask_member(size_t member, void *userdata)
{
	struct poll *poll = userdata;
	struct kw_answer *answer = &poll->answers[member];

	if (!poll->asked[member]) {
		poll->asked[member] = true;
		evaluate_member(&poll->policy->members[member], poll->review,
				poll->default_timeout_s, answer);
		if (answer->patch)
			deny(answer, 0, "mutation is not allowed inside of policy group");
	}
	return answer->allowed;
}

/* Deny with the group's message, and a cause for each evaluated member that denied. */
static void deny_group(const struct poll *poll, struct kw_answer *answer)
{
	deny(answer, 0, poll->policy->message);
	for (size_t i = 0; i < poll->policy->n_members; i++) {
		struct text field = {0};

		if (!poll->asked[i] || poll->answers[i].allowed)
			continue;
		text_add(&field, "spec.policies.%s", poll->policy->members[i].name);
		add_cause(answer, poll->answers[i].message, text_get(&field));
		text_deinit(&field);
	}
}

static void evaluate_group(const struct kw_policy *policy, struct kw_review *review,
			   int64_t default_timeout_s, struct kw_answer *answer)
{
	struct poll poll = {policy, review, default_timeout_s,
			    calloc(policy->n_members + 1, sizeof(*poll.answers)),
			    calloc(policy->n_members + 1, sizeof(*poll.asked))};
	int allowed = -1;

	if (poll.answers && poll.asked)
		allowed = kw_expression_evaluate(policy->compiled, ask_member, &poll);
	if (allowed < 0)
		deny(answer, 500, "error evaluating policy group expression: out of memory");
	else if (allowed)
		answer->allowed = true;
	else
		deny_group(&poll, answer);
	for (size_t i = 0; poll.answers && i < policy->n_members; i++)
		kw_answer_deinit(&poll.answers[i]);
	free(poll.answers);
	free(poll.asked);
}

void kw_evaluate(const struct kw_policy *policy, struct kw_review *review,
		 int64_t default_timeout_s, struct kw_answer *answer)
{
	*answer = (struct kw_answer){0};
	if (policy->failed)
		deny(answer, 500, policy->failure ? policy->failure : "out of memory");
	else if (policy->expression)
		evaluate_group(policy, review, default_timeout_s, answer);
	else
		evaluate_member(policy->members, review, default_timeout_s, answer);
}

void kw_answer_timeout(struct kw_answer *answer)
{
	deny(answer, 500, timed_out);
}

/* Protect mode: a policy that may not mutate but did is answered for. */
static void forbid_mutation(const struct kw_policy *policy, struct kw_answer *answer)
{
	struct text message = {0};

	text_add(&message,
		 "Request rejected by policy %s. The policy attempted to mutate the request, "
		 "but it is currently configured to not allow mutations.",
		 policy->id);
	deny(answer, 0, text_get(&message));
	text_deinit(&message);
}

void kw_answer_finish(const struct kw_policy *policy, enum kw_origin origin,
		      struct kw_answer *answer)
{
	/* A policy that does not work denies in any mode. */
	if (origin == KW_AUDIT || policy->failed)
		return;
	if (policy->mode == KW_MONITOR) {
		answer->monitored = true;
		answer->said = answer->allowed;
		answer->allowed = true;
		json_decref(answer->patch);
		answer->patch = NULL;
		return;
	}
	if (answer->patch && !policy->allowed_to_mutate)
		forbid_mutation(policy, answer);
	if (answer->allowed || policy->expression || !policy->message)
		return;
	add_cause(answer, answer->message ? answer->message : "", NULL);
	free(answer->message);
	answer->message = strdup(policy->message);
}

enum {
	/* A member that is late says so itself, with the group's words: the watch lets it. */
	GROUP_GRACE_MS = 500,
};

int64_t kw_policy_timeout_ms(const struct kw_policy *policy, int64_t default_timeout_s)
{
	int64_t sum_s = 0;

	for (size_t i = 0; i < policy->n_members; i++) {
		int64_t timeout_s = member_timeout_s(&policy->members[i], default_timeout_s);

		if (timeout_s <= 0)
			return 0;
		sum_s += timeout_s;
	}
	return sum_s > 0 && policy->expression ? sum_s * 1000 + GROUP_GRACE_MS : sum_s * 1000;
}

void kw_answer_deinit(struct kw_answer *answer)
{
	for (size_t i = 0; i < answer->n_causes; i++) {
		free(answer->causes[i].message);
		free(answer->causes[i].field);
	}
	free(answer->causes);
	free(answer->message);
	json_decref(answer->patch);
	*answer = (struct kw_answer){0};
}
