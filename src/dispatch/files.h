/* SPDX-License-Identifier: MIT */
/*
 * The program's own files as reviews see them: the versions of what was parsed, each kept
 * until the last review that began with it has ended. What is in a file, and when it is
 * read, is not known here.
 */
#ifndef AWH_DISPATCH_FILES_H
#define AWH_DISPATCH_FILES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/file.h>

#include "base/error.h"
#include "review/request.h"

enum { AWH_FILE_DIGEST = 32 };

struct awh_version;

struct admwh_file {
	char *name;
	admwh_file_parse_fn *parse;
	admwh_file_free_fn *free_object;
	void *userdata;
	admwh_line_error_fn *line_error; /* of a file of lines; NULL takes any */
	pthread_mutex_t mutex;           /* guards current */
	struct awh_version *current;     /* NULL: none was good yet */
	/* of the one thread that reads it */
	struct awh_error reason;       /* by admwh_file_fail() */
	uint8_t good[AWH_FILE_DIGEST]; /* of what current was made of */
	uint8_t seen[AWH_FILE_DIGEST]; /* of the reading before */
	uint8_t told[AWH_FILE_DIGEST]; /* of the reading whose fault was logged */
	unsigned int unsettled;        /* readings in a row that differed from the one before */
	bool failing;
};

struct awh_files {
	struct admwh_file **items;
	size_t n_items;
};

/* *new*, without a version. NULL when memory runs out. */
struct admwh_file *awh_file_new(const char *name, admwh_file_parse_fn *parse,
				admwh_file_free_fn *free_object, void *userdata);
/* NULL is allowed. */
void awh_file_free(struct admwh_file *file);

/* A new version: *steals* the object, but not on failure. 0 or ADMWH_E_NOMEM. */
int awh_file_swap(struct admwh_file *file, void *object);
/* Have it without a version, as before the first one. */
void awh_file_forget(struct admwh_file *file);

/* *steals* file, but not on failure. 0 or ADMWH_E_NOMEM. */
int awh_files_add(struct awh_files *files, struct admwh_file *file);
void awh_files_deinit(struct awh_files *files);

/*
 * Have the request see the versions that there are now, until awh_files_unpin(). files: NULL for
 * none. 0 or ADMWH_E_NOMEM.
 */
int awh_files_pin(const struct awh_files *files, struct awh_request *request);
void awh_files_unpin(struct awh_request *request);

#endif
