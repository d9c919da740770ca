/* SPDX-License-Identifier: MIT */
/* References of container images. See image.h. */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#include "common/image.h"
#include "common/text.h"

static char *copy(struct awh_image_part part)
{
	return part.text ? strndup(part.text, part.len) : NULL;
}

/* The registry as it is compared: ":443" is dropped, as it is the default port. */
static char *copy_registry(const struct awh_image *parts)
{
	char *registry = malloc(parts->domain.len + 1);
	size_t len;

	if (!registry)
		return NULL;
	awh_image_domain(parts, registry);
	len = strlen(registry);
	if (len > 4 && strcmp(registry + len - 4, ":443") == 0)
		registry[len - 4] = '\0';
	if (strcmp(registry, "index.docker.io") == 0)
		memcpy(registry, "docker.io", sizeof("docker.io"));
	return registry;
}

static char *copy_repository(const struct awh_image *parts, const char *registry)
{
	/* Without its port the registry may turn out to be Docker Hub. */
	bool is_official =
	    strcmp(registry, "docker.io") == 0 && !memchr(parts->path.text, '/', parts->path.len);
	struct text repository = {0};

	text_add(&repository, "%s", is_official ? "library/" : "");
	text_add_bytes(&repository, parts->path.text, parts->path.len);
	return text_take(&repository);
}

/* With a tag or a digest: where neither is given, "latest" is meant. */
static bool fill(struct kw_image *image, const struct awh_image *parts)
{
	static const struct awh_image_part latest = {"latest", 6};
	const struct awh_image_part *tag =
	    parts->tag.text || parts->digest.text ? &parts->tag : &latest;

	image->registry = copy_registry(parts);
	if (!image->registry)
		return false;
	image->repository = copy_repository(parts, image->registry);
	image->tag = copy(*tag);
	image->digest = copy(parts->digest);
	return image->repository && (image->tag || !tag->text) &&
	       (image->digest || !parts->digest.text);
}

int kw_image_parse(struct kw_image *image, const char *text, const char **error)
{
	struct awh_image parts;

	*image = (struct kw_image){0};
	*error = awh_image_parse(&parts, text);
	if (!*error && !fill(image, &parts)) {
		*error = "out of memory";
		kw_image_deinit(image);
	}
	return *error ? -1 : 0;
}

void kw_image_deinit(struct kw_image *image)
{
	free(image->registry);
	free(image->repository);
	free(image->tag);
	free(image->digest);
	*image = (struct kw_image){0};
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool kw_image_equal(const struct kw_image *a, const struct kw_image *b)
{
	return same(a->registry, b->registry) && same(a->repository, b->repository) &&
	       same(a->tag, b->tag) && same(a->digest, b->digest);
}

bool kw_wildcard_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			/* The last star takes one character more; earlier ones need not change. */
			pattern = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
