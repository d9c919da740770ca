/* SPDX-License-Identifier: MIT */
/*
 * References of container images, as Kubewarden completes and compares them: "nginx"
 * is docker.io/library/nginx:latest.
 */
#ifndef KW_IMAGE_H
#define KW_IMAGE_H

#include <stdbool.h>

struct kw_image {
	char *registry;   /* in lower case and without :443, which mean the same */
	char *repository; /* "library/nginx" */
	char *tag;        /* NULL: only a digest was given */
	char *digest;     /* NULL: none */
};

/* 0; -1 when it is none, or memory ran out: error is static text then. */
int kw_image_parse(struct kw_image *image, const char *text, const char **error);
void kw_image_deinit(struct kw_image *image);
bool kw_image_equal(const struct kw_image *a, const struct kw_image *b);

/* Does a text match a pattern? "*" stands for any characters, "?" for one. In linear steps of it.
 */
bool kw_wildcard_matches(const char *pattern, const char *text);

#endif
