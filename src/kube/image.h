/* SPDX-License-Identifier: MIT */
/*
 * Image references, as kubelet and containerd read them: the grammar and the defaults of
 * distribution/reference v0.6.0 (ParseNormalizedNamed). "nginx" is library/nginx of docker.io.
 *
 * Two differences, because here registries are compared and not connected to. The default domain
 * is recognized in any case ("Docker.io/nginx"). A first component that has a dot but is no domain
 * ("foo_bar.io/app") is the domain nevertheless: runtimes pull from there, although
 * distribution/reference reads it as part of the path.
 *
 * Letters are compared as ASCII, independent of the locale.
 */
#ifndef AWH_KUBE_IMAGE_H
#define AWH_KUBE_IMAGE_H

#include <stddef.h>

/* The default domain, "docker.io" */
extern const char awh_image_docker_domain[];

/* Lengths in bytes. A path includes "library/". A domain has no maximum. */
enum { AWH_IMAGE_PATH_MAX = 255, AWH_IMAGE_TAG_MAX = 128, AWH_IMAGE_DIGEST_MAX = 135 };

/* A part of a reference, *borrowed* from it. .text is NULL when the part is absent. */
struct awh_image_part {
	const char *text;
	size_t len;
};

struct awh_image {
	struct awh_image_part domain; /* host, perhaps with port; as written */
	const char *prefix;           /* "library/" before the path of an official image, else "" */
	struct awh_image_part path;
	struct awh_image_part tag;
	struct awh_image_part digest; /* "sha256:...", also sha384 and sha512 */
};

/* NULL, or (static) text that says why it is no reference; *image changes on success only. */
const char *awh_image_parse(struct awh_image *image, const char *reference);

/*
 * Write the domain in the form in which two domains can be compared: in lower case, a port without
 * leading zeros. Different texts for one IPv6 address stay different.
 *
 * domain: room for image->domain.len + 1 bytes
 */
void awh_image_domain(const struct awh_image *image, char *domain);

#endif
