/* SPDX-License-Identifier: MIT */
/*
 * The cases are those of distribution/reference (reference_test.go, normalize_test.go) and their
 * neighbours; what is expected is the answer of its v0.6.0, except where a comment says otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kube/reference.h"

#define HEX32 "0123456789abcdef0123456789abcdef"
#define HEX64 HEX32 HEX32
#define MALFORMED "invalid reference format"
#define UPPER_CASE "repository name must be lowercase"
#define TOO_LONG "repository name must not be more than 255 characters"
#define LENGTH "invalid checksum digest length"
#define FORMAT "invalid checksum digest format"
#define ALGORITHM "unsupported digest algorithm"

static void assert_rejected(const char *reference, const char *expected)
{
	struct awh_reference image = {.prefix = "untouched"};
	const char *error = awh_reference_parse(&image, reference, strlen(reference));

	if (!error || strcmp(error, expected) != 0)
		fail_msg("\"%s\": %s, not %s", reference, error ? error : "accepted", expected);
	assert_string_equal(image.prefix, "untouched");
}

static void rejects_what_is_no_reference(void **state)
{
	static const char *const cases[][2] = {
	    {"", "repository name must have at least one component"},
	    {" ", MALFORMED},
	    {"a b", MALFORMED},
	    {"nginx\n", MALFORMED},
	    {"a:\xc3\xa9", MALFORMED},
	    {"n\xc3\xa4ginx", MALFORMED},
	    /* paths */
	    {"/", MALFORMED},
	    {"/a", MALFORMED},
	    {"a/", MALFORMED},
	    {"docker.io/", MALFORMED},
	    {"a//b", MALFORMED},
	    {"docker///docker", MALFORMED},
	    {"-docker", MALFORMED},
	    {"docker-", MALFORMED},
	    {"-docker/docker", MALFORMED},
	    {"docker-/docker", MALFORMED},
	    {"_docker/_docker", MALFORMED},
	    {"____/____", MALFORMED},
	    {"dock..er/docker", MALFORMED},
	    {"dock_.er/docker", MALFORMED},
	    {"dock-.er/docker", MALFORMED},
	    {"a___b", MALFORMED},
	    {"a_-b", MALFORMED},
	    {"aa/asdf$$^/aa", MALFORMED},
	    {"docker.io/../nginx", MALFORMED},
	    {"https://github.com/docker/docker", MALFORMED},
	    {"NGINX", UPPER_CASE},
	    {"Uppercase:tag", UPPER_CASE},
	    {"docker/Docker", UPPER_CASE},
	    {"docker.io/docker/Docker", UPPER_CASE},
	    {"test:5000/Uppercase/lowercase:tag", UPPER_CASE},
	    {HEX64, "cannot specify 64-byte hexadecimal strings"},
	    /* domains and ports */
	    {".example.org/a", MALFORMED},
	    {"example..org/a", MALFORMED},
	    {"example.org-/a", MALFORMED},
	    {"-example.org/a", MALFORMED},
	    {"a.-b.com/c", MALFORMED},
	    {"a.com:/c", MALFORMED},
	    {"a.com:x/c", MALFORMED},
	    {"a.com:1:2/c", MALFORMED},
	    {"a.com:-1/c", MALFORMED},
	    {"foo_bar.com:80/a", MALFORMED},
	    {"Foo_bar/a", MALFORMED},
	    {"[2001:db8::1]", MALFORMED},
	    {"[2001:db8::1]:5000", MALFORMED},
	    {"[2001:db8::1]:tag", MALFORMED},
	    {"[2001:db8::1]/", MALFORMED},
	    {"[2001:db8::1]repo", MALFORMED},
	    {"[2001:db8::1]x/repo", MALFORMED},
	    {"[2001:db8::1]:/repo", MALFORMED},
	    {"[2001:db8::1]:5:6/repo", MALFORMED},
	    {"[2001:db8::1/repo", MALFORMED},
	    {"2001:db8::1]/repo", MALFORMED},
	    {"fc00::1:5000/debian", MALFORMED},
	    {"[]/a", MALFORMED},
	    {"[[::1]]/a", MALFORMED},
	    {"[::g]/a", MALFORMED},
	    {"[fe80::1%eth0]:5000/repo", MALFORMED},
	    {"[fe80::1%25eth0]:5000/repo", MALFORMED},
	    {"[fe80::1%@invalidzone]:5000/repo", MALFORMED},
	    {"[2001:db8:3:4::192.0.2.33]:5000/debian", MALFORMED},
	    {"[v1.fe80]/a", MALFORMED},
	    /* tags */
	    {":justtag", MALFORMED},
	    {"a:", MALFORMED},
	    {"a:1:2", MALFORMED},
	    {"a:+", MALFORMED},
	    {"a:-x", MALFORMED},
	    {"a:.x", MALFORMED},
	    /* digests */
	    {"@sha256:" HEX64, MALFORMED},
	    {"a@", MALFORMED},
	    {"a:@sha256:" HEX64, MALFORMED},
	    {"a@sha256", MALFORMED},
	    {"a@sha256:", MALFORMED},
	    {"a@:" HEX64, MALFORMED},
	    {"a@sha256:12", MALFORMED},
	    {"a@1sha:" HEX64, MALFORMED},
	    {"a@sha256+:" HEX64, MALFORMED},
	    {"a@sha256*b:" HEX64, MALFORMED},
	    {"a@sha256:" HEX32 "/" HEX32, MALFORMED},
	    {"a@sha256:" HEX64 "@sha256:" HEX64, MALFORMED},
	    {"a@sha256:" HEX64 "/b", MALFORMED},
	    {"a@sha256:" HEX64 ":1", MALFORMED},
	    {"a@sha256:" HEX32, LENGTH},
	    {"a@sha256:" HEX64 "00", LENGTH},
	    {"a@sha384:" HEX64, LENGTH},
	    {"a@sha512:" HEX64, LENGTH},
	    {"a@sha256:" HEX32 "0123456789abcdef0123456789ABCDEF", FORMAT},
	    {"a:1@SHA256:" HEX64, FORMAT},
	    {"a@md5:" HEX32, ALGORITHM},
	    {"a@sha256+b64:" HEX64, ALGORITHM},
	    {"a@blake3:" HEX64, ALGORITHM},
	    {"validname@invaliddigest:" HEX64, ALGORITHM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_rejected(cases[i][0], cases[i][1]);
}

struct parts {
	const char *reference, *domain, *path, *tag, *digest; /* NULL: absent */
};

static void assert_part(const char *reference, struct awh_part part, const char *expected)
{
	if ((part.text != NULL) != (expected != NULL) ||
	    (expected && (part.len != strlen(expected) || memcmp(part.text, expected, part.len))))
		fail_msg("\"%s\": \"%.*s\", not \"%s\"", reference, (int)part.len,
			 part.text ? part.text : "", expected ? expected : "");
}

static void assert_parts(const struct parts *expected)
{
	struct awh_reference image;
	const char *error =
	    awh_reference_parse(&image, expected->reference, strlen(expected->reference));
	char domain[300], path[300];

	if (error)
		fail_msg("\"%s\": %s", expected->reference, error);
	awh_reference_domain(&image, domain);
	assert_string_equal(domain, expected->domain);
	snprintf(path, sizeof(path), "%s%.*s", image.prefix, (int)image.path.len, image.path.text);
	assert_string_equal(path, expected->path);
	assert_part(expected->reference, image.tag, expected->tag);
	assert_part(expected->reference, image.digest, expected->digest);
}

static void takes_references_apart(void **state)
{
	static const struct parts cases[] = {
	    {"nginx", "docker.io", "library/nginx", NULL, NULL},
	    {"nginx:1.21", "docker.io", "library/nginx", "1.21", NULL},
	    {"lowercase:Uppercase", "docker.io", "library/lowercase", "Uppercase", NULL},
	    {"a/b:1", "docker.io", "a/b", "1", NULL},
	    {"library/debian", "docker.io", "library/debian", NULL, NULL},
	    {"docker.io/a/b/c", "docker.io", "a/b/c", NULL, NULL},
	    {"index.docker.io/debian", "docker.io", "library/debian", NULL, NULL},
	    {"docker.io/" HEX64, "docker.io", "library/" HEX64, NULL, NULL},
	    {HEX64 ":1", "docker.io", "library/" HEX64, "1", NULL},
	    {"q.io/a---b__c.d:_T_1.x-", "q.io", "a---b__c.d", "_T_1.x-", NULL},
	    /* a name without a slash is no domain */
	    {"host:5000", "docker.io", "library/host", "5000", NULL},
	    {"test.com:tag", "docker.io", "library/test.com", "tag", NULL},
	    {"192.168.1.1:5000", "docker.io", "library/192.168.1.1", "5000", NULL},
	    {"foo_bar.com:8080", "docker.io", "library/foo_bar.com", "8080", NULL},
	    {"localhost", "docker.io", "library/localhost", NULL, NULL},
	    /* domains */
	    {"localhost/a", "localhost", "a", NULL, NULL},
	    {"localhost:5000/library/a:2", "localhost:5000", "library/a", "2", NULL},
	    {"test:5000/repo", "test:5000", "repo", NULL, NULL},
	    {"foo/foo_bar.com:8080", "docker.io", "foo/foo_bar.com", "8080", NULL},
	    {"sub-dom1.foo.com/bar/baz/quux:t", "sub-dom1.foo.com", "bar/baz/quux", "t", NULL},
	    {"b.gcr.io/test.example.com/my-app:test.example.com", "b.gcr.io",
	     "test.example.com/my-app", "test.example.com", NULL},
	    {"xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com", "myimage", "xn--n3h.com", NULL},
	    {"192.168.1.1:8/debian", "192.168.1.1:8", "debian", NULL, NULL},
	    {"LOCALDOMAIN/debian", "localdomain", "debian", NULL, NULL},
	    {"Docker/docker", "docker", "docker", NULL, NULL},
	    {"GHCR.io/a", "ghcr.io", "a", NULL, NULL},
	    {"Host:5000/a", "host:5000", "a", NULL, NULL},
	    {"a.com:0443/b", "a.com:443", "b", NULL, NULL},
	    {"a.com:000/b", "a.com:0", "b", NULL, NULL},
	    {"a.com:123456/b", "a.com:123456", "b", NULL, NULL},
	    {"docker.io:443/a", "docker.io:443", "a", NULL, NULL},
	    {"[2001:db8::1]/repo", "[2001:db8::1]", "repo", NULL, NULL},
	    {"[2001:db8:1:2:3:4:5:6]/repo:tag", "[2001:db8:1:2:3:4:5:6]", "repo", "tag", NULL},
	    {"[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000", "repo", "tag", NULL},
	    {"[2001:db8::]:5000/repo@sha256:" HEX64, "[2001:db8::]:5000", "repo", NULL,
	     "sha256:" HEX64},
	    {"[FD00:1:2::A]:05000/shop/app:v1@sha256:" HEX64, "[fd00:1:2::a]:5000", "shop/app",
	     "v1", "sha256:" HEX64},
	    {"[::1]:443/a", "[::1]:443", "a", NULL, NULL},
	    {"[::]/a", "[::]", "a", NULL, NULL},
	    /* digests */
	    {"a@sha256:" HEX64, "docker.io", "library/a", NULL, "sha256:" HEX64},
	    {"q.io/a:1@sha256:" HEX64, "q.io", "a", "1", "sha256:" HEX64},
	    {"a@sha384:" HEX64 HEX32, "docker.io", "library/a", NULL, "sha384:" HEX64 HEX32},
	    {"a@sha512:" HEX64 HEX64, "docker.io", "library/a", NULL, "sha512:" HEX64 HEX64},
	    /* Differs: distribution/reference knows the default domain in lower case alone. */
	    {"Docker.IO/nginx", "docker.io", "library/nginx", NULL, NULL},
	    {"Index.Docker.IO/a/b", "docker.io", "a/b", NULL, NULL},
	    {"LocalHost/a", "localhost", "a", NULL, NULL},
	    /* Differs: there foo_bar.com/a is a path without a domain. */
	    {"foo_bar.com/a", "foo_bar.com", "a", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_parts(&cases[i]);
}

/* A reference of so many "a" between two texts. */
static const char *parse_long(const char *before, size_t len, const char *after)
{
	static char reference[8192];
	struct awh_reference image;
	size_t start = strlen(before);

	memcpy(reference, before, start);
	memset(reference + start, 'a', len);
	memcpy(reference + start + len, after, strlen(after) + 1);
	return awh_reference_parse(&image, reference, strlen(reference));
}

static void holds_each_part_to_its_length(void **state)
{
	static const struct {
		const char *before;
		size_t len;
		const char *after;
		const char *error;
	} cases[] = {
	    {"q.io/", AWH_REFERENCE_PATH_MAX, ":tag-puts-this-over-max", NULL},
	    {"q.io/", AWH_REFERENCE_PATH_MAX + 1, "", TOO_LONG},
	    {"domain/", 256 - 7, ":tag", TOO_LONG}, /* "domain" is part of the path */
	    {"domain/", 255 - 7, ":tag", NULL},
	    {"", 255 - 8, "", NULL}, /* with "library/" */
	    {"", 256 - 8, "", TOO_LONG},
	    {"library/", 255 - 8, "", NULL},
	    {"docker.io/", 256 - 8, "", TOO_LONG},
	    {"[::1]:5000/", 255, "", NULL},
	    {"[::1]:5000/", 256, "", TOO_LONG},
	    {"foo_bar.com/", 255 - 12, "", NULL},
	    {"foo_bar.com/", 256 - 12, "", TOO_LONG},
	    {"q.io/a:", AWH_REFERENCE_TAG_MAX, "", NULL},
	    {"q.io/a:", AWH_REFERENCE_TAG_MAX + 1, "", MALFORMED},
	    {"q.io/a:", 4000, "", MALFORMED},
	    {"q.io/a@a", 4000, ":" HEX64, ALGORITHM},
	    {"", 4000, ".io/a", NULL}, /* a domain has no maximum */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *error = parse_long(cases[i].before, cases[i].len, cases[i].after);

		if ((error != NULL) != (cases[i].error != NULL) ||
		    (error && strcmp(error, cases[i].error) != 0))
			fail_msg("case %zu: %s", i, error ? error : "accepted");
	}
}

/* What is written of a reference is read the same way again. */
static void reads_its_own_domain_again(void **state)
{
	static const char *const references[] = {"nginx", "[FD00::1]:0443/a", "A.com:00/b",
						 "LOCALHOST:5000/x"};
	char domain[64], again[64], reference[80];
	struct awh_reference image;

	(void)state;
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
		assert_null(awh_reference_parse(&image, references[i], strlen(references[i])));
		awh_reference_domain(&image, domain);
		snprintf(reference, sizeof(reference), "%s/x", domain);
		assert_null(awh_reference_parse(&image, reference, strlen(reference)));
		awh_reference_domain(&image, again);
		assert_string_equal(again, domain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rejects_what_is_no_reference),
	    cmocka_unit_test(takes_references_apart),
	    cmocka_unit_test(holds_each_part_to_its_length),
	    cmocka_unit_test(reads_its_own_domain_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
