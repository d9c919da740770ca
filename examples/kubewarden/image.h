/* SPDX-License-Identifier: MIT */
/*
 * References of container images, as Kubewarden completes and compares them: "nginx"
 * is docker.io/library/nginx:latest.
 */
#ifndef KW_IMAGE_H
#define KW_IMAGE_H

#include <stdbool.h>

#include <admwh/image.h>

/*
 * Completed: without ":443", which is meant without a port, and with the tag "latest" where neither
 * tag nor digest is given. 0; -1 when it is none: error is static text then.
 */
int kw_image_parse(struct admwh_image *image, const char *text, const char **error);

/* Does a text match a pattern? "*" stands for any characters, "?" for one. In linear steps of it.
 */
bool kw_wildcard_matches(const char *pattern, const char *text);

#endif
