/* SPDX-License-Identifier: MIT */
#include "telemetry/record_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/base64url.h"
#include "config/record.h"
#include "json/json.h"
#include "telemetry/redact.h"

enum { VERSION = 1, PATCH_DEPTH = 1000, TIME_SIZE = 32 };

struct maker {
	const struct awh_record *record;
	struct awh_numbers *numbers;
	struct awh_redaction redaction;
	bool failed; /* memory ran out */
};

static const char *kind_of(const json_t *holder, const char *name)
{
	return json_string_value(json_object_get(json_object_get(holder, name), "kind"));
}

/* A reference, as of an owner, has the kind as well, but none of these. */
static bool has_content(const json_t *object)
{
	return json_object_get(object, "data") || json_object_get(object, "stringData") ||
	       json_object_get(object, "spec") || json_object_get(object, "status") ||
	       json_object_get(object, "items");
}

/* An object may bring others along: a list, a template, a bundle of manifests. */
static bool holds_withheld(json_t *value)
{
	const char *name;
	json_t *child;
	size_t i;

	if (awh_record_is_withheld(json_string_value(json_object_get(value, "kind"))) &&
	    has_content(value))
		return true;
	json_object_foreach(value, name, child)
		if (holds_withheld(child))
			return true;
	json_array_foreach(value, i, child)
		if (holds_withheld(child))
			return true;
	return false;
}

/* Whatever the request calls it, and whatever the object calls itself. */
static bool is_withheld(const json_t *request)
{
	static const char *const holders[] = {"kind", "requestKind", "object", "oldObject"};

	for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++)
		if (awh_record_is_withheld(kind_of(request, holders[i])))
			return true;
	return holds_withheld(json_object_get(request, "object")) ||
	       holds_withheld(json_object_get(request, "oldObject"));
}

/* The bytes of padded base64 (RFC 4648 section 4), which the library has written: for free(). */
static char *decode(const char *text, size_t len, size_t *out_len)
{
	char *digits = malloc(len + 1);
	char *out = malloc(AWH_BASE64URL_BYTES(len) + 1);
	bool done = false;

	while (len > 0 && text[len - 1] == '=')
		len--;
	for (size_t i = 0; digits && i < len; i++)
		digits[i] = (char)(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
	if (digits && out)
		done = awh_base64url_decode(digits, len, (uint8_t *)out, out_len);
	free(digits);
	if (done)
		return out;
	free(out);
	return NULL;
}

/* *new*; NULL without one. */
static json_t *patch_of(struct maker *maker, const json_t *response)
{
	const json_t *value = json_object_get(response, "patch");
	json_t *patch = NULL;
	size_t len;
	char *text;

	if (!json_is_string(value))
		return NULL;
	text = decode(json_string_value(value), json_string_length(value), &len);
	if (text)
		patch = awh_json_parse(text, len, PATCH_DEPTH, maker->numbers, NULL);
	free(text);
	if (!patch)
		maker->failed = true;
	awh_redact_patch(&maker->redaction, patch);
	return patch;
}

static void set(struct maker *maker, json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value))
		maker->failed = true;
}

/* Unless it is NULL. */
static void set_text(struct maker *maker, json_t *object, const char *name, const char *value)
{
	if (value)
		set(maker, object, name, json_string(value));
}

static json_t *caller(struct maker *maker)
{
	json_t *made = json_object();

	set_text(maker, made, "bundle", maker->record->bundle);
	set_text(maker, made, "commonName", maker->record->common_name);
	set_text(maker, made, "bearer", maker->record->bearer);
	return made;
}

static json_t *time_text(const struct maker *maker)
{
	const time_t seconds = (time_t)maker->record->time_s;
	char out[TIME_SIZE] = "";
	struct tm parts;

	if (gmtime_r(&seconds, &parts))
		strftime(out, sizeof(out), "%Y-%m-%dT%H:%M:%SZ", &parts);
	return json_string(out);
}

/* Unless the answer has none. value is *borrowed*. */
static void set_borrowed(struct maker *maker, json_t *object, const char *name, json_t *value)
{
	if (value && !json_is_null(value))
		set(maker, object, name, json_incref(value));
}

/* Of a decision, or of an answer that is a metav1.Status. */
static void set_status(struct maker *maker, json_t *made, const json_t *answer)
{
	const json_t *response = json_object_get(answer, "response");
	const json_t *own = json_object_get(response, "status");
	const json_t *status = response ? own : answer;

	set_borrowed(maker, made, "message", json_object_get(status, "message"));
	set_borrowed(maker, made, "reason", json_object_get(status, "reason"));
	set_borrowed(maker, made, "causes",
		     json_object_get(json_object_get(status, "details"), "causes"));
}

static json_t *envelope(struct maker *maker, const json_t *answer)
{
	const struct awh_record *record = maker->record;
	const json_t *response = json_object_get(answer, "response");
	json_t *patch = patch_of(maker, response);
	json_t *made = json_object();

	set(maker, made, "version", json_integer(VERSION));
	set(maker, made, "time", time_text(maker));
	set_text(maker, made, "route", record->route);
	set(maker, made, "caller", caller(maker));
	set_text(maker, made, "decision", record->decision);
	if (record->code)
		set(maker, made, "code", json_integer(record->code));
	set_status(maker, made, answer);
	set_borrowed(maker, made, "warnings", json_object_get(response, "warnings"));
	set_borrowed(maker, made, "auditAnnotations",
		     json_object_get(response, "auditAnnotations"));
	if (patch)
		set(maker, made, "patch", patch);
	set_borrowed(maker, made, "omitted", maker->redaction.omitted);
	return made;
}

/* *new*; NULL for an answer that is no JSON. */
static json_t *parse_answer(struct maker *maker)
{
	const struct awh_record *record = maker->record;
	struct awh_error error = {0};
	json_t *answer =
	    awh_json_parse(record->answer, record->answer_len, PATCH_DEPTH, NULL, &error);

	if (error.code == ADMWH_E_NOMEM)
		maker->failed = true;
	return answer;
}

static int make(struct maker *maker, struct awh_buf *out, json_t *review)
{
	json_t *request = json_object_get(review, "request");
	json_t *answer;

	if (!json_is_object(request))
		return ADMWH_E_SYNTAX;
	if (is_withheld(request))
		return ADMWH_E_REFUSED;
	answer = parse_answer(maker);
	awh_redact_request(&maker->redaction, request);
	set(maker, review, "record", envelope(maker, answer));
	json_decref(answer);
	if (maker->failed || maker->redaction.failed)
		return ADMWH_E_NOMEM;
	if (holds_withheld(json_object_get(json_object_get(review, "record"), "patch")))
		return ADMWH_E_REFUSED;
	awh_json_write(out, review, maker->numbers);
	awh_buf_put(out, "\n", 1);
	return out->err ? ADMWH_E_NOMEM : 0;
}

int awh_record_put(struct awh_buf *out, const struct awh_record *record)
{
	struct maker maker = {.record = record, .numbers = awh_numbers_new()};
	struct awh_error error = {0};
	json_t *review;
	int err;

	if (!maker.numbers)
		return ADMWH_E_NOMEM;
	awh_redaction_init(&maker.redaction);
	review =
	    awh_json_parse(record->body, record->body_len, record->depth, maker.numbers, &error);
	if (review)
		err = make(&maker, out, review);
	else
		err = error.code == ADMWH_E_NOMEM ? ADMWH_E_NOMEM : ADMWH_E_SYNTAX;
	json_decref(review);
	awh_redaction_deinit(&maker.redaction);
	awh_numbers_free(maker.numbers);
	return err;
}
