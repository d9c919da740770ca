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
#ifndef AWH_KUBE_REFERENCE_H
#define AWH_KUBE_REFERENCE_H

#include <stddef.h>

/* The default domain, "docker.io" */
extern const char awh_reference_docker_domain[];

/* Lengths in bytes. A path includes "library/". A domain has no maximum. */
enum { AWH_REFERENCE_PATH_MAX = 255, AWH_REFERENCE_TAG_MAX = 128, AWH_REFERENCE_DIGEST_MAX = 135 };

/* A part of a reference, *borrowed* from it. .text is NULL when the part is absent. */
struct awh_part {
	const char *text;
	size_t len;
};

struct awh_reference {
	struct awh_part domain; /* host, perhaps with port; as written */
	const char *prefix;     /* "library/" before the path of an official image, else "" */
	struct awh_part path;
	struct awh_part tag;
	struct awh_part digest; /* "sha256:...", also sha384 and sha512 */
};

/*
 * NULL, or (static) text that says why it is no reference; *image changes on success only.
 *
 * text: need not be NUL-terminated; U+0000 is a character that no reference has
 */
const char *awh_reference_parse(struct awh_reference *image, const char *text, size_t len);

/*
 * The same for the beginning of references: a domain, which must be there, and components of a path
 * or none. Neither tag nor digest; one "/" at the end is passed over.
 */
const char *awh_reference_parse_prefix(struct awh_reference *image, const char *text, size_t len);

/*
 * Write the domain in the form in which two domains can be compared: in lower case, a port without
 * leading zeros. Different texts for one IPv6 address stay different.
 *
 * domain: room for image->domain.len + 1 bytes
 */
void awh_reference_domain(const struct awh_reference *image, char *domain);

#endif
