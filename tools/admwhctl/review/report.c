/* SPDX-License-Identifier: MIT */
#include "review/report.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/diff.h"
#include "common/files.h"
#include "common/print.h"
#include "common/values.h"
#include "common/yaml.h"

static enum colour colour_of(const char *result)
{
	return strcmp(result, "allowed") == 0   ? GREEN
	       : strcmp(result, "skipped") == 0 ? DIM
	       : strcmp(result, "denied") == 0  ? RED
						: YELLOW;
}

static json_t *shown_value(const char *name, const json_t *value);

static json_t *shown_object(const json_t *object)
{
	json_t *shown = json_made(json_object()), *value;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)object, name, value) {
		char *key = text_shown(name);

		if (json_object_set_new(shown, key, shown_value(name, value)))
			out_of_memory();
		free(key);
	}
	return shown;
}

static json_t *shown_array(const json_t *array)
{
	json_t *shown = json_made(json_array());

	for (size_t i = 0; i < json_array_size(array); i++)
		if (json_array_append_new(shown, shown_value("", json_array_get(array, i))))
			out_of_memory();
	return shown;
}

/* New. Only a message has lines of its own. */
static json_t *shown_text(const char *name, const json_t *text)
{
	char *shown = NULL;
	json_t *value;

	if (strcmp(name, "message") == 0)
		return json_kept(text);
	shown = text_shown(json_string_value(text));
	value = json_made(json_string(shown));
	free(shown);
	return value;
}

/* A copy whose texts a terminal takes for nothing but texts. Objects are printed as YAML. */
static json_t *shown_value(const char *name, const json_t *value)
{
	if (strcmp(name, "before") == 0 || strcmp(name, "object") == 0)
		return json_kept(value);
	if (json_is_object(value))
		return shown_object(value);
	if (json_is_array(value))
		return shown_array(value);
	return json_is_string(value) ? shown_text(name, value) : json_kept(value);
}

/* A message often has all causes already. */
static void print_causes(FILE *to, const json_t *call)
{
	const json_t *cause;
	size_t i;

	json_array_foreach(json_object_get(call, "causes"), i, cause) {
		const char *field = member_text(cause, "field"),
			   *reason = member_text(cause, "reason");
		char *text =
		    text_new("%s%s%s", field, *field ? ": " : "", member_text(cause, "message"));
		char *shown = text_shown(text);

		if (!strstr(member_text(call, "message"), text))
			fprintf(to, "    cause: %s%s%s%s\n", shown, *reason ? " (" : "", reason,
				*reason ? ")" : "");
		free(shown);
		free(text);
	}
}

static void print_extras(FILE *to, const json_t *call)
{
	const json_t *annotations = json_object_get(call, "auditAnnotations"), *value;
	const json_t *warnings = json_object_get(call, "warnings");
	const char *key;
	size_t i;

	json_array_foreach(warnings, i, value)
		fprintf(to, "    %swarning:%s %s\n", colour(to, YELLOW), colour(to, PLAIN),
			json_is_string(value) ? json_string_value(value) : "");
	json_object_foreach((json_t *)(uintptr_t)annotations, key, value)
		fprintf(to, "    audit annotation %s: %s\n", key,
			json_is_string(value) ? json_string_value(value) : "");
}

static void print_call(FILE *to, const json_t *call)
{
	const char *result = member_text(call, "result"), *reason = member_text(call, "reason");

	fprintf(to, "  %s: %s%s%s", member_text(call, "webhook"), colour(to, colour_of(result)),
		result, colour(to, PLAIN));
	if (json_object_get(call, "code"))
		fprintf(to, ", code %" JSON_INTEGER_FORMAT "%s%s",
			json_integer_value(json_object_get(call, "code")),
			*reason ? ", reason " : "", reason);
	if (json_object_get(call, "why"))
		fprintf(to, ": %s", member_text(call, "why"));
	if (json_object_get(call, "patch"))
		fputs(", with a patch", to);
	fputc('\n', to);
	if (json_object_get(call, "error"))
		fprintf(to, "    %s: %s\n",
			json_object_get(call, "ignored")
			    ? "failurePolicy Ignore lets the API server go on"
			    : "the API server would fail",
			member_text(call, "error"));
	print_lines(to, "    ", member_text(call, "message"), "");
	print_causes(to, call);
	print_extras(to, call);
}

static void print_change(FILE *to, const json_t *before, const json_t *after)
{
	char *old, *new;

	if (!after || json_equal(before, after))
		return;
	old = yaml_text(before);
	new = yaml_text(after);
	fputs("  change:\n", to);
	diff_print(to, "    ", old, new);
	free(old);
	free(new);
}

static void print_outcome(FILE *to, const char *where, const json_t *outcome)
{
	const char *result = member_text(outcome, "result");
	const char *namespace = strcmp(member_text(outcome, "kind"), "Namespace") == 0
				    ? ""
				    : member_text(outcome, "namespace");
	const json_t *call;
	size_t i;

	fprintf(to, "%s: %s %s%s%s %s: %s%s%s\n", where, member_text(outcome, "kind"), namespace,
		*namespace ? "/" : "", member_text(outcome, "name"),
		member_text(outcome, "operation"), colour(to, colour_of(result)), result,
		colour(to, PLAIN));
	json_array_foreach(json_object_get(outcome, "calls"), i, call)
		print_call(to, call);
	print_change(to, json_object_get(outcome, "before"), json_object_get(outcome, "object"));
}

void report_outcome(FILE *to, const char *where, const json_t *outcome)
{
	json_t *shown = shown_value("", outcome);

	print_outcome(to, where, shown);
	json_decref(shown);
}

char *report_line(const json_t *outcome)
{
	const char *result = member_text(outcome, "result");
	const json_t *call;
	size_t i;

	json_array_foreach(json_object_get(outcome, "calls"), i, call) {
		const char *message = member_text(call, "message");

		if (strcmp(member_text(call, "result"), result) == 0 &&
		    strcmp(result, "allowed") != 0)
			return text_new("%s by %s: %s", result, member_text(call, "webhook"),
					*message ? message : member_text(call, "error"));
	}
	return text_new("%s", result);
}
