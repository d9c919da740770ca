/* SPDX-License-Identifier: MIT */
/*
 * 401 and 404 word for word. A body that is no review is HTTP 500 with the error
 * of Go's decoder, as far as that can be told without its bytes: where it ends
 * too early Go's words are known, elsewhere the library's stand behind Go's first.
 */
#include <string.h>

#include "refusals.h"
#include "go_quote.h"

#define PLAIN_TEXT "text/plain; charset=utf-8"

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void word_syntax(const char *message, struct text *body)
{
	if (ends_with(message, "empty text"))
		text_add(body, "EOF");
	else if (ends_with(message, "the text ends too early") ||
		 ends_with(message, "the text ends within a string"))
		text_add(body, "unexpected EOF");
	else
		text_add(body, "invalid character at %s", message);
}

static void word_review(const char *message, struct text *body)
{
	if (strcmp(message, "request: required") == 0 || ends_with(message, "got null"))
		text_add(body, "request is not set: invalid request");
	else
		text_add(body, "json: %s", message);
}

static int word(const struct admwh_refusal *refusal, struct text *body)
{
	switch (refusal->err) {
	case ADMWH_E_NO_CERTIFICATE:
	case ADMWH_E_UNTRUSTED:
	case ADMWH_E_REVOKED:
		text_add(body, "could not verify client certificates");
		return 401;
	case ADMWH_E_SYNTAX:
		word_syntax(refusal->message, body);
		return 500;
	case ADMWH_E_REVIEW:
		word_review(refusal->message, body);
		return 500;
	}
	if (refusal->status == 401)
		text_add(body, "common name is not allowed");
	else if (refusal->status == 404)
		text_add(body, "404 page not found");
	else
		text_add(body, "%s", refusal->message);
	return refusal->status;
}

void refusals_word(const struct admwh_refusal *refusal, struct admwh_reply *reply, void *userdata)
{
	struct text body = {0};
	int status = word(refusal, &body);

	(void)userdata;
	text_add(&body, "\n");
	/* Without memory the library's own words go out. */
	if (!body.failed)
		admwh_reply_set(reply, status, PLAIN_TEXT, text_get(&body));
	text_deinit(&body);
}
