/* SPDX-License-Identifier: MIT */
/*
 * Why a request is denied, field by field: errors in the words of k8s.io/apimachinery's
 * field.Error, kept as causes of the status, and the decision by them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/go_value.h"
#include "review/response.h"

/* What is printed between the words and the detail. */
enum shown { NOTHING, VALUE, COUNT };

/* metav1.CauseType, the words of field.ErrorType, and what field.Error prints of the value. */
static const struct {
	const char *cause, *words;
	enum shown shown;
} kinds[] = {
    [ADMWH_REQUIRED] = {"FieldValueRequired", "Required value", NOTHING},
    [ADMWH_INVALID] = {"FieldValueInvalid", "Invalid value", VALUE},
    [ADMWH_NOT_SUPPORTED] = {"FieldValueNotSupported", "Unsupported value", VALUE},
    [ADMWH_FORBIDDEN] = {"FieldValueForbidden", "Forbidden", NOTHING},
    [ADMWH_NOT_FOUND] = {"FieldValueNotFound", "Not found", VALUE},
    [ADMWH_DUPLICATE] = {"FieldValueDuplicate", "Duplicate value", VALUE},
    [ADMWH_TOO_LONG] = {"FieldValueTooLong", "Too long", NOTHING},
    [ADMWH_TOO_MANY] = {"FieldValueTooMany", "Too many", COUNT},
    [ADMWH_TYPE_INVALID] = {"FieldValueTypeInvalid", "Invalid value", VALUE},
    [ADMWH_TOO_SHORT] = {"FieldValueTooShort", "Too short", NOTHING},
    [ADMWH_TOO_FEW] = {"FieldValueTooFew", "Too few", COUNT},
};

static bool is_kind(enum admwh_field_error kind)
{
	return kind >= ADMWH_REQUIRED && kind <= ADMWH_TOO_FEW;
}

static size_t length_of(const char *text)
{
	return text ? strlen(text) : 0;
}

static void cause_deinit(struct awh_cause *cause)
{
	free(cause->type);
	free(cause->message);
	free(cause->field);
}

/* False when memory runs out. A NULL text stays NULL. */
static bool copy_text(char **copy, const char *text)
{
	*copy = text ? awh_response_copy(text, AWH_CAUSE_TEXT_MAX) : NULL;
	return *copy || !text;
}

static bool make_cause(struct awh_cause *cause, const char *type, const char *message,
		       const char *field)
{
	*cause = (struct awh_cause){0};
	if (copy_text(&cause->type, type) && copy_text(&cause->message, message) &&
	    copy_text(&cause->field, field))
		return true;
	cause_deinit(cause);
	return false;
}

/* *steals* cause. What is too much is counted: the decision stands without it. */
static int put_cause(struct admwh_response *response, struct awh_cause *cause)
{
	const size_t bytes =
	    length_of(cause->type) + length_of(cause->message) + length_of(cause->field);
	struct awh_cause *causes;

	if (response->n_causes == AWH_CAUSES_MAX ||
	    response->cause_bytes + bytes > AWH_CAUSES_BYTES_MAX) {
		cause_deinit(cause);
		response->n_more++;
		return 0;
	}
	causes = awh_response_grow(response->causes, response->n_causes, sizeof(*causes));
	if (!causes) {
		cause_deinit(cause);
		return awh_response_lose_memory(response);
	}
	response->causes = causes;
	response->causes[response->n_causes++] = *cause;
	response->cause_bytes += bytes;
	return 0;
}

/* *steals* message, "Forbidden: ...", which is checked to be whole. */
static int add_error(struct admwh_response *response, enum admwh_field_error kind,
		     const char *field, struct awh_buf *message)
{
	int err = awh_buf_terminate(message);

	err = err == 0 ? admwh_response_add_cause(response, kinds[kind].cause, message->data, field)
		       : awh_response_lose_memory(response);
	awh_buf_deinit(message);
	return err;
}

/* As much of a message as a cause keeps, and more than a value takes. */
static void begin(struct awh_buf *message, enum admwh_field_error kind)
{
	awh_buf_init(message, SIZE_MAX);
	awh_buf_puts(message, kinds[kind].words);
}

static void put_value(struct awh_buf *message, enum admwh_field_error kind,
		      struct admwh_value value)
{
	const enum admwh_kind is = admwh_value_kind(value);

	if (kinds[kind].shown == VALUE) {
		awh_buf_puts(message, ": ");
		awh_go_put_value(message, value);
	} else if (kinds[kind].shown == COUNT && (is == ADMWH_ARRAY || is == ADMWH_OBJECT)) {
		awh_buf_printf(message, ": %zu", admwh_value_size(value));
	}
}

__attribute__((format(printf, 2, 0))) static void put_detail(struct awh_buf *message,
							     const char *format, va_list args)
{
	const size_t start = message->len;

	if (!format)
		return;
	awh_buf_puts(message, ": ");
	awh_buf_vprintf(message, format, args);
	if (message->err == ADMWH_E_INVAL)
		message->err = 0; /* a format that cannot be printed is no detail */
	if (!message->err && message->len == start + 2)
		message->len = start; /* as field.Error does with an empty one */
}

/* "field: message", of which a part may be missing; *new*, NULL when memory runs out. */
static char *line_of(const struct awh_cause *cause)
{
	const char *message = cause->message && cause->message[0] ? cause->message : cause->type;
	const char *field = cause->field ? cause->field : "";
	const size_t size = strlen(field) + length_of(message) + sizeof(": ");
	char *line = malloc(size);

	if (line)
		snprintf(line, size, "%s%s%s", field, field[0] && message ? ": " : "",
			 message ? message : "");
	return line;
}

static void free_lines(char **lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(lines[i]);
}

static bool has_line(char *const *lines, size_t n, const char *line)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(lines[i], line) == 0)
			return true;
	return false;
}

/* The lines of all causes, each once. False when memory runs out. */
static bool make_lines(const struct admwh_response *response, char *lines[AWH_CAUSES_MAX],
		       size_t *n_lines)
{
	*n_lines = 0;
	for (size_t i = 0; i < response->n_causes; i++) {
		char *line = line_of(&response->causes[i]);

		if (!line)
			return false;
		if (has_line(lines, *n_lines, line))
			free(line);
		else
			lines[(*n_lines)++] = line;
	}
	return true;
}

/* All errors in one message, as k8s.io/apimachinery words an Aggregate. */
static void put_lines(struct awh_buf *message, char *const *lines, size_t n_lines, size_t n_more)
{
	const bool several = n_lines > 1 || n_more > 0;

	awh_buf_puts(message, several ? "[" : "");
	for (size_t i = 0; i < n_lines; i++) {
		awh_buf_puts(message, i > 0 ? ", " : "");
		awh_buf_puts(message, lines[i]);
	}
	if (n_more > 0)
		awh_buf_printf(message, ", and %zu more", n_more);
	awh_buf_puts(message, several ? "]" : "");
}

static int deny(struct admwh_response *response, int code)
{
	char *lines[AWH_CAUSES_MAX];
	struct awh_buf message;
	size_t n_lines;
	bool made = make_lines(response, lines, &n_lines);
	int err;

	awh_buf_init(&message, AWH_MESSAGE_MAX);
	put_lines(&message, lines, n_lines, response->n_more);
	err = made && awh_buf_terminate(&message) == 0
		  ? admwh_response_deny(response, code, "%s", message.data)
		  : awh_response_lose_memory(response);
	awh_buf_deinit(&message);
	free_lines(lines, n_lines);
	response->lists_causes = err == 0;
	return err;
}

/* A denial that was made before is not taken back for want of causes. */
static int decide(struct admwh_response *response, int code)
{
	if (response->n_causes > 0)
		return deny(response, code);
	return response->decision == AWH_DENIED ? 0 : admwh_response_allow(response);
}

static bool has_details(const struct admwh_response *response)
{
	const struct awh_details *details = &response->details;

	return details->group || details->kind || details->name;
}

int admwh_response_add_cause(struct admwh_response *resp, const char *type, const char *message,
			     const char *field)
{
	struct awh_cause cause;

	if (!resp)
		return ADMWH_E_INVAL;
	return make_cause(&cause, type, message, field) ? put_cause(resp, &cause)
							: awh_response_lose_memory(resp);
}

int admwh_response_add_error(struct admwh_response *resp, enum admwh_field_error kind,
			     struct admwh_value value, const char *format, ...)
{
	struct awh_buf message;
	va_list args;

	if (!resp)
		return ADMWH_E_INVAL;
	if (!is_kind(kind))
		return awh_response_lose(resp, ADMWH_E_INVAL, "a field error of no kind");
	begin(&message, kind);
	put_value(&message, kind, value);
	va_start(args, format);
	put_detail(&message, format, args);
	va_end(args);
	return add_error(resp, kind, admwh_value_path(value), &message);
}

int admwh_response_add_error_at(struct admwh_response *resp, enum admwh_field_error kind,
				const char *path, const char *value, const char *format, ...)
{
	struct awh_buf message;
	va_list args;

	if (!resp)
		return ADMWH_E_INVAL;
	if (!is_kind(kind))
		return awh_response_lose(resp, ADMWH_E_INVAL, "a field error of no kind");
	begin(&message, kind);
	if (value && kinds[kind].shown == VALUE) {
		awh_buf_puts(&message, ": ");
		awh_go_put_quoted(&message, value, strlen(value));
	}
	va_start(args, format);
	put_detail(&message, format, args);
	va_end(args);
	return add_error(resp, kind, path, &message);
}

int admwh_response_add_not_supported(struct admwh_response *resp, struct admwh_value value,
				     const char *const *supported, size_t n_supported)
{
	struct awh_buf message;

	if (!resp)
		return ADMWH_E_INVAL;
	begin(&message, ADMWH_NOT_SUPPORTED);
	put_value(&message, ADMWH_NOT_SUPPORTED, value);
	for (size_t i = 0; i < n_supported; i++) {
		const char *text = supported[i] ? supported[i] : "";

		awh_buf_puts(&message, i > 0 ? ", " : ": supported values: ");
		awh_go_put_quoted(&message, text, strlen(text));
	}
	return add_error(resp, ADMWH_NOT_SUPPORTED, admwh_value_path(value), &message);
}

int admwh_response_add_too_long(struct admwh_response *resp, struct admwh_value value,
				size_t most_bytes)
{
	return admwh_response_add_error(resp, ADMWH_TOO_LONG, value, "may not be more than %zu %s",
					most_bytes, most_bytes == 1 ? "byte" : "bytes");
}

int admwh_response_add_too_many(struct admwh_response *resp, struct admwh_value value, size_t most)
{
	return admwh_response_add_error(resp, ADMWH_TOO_MANY, value, "must have at most %zu %s",
					most, most == 1 ? "item" : "items");
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
