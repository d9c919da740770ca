/* SPDX-License-Identifier: MIT */
/*
 * What the lines of a request's head mean: which request it is, how its body is
 * framed, and whether the connection may serve another. The syntax of the lines
 * has been checked before they come here.
 */
#ifndef AWH_HTTP_HEAD_H
#define AWH_HTTP_HEAD_H

#include <stdbool.h>

#include "base/arena.h"
#include "http/grammar.h"
#include "http/http.h"
#include "http/refusal.h"

struct awh_head_reader {
	struct awh_http_head head;
	struct awh_arena strings; /* of head */
	struct awh_arena *spare;  /* as in struct awh_http_limits */
	unsigned int seen;        /* one bit for each known field */
	bool standard_method;     /* one of RFC 9110 or RFC 5789 */
	bool asks_close;
	bool asks_keep_alive;
};

/* Forget a request and its strings. A zeroed reader is ready, too. */
void awh_head_reset(struct awh_head_reader *reader);

bool awh_head_request_line(struct awh_head_reader *reader, struct awh_span method,
			   struct awh_span target, int version_minor, struct awh_refusal *refusal);
bool awh_head_field(struct awh_head_reader *reader, struct awh_span name, struct awh_span value,
		    struct awh_refusal *refusal);

/* After the last field: what can only be checked on the whole. */
bool awh_head_end(struct awh_head_reader *reader, struct awh_refusal *refusal);

/* May a field of this name be in a trailer section? (It is ignored there.) */
bool awh_head_is_trailer(struct awh_span name);

#endif
