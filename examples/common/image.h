/* SPDX-License-Identifier: MIT */
/*
 * References of container images, taken apart: "nginx" is library/nginx of docker.io.
 * The grammar is that of the OCI distribution's references. Characters are compared,
 * never asked of the locale.
 */
#ifndef COMMON_IMAGE_H
#define COMMON_IMAGE_H

enum { IMAGE_HOST_MAX = 255, IMAGE_PATH_MAX = 255, IMAGE_TAG_MAX = 128, IMAGE_DIGEST_MAX = 135 };

/* What the two readers in the world do not agree on. */
enum image_reader {
	/* distribution/reference, of Docker and kubelet: "Team/a" names a host, since paths are in
	 * lower case; hexadecimal digits are in lower case. */
	IMAGE_AS_DOCKER,
	/* oci-client, of Kubewarden: neither. */
	IMAGE_AS_OCI_CLIENT,
};

/* For "%.*s". */
struct image_part {
	int len;
	const char *text; /* borrowed from the reference */
};

struct image {
	char host[IMAGE_HOST_MAX + 1]; /* in lower case: a name means the same in any case */
	const char *folder;            /* "library/" before the path of Docker's own; else "" */
	struct image_part path;
	struct image_part tag;    /* .text is NULL when there is none */
	struct image_part digest; /* "sha256:..."; .text is NULL when there is none */
};

/* NULL; static text of what is wrong when it is no reference. */
const char *image_parse(struct image *image, const char *reference, enum image_reader reader);

#endif
