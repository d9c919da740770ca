/* SPDX-License-Identifier: MIT */
/*
 * A file whose content is read again when it changes. Who uses the content holds
 * it; a file that cannot be understood changes nothing, and that is logged.
 */
#ifndef RUNECAST_LIVE_FILE_H
#define RUNECAST_LIVE_FILE_H

#include <stddef.h>

#include <jansson.h>

#include "config_file.h"

/* Make the content of a file's JSON: *new*. NULL: place->problem says why. */
typedef void *live_read_fn(struct place *place, json_t *root, void *userdata);
typedef void live_free_fn(void *content);

struct live_file;

/* Read a file for the first time; userdata is for the reader. *new*; NULL: problem says why. */
struct live_file *live_file_new(const char *file, live_read_fn *read, live_free_fn *free_content,
				void *userdata, struct problem *problem);
void live_file_free(struct live_file *live);

/* Look whether the file has changed, or could not be read; read it again if so. By one thread. */
void live_file_refresh(struct live_file *live);

/* What was read last, and stays until it is let go of. From any thread. */
struct live_content;
struct live_content *live_file_hold(struct live_file *live);
const void *live_content_value(const struct live_content *content);
void live_file_let_go(struct live_file *live, struct live_content *content);

/* Refreshes files every second, on a thread of its own. */
struct live_watch;
struct live_watch *live_watch_new(struct live_file *const *files, size_t n_files);
void live_watch_free(struct live_watch *watch);

#endif
