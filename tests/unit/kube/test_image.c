/* SPDX-License-Identifier: MIT */
/* The public image. The grammar is tested with the reference, and against Go's in test_cases.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/image.h>

#define HEX32 "0123456789abcdef0123456789abcdef"
#define SHA "sha256:" HEX32 HEX32
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void remembers_what_is_no_reference(void **state)
{
	static const struct {
		const char *json;
		int err;
		const char *error;
	} cases[] = {
	    {"{}", ADMWH_E_NOT_FOUND, ""},
	    {"{\"image\": null}", ADMWH_E_NOT_FOUND, ""},
	    {"{\"image\": 1}", ADMWH_E_INVAL, "image: expected a string, got a number"},
	    {"{\"image\": [\"a\"]}", ADMWH_E_INVAL, "image: expected a string, got an array"},
	    {"{\"image\": \"\"}", ADMWH_E_INVAL,
	     "image: expected an image reference: repository name must have at least one "
	     "component"},
	    {"{\"image\": \"Nginx\"}", ADMWH_E_INVAL,
	     "image: expected an image reference: repository name must be lowercase"},
	    {"{\"image\": \"nginx\\u0000.example.com\"}", ADMWH_E_INVAL,
	     "image: expected an image reference: invalid reference format"},
	    {"{\"image\": \"nginx:1\\u0000\"}", ADMWH_E_INVAL,
	     "image: expected an image reference: invalid reference format"},
	    {"{\"image\": \" nginx\"}", ADMWH_E_INVAL,
	     "image: expected an image reference: invalid reference format"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct admwh_document *document =
		    admwh_document_parse(cases[i].json, strlen(cases[i].json));
		struct admwh_value value = admwh_value_get(admwh_document_value(document), "image");
		struct admwh_image image;

		memset(&image, 'x', sizeof(image));
		assert_int_equal(admwh_image_parse(&image, value), cases[i].err);
		assert_string_equal(admwh_document_error(document), cases[i].error);
		assert_string_equal(image.registry, "");
		assert_string_equal(image.repository, "");
		assert_string_equal(image.tag, "");
		assert_string_equal(image.digest, "");
		assert_non_null(image.error);
		assert_false(admwh_image_matches(&image, "docker.io"));
		assert_false(admwh_image_equal(&image, &image));
		admwh_document_free(document);
	}
}

static void parses_a_value_with_its_escapes(void **state)
{
	static const char json[] = "\"q.i\\u006f\\/a:1\"";
	struct admwh_document *document = admwh_document_parse(json, strlen(json));
	struct admwh_image image;

	(void)state;
	assert_int_equal(admwh_image_parse(&image, admwh_document_value(document)), 0);
	assert_string_equal(admwh_document_error(document), "");
	admwh_document_free(document);
	assert_string_equal(image.registry, "q.io");
	assert_string_equal(image.repository, "a");
	assert_string_equal(image.tag, "1");
	assert_null(image.error);
}

/* A reference with a registry of so many bytes. */
static int parse_with_registry(struct admwh_image *image, size_t len)
{
	char text[400];

	memset(text, 'a', len - 3);
	snprintf(text + len - 3, sizeof(text) - len + 3, ".io/b");
	return admwh_image_parse_text(image, text);
}

static void holds_a_registry_to_its_length(void **state)
{
	struct admwh_image image;
	char text[400];

	(void)state;
	assert_int_equal(parse_with_registry(&image, ADMWH_IMAGE_REGISTRY_MAX), 0);
	assert_int_equal(strlen(image.registry), ADMWH_IMAGE_REGISTRY_MAX);
	assert_int_equal(parse_with_registry(&image, ADMWH_IMAGE_REGISTRY_MAX + 1), ADMWH_E_INVAL);
	assert_string_equal(image.error, "registry must not be more than 259 characters");
	memset(text, 'a', ADMWH_IMAGE_REGISTRY_MAX + 1);
	memcpy(text + ADMWH_IMAGE_REGISTRY_MAX + 1 - 3, ".io", 4);
	assert_string_equal(admwh_image_prefix_error(text),
			    "registry must not be more than 259 characters");
	assert_null(admwh_image_prefix_error(text + 1));
}

static void takes_no_null(void **state)
{
	struct admwh_image image;

	(void)state;
	assert_int_equal(admwh_image_parse(NULL, (struct admwh_value){0}), ADMWH_E_INVAL);
	assert_int_equal(admwh_image_parse_text(NULL, "nginx"), ADMWH_E_INVAL);
	assert_int_equal(admwh_image_parse_text(&image, NULL), ADMWH_E_INVAL);
	assert_false(admwh_image_matches(NULL, "docker.io"));
	assert_false(admwh_image_equal(NULL, NULL));
	assert_int_equal(admwh_image_format(NULL, NULL, 0), 0);
	assert_non_null(admwh_image_prefix_error(NULL));
}

static void matches_whole_components(void **state)
{
	static const struct {
		const char *image, *prefix;
		bool matches;
	} cases[] = {
	    {"registry.example.com/team/app:1", "registry.example.com/team", true},
	    {"registry.example.com/team/app:1", "registry.example.com/team/", true},
	    {"registry.example.com/team/app:1", "Registry.Example.com/team", true},
	    {"Registry.example.COM/team/app@" SHA, "registry.example.com/team/app", true},
	    {"registry.example.com/team/app:1", "registry.example.com", true},
	    {"registry.example.com/team/app:1", "registry.example.com/", true},
	    {"registry.example.com/team", "registry.example.com/team", true},
	    {"registry.example.com/teamx/app", "registry.example.com/team", false},
	    {"registry.example.com/tea", "registry.example.com/team", false},
	    {"registry.example.com/a/team/app", "registry.example.com/team", false},
	    {"registry.example.com.evil/team/app", "registry.example.com/team", false},
	    {"registry.example.com.evil/team/app", "registry.example.com", false},
	    {"evil.io/registry.example.com/team", "registry.example.com", false},
	    {"registry.example.com:5000/team/a", "registry.example.com/team", false},
	    {"registry.example.com:443/team/a", "registry.example.com/team", true},
	    {"registry.example.com/team/a", "registry.example.com:443/team", true},
	    {"registry.example.com:0443/team/a", "registry.example.com:00443/team", true},
	    {"registry.example.com:4430/team/a", "registry.example.com/team", false},
	    {"registry.example.com:5000/team/a", "registry.example.com:5000", true},
	    {"[fd00::1]/a", "[FD00::1]:443", true},
	    {"[fd00::443]/a", "[fd00:]", false},
	    {"nginx", "docker.io/library", true},
	    {"nginx", "docker.io/library/nginx", true},
	    {"nginx", "index.docker.io", true},
	    {"nginx", "docker.io/nginx", false},
	    {"team/app", "docker.io/team", true},
	    {"localhost/a", "localhost", true},
	    {"localhost:5000/a", "localhost", false},
	    {"Myregistry/a", "MyRegistry", true},
	    /* No prefixes. */
	    {"nginx", "", false},
	    {"nginx", "/", false},
	    {"nginx", "nginx", false},
	    {"nginx", "library/nginx", false},
	    {"nginx", "docker.io/library/nginx:latest", false},
	    {"q.io/a@" SHA, "q.io/a@" SHA, false},
	    {"q.io/a", "q.io//a", false},
	    {"q.io/a", "q.io//", false},
	    {"q.io/a", "*.io", false},
	    {"q.io/a", "q.io/*", false},
	    {"q.io/a", "q.io/A", false},
	    {"q.io/a", "https://q.io/a", false},
	};
	struct admwh_image image;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(admwh_image_parse_text(&image, cases[i].image), 0);
		if (admwh_image_matches(&image, cases[i].prefix) != cases[i].matches)
			fail_msg("%s in %s", cases[i].image, cases[i].prefix);
		if (cases[i].matches)
			assert_null(admwh_image_prefix_error(cases[i].prefix));
	}
	assert_false(admwh_image_matches(&image, NULL));
	for (size_t i = 0; i < 3; i++) {
		const char *const prefixes[] = {"quay.io", i == 0 ? "ghcr.io" : image.registry,
						i == 1 ? "nginx" : NULL, NULL};

		assert_int_equal(admwh_image_matches_any(&image, prefixes), i > 0);
		assert_false(admwh_image_matches_any(&image, &prefixes[3]));
	}
	assert_false(admwh_image_matches_any(&image, NULL));
}

static void tells_why_a_text_is_no_prefix(void **state)
{
	static const char *const cases[][2] = {
	    {"", "expected a registry, as in registry.example.com/team"},
	    {"team", "expected a registry, as in registry.example.com/team"},
	    {"*.io", "expected a registry, as in registry.example.com/team"},
	    {"q.io/a:1", "invalid reference format"},
	    {"q.io/a*", "invalid reference format"},
	    {"q.io/A", "repository name must be lowercase"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(admwh_image_prefix_error(cases[i][0]), cases[i][1]);
}

static void compares_what_is_pulled(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
	    {"nginx", "docker.io/library/nginx:latest", true},
	    {"nginx", "nginx:1", false},
	    {"nginx:1@" SHA, "nginx@" SHA, true},
	    {"nginx:1@" SHA, "nginx:2@" SHA, true},
	    {"nginx:1@" SHA, "nginx:1", false},
	    {"q.io:443/a", "Q.io/a", true},
	    {"q.io/a", "q.io/b", false},
	    {"q.io/a", "r.io/a", false},
	    {"q.io/a:A", "q.io/a:a", false},
	};
	struct admwh_image a, b;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(admwh_image_parse_text(&a, cases[i].a), 0);
		assert_int_equal(admwh_image_parse_text(&b, cases[i].b), 0);
		if (admwh_image_equal(&a, &b) != cases[i].equal ||
		    admwh_image_equal(&b, &a) != cases[i].equal)
			fail_msg("%s and %s", cases[i].a, cases[i].b);
	}
}

static void writes_a_reference_in_full(void **state)
{
	static const char *const cases[][2] = {
	    {"nginx", "docker.io/library/nginx"},
	    {"Q.io:05000/a:1", "q.io:5000/a:1"},
	    /* In lower case these would be of docker.io. */
	    {"teaM/app:1", "Team/app:1"},
	    {"1-A/app", "1-A/app"},
	    {"[F]/00a0", "[F]/00a0"},
	    {"localhost/a", "localhost/a"},
	    {"q.io/a:1@" SHA, "q.io/a:1@" SHA},
	};
	char text[ADMWH_IMAGE_TEXT_MAX + 1];
	struct admwh_image image, again;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(admwh_image_parse_text(&image, cases[i][0]), 0);
		assert_int_equal(admwh_image_format(&image, text, sizeof(text)),
				 strlen(cases[i][1]));
		assert_string_equal(text, cases[i][1]);
		assert_int_equal(admwh_image_parse_text(&again, text), 0);
		assert_memory_equal(&again, &image, sizeof(image));
	}
	assert_int_equal(admwh_image_format(&image, NULL, 0), strlen("q.io/a:1@" SHA));
	assert_int_equal(admwh_image_format(&image, text, 5), strlen("q.io/a:1@" SHA));
	assert_string_equal(text, "q.io");
	admwh_image_format(NULL, text, sizeof(text));
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(remembers_what_is_no_reference),
	    cmocka_unit_test(parses_a_value_with_its_escapes),
	    cmocka_unit_test(holds_a_registry_to_its_length),
	    cmocka_unit_test(takes_no_null),
	    cmocka_unit_test(matches_whole_components),
	    cmocka_unit_test(tells_why_a_text_is_no_prefix),
	    cmocka_unit_test(compares_what_is_pulled),
	    cmocka_unit_test(writes_a_reference_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
