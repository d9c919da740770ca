/* SPDX-License-Identifier: MIT */
/*
 * The grammars of RFC 9110, RFC 9112 and RFC 3986 that a request is made of, each
 * as a question about bytes. Their meaning is decided elsewhere.
 */
#ifndef AWH_HTTP_GRAMMAR_H
#define AWH_HTTP_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Some bytes of a longer text, *borrowed*. */
struct awh_span {
	const char *at;
	size_t len;
};

/* tchar: what methods, field names and list elements are made of (RFC 9110 5.6.2). */
bool awh_is_tchar(unsigned char c);

/* A byte of a request target: visible ASCII. RFC 3986 allows fewer, clients send these too. */
bool awh_is_target_char(unsigned char c);

/* A byte of a field value: HTAB, SP, visible ASCII, obs-text (RFC 9110 5.5). */
bool awh_is_value_char(unsigned char c);

/* Without the SP and HTAB at both ends. */
struct awh_span awh_trim(struct awh_span span);

/* Equal to a NUL-terminated text; letters of ASCII in any case. */
bool awh_span_is(struct awh_span span, const char *text);

/* Everything up to the first byte that is one of ends; rest is what follows, that byte included. */
struct awh_span awh_span_until(struct awh_span span, const char *ends, struct awh_span *rest);

/* One or more tchar. */
bool awh_is_token(struct awh_span span);

/* Next element of a comma-separated list, trimmed, may be empty; false at the end of the list. */
bool awh_list_next(struct awh_span *list, struct awh_span *element);

/* 1*DIGIT that fit. */
bool awh_read_decimal(struct awh_span span, uint64_t *value);

/* 1*HEXDIG that fit. */
bool awh_read_hex(struct awh_span span, uint64_t *value);

/* ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986 3.1) */
bool awh_is_scheme(struct awh_span span);

/* host [ ":" port ] with a host that is not empty (RFC 9110 7.2, RFC 3986 3.2.2). */
bool awh_is_host(struct awh_span span);

/* [ userinfo "@" ] host [ ":" port ] (RFC 3986 3.2) */
bool awh_is_authority(struct awh_span span);

#endif
