/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/kubeconfig_lookup.h"

/* A kubeconfig with these users, NULL-terminated, each of whose entries is named alike. */
static json_t *config_of(const char *const *users)
{
	json_t *list = json_array();

	for (; *users; users++)
		json_array_append_new(list, json_pack("{s:s,s:{}}", "name", *users, "user"));
	return json_pack("{s:o}", "users", list);
}

static const struct {
	const char *host;
	unsigned int port;
	const char *users[6];
	const char *expected;
} cases[] = {
    {"a.ns.svc", 443, {NULL}, NULL},
    {"a.ns.svc", 443, {"b.ns.svc", "*.other.svc", "a.ns", "*a.ns.svc", NULL}, NULL},
    {"a.ns.svc", 8443, {"a.ns.svc", "*.ns.svc", "*.svc", NULL}, NULL},
    {"a.ns.svc", 8443, {"a.ns.svc:443", "a.ns.svc:84430", NULL}, NULL},
    {"a.ns.svc",
     8443,
     {"*", "*.svc:8443", "*.ns.svc:8443", "a.ns.svc:8443", NULL},
     "a.ns.svc:8443"},
    {"a.ns.svc", 8443, {"*", "*.svc:8443", "*.ns.svc:8443", NULL}, "*.ns.svc:8443"},
    {"a.ns.svc", 8443, {"*", "*.svc:8443", NULL}, "*.svc:8443"},
    {"a.ns.svc", 8443, {"*", NULL}, "*"},
    {"a.ns.svc", 443, {"a.ns.svc", "*.svc:443", NULL}, "*.svc:443"},
    {"a.ns.svc", 443, {"*.ns.svc", "a.ns.svc", NULL}, "a.ns.svc"},
    {"a.ns.svc", 443, {"*", "*.svc", "*.ns.svc", NULL}, "*.ns.svc"},
    {"a.b.ns.svc", 443, {"*.ns.svc", NULL}, "*.ns.svc"},
    {"10.0.0.1", 9443, {"*.0.0.1:9443", NULL}, "*.0.0.1:9443"},
    {"::1", 9443, {"::1:9443", "[::1]:9443", NULL}, "[::1]:9443"},
    {"::1", 443, {"[::1]", "::1", NULL}, "::1"},
    {"kubernetes.default.svc", 443, {"*", NULL}, NULL},
    {"kubernetes.default.svc", 443, {"*.svc", "*", NULL}, "*.svc"},
};

static void finds_the_user_that_kube_apiserver_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *config = config_of(cases[i].users);
		json_t *found = kubeconfig_lookup(config, cases[i].host, cases[i].port);

		if (cases[i].expected)
			assert_string_equal(json_string_value(json_object_get(found, "name")),
					    cases[i].expected);
		else
			assert_null(found);
		json_decref(config);
	}
}

static void takes_the_user_of_the_current_context_last(void **state)
{
	json_t *config = json_pack("{s:[{s:s,s:{}}],s:[{s:s,s:{s:s}}],s:s}", "users", "name", "me",
				   "user", "contexts", "name", "here", "context", "user", "me",
				   "current-context", "here");
	json_t *found = kubeconfig_lookup(config, "a.ns.svc", 443);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(found, "name")), "me");
	json_object_set_new(config, "current-context", json_string("there"));
	assert_null(kubeconfig_lookup(config, "a.ns.svc", 443));
	json_object_del(config, "users");
	assert_null(kubeconfig_lookup(config, "a.ns.svc", 443));
	json_decref(config);
}

static void names_a_user_as_the_look_up_finds_it(void **state)
{
	static const struct {
		const char *host;
		unsigned int port;
		const char *name;
	} names[] = {
	    {"a.ns.svc", 443, "a.ns.svc"},       {"a.ns.svc", 9080, "a.ns.svc:9080"},
	    {"10.0.0.1", 443, "10.0.0.1"},       {"::1", 443, "[::1]:443"},
	    {"fd00::5", 9443, "[fd00::5]:9443"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *name = kubeconfig_user_name(names[i].host, names[i].port);
		const char *const users[] = {"*", name, NULL};
		json_t *config = config_of(users);
		json_t *found = kubeconfig_lookup(config, names[i].host, names[i].port);

		assert_string_equal(name, names[i].name);
		assert_string_equal(json_string_value(json_object_get(found, "name")), name);
		json_decref(config);
		free(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_user_that_kube_apiserver_takes),
	    cmocka_unit_test(takes_the_user_of_the_current_context_last),
	    cmocka_unit_test(names_a_user_as_the_look_up_finds_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
