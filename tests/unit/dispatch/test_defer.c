/* SPDX-License-Identifier: MIT */
/* Reviews that are decided later, without a server: the call waits for them. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "../failing_alloc.h"

static const char review[] =
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
    "\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"
    "\"resource\":{},\"operation\":\"CREATE\",\"userInfo\":{},\"object\":{\"a\":1},\"options\":{"
    "\"b\":\"\\u0000\"}}}";

/* What one handler does, and what its thread does. */
struct plan {
	bool in_handler; /* complete before the handler returns */
	bool gives_up;
	bool keeps; /* the test frees the deferral */
	bool asks;  /* for the tree of the options */
	int returned;
	const char *denies; /* NULL: allows */
	struct admwh_deferral *deferral;
	int completed, again;
	pthread_t thread;
	bool has_thread;
};

static void decide(struct plan *plan)
{
	struct admwh_deferral *deferral = plan->deferral;
	struct admwh_response *resp = admwh_deferral_response(deferral);
	struct admwh_patch *patch = admwh_deferral_patch(deferral);

	if (plan->gives_up) {
		admwh_deferral_free(deferral);
		return;
	}
	if (plan->asks)
		assert_null(admwh_request_options_json(admwh_deferral_request(deferral)));
	if (plan->denies)
		admwh_response_deny(resp, 403, "%s", plan->denies);
	else
		admwh_response_allow(resp);
	if (patch)
		admwh_patch_add_new(patch, "/later", json_true());
	plan->completed = admwh_deferral_complete(deferral, plan->returned);
	plan->again = admwh_deferral_complete(deferral, 0);
	if (!plan->keeps)
		admwh_deferral_free(deferral);
}

static void *thread_main(void *plan)
{
	decide(plan);
	return NULL;
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	struct plan *plan = userdata;

	admwh_response_add_warning(resp, "before");
	if (patch)
		admwh_patch_add_new(patch, "/now", json_true());
	plan->deferral = admwh_response_defer(resp);
	if (!plan->deferral)
		return admwh_response_allow(resp);
	assert_null(admwh_response_defer(resp));
	if (plan->in_handler)
		decide(plan);
	else
		plan->has_thread = pthread_create(&plan->thread, NULL, thread_main, plan) == 0;
	/* None of this counts. */
	admwh_response_deny(resp, 500, "too late");
	if (patch)
		assert_int_not_equal(admwh_patch_remove(patch, "/a"), 0);
	assert_string_equal(req->uid, "u-1");
	return -1;
}

static int validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	return mutate(req, resp, NULL, userdata);
}

/* What the answer says; NULL when there was no memory for one. *new* */
static char *run(struct plan *plan, bool mutates)
{
	struct admwh_answer *answer =
	    mutates ? admwh_review_mutate(review, strlen(review), mutate, plan)
		    : admwh_review_validate(review, strlen(review), validate, plan);
	char *text = answer ? strdup(admwh_answer_body(answer, NULL)) : NULL;

	admwh_answer_free(answer);
	if (plan->has_thread)
		pthread_join(plan->thread, NULL);
	return text;
}

static void expect(struct plan plan, bool mutates, const char *answer)
{
	for (int in_handler = 0; in_handler < 2; in_handler++) {
		struct plan this = plan;
		char *text;

		this.in_handler = in_handler;
		text = run(&this, mutates);
		assert_non_null(strstr(text, answer));
		assert_non_null(strstr(text, "\"warnings\":[\"before\"]"));
		free(text);
		if (plan.gives_up)
			continue;
		assert_int_equal(this.completed, 0);
		assert_int_equal(this.again, ADMWH_E_STATE);
	}
}

static void answers_what_the_deferral_says(void **state)
{
	(void)state;
	expect((struct plan){.denies = "not today"}, false, "\"message\":\"not today\"");
	expect((struct plan){.denies = NULL}, false, "\"allowed\":true");
	expect((struct plan){.returned = -5}, false, "handler failed (-5)");
	expect((struct plan){.gives_up = true}, false, "the deferred review was given up");
	expect((struct plan){.asks = true}, false,
	       "request.options.b: U+0000 is not taken by the handler");
	expect((struct plan){.asks = true, .denies = "not so"}, false, "\"message\":\"not so\"");
}

static void keeps_the_patch_from_before_and_after(void **state)
{
	/* [{"op":"add","path":"/now","value":true},{"op":"add","path":"/later","value":true}] */
	(void)state;
	expect((struct plan){.denies = NULL}, true,
	       "W3sib3AiOiJhZGQiLCJwYXRoIjoiL25vdyIsInZhbHVlIjp0cnVlfSx7Im9wIjoiYWRkIiwicGF0aCI6Ii"
	       "9sYXRlciIsInZhbHVlIjp0cnVlfV0=");
}

static void keeps_the_request_until_it_is_freed(void **state)
{
	struct plan plan = {.keeps = true};
	char *text = run(&plan, true);
	const struct admwh_request *req = admwh_deferral_request(plan.deferral);

	(void)state;
	assert_string_equal(req->uid, "u-1");
	assert_int_equal(json_integer_value(json_object_get(admwh_request_object_json(req), "a")),
			 1);
	assert_int_equal(admwh_deferral_complete(plan.deferral, 0), ADMWH_E_STATE);
	admwh_deferral_free(plan.deferral);
	free(text);
}

static void bears_missing_arguments(void **state)
{
	(void)state;
	assert_null(admwh_response_defer(NULL));
	assert_null(admwh_deferral_request(NULL));
	assert_null(admwh_deferral_response(NULL));
	assert_null(admwh_deferral_patch(NULL));
	assert_int_equal(admwh_deferral_complete(NULL, 0), ADMWH_E_INVAL);
	admwh_deferral_free(NULL);
}

static int never_allow(const struct admwh_request *req, struct admwh_response *resp,
		       struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)patch, (void)userdata;
	return admwh_response_deny(resp, 403, "never");
}

/* Or those after it would be left out, and what they deny be allowed. */
static void a_mutator_of_a_chain_cannot_defer(void **state)
{
	struct admwh_mutators *chain = admwh_mutators_new();
	struct plan plan = {.in_handler = true};
	struct admwh_answer *answer;

	(void)state;
	assert_int_equal(admwh_mutators_add(chain, mutate, &plan), 0);
	assert_int_equal(admwh_mutators_add(chain, never_allow, NULL), 0);
	answer = admwh_review_mutate(review, strlen(review), admwh_mutators_run, chain);
	assert_non_null(answer);
	assert_null(plan.deferral);
	assert_non_null(strstr(admwh_answer_body(answer, NULL), "\"allowed\":false"));
	assert_non_null(strstr(admwh_answer_body(answer, NULL), "cannot be deferred"));
	admwh_answer_free(answer);
	admwh_mutators_free(chain);
}

/* Nothing is lost, and nothing is allowed that lost a part. */
static void run_once(bool failed)
{
	struct plan plan = {.in_handler = true};
	struct admwh_answer *answer = admwh_review_mutate(review, strlen(review), mutate, &plan);

	assert_true(failed || answer);
	if (answer && strstr(admwh_answer_body(answer, NULL), "\"allowed\":true")) {
		assert_non_null(strstr(admwh_answer_body(answer, NULL), "\"patch\""));
		assert_non_null(strstr(admwh_answer_body(answer, NULL), "\"before\""));
	} else {
		assert_true(failed);
	}
	admwh_answer_free(answer);
}

static void survives_memory_that_runs_out(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_what_the_deferral_says),
	    cmocka_unit_test(keeps_the_patch_from_before_and_after),
	    cmocka_unit_test(keeps_the_request_until_it_is_freed),
	    cmocka_unit_test(bears_missing_arguments),
	    cmocka_unit_test(a_mutator_of_a_chain_cannot_defer),
	    cmocka_unit_test(survives_memory_that_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
