/* SPDX-License-Identifier: MIT */
#include "conn/refuse.h"

#include <string.h>

#include "base/text.h"
#include "dispatch/review.h"

enum { REPLY_MAX = AWH_ANSWER_MAX }; /* bytes */

bool awh_refuse_by_program(const struct admwh_config *config, const struct admwh_refusal *refusal,
			   struct admwh_reply *reply)
{
	*reply = (struct admwh_reply){0};
	awh_buf_init(&reply->content_type, REPLY_MAX);
	awh_buf_init(&reply->body, REPLY_MAX);
	if (!config->refusal)
		return false;
	config->refusal(refusal, reply, config->refusal_data);
	return reply->status != 0;
}

void awh_reply_deinit(struct admwh_reply *reply)
{
	awh_buf_deinit(&reply->content_type);
	awh_buf_deinit(&reply->body);
}

int awh_refusal_code(int status)
{
	switch (status) {
	case 403:
		return ADMWH_E_REFUSED;
	case 404:
		return ADMWH_E_NOT_FOUND;
	case 408:
		return ADMWH_E_TIMEOUT;
	case 413:
	case 414:
	case 431:
		return ADMWH_E_LIMIT;
	case 429:
	case 503:
		return ADMWH_E_OVERLOAD;
	default:
		return 0;
	}
}

/* The value of a header field must not end the field. */
static bool is_content_type(const char *text)
{
	if (!text || !*text)
		return false;
	for (; *text; text++)
		if (*text != ' ' && !awh_is_visible(*text))
			return false;
	return true;
}

int admwh_reply_set(struct admwh_reply *reply, int status, const char *content_type,
		    const char *body)
{
	struct admwh_reply made = {.status = status};

	if (!reply || status < 400 || status > 599 || !is_content_type(content_type) || !body)
		return ADMWH_E_INVAL;
	awh_buf_init(&made.content_type, reply->content_type.max);
	awh_buf_init(&made.body, reply->body.max);
	awh_buf_puts(&made.content_type, content_type);
	awh_buf_puts(&made.body, body);
	if (awh_buf_terminate(&made.content_type) || made.body.err) {
		awh_reply_deinit(&made);
		return ADMWH_E_NOMEM;
	}
	awh_reply_deinit(reply);
	*reply = made;
	return 0;
}
