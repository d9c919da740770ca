/* SPDX-License-Identifier: MIT */
/* Answers, and words for refusals. See reply.h. */
#include "reply.h"

#include <stdlib.h>
#include <string.h>

#include <admwh/error.h>

/* Add one operation, as admwh_json_patch_make() has found it. */
static int add_operation(struct admwh_patch *patch, const json_t *operation)
{
	const char *op = kw_text(json_object_get(operation, "op"));
	const char *path = kw_text(json_object_get(operation, "path"));
	const json_t *value = json_object_get(operation, "value");

	if (op && strcmp(op, "add") == 0)
		return admwh_patch_add(patch, path, value);
	if (op && strcmp(op, "replace") == 0)
		return admwh_patch_replace(patch, path, value);
	if (op && strcmp(op, "remove") == 0)
		return admwh_patch_remove(patch, path);
	return ADMWH_E_PATCH;
}

static int deny(const struct kw_answer *answer, struct admwh_response *response)
{
	int status = admwh_response_deny(response, answer->code, "%s",
					 answer->message ? answer->message : "");

	for (size_t i = 0; i < answer->n_causes && status == 0; i++)
		status = admwh_response_add_cause(response, NULL, answer->causes[i].message,
						  answer->causes[i].field);
	return status;
}

int kw_reply(const struct kw_answer *answer, struct admwh_response *response,
	     struct admwh_patch *patch)
{
	const json_t *operation;
	size_t i;

	if (!answer->allowed)
		return deny(answer, response);
	json_array_foreach(answer->patch, i, operation)
		if (!patch || add_operation(patch, operation))
			return admwh_response_fail(response, "the patch does not apply: %s",
						   patch ? admwh_patch_error(patch) : "validator");
	return admwh_response_allow(response);
}

/* The id in the path of a policy's route; NULL when it is no such path. */
static const char *find_id(const char *path)
{
	static const char *const prefixes[] = {"/validate/", "/audit/", "/validate_raw/"};

	for (size_t i = 0; path && i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t len = strlen(prefixes[i]);

		if (strncmp(path, prefixes[i], len) == 0 && path[len] && !strchr(path + len, '/'))
			return path + len;
	}
	return NULL;
}

/* The original's words for a status, with the library's reason where they leave room for one. */
static void word(const struct admwh_refusal *refusal, const char *id, struct text *text)
{
	switch (refusal->status) {
	case 400:
		text_add(text, "Failed to parse the request body as JSON: %s", refusal->message);
		break;
	case 404: /* by a route, or no route can have this id */
		if (refusal->err == ADMWH_E_NOT_FOUND && refusal->message)
			text_add(text, "%s", refusal->message);
		else
			text_add(text, "unknown policy: %s", id);
		break;
	case 413:
		text_add(text, "Failed to buffer the request body: length limit exceeded");
		break;
	case 415:
		text_add(text, "Expected request with `Content-Type: application/json`");
		break;
	case 422:
		text_add(text, "Failed to deserialize the JSON body into the target type: %s",
			 refusal->message);
		break;
	case 500:
		text_add(text, "Something went wrong");
		break;
	default:
		text_add(text, "%s", refusal->message ? refusal->message : "");
	}
}

static void reply_json(struct admwh_reply *reply, int status, const char *message)
{
	json_t *json = json_pack("{s:s, s:i}", "message", message, "status", status);
	char *body = json ? json_dumps(json, JSON_COMPACT) : NULL;

	if (body)
		admwh_reply_set(reply, status, "application/json", body);
	json_decref(json);
	free(body);
}

void kw_word_refusal(const struct admwh_refusal *refusal, struct admwh_reply *reply, void *userdata)
{
	const char *id = find_id(refusal->path);
	bool malformed = refusal->status == 400 && refusal->err != ADMWH_E_SYNTAX;
	struct text text = {0};

	(void)userdata;
	/* Not HTTP, or not HTTP that the original would have understood: the library's own words.
	 */
	if (!refusal->path || malformed)
		return;
	if (refusal->status == 405 || (refusal->status == 404 && !id)) {
		admwh_reply_set(reply, refusal->status, "text/plain; charset=utf-8", "");
		return;
	}
	word(refusal, id, &text);
	if (!text.failed) {
		bool json = refusal->status == 404 || refusal->status == 500 ||
			    strncmp(refusal->path, "/validate/", 10) == 0;
		if (json)
			reply_json(reply, refusal->status, text_get(&text));
		else
			admwh_reply_set(reply, refusal->status, "text/plain; charset=utf-8",
					text_get(&text));
	}
	text_deinit(&text);
}
