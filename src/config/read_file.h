/* SPDX-License-Identifier: MIT */
/* A file as bytes: whole, up to a limit, or not at all. */
#ifndef AWH_CONFIG_READ_FILE_H
#define AWH_CONFIG_READ_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/* How much of a file is read. */
struct awh_read_limit {
	size_t bytes;
	const char *text; /* the same, as it is told */
};

/* As much as awh_read_file() takes: for awh_buf_init(). */
size_t awh_read_capacity(const struct awh_read_limit *limit);

/*
 * Append the bytes of a file, and a NUL that len does not count. regular: nothing else is read, so
 * that no writer of a pipe is waited for.
 *
 * Returns 0; ADMWH_E_IO, ADMWH_E_LIMIT, ADMWH_E_NOMEM with the file named.
 */
int awh_read_file(struct awh_buf *bytes, const char *file, bool regular,
		  const struct awh_read_limit *limit, struct awh_error *error);

#endif
