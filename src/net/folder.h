/* SPDX-License-Identifier: MIT */
/*
 * Reports when a name in a folder appears, disappears or changes. It is a hint: a
 * folder may not exist or may go, the system may have no watches left, and network
 * file systems do not report what other hosts do. A caller that must know polls
 * as well.
 */
#ifndef AWH_NET_FOLDER_H
#define AWH_NET_FOLDER_H

#include "net/loop.h"

struct awh_folder;

/* name: of what has changed, without its folder; NULL when the system did not say */
typedef void awh_folder_fn(void *userdata, const char *name);

/* Watch a folder. On the loop's thread, or before it runs. NULL: it cannot be watched. */
struct awh_folder *awh_folder_new(struct awh_loop *loop, const char *path, awh_folder_fn *notify,
				  void *userdata);

/* NULL is allowed. */
void awh_folder_free(struct awh_folder *folder);

#endif
