/* SPDX-License-Identifier: MIT */
/*
 * The way the system goes from a file's name to its contents: every entry of a
 * folder whose change can lead the name elsewhere. For a file of a kubelet's
 * volume these are the name itself, a symbolic link; `..data`, the link that the
 * kubelet swaps; and the file behind it.
 */
#ifndef AWH_SERVER_TRAIL_H
#define AWH_SERVER_TRAIL_H

#include <stdbool.h>
#include <stddef.h>

struct awh_trail_step {
	char *folder;
	char *name; /* in the folder */
};

struct awh_trail {
	struct awh_trail_step *items;
	size_t n_items;
};

/*
 * Add the way of a file. It ends where there is nothing yet: then the step is what has to appear.
 * What does not fit (a name too long, links that go in circles) is left out.
 *
 * Returns 0 or ADMWH_E_NOMEM.
 */
int awh_trail_add(struct awh_trail *trail, const char *file);

/* Is this the name of a step, or of a step's folder? */
bool awh_trail_has(const struct awh_trail *trail, const char *name);

void awh_trail_deinit(struct awh_trail *trail);

#endif
