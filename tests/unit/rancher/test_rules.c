/* SPDX-License-Identifier: MIT */
/*
 * Each rule says what the cases expect of it, by admwh_route_review(): this is how
 * a policy is tested without a socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "cases.h"
#include "rancher.h"

static void check(const struct one_case *one)
{
	struct admwh_answer *answer;
	const json_t *wanted = json_object_get(one->expect, "status"), *status;
	json_t *response;
	int http = (int)json_integer_value(json_object_get(one->expect, "http_status"));

	assert_non_null(one->route);
	answer = admwh_route_review(one->route, one->body, strlen(one->body));
	assert_int_equal(admwh_answer_status(answer), http);
	response = response_of(answer);
	assert_true(json_equal(json_object_get(response, "allowed"),
			       json_object_get(one->expect, "allowed")));
	status = json_object_get(response, "status");
	if (wanted && !json_equal(status, wanted))
		print_message("%s: %s\n", one->id, admwh_answer_body(answer, NULL));
	if (wanted)
		assert_true(json_equal(status, wanted));
	assert_int_equal(json_object_get(response, "patch") != NULL,
			 json_object_get(one->expect, "patchType") != NULL);
	json_decref(response);
	admwh_answer_free(answer);
}

static void every_rule_answers_as_its_cases_say(void **state)
{
	json_t *cases = cases_load(), *one;
	size_t i, n = 0;

	(void)state;
	json_array_foreach(cases, i, one) {
		struct permissions *permissions = permissions_of(one);
		struct one_case opened;

		assert_non_null(permissions);
		if (case_open(one, permissions, &opened)) {
			check(&opened);
			case_close(&opened);
			n++;
		}
		permissions_free(permissions);
	}
	assert_true(n > 300);
	json_decref(cases);
}

static void a_path_of_no_rule_has_no_route(void **state)
{
	static const char *const paths[] = {"",
					    "/",
					    "/v1/webhook/validation/",
					    "/v1/webhook/validation/nope",
					    "/v1/webhook/validation/namespaces/",
					    "/v1/webhook/mutation/namespaces"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_null(routes_new(paths[i], NULL));
}

static void stamping_is_done_when_it_is_done(void **state)
{
	static const struct {
		const char *path;
		admwh_mutate_fn *mutate;
	} mutators[] = {
	    {"/v1/webhook/mutation/rke-machine-config.cattle.io", mutate_machine_config},
	    {"/v1/webhook/mutation/secrets", mutate_secret},
	    {"/v1/webhook/mutation/clusterroletemplatebindings.management.cattle.io",
	     mutate_cluster_role_template_binding},
	    {"/v1/webhook/mutation/projectroletemplatebindings.management.cattle.io",
	     mutate_project_role_template_binding},
	};
	json_t *cases = cases_load(), *one;
	size_t i, n = 0;

	(void)state;
	json_array_foreach(cases, i, one) {
		for (size_t m = 0; m < sizeof(mutators) / sizeof(mutators[0]); m++) {
			struct one_case opened;

			if (strcmp(json_string_value(json_object_get(one, "path")),
				   mutators[m].path) != 0 ||
			    !json_object_get(json_object_get(one, "expect"), "patchType") ||
			    !case_open(one, NULL, &opened))
				continue;
			assert_int_equal(admwh_review_is_idempotent(opened.body,
								    strlen(opened.body),
								    mutators[m].mutate, NULL, NULL),
					 1);
			case_close(&opened);
			n++;
		}
	}
	assert_true(n > 10);
	json_decref(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_path_of_no_rule_has_no_route),
	    cmocka_unit_test(every_rule_answers_as_its_cases_say),
	    cmocka_unit_test(stamping_is_done_when_it_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
