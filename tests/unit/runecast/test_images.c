/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "images.h"

#define SHA "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TAG_128                                                                                    \
	"ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt"        \
	"ttttttttttttttttttttttttttttttttttttttttttttttt"

static void rejects_what_is_no_reference(void **state)
{
	static const char *const texts[] = {
	    "",
	    " ",
	    "nginx ",
	    " nginx",
	    "ng inx",
	    "nginx\n",
	    ":",
	    "nginx:",
	    ":1.19",
	    "@" SHA,
	    "nginx@",
	    "nginx@" SHA "0",
	    "nginx@sha256:0123",
	    "nginx@SHA256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	    "nginx@sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
	    "nginx@" SHA "@" SHA,
	    "nginx:@" SHA,
	    "/",
	    "/nginx",
	    "nginx/",
	    "a//b",
	    "docker.io/",
	    "docker.io//nginx",
	    "Nginx",
	    "library/Nginx",
	    "docker.io/Library/nginx",
	    "-nginx",
	    "nginx-",
	    "_nginx",
	    "a..b",
	    "a___b",
	    "a._b",
	    "a.-b",
	    "nginx:-1",
	    "nginx:.1",
	    "nginx:1.19:2",
	    "nginx:t" TAG_128,
	    ".example.org/a",
	    "example..org/a",
	    "example.org-/a",
	    "-example.org/a",
	    "example.org:/a",
	    "example.org:port/a",
	    "example.org:123456/a",
	    "example.org:80:80/a",
	    "https://docker.io/nginx",
	    "docker.io/nginx?tag=latest",
	    "docker.io/../nginx",
	    "docker.io/n\xc3\xa4ginx",
	    "\xff",
	};
	char full[IMAGE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (image_normalize(texts[i], full) != -1)
			fail_msg("\"%s\" is taken for %s", texts[i], full);
}

static void rejects_names_over_255_bytes(void **state)
{
	char text[300], full[IMAGE_MAX];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[255] = '\0';
	assert_int_equal(image_normalize(text, full), 0);
	text[255] = 'a';
	text[256] = '\0';
	assert_int_equal(image_normalize(text, full), -1);
}

static void writes_one_image_in_one_way(void **state)
{
	static const struct {
		const char *full;
		const char *spellings[6];
	} images[] = {
	    {"docker.io/library/nginx:latest",
	     {"nginx", "nginx:latest", "library/nginx", "docker.io/nginx",
	      "Docker.IO/library/nginx:latest", "index.docker.io/nginx"}},
	    {"docker.io/library/nginx:1.19",
	     {"nginx:1.19", "docker.io/nginx:1.19", "docker.io/library/nginx:1.19"}},
	    {"docker.io/bitnami/nginx:1", {"bitnami/nginx:1", "docker.io/bitnami/nginx:1"}},
	    {"docker.io/a/b/c:latest", {"a/b/c"}},
	    {"registry.example.org/nginx:latest",
	     {"registry.example.org/nginx", "REGISTRY.example.org/nginx:latest"}},
	    {"registry.example.org:5000/nginx:1", {"registry.example.org:5000/nginx:1"}},
	    {"localhost/nginx:latest", {"localhost/nginx"}},
	    {"localhost:5000/nginx:latest", {"localhost:5000/nginx"}},
	    {"registry:5000/nginx:latest", {"registry:5000/nginx", "Registry:5000/nginx"}},
	    {"myregistry/nginx:latest", {"MyRegistry/nginx"}},
	    {"docker.io/myregistry/nginx:latest", {"myregistry/nginx"}},
	    {"10.0.0.1/nginx:latest", {"10.0.0.1/nginx"}},
	    {"docker.io/library/a-b__c.d--e:T.a_g-1", {"a-b__c.d--e:T.a_g-1"}},
	    {"docker.io/library/nginx:" TAG_128, {"nginx:" TAG_128}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		for (size_t j = 0; j < 6 && images[i].spellings[j]; j++) {
			char full[IMAGE_MAX] = "";

			assert_int_equal(image_normalize(images[i].spellings[j], full), 0);
			assert_string_equal(full, images[i].full);
		}
}

static void takes_the_digest_for_the_image_and_not_the_tag(void **state)
{
	char full[IMAGE_MAX];

	(void)state;
	assert_int_equal(image_normalize("nginx@" SHA, full), 0);
	assert_string_equal(full, "docker.io/library/nginx@" SHA);
	assert_int_equal(image_normalize("localhost:5000/nginx:1.19@" SHA, full), 0);
	assert_string_equal(full, "localhost:5000/nginx@" SHA);
}

static void leaves_a_full_reference_as_it_is(void **state)
{
	static const char text[] = "registry.example.org:5000/a/b:c";
	char once[IMAGE_MAX], twice[IMAGE_MAX];

	(void)state;
	assert_int_equal(image_normalize(text, once), 0);
	assert_int_equal(image_normalize(once, twice), 0);
	assert_string_equal(once, twice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rejects_what_is_no_reference),
	    cmocka_unit_test(rejects_names_over_255_bytes),
	    cmocka_unit_test(writes_one_image_in_one_way),
	    cmocka_unit_test(takes_the_digest_for_the_image_and_not_the_tag),
	    cmocka_unit_test(leaves_a_full_reference_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
