/* SPDX-License-Identifier: MIT */
#include "review/run.h"

#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "common/files.h"
#include "common/values.h"
#include "review/answer.h"
#include "review/match.h"

static bool is_result(const json_t *call, const char *result)
{
	return strcmp(member_text(call, "result"), result) == 0;
}

static json_t *call(const struct target *target, const struct webhook *webhook,
		    const struct request *request)
{
	struct client_target client = target->client;
	struct client_answer answer;
	char *path = text_new("%s?timeout=%us", webhook->path, webhook->timeout_s), *text;
	json_t *review = request_review(request), *result;
	size_t len;

	text = review_text(review, &len);
	client.timeout_ms = webhook->timeout_s * 1000;
	client_ask(&client, "POST", path, text, len, &answer);
	result = answer_check(review, !webhook->is_mutating, &answer);
	client_answer_deinit(&answer);
	json_decref(review);
	free(text);
	free(path);
	return result;
}

/* A patch that does not apply is an error that failurePolicy does not cover. */
static void fail_patch(json_t *result, const char *why)
{
	char *error = text_new("the patch does not apply: %s", why);

	member_set_text(result, "result", "failed");
	member_set_text(result, "error", error);
	member_set(result, "whateverFailurePolicy", json_true());
	free(error);
}

static void apply_patch(struct request *request, json_t *result)
{
	const json_t *patch = json_object_get(result, "patch");
	struct admwh_json *json;
	json_t *object;

	if (!patch)
		return;
	if (!request->object) {
		fail_patch(result, "DELETE has no object");
		return;
	}
	json = admwh_json_new();
	object = json_incref(request->object);
	if (!json)
		out_of_memory();
	if (admwh_json_patch_apply(json, &object, patch, ADMWH_PATCH_MODE_KUBE_APISERVER)) {
		fail_patch(result, admwh_json_error(json));
		json_decref(object);
	} else {
		request_set_object(request, object);
	}
	admwh_json_free(json);
}

static json_t *ask(const struct target *target, const struct webhook *webhook,
		   struct request *request, const json_t *namespaces)
{
	const char *why =
	    webhook->object ? why_not_sent(webhook->object, request, namespaces) : NULL;
	json_t *result = why ? json_made(json_pack("{s:s, s:s}", "result", "skipped", "why", why))
			     : call(target, webhook, request);

	member_set_text(result, "webhook", webhook->name);
	member_set_text(result, "path", webhook->path);
	if (webhook->is_mutating && !why)
		apply_patch(request, result);
	if (is_result(result, "failed") && webhook->is_ignored &&
	    !json_object_get(result, "whateverFailurePolicy"))
		member_set(result, "ignored", json_true());
	return result;
}

static bool is_end(const json_t *result)
{
	return is_result(result, "denied") ||
	       (is_result(result, "failed") && !json_object_get(result, "ignored"));
}

/* Ask one and keep what came of it; whether the request ends by it. */
static bool ask_and_keep(const struct target *target, const struct webhook *webhook,
			 struct request *request, const json_t *namespaces, json_t *outcome)
{
	json_t *result = ask(target, webhook, request, namespaces);

	if (json_array_append_new(json_object_get(outcome, "calls"), result))
		out_of_memory();
	if (is_end(result) && is_result(outcome, "allowed"))
		member_set(outcome, "result", json_incref(json_object_get(result, "result")));
	return is_end(result);
}

/* Mutating webhooks one by one up to the first that says no. */
static bool ask_mutating(const struct target *target, struct request *request,
			 const json_t *namespaces, json_t *outcome)
{
	for (size_t i = 0; i < target->count; i++)
		if (target->webhooks[i].is_mutating &&
		    ask_and_keep(target, &target->webhooks[i], request, namespaces, outcome))
			return true;
	return false;
}

/* Validating ones all. */
static void ask_validating(const struct target *target, struct request *request,
			   const json_t *namespaces, json_t *outcome)
{
	for (size_t i = 0; i < target->count; i++)
		if (!target->webhooks[i].is_mutating)
			ask_and_keep(target, &target->webhooks[i], request, namespaces, outcome);
}

json_t *run_request(const struct target *target, struct request *request, const json_t *namespaces)
{
	const json_t *document = request->object ? request->object : request->old;
	json_t *outcome = json_made(json_object());

	member_set_text(outcome, "apiVersion", member_text(document, "apiVersion"));
	member_set_text(outcome, "kind", member_text(document, "kind"));
	member_set_text(outcome, "namespace", request->namespace);
	member_set_text(outcome, "name", request->name);
	member_set_text(outcome, "operation", request->circumstances->operation);
	member_set_text(outcome, "result", "allowed");
	member_set(outcome, "calls", json_array());
	if (request->object)
		member_set(outcome, "before", json_deep_copy(request->object));
	if (ask_mutating(target, request, namespaces, outcome))
		return outcome;
	if (request->object)
		member_set(outcome, "object", json_deep_copy(request->object));
	request_fill(request);
	ask_validating(target, request, namespaces, outcome);
	return outcome;
}
