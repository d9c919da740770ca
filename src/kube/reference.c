/* SPDX-License-Identifier: MIT */
#include "kube/reference.h"

#include <stdbool.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define LOWER_HEX DIGITS "abcdef"
#define HEX LOWER_HEX "ABCDEF"

enum { IDENTIFIER_LEN = 64, DIGEST_HEX_MIN = 32 };

const char awh_reference_docker_domain[] = "docker.io";

/* The words of distribution/reference and of opencontainers/go-digest. */
static const char empty[] = "repository name must have at least one component";
static const char malformed[] = "invalid reference format";
static const char upper_case[] = "repository name must be lowercase";
static const char too_long[] = "repository name must not be more than 255 characters";
static const char identifier[] = "cannot specify 64-byte hexadecimal strings";
static const char digest_algorithm[] = "unsupported digest algorithm";
static const char digest_length[] = "invalid checksum digest length";
static const char no_registry[] = "expected a registry, as in registry.example.com/team";
static const char digest_format[] = "invalid checksum digest format";

static struct awh_part part(const char *text, const char *end)
{
	return (struct awh_part){text, (size_t)(end - text)};
}

static const char *end_of(struct awh_part text)
{
	return text.text + text.len;
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static const char *find(struct awh_part text, char c)
{
	return memchr(text.text, c, text.len);
}

static bool has_one_of(struct awh_part text, const char *set)
{
	for (size_t i = 0; i < text.len; i++)
		if (is_one_of(text.text[i], set))
			return true;
	return false;
}

/* The number of characters of the set at the beginning. */
static size_t span(struct awh_part text, const char *set)
{
	size_t n = 0;

	while (n < text.len && is_one_of(text.text[n], set))
		n++;
	return n;
}

static bool consists_of(struct awh_part text, const char *set)
{
	return text.len > 0 && span(text, set) == text.len;
}

static char lower(char c)
{
	return is_one_of(c, UPPER) ? (char)(c - 'A' + 'a') : c;
}

/* Equal to a text in lower case, in any case. */
static bool is_in_any_case(struct awh_part text, const char *wanted)
{
	for (size_t i = 0; i < text.len; i++)
		if (!wanted[i] || lower(text.text[i]) != wanted[i])
			return false;
	return !wanted[text.len];
}

typedef bool check_fn(struct awh_part text);

/* Does the check hold for each part between the separators? */
static bool each(struct awh_part text, char separator, check_fn *check)
{
	for (;;) {
		const char *found = find(text, separator);

		if (!found)
			return check(text);
		if (!check(part(text.text, found)))
			return false;
		text = part(found + 1, end_of(text));
	}
}

/* The length of a separator of a path component: ".", "_", "__" or any number of "-"; 0: none. */
static size_t separator_len(struct awh_part text)
{
	size_t dashes = span(text, "-"), underscores = span(text, "_");

	if (dashes > 0)
		return dashes;
	if (underscores > 0)
		return underscores < 2 ? underscores : 2;
	return text.len > 0 && *text.text == '.';
}

static bool is_path_component(struct awh_part text)
{
	for (;;) {
		size_t len = span(text, LOWER DIGITS);

		if (len == 0)
			return false;
		if (len == text.len)
			return true;
		text = part(text.text + len, end_of(text));
		text = part(text.text + separator_len(text), end_of(text));
	}
}

static bool is_label(struct awh_part text)
{
	return consists_of(text, LOWER UPPER DIGITS "-") && *text.text != '-' &&
	       end_of(text)[-1] != '-';
}

/* An address in brackets has neither a zone (RFC 6874) nor an IPv4 address at its end. */
static bool is_ipv6(struct awh_part text)
{
	return text.len > 2 && *text.text == '[' && end_of(text)[-1] == ']' &&
	       consists_of(part(text.text + 1, end_of(text) - 1), HEX ":");
}

/* Where ":" and the port begin, or the end. */
static const char *port_of(struct awh_part domain)
{
	const char *bracket = find(domain, ']');
	const char *host_end = bracket ? bracket : domain.text;
	const char *colon = find(part(host_end, end_of(domain)), ':');

	return colon ? colon : end_of(domain);
}

static bool is_domain(struct awh_part text)
{
	const char *port = port_of(text);
	struct awh_part host = part(text.text, port);

	if (port < end_of(text) && !consists_of(part(port + 1, end_of(text)), DIGITS))
		return false;
	return is_ipv6(host) || each(host, '.', is_label);
}

static bool is_tag(struct awh_part tag)
{
	return tag.len <= AWH_REFERENCE_TAG_MAX && consists_of(tag, LOWER UPPER DIGITS "_.-") &&
	       !is_one_of(*tag.text, ".-");
}

/* A letter, then letters and digits. */
static bool is_algorithm_component(struct awh_part text)
{
	return consists_of(text, LOWER UPPER DIGITS) && !is_one_of(*text.text, DIGITS);
}

static bool is_algorithm(struct awh_part text)
{
	for (;;) {
		size_t len = span(text, LOWER UPPER DIGITS);

		if (!is_algorithm_component(part(text.text, text.text + len)))
			return false;
		if (len == text.len)
			return true;
		if (!is_one_of(text.text[len], "-_+."))
			return false;
		text = part(text.text + len + 1, end_of(text));
	}
}

/* The algorithms are those that go-digest registers. */
static const char *check_digest(struct awh_part digest)
{
	static const struct {
		const char *name;
		size_t hex;
	} algorithms[] = {{"sha256", 64}, {"sha384", 96}, {"sha512", 128}};
	const char *colon = find(digest, ':');
	struct awh_part name, hex;

	if (!colon)
		return malformed;
	name = part(digest.text, colon);
	hex = part(colon + 1, end_of(digest));
	if (!is_algorithm(name) || hex.len < DIGEST_HEX_MIN || !consists_of(hex, HEX))
		return malformed;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (name.len != strlen(algorithms[i].name) ||
		    memcmp(name.text, algorithms[i].name, name.len) != 0)
			continue;
		if (hex.len != algorithms[i].hex)
			return digest_length;
		return consists_of(hex, LOWER_HEX) ? NULL : digest_format;
	}
	return has_one_of(name, UPPER) ? digest_format : digest_algorithm;
}

/* Is the first component a domain? If not, it is part of the path. */
static bool names_domain(struct awh_part first)
{
	/* Paths are in lower case, so "Team/app" can only be a domain. */
	return has_one_of(first, ".:" UPPER) || is_in_any_case(first, "localhost");
}

static bool is_docker(struct awh_part domain)
{
	return is_in_any_case(domain, awh_reference_docker_domain) ||
	       is_in_any_case(domain, "index.docker.io");
}

static struct awh_part docker_domain(void)
{
	return part(awh_reference_docker_domain,
		    awh_reference_docker_domain + strlen(awh_reference_docker_domain));
}

/* Domain and the rest: path and tag. */
static struct awh_part split_domain(struct awh_reference *image, struct awh_part name)
{
	const char *slash = find(name, '/');

	image->domain.text = NULL;
	if (slash && names_domain(part(name.text, slash))) {
		image->domain = part(name.text, slash);
		name = part(slash + 1, end_of(name));
	}
	if (!image->domain.text || is_docker(image->domain)) {
		image->domain = docker_domain();
		image->prefix = find(name, '/') ? "" : "library/";
	} else {
		image->prefix = "";
	}
	return name;
}

/* Path and tag: a ":" begins a tag, as the domain and its port are split off. */
static const char *split_tag(struct awh_reference *image, struct awh_part text)
{
	const char *colon = find(text, ':');

	image->path = colon ? part(text.text, colon) : text;
	image->tag = (struct awh_part){NULL, 0};
	if (has_one_of(image->path, UPPER))
		return upper_case;
	if (!each(image->path, '/', is_path_component))
		return malformed;
	if (!colon)
		return NULL;
	image->tag = part(colon + 1, end_of(text));
	return is_tag(image->tag) ? NULL : malformed;
}

static const char *check_name(const struct awh_reference *image)
{
	size_t path = strlen(image->prefix) + image->path.len;

	if (!is_domain(image->domain)) {
		if (!is_path_component(image->domain))
			return malformed;
		path += image->domain.len + 1; /* as distribution/reference counts it */
	}
	return path > AWH_REFERENCE_PATH_MAX ? too_long : NULL;
}

static bool is_identifier(struct awh_part text)
{
	return text.len == IDENTIFIER_LEN && consists_of(text, LOWER_HEX);
}

const char *awh_reference_parse(struct awh_reference *image, const char *text, size_t len)
{
	struct awh_part whole = {text, len}, rest;
	struct awh_reference read = {.digest = {NULL, 0}};
	const char *at = find(whole, '@'), *error;

	if (whole.len == 0)
		return empty;
	if (is_identifier(whole))
		return identifier;
	rest = split_domain(&read, at ? part(text, at) : whole);
	error = split_tag(&read, rest);
	if (!error)
		error = check_name(&read);
	if (!error && at) {
		read.digest = part(at + 1, end_of(whole));
		error = check_digest(read.digest);
	}
	if (!error)
		*image = read;
	return error;
}

const char *awh_reference_parse_prefix(struct awh_reference *image, const char *text, size_t len)
{
	struct awh_part whole = {text, len}, first;
	struct awh_reference read = {.prefix = ""};
	const char *slash;

	if (whole.len > 0 && end_of(whole)[-1] == '/')
		whole.len--;
	slash = find(whole, '/');
	first = slash ? part(text, slash) : whole;
	if (!names_domain(first) || !is_domain(first))
		return no_registry;
	read.domain = first;
	if (is_docker(first))
		read.domain = docker_domain();
	if (slash)
		read.path = part(slash + 1, end_of(whole));
	if (has_one_of(read.path, UPPER))
		return upper_case;
	if (slash && !each(read.path, '/', is_path_component))
		return malformed;
	*image = read;
	return NULL;
}

void awh_reference_domain(const struct awh_reference *image, char *domain)
{
	struct awh_part from = image->domain;
	const char *port = port_of(from);
	size_t host_len = (size_t)(port - from.text), len = host_len, skipped;

	for (size_t i = 0; i < host_len; i++)
		domain[i] = lower(from.text[i]);
	if (port < end_of(from)) {
		struct awh_part digits = part(port + 1, end_of(from));

		skipped = span(digits, "0");
		skipped -= skipped == digits.len; /* port 0 */
		domain[len++] = ':';
		memcpy(domain + len, digits.text + skipped, digits.len - skipped);
		len += digits.len - skipped;
	}
	domain[len] = '\0';
}
