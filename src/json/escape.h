/* SPDX-License-Identifier: MIT */
/*
 * The escapes of JSON strings (RFC 8259 section 7): check, resolve.
 */
#ifndef AWH_JSON_ESCAPE_H
#define AWH_JSON_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/* The longest escape, a pair of surrogates, and the longest character it stands for. */
enum { AWH_ESCAPE_MAX = 12, AWH_ESCAPE_RESOLVED_MAX = 4 };

/*
 * Bytes that the escape at text, a backslash, takes up of the len bytes that follow; 0 when there
 * is no escape, with *why set. Lone surrogates are none.
 */
size_t awh_escape_check(const char *text, size_t len, const char **why);

/* Resolve one checked escape. Returns the bytes it takes up; *n_out is what was put. */
size_t awh_escape_resolve(char out[AWH_ESCAPE_RESOLVED_MAX], size_t *n_out, const char *text);

/*
 * Resolve all escapes of a checked string. out has room for len bytes. Returns the length; no NUL
 * is put.
 */
size_t awh_unescape(char *out, const char *text, size_t len);

/* Bytes of a checked string up to its closing quote. */
size_t awh_escaped_len(const char *text);

/* Is a checked string of len bytes, once resolved, this text of text_len bytes? */
bool awh_escaped_is(const char *escaped, size_t len, const char *text, size_t text_len);

/* Do two checked strings read the same, escapes resolved? */
bool awh_escaped_same(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
