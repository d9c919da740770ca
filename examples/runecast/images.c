/* SPDX-License-Identifier: MIT */
#include "images.h"

#include <stdio.h>

#include "common/image.h"

/* Host and path with "/library/" between them, then "@" and a digest, or ":" and a tag; NUL. */
_Static_assert(IMAGE_MAX >= IMAGE_HOST_MAX + 9 + IMAGE_PATH_MAX + 1 + IMAGE_DIGEST_MAX + 1,
	       "every reference fits");

int image_normalize(const char *reference, char full[IMAGE_MAX])
{
	static const struct image_part latest = {6, "latest"};
	struct image image;
	struct image_part version;

	if (image_parse(&image, reference, IMAGE_AS_DOCKER))
		return -1;
	version = image.digest.text ? image.digest : image.tag.text ? image.tag : latest;
	snprintf(full, IMAGE_MAX, "%s/%s%.*s%c%.*s", image.host, image.folder, image.path.len,
		 image.path.text, image.digest.text ? '@' : ':', version.len, version.text);
	return 0;
}
