/* SPDX-License-Identifier: MIT */
/* The files that admwhctl init and renew would write, before any of them is written. */
#ifndef ADMWHCTL_OUTPUT_H
#define ADMWHCTL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct output_file {
	char *path; /* relative to FOLDER */
	char *bytes;
	size_t len;
	mode_t mode;
};

struct output {
	struct output_file *files;
	size_t n_files, size;
};

/* Add a file. path is copied; steals bytes, of malloc(). mode: 0644, or 0600 of what is secret. */
void output_add(struct output *output, const char *path, char *bytes, size_t len, mode_t mode);

/* Likewise, a text of printf(), 0644. */
void output_addf(struct output *output, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void output_deinit(struct output *output);

#endif
