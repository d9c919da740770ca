/* SPDX-License-Identifier: MIT */
#include "images.h"

#include <string.h>

#include <admwh/image.h>

bool image_normalize(const char *reference, char **full)
{
	char text[ADMWH_IMAGE_TEXT_MAX + 1];
	struct admwh_image image;

	if (admwh_image_parse_text(&image, reference))
		return false;
	if (image.digest[0])
		image.tag[0] = '\0';
	else if (!image.tag[0])
		memcpy(image.tag, "latest", sizeof("latest"));
	admwh_image_format(&image, text, sizeof(text));
	*full = strdup(text);
	return true;
}
