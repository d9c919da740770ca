/* SPDX-License-Identifier: MIT */
#include "replay/compare.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/diff.h"
#include "common/files.h"
#include "common/values.h"
#include "common/yaml.h"
#include "review/answer.h"

#define OMITTED_EXTRA "/request/userInfo/extra"

enum { LEAST_CODE = 400 }; /* kube-apiserver takes no smaller one of a denial */

static bool is_text(const json_t *object, const char *name, const char *text)
{
	return strcmp(member_text(object, name), text) == 0;
}

/* A list or an object that is not empty. */
static void copy_list(json_t *to, const json_t *from, const char *name)
{
	json_t *list = json_object_get(from, name);

	if (json_array_size(list) > 0 || json_object_size(list) > 0)
		member_set(to, name, json_incref(list));
}

static json_int_t code_in(const json_t *object)
{
	json_int_t code = json_integer_value(json_object_get(object, "code"));

	return code < LEAST_CODE ? LEAST_CODE : code;
}

/* Was it no decision of the policy that was answered? */
static bool is_failure(const json_t *view)
{
	return is_text(view, "decision", "error") || is_text(view, "decision", "deadline");
}

/* A late answer's message says how much time there was. */
static void set_words(json_t *view, const json_t *from, const char *message)
{
	if (!is_text(view, "decision", "deadline"))
		member_set_text(view, "message", message);
	member_set_text(view, "reason", member_text(from, "reason"));
	copy_list(view, from, "causes");
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
	copy_list(view, recorded, "auditAnnotations");
	if (is_allowed) {
		copy_list(view, recorded, "patch");
		return view;
	}
	member_set(view, "code", json_integer(code_in(recorded)));
	set_words(view, recorded, member_text(recorded, "message"));
	return view;
}

/* The words of a Status; none where the body is another one. */
static void set_words_of_status(json_t *view, const struct client_answer *answer)
{
	json_t *status = json_loadb(answer->body, answer->body_len, JSON_ALLOW_NUL, NULL);

	set_words(view, status, member_text(status, "message"));
	copy_list(view, json_object_get(status, "details"), "causes");
	json_decref(status);
}

/* A handler that fails is answered by HTTP where the route leaves it to failurePolicy. */
static bool is_failure_of_handler(const json_t *before, const struct client_answer *answer)
{
	return answer->outcome == CLIENT_ANSWERED &&
	       (answer->status == 500 || (is_failure(before) && answer->status == code_in(before)));
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
	const bool is_the_same = is_failure(before) && code_in(before) == code_in(call);
	const bool has_own = json_object_get(before, "message") || has_message(call);

	member_set_text(view, "decision", is_the_same ? member_text(before, "decision") : "denied");
	member_set(view, "code", json_integer(code_in(call)));
	set_words(view, call, has_own ? member_text(call, "message") : "");
}

/* By the HTTP status. That of a late one is known by the record alone. */
static void view_failure(json_t *view, const json_t *before, const struct client_answer *answer)
{
	const bool is_the_same = is_failure(before) && code_in(before) == answer->status;

	member_set_text(view, "decision", is_the_same ? member_text(before, "decision") : "error");
	member_set(view, "code", json_integer(answer->status));
	set_words_of_status(view, answer);
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
		view_failure(view, before, answer);
	} else {
		member_set_text(view, "error", member_text(call, "error"));
	}
	copy_list(view, call, "warnings");
	copy_list(view, call, "auditAnnotations");
	return view;
}

static bool is_same(const json_t *a, const json_t *b)
{
	return a == b || json_equal(a, b);
}

/* Each is a line of YAML of its own. */
static size_t count_leaves(const json_t *value)
{
	const char *name;
	json_t *child;
	size_t n = 0, i;

	json_array_foreach((json_t *)(uintptr_t)value, i, child)
		n += count_leaves(child);
	json_object_foreach((json_t *)(uintptr_t)value, name, child)
		n += count_leaves(child);
	return n > 0 ? n : 1;
}

/*
 * Indentation makes text of a deep tree that is hundreds of times as long. NULL where no diff would
 * be shown of it.
 */
static char *text_for_diff(const json_t *object)
{
	return count_leaves(object) <= DIFF_LINES ? yaml_text(object) : NULL;
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
		return text_for_diff(*object);
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

static void add_change(struct comparing *comparing, const char *name)
{
	json_array_append_new(comparing->changes, json_made(json_string(name)));
}

static void find_changes_of(struct comparing *comparing, const char *const *names)
{
	for (; *names; names++)
		if (!is_same(json_object_get(comparing->recorded, *names),
			     json_object_get(comparing->replayed, *names)))
			add_change(comparing, *names);
}

/* Of another decision, the details are others, too: these are not changes of their own. */
static enum comparison find_changes(struct comparing *comparing, const struct record *record)
{
	static const char *const main_names[] = {"decision", "code", "message", "warnings", NULL};
	static const char *const details[] = {"reason", "causes", "auditAnnotations", NULL};
	const char *decision = member_text(comparing->recorded, "decision");
	size_t n;

	find_changes_of(comparing, main_names);
	if (!are_same_patched(comparing, record))
		add_change(comparing, "patch");
	n = json_array_size(comparing->changes);
	if (is_text(comparing->replayed, "decision", decision))
		find_changes_of(comparing, details);
	if (n > 0)
		return DIFFERENT;
	return json_array_size(comparing->changes) > 0 ? DIFFERENT_DETAILS : SAME;
}

/* An answer that was not recorded as a whole cannot be compared, whatever the policy reads. */
static bool may_count(const char *pointer, enum policy_reads reads)
{
	if (strncmp(pointer, "/record/", strlen("/record/")) == 0)
		return true;
	return strcmp(pointer, OMITTED_EXTRA) == 0 ? reads == READS_ALL : reads != READS_NONE;
}

/* Why a difference says nothing of the policy; NULL: it does. New. */
static char *obstacle_of(const struct record *record, enum policy_reads reads)
{
	const json_t *omitted = json_object_get(record->recorded, "omitted"), *pointer;
	size_t i;

	if (is_text(record->recorded, "decision", "deadline"))
		return text_new("as it was late");
	json_array_foreach(omitted, i, pointer) {
		if (may_count(json_string_value(pointer), reads))
			return text_new("recorded without %s", json_string_value(pointer));
	}
	return NULL;
}

static bool is_without_extra(const struct record *record)
{
	const json_t *omitted = json_object_get(record->recorded, "omitted"), *pointer;
	size_t i;

	json_array_foreach(omitted, i, pointer) {
		if (strcmp(json_string_value(pointer), OMITTED_EXTRA) == 0)
			return true;
	}
	return false;
}

void compare_answer(struct comparing *comparing, const struct record *record,
		    const struct compare_options *options, const struct client_answer *answer)
{
	json_t *call = answer_check(record->review, options->is_validating, answer);

	*comparing = (struct comparing){
	    .recorded = view_of_record(record->recorded),
	    .changes = json_made(json_array()),
	    .is_without_extra = is_without_extra(record),
	};
	comparing->replayed = view_of_answer(comparing->recorded, call, answer);
	json_decref(call);
	if (json_object_get(comparing->replayed, "error")) {
		comparing->result = NO_ANSWER;
		return;
	}
	comparing->result = find_changes(comparing, record);
	if (comparing->result == SAME)
		return;
	comparing->obstacle = obstacle_of(record, options->reads);
	if (comparing->obstacle)
		comparing->result = NOT_COMPARABLE;
}

void comparing_deinit(struct comparing *comparing)
{
	json_decref(comparing->recorded);
	json_decref(comparing->replayed);
	json_decref(comparing->changes);
	free(comparing->before);
	free(comparing->after);
	free(comparing->obstacle);
	*comparing = (struct comparing){0};
}
