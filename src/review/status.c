/* SPDX-License-Identifier: MIT */
#include "review/status.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/*
 * A member with a string value; one that is NULL or empty is left out. Returns the separator that
 * the next member needs.
 */
static const char *put_member(struct awh_buf *buf, const char *separator, const char *name,
			      const char *value)
{
	if (!value || value[0] == '\0')
		return separator;
	awh_buf_printf(buf, "%s\"%s\":", separator, name);
	awh_put_json_string(buf, value, strlen(value));
	return ",";
}

static void put_member_or_null(struct awh_buf *buf, const char *separator, const char *name,
			       const char *value)
{
	if (value && value[0])
		put_member(buf, separator, name, value);
	else
		awh_buf_printf(buf, "%s\"%s\":null", separator, name);
}

void awh_put_cause(struct awh_buf *buf, const struct awh_cause *cause)
{
	const char *separator = put_member(buf, "", "reason", cause->type);

	separator = put_member(buf, separator, "message", cause->message);
	put_member(buf, separator, "field", cause->field);
}

void awh_put_cause_with_nulls(struct awh_buf *buf, const struct awh_cause *cause)
{
	put_member_or_null(buf, "", "reason", cause->type);
	put_member_or_null(buf, ",", "message", cause->message);
	put_member_or_null(buf, ",", "field", cause->field);
}

/* How many causes are not told. */
static void put_more(struct awh_buf *buf, size_t n_more, awh_put_cause_fn *cause)
{
	char message[64];
	const struct awh_cause more = {.message = message};

	snprintf(message, sizeof(message), "and %zu more", n_more);
	cause(buf, &more);
}

static void put_causes(struct awh_buf *buf, const char *separator, const struct awh_status *status,
		       awh_put_cause_fn *cause)
{
	awh_buf_printf(buf, "%s\"causes\":[", separator);
	for (size_t i = 0; i < status->n_causes; i++) {
		awh_buf_puts(buf, i > 0 ? ",{" : "{");
		cause(buf, &status->causes[i]);
		awh_buf_put(buf, "}", 1);
	}
	if (status->n_more > 0) {
		awh_buf_puts(buf, ",{");
		put_more(buf, status->n_more, cause);
		awh_buf_put(buf, "}", 1);
	}
	awh_buf_put(buf, "]", 1);
}

/*
 * kubectl drops the message of an Invalid that has a kind or a name and no causes
 * (k8s.io/kubectl/pkg/cmd/util checkErr()): these go out with causes alone, then.
 */
static struct awh_details shown_details(const struct awh_status *status)
{
	struct awh_details details = status->details;

	if (status->reason && strcmp(status->reason, "Invalid") == 0 && status->n_causes == 0)
		details.kind = details.name = NULL;
	return details;
}

/* metav1.StatusDetails in Go's order, its separator included; nothing where there are none. */
static const char *put_details(struct awh_buf *buf, const char *separator,
			       const struct awh_status *status, awh_put_cause_fn *cause)
{
	const struct awh_details details = shown_details(status);
	const size_t start = buf->len;
	const char *inner = "";

	awh_buf_printf(buf, "%s\"details\":{", separator);
	inner = put_member(buf, inner, "name", details.name);
	inner = put_member(buf, inner, "group", details.group);
	inner = put_member(buf, inner, "kind", details.kind);
	if (status->n_causes > 0) {
		put_causes(buf, inner, status, cause);
		inner = ",";
	}
	if (status->retry_after > 0) {
		awh_buf_printf(buf, "%s\"retryAfterSeconds\":%d", inner, status->retry_after);
		inner = ",";
	}
	if (!inner[0]) {
		buf->len = start;
		return separator;
	}
	awh_buf_put(buf, "}", 1);
	return ",";
}

void awh_put_status(struct awh_buf *buf, const char *opening, const struct awh_status *status,
		    awh_put_cause_fn *cause)
{
	const char *separator = opening[0] ? "," : "";

	awh_buf_puts(buf, opening);
	separator = put_member(buf, separator, "message", status->message);
	separator = put_member(buf, separator, "reason", status->reason);
	separator = put_details(buf, separator, status, cause);
	if (status->code)
		awh_buf_printf(buf, "%s\"code\":%d", separator, status->code);
}

void awh_put_status_by_reason(struct awh_buf *buf, const struct awh_status *status)
{
	struct awh_status derived = *status;

	if (!derived.reason || !derived.reason[0])
		derived.reason = awh_status_reason(derived.code);
	awh_put_status(buf, "\"status\":\"Failure\"", &derived, awh_put_cause);
}

void awh_put_status_alone(struct awh_buf *buf, const struct awh_status *status)
{
	awh_buf_puts(buf, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},");
	awh_put_status_by_reason(buf, status);
	awh_buf_put(buf, "}", 1);
}

int awh_status_clamp(int code)
{
	return code < 400 ? 400 : code > 599 ? 599 : code;
}

/* As k8s.io/apimachinery gives them, meta/v1 StatusReason. */
const char *awh_status_reason(int code)
{
	static const struct {
		int code;
		const char *reason;
	} reasons[] = {
	    {400, "BadRequest"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "NotFound"},
	    {405, "MethodNotAllowed"},
	    {406, "NotAcceptable"},
	    {409, "Conflict"},
	    {410, "Gone"},
	    {413, "RequestEntityTooLarge"},
	    {415, "UnsupportedMediaType"},
	    {422, "Invalid"},
	    {429, "TooManyRequests"},
	    {500, "InternalError"},
	    {503, "ServiceUnavailable"},
	    {504, "Timeout"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == code)
			return reasons[i].reason;
	return "";
}
