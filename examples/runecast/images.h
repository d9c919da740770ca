/* SPDX-License-Identifier: MIT */
/*
 * Image references as one text for one image: `nginx` and `Docker.io/library/nginx:latest`
 * are docker.io/library/nginx:latest.
 */
#ifndef RUNECAST_IMAGES_H
#define RUNECAST_IMAGES_H

#include <stdbool.h>

/*
 * Write a reference in full: host (docker.io), path (library/), tag (latest) or digest. With a
 * digest the tag is left out: the digest decides which image is pulled.
 *
 * False when it is no reference. Otherwise *full is *new*, free with free(); NULL when memory ran
 * out.
 */
bool image_normalize(const char *reference, char **full);

#endif
