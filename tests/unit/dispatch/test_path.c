/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dispatch/path.h"

/* What clients made with Go send of a URL's or a service's path, tests/e2e/paths_test.go. */
static void takes_what_kube_apiserver_sends(void **state)
{
	static const char *const cases[] = {
	    "/",
	    "/validate",
	    "/validate/pods",
	    "/v1/webhook/validation/features.management.cattle.io",
	    "/Validate",
	    "/a.b",
	    "/...",
	    "/.a",
	    "/$&+,-.:;=@_~",
	    "/a%20b",
	    "/caf%C3%A9",
	    "/a%3Fb",
	    "/a%23b",
	    "/%25",
	    "/%2525",
	    "/a%00",
	    "/%FF",
	    "/%21%28%29%2A%5B%5D",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_error error = {0};

		assert_int_equal(awh_path_check_sent(cases[i], &error), 0);
		assert_string_equal(error.text, "");
	}
}

static void says_what_to_write_instead_of_what_it_never_sends(void **state)
{
	static const struct {
		const char *path, *shown, *sent;
	} cases[] = {
	    {NULL, "", "/"},
	    {"", "", "/"},
	    {"validate", "validate", "/validate"},
	    {"//", "//", "/"},
	    {"/validate/", "/validate/", "/validate"},
	    {"/a//b", "/a//b", "/a/b"},
	    {"//a", "//a", "/a"},
	    {"/.", "/.", "/"},
	    {"/a/./b", "/a/./b", "/a/b"},
	    {"/a/../b", "/a/../b", "/b"},
	    {"/../a", "/../a", "/a"},
	    {"/a/..", "/a/..", "/"},
	    {"/a?timeout=10s", "/a?timeout=10s", "/a"},
	    {"/a#b", "/a#b", "/a"},
	    {"/?", "/?", "/"},
	    {"/a b", "/a b", "/a%20b"},
	    {"/a\n", "/a\\x0a", "/a%0A"},
	    {"/caf\xc3\xa9", "/caf\\xc3\\xa9", "/caf%C3%A9"},
	    {"/a\x7f", "/a\\x7f", "/a%7F"},
	    {"/a\"\\", "/a\\x22\\x5c", "/a%22%5C"},
	    {"/a!", "/a!", "/a%21"},
	    {"/(a)*", "/(a)*", "/%28a%29%2A"},
	    {"/caf%c3%a9", "/caf%c3%a9", "/caf%C3%A9"},
	    {"/%61", "/%61", "/a"},
	    {"/a%2Fb", "/a%2Fb", "/a/b"},
	    {"/a%2f", "/a%2f", "/a"},
	    {"/a/%2E%2e/b", "/a/%2E%2e/b", "/b"},
	    {"/%7E", "/%7E", "/~"},
	    {"/%", "/%", "/%25"},
	    {"/%4", "/%4", "/%254"},
	    {"/%zz", "/%zz", "/%25zz"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_error error = {0}, expected = {0};

		awh_fail(&expected, ADMWH_E_INVAL,
			 "path \"%s\": kube-apiserver never sends this path, write \"%s\"",
			 cases[i].shown, cases[i].sent);
		assert_int_equal(awh_path_check_sent(cases[i].path, &error), ADMWH_E_INVAL);
		assert_string_equal(error.text, expected.text);
		assert_int_equal(awh_path_check_sent(cases[i].sent, &error), 0);
	}
}

static void cuts_a_long_path_in_its_message(void **state)
{
	struct awh_error error = {0};
	char path[4096];

	(void)state;
	memset(path, '!', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(awh_path_check_sent(path, &error), ADMWH_E_INVAL);
	assert_non_null(strstr(error.text, "!!!...\": kube-apiserver"));
	assert_string_equal(error.text + strlen(error.text) - strlen("%21...\""), "%21...\"");
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	assert_int_equal(awh_path_check_sent(path, &error), 0);
}

/* Pages are asked for by kubelets and by people: their paths need not be those of kube-apiserver.
 */
static void checks_the_bytes_of_any_other_path(void **state)
{
	static const struct {
		const char *path, *message;
	} cases[] = {
	    {NULL, "path \"\": expected a leading \"/\""},
	    {"", "path \"\": expected a leading \"/\""},
	    {"healthz", "path \"healthz\": expected a leading \"/\""},
	    {"/a b", "path \"/a b\": byte 2 cannot stand in a path, write it as %20"},
	    {"/a?b", "path \"/a?b\": byte 2 cannot stand in a path, write it as %3F"},
	    {"/\xc3\xa9", "path \"/\\xc3\\xa9\": byte 1 cannot stand in a path, write it as %C3"},
	    {"/a/", ""},
	    {"/a//b!", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_error error = {0};

		assert_int_equal(awh_path_check(cases[i].path, &error),
				 cases[i].message[0] ? ADMWH_E_INVAL : 0);
		assert_string_equal(error.text, cases[i].message);
	}
}

static void takes_one_pattern_as_the_last_segment(void **state)
{
	static const struct {
		const char *path;
		size_t segment;
	} good[] = {
	    {"/{id}", 1},   {"/policy/{id}", 8}, {"/a%20b/{policy-id.1}", 7},
	    {"/policy", 0}, {"/%7Bid%7D", 0},
	};
	static const char *const bad[] = {
	    "{id}",
	    "/{}",
	    "/{id",
	    "/id}",
	    "/a{id}",
	    "/{id}a",
	    "/{id}/",
	    "/{id}/a",
	    "/{a}/{b}",
	    "/{{id}}",
	    "/{i d}",
	    "/{a/b}",
	    "/a/../{id}",
	    "/a//{id}",
	    "/{id}?x",
	    "/%7b/{id}",
	    "/{\xc3\xa9}",
	    "/}{",
	    "/{a123456789012345678901234567890123456789012345678901234567890123}"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct awh_error error = {0};
		size_t segment = 99;

		assert_int_equal(awh_path_check_pattern(good[i].path, &segment, &error), 0);
		assert_int_equal(segment, good[i].segment);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct awh_error error = {0};
		size_t segment = 99;

		if (awh_path_check_pattern(bad[i], &segment, &error) != ADMWH_E_INVAL)
			fail_msg("%s is taken", bad[i]);
		assert_int_equal(segment, 0);
		assert_string_not_equal(error.text, "");
	}
}

static void decodes_a_segment_once(void **state)
{
	static const struct {
		const char *sent, *decoded; /* NULL: it is none */
	} cases[] = {
	    {"a", "a"},
	    {"pod-privileged", "pod-privileged"},
	    {"a%20b", "a b"},
	    {"caf%C3%A9", "caf\xc3\xa9"},
	    {"%7Bid%7D", "{id}"},
	    {"...", "..."},
	    {"%252F", "%2F"}, /* an id of three characters, not a slash */
	    {"%252e%252e", "%2e%2e"},
	    {"", NULL},
	    {".", NULL},
	    {"..", NULL},
	    {"%2E%2E", NULL},
	    {"%2e", NULL},
	    {"%2F", NULL},
	    {"a%2Fb", NULL},
	    {"a%2fb", NULL},
	    {"a/b", NULL},
	    {"%00", NULL},
	    {"a%00", NULL},
	    {"%61", NULL}, /* "a" is sent as it is: no second way to a route of its own */
	    {"caf%c3%a9", NULL},
	    {"%C3", NULL},
	    {"%FF", NULL},
	    {"%0A", NULL},
	    {"%7F", NULL},
	    {"%", NULL},
	    {"%4", NULL},
	    {"a%zz", NULL},
	    {"{id}", NULL},
	    {"a b", NULL},
	    {"\xc3\xa9", NULL},
	};
	char out[AWH_SEGMENT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool taken = awh_path_segment(out, cases[i].sent, strlen(cases[i].sent));

		if (taken != (cases[i].decoded != NULL))
			fail_msg("%s is %s", cases[i].sent, taken ? "taken" : "refused");
		if (taken)
			assert_string_equal(out, cases[i].decoded);
	}
}

static void limits_a_segment_by_what_it_is_decoded_to(void **state)
{
	char out[AWH_SEGMENT_MAX + 1], sent[3 * (AWH_SEGMENT_MAX + 1)];

	(void)state;
	memset(sent, 'a', sizeof(sent));
	assert_true(awh_path_segment(out, sent, AWH_SEGMENT_MAX));
	assert_int_equal(strlen(out), AWH_SEGMENT_MAX);
	assert_false(awh_path_segment(out, sent, AWH_SEGMENT_MAX + 1));
	for (size_t i = 0; i <= AWH_SEGMENT_MAX; i++)
		memcpy(sent + 3 * i, "%20", 3);
	assert_true(awh_path_segment(out, sent, (size_t)3 * AWH_SEGMENT_MAX));
	assert_int_equal(strlen(out), AWH_SEGMENT_MAX);
	assert_false(awh_path_segment(out, sent, sizeof(sent)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_one_pattern_as_the_last_segment),
	    cmocka_unit_test(decodes_a_segment_once),
	    cmocka_unit_test(limits_a_segment_by_what_it_is_decoded_to),
	    cmocka_unit_test(takes_what_kube_apiserver_sends),
	    cmocka_unit_test(says_what_to_write_instead_of_what_it_never_sends),
	    cmocka_unit_test(cuts_a_long_path_in_its_message),
	    cmocka_unit_test(checks_the_bytes_of_any_other_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
