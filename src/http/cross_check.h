/* SPDX-License-Identifier: MIT */
/*
 * The cross-check: a second reader of the same bytes, llhttp in its strict mode.
 * It reports only where a message begins, how its body is framed and where it
 * ends, and a request goes on only while it agrees with the parser. A mistake in
 * one grammar then costs a request, not the boundary between two.
 */
#ifndef AWH_HTTP_CROSS_CHECK_H
#define AWH_HTTP_CROSS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llhttp.h>

#include "http/http.h"

/* What llhttp made of the current message so far. */
struct awh_cross_check {
	llhttp_t llhttp;
	size_t target_len;
	size_t fields;
	uint64_t content_length;
	uint64_t body;
	bool chunked;
	bool head_complete;
	bool complete;
};

/* Make ready for a message. */
void awh_cross_check_begin(struct awh_cross_check *check);

/* Pass bytes to llhttp; false when it refuses them. */
bool awh_cross_check_take(struct awh_cross_check *check, const char *data, size_t len);

/* Has llhttp read the same head, complete, with as many field lines? */
bool awh_cross_check_confirms_head(struct awh_cross_check *check, const struct awh_http_head *head,
				   size_t fields);

/* Has llhttp read as many bytes of body, and its end just as well? */
bool awh_cross_check_confirms_body(const struct awh_cross_check *check, uint64_t body,
				   bool complete);

#endif
