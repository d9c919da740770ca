/* SPDX-License-Identifier: MIT */
/*
 * The lines of a message, checked byte by byte as they arrive: a request line, a
 * field line, a chunk-size line, the line end after a chunk's data. What is not
 * exactly the grammar of RFC 9112 is refused at its first wrong byte, so there is
 * no bare CR, no bare LF, no folding and no stray blank to interpret. This file
 * knows syntax only; it keeps no bytes, only the places where the parts divide.
 */
#ifndef AWH_HTTP_LINE_H
#define AWH_HTTP_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "http/refusal.h"

enum awh_line_kind {
	AWH_LINE_REQUEST,
	AWH_LINE_FIELD,     /* or the empty line that ends a section: len is 2 */
	AWH_LINE_CHUNK,     /* chunk-size [ chunk-ext ] */
	AWH_LINE_CHUNK_END, /* empty */
};

/* The most hexadecimal digits of a chunk size, leading zeros not counted. */
enum { AWH_CHUNK_SIZE_DIGITS = 16 };

struct awh_line {
	int state;
	size_t len;        /* bytes taken */
	size_t name_end;   /* of the method, the field name, the chunk size */
	size_t target_end; /* of a request line */
	int version_minor;
	size_t size_digits; /* of a chunk size, without leading zeros */
};

void awh_line_begin(struct awh_line *line, enum awh_line_kind kind);

/* Take the next byte; false when it cannot follow. Not to be called once the line is done. */
bool awh_line_take(struct awh_line *line, unsigned char c, struct awh_refusal *refusal);

/* Has its line end been taken? */
bool awh_line_done(const struct awh_line *line);

#endif
