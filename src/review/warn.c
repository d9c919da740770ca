/* SPDX-License-Identifier: MIT */
/* A denial that is not enforced: an allow, with warnings for the user and an audit annotation. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "review/response.h"

enum {
	/* The API server cuts longer ones where a response has many. */
	WARNING_BYTES = 256,
	ANNOTATION_BYTES = 4096,
	/* Characters that "would be denied: and N more" takes. */
	MORE = 64,
};

/* Cut a text at size - 1 bytes, between characters, with "..." where it was cut. */
static void cut(char *out, size_t size, const char *prefix, const char *text)
{
	static const char dots[] = "...";
	const int len = snprintf(out, size, "%s%s", prefix, text);

	if (len < 0 || (size_t)len < size)
		return;
	out[size - sizeof(dots)] = '\0';
	awh_utf8_trim(out);
	strcat(out, dots);
}

static int warn(struct admwh_response *response, const char *field, const char *message)
{
	const char *colon = field[0] && message[0] ? ": " : "";
	const char *prefix = field[0] || message[0] ? "would be denied: " : "would be denied";
	char whole[2 * WARNING_BYTES], text[WARNING_BYTES + 1];

	snprintf(whole, sizeof(whole), "%.*s%s%.*s", WARNING_BYTES, field, colon, WARNING_BYTES - 3,
		 message);
	cut(text, sizeof(text), prefix, whole);
	return admwh_response_add_warning(response, "%s", text);
}

static bool has_room(const struct admwh_response *response)
{
	return response->warning_characters + WARNING_BYTES + MORE <= AWH_WARNINGS_MAX;
}

/* One for each error, as far as the API server passes them on. */
static int warn_of_causes(struct admwh_response *response)
{
	char more[MORE];
	size_t i;
	int err = 0;

	for (i = 0; i < response->n_causes && err == 0 && has_room(response); i++) {
		const struct awh_cause *cause = &response->causes[i];
		const char *message = cause->message && cause->message[0] ? cause->message
				      : cause->type                       ? cause->type
									  : "";

		err = warn(response, cause->field ? cause->field : "", message);
	}
	i = response->n_causes - i + response->n_more;
	if (err < 0 || i == 0)
		return err;
	snprintf(more, sizeof(more), "and %zu more", i);
	return warn(response, "", more);
}

static int annotate(struct admwh_response *response, const char *message)
{
	char text[ANNOTATION_BYTES + 1];
	int err;

	cut(text, sizeof(text), "", message);
	err = admwh_response_add_audit_annotation(response, AWH_WOULD_DENY, text);
	return err == ADMWH_E_EXISTS ? 0 : err; /* the handler's own */
}

int awh_response_warn(struct admwh_response *response)
{
	const char *message = response->message ? response->message : "";
	int err = response->lists_causes ? warn_of_causes(response) : warn(response, "", message);

	if (err == 0)
		err = annotate(response, message);
	if (err == 0)
		response->decision = AWH_ALLOWED;
	return err;
}
