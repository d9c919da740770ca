/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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
	    "[fd00::1]:5000",
	    "[fe80::1%eth0]:5000/a",
	    "example.org:80:80/a",
	    "https://docker.io/nginx",
	    "docker.io/nginx?tag=latest",
	    "docker.io/../nginx",
	    "docker.io/n\xc3\xa4ginx",
	    "\xff",
	};
	char *full;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (image_normalize(texts[i], &full))
			fail_msg("\"%s\" is taken for %s", texts[i], full);
}

static void assert_full(const char *reference, const char *expected)
{
	char *full = NULL;

	assert_true(image_normalize(reference, &full));
	assert_string_equal(full, expected);
	free(full);
}

static void rejects_paths_over_255_bytes(void **state)
{
	static const char host[] = "registry.example.org/";
	char text[300], *full;
	size_t end = strlen(host) + 255;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, host, strlen(host));
	text[end] = '\0';
	assert_true(image_normalize(text, &full));
	free(full);
	text[end] = 'a';
	text[end + 1] = '\0';
	assert_false(image_normalize(text, &full));
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
	    {"Myregistry/nginx:latest", {"MyRegistry/nginx"}},
	    {"docker.io/myregistry/nginx:latest", {"myregistry/nginx"}},
	    {"10.0.0.1/nginx:latest", {"10.0.0.1/nginx"}},
	    {"registry.example.org:5000/nginx:latest", {"registry.example.org:05000/nginx"}},
	    {"[fd00:1:2::3]:5000/shop/app:v1",
	     {"[fd00:1:2::3]:5000/shop/app:v1", "[FD00:1:2::3]:5000/shop/app:v1"}},
	    {"[fd00::3]/nginx:latest", {"[fd00::3]/nginx"}},
	    {"docker.io/library/a-b__c.d--e:T.a_g-1", {"a-b__c.d--e:T.a_g-1"}},
	    {"docker.io/library/nginx:" TAG_128, {"nginx:" TAG_128}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		for (size_t j = 0; j < 6 && images[i].spellings[j]; j++)
			assert_full(images[i].spellings[j], images[i].full);
}

static void takes_the_digest_for_the_image_and_not_the_tag(void **state)
{
	(void)state;
	assert_full("nginx@" SHA, "docker.io/library/nginx@" SHA);
	assert_full("localhost:5000/nginx:1.19@" SHA, "localhost:5000/nginx@" SHA);
	assert_full("[fd00::1]:5000/nginx:1.19@" SHA, "[fd00::1]:5000/nginx@" SHA);
}

static void leaves_a_full_reference_as_it_is(void **state)
{
	(void)state;
	assert_full("registry.example.org:5000/a/b:c", "registry.example.org:5000/a/b:c");
	assert_full("[fd00::1]:5000/a/b:c", "[fd00::1]:5000/a/b:c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rejects_what_is_no_reference),
	    cmocka_unit_test(rejects_paths_over_255_bytes),
	    cmocka_unit_test(writes_one_image_in_one_way),
	    cmocka_unit_test(takes_the_digest_for_the_image_and_not_the_tag),
	    cmocka_unit_test(leaves_a_full_reference_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
