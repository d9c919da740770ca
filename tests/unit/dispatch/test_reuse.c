/* SPDX-License-Identifier: MIT */
/* What a review leaves to the next one: memory, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "dispatch/review.h"

#include "../failing_alloc.h"

#define REVIEW(uid, user, object)                                                                  \
	"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"       \
	"\"uid\":\"" uid "\",\"kind\":{\"kind\":\"Pod\"},\"resource\":{\"resource\":\"pods\"},"    \
	"\"operation\":\"CREATE\",\"userInfo\":" user ",\"object\":" object "}}"

static const char rich[] =
    REVIEW("u-rich", "{\"username\":\"ann\",\"groups\":[\"g\"],\"extra\":{\"k\":[\"v\"]}}",
	   "{\"a\":[1,2,{\"b\":\"c\"}]}");
static const char poor[] = REVIEW("u-poor", "{}", "null");

static struct awh_spares *spares;
static struct admwh_deferral *deferral;

static int set_up(void **state)
{
	(void)state;
	spares = awh_review_spares_new();
	return spares ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	awh_spares_unref(spares);
	return 0;
}

/* Denies a poor user, whatever the review before had. */
static int judge(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)userdata;
	assert_ptr_equal(req->peer, NULL);
	if (req->user->username)
		return admwh_response_allow(resp);
	assert_int_equal(req->user->n_groups + req->user->n_extra, 0);
	assert_null(admwh_request_object_json(req));
	return admwh_response_deny(resp, 403, "no");
}

static int ask_for_a_tree(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	(void)userdata;
	return admwh_request_object_json(req) ? admwh_response_allow(resp)
					      : admwh_response_deny(resp, 403, "no tree");
}

static int defer(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req, (void)userdata;
	deferral = admwh_response_defer(resp);
	return deferral ? 0 : ADMWH_E_NOMEM;
}

static void forget(struct awh_review *review)
{
	(void)review;
}

static int add_label(const struct admwh_request *req, struct admwh_response *resp,
		     struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)userdata;
	assert_int_equal(admwh_patch_add_parents_string(patch, "/metadata/labels/a~1b", "c"), 0);
	return admwh_response_allow(resp);
}

static const struct admwh_route labelling = {.kind = AWH_ROUTE_MUTATE, .mutate = add_label};
static const struct admwh_route judging = {.kind = AWH_ROUTE_VALIDATE, .validate = judge};
static const struct admwh_route building = {.kind = AWH_ROUTE_VALIDATE, .validate = ask_for_a_tree};
static const struct admwh_route deferring = {.kind = AWH_ROUTE_VALIDATE, .validate = defer};

static struct awh_review *begin(const struct admwh_route *route, const char *body)
{
	struct awh_review *review = awh_review_reuse(spares, route, 1 << 20, 10, 1000);

	if (!review)
		return NULL;
	review->done = forget;
	awh_buf_puts(&review->body, body);
	if (awh_review_set_origin(review, NULL, "/t", "10.0.0.1:1", NULL) < 0) {
		awh_review_unref(review);
		return NULL;
	}
	return review;
}

static void run(const struct admwh_route *route, const char *body, enum awh_outcome outcome)
{
	struct awh_review *review = begin(route, body);

	assert_non_null(review);
	assert_true(awh_review_run(review));
	assert_int_equal(review->outcome, outcome);
	awh_review_unref(review);
}

static void takes_no_memory_again(void **state)
{
	(void)state;
	run(&judging, rich, AWH_OUTCOME_ALLOWED);
	alloc_left = 0;
	alloc_stays_failed = true;
	for (int i = 0; i < 3; i++)
		run(&judging, rich, AWH_OUTCOME_ALLOWED);
	alloc_left = -1;
}

/* As those of a Pod with its managedFields: 800 values and their names. */
static void takes_no_memory_again_for_many_values(void **state)
{
	char elements[800 * 8 + 1], *body;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 800; i++)
		len += (size_t)snprintf(elements + len, sizeof(elements) - len, "%s\"%02d\":1%s",
					i % 20 == 0 ? "{" : "", i % 20, i % 20 == 19 ? "}," : ",");
	assert_true(asprintf(&body,
			     "{\"kind\":\"AdmissionReview\",\"apiVersion\":"
			     "\"admission.k8s.io/v1\",\"request\":{\"uid\":\"u\",\"kind\":{},"
			     "\"resource\":{},\"operation\":\"CREATE\",\"userInfo\":{\"username\":"
			     "\"u\"},\"object\":{\"a\":[%s0]}}}",
			     elements) > 0);
	run(&judging, body, AWH_OUTCOME_ALLOWED);
	alloc_left = 0;
	alloc_stays_failed = true;
	run(&judging, body, AWH_OUTCOME_ALLOWED);
	alloc_left = -1;
	free(body);
}

/* Nothing is built of the object. */
static void takes_little_memory_for_a_label(void **state)
{
	(void)state;
	run(&labelling, rich, AWH_OUTCOME_ALLOWED);
	alloc_stays_failed = true;
	for (int i = 0; i < 3; i++) {
		alloc_left = 6;
		run(&labelling, rich, AWH_OUTCOME_ALLOWED);
		alloc_left = -1;
	}
}

static void shows_nothing_of_the_one_before(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct awh_review *review = begin(&judging, poor);

		assert_true(awh_review_run(review));
		assert_int_equal(review->outcome, AWH_OUTCOME_DENIED);
		assert_int_equal(awh_buf_terminate(&review->answer), 0);
		assert_non_null(strstr(review->answer.data, "u-poor"));
		assert_null(strstr(review->answer.data, "u-rich"));
		assert_null(review->http.traceparent);
		assert_int_equal(review->built, 0);
		awh_review_unref(review);
		run(&judging, rich, AWH_OUTCOME_ALLOWED);
		run(&building, rich, AWH_OUTCOME_ALLOWED);
		run(&judging, "{\"request\":", AWH_OUTCOME_MALFORMED);
	}
}

static void keeps_no_large_body_or_index(void **state)
{
	struct awh_review *review = begin(&judging, rich);
	struct awh_spare *spare;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		awh_buf_puts(&review->body, " ");
	assert_true(awh_review_run(review));
	awh_review_unref(review);
	spare = awh_spares_take(spares);
	assert_non_null(spare);
	assert_true(spare->size >= sizeof(struct awh_review) && spare->size <= 32 * 1024);
	assert_true(awh_spares_put(spares, spare));
}

/* The program completes it when the server, and the owner of the spares, are gone. */
static void a_deferred_one_comes_back_when_it_is_given_up(void **state)
{
	struct awh_review *review = begin(&deferring, rich);

	(void)state;
	assert_false(awh_review_run(review));
	assert_true(awh_review_detach(review));
	awh_review_unref(review);
	assert_null(awh_spares_take(spares));
	assert_string_equal(admwh_deferral_request(deferral)->uid, "u-rich");
	admwh_deferral_free(deferral);
	run(&judging, rich, AWH_OUTCOME_ALLOWED);
	review = begin(&deferring, rich);
	assert_false(awh_review_run(review));
	admwh_response_allow(admwh_deferral_response(deferral));
	assert_int_equal(admwh_deferral_complete(deferral, 0), 0);
	assert_int_equal(review->outcome, AWH_OUTCOME_ALLOWED);
	awh_review_unref(review);
	awh_spares_unref(spares);
	spares = NULL;
	admwh_deferral_free(deferral);
}

/* With new memory, and with that of an earlier one. */
static void run_once(bool may_fail)
{
	static const struct admwh_route *const routes[] = {&judging, &building, &deferring};

	awh_spares_unref(spares);
	spares = awh_review_spares_new();
	assert_true(spares || may_fail);
	for (size_t i = 0; i < 2 * sizeof(routes) / sizeof(routes[0]); i++) {
		const struct admwh_route *route = routes[i / 2];
		struct awh_review *review = begin(route, rich);

		assert_true(review || may_fail);
		deferral = NULL;
		if (review && !awh_review_run(review)) {
			admwh_response_allow(admwh_deferral_response(deferral));
			admwh_deferral_complete(deferral, 0);
		}
		if (review && review->outcome != AWH_OUTCOME_ALLOWED)
			assert_true(may_fail);
		awh_review_unref(review);
		admwh_deferral_free(deferral);
	}
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(takes_no_memory_again),
	    TEST(takes_no_memory_again_for_many_values),
	    TEST(takes_little_memory_for_a_label),
	    TEST(shows_nothing_of_the_one_before),
	    TEST(keeps_no_large_body_or_index),
	    TEST(a_deferred_one_comes_back_when_it_is_given_up),
	    TEST(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
