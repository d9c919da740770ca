/* SPDX-License-Identifier: MIT */
/* Reading a whole file, up to a size. */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include <stddef.h>

/*
 * The bytes of a file and a NUL behind them, which len does not count. New, free with free(); NULL:
 * errno says why, EFBIG for more than max bytes.
 */
char *file_read(const char *name, size_t max, size_t *len);

#endif
