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

int awh_response_lose(struct admwh_response *response, int code, const char *what)
{
	response->decision = AWH_UNDECIDED;
	if (!response->failure.code)
		awh_fail(&response->failure, code, "%s", what);
	return code;
}

int awh_response_lose_memory(struct admwh_response *response)
{
	return awh_response_lose(response, ADMWH_E_NOMEM, "out of memory");
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

char *awh_response_copy(const char *text, size_t max)
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

void *awh_response_grow(void *array, size_t count, size_t size)
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
	warnings = awh_response_grow(response->warnings, response->n_warnings, sizeof(*warnings));
	if (!warnings) {
		free(text);
		return awh_response_lose_memory(response);
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
		return awh_response_lose(resp, ADMWH_E_INVAL, "a denial without a format");
	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	message = text ? awh_response_copy(text, AWH_MESSAGE_MAX) : NULL;
	free(text);
	if (!message)
		return awh_response_lose_memory(resp);
	if (resp->message != resp->shown)
		free(resp->message);
	resp->message = message;
	resp->lists_causes = false;
	resp->code = code ? awh_status_clamp(code) : 0;
	if (!resp->failure.code)
		resp->decision = AWH_DENIED;
	return 0;
}

__attribute__((format(printf, 3, 0))) static int fail(struct admwh_response *resp, int err,
						      const char *format, va_list args)
{
	char text[sizeof(resp->failure.text)];

	if (!resp)
		return err;
	if (!format || vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	return awh_response_lose(resp, err, text);
}

int admwh_response_fail(struct admwh_response *resp, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = fail(resp, ADMWH_E_HANDLER, format, args);
	va_end(args);
	return err;
}

int admwh_response_not_found(struct admwh_response *resp, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = fail(resp, ADMWH_E_NOT_FOUND, format, args);
	va_end(args);
	return err;
}

int admwh_response_set_reason(struct admwh_response *resp, const char *reason)
{
	char *copy = NULL;

	if (!resp)
		return ADMWH_E_INVAL;
	if (reason) {
		copy = awh_response_copy(reason, AWH_MESSAGE_MAX);
		if (!copy)
			return awh_response_lose_memory(resp);
	}
	free(resp->reason);
	resp->reason = copy;
	return 0;
}

int admwh_response_set_details(struct admwh_response *resp, const char *group, const char *kind,
			       const char *name)
{
	struct awh_details details;

	if (!resp)
		return ADMWH_E_INVAL;
	details.group = group ? awh_response_copy(group, AWH_MESSAGE_MAX) : NULL;
	details.kind = kind ? awh_response_copy(kind, AWH_MESSAGE_MAX) : NULL;
	details.name = name ? awh_response_copy(name, AWH_MESSAGE_MAX) : NULL;
	if ((group && !details.group) || (kind && !details.kind) || (name && !details.name)) {
		details_deinit(&details);
		return awh_response_lose_memory(resp);
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
	warning = text ? awh_response_copy(text, AWH_MESSAGE_MAX) : NULL;
	free(text);
	return warning ? add_warning(resp, warning) : awh_response_lose_memory(resp);
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
	annotations =
	    awh_response_grow(resp->annotations, resp->n_annotations, sizeof(*annotations));
	if (!annotations)
		return awh_response_lose_memory(resp);
	resp->annotations = annotations;
	annotation = (struct awh_annotation){awh_strdup(key), awh_strdup(value)};
	if (!annotation.key || !annotation.value) {
		free(annotation.key);
		free(annotation.value);
		return awh_response_lose_memory(resp);
	}
	resp->annotations[resp->n_annotations++] = annotation;
	return 0;
}
