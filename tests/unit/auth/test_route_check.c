/* SPDX-License-Identifier: MIT */
/* Which routes a config can serve: what they ask for is configured, and can be met. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../temp_folder.h"
#include "../good_server.h"
#include "auth/route_check.h"
#include "../wrapped_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool has_no_memory;

static bool alloc_fails(void)
{
	return has_no_memory;
}

/* What the config has. */
enum { CAS = 1, TOKENS = 2, PER_REQUEST = 4, CONFIGS = 8 };

static struct admwh_config *configs[CONFIGS];

static struct admwh_config *make_config(unsigned int has)
{
	struct admwh_config *config = admwh_config_new();

	put_text("tokens", "t,name,uid\n");
	if (has & CAS) {
		assert_non_null(admwh_config_bundle(config, "default"));
		assert_non_null(admwh_config_bundle(config, "scanner"));
	}
	if (has & TOKENS)
		assert_int_equal(
		    admwh_config_set_token_file(config, in_folder("tokens"), NULL, NULL), 0);
	if (has & PER_REQUEST)
		assert_int_equal(admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST),
				 0);
	return config;
}

static int set_up(void **state)
{
	if (make_folder(state))
		return -1;
	for (unsigned int has = 0; has < CONFIGS; has++)
		configs[has] = make_config(has);
	return 0;
}

static int tear_down(void **state)
{
	for (unsigned int has = 0; has < CONFIGS; has++)
		admwh_config_free(configs[has]);
	return remove_folder(state);
}

/* Any of it may be left out. */
struct wishes {
	enum admwh_route_auth auth;
	const char *bundle; /* whose callers are allowed */
	const char *group;
};

static void add_route(struct awh_routes *routes, const char *path, const struct wishes *wishes)
{
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);

	assert_int_equal(awh_routes_add(routes, path, route, NULL), 0);
	if (wishes->auth)
		assert_int_equal(admwh_route_set_auth(route, wishes->auth), 0);
	if (wishes->bundle)
		assert_int_equal(admwh_route_allow(route, wishes->bundle, ADMWH_RULE_ANY, NULL), 0);
	if (wishes->group)
		assert_int_equal(admwh_route_require_token_group(route, wishes->group), 0);
}

#define NO_CA "route /pods asks for certificates, but no client CA is set"
#define NO_TOKENS "route /pods asks for tokens, but none are set"
#define NOT_PER_REQUEST                                                                            \
	"route /pods takes callers without a certificate: that needs client authentication per "   \
	"request"
#define GROUP_OF_NONE "route /pods requires a group, but asks for certificates alone"
#define RULES_OF_NONE "route /pods has rules for certificates, but asks for tokens alone"
#define NO_BUNDLE "route /pods: there is no bundle \"other\""

static void refuses_what_no_caller_could_do(void **state)
{
	static const struct {
		unsigned int has;
		struct wishes wishes;
		const char *text;
	} cases[] = {
	    {0, {.auth = ADMWH_ROUTE_AUTH_CERTIFICATE}, NO_CA},
	    {TOKENS, {.auth = ADMWH_ROUTE_AUTH_CERTIFICATE}, NO_CA},
	    {TOKENS, {.auth = ADMWH_ROUTE_AUTH_EITHER}, NO_CA},
	    {TOKENS | PER_REQUEST, {.auth = ADMWH_ROUTE_AUTH_EITHER}, NO_CA},
	    {CAS, {.auth = ADMWH_ROUTE_AUTH_TOKEN}, NO_TOKENS},
	    {CAS, {.auth = ADMWH_ROUTE_AUTH_EITHER}, NO_TOKENS},
	    {CAS | PER_REQUEST, {.auth = ADMWH_ROUTE_AUTH_TOKEN}, NO_TOKENS},
	    {CAS | PER_REQUEST, {.auth = ADMWH_ROUTE_AUTH_EITHER}, NO_TOKENS},
	    {0, {.group = "g"}, NO_TOKENS},
	    {CAS, {.group = "g"}, NO_TOKENS},
	    {CAS, {.auth = ADMWH_ROUTE_AUTH_CERTIFICATE, .group = "g"}, NO_TOKENS},
	    {CAS | TOKENS, {.auth = ADMWH_ROUTE_AUTH_TOKEN}, NOT_PER_REQUEST},
	    {CAS | TOKENS, {.auth = ADMWH_ROUTE_AUTH_EITHER}, NOT_PER_REQUEST},
	    {CAS | TOKENS, {.auth = ADMWH_ROUTE_AUTH_CERTIFICATE, .group = "g"}, GROUP_OF_NONE},
	    {CAS | TOKENS | PER_REQUEST,
	     {.auth = ADMWH_ROUTE_AUTH_TOKEN, .bundle = "default"},
	     RULES_OF_NONE},
	    {TOKENS, {.auth = ADMWH_ROUTE_AUTH_TOKEN, .bundle = "default"}, RULES_OF_NONE},
	    {0, {.bundle = "other"}, NO_BUNDLE},
	    {TOKENS, {.bundle = "other"}, NO_BUNDLE},
	    {CAS, {.bundle = "other"}, NO_BUNDLE},
	    {CAS | TOKENS | PER_REQUEST,
	     {.auth = ADMWH_ROUTE_AUTH_EITHER, .bundle = "other", .group = "g"},
	     NO_BUNDLE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_routes routes = {0};
		struct awh_error error = {0};

		/* One that is good does not hide it, on either side. */
		add_route(&routes, "/a", &(struct wishes){0});
		add_route(&routes, "/pods", &cases[i].wishes);
		add_route(&routes, "/z", &(struct wishes){0});
		if (awh_routes_check(&routes, configs[cases[i].has], &error) != ADMWH_E_INVAL)
			fail_msg("case %zu is accepted", i);
		assert_int_equal(error.code, ADMWH_E_INVAL);
		assert_string_equal(error.text, cases[i].text);
		awh_routes_deinit(&routes);
	}
}

static void accepts_what_some_caller_can_do(void **state)
{
	static const struct {
		unsigned int has;
		struct wishes wishes;
	} cases[] = {
	    {0, {0}},
	    {CAS, {0}},
	    {TOKENS, {0}},
	    {CAS | TOKENS, {0}},
	    {CAS, {.auth = ADMWH_ROUTE_AUTH_CERTIFICATE}},
	    {CAS | PER_REQUEST, {.auth = ADMWH_ROUTE_AUTH_CERTIFICATE}},
	    {CAS | TOKENS, {.auth = ADMWH_ROUTE_AUTH_CERTIFICATE, .bundle = "scanner"}},
	    {CAS, {.bundle = "scanner"}},
	    {CAS | TOKENS, {.bundle = "scanner", .group = "g"}},
	    {TOKENS, {.group = "g"}},
	    {TOKENS, {.auth = ADMWH_ROUTE_AUTH_TOKEN}},
	    {TOKENS, {.auth = ADMWH_ROUTE_AUTH_TOKEN, .group = "g"}},
	    {CAS | TOKENS | PER_REQUEST, {.auth = ADMWH_ROUTE_AUTH_TOKEN, .group = "g"}},
	    {CAS | TOKENS | PER_REQUEST, {.auth = ADMWH_ROUTE_AUTH_EITHER}},
	    {CAS | TOKENS | PER_REQUEST,
	     {.auth = ADMWH_ROUTE_AUTH_EITHER, .bundle = "scanner", .group = "g"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_routes routes = {0};
		struct awh_error error = {0};

		add_route(&routes, "/pods", &cases[i].wishes);
		if (awh_routes_check(&routes, configs[cases[i].has], &error))
			fail_msg("case %zu: %s", i, error.text);
		if (cases[i].wishes.bundle) /* the second of the config */
			assert_int_equal(routes.items[0]->access.bundles[0].index, 1);
		awh_routes_deinit(&routes);
	}
}

static void accepts_every_config_without_a_route(void **state)
{
	struct awh_routes routes = {0};

	(void)state;
	for (unsigned int has = 0; has < CONFIGS; has++)
		assert_int_equal(awh_routes_check(&routes, configs[has], NULL), 0);
}

static void each_bundle_of_a_route_is_resolved(void **state)
{
	struct awh_routes routes = {0};
	const struct awh_access *access;

	(void)state;
	add_route(&routes, "/pods", &(struct wishes){.bundle = "scanner"});
	assert_int_equal(admwh_route_allow(routes.items[0], "default", ADMWH_RULE_CN, "b"), 0);
	assert_int_equal(admwh_route_allow(routes.items[0], "default", ADMWH_RULE_CN, "a"), 0);
	assert_int_equal(awh_routes_check(&routes, configs[CAS], NULL), 0);
	access = &routes.items[0]->access;
	assert_int_equal(access->n_bundles, 2);
	assert_int_equal(access->bundles[0].index, 1);
	assert_int_equal(access->bundles[1].index, 0);
	/* Their rules are sealed, so that they can be found. */
	assert_non_null(awh_values_find(&access->bundles[1].rules, ADMWH_RULE_CN, "a"));
	assert_non_null(awh_values_find(&access->bundles[1].rules, ADMWH_RULE_CN, "b"));
	awh_routes_deinit(&routes);
}

static void says_when_memory_runs_out(void **state)
{
	struct awh_routes routes = {0};
	struct awh_error error = {0};
	int err;

	(void)state;
	add_route(&routes, "/pods", &(struct wishes){.bundle = "scanner"});
	has_no_memory = true;
	err = awh_routes_check(&routes, configs[CAS], &error);
	has_no_memory = false;
	assert_int_equal(err, ADMWH_E_NOMEM);
	assert_int_equal(error.code, ADMWH_E_NOMEM);
	awh_routes_deinit(&routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_no_caller_could_do),
	    cmocka_unit_test(accepts_what_some_caller_can_do),
	    cmocka_unit_test(accepts_every_config_without_a_route),
	    cmocka_unit_test(each_bundle_of_a_route_is_resolved),
	    cmocka_unit_test(says_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
