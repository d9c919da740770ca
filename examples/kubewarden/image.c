/* SPDX-License-Identifier: MIT */
/* References of container images. See image.h. */
#include "image.h"

#include <stdio.h>
#include <string.h>

/* Without its port the registry may turn out to be Docker Hub. */
static int complete_hub(struct admwh_image *image)
{
	char repository[ADMWH_IMAGE_REPOSITORY_MAX + 1];
	int len;

	memcpy(image->registry, "docker.io", sizeof("docker.io"));
	if (strchr(image->repository, '/'))
		return 0;
	len = snprintf(repository, sizeof(repository), "library/%s", image->repository);
	if (len < 0 || (size_t)len >= sizeof(repository))
		return -1;
	memcpy(image->repository, repository, (size_t)len + 1);
	return 0;
}

static int complete(struct admwh_image *image)
{
	const size_t len = strlen(image->registry);

	if (!image->tag[0] && !image->digest[0])
		memcpy(image->tag, "latest", sizeof("latest"));
	if (len > 4 && strcmp(image->registry + len - 4, ":443") == 0)
		image->registry[len - 4] = '\0';
	if (strcmp(image->registry, "docker.io") == 0 ||
	    strcmp(image->registry, "index.docker.io") == 0)
		return complete_hub(image);
	return 0;
}

int kw_image_parse(struct admwh_image *image, const char *text, const char **error)
{
	if (admwh_image_parse_text(image, text)) {
		*error = image->error;
		return -1;
	}
	if (complete(image)) {
		*error = "repository name must not be more than 255 characters";
		return -1;
	}
	*error = NULL;
	return 0;
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
