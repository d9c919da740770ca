/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of the rules, and of the JSON library, fails in turn, in every review. What
 * comes of it may be a failure or a refusal, but never an allow where the rule refuses, nor an
 * allow without the patch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "../wrapped_alloc.h"
#include "cases.h"

static atomic_long left; /* allocations until one fails; negative: none does */

static bool alloc_fails(void)
{
	return atomic_fetch_sub(&left, 1) == 0;
}

static void *json_alloc(size_t size)
{
	return malloc(size);
}

static void expect_no_wrong_allow(const struct one_case *one, const struct admwh_answer *answer)
{
	json_t *response = response_of(answer);
	bool allowed = json_is_true(json_object_get(response, "allowed"));
	bool patched = json_object_get(response, "patch") != NULL;

	if (allowed && (!json_is_true(json_object_get(one->expect, "allowed")) ||
			patched != (json_object_get(one->expect, "patchType") != NULL)))
		fail_msg("%s: %s", one->id, admwh_answer_body(answer, NULL));
	json_decref(response);
}

/* False once no allocation was left to fail. */
static bool review_without(const struct one_case *one, long n)
{
	struct admwh_answer *answer;
	bool failed;

	atomic_store(&left, n);
	answer = admwh_route_review(one->route, one->body, strlen(one->body));
	failed = atomic_load(&left) < 0;
	atomic_store(&left, -1);
	if (answer)
		expect_no_wrong_allow(one, answer);
	admwh_answer_free(answer);
	return failed;
}

static void no_allocation_that_fails_is_an_allow(void **state)
{
	json_t *cases = cases_load(), *one;
	size_t i;
	long total = 0;

	(void)state;
	json_array_foreach(cases, i, one) {
		struct permissions *permissions = permissions_of(one);
		struct one_case opened;

		if (case_open(one, permissions, &opened)) {
			for (long n = 0; review_without(&opened, n); n++)
				total++;
			case_close(&opened);
		}
		permissions_free(permissions);
	}
	assert_true(total > 3000);
	json_decref(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_allocation_that_fails_is_an_allow),
	};

	atomic_store(&left, -1);
	json_set_alloc_funcs(json_alloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
