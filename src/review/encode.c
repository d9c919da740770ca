/* SPDX-License-Identifier: MIT */
#include "review/encode.h"

#include <string.h>

#include "base/text.h"
#include "json/go.h"
#include "review/diff.h"
#include "review/patch.h"
#include "review/response.h"

/* The metav1.Status of a denial or failure. */
struct status {
	const char *message; /* NULL or "": none */
	const char *reason;  /* likewise */
	int code;            /* 0: none */
	const struct awh_cause *causes;
	size_t n_causes;
};

/* A dialect: the parts of an answer that servers write differently. */
struct dialect {
	/* From the answer's first byte to the ":" before its response. */
	void (*begin)(struct awh_buf *buf, const struct awh_reply_to *to);
	/* A denial's status, with the comma before it; nothing where there is nothing to say. */
	void (*denial)(struct awh_buf *buf, const struct status *status);
	/* Likewise, where there is no decision. */
	void (*failure)(struct awh_buf *buf, int code, const char *message);
	/* Audit annotations and warnings. response is NULL where there is no decision. */
	void (*extras)(struct awh_buf *buf, const struct admwh_response *response);
	int code;              /* of a denial that has none; 0: it goes out without */
	unsigned int patching; /* enum awh_diff_option, for objects that were edited */
	bool html; /* as Go's encoder: bytes of HTML are escaped, a newline at the end */
};

static void put_string(struct awh_buf *buf, const char *text)
{
	awh_put_json_string(buf, text, strlen(text));
}

/*
 * A member with a string value; one that is NULL or empty is left out. Returns the separator that
 * the next member needs.
 */
static const char *put_member(struct awh_buf *buf, const char *separator, const char *name,
			      const char *value)
{
	if (!value || value[0] == '\0')
		return separator;
	awh_buf_puts(buf, separator);
	put_string(buf, name);
	awh_buf_put(buf, ":", 1);
	put_string(buf, value);
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

static void put_cause(struct awh_buf *buf, const struct awh_cause *cause)
{
	const char *separator = put_member(buf, "", "reason", cause->type);

	separator = put_member(buf, separator, "message", cause->message);
	put_member(buf, separator, "field", cause->field);
}

static void put_cause_with_nulls(struct awh_buf *buf, const struct awh_cause *cause)
{
	put_member_or_null(buf, "", "reason", cause->type);
	put_member_or_null(buf, ",", "message", cause->message);
	put_member_or_null(buf, ",", "field", cause->field);
}

typedef void put_cause_fn(struct awh_buf *buf, const struct awh_cause *cause);

/* The members of a status, behind those that opening has put. */
static void put_status(struct awh_buf *buf, const char *opening, const struct status *status,
		       put_cause_fn *cause)
{
	const char *separator = opening[0] ? "," : "";

	awh_buf_puts(buf, opening);
	separator = put_member(buf, separator, "message", status->message);
	separator = put_member(buf, separator, "reason", status->reason);
	for (size_t i = 0; i < status->n_causes; i++) {
		awh_buf_printf(buf, "%s{",
			       i > 0          ? ","
			       : separator[0] ? ",\"details\":{\"causes\":["
					      : "\"details\":{\"causes\":[");
		cause(buf, &status->causes[i]);
		awh_buf_put(buf, "}", 1);
	}
	if (status->n_causes > 0) {
		awh_buf_puts(buf, "]}");
		separator = ",";
	}
	if (status->code)
		awh_buf_printf(buf, "%s\"code\":%d", separator, status->code);
}

static void put_review(struct awh_buf *buf, const struct awh_reply_to *to, const char *format)
{
	const char *version = to->version == ADMWH_REVIEW_V1BETA1 ? "v1beta1" : "v1";

	awh_buf_puts(buf, format);
	awh_buf_printf(buf, "\"apiVersion\":\"admission.k8s.io/%s\"", version);
}

static void put_annotations(struct awh_buf *buf, const struct admwh_response *response)
{
	awh_buf_puts(buf, ",\"auditAnnotations\":{");
	for (size_t i = 0; i < response->n_annotations; i++) {
		awh_buf_puts(buf, i > 0 ? "," : "");
		put_string(buf, response->annotations[i].key);
		awh_buf_put(buf, ":", 1);
		put_string(buf, response->annotations[i].value);
	}
	awh_buf_put(buf, "}", 1);
}

static void put_warnings(struct awh_buf *buf, const struct admwh_response *response)
{
	awh_buf_puts(buf, ",\"warnings\":[");
	for (size_t i = 0; i < response->n_warnings; i++) {
		awh_buf_puts(buf, i > 0 ? "," : "");
		put_string(buf, response->warnings[i]);
	}
	awh_buf_put(buf, "]", 1);
}

static void put_patch(struct awh_buf *buf, const struct admwh_patch *patch)
{
	struct awh_buf text;

	awh_buf_init(&text, buf->max);
	awh_patch_write(&text, patch);
	if (text.err) {
		buf->err = text.err;
	} else {
		awh_buf_puts(buf, ",\"patchType\":\"JSONPatch\",\"patch\":\"");
		awh_put_base64(buf, text.data, text.len);
		awh_buf_put(buf, "\"", 1);
	}
	awh_buf_deinit(&text);
}

/* JSON text: the bytes to escape are all within its strings, where they can be. */
static void put_html(struct awh_buf *buf, const char *text, size_t len)
{
	size_t start = 0; /* of the run that needs no escape */
	size_t i = 0;

	while (i < len && !buf->err) {
		size_t n;
		const char *escape = awh_go_escape(text + i, len - i, &n);

		if (!escape) {
			i++;
			continue;
		}
		awh_buf_put(buf, text + start, i - start);
		awh_buf_put(buf, escape, 6);
		i += n;
		start = i;
	}
	awh_buf_put(buf, text + start, len - start);
}

/* Kubernetes */

static void begin_review(struct awh_buf *buf, const struct awh_reply_to *to)
{
	put_review(buf, to, "{");
	awh_buf_puts(buf, ",\"kind\":\"AdmissionReview\",\"response\":");
}

static void put_failure_status(struct awh_buf *buf, const struct status *status)
{
	struct status derived = *status;

	if (!derived.reason || !derived.reason[0])
		derived.reason = awh_status_reason(derived.code);
	put_status(buf, "\"status\":\"Failure\"", &derived, put_cause);
}

static void deny_by_reason(struct awh_buf *buf, const struct status *status)
{
	awh_buf_puts(buf, ",\"status\":{");
	put_failure_status(buf, status);
	awh_buf_put(buf, "}", 1);
}

static void fail_by_reason(struct awh_buf *buf, int code, const char *message)
{
	deny_by_reason(buf, &(const struct status){.message = message, .code = code});
}

static void put_extras(struct awh_buf *buf, const struct admwh_response *response)
{
	if (response && response->n_annotations > 0)
		put_annotations(buf, response);
	if (response && response->n_warnings > 0)
		put_warnings(buf, response);
}

/* Rancher */

static void begin_echo(struct awh_buf *buf, const struct awh_reply_to *to)
{
	put_review(buf, to, "{\"kind\":\"AdmissionReview\",");
	if (to->request) {
		awh_buf_puts(buf, ",\"request\":");
		put_html(buf, to->request, to->request_len);
	}
	awh_buf_puts(buf, ",\"response\":");
}

static void deny_with_metadata(struct awh_buf *buf, const struct status *status)
{
	awh_buf_puts(buf, ",\"status\":{");
	put_status(buf, "\"metadata\":{},\"status\":\"Failure\"", status, put_cause);
	awh_buf_put(buf, "}", 1);
}

/* As k8s.io/apimachinery's NewInternalError() words it. */
static void fail_internally(struct awh_buf *buf, int code, const char *message)
{
	struct status status = {.message = message, .code = code};
	struct awh_cause cause = {0};
	struct awh_buf text;

	awh_buf_init(&text, AWH_MESSAGE_MAX);
	status.reason = awh_status_reason(code);
	if (code == 500) {
		awh_buf_printf(&text, "Internal error occurred: %s", message);
		awh_buf_terminate(&text);
		cause.message = text.data ? text.data + strlen("Internal error occurred: ") : NULL;
		status.message = text.data;
		status.causes = &cause;
		status.n_causes = 1;
	}
	if (text.err)
		buf->err = text.err;
	else
		deny_with_metadata(buf, &status);
	awh_buf_deinit(&text);
}

/* Kubewarden, and what they share with the plain one */

static void begin_review_by_kind(struct awh_buf *buf, const struct awh_reply_to *to)
{
	put_review(buf, to, "{\"kind\":\"AdmissionReview\",");
	awh_buf_puts(buf, ",\"response\":");
}

static bool is_empty(const struct status *status)
{
	return (!status->message || !status->message[0]) &&
	       (!status->reason || !status->reason[0]) && status->n_causes == 0 && !status->code;
}

static void deny_in_own_words(struct awh_buf *buf, const struct status *status, put_cause_fn *cause)
{
	if (is_empty(status))
		return;
	awh_buf_puts(buf, ",\"status\":{");
	put_status(buf, "", status, cause);
	awh_buf_put(buf, "}", 1);
}

static void deny_plainly(struct awh_buf *buf, const struct status *status)
{
	deny_in_own_words(buf, status, put_cause);
}

static void deny_with_nulls(struct awh_buf *buf, const struct status *status)
{
	deny_in_own_words(buf, status, put_cause_with_nulls);
}

static void fail_plainly(struct awh_buf *buf, int code, const char *message)
{
	deny_plainly(buf, &(const struct status){.message = message, .code = code});
}

static void put_extras_or_null(struct awh_buf *buf, const struct admwh_response *response)
{
	if (response && response->n_annotations > 0)
		put_annotations(buf, response);
	else
		awh_buf_puts(buf, ",\"auditAnnotations\":null");
	if (response && response->n_warnings > 0)
		put_warnings(buf, response);
	else
		awh_buf_puts(buf, ",\"warnings\":null");
}

static const struct dialect dialects[] = {
    [ADMWH_DIALECT_KUBERNETES] =
	{
	    .begin = begin_review,
	    .denial = deny_by_reason,
	    .failure = fail_by_reason,
	    .extras = put_extras,
	    .code = 400,
	},
    [ADMWH_DIALECT_RANCHER] =
	{
	    .begin = begin_echo,
	    .denial = deny_with_metadata,
	    .failure = fail_internally,
	    .extras = put_extras,
	    .html = true,
	},
    [ADMWH_DIALECT_KUBEWARDEN] =
	{
	    .begin = begin_review_by_kind,
	    .denial = deny_with_nulls,
	    .failure = fail_plainly,
	    .extras = put_extras_or_null,
	    .patching = AWH_DIFF_INDEX_BY_INDEX,
	},
    [ADMWH_DIALECT_PLAIN] =
	{
	    .begin = begin_review,
	    .denial = deny_plainly,
	    .failure = fail_plainly,
	    .extras = put_extras,
	},
};

static const struct dialect *find_dialect(enum admwh_dialect dialect)
{
	return &dialects[dialect ? dialect : ADMWH_DIALECT_KUBERNETES];
}

/* Returns where the response begins. */
static size_t put_head(struct awh_buf *buf, const struct awh_reply_to *to, bool allowed)
{
	size_t start;

	if (to->raw)
		awh_buf_puts(buf, "{\"response\":");
	else
		find_dialect(to->dialect)->begin(buf, to);
	start = buf->len;
	awh_buf_puts(buf, "{\"uid\":");
	put_string(buf, to->uid);
	awh_buf_puts(buf, allowed ? ",\"allowed\":true" : ",\"allowed\":false");
	return start;
}

static void put_end(struct awh_buf *buf, const struct awh_reply_to *to, size_t start)
{
	struct awh_buf response;

	awh_buf_puts(buf, "}}");
	if (!find_dialect(to->dialect)->html || buf->err)
		return;
	awh_buf_init(&response, buf->max);
	awh_buf_put(&response, buf->data + start, buf->len - start);
	if (response.err)
		buf->err = response.err;
	buf->len = start;
	put_html(buf, response.data, response.len);
	awh_buf_put(buf, "\n", 1);
	awh_buf_deinit(&response);
}

int awh_response_code(const struct admwh_response *response, enum admwh_dialect dialect)
{
	if (response->decision != AWH_DENIED)
		return 500;
	return response->code ? response->code : find_dialect(dialect)->code;
}

void awh_response_encode(struct awh_buf *buf, const struct awh_reply_to *to,
			 const struct admwh_response *response, const struct admwh_patch *patch)
{
	const struct dialect *dialect = find_dialect(to->dialect);
	bool allowed = response->decision == AWH_ALLOWED;
	size_t start = put_head(buf, to, allowed);
	const struct status status = {
	    .message = response->message,
	    .reason = response->reason,
	    .code = awh_response_code(response, to->dialect),
	    .causes = response->causes,
	    .n_causes = response->n_causes,
	};

	if (!allowed)
		dialect->denial(buf, &status);
	else if (patch && !awh_patch_is_empty(patch))
		put_patch(buf, patch);
	dialect->extras(buf, response);
	put_end(buf, to, start);
}

static int clamp_code(int code)
{
	return code < 400 ? 400 : code > 599 ? 599 : code;
}

void awh_status_encode(struct awh_buf *buf, int code, const char *message)
{
	const struct status status = {.message = message, .code = clamp_code(code)};

	awh_buf_puts(buf, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},");
	put_failure_status(buf, &status);
	awh_buf_put(buf, "}", 1);
}

unsigned int awh_dialect_patching(enum admwh_dialect dialect)
{
	return find_dialect(dialect)->patching;
}

void awh_failure_encode(struct awh_buf *buf, const struct awh_reply_to *to, int code,
			const char *message, const struct admwh_response *response)
{
	const struct dialect *dialect = find_dialect(to->dialect);
	size_t start;

	if (!to->uid) {
		awh_status_encode(buf, code, message);
		return;
	}
	start = put_head(buf, to, false);
	dialect->failure(buf, clamp_code(code), message);
	dialect->extras(buf, response);
	put_end(buf, to, start);
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
