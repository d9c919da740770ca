/* SPDX-License-Identifier: MIT */
#include "test/expect.h"

#include <regex.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "common/files.h"
#include "common/values.h"
#include "review/report.h"

__attribute__((format(printf, 2, 3))) static void add(json_t *problems, const char *format, ...)
{
	char *what;
	va_list arguments;

	va_start(arguments, format);
	what = text_newv(format, arguments);
	va_end(arguments);
	if (json_array_append_new(problems, json_made(json_string(what))))
		out_of_memory();
	free(what);
}

/* "/.../": the expression between the slashes, new; NULL: the text is no expression. */
static char *expression_of(const char *text)
{
	size_t len = strlen(text);

	return len >= 2 && *text == '/' && text[len - 1] == '/'
		   ? text_new("%.*s", (int)len - 2, text + 1)
		   : NULL;
}

static void check_message(const struct field *message)
{
	static const char *const names[] = {"contains", NULL};
	const char *text = json_string_value(message->value);
	char *expression = text ? expression_of(text) : NULL, why[256];
	regex_t regex;
	int code;

	if (message->value && !text) {
		field_only(message, names);
		field_required(message, "contains");
	}
	if (!expression)
		return;
	code = regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB);
	if (code) {
		regerror(code, &regex, why, sizeof(why));
		field_fault(message, "%s", why);
	} else {
		regfree(&regex);
	}
	free(expression);
}

void expect_check_form(const struct field *expect)
{
	static const char *const names[] = {"allowed",  "code",    "reason", "message",
					    "warnings", "patched", "failed", NULL};
	struct field message = field_member(expect, "message");
	struct field patched = field_member(expect, "patched");

	field_only(expect, names);
	if (!json_is_object(expect->value))
		return;
	field_flag(expect, "allowed", true);
	field_number(expect, "code", 400, 400, 599);
	field_text(expect, "reason", NULL);
	field_texts(expect, "warnings");
	field_text(expect, "failed", NULL);
	check_message(&message);
	if (patched.value && !json_is_object(patched.value))
		field_fault(&patched, "expected an object");
}

static bool is_message(const json_t *expected, const char *message)
{
	const char *text = json_string_value(expected);
	char *expression = text ? expression_of(text) : NULL;
	bool is_match = false;
	regex_t regex;

	if (expression) {
		if (regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB) == 0) {
			is_match = regexec(&regex, message, 0, NULL, 0) == 0;
			regfree(&regex);
		}
		free(expression);
		return is_match;
	}
	return text ? strcmp(text, message) == 0
		    : strstr(message, member_text(expected, "contains")) != NULL;
}

/* The call that decided: the first that is as the outcome. */
static const json_t *deciding_call(const json_t *outcome)
{
	const json_t *call;
	size_t i;

	json_array_foreach(json_object_get(outcome, "calls"), i, call)
		if (strcmp(member_text(call, "result"), member_text(outcome, "result")) == 0)
			return call;
	return NULL;
}

/* Of all calls, in their order: new. */
static json_t *all_warnings(const json_t *outcome)
{
	json_t *all = json_made(json_array());
	const json_t *call;
	size_t i;

	json_array_foreach(json_object_get(outcome, "calls"), i, call) {
		json_t *warnings = json_object_get(call, "warnings");

		if (warnings && json_array_extend(all, warnings))
			out_of_memory();
	}
	return all;
}

static char *shown(const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	return text ? text : text_new("nothing");
}

static void add_difference(json_t *problems, const char *where, const json_t *expected,
			   const json_t *value)
{
	char *a = shown(expected), *b = shown(value);

	add(problems, "%s: expected %s, not %s", where, a, b);
	free(a);
	free(b);
}

/* Members that are named; null is for one that is not there; lists are alike element by element. */
static void compare_part(const char *where, const json_t *expected, const json_t *value,
			 json_t *problems)
{
	const char *key;
	json_t *part;
	size_t i;

	if (json_is_null(expected) && !value)
		return;
	if (json_is_object(expected) && json_is_object(value)) {
		json_object_foreach((json_t *)(uintptr_t)expected, key, part) {
			char *deeper = text_new("%s.%s", where, key);

			compare_part(deeper, part, json_object_get(value, key), problems);
			free(deeper);
		}
	} else if (json_is_array(expected) && json_is_array(value) &&
		   json_array_size(expected) == json_array_size(value)) {
		json_array_foreach(expected, i, part) {
			char *deeper = text_new("%s[%zu]", where, i);

			compare_part(deeper, part, json_array_get(value, i), problems);
			free(deeper);
		}
	} else if (!value || !json_equal(expected, value)) {
		add_difference(problems, where, expected, value);
	}
}

static void compare_denial(const json_t *expect, const json_t *call, json_t *problems)
{
	const json_t *message = json_object_get(expect, "message");
	const json_t *code = json_object_get(expect, "code");
	const json_t *reason = json_object_get(expect, "reason");

	if (code && !json_equal(code, json_object_get(call, "code")))
		add_difference(problems, "code", code, json_object_get(call, "code"));
	if (reason && !json_equal(reason, json_object_get(call, "reason")))
		add_difference(problems, "reason", reason, json_object_get(call, "reason"));
	if (message && !is_message(message, member_text(call, "message")))
		add_difference(problems, "message", message, json_object_get(call, "message"));
}

static void compare_failure(const char *expected, const json_t *outcome, json_t *problems)
{
	const char *error = member_text(deciding_call(outcome), "error");
	char *line = report_line(outcome);

	if (strcmp(member_text(outcome, "result"), "failed") != 0)
		add(problems, "expected no valid answer, not %s", line);
	else if (!strstr(error, expected))
		add(problems, "failed: expected \"%s\" in \"%s\"", expected, error);
	free(line);
}

void expect_compare(const json_t *expect, const json_t *outcome, json_t *problems)
{
	const json_t *allowed = json_object_get(expect, "allowed");
	const json_t *warnings = json_object_get(expect, "warnings");
	const json_t *patched = json_object_get(expect, "patched");
	const char *result = member_text(outcome, "result");
	bool is_as_expected =
	    !allowed || strcmp(result, json_is_true(allowed) ? "allowed" : "denied") == 0;
	json_t *all = all_warnings(outcome);

	if (json_object_get(expect, "failed")) {
		compare_failure(member_text(expect, "failed"), outcome, problems);
	} else if (!is_as_expected || strcmp(result, "failed") == 0) {
		char *line = report_line(outcome);

		add(problems, "expected %s, not %s",
		    !allowed || json_is_true(allowed) ? "allowed" : "denied", line);
		free(line);
	} else {
		compare_denial(expect, deciding_call(outcome), problems);
		if (warnings && !json_equal(warnings, all))
			add_difference(problems, "warnings", warnings, all);
		if (patched)
			compare_part("patched", patched, json_object_get(outcome, "object"),
				     problems);
	}
	json_decref(all);
}

/* The members that changed, null for one that is gone: what compare_part() takes. */
static json_t *changed_part(const json_t *outcome)
{
	struct admwh_json *json = admwh_json_new();
	const json_t *before = json_object_get(outcome, "before");
	const json_t *after = json_object_get(outcome, "object");
	json_t *part;

	if (!json)
		out_of_memory();
	part = before && after ? admwh_json_merge_make(json, before, after) : NULL;
	admwh_json_free(json);
	return part;
}

static void make_patched(json_t *made, const json_t *before, const json_t *outcome)
{
	const json_t *there = json_object_get(before, "patched");
	json_t *problems = json_made(json_array());
	json_t *part = changed_part(outcome);

	if (there)
		compare_part("patched", there, json_object_get(outcome, "object"), problems);
	if (there && json_array_size(problems) == 0)
		member_set(made, "patched", json_kept(there));
	else if (json_object_size(part) > 0)
		member_set(made, "patched", json_incref(part));
	json_decref(part);
	json_decref(problems);
}

static void make_denial(json_t *made, const json_t *before, const json_t *call)
{
	const json_t *message = json_object_get(before, "message");

	member_set(made, "code", json_incref(json_object_get(call, "code")));
	if (*member_text(call, "reason"))
		member_set(made, "reason", json_incref(json_object_get(call, "reason")));
	member_set(made, "message",
		   message && is_message(message, member_text(call, "message"))
		       ? json_kept(message)
		       : json_incref(json_object_get(call, "message")));
}

json_t *expect_make(const json_t *before, const json_t *outcome)
{
	bool is_allowed = strcmp(member_text(outcome, "result"), "allowed") == 0;
	json_t *made = json_made(json_object()), *warnings = all_warnings(outcome);

	if (strcmp(member_text(outcome, "result"), "failed") == 0) {
		member_set(made, "failed",
			   json_incref(json_object_get(deciding_call(outcome), "error")));
	} else {
		member_set(made, "allowed", json_boolean(is_allowed));
		if (!is_allowed)
			make_denial(made, before, deciding_call(outcome));
		if (json_array_size(warnings) > 0 || json_object_get(before, "warnings"))
			member_set(made, "warnings", json_incref(warnings));
		if (is_allowed)
			make_patched(made, before, outcome);
	}
	json_decref(warnings);
	return made;
}
