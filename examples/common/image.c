/* SPDX-License-Identifier: MIT */
/* References of container images. See image.h. */
#include "common/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { PORT_MAX = 5, DIGEST_LEAST = 32 };

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static const char malformed[] = "invalid reference format";

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* How many of these characters stand at the beginning. */
static size_t span(const char *at, const char *end, const char *set)
{
	const char *start = at;

	while (at < end && is_one_of(*at, set))
		at++;
	return (size_t)(at - start);
}

/* Letters and digits, between them ".", "_", "__" or any number of "-". */
static bool is_path_component(const char *at, const char *end)
{
	for (;;) {
		size_t len = span(at, end, LOWER DIGITS);

		if (len == 0)
			return false;
		at += len;
		if (at == end)
			return true;
		if (*at == '-')
			at += span(at, end, "-");
		else if (*at == '.' || *at == '_')
			at += at[0] == '_' && at + 1 < end && at[1] == '_' ? 2 : 1;
		else
			return false;
	}
}

static bool is_path(const char *at, const char *end)
{
	for (;;) {
		const char *slash = memchr(at, '/', (size_t)(end - at));

		if (!is_path_component(at, slash ? slash : end))
			return false;
		if (!slash)
			return true;
		at = slash + 1;
	}
}

/* Letters, digits and inner "-". */
static bool is_label(const char *at, const char *end)
{
	if (at == end || *at == '-' || end[-1] == '-')
		return false;
	return span(at, end, LOWER UPPER DIGITS "-") == (size_t)(end - at);
}

/* 0443 is 443 to who connects, and another text to who compares. */
static bool is_port(const char *at, const char *end)
{
	return at < end && *at != '0' && end - at <= PORT_MAX &&
	       span(at, end, DIGITS) == (size_t)(end - at);
}

/* Labels joined by "."; then perhaps ":" and a port. */
static bool is_host(const char *at, const char *end)
{
	const char *colon = memchr(at, ':', (size_t)(end - at));
	const char *name_end = colon ? colon : end;

	if (colon && !is_port(colon + 1, end))
		return false;
	for (;;) {
		const char *dot = memchr(at, '.', (size_t)(name_end - at));

		if (!is_label(at, dot ? dot : name_end))
			return false;
		if (!dot)
			return true;
		at = dot + 1;
	}
}

static bool is_tag(struct image_part tag)
{
	const char *end = tag.text + tag.len;

	return tag.len > 0 && tag.len <= IMAGE_TAG_MAX && *tag.text != '.' && *tag.text != '-' &&
	       span(tag.text, end, LOWER UPPER DIGITS "_.-") == (size_t)tag.len;
}

/* The algorithms are those that have a meaning to anyone who pulls images. */
static const char *check_digest(const char *digest, enum image_reader reader)
{
	static const struct {
		const char *name;
		size_t hex;
	} algorithms[] = {{"sha256", 64}, {"sha384", 96}, {"sha512", 128}};
	const char *letters = reader == IMAGE_AS_DOCKER ? DIGITS "abcdef" : DIGITS "abcdefABCDEF";
	const char *colon = strchr(digest, ':');
	size_t hex = colon ? strspn(colon + 1, letters) : 0;

	if (!colon || hex < DIGEST_LEAST || colon[1 + hex])
		return malformed;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strlen(algorithms[i].name) == (size_t)(colon - digest) &&
		    memcmp(algorithms[i].name, digest, (size_t)(colon - digest)) == 0)
			return hex == algorithms[i].hex ? NULL : "invalid checksum digest length";
	return "unsupported digest algorithm";
}

/* Is what stands before the first "/" a host? If not, it belongs to the path. */
static bool names_host(const char *at, const char *slash, enum image_reader reader)
{
	size_t len = (size_t)(slash - at);

	for (const char *c = at; c < slash; c++)
		if (is_one_of(*c, ".:") || (reader == IMAGE_AS_DOCKER && is_one_of(*c, UPPER)))
			return true;
	return len == strlen("localhost") && memcmp(at, "localhost", len) == 0;
}

static bool set_host(struct image *image, const char *at, const char *end)
{
	size_t len = (size_t)(end - at);

	if (len > IMAGE_HOST_MAX || !is_host(at, end))
		return false;
	for (size_t i = 0; i < len; i++)
		image->host[i] = is_one_of(at[i], UPPER) ? (char)(at[i] - 'A' + 'a') : at[i];
	image->host[len] = '\0';
	if (strcmp(image->host, "index.docker.io") == 0)
		memcpy(image->host, "docker.io", sizeof("docker.io"));
	return true;
}

/* Host and path. */
static const char *split_name(struct image *image, const char *at, const char *end,
			      enum image_reader reader)
{
	const char *slash = memchr(at, '/', (size_t)(end - at));

	memcpy(image->host, "docker.io", sizeof("docker.io"));
	if (slash && names_host(at, slash, reader)) {
		if (!set_host(image, at, slash))
			return malformed;
		at = slash + 1;
	}
	if (!is_path(at, end))
		return malformed;
	if (end - at > IMAGE_PATH_MAX)
		return "repository name must not be more than 255 characters";
	image->path = (struct image_part){(int)(end - at), at};
	image->folder =
	    strcmp(image->host, "docker.io") == 0 && !memchr(at, '/', (size_t)(end - at))
		? "library/"
		: "";
	return NULL;
}

const char *image_parse(struct image *image, const char *reference, enum image_reader reader)
{
	const char *at = strchr(reference, '@');
	const char *end = at ? at : reference + strlen(reference);
	const char *name_end = end, *error;

	*image = (struct image){0};
	if (!*reference)
		return "repository name must have at least one component";
	/* A ":" behind the last "/" begins a tag; before it, a port. */
	for (const char *c = end; c > reference && c[-1] != '/'; c--)
		if (c[-1] == ':')
			name_end = c - 1;
	if (name_end < end) {
		if (end - name_end - 1 > IMAGE_TAG_MAX)
			return malformed;
		image->tag = (struct image_part){(int)(end - name_end - 1), name_end + 1};
		if (!is_tag(image->tag))
			return malformed;
	}
	error = at ? check_digest(at + 1, reader) : NULL;
	if (error)
		return error;
	if (at)
		image->digest = (struct image_part){(int)strlen(at + 1), at + 1};
	return split_name(image, reference, name_end, reader);
}
