/* SPDX-License-Identifier: MIT */
#include "replay/compare.h"

#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/values.h"
#include "common/yaml.h"
#include "review/answer.h"

enum { LEAST_CODE = 400 }; /* kube-apiserver takes no smaller one of a denial */

static bool is_text(const json_t *object, const char *name, const char *text)
{
	return strcmp(member_text(object, name), text) == 0;
}

static void copy_list(json_t *to, const json_t *from, const char *name)
{
	json_t *list = json_object_get(from, name);

	if (json_array_size(list) > 0)
		member_set(to, name, json_incref(list));
}

static json_int_t code_in(const json_t *object)
{
	json_int_t code = json_integer_value(json_object_get(object, "code"));

	return code < LEAST_CODE ? LEAST_CODE : code;
}

/* "warned" is answered as allowed, with warnings. */
static json_t *view_of_record(const json_t *recorded)
{
	const bool is_allowed =
	    is_text(recorded, "decision", "allowed") || is_text(recorded, "decision", "warned");
	json_t *view = json_made(json_object());

	member_set_text(view, "decision",
			is_allowed ? "allowed" : member_text(recorded, "decision"));
	copy_list(view, recorded, "warnings");
	if (is_allowed) {
		copy_list(view, recorded, "patch");
		return view;
	}
	member_set(view, "code", json_integer(code_in(recorded)));
	member_set_text(view, "message", member_text(recorded, "message"));
	return view;
}

/* The message of a Status; "" where the body is another one. */
static void set_message_of_status(json_t *view, const struct client_answer *answer)
{
	json_t *status = json_loadb(answer->body, answer->body_len, JSON_ALLOW_NUL, NULL);

	member_set_text(view, "message", member_text(status, "message"));
	json_decref(status);
}

/* A handler that fails is answered by HTTP where the route leaves it to failurePolicy. */
static bool is_failure_of_handler(const json_t *before, const struct client_answer *answer)
{
	return answer->outcome == CLIENT_ANSWERED &&
	       (answer->status == 500 ||
		(is_text(before, "decision", "error") && answer->status == code_in(before)));
}

/* Where the answer has no message, answer_check() has another text in its place. */
static bool has_message(const json_t *call)
{
	return !is_text(call, "message", member_text(call, "reason")) &&
	       !is_text(call, "message", "without explanation");
}

static void view_denial(json_t *view, const json_t *before, const json_t *call)
{
	/* A failure that the route denies is a denial to the API server. */
	const bool is_error =
	    is_text(before, "decision", "error") && code_in(before) == code_in(call);

	member_set_text(view, "decision", is_error ? "error" : "denied");
	member_set(view, "code", json_integer(code_in(call)));
	if (json_object_get(before, "message") || has_message(call))
		member_set_text(view, "message", member_text(call, "message"));
}

static json_t *view_of_answer(const json_t *before, const json_t *call,
			      const struct client_answer *answer)
{
	json_t *view = json_made(json_object());

	if (is_text(call, "result", "denied")) {
		view_denial(view, before, call);
	} else if (is_text(call, "result", "allowed")) {
		member_set_text(view, "decision", "allowed");
		copy_list(view, call, "patch");
	} else if (is_failure_of_handler(before, answer)) {
		member_set_text(view, "decision", "error");
		member_set(view, "code", json_integer(answer->status));
		set_message_of_status(view, answer);
	} else {
		member_set_text(view, "error", member_text(call, "error"));
	}
	copy_list(view, call, "warnings");
	return view;
}

static bool is_same(const json_t *a, const json_t *b)
{
	return a == b || json_equal(a, b);
}

/* The object, or why there is none. New. */
static char *patched(const struct record *record, const json_t *patch, json_t **object)
{
	const json_t *request = json_object_get(record->review, "request");
	const json_t *sent = json_object_get(request, "object");
	char *why;

	*object = json_made(sent ? json_deep_copy(sent) : json_null());
	if (!patch || admwh_json_patch_apply(record->json, object, patch,
					     ADMWH_PATCH_MODE_KUBE_APISERVER) == 0)
		return yaml_text(*object);
	why = text_new("the patch does not apply: %s\n", admwh_json_error(record->json));
	json_decref(*object);
	*object = json_made(json_string(why));
	return why;
}

/* Two patches that make the same object are the same. */
static bool are_same_patched(struct comparing *comparing, const struct record *record)
{
	const json_t *one = json_object_get(comparing->recorded, "patch");
	const json_t *other = json_object_get(comparing->replayed, "patch");
	json_t *before, *after;
	bool are_same;

	if (is_same(one, other) || !is_text(comparing->recorded, "decision", "allowed") ||
	    !is_text(comparing->replayed, "decision", "allowed"))
		return true;
	comparing->before = patched(record, one, &before);
	comparing->after = patched(record, other, &after);
	are_same = is_same(before, after);
	json_decref(before);
	json_decref(after);
	return are_same;
}

static void find_changes(struct comparing *comparing, const struct record *record)
{
	static const char *const names[] = {"decision", "code", "message", "warnings"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!is_same(json_object_get(comparing->recorded, names[i]),
			     json_object_get(comparing->replayed, names[i])))
			json_array_append_new(comparing->changes, json_made(json_string(names[i])));
	if (!are_same_patched(comparing, record))
		json_array_append_new(comparing->changes, json_made(json_string("patch")));
}

void compare_answer(struct comparing *comparing, const struct record *record, bool is_validating,
		    const struct client_answer *answer)
{
	json_t *call = answer_check(record->review, is_validating, answer);

	*comparing = (struct comparing){
	    .recorded = view_of_record(record->recorded),
	    .changes = json_made(json_array()),
	};
	comparing->replayed = view_of_answer(comparing->recorded, call, answer);
	json_decref(call);
	if (json_object_get(comparing->replayed, "error")) {
		comparing->result = NO_ANSWER;
		return;
	}
	find_changes(comparing, record);
	if (json_array_size(comparing->changes) > 0)
		comparing->result = json_is_true(json_object_get(record->recorded, "redacted"))
					? NOT_COMPARABLE
					: DIFFERENT;
}

void comparing_deinit(struct comparing *comparing)
{
	json_decref(comparing->recorded);
	json_decref(comparing->replayed);
	json_decref(comparing->changes);
	free(comparing->before);
	free(comparing->after);
	*comparing = (struct comparing){0};
}
