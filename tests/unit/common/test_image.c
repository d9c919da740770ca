/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/image.h"

#define HEX32 "0123456789abcdef0123456789abcdef"
#define HEX64 HEX32 HEX32
#define MALFORMED "invalid reference format"
#define LENGTH "invalid checksum digest length"
#define ALGORITHM "unsupported digest algorithm"

/* HOST PATH TAG DIGEST, "-" for what is not there. Or what is wrong. */
static const char *tell(const char *reference, enum image_reader reader, char told[1024])
{
	struct image image;
	const char *error = image_parse(&image, reference, reader);

	if (error)
		return error;
	snprintf(told, 1024, "%s %s%.*s %.*s %.*s", image.host, image.folder, image.path.len,
		 image.path.text, image.tag.text ? image.tag.len : 1,
		 image.tag.text ? image.tag.text : "-", image.digest.text ? image.digest.len : 1,
		 image.digest.text ? image.digest.text : "-");
	return told;
}

static void reads_as_docker_and_as_oci_client(void **state)
{
	static const struct {
		const char *reference, *docker, *oci_client; /* NULL: the same */
	} cases[] = {
	    {"", "repository name must have at least one component", NULL},
	    {"NGINX", MALFORMED, NULL},
	    {"a:", MALFORMED, NULL},
	    {":1", MALFORMED, NULL},
	    {"a:1:2", MALFORMED, NULL},
	    {"a@", MALFORMED, NULL},
	    {"a:@sha256:" HEX64, MALFORMED, NULL},
	    {"@sha256:" HEX64, MALFORMED, NULL},
	    {"a@sha256:" HEX64 "/b", MALFORMED, NULL},
	    {"a//b", MALFORMED, NULL},
	    {"a_-b", MALFORMED, NULL},
	    {"a.-b.com/c", MALFORMED, NULL},
	    {"a.com:/c", MALFORMED, NULL},
	    {"a.com:123456/c", MALFORMED, NULL},
	    {"a@sha256:" HEX32, LENGTH, NULL},
	    {"a@sha512:" HEX64, LENGTH, NULL},
	    {"a@SHA256:" HEX64, ALGORITHM, NULL},
	    {"a@md5:" HEX32, ALGORITHM, NULL},
	    {"a@:" HEX32, ALGORITHM, NULL},
	    {"nginx", "docker.io library/nginx - -", NULL},
	    {"a/b:1", "docker.io a/b 1 -", NULL},
	    {"index.docker.io/a", "docker.io library/a - -", NULL},
	    {"Index.Docker.IO/a/b", "docker.io a/b - -", NULL},
	    {"host:5000", "docker.io library/host 5000 -", NULL},
	    {"Host:5000/a", "host:5000 a - -", NULL},
	    {"localhost/a", "localhost a - -", NULL},
	    {"q.io/a---b__c:T_1.x-@sha256:" HEX64, "q.io a---b__c T_1.x- sha256:" HEX64, NULL},
	    {"Team/a", "team a - -", MALFORMED},
	    {"a@sha384:" HEX64 "0123456789abcdef0123456789ABCDEF", MALFORMED,
	     "docker.io library/a - sha384:" HEX64 "0123456789abcdef0123456789ABCDEF"},
	};
	char told[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *other = cases[i].oci_client ? cases[i].oci_client : cases[i].docker;

		assert_string_equal(tell(cases[i].reference, IMAGE_AS_DOCKER, told),
				    cases[i].docker);
		assert_string_equal(tell(cases[i].reference, IMAGE_AS_OCI_CLIENT, told), other);
	}
}

/* A part of so many "a", behind what stands before it. */
static const char *parse_long(const char *before, size_t len)
{
	char reference[4096];
	struct image image;
	size_t start = strlen(before);

	memcpy(reference, before, start);
	memset(reference + start, 'a', len);
	memcpy(reference + start + len, "", 1);
	return image_parse(&image, reference, IMAGE_AS_DOCKER);
}

static void keeps_every_part_within_its_length(void **state)
{
	char host[300];
	struct image image;

	(void)state;
	assert_null(parse_long("q.io/", IMAGE_PATH_MAX));
	assert_string_equal(parse_long("q.io/", IMAGE_PATH_MAX + 1),
			    "repository name must not be more than 255 characters");
	assert_null(parse_long("q.io/a:", IMAGE_TAG_MAX));
	assert_string_equal(parse_long("q.io/a:", IMAGE_TAG_MAX + 1), MALFORMED);
	assert_string_equal(parse_long("q.io/a:", 4000), MALFORMED);
	memset(host, 'h', sizeof(host));
	memcpy(host + IMAGE_HOST_MAX - 2, ":1/a", 5);
	assert_null(image_parse(&image, host, IMAGE_AS_DOCKER));
	assert_int_equal(strlen(image.host), IMAGE_HOST_MAX);
	memcpy(host + IMAGE_HOST_MAX - 2, "h:1/a", 6);
	assert_string_equal(image_parse(&image, host, IMAGE_AS_DOCKER), MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_as_docker_and_as_oci_client),
	    cmocka_unit_test(keeps_every_part_within_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
