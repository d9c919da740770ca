/* SPDX-License-Identifier: MIT */
/* References of container images. See image.h. */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#include "common/image.h"
#include "common/text.h"

static char *copy(struct image_part part)
{
	return part.text ? strndup(part.text, (size_t)part.len) : NULL;
}

/* A port that is meant anyway goes, and what is Docker Hub then is completed as that. */
static void drop_port(struct image *parts)
{
	size_t len = strlen(parts->host);

	if (len <= 4 || strcmp(parts->host + len - 4, ":443") != 0)
		return;
	parts->host[len - 4] = '\0';
	if (strcmp(parts->host, "index.docker.io") == 0)
		memcpy(parts->host, "docker.io", sizeof("docker.io"));
	if (strcmp(parts->host, "docker.io") == 0 &&
	    !memchr(parts->path.text, '/', (size_t)parts->path.len))
		parts->folder = "library/";
}

/* With a tag or a digest: where neither is given, "latest" is meant. */
static bool fill(struct kw_image *image, const struct image *parts)
{
	static const struct image_part latest = {6, "latest"};
	const struct image_part tag = parts->tag.text || parts->digest.text ? parts->tag : latest;
	struct text repository = {0};

	text_add(&repository, "%s%.*s", parts->folder, parts->path.len, parts->path.text);
	image->registry = strdup(parts->host);
	image->repository = text_take(&repository);
	image->tag = copy(tag);
	image->digest = copy(parts->digest);
	return image->registry && image->repository && (image->tag || !tag.text) &&
	       (image->digest || !parts->digest.text);
}

int kw_image_parse(struct kw_image *image, const char *text, const char **error)
{
	struct image parts;

	*image = (struct kw_image){0};
	*error = image_parse(&parts, text, IMAGE_AS_OCI_CLIENT);
	if (!*error) {
		drop_port(&parts);
		if (!fill(image, &parts))
			*error = "out of memory";
	}
	if (*error)
		kw_image_deinit(image);
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
