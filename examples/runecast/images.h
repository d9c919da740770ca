/* SPDX-License-Identifier: MIT */
/*
 * Image references as one text for one image: `nginx` and `Docker.io/library/nginx:latest`
 * are docker.io/library/nginx:latest.
 */
#ifndef RUNECAST_IMAGES_H
#define RUNECAST_IMAGES_H

#include <stddef.h>

enum { IMAGE_MAX = 700 }; /* of the longest reference in full */

/*
 * Write a reference in full: host (docker.io), path (library/), tag (latest) or digest. With a
 * digest the tag goes: the digest is what is pulled.
 * 0; -1 for what is no reference.
 */
int image_normalize(const char *reference, char full[IMAGE_MAX]);

#endif
