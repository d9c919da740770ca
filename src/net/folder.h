/* SPDX-License-Identifier: MIT */
/*
 * Tells when a name in a folder comes, goes or changes. A hint, no more: a
 * folder may not be there or may go, the system may have no watches left, and
 * network file systems do not tell what others do. Who needs to know for sure
 * looks for himself now and then.
 */
#ifndef AWH_NET_FOLDER_H
#define AWH_NET_FOLDER_H

#include "net/loop.h"

struct awh_folder;

/* name: of what has changed, without its folder; NULL when the system did not tell */
typedef void awh_folder_fn(void *userdata, const char *name);

/* Watch a folder. On the loop's thread, or before it runs. NULL: it cannot be watched. */
struct awh_folder *awh_folder_new(struct awh_loop *loop, const char *path, awh_folder_fn *tell,
				  void *userdata);

/* NULL is allowed. */
void awh_folder_free(struct awh_folder *folder);

#endif
