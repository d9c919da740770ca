/* SPDX-License-Identifier: MIT */
/*
 * The way the system goes from a file's name to its contents: every entry of a
 * folder whose change can lead the name elsewhere. For a file of a kubelet's
 * volume these are the name itself, a symbolic link; `..data`, the link that the
 * kubelet swaps; and the file behind it.
 */
#ifndef AWH_RELOAD_PATH_WATCH_H
#define AWH_RELOAD_PATH_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct awh_path_watch_step {
	char *folder;
	char *name; /* in the folder */
};

struct awh_path_watch {
	struct awh_path_watch_step *items;
	size_t n_items;
};

/*
 * Add the way of a file. It ends where there is nothing yet: then the step is what has to appear.
 * What does not fit (a name too long, links that go in circles) is left out.
 *
 * Returns 0 or ADMWH_E_NOMEM.
 */
int awh_path_watch_add(struct awh_path_watch *path_watch, const char *file);

/* Is this the name of a step, or of a step's folder? */
bool awh_path_watch_has(const struct awh_path_watch *path_watch, const char *name);

void awh_path_watch_deinit(struct awh_path_watch *path_watch);

#endif
