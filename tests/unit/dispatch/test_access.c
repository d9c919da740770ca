/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dispatch/access.h"
#include "dispatch/route.h"

static const char *const bundles[] = {"apiserver", "scanner"};

enum { API, SCANNER, N_BUNDLES };

static int allow(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req, (void)userdata;
	return admwh_response_allow(resp);
}

static int set_up(void **state)
{
	*state = admwh_route_new_validator(allow, NULL);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	admwh_route_free(*state);
	return 0;
}

static bool admits(struct admwh_route *route, size_t bundle, const char *cn)
{
	struct awh_peer *peer = awh_peer_new();
	bool is_let_in;

	assert_non_null(peer);
	peer->bundle = bundle;
	peer->cn_form = AWH_CN_ONE;
	peer->facts.common_name = cn;
	assert_int_equal(awh_access_resolve(&route->access, bundles, N_BUNDLES, NULL), 0);
	is_let_in = awh_access_admits(&route->access, peer, 64);
	awh_peer_unref(peer);
	return is_let_in;
}

static void refuses_what_no_caller_could_meet(void **state)
{
	struct admwh_route *route = *state;
	static const enum admwh_route_auth auths[] = {0, 5, -1};

	assert_int_equal(admwh_route_allow(NULL, "apiserver", ADMWH_RULE_ANY, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_allow(route, NULL, ADMWH_RULE_ANY, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_allow(route, "", ADMWH_RULE_ANY, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_allow(route, "apiserver", 0, "x"), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_allow(route, "apiserver", ADMWH_RULE_CN, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_allow(route, "apiserver", ADMWH_RULE_IP, "x"), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_allow(route, "apiserver", (enum admwh_rule)99, "x"),
			 ADMWH_E_INVAL);
	assert_int_equal(admwh_route_require_token_group(route, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_require_token_group(route, ""), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_require_token_group(NULL, "g"), ADMWH_E_INVAL);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(admwh_route_set_auth(route, auths[i]), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_auth(NULL, ADMWH_ROUTE_AUTH_ALL), ADMWH_E_INVAL);
	/* And a rule that was refused has left nothing that would let anyone in, or out. */
	assert_int_equal(route->access.n_bundles, 0);
	assert_int_equal(route->access.n_groups, 0);
	assert_int_equal(route->access.auth, ADMWH_ROUTE_AUTH_ALL);
}

static void says_what_is_wrong_with_a_rule(void **state)
{
	static const struct {
		const char *bundle;
		enum admwh_rule rule;
		const char *value, *error;
	} cases[] = {
	    {"", ADMWH_RULE_ANY, NULL, "a rule needs a bundle"},
	    {"apiserver", 0, "x", "a value needs a rule"},
	    {"apiserver", ADMWH_RULE_IP, "x", "ip:x: expected an IPv4 or IPv6 address"},
	    {"apiserver", ADMWH_RULE_CN, "", "value"},
	};
	struct admwh_route *route = *state;

	assert_string_equal(admwh_route_error(NULL), "");
	assert_string_equal(admwh_route_error(route), "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    admwh_route_allow(route, cases[i].bundle, cases[i].rule, cases[i].value),
		    ADMWH_E_INVAL);
		if (!strstr(admwh_route_error(route), cases[i].error))
			fail_msg("\"%s\" instead of \"%s\"", admwh_route_error(route),
				 cases[i].error);
	}
	assert_int_equal(admwh_route_set_auth(route, (enum admwh_route_auth)0), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_auth(route, (enum admwh_route_auth)5), ADMWH_E_INVAL);
	assert_string_equal(admwh_route_error(route), "auth 5: expected 1 to 4");
	assert_int_equal(admwh_route_require_token_group(route, ""), ADMWH_E_INVAL);
	assert_string_equal(admwh_route_error(route), "a group needs a name");
	assert_int_equal(admwh_route_allow(route, "apiserver", ADMWH_RULE_ANY, NULL), 0);
	assert_string_equal(admwh_route_error(route), "");
}

static void changes_nothing_once_its_server_has_started(void **state)
{
	struct admwh_route *route = *state;

	route->frozen = true;
	assert_int_equal(admwh_route_allow(route, "apiserver", ADMWH_RULE_ANY, NULL),
			 ADMWH_E_STATE);
	assert_int_equal(admwh_route_require_token_group(route, "g"), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_auth(route, ADMWH_ROUTE_AUTH_TOKEN), ADMWH_E_STATE);
	route->frozen = false;
}

static void names_a_bundle_that_does_not_exist(void **state)
{
	struct admwh_route *route = *state;
	struct awh_error error = {0};

	assert_int_equal(admwh_route_allow(route, "scanner", ADMWH_RULE_ANY, NULL), 0);
	assert_int_equal(admwh_route_allow(route, "scanners", ADMWH_RULE_ANY, NULL), 0);
	assert_int_equal(awh_access_resolve(&route->access, bundles, N_BUNDLES, &error),
			 ADMWH_E_NOT_FOUND);
	assert_string_equal(error.text, "there is no bundle \"scanners\"");
}

static void is_for_no_one_but_its_own(void **state)
{
	struct admwh_route *route = *state;

	assert_int_equal(admwh_route_allow(route, "apiserver", ADMWH_RULE_CN, "kube-apiserver"), 0);
	assert_true(admits(route, API, "kube-apiserver"));
	assert_false(admits(route, API, "kube-scheduler"));
	/* The name under another CA, and any certificate of that CA. */
	assert_false(admits(route, SCANNER, "kube-apiserver"));
	assert_false(admits(route, SCANNER, "audit-scanner"));
}

static void takes_several_rules_as_alternatives(void **state)
{
	struct admwh_route *route = *state;

	assert_int_equal(admwh_route_allow(route, "apiserver", ADMWH_RULE_CN, "b"), 0);
	assert_int_equal(admwh_route_allow(route, "apiserver", ADMWH_RULE_CN, "a"), 0);
	assert_int_equal(admwh_route_allow(route, "scanner", ADMWH_RULE_ANY, NULL), 0);
	assert_true(admits(route, API, "a"));
	assert_true(admits(route, API, "b"));
	assert_true(admits(route, SCANNER, "anyone"));
	assert_false(admits(route, API, "anyone"));
	assert_int_equal(admwh_route_allow(route, "apiserver", ADMWH_RULE_ANY, NULL), 0);
	assert_true(admits(route, API, "anyone"));
}

static void is_for_all_without_rules(void **state)
{
	struct admwh_route *route = *state;

	assert_true(admits(route, API, "anyone"));
	assert_true(admits(route, SCANNER, "anyone"));
}

static void takes_holders_of_any_of_its_groups(void **state)
{
	static const char *const groups[] = {"readers", "writers"};
	const struct admwh_bearer none = {.name = "n"};
	const struct admwh_bearer both = {.name = "n", .groups = groups, .n_groups = 2};
	struct admwh_route *route = *state;

	assert_true(awh_access_admits_bearer(&route->access, &none));
	assert_int_equal(admwh_route_require_token_group(route, "admins"), 0);
	assert_false(awh_access_admits_bearer(&route->access, &none));
	assert_false(awh_access_admits_bearer(&route->access, &both));
	assert_int_equal(admwh_route_require_token_group(route, "writers"), 0);
	assert_true(awh_access_admits_bearer(&route->access, &both));
	assert_false(awh_access_admits_bearer(&route->access, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(refuses_what_no_caller_could_meet, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(says_what_is_wrong_with_a_rule, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(changes_nothing_once_its_server_has_started, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(names_a_bundle_that_does_not_exist, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(is_for_no_one_but_its_own, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(takes_several_rules_as_alternatives, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(is_for_all_without_rules, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(takes_holders_of_any_of_its_groups, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
