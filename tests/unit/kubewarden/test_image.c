/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image.h"

#define HEX64 "82dfd9ac433eacb5f89e5bf2601659bbc78893c1a9e3e830c5ef4eb489fde079"

static void refuses_what_is_no_reference(void **state)
{
	static const char *const cases[][2] = {
	    {"", "repository name must have at least one component"},
	    {"NGINX", "repository name must be lowercase"},
	    {":1", "invalid reference format"},
	    {"a:", "invalid reference format"},
	    {"a:+", "invalid reference format"},
	    {"a:-x", "invalid reference format"},
	    {"a b", "invalid reference format"},
	    {"a//b", "invalid reference format"},
	    {"/a", "invalid reference format"},
	    {"a/", "invalid reference format"},
	    {"a..b", "invalid reference format"},
	    {"a___b", "invalid reference format"},
	    {"-a", "invalid reference format"},
	    {"a.-b.com/c", "invalid reference format"},
	    {"a..com/c", "invalid reference format"},
	    {"a.com:/c", "invalid reference format"},
	    {"a.com:x/c", "invalid reference format"},
	    {"[::1]:5000", "invalid reference format"},
	    {"[fe80::1%eth0]/a", "invalid reference format"},
	    {"a.com:1:2/c", "invalid reference format"},
	    {"a@sha256", "invalid reference format"},
	    {"a@sha256:12", "invalid reference format"},
	    {"a@sha256:" HEX64 "00", "invalid checksum digest length"},
	    {"a@md5:0123456789abcdef0123456789abcdef", "unsupported digest algorithm"},
	    {"a@sha256:" HEX64 "@sha256:" HEX64, "invalid reference format"},
	    {"a:\xc3\xa9", "invalid reference format"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_image image;
		const char *error = NULL;

		if (kw_image_parse(&image, cases[i][0], &error) == 0)
			fail_msg("%s was taken", cases[i][0]);
		assert_string_equal(error, cases[i][1]);
	}
}

static void completes_references(void **state)
{
	static const struct {
		const char *text, *registry, *repository, *tag, *digest;
	} cases[] = {
	    {"nginx", "docker.io", "library/nginx", "latest", ""},
	    {"nginx:1.21", "docker.io", "library/nginx", "1.21", ""},
	    {"bitnami/redis", "docker.io", "bitnami/redis", "latest", ""},
	    {"index.docker.io/nginx", "docker.io", "library/nginx", "latest", ""},
	    {"ghcr.io/a/b-c__d.e:v1", "ghcr.io", "a/b-c__d.e", "v1", ""},
	    {"GHCR.io/a", "ghcr.io", "a", "latest", ""},
	    {"localhost/a", "localhost", "a", "latest", ""},
	    {"ghcr.io:443/a", "ghcr.io", "a", "latest", ""},
	    {"index.docker.io:443/a", "docker.io", "library/a", "latest", ""},
	    {"localhost:5000/a:2", "localhost:5000", "a", "2", ""},
	    {"a@sha256:" HEX64, "docker.io", "library/a", "", "sha256:" HEX64},
	    {"q.io/a:1@sha256:" HEX64, "q.io", "a", "1", "sha256:" HEX64},
	    {"host:5000", "docker.io", "library/host", "5000", ""},
	    {"a.com:0443/c", "a.com", "c", "latest", ""},
	    {"[fd00:1:2::3]:5000/shop/app:v1", "[fd00:1:2::3]:5000", "shop/app", "v1", ""},
	    {"[FD00::443]/a", "[fd00::443]", "a", "latest", ""},
	    {"[fd00::3]:443/a", "[fd00::3]", "a", "latest", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_image image;
		const char *error;

		if (kw_image_parse(&image, cases[i].text, &error))
			fail_msg("%s: %s", cases[i].text, error);
		assert_string_equal(image.registry, cases[i].registry);
		assert_string_equal(image.repository, cases[i].repository);
		assert_string_equal(image.tag, cases[i].tag);
		assert_string_equal(image.digest, cases[i].digest);
	}
}

static void refuses_a_repository_that_is_too_long(void **state)
{
	char text[300] = "a.com/";
	struct admwh_image image;
	const char *error;

	(void)state;
	memset(text + 6, 'a', 255);
	assert_int_equal(kw_image_parse(&image, text, &error), 0);
	text[6 + 255] = 'a';
	assert_int_equal(kw_image_parse(&image, text, &error), -1);
	assert_string_equal(error, "repository name must not be more than 255 characters");
}

static void matches_wildcards(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
	    {"*", "", true},
	    {"*", "abc", true},
	    {"a*c", "abbc", true},
	    {"a*c", "abcb", false},
	    {"*-rc*", "1.0-rc1", true},
	    {"?", "", false},
	    {"?", "a", true},
	    {"a?c", "abc", true},
	    {"a?c", "ac", false},
	    {"*.io", "ghcr.io", true},
	    {"*.io", "ghcr.io.evil", false},
	    {"a**b*", "ab", true},
	    {"", "a", false},
	    {"*a*b*c", "xxaxxbxxbxcxc", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (kw_wildcard_matches(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("%s %s", cases[i].pattern, cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_no_reference),
	    cmocka_unit_test(completes_references),
	    cmocka_unit_test(refuses_a_repository_that_is_too_long),
	    cmocka_unit_test(matches_wildcards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
