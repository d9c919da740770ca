/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Image references, as kubelet and containerd read them: the grammar and the defaults of
 * distribution/reference v0.6.0. "nginx" is library/nginx of docker.io.
 *
 *     struct admwh_image image;
 *
 *     if (admwh_image_parse(&image, admwh_value_get(c.value, "image")) ||
 *         !admwh_image_matches(&image, "registry.example.com/team"))
 *             return admwh_response_deny(resp, 403, "%s: not of our registry", c.name);
 *
 * There are three differences to distribution/reference, because here registries are compared and
 * not connected to. The default registry is recognized in any case ("Docker.io/nginx"). A first
 * component that has a dot but is no host name ("foo_bar.io/app") is the registry nevertheless:
 * runtimes pull from there. A registry has at most ADMWH_IMAGE_REGISTRY_MAX bytes.
 *
 * An image holds its texts itself: nothing is freed, and it outlives what it was parsed from.
 * Letters are compared as ASCII, independent of the locale. Any thread.
 */
#ifndef ADMWH_IMAGE_H
#define ADMWH_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup workloads
 * @{ */

/** Greatest lengths in bytes. */
enum admwh_image_length {
	ADMWH_IMAGE_REGISTRY_MAX = 259,   /**< a host name of 253, and ":65535" */
	ADMWH_IMAGE_REPOSITORY_MAX = 255, /**< with "library/" */
	ADMWH_IMAGE_TAG_MAX = 128,        /**< of the tag */
	ADMWH_IMAGE_DIGEST_MAX = 135,     /**< of sha512 */
	ADMWH_IMAGE_TEXT_MAX = 780        /**< of the whole, see admwh_image_format() */
};

/** An image reference. Complete; {0}, which all calls take, is none, and matches nothing. */
struct admwh_image {
	/** host and perhaps port, in the form in which registries are compared: lower case, a port
	 * without leading zeros; "docker.io" where none is named */
	char registry[ADMWH_IMAGE_REGISTRY_MAX + 1];
	/** "library/nginx" */
	char repository[ADMWH_IMAGE_REPOSITORY_MAX + 1];
	/** "" without one: it is not completed to "latest" */
	char tag[ADMWH_IMAGE_TAG_MAX + 1];
	/** "sha256:...", also sha384 and sha512; "" without one */
	char digest[ADMWH_IMAGE_DIGEST_MAX + 1];
	/** why it is no reference: *borrowed* (static) text; NULL for one */
	const char *error;
	void *reserved[4]; /**< private */
};

/**
 * Parse the image of a container. A text that is no reference is remembered as malformed, as is a
 * value of another kind (see value.h): Kubernetes stores such an object, and kubelet does not run
 * it.
 *
 * @param image  set in any case, to no reference on failure
 * @param value  a string
 * @return 0; ADMWH_E_NOT_FOUND for null and absence, which is not remembered; ADMWH_E_INVAL for
 *         what is no reference, and when image is NULL; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_image_parse(struct admwh_image *image, struct admwh_value value);

/**
 * Parse a text of the program's own, such as one of its configuration.
 *
 * @param image  set in any case, to no reference on failure
 * @param text   a C string; NULL is no reference
 * @return 0; ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_image_parse_text(struct admwh_image *image, const char *text);

/**
 * Is the image of this registry, or of what is below this path of it? Whole components are
 * compared: "registry.example.com/team" has registry.example.com/team and
 * registry.example.com/team/app, not registry.example.com/teamx. Tag and digest do not count.
 *
 * ":443" is the port that is meant without one, of registries on either side.
 *
 * @param image   an image; NULL and no reference give false
 * @param prefix  a registry, perhaps with port, alone or followed by "/" and components of a path:
 *                "docker.io/library", "localhost:5000". A last "/" is passed over. What is no such
 *                prefix gives false: admwh_image_prefix_error() tells so when a program starts
 * @return true when it is
 * @since 0.1.0
 */
ADMWH_API bool admwh_image_matches(const struct admwh_image *image, const char *prefix);

/**
 * Is the image of one of several registries?
 *
 * @param image     as for admwh_image_matches()
 * @param prefixes  *borrowed*; prefixes as for admwh_image_matches(), behind the last one NULL, as
 *                  the object of a file of lines is (admwh_config_add_line_file()); NULL for none
 * @return true when it is
 * @since 0.1.0
 */
ADMWH_API bool admwh_image_matches_any(const struct admwh_image *image,
				       const char *const *prefixes);

/**
 * Why a text is no prefix for admwh_image_matches(): without a registry ("nginx"), with a tag or a
 * wildcard.
 *
 * @param prefix  a C string, for instance of the configuration; NULL is none
 * @return *borrowed* (static) text; NULL for a prefix
 * @since 0.1.0
 */
ADMWH_API const char *admwh_image_prefix_error(const char *prefix);

/**
 * Do two references name the same image? With a digest the tag does not count, as runtimes do not
 * look at it; without a digest, no tag is "latest".
 *
 * @param a  an image; NULL and no reference give false
 * @param b  likewise
 * @return true when registry, repository and digest or tag are the same
 * @since 0.1.0
 */
ADMWH_API bool admwh_image_equal(const struct admwh_image *a, const struct admwh_image *b);

/**
 * Write a reference in full: "docker.io/library/nginx:1.27", with the digest behind "@". Tag and
 * digest are written where the reference has them. Parsed again it is the same one: a registry that
 * nothing but a capital letter tells from a part of a path is written with one ("Team/app").
 *
 * @param image  an image; NULL and no reference give ""
 * @param text   room for the text and a NUL; ADMWH_IMAGE_TEXT_MAX + 1 is enough for any. May be
 *               NULL when size is 0
 * @param size   bytes of text; what is longer is cut, as by snprintf()
 * @return bytes of the whole text, without the NUL
 * @since 0.1.0
 */
ADMWH_API size_t admwh_image_format(const struct admwh_image *image, char *text, size_t size);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
