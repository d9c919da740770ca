/* SPDX-License-Identifier: MIT */
#include "review/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/print.h"
#include "common/values.h"

static bool has_failed(const json_t *call)
{
	return json_object_get(call, "error");
}

/* A body that is no UTF-8, or is cut within a character, is no text of JSON. */
static json_t *text_value(const char *text)
{
	json_t *value = json_string(text);
	char *shown = value ? NULL : text_shown(text);

	if (!value)
		value = json_made(json_string(shown));
	free(shown);
	return value;
}

/* The first thing that is wrong counts. */
__attribute__((format(printf, 2, 3))) static void fail(json_t *call, const char *format, ...)
{
	char *what;
	va_list arguments;

	if (has_failed(call))
		return;
	va_start(arguments, format);
	what = text_newv(format, arguments);
	va_end(arguments);
	member_set_text(call, "result", "failed");
	member_set(call, "error", text_value(what));
	free(what);
}

/* client-go shows the message of a Status, of any other body next to nothing. */
static void fail_by_status(json_t *call, const struct client_answer *answer)
{
	json_t *status = json_loadb(answer->body, answer->body_len, JSON_ALLOW_NUL, NULL);

	if (answer->status >= 300 && answer->status < 400)
		fail(call, "HTTP status %d: a redirection", answer->status);
	else if (strcmp(member_text(status, "kind"), "Status") == 0)
		fail(call, "HTTP status %d: %s", answer->status, member_text(status, "message"));
	else
		fail(call, "HTTP status %d: %.200s", answer->status, answer->body);
	json_decref(status);
}

static int digit_of(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/*
 * Standard base64 with padding; encoding/base64 skips line ends, and takes any bits behind the last
 * byte. New, NUL-terminated; NULL: it is none.
 */
static char *decode_base64(const char *text, size_t *len)
{
	char *bytes = zeroed(strlen(text) + 4, 1);
	unsigned int bits = 0, n = 0, padding = 0;

	*len = 0;
	for (; *text; text++) {
		int digit = digit_of(*text);

		if (*text == '\r' || *text == '\n')
			continue;
		padding += *text == '=';
		if ((digit < 0 && *text != '=') || (digit >= 0 && padding > 0))
			break;
		bits = bits << 6 | (digit >= 0 ? (unsigned int)digit : 0);
		if (++n % 4 != 0)
			continue;
		for (int shift = 16; shift >= 0; shift -= 8)
			bytes[(*len)++] = (char)(bits >> shift & 0xff);
		bits = 0;
	}
	if (!*text && n % 4 == 0 && padding <= 2 && (padding == 0 || n > 0)) {
		*len -= padding;
		bytes[*len] = '\0';
		return bytes;
	}
	free(bytes);
	return NULL;
}

static void take_patch(json_t *call, const char *text)
{
	size_t len;
	char *bytes = decode_base64(text, &len);
	json_t *patch =
	    bytes ? json_loadb(bytes, len, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL) : NULL;

	if (!bytes)
		fail(call, "response.patch: not standard base64");
	else if (!json_is_array(patch))
		fail(call, "response.patch: not a JSON Patch");
	else if (json_array_size(patch) > 0)
		member_set(call, "patch", json_incref(patch));
	json_decref(patch);
	free(bytes);
}

/* VerifyAdmissionResponse() of admissionreview.go, of v1. v1beta1 takes a patch as JSONPatch. */
static void check_patch(json_t *call, const json_t *response, bool is_validating, bool is_beta)
{
	const json_t *type = json_object_get(response, "patchType");
	const char *patch = member_text(response, "patch");
	bool has_type = type && !json_is_null(type);

	if (is_validating) {
		if (!is_beta && (*patch || has_type))
			fail(call,
			     "a validating webhook may not return response.patch or patchType");
		return;
	}
	if (!is_beta && *patch && !has_type)
		fail(call, "response.patch without response.patchType");
	else if (has_type && !*patch)
		fail(call, "response.patchType without response.patch");
	else if (has_type && strcmp(json_string_value(type), "JSONPatch") != 0)
		fail(call, "response.patchType: expected JSONPatch, not \"%s\"",
		     json_string_value(type));
	else if (*patch)
		take_patch(call, patch);
}

/* The type of a field of the API; 0 is any that may be null. */
struct field {
	const char *name;
	json_type type;
};

static const char *name_of_type(json_type type)
{
	static const char *const names[] = {[JSON_OBJECT] = "an object",
					    [JSON_ARRAY] = "an array",
					    [JSON_STRING] = "a string",
					    [JSON_INTEGER] = "an integer",
					    [JSON_TRUE] = "true or false"};

	return names[type];
}

static void check_types(json_t *call, const char *where, const json_t *object,
			const struct field *fields)
{
	for (; fields->name; fields++) {
		const json_t *value = json_object_get(object, fields->name);

		if (!value || json_is_null(value) || json_typeof(value) == fields->type ||
		    (fields->type == JSON_TRUE && json_is_boolean(value)))
			continue;
		fail(call, "%s%s: expected %s", where, fields->name, name_of_type(fields->type));
	}
}

static void check_response_types(json_t *call, const json_t *response)
{
	static const struct field of_response[] = {
	    {"uid", JSON_STRING},       {"allowed", JSON_TRUE},
	    {"status", JSON_OBJECT},    {"patch", JSON_STRING},
	    {"patchType", JSON_STRING}, {"auditAnnotations", JSON_OBJECT},
	    {"warnings", JSON_ARRAY},   {0}};
	static const struct field of_status[] = {{"status", JSON_STRING}, {"message", JSON_STRING},
						 {"reason", JSON_STRING}, {"details", JSON_OBJECT},
						 {"code", JSON_INTEGER},  {0}};

	check_types(call, "response.", response, of_response);
	check_types(call, "response.status.", json_object_get(response, "status"), of_status);
}

/* ToStatusErr() of statuserror.go. */
static void take_denial(json_t *call, const json_t *response)
{
	const json_t *status = json_object_get(response, "status");
	const json_t *causes = json_object_get(json_object_get(status, "details"), "causes");
	json_int_t code = json_integer_value(json_object_get(status, "code"));
	const char *message = member_text(status, "message"),
		   *reason = member_text(status, "reason");

	member_set_text(call, "result", "denied");
	member_set(call, "code", json_integer(code < 400 ? 400 : code));
	member_set(call, "reason", json_string(reason));
	member_set(call, "message",
		   json_made(json_string(*message  ? message
					 : *reason ? reason
						   : "without explanation")));
	if (json_array_size(causes) > 0)
		member_set(call, "causes", json_kept(causes));
	if (code > 599)
		fail(call, "response.status.code: %" JSON_INTEGER_FORMAT " is no HTTP status",
		     code);
}

static void take_list(json_t *call, const json_t *response, const char *name)
{
	json_t *list = json_object_get(response, name);

	if (json_array_size(list) > 0 || json_object_size(list) > 0)
		member_set(call, name, json_incref(list));
}

static void take_response(json_t *call, const json_t *review, const json_t *response,
			  bool is_validating)
{
	bool is_beta = strstr(member_text(review, "apiVersion"), "v1beta1");
	const char *uid = member_text(json_object_get(review, "request"), "uid");

	check_response_types(call, response);
	if (has_failed(call))
		return;
	if (!is_beta && strcmp(member_text(response, "uid"), uid) != 0)
		fail(call, "response.uid: expected \"%s\", not \"%s\"", uid,
		     member_text(response, "uid"));
	else
		check_patch(call, response, is_validating, is_beta);
	if (has_failed(call))
		return;
	take_list(call, response, "warnings");
	take_list(call, response, "auditAnnotations");
	if (json_is_true(json_object_get(response, "allowed"))) {
		member_set_text(call, "result", "allowed");
	} else {
		json_object_del(call, "patch");
		take_denial(call, response);
	}
}

static void take_body(json_t *call, const json_t *review, bool is_validating, const char *body,
		      size_t len)
{
	json_error_t error;
	json_t *answer = json_loadb(body, len, JSON_ALLOW_NUL, &error);
	const char *version = member_text(review, "apiVersion");
	bool is_beta = strstr(version, "v1beta1");

	if (!json_is_object(answer))
		fail(call, "the body is not JSON: line %d: %s", error.line, error.text);
	else if (!is_beta && (strcmp(member_text(answer, "kind"), "AdmissionReview") != 0 ||
			      strcmp(member_text(answer, "apiVersion"), version) != 0))
		fail(call, "expected %s, kind AdmissionReview, not \"%s\", kind \"%s\"", version,
		     member_text(answer, "apiVersion"), member_text(answer, "kind"));
	else if (!json_is_object(json_object_get(answer, "response")))
		fail(call, "no response in the AdmissionReview");
	else
		take_response(call, review, json_object_get(answer, "response"), is_validating);
	json_decref(answer);
}

json_t *answer_check(const json_t *review, bool is_validating, const struct client_answer *answer)
{
	static const char *const outcomes[] = {
	    [CLIENT_UNREACHABLE] = "no connection",
	    [CLIENT_UNTRUSTED] = "the server is not trusted",
	    [CLIENT_REFUSED] = "the server refuses the client",
	    [CLIENT_BROKEN] = "no answer",
	};
	json_t *call = json_made(json_object());

	if (answer->outcome != CLIENT_ANSWERED)
		fail(call, "%s: %s", outcomes[answer->outcome], answer->reason);
	else if (answer->status < 200 || answer->status > 206)
		fail_by_status(call, answer);
	else if (answer->body_len == 0)
		fail(call, "HTTP status %d without a body", answer->status);
	else
		take_body(call, review, is_validating, answer->body, answer->body_len);
	return call;
}
