/* SPDX-License-Identifier: MIT */
#include "images.h"

#include <stdlib.h>

#include "common/image.h"
#include "common/text.h"

static char *write_full(const struct awh_image *image, const char *domain)
{
	static const struct awh_image_part latest = {"latest", 6};
	const struct awh_image_part *version = &latest;
	struct text full = {0};

	if (image->digest.text)
		version = &image->digest;
	else if (image->tag.text)
		version = &image->tag;
	text_add(&full, "%s/%s", domain, image->prefix);
	text_add_bytes(&full, image->path.text, image->path.len);
	text_add(&full, image->digest.text ? "@" : ":");
	text_add_bytes(&full, version->text, version->len);
	return text_take(&full);
}

bool image_normalize(const char *reference, char **full)
{
	struct awh_image image;
	char *domain;

	if (awh_image_parse(&image, reference))
		return false;
	domain = malloc(image.domain.len + 1);
	*full = NULL;
	if (domain) {
		awh_image_domain(&image, domain);
		*full = write_full(&image, domain);
	}
	free(domain);
	return true;
}
