/* SPDX-License-Identifier: MIT */
#include "review/response.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "review/status.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* Where a part of the answer is lost, the rest must not be sent. */
static int fail(struct admwh_response *response, int code, const char *what)
{
	response->decision = AWH_UNDECIDED;
	if (!response->failure.code)
		awh_fail(&response->failure, code, "%s", what);
	return code;
}

static int fail_memory(struct admwh_response *response)
{
	return fail(response, ADMWH_E_NOMEM, "out of memory");
}

/* *new*; NULL when memory runs out. A format that cannot be printed gives "". */
__attribute__((format(printf, 1, 0))) static char *format_text(const char *format, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	if (len < 0)
		len = 0;
	text = malloc((size_t)len + 1);
	if (text && vsnprintf(text, (size_t)len + 1, format, again) < 0)
		text[0] = '\0';
	va_end(again);
	return text;
}

/* A copy in valid UTF-8 of at most max bytes, cut between characters. *new* or NULL. */
static char *clean_copy(const char *text, size_t max)
{
	struct awh_buf copy;

	awh_buf_init(&copy, max + 1);
	while (*text) {
		size_t n = awh_utf8_sequence(text, strnlen(text, 4));
		size_t n_out = n ? n : strlen(replacement);

		if (n_out > max - copy.len)
			break;
		awh_buf_put(&copy, n ? text : replacement, n_out);
		text += n ? n : 1;
	}
	if (awh_buf_terminate(&copy) < 0) {
		awh_buf_deinit(&copy);
		return NULL;
	}
	return copy.data;
}

/* One more element of an array; NULL when memory runs out. */
static void *grow(void *array, size_t count, size_t size)
{
	/* Room is doubled whenever the count reaches a power of two. */
	if (count > 0 && (count & (count - 1)) != 0)
		return array;
	return realloc(array, (count ? count * 2 : 1) * size);
}

/* Unicode's control characters: C0, DEL and C1. */
static bool is_control(const char *text, size_t len)
{
	unsigned char c = (unsigned char)text[0];

	return len == 1 ? c < 0x20 || c == 0x7f
			: len == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0;
}

/*
 * A warning as the API server takes it: control characters become spaces, spaces at the ends go,
 * and what is beyond max characters is cut. In place; the text is valid UTF-8. Returns its
 * characters.
 */
static size_t clean_warning(char *text, size_t max)
{
	size_t characters = 0;
	size_t end = 0; /* behind the last character that is not a space */
	size_t n_out = 0;
	size_t kept = 0; /* characters up to end */

	for (const char *at = text; *at && characters < max;) {
		size_t n = awh_utf8_sequence(at, strnlen(at, 4));
		bool space = *at == ' ' || is_control(at, n);

		if (space && n_out > 0)
			text[n_out++] = ' ';
		for (size_t i = 0; i < n && !space; i++)
			text[n_out++] = at[i];
		characters += !space || n_out > 0;
		if (!space) {
			end = n_out;
			kept = characters;
		}
		at += n;
	}
	text[end] = '\0';
	return kept;
}

static bool has_warning(const struct admwh_response *response, const char *text)
{
	for (size_t i = 0; i < response->n_warnings; i++)
		if (strcmp(response->warnings[i], text) == 0)
			return true;
	return false;
}

/* Takes text over. */
static int add_warning(struct admwh_response *response, char *text)
{
	size_t characters = clean_warning(text, AWH_WARNINGS_MAX - response->warning_characters);
	char **warnings;

	if (characters == 0 || has_warning(response, text)) {
		free(text);
		return 0;
	}
	warnings = grow(response->warnings, response->n_warnings, sizeof(*warnings));
	if (!warnings) {
		free(text);
		return fail_memory(response);
	}
	response->warnings = warnings;
	response->warnings[response->n_warnings++] = text;
	response->warning_characters += characters;
	return 0;
}

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The name part of a Kubernetes qualified name. */
static bool is_annotation_key(const char *key)
{
	size_t len = strlen(key);

	if (len == 0 || len > AWH_ANNOTATION_KEY_MAX || !is_alphanumeric(key[0]) ||
	    !is_alphanumeric(key[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alphanumeric(key[i]) && !strchr("-_.", key[i]))
			return false;
	return true;
}

static const struct awh_annotation *find_annotation(const struct admwh_response *response,
						    const char *key)
{
	for (size_t i = 0; i < response->n_annotations; i++)
		if (strcmp(response->annotations[i].key, key) == 0)
			return &response->annotations[i];
	return NULL;
}

enum {
	WORDS_MAX = 32, /* bytes before the text of a field error, and a NUL */
	/*
	 * Bytes of the texts of all causes: a path of 64 KiB for each of 100,000 elements would
	 * take gigabytes, and its answer would never be sent.
	 */
	CAUSES_MAX = 1024 * 1024,
};

/* metav1.CauseType, and the words of k8s.io/apimachinery's field.ErrorType. */
static const struct {
	const char *cause, *words;
} field_errors[] = {
    [ADMWH_FIELD_REQUIRED] = {"FieldValueRequired", "Required value"},
    [ADMWH_FIELD_INVALID] = {"FieldValueInvalid", "Invalid value"},
    [ADMWH_FIELD_NOT_SUPPORTED] = {"FieldValueNotSupported", "Unsupported value"},
    [ADMWH_FIELD_FORBIDDEN] = {"FieldValueForbidden", "Forbidden"},
    [ADMWH_FIELD_NOT_FOUND] = {"FieldValueNotFound", "Not found"},
    [ADMWH_FIELD_DUPLICATE] = {"FieldValueDuplicate", "Duplicate value"},
    [ADMWH_FIELD_TOO_LONG] = {"FieldValueTooLong", "Too long"},
    [ADMWH_FIELD_TOO_MANY] = {"FieldValueTooMany", "Too many"},
};

/* Bytes of a text as it is kept, at most. */
static size_t length_of(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	return len < AWH_MESSAGE_MAX ? len : AWH_MESSAGE_MAX;
}

static int add_cause(struct admwh_response *response, const char *type, const char *message,
		     const char *field)
{
	struct awh_cause *causes;
	struct awh_cause cause = {0};

	if (response->cause_bytes >= CAUSES_MAX)
		return 0; /* the decision stands without it */
	causes = grow(response->causes, response->n_causes, sizeof(*causes));
	if (!causes)
		return fail_memory(response);
	response->causes = causes;
	cause.type = type ? clean_copy(type, AWH_MESSAGE_MAX) : NULL;
	cause.message = message ? clean_copy(message, AWH_MESSAGE_MAX) : NULL;
	cause.field = field ? clean_copy(field, AWH_MESSAGE_MAX) : NULL;
	if ((type && !cause.type) || (message && !cause.message) || (field && !cause.field)) {
		free(cause.type);
		free(cause.message);
		free(cause.field);
		return fail_memory(response);
	}
	response->causes[response->n_causes++] = cause;
	response->cause_bytes += length_of(type) + length_of(message) + length_of(field);
	return 0;
}

/* "field: message", of which a part may be missing. */
static void put_cause(struct awh_buf *buf, const struct awh_cause *cause)
{
	const char *message = cause->message && cause->message[0] ? cause->message : cause->type;
	bool has_field = cause->field && cause->field[0];

	awh_buf_printf(buf, "%s%s%s", has_field ? cause->field : "",
		       has_field && message ? ": " : "", message ? message : "");
}

/* All causes in one message, as k8s.io/apimachinery's aggregated errors are worded. */
static void put_causes(struct awh_buf *buf, const struct admwh_response *response)
{
	awh_buf_puts(buf, response->n_causes > 1 ? "[" : "");
	for (size_t i = 0; i < response->n_causes && buf->len < AWH_MESSAGE_MAX; i++) {
		awh_buf_puts(buf, i > 0 ? ", " : "");
		put_cause(buf, &response->causes[i]);
	}
	awh_buf_puts(buf, response->n_causes > 1 ? "]" : "");
}

static int decide(struct admwh_response *response, int code)
{
	struct awh_buf message;
	int err;

	if (response->n_causes == 0)
		return admwh_response_allow(response);
	awh_buf_init(&message, 4 * AWH_MESSAGE_MAX); /* one cause more than a whole message */
	put_causes(&message, response);
	err = awh_buf_terminate(&message) ? fail_memory(response)
					  : admwh_response_deny(response, code, "%s", message.data);
	awh_buf_deinit(&message);
	return err;
}

static bool has_details(const struct admwh_response *response)
{
	const struct awh_details *details = &response->details;

	return details->group || details->kind || details->name;
}

static void details_deinit(struct awh_details *details)
{
	free(details->group);
	free(details->kind);
	free(details->name);
}

void awh_response_init(struct admwh_response *response)
{
	*response = (struct admwh_response){.decision = AWH_UNDECIDED};
}

void awh_response_deinit(struct admwh_response *response)
{
	free(response->message);
	free(response->reason);
	for (size_t i = 0; i < response->n_causes; i++) {
		free(response->causes[i].type);
		free(response->causes[i].message);
		free(response->causes[i].field);
	}
	free(response->causes);
	details_deinit(&response->details);
	for (size_t i = 0; i < response->n_warnings; i++)
		free(response->warnings[i]);
	free(response->warnings);
	for (size_t i = 0; i < response->n_annotations; i++) {
		free(response->annotations[i].key);
		free(response->annotations[i].value);
	}
	free(response->annotations);
	awh_response_init(response);
}

int admwh_response_allow(struct admwh_response *resp)
{
	if (!resp)
		return ADMWH_E_INVAL;
	if (!resp->failure.code && !resp->sealed)
		resp->decision = AWH_ALLOWED;
	return 0;
}

int admwh_response_deny(struct admwh_response *resp, int code, const char *format, ...)
{
	va_list args;
	char *text;
	char *message;

	if (!resp)
		return ADMWH_E_INVAL;
	if (!format)
		return fail(resp, ADMWH_E_INVAL, "a denial without a format");
	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	message = text ? clean_copy(text, AWH_MESSAGE_MAX) : NULL;
	free(text);
	if (!message)
		return fail_memory(resp);
	if (resp->message != resp->shown)
		free(resp->message);
	resp->message = message;
	resp->code = code ? awh_status_clamp(code) : 0;
	if (!resp->failure.code)
		resp->decision = AWH_DENIED;
	return 0;
}

int admwh_response_fail(struct admwh_response *resp, const char *format, ...)
{
	va_list args;
	char text[sizeof(resp->failure.text)];

	if (!resp)
		return ADMWH_E_HANDLER;
	va_start(args, format);
	if (!format || vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	awh_utf8_trim(text);
	return fail(resp, ADMWH_E_HANDLER, text);
}

int admwh_response_set_reason(struct admwh_response *resp, const char *reason)
{
	char *copy = NULL;

	if (!resp)
		return ADMWH_E_INVAL;
	if (reason) {
		copy = clean_copy(reason, AWH_MESSAGE_MAX);
		if (!copy)
			return fail_memory(resp);
	}
	free(resp->reason);
	resp->reason = copy;
	return 0;
}

int admwh_response_add_cause(struct admwh_response *resp, const char *type, const char *message,
			     const char *field)
{
	return resp ? add_cause(resp, type, message, field) : ADMWH_E_INVAL;
}

int admwh_response_add_field_error(struct admwh_response *resp, enum admwh_field_error type,
				   const char *field, const char *format, ...)
{
	struct awh_buf message;
	va_list args;
	char *text;
	int err;

	if (!resp)
		return ADMWH_E_INVAL;
	if (type < ADMWH_FIELD_REQUIRED || type > ADMWH_FIELD_TOO_MANY || !format)
		return fail(resp, ADMWH_E_INVAL, "a field error without a type or a format");
	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	awh_buf_init(&message, (text ? strlen(text) : 0) + WORDS_MAX);
	awh_buf_printf(&message, "%s: %s", field_errors[type].words, text ? text : "");
	err = text && awh_buf_terminate(&message) == 0
		  ? add_cause(resp, field_errors[type].cause, message.data, field)
		  : fail_memory(resp);
	awh_buf_deinit(&message);
	free(text);
	return err;
}

int admwh_response_decide(struct admwh_response *resp)
{
	return resp ? decide(resp, 403) : ADMWH_E_INVAL;
}

int admwh_response_decide_invalid(struct admwh_response *resp, const struct admwh_request *req)
{
	int err = 0;

	if (!resp)
		return ADMWH_E_INVAL;
	if (req && resp->n_causes > 0 && !has_details(resp))
		err =
		    admwh_response_set_details(resp, req->kind->group, req->kind->kind, req->name);
	return err ? err : decide(resp, 422);
}

int admwh_response_set_details(struct admwh_response *resp, const char *group, const char *kind,
			       const char *name)
{
	struct awh_details details;

	if (!resp)
		return ADMWH_E_INVAL;
	details.group = group ? clean_copy(group, AWH_MESSAGE_MAX) : NULL;
	details.kind = kind ? clean_copy(kind, AWH_MESSAGE_MAX) : NULL;
	details.name = name ? clean_copy(name, AWH_MESSAGE_MAX) : NULL;
	if ((group && !details.group) || (kind && !details.kind) || (name && !details.name)) {
		details_deinit(&details);
		return fail_memory(resp);
	}
	details_deinit(&resp->details);
	resp->details = details;
	return 0;
}

int admwh_response_set_retry_after(struct admwh_response *resp, int seconds)
{
	if (!resp || seconds < 0)
		return ADMWH_E_INVAL;
	resp->retry_after = seconds;
	return 0;
}

int admwh_response_add_warning(struct admwh_response *resp, const char *format, ...)
{
	va_list args;
	char *text;
	char *warning;

	if (!resp || !format)
		return ADMWH_E_INVAL;
	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	warning = text ? clean_copy(text, AWH_MESSAGE_MAX) : NULL;
	free(text);
	return warning ? add_warning(resp, warning) : fail_memory(resp);
}

int admwh_response_add_audit_annotation(struct admwh_response *resp, const char *key,
					const char *value)
{
	const struct awh_annotation *other;
	struct awh_annotation *annotations;
	struct awh_annotation annotation;

	if (!resp || !key || !value || !is_annotation_key(key))
		return ADMWH_E_INVAL;
	other = find_annotation(resp, key);
	if (other)
		return strcmp(other->value, value) == 0 ? 0 : ADMWH_E_EXISTS;
	annotations = grow(resp->annotations, resp->n_annotations, sizeof(*annotations));
	if (!annotations)
		return fail_memory(resp);
	resp->annotations = annotations;
	annotation = (struct awh_annotation){awh_strdup(key), awh_strdup(value)};
	if (!annotation.key || !annotation.value) {
		free(annotation.key);
		free(annotation.value);
		return fail_memory(resp);
	}
	resp->annotations[resp->n_annotations++] = annotation;
	return 0;
}
