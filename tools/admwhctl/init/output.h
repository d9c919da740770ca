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
	size_t n_new, n_changed, n_same; /* set by output_write() */
};

/* Add a file. path is copied; steals bytes, of malloc(). mode: 0644, or 0600 of what is secret. */
void output_add(struct output *output, const char *path, char *bytes, size_t len, mode_t mode);

/* Likewise, a text of printf(), 0644. */
void output_addf(struct output *output, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a file of FOLDER holds now, and a NUL. New, free with free(). NULL: there is none, or it
 * cannot be read, which sets *is_error. */
char *output_there(const char *folder, const char *path, size_t *len, bool *is_error);

enum output_rule {
	OUTPUT_KEEP,      /* write nothing where a file that is there would change */
	OUTPUT_OVERWRITE, /* write what is new and what would change */
	OUTPUT_SHOW,      /* write nothing */
};

/*
 * Print which files are new and how others change (nothing of secret ones), then write them.
 * Returns 0; 1: files would change and are kept, so none was written; -1: it has complained.
 */
int output_write(const char *folder, struct output *output, enum output_rule rule);

void output_deinit(struct output *output);

#endif
