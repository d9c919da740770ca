/* SPDX-License-Identifier: MIT */
/* References of container images. See image.h. */
#include "image.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

enum { REPOSITORY_MAX = 255, TAG_MAX = 128, DIGEST_LEAST = 32, TEXT_MAX = 4096 };

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* Letters and digits, between them ".", "_", "__" or any number of "-". */
static bool is_path_component(const char *at, const char *end)
{
	if (at == end)
		return false;
	for (;;) {
		const char *start = at;

		while (at < end && is_one_of(*at, LOWER DIGITS))
			at++;
		if (at == start)
			return false;
		if (at == end)
			return true;
		if (*at == '-')
			while (at < end && *at == '-')
				at++;
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
	while (at < end && is_one_of(*at, LOWER UPPER DIGITS "-"))
		at++;
	return at == end;
}

/* Labels joined by "."; then perhaps ":" and a port. */
static bool is_host(const char *at, const char *end)
{
	const char *colon = memchr(at, ':', (size_t)(end - at));
	const char *name_end = colon ? colon : end;

	for (const char *c = colon ? colon + 1 : end; c < end; c++)
		if (!is_one_of(*c, DIGITS))
			return false;
	if (colon && colon + 1 == end)
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

static bool is_tag(const char *tag)
{
	size_t len = strspn(tag, LOWER UPPER DIGITS "_.-");

	return len > 0 && len <= TAG_MAX && !tag[len] && *tag != '.' && *tag != '-';
}

/* What is wrong with a digest; NULL when nothing. */
static const char *check_digest(const char *digest)
{
	static const struct {
		const char *name;
		size_t hex;
	} algorithms[] = {{"sha256", 64}, {"sha384", 96}, {"sha512", 128}};
	const char *colon = strchr(digest, ':');
	size_t hex = colon ? strspn(colon + 1, DIGITS "abcdefABCDEF") : 0;

	if (!colon || hex < DIGEST_LEAST || colon[1 + hex])
		return "invalid reference format";
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strlen(algorithms[i].name) == (size_t)(colon - digest) &&
		    memcmp(algorithms[i].name, digest, (size_t)(colon - digest)) == 0)
			return hex == algorithms[i].hex ? NULL : "invalid checksum digest length";
	return "unsupported digest algorithm";
}

/* Cut the text at the last separator behind the last "/". What was behind it, or NULL. */
static char *cut(char *text, char separator)
{
	char *slash = strrchr(text, '/');
	char *at = strchr(slash ? slash : text, separator);

	if (!at)
		return NULL;
	*at = '\0';
	return at + 1;
}

/* Registry and repository of a name, as Docker completes it. */
static const char *split_name(struct kw_image *image, const char *name)
{
	const char *slash = strchr(name, '/'), *end = name + strlen(name);
	size_t len = slash ? (size_t)(slash - name) : 0;
	bool has_host = slash && (memchr(name, '.', len) || memchr(name, ':', len) ||
				  (len == 9 && memcmp(name, "localhost", 9) == 0));
	const char *rest = has_host ? slash + 1 : name;
	struct text repository = {0};

	if ((has_host && !is_host(name, slash)) || !is_path(rest, end))
		return "invalid reference format";
	image->registry = has_host ? strndup(name, len) : strdup("docker.io");
	if (!image->registry)
		return "out of memory";
	for (char *c = image->registry; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (strcmp(image->registry, "index.docker.io") == 0)
		memcpy(image->registry, "docker.io", sizeof("docker.io"));
	if (strcmp(image->registry, "docker.io") == 0 && !strchr(rest, '/'))
		text_add(&repository, "library/");
	text_add(&repository, "%s", rest);
	image->repository = text_take(&repository);
	if (!image->repository)
		return "out of memory";
	return strlen(image->repository) > REPOSITORY_MAX
		   ? "repository name must not be more than 255 characters"
		   : NULL;
}

static const char *parse(struct kw_image *image, char *text)
{
	const char *digest = cut(text, '@'), *tag, *error;

	tag = cut(text, ':');
	if ((tag && !is_tag(tag)) || !*text)
		return "invalid reference format";
	error = digest ? check_digest(digest) : NULL;
	if (!error)
		error = split_name(image, text);
	if (error)
		return error;
	if (!tag && !digest)
		tag = "latest";
	image->tag = tag ? strdup(tag) : NULL;
	image->digest = digest ? strdup(digest) : NULL;
	return (tag && !image->tag) || (digest && !image->digest) ? "out of memory" : NULL;
}

int kw_image_parse(struct kw_image *image, const char *text, const char **error)
{
	char *copy;

	*image = (struct kw_image){0};
	if (!*text) {
		*error = "repository name must have at least one component";
		return -1;
	}
	if (strlen(text) > TEXT_MAX) {
		*error = "invalid reference format";
		return -1;
	}
	copy = strdup(text);
	*error = copy ? parse(image, copy) : "out of memory";
	free(copy);
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
