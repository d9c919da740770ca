/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dispatch/route.h"

static int allow(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req, (void)userdata;
	return admwh_response_allow(resp);
}

static int add(struct awh_routes *routes, const char *path)
{
	struct awh_error error = {0};

	return awh_routes_add(routes, path, admwh_route_new_validator(allow, NULL), &error);
}

static void refuses_what_is_no_path(void **state)
{
	static const char *const cases[] = {"",       "validate",  "/a b", "/a?b",  "/a#b",
					    "/a\x7f", "/\xc3\xa9", "/a/",  "/a//b", "/a/../b"};
	struct awh_routes routes = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(add(&routes, cases[i]), ADMWH_E_INVAL);
	assert_int_equal(add(&routes, NULL), ADMWH_E_INVAL);
	awh_routes_deinit(&routes);
}

static void shows_a_page_at_any_path(void **state)
{
	struct awh_routes routes = {0};
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_routes_add(&routes, "/a/", awh_route_new_page(NULL, NULL), &error), 0);
	assert_int_equal(awh_routes_add(&routes, "/a b", awh_route_new_page(NULL, NULL), &error),
			 ADMWH_E_INVAL);
	awh_routes_deinit(&routes);
}

static void refuses_a_path_that_is_taken(void **state)
{
	struct awh_routes routes = {0};

	(void)state;
	assert_int_equal(add(&routes, "/a"), 0);
	assert_int_equal(add(&routes, "/a"), ADMWH_E_EXISTS);
	assert_int_equal(routes.n_items, 1);
	awh_routes_deinit(&routes);
}

static void finds_exactly_the_bytes_of_a_path(void **state)
{
	static const char *const near[] = {"/",      "/a/",  "/A", "/a/b/", "/a//b",
					   "/a/./b", "/%61", "a",  ""};
	struct awh_routes routes = {0};

	(void)state;
	assert_int_equal(add(&routes, "/a/b"), 0);
	assert_int_equal(add(&routes, "/z"), 0);
	assert_int_equal(add(&routes, "/a"), 0);
	assert_string_equal(awh_routes_find(&routes, "/a")->path, "/a");
	assert_string_equal(awh_routes_find(&routes, "/a/b")->path, "/a/b");
	assert_string_equal(awh_routes_find(&routes, "/z")->path, "/z");
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		assert_null(awh_routes_find(&routes, near[i]));
	awh_routes_deinit(&routes);
}

static void finds_each_of_many(void **state)
{
	struct awh_routes routes = {0};
	char path[32];

	(void)state;
	for (int i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "/validate/%d", i * 7919 % 500);
		assert_int_equal(add(&routes, path), 0);
	}
	for (int i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "/validate/%d", i);
		assert_string_equal(awh_routes_find(&routes, path)->path, path);
	}
	awh_routes_deinit(&routes);
}

static void finds_a_pattern_where_no_path_is_the_same(void **state)
{
	static const struct {
		const char *path, *route; /* NULL: none */
	} cases[] = {
	    {"/policy/a", "/policy/{id}"},
	    {"/policy/own", "/policy/own"},
	    {"/policy/ownx", "/policy/{id}"},
	    {"/policy/zzz", "/policy/{id}"},
	    {"/policy/~", "/policy/{id}"}, /* sorts behind "{" */
	    {"/policy", "/policy"},
	    {"/policy/", NULL},
	    {"/policy/a/", NULL},
	    {"/policy/a/b", NULL},
	    {"/policy//a", NULL},
	    {"/policy/{id}", NULL},
	    {"/policy/%6Fwn", NULL},
	    {"/policy/..", NULL},
	    {"/policy/a%2Fb", NULL},
	    {"/polic/a", NULL},
	    {"/policyx/a", NULL},
	    {"/other/a", "/other/{x}"},
	    {"/top", "/{top}"},
	    {"/", NULL},
	    {"*", NULL},
	    {"", NULL},
	};
	struct awh_routes routes = {0};

	(void)state;
	assert_int_equal(add(&routes, "/policy/{id}"), 0);
	assert_int_equal(add(&routes, "/other/{x}"), 0);
	assert_int_equal(add(&routes, "/policy/own"), 0);
	assert_int_equal(add(&routes, "/policy/~/a"), 0);
	assert_int_equal(add(&routes, "/policy"), 0);
	assert_int_equal(add(&routes, "/{top}"), 0);
	assert_int_equal(add(&routes, "/policy/{other}"), ADMWH_E_EXISTS);
	assert_int_equal(add(&routes, "/policy/{id}"), ADMWH_E_EXISTS);
	assert_int_equal(add(&routes, "/{a}/{b}"), ADMWH_E_INVAL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct admwh_route *route = awh_routes_find(&routes, cases[i].path);

		if (!route != !cases[i].route || (route && strcmp(route->path, cases[i].route)))
			fail_msg("%s: %s", cases[i].path, route ? route->path : "none");
	}
	awh_routes_deinit(&routes);
}

static void finds_each_of_many_patterns(void **state)
{
	struct awh_routes routes = {0};
	char path[32], wanted[32];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "/%d/{id}", i * 7919 % 300);
		assert_int_equal(add(&routes, path), 0);
	}
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "/%d/x", i);
		snprintf(wanted, sizeof(wanted), "/%d/{id}", i);
		assert_string_equal(awh_routes_find(&routes, path)->path, wanted);
	}
	awh_routes_deinit(&routes);
}

static void gives_no_page_a_pattern(void **state)
{
	struct awh_routes routes = {0};
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(
	    awh_routes_add(&routes, "/healthz/{a}", awh_route_new_page(NULL, NULL), &error),
	    ADMWH_E_INVAL);
	awh_routes_deinit(&routes);
}

static void keeps_its_options_once_frozen(void **state)
{
	struct awh_routes routes = {0};
	struct admwh_route *route;

	(void)state;
	assert_int_equal(add(&routes, "/a"), 0);
	route = awh_routes_find(&routes, "/a");
	assert_int_equal(admwh_route_set_inline(route, true), 0);
	assert_int_equal(admwh_route_set_raw(route, true), 0);
	assert_int_equal(admwh_route_set_on_failure(route, (enum admwh_on_failure)7),
			 ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_on_failure(route, ADMWH_ON_FAILURE_POLICY), 0);
	awh_routes_freeze(&routes, 0);
	assert_int_equal(admwh_route_set_inline(route, false), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_on_failure(route, ADMWH_ON_FAILURE_DENY), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_unmatched(route, ADMWH_UNMATCHED_FAIL), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_dialect(route, ADMWH_DIALECT_PLAIN), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_raw(route, false), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_nul_in_trees(route, true), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_patch_options(route, 0), ADMWH_E_STATE);
	assert_int_equal(admwh_route_add_filter(route, NULL, NULL, 0), ADMWH_E_STATE);
	assert_string_equal(admwh_route_error(route), "the server was started already");
	assert_true(route->is_inline && route->raw);
	awh_routes_deinit(&routes);
}

static void says_what_its_setters_complain_about(void **state)
{
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);

	(void)state;
	assert_int_equal(admwh_route_set_on_failure(route, (enum admwh_on_failure)3),
			 ADMWH_E_INVAL);
	assert_string_equal(admwh_route_error(route), "on_failure 3: expected 1 to 2");
	assert_int_equal(admwh_route_set_on_failure(route, (enum admwh_on_failure)0),
			 ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_unmatched(route, (enum admwh_unmatched)0), ADMWH_E_INVAL);
	assert_string_equal(admwh_route_error(route), "unmatched 0: expected 1 to 2");
	assert_int_equal(admwh_route_set_dialect(route, (enum admwh_dialect) - 1), ADMWH_E_INVAL);
	assert_string_equal(admwh_route_error(route), "dialect -1: expected 1 to 4");
	assert_int_equal(admwh_route_add_filter(route, NULL, NULL, 1u << 31), ADMWH_E_INVAL);
	assert_string_equal(admwh_route_error(route),
			    "operations: expected a sum of ADMWH_OPERATION_BIT()");
	assert_int_equal(admwh_route_set_patch_options(route, 8), ADMWH_E_INVAL);
	assert_string_equal(admwh_route_error(route),
			    "options: expected a sum of ADMWH_PATCH_MAKE_...");
	assert_int_equal(admwh_route_set_raw(route, true), 0);
	assert_string_equal(admwh_route_error(route), "");
	admwh_route_free(route);
}

static void has_no_setter_without_a_route(void **state)
{
	(void)state;
	assert_int_equal(admwh_route_set_on_failure(NULL, ADMWH_ON_FAILURE_DENY), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_inline(NULL, true), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_add_filter(NULL, NULL, NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_unmatched(NULL, ADMWH_UNMATCHED_FAIL), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_dialect(NULL, ADMWH_DIALECT_PLAIN), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_raw(NULL, true), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_nul_in_trees(NULL, true), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_patch_options(NULL, 0), ADMWH_E_INVAL);
	assert_string_equal(admwh_route_error(NULL), "");
}

static void is_not_made_without_a_handler(void **state)
{
	(void)state;
	assert_null(admwh_route_new_validator(NULL, NULL));
	assert_null(admwh_route_new_mutator(NULL, NULL));
	admwh_route_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_no_path),
	    cmocka_unit_test(shows_a_page_at_any_path),
	    cmocka_unit_test(refuses_a_path_that_is_taken),
	    cmocka_unit_test(finds_exactly_the_bytes_of_a_path),
	    cmocka_unit_test(finds_each_of_many),
	    cmocka_unit_test(finds_a_pattern_where_no_path_is_the_same),
	    cmocka_unit_test(finds_each_of_many_patterns),
	    cmocka_unit_test(gives_no_page_a_pattern),
	    cmocka_unit_test(keeps_its_options_once_frozen),
	    cmocka_unit_test(says_what_its_setters_complain_about),
	    cmocka_unit_test(has_no_setter_without_a_route),
	    cmocka_unit_test(is_not_made_without_a_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
