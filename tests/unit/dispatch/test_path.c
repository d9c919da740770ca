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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_what_kube_apiserver_sends),
	    cmocka_unit_test(says_what_to_write_instead_of_what_it_never_sends),
	    cmocka_unit_test(cuts_a_long_path_in_its_message),
	    cmocka_unit_test(checks_the_bytes_of_any_other_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
