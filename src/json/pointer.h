/* SPDX-License-Identifier: MIT */
/*
 * JSON Pointer (RFC 6901). No I/O.
 */
#ifndef AWH_JSON_POINTER_H
#define AWH_JSON_POINTER_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

/* One reference token, unescaped. It may hold U+0000; text is NUL-terminated as well. */
struct awh_token {
	const char *text;
	size_t len;
};

struct awh_pointer {
	struct awh_token *tokens;
	size_t n_tokens;
};

/* Why a text is no pointer; NULL when it is one. *borrowed* (static) */
const char *awh_pointer_check(const char *text, size_t len);

/* Split and unescape into the arena. 0; ADMWH_E_POINTER with a message; ADMWH_E_NOMEM. */
int awh_pointer_parse(struct awh_pointer *pointer, const char *text, size_t len,
		      struct awh_arena *arena, struct awh_error *error);

/* The value the first n_tokens lead to; *borrowed* from root; NULL when nothing is there. */
json_t *awh_pointer_walk(const json_t *root, const struct awh_pointer *pointer, size_t n_tokens);

/* As much of a pointer, or of any text, as a one-line message can take. */
enum { AWH_POINTER_SHOWN = 128 };
const char *awh_pointer_show(char shown[AWH_POINTER_SHOWN], const char *text, size_t len);

/* Append "/" and a token, escaped. */
void awh_pointer_put(struct awh_buf *buf, const char *token, size_t len);

/* Bytes of a pointer's text that its first n_tokens take. */
size_t awh_pointer_prefix(const char *text, size_t len, size_t n_tokens);

/* An array index: digits without leading zero, at most max. */
bool awh_token_index(const struct awh_token *token, size_t max, size_t *index);

#endif
