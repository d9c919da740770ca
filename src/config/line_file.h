/* SPDX-License-Identifier: MIT */
/*
 * Files of the program's own that are lists of lines.
 */
#ifndef AWH_CONFIG_LINE_FILE_H
#define AWH_CONFIG_LINE_FILE_H

#include "dispatch/files.h"

/* An admwh_file_parse_fn: the lines, and a NULL behind the last. */
void *awh_line_file_parse(const char *bytes, size_t len, struct admwh_file *file, void *userdata);

/* An admwh_file_free_fn. */
void awh_line_file_free(void *lines, void *userdata);

#endif
