/* SPDX-License-Identifier: MIT */
/* The public image: a reference whose parts are copied, and what is asked of it. */
#include <admwh/image.h>

#include <stdio.h>
#include <string.h>

#include "json/value.h"
#include "kube/reference.h"

static const char registry_too_long[] = "registry must not be more than 259 characters";

/* Room for what a reference may have there. */
static void copy(char *to, const char *prefix, struct awh_part part)
{
	const size_t len = strlen(prefix);

	memcpy(to, prefix, len);
	if (part.len > 0)
		memcpy(to + len, part.text, part.len);
	to[len + part.len] = '\0';
}

static void fill(struct admwh_image *image, const struct awh_reference *reference)
{
	awh_reference_domain(reference, image->registry);
	copy(image->repository, reference->prefix, reference->path);
	copy(image->tag, "", reference->tag);
	copy(image->digest, "", reference->digest);
}

/* 0, or ADMWH_E_INVAL with image->error. */
static int parse(struct admwh_image *image, const char *text, size_t len)
{
	struct awh_reference reference = {.prefix = ""};

	*image = (struct admwh_image){.error = awh_reference_parse(&reference, text, len)};
	if (!image->error && reference.domain.len > ADMWH_IMAGE_REGISTRY_MAX)
		image->error = registry_too_long;
	if (image->error)
		return ADMWH_E_INVAL;
	fill(image, &reference);
	return 0;
}

/* The length of a registry without the port that is meant anyway. */
static size_t registry_len(const char *registry)
{
	const size_t len = strlen(registry);

	return len > 4 && strcmp(registry + len - 4, ":443") == 0 ? len - 4 : len;
}

static bool is_same_registry(const char *a, const char *b)
{
	const size_t len = registry_len(a);

	return len > 0 && len == registry_len(b) && memcmp(a, b, len) == 0;
}

/* Is it, or is it below, the path? Any is, without a path. */
static bool is_within(const char *repository, struct awh_part path)
{
	if (path.len == 0)
		return true;
	return strncmp(repository, path.text, path.len) == 0 &&
	       (repository[path.len] == '\0' || repository[path.len] == '/');
}

/* NULL, or why it is none. */
static const char *parse_prefix(struct awh_reference *reference, const char *prefix)
{
	const char *error = awh_reference_parse_prefix(reference, prefix ? prefix : "",
						       prefix ? strlen(prefix) : 0);

	if (!error && reference->domain.len > ADMWH_IMAGE_REGISTRY_MAX)
		error = registry_too_long;
	return error;
}

static const char *tag_of(const struct admwh_image *image)
{
	return image->tag[0] ? image->tag : "latest";
}

static bool is_reference(const struct admwh_image *image)
{
	return image && image->registry[0];
}

int admwh_image_parse(struct admwh_image *image, struct admwh_value value)
{
	const char *text;
	size_t len;
	int err;

	if (!image)
		return ADMWH_E_INVAL;
	*image = (struct admwh_image){.error = "there is no text"};
	if (!admwh_value_is_set(value))
		return ADMWH_E_NOT_FOUND;
	if (admwh_value_kind(value) != ADMWH_STRING) {
		awh_value_fail_kind(value, "a string");
		return ADMWH_E_INVAL;
	}
	text = admwh_value_text(value, &len);
	if (!text)
		return ADMWH_E_NOMEM;
	err = parse(image, text, len);
	if (err < 0)
		awh_text_fail(awh_value_text(value), value.item, ADMWH_E_HANDLER,
			      "expected an image reference: %s", image->error);
	return err;
}

int admwh_image_parse_text(struct admwh_image *image, const char *text)
{
	if (!image)
		return ADMWH_E_INVAL;
	return parse(image, text ? text : "", text ? strlen(text) : 0);
}

const char *admwh_image_prefix_error(const char *prefix)
{
	struct awh_reference reference;

	return parse_prefix(&reference, prefix);
}

bool admwh_image_matches(const struct admwh_image *image, const char *prefix)
{
	char registry[ADMWH_IMAGE_REGISTRY_MAX + 1];
	struct awh_reference reference;

	if (!is_reference(image) || parse_prefix(&reference, prefix))
		return false;
	awh_reference_domain(&reference, registry);
	return is_same_registry(image->registry, registry) &&
	       is_within(image->repository, reference.path);
}

bool admwh_image_matches_any(const struct admwh_image *image, const char *const *prefixes)
{
	for (; prefixes && *prefixes; prefixes++)
		if (admwh_image_matches(image, *prefixes))
			return true;
	return false;
}

bool admwh_image_equal(const struct admwh_image *a, const struct admwh_image *b)
{
	if (!is_reference(a) || !is_reference(b) || strcmp(a->repository, b->repository) != 0 ||
	    !is_same_registry(a->registry, b->registry))
		return false;
	if (a->digest[0] || b->digest[0])
		return strcmp(a->digest, b->digest) == 0;
	return strcmp(tag_of(a), tag_of(b)) == 0;
}

/*
 * A registry that nothing but a capital letter tells from a part of a path ("Team/app") has one: of
 * "team/app" the registry would be docker.io.
 */
static void show_registry(char *shown, const char *registry)
{
	char *letter;

	copy(shown, "", (struct awh_part){registry, strlen(registry)});
	letter = strpbrk(shown, "abcdefghijklmnopqrstuvwxyz");
	if (letter && !strpbrk(shown, ".:") && strcmp(shown, "localhost") != 0)
		*letter = (char)(*letter - 'a' + 'A');
}

size_t admwh_image_format(const struct admwh_image *image, char *text, size_t size)
{
	char registry[ADMWH_IMAGE_REGISTRY_MAX + 1];
	int len;

	if (!is_reference(image)) {
		if (size > 0)
			text[0] = '\0';
		return 0;
	}
	show_registry(registry, image->registry);
	len = snprintf(text, size, "%s/%s%s%s%s%s", registry, image->repository,
		       image->tag[0] ? ":" : "", image->tag, image->digest[0] ? "@" : "",
		       image->digest);
	return len > 0 ? (size_t)len : 0;
}
