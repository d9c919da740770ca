/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of a start and of a review is made to fail in turn: nothing leaks, nothing
 * crashes, and nothing is allowed that would not have been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../wrapped_alloc.h"
#include "evaluate.h"

static bool counting;
static size_t n_allocations, failing;

static bool alloc_fails(void)
{
	return counting && ++n_allocations == failing;
}

static const char policies_yml[] =
    "allow-privilege-escalation-psp:\n"
    "  module: allow-privilege-escalation-psp\n"
    "  allowedToMutate: true\n"
    "  settings: {default_allow_privilege_escalation: false}\n"
    "capabilities-psp:\n"
    "  module: capabilities-psp\n"
    "  settings: {required_drop_capabilities: [A], allowed_capabilities: ['*']}\n"
    "safe-labels:\n"
    "  module: safe-labels\n"
    "  message: mine\n"
    "  settings: {denied_labels: [a], mandatory_labels: [b], constrained_labels: {c: '^x+$'}}\n"
    "trusted-repos:\n"
    "  module: trusted-repos\n"
    "  settings: {images: {allow: [busybox, 'x.io/*']}, tags: {reject: [latest]}}\n"
    "group:\n"
    "  expression: one() && two()\n"
    "  message: both\n"
    "  policies:\n"
    "    one: {module: host-namespaces-psp, settings: {allow_host_ports: [{min: 1, max: 2}]}}\n"
    "    two: {module: pod-privileged}\n";

static const char pod[] =
    "{\"metadata\": {\"labels\": {\"a\": \"1\", \"c\": \"y\"}}, \"spec\": {\"containers\": ["
    "{\"image\": \"nginx\", \"securityContext\": {\"privileged\": true}, \"ports\": ["
    "{\"hostPort\": 1}]}]}}";

/* Read, start, ask each policy. How many allowed that should not have. */
static int run_all(json_t *object)
{
	struct kw_policies policies;
	struct admwh_document *document = admwh_document_parse(pod, strlen(pod));
	struct text error = {0};
	int wrong = 0;

	if (kw_policies_read(&policies, policies_yml, strlen(policies_yml), &error) == 0) {
		kw_policies_start(&policies);
		for (size_t i = 0; i < policies.n; i++) {
			struct kw_review review = {.group = "",
						   .version = "v1",
						   .kind = "Pod",
						   .object = admwh_document_value(document),
						   .object_json = object};
			struct kw_answer answer;

			kw_evaluate(&policies.policies[i], &review, 2, &answer);
			kw_answer_finish(&policies.policies[i], KW_VALIDATE, &answer);
			/* Of a review the library fails it then. */
			answer.allowed = answer.allowed && !*admwh_document_error(document);
			/* The first one changes the object; all others deny it. */
			wrong += answer.allowed && (i > 0 || !answer.patch);
			kw_answer_deinit(&answer);
		}
		kw_policies_deinit(&policies);
	}
	text_deinit(&error);
	admwh_document_free(document);
	return wrong;
}

static void memory_that_runs_out_never_allows(void **state)
{
	json_t *object = json_loads(pod, 0, NULL);
	size_t total;

	(void)state;
	/* jansson is another library: it has to be told of the wrapped allocators. */
	json_set_alloc_funcs(malloc, free);
	counting = true;
	assert_int_equal(run_all(object), 0);
	total = n_allocations;
	assert_true(total > 300);
	for (failing = 1; failing <= total; failing++) {
		n_allocations = 0;
		if (run_all(object) > 0) {
			counting = false;
			fail_msg("allowed when allocation %zu failed", failing);
		}
	}
	counting = false;
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memory_that_runs_out_never_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
