/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "permissions.h"

static struct permissions *load(const char *table, struct text *error)
{
	char name[64];
	struct permissions *permissions;
	FILE *file;

	snprintf(name, sizeof(name), "/tmp/admwh-permissions-%ld.json", (long)getpid());
	file = fopen(name, "w");
	assert_non_null(file);
	fputs(table, file);
	fclose(file);
	permissions = permissions_load(name, error);
	remove(name);
	return permissions;
}

static void refuses_a_table_it_does_not_understand(void **state)
{
	static const char *const samples[][2] = {
	    {"", "line 1"},
	    {"[]", "expected {\"rules\": [...]}"},
	    {"{}", "expected {\"rules\": [...]}"},
	    {"{\"rules\":{}}", "expected {\"rules\": [...]}"},
	    {"{\"rules\":[],\"rule\":[]}", "expected {\"rules\": [...]}"},
	    {"{\"rules\":[],\"rules\":[]}", "duplicate"},
	    {"{\"rules\":[5]}", "rules[0]: expected an object"},
	    {"{\"rules\":[{\"user\":[\"a\"]}]}", "rules[0]: unknown key user"},
	    {"{\"rules\":[{\"verbs\":[\"*\"],\"projects\":[\"*\"]}]}",
	     "rules[0]: neither users nor groups"},
	    {"{\"rules\":[{\"users\":[\"a\"],\"verbs\":[\"*\"]}]}",
	     "rules[0]: verbs and projects are needed"},
	    {"{\"rules\":[{\"users\":[]}]}", "rules[0].users: expected a list of strings"},
	    {"{\"rules\":[{\"users\":\"a\"}]}", "rules[0].users: expected a list of strings"},
	    {"{\"rules\":[{\"users\":[\"a\",5]}]}", "rules[0].users[1]: expected a string"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct text error = {0};

		assert_null(load(samples[i][0], &error));
		if (!strstr(text_get(&error), samples[i][1]))
			print_message("%s: %s\n", samples[i][0], text_get(&error));
		assert_non_null(strstr(text_get(&error), samples[i][1]));
		text_deinit(&error);
	}
}

static void without_a_file_no_one_may_do_anything(void **state)
{
	static const char *const groups[] = {"system:masters"};
	const struct admwh_user user = {.username = "admin", .groups = groups, .n_groups = 1};
	struct text error = {0};
	struct permissions *permissions = permissions_load(NULL, &error);

	(void)state;
	assert_non_null(permissions);
	assert_false(permissions_allow(permissions, &user, "manage-namespaces", "p"));
	permissions_free(permissions);
	assert_null(permissions_load("/nonexistent", &error));
	assert_string_equal(text_get(&error), "/nonexistent: No such file or directory");
	text_deinit(&error);
}

static void lets_in_whom_a_rule_lists(void **state)
{
	static const char table[] =
	    "{\"rules\":[{\"users\":[\"a\",\"*\"],\"groups\":[\"g\"],\"verbs\":[\"v\"],"
	    "\"projects\":[\"p\"]},{\"groups\":[\"all\"],\"verbs\":[\"*\"],\"projects\":[\"*\"]}]}";
	static const char *const no_groups[1] = {NULL}, *const g[] = {"x", "g"},
				 *const all[] = {"all"};
	const struct {
		const char *user;
		const char *const *groups;
		size_t n_groups;
		const char *verb, *project;
		bool allowed;
	} samples[] = {
	    {NULL, no_groups, 0, "v", "p", false}, {"b", no_groups, 0, "v", "p", false},
	    {"g", no_groups, 0, "v", "p", false},  {"a", no_groups, 0, "w", "p", false},
	    {"a", no_groups, 0, "v", "q", false},  {"all", no_groups, 0, "v", "p", false},
	    {"a", no_groups, 0, "v", "", false},   {"b", g, 1, "v", "p", false},
	    {"a", no_groups, 0, "v", "p", true},   {"b", g, 2, "v", "p", true},
	    {"b", all, 1, "anything", "", true},   {"*", no_groups, 0, "v", "p", true},
	};
	struct text error = {0};
	struct permissions *permissions = load(table, &error);

	(void)state;
	assert_non_null(permissions);
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct admwh_user user = {.username = samples[i].user,
						.groups = samples[i].groups,
						.n_groups = samples[i].n_groups};

		assert_int_equal(
		    permissions_allow(permissions, &user, samples[i].verb, samples[i].project),
		    samples[i].allowed);
	}
	permissions_free(permissions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_a_table_it_does_not_understand),
	    cmocka_unit_test(without_a_file_no_one_may_do_anything),
	    cmocka_unit_test(lets_in_whom_a_rule_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
