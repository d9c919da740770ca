/* SPDX-License-Identifier: MIT */
/*
 * Where something is in a JSON text, for messages: request.userInfo.groups[3]. A
 * path stays within a fixed space; what does not fit is left out whole.
 */
#ifndef AWH_JSON_PATH_H
#define AWH_JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Room for 64 bytes of a key, "..." and the NUL. */
enum { AWH_PATH_KEY = 68 };

struct awh_path {
	char *text; /* NUL-terminated */
	size_t size;
	size_t len;
	bool full;
};

/* text is *borrowed*. size: bytes of it, 4 or more */
void awh_path_init(struct awh_path *path, char *text, size_t size);

/* Add a member's name, checked and with its quote behind it: .name or ["a.b"]. */
void awh_path_add_key(struct awh_path *path, const char *key);

/* Add the index of an array's element: [3]. */
void awh_path_add_index(struct awh_path *path, size_t index);

/*
 * A key as it is written, but for unprintable characters, which are escaped; shortened for a
 * message and cut between characters. Returns its length, without the NUL.
 */
size_t awh_path_show_key(char shown[AWH_PATH_KEY], const char *key);

#endif
