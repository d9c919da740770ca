/* SPDX-License-Identifier: MIT */
#include "images.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The grammar is that of the OCI distribution's references. */
enum { NAME_MAX_LEN = 255, TAG_MAX_LEN = 128, DIGEST_MIN_HEX = 32, DIGEST_MAX_LEN = 200 };

/* Not isalnum() and its like: those ask the locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_alnum(char c)
{
	return is_digit(c) || is_lower(c) || is_upper(c);
}

static char to_lower(char c)
{
	return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

/* Labels of letters, digits and inner "-", dots between them; then a port, maybe. */
static bool is_host(const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t name = colon ? (size_t)(colon - text) : len;

	for (size_t i = 0; i < name; i++) {
		bool edge = i == 0 || i + 1 == name;

		if (is_alnum(text[i]) || (text[i] == '-' && !edge))
			continue;
		if (text[i] != '.' || edge || !is_alnum(text[i - 1]) || !is_alnum(text[i + 1]))
			return false;
	}
	for (size_t i = name + 1; i < len; i++)
		if (!is_digit(text[i]) || i > name + 5)
			return false;
	return name > 0 && (!colon || name + 1 < len);
}

/* What is between two runs of letters and digits: ".", "_", "__" or dashes. */
static bool is_separator(const char *text, size_t len)
{
	size_t dashes = 0;

	while (dashes < len && text[dashes] == '-')
		dashes++;
	return dashes == len || (len == 1 && (*text == '.' || *text == '_')) ||
	       (len == 2 && text[0] == '_' && text[1] == '_');
}

static bool is_path(const char *text, size_t len)
{
	size_t run = 0; /* of what is neither letter nor digit */
	bool started = false;

	for (size_t i = 0; i < len; i++) {
		if (is_digit(text[i]) || is_lower(text[i])) {
			if (run && !is_separator(text + i - run, run))
				return false;
			started = true;
			run = 0;
		} else if (text[i] == '/') {
			if (!started || run)
				return false;
			started = false;
		} else {
			if (!started)
				return false;
			run++;
		}
	}
	return started && run == 0;
}

static bool is_tag(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(text[i]) && text[i] != '_' &&
		    (i == 0 || (text[i] != '.' && text[i] != '-')))
			return false;
	return len >= 1 && len <= TAG_MAX_LEN;
}

/* "sha256:" and hexadecimal digits. */
static bool is_digest(const char *text)
{
	const char *colon = strchr(text, ':');
	size_t digits = 0;

	if (!colon || colon == text || strlen(text) > DIGEST_MAX_LEN)
		return false;
	for (const char *c = text; c < colon; c++)
		if (!is_digit(*c) && !is_lower(*c) && !strchr("+._-", *c))
			return false;
	for (const char *c = colon + 1; *c; c++, digits++)
		if (!is_digit(*c) && !(*c >= 'a' && *c <= 'f'))
			return false;
	if (colon - text == 6 && memcmp(text, "sha256", 6) == 0)
		return digits == 64;
	return digits >= DIGEST_MIN_HEX;
}

/* Is what stands before the first "/" a host? Docker's own rule. */
static bool has_host(const char *name, size_t len, size_t *host)
{
	const char *slash = memchr(name, '/', len);

	*host = slash ? (size_t)(slash - name) : 0;
	if (!slash)
		return false;
	for (size_t i = 0; i < *host; i++)
		if (name[i] == '.' || name[i] == ':' || is_upper(name[i]))
			return true;
	return *host == strlen("localhost") && memcmp(name, "localhost", *host) == 0;
}

/* Host and path in full. False when they are none. */
static bool write_name(const char *name, size_t len, char full[IMAGE_MAX])
{
	char host[NAME_MAX_LEN + 1] = "docker.io";
	size_t host_len;

	if (len > NAME_MAX_LEN)
		return false;
	if (has_host(name, len, &host_len)) {
		if (!is_host(name, host_len))
			return false;
		for (size_t i = 0; i < host_len; i++)
			host[i] = to_lower(name[i]);
		host[host_len] = '\0';
		if (strcmp(host, "index.docker.io") == 0)
			strcpy(host, "docker.io");
		name += host_len + 1;
		len -= host_len + 1;
	}
	if (!is_path(name, len))
		return false;
	snprintf(full, IMAGE_MAX, "%s/%s%.*s", host,
		 strcmp(host, "docker.io") == 0 && !memchr(name, '/', len) ? "library/" : "",
		 (int)len, name);
	return true;
}

int image_normalize(const char *reference, char full[IMAGE_MAX])
{
	const char *digest = strchr(reference, '@');
	size_t len = digest ? (size_t)(digest - reference) : strlen(reference);
	size_t name = len;
	const char *tag = "latest";
	size_t tag_len = strlen(tag);

	/* A ":" behind the last "/" begins a tag; before it, a port. */
	for (size_t i = len; i > 0 && reference[i - 1] != '/'; i--) {
		if (reference[i - 1] != ':')
			continue;
		name = i - 1;
		tag = reference + i;
		tag_len = len - i;
	}
	if ((digest && !is_digest(digest + 1)) || !is_tag(tag, tag_len) ||
	    !write_name(reference, name, full))
		return -1;
	name = strlen(full);
	if (digest)
		snprintf(full + name, IMAGE_MAX - name, "%s", digest);
	else
		snprintf(full + name, IMAGE_MAX - name, ":%.*s", (int)tag_len, tag);
	return 0;
}
