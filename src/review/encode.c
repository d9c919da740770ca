/* SPDX-License-Identifier: MIT */
#include "review/encode.h"

#include <string.h>

#include "base/text.h"
#include "json/go.h"
#include "review/diff.h"
#include "review/patch.h"
#include "review/response.h"
#include "review/status.h"

/* A dialect: the parts of an answer that servers write differently. */
struct dialect {
	/* From the answer's first byte to the ":" before its response. */
	void (*begin)(struct awh_buf *buf, const struct awh_reply_to *to);
	/* A denial's status, with the comma before it; nothing where there is nothing to say. */
	void (*denial)(struct awh_buf *buf, const struct awh_status *status);
	/* Likewise, where there is no decision. */
	void (*failure)(struct awh_buf *buf, const struct awh_status *status);
	/* The answer whose HTTP status is an error; NULL: the review, where there is one. */
	void (*error)(struct awh_buf *buf, const struct awh_status *status);
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

static void put_review(struct awh_buf *buf, const struct awh_reply_to *to, const char *format)
{
	const char *version = to->version == ADMWH_REVIEW_V1BETA1 ? "v1beta1" : "v1";

	awh_buf_puts(buf, format);
	awh_buf_puts(buf, "\"apiVersion\":\"admission.k8s.io/");
	awh_buf_puts(buf, version);
	awh_buf_puts(buf, "\"");
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

static void deny_by_reason(struct awh_buf *buf, const struct awh_status *status)
{
	awh_buf_puts(buf, ",\"status\":{");
	awh_put_status_by_reason(buf, status);
	awh_buf_put(buf, "}", 1);
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

static void deny_with_metadata(struct awh_buf *buf, const struct awh_status *status)
{
	awh_buf_puts(buf, ",\"status\":{");
	awh_put_status(buf, "\"metadata\":{},\"status\":\"Failure\"", status, awh_put_cause);
	awh_buf_put(buf, "}", 1);
}

/* As k8s.io/apimachinery's NewInternalError() words it. */
static void fail_internally(struct awh_buf *buf, const struct awh_status *failure)
{
	struct awh_status status = *failure;
	struct awh_cause cause = {0};
	struct awh_buf text;

	awh_buf_init(&text, AWH_MESSAGE_MAX);
	status.reason = awh_status_reason(status.code);
	if (status.code == 500) {
		awh_buf_printf(&text, "Internal error occurred: %s", failure->message);
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

static void deny_in_own_words(struct awh_buf *buf, const struct awh_status *status,
			      awh_put_cause_fn *cause)
{
	static const char opening[] = ",\"status\":{";
	const size_t start = buf->len;

	awh_buf_puts(buf, opening);
	awh_put_status(buf, "", status, cause);
	if (buf->len == start + strlen(opening))
		buf->len = start; /* nothing was given */
	else
		awh_buf_put(buf, "}", 1);
}

static void deny_plainly(struct awh_buf *buf, const struct awh_status *status)
{
	deny_in_own_words(buf, status, awh_put_cause);
}

static void deny_with_nulls(struct awh_buf *buf, const struct awh_status *status)
{
	deny_in_own_words(buf, status, awh_put_cause_with_nulls);
}

/* ApiError of policy-server. */
static void put_api_error(struct awh_buf *buf, const struct awh_status *status)
{
	awh_buf_puts(buf, "{\"message\":");
	put_string(buf, status->message);
	awh_buf_printf(buf, ",\"status\":%d}", status->code);
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
	    .failure = deny_by_reason,
	    .error = awh_put_status_alone,
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
	    .failure = deny_plainly,
	    .error = put_api_error,
	    .extras = put_extras_or_null,
	    .patching = AWH_DIFF_INDEX_BY_INDEX,
	},
    [ADMWH_DIALECT_PLAIN] =
	{
	    .begin = begin_review,
	    .denial = deny_plainly,
	    .failure = deny_plainly,
	    .error = awh_put_status_alone,
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
	const struct awh_status status = {
	    .message = response->message,
	    .reason = response->reason,
	    .code = awh_response_code(response, to->dialect),
	    .causes = response->causes,
	    .n_causes = response->n_causes,
	    .n_more = response->n_more,
	    .details = response->details,
	    .retry_after = response->retry_after,
	};

	if (!allowed)
		dialect->denial(buf, &status);
	else if (patch && !awh_patch_is_empty(patch))
		put_patch(buf, patch);
	dialect->extras(buf, response);
	put_end(buf, to, start);
}

unsigned int awh_dialect_patching(enum admwh_dialect dialect)
{
	return find_dialect(dialect)->patching;
}

void awh_failure_encode(struct awh_buf *buf, const struct awh_reply_to *to, int code,
			const char *message, const struct admwh_response *response)
{
	const struct dialect *dialect = find_dialect(to->dialect);
	const struct awh_status status = {
	    .message = message,
	    .code = awh_status_clamp(code),
	    .retry_after = response ? response->retry_after : 0,
	};
	size_t start;

	if (to->is_error && dialect->error) {
		dialect->error(buf, &status);
		return;
	}
	if (!to->uid) {
		awh_put_status_alone(buf, &status);
		return;
	}
	start = put_head(buf, to, false);
	dialect->failure(buf, &status);
	dialect->extras(buf, response);
	put_end(buf, to, start);
}
