/* SPDX-License-Identifier: MIT */
/* What is set before a server starts, with each allocation failing in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/mutators.h>

#include "../failing_alloc.h"
#include "dispatch/caller.h"
#include "dispatch/hooks.h"
#include "dispatch/pool.h"
#include "dispatch/route.h"

static int allow(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req, (void)userdata;
	return admwh_response_allow(resp);
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)patch, (void)userdata;
	return admwh_response_allow(resp);
}

/* 0 unless an allocation has failed; and then it is there, or that is said. */
static void check(int err, bool failing)
{
	if (failing && alloc_has_failed)
		assert_true(err == 0 || err == ADMWH_E_NOMEM);
	else
		assert_int_equal(err, 0);
}

/* The same of a route's setter. */
static void check_setter(const struct admwh_route *route, int err, bool failing)
{
	check(err, failing);
	assert_int_equal(admwh_route_error(route)[0] != '\0', err != 0);
}

static void set_route(struct admwh_route *route, bool failing)
{
	const unsigned int create = ADMWH_OPERATION_BIT(ADMWH_CREATE);

	check_setter(route, admwh_route_add_filter(route, "apps", "Deployment", create), failing);
	check_setter(route, admwh_route_add_filter(route, NULL, "Pod", create), failing);
	check_setter(route, admwh_route_allow(route, "scanner", ADMWH_RULE_CN, "audit"), failing);
	check_setter(route, admwh_route_allow(route, "default", ADMWH_RULE_URI, "spiffe://a/b"),
		     failing);
	check_setter(route, admwh_route_require_token_group(route, "a"), failing);
	check_setter(route, admwh_route_require_token_group(route, "b"), failing);
}

static void make_routes(bool failing)
{
	static const char *const paths[] = {"/a", "/b", "/c"};
	struct awh_routes routes = {0};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct awh_error error = {0};
		struct admwh_route *route = admwh_route_new_validator(allow, NULL);
		int err;

		if (!route) {
			assert_true(failing);
			continue;
		}
		set_route(route, failing);
		err = awh_routes_add(&routes, paths[i], route, &error);
		check(err, failing);
		assert_true((awh_routes_find(&routes, paths[i]) == route) == (err == 0));
		assert_int_equal(error.code, err);
	}
	awh_routes_deinit(&routes);
}

static void routes_are_added_whole_or_not_at_all(void **state)
{
	(void)state;
	with_failing_allocations(make_routes);
}

static void make_lists(bool failing)
{
	struct admwh_mutators *mutators = admwh_mutators_new();
	struct awh_hooks hooks = {0};
	size_t n = 0;

	for (int i = 0; i < 3; i++) {
		int err = awh_hooks_add(&hooks, (struct awh_hook){.userdata = NULL});

		check(err, failing);
		n += err == 0;
		if (mutators)
			check(admwh_mutators_add(mutators, mutate, NULL), failing);
	}
	assert_int_equal(hooks.n_items, n);
	assert_true(mutators || failing);
	awh_hooks_deinit(&hooks);
	admwh_mutators_free(mutators);
}

static void hooks_and_mutators_are_added_or_not(void **state)
{
	(void)state;
	with_failing_allocations(make_lists);
}

static void make_callers(bool failing)
{
	struct awh_callers *callers = awh_callers_new();
	struct awh_caller *one, *same;

	if (!callers) {
		assert_true(failing);
		return;
	}
	one = awh_callers_get(callers, "cert", "default", "a");
	same = awh_callers_get(callers, "cert", "default", "a");
	assert_true((one && same) || failing);
	if (one && same)
		assert_ptr_equal(one, same);
	assert_int_equal(awh_callers_count(callers), one || same);
	awh_callers_unref(callers, one);
	awh_callers_unref(callers, same);
	assert_int_equal(awh_callers_count(callers), 0);
	awh_callers_free(callers);
}

static void callers_are_counted_or_not_there(void **state)
{
	(void)state;
	with_failing_allocations(make_callers);
}

static void make_pool(bool failing)
{
	struct awh_error error = {0};
	struct awh_pool *pool = awh_pool_new(1, 1, 1, &error);

	assert_true(pool || failing);
	assert_int_equal(error.code, pool ? 0 : ADMWH_E_NOMEM);
	awh_pool_free(pool);
}

static void a_pool_is_made_or_says_why_not(void **state)
{
	(void)state;
	with_failing_allocations(make_pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(routes_are_added_whole_or_not_at_all),
	    cmocka_unit_test(hooks_and_mutators_are_added_or_not),
	    cmocka_unit_test(callers_are_counted_or_not_there),
	    cmocka_unit_test(a_pool_is_made_or_says_why_not),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
