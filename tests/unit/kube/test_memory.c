/* SPDX-License-Identifier: MIT */
/* Without memory a walk, an image, a quantity or a selector never makes an allow of a denial. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "../failing_alloc.h"

/* Each handler denies when it sees all of the object. */
#define CONTAINER(name) "{\"name\":\"" name "\",\"image\":\"\\u0065vil.io/a\",\"n\":\"\\u0039\"}"
static const char body[] =
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
    "\"uid\":\"u\",\"kind\":{\"group\":\"a.io\",\"version\":\"v1\",\"kind\":\"Rollout\"},"
    "\"resource\":{},\"operation\":\"UPDATE\",\"userInfo\":{},\"object\":{\"spec\":{"
    "\"containers\":[" CONTAINER("\\u0061") "," CONTAINER(
	"b") "]},"
	     "\"selector\":{\"matchLabels\":{\"\\u0061\":\"\\u0062\"},\"matchExpressions\":[{"
	     "\"key\":\"a\",\"operator\":\"In\",\"values\":[\"b\",\"c\"]}]},\"labels\":{\"a\":"
	     "\"\\u0062\"}"
	     "},\"oldObject\":{\"spec\":{\"containers\":[" CONTAINER("\\u0061") "]}}}}";

static int decide(struct admwh_response *resp, bool denies)
{
	return denies ? admwh_response_deny(resp, 403, "no") : admwh_response_allow(resp);
}

static int deny_changed(const struct admwh_request *req, struct admwh_response *resp,
			void *userdata)
{
	struct admwh_containers all = admwh_changed_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;
	size_t n = 0;

	(void)userdata;
	while (admwh_containers_next(&all, &c))
		n += strcmp(c.name, "b") == 0;
	return decide(resp, n > 0);
}

static int deny_images(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_containers all = admwh_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;
	struct admwh_image image;
	bool denies = false;

	(void)userdata;
	while (admwh_containers_next(&all, &c)) {
		admwh_image_parse(&image, admwh_value_get(c.value, "image"));
		denies = denies || admwh_image_matches(&image, "evil.io");
	}
	return decide(resp, denies);
}

static int deny_quantities(const struct admwh_request *req, struct admwh_response *resp,
			   void *userdata)
{
	struct admwh_containers all = admwh_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;
	struct admwh_quantity one, sum = {.exponent = 0};
	int64_t n;

	(void)userdata;
	while (admwh_containers_next(&all, &c)) {
		admwh_quantity_parse(&one, admwh_value_get(c.value, "n"));
		admwh_quantity_add(&sum, &one);
	}
	admwh_quantity_scaled(&sum, 0, &n);
	return decide(resp, n >= 18);
}

static int deny_selected(const struct admwh_request *req, struct admwh_response *resp,
			 void *userdata)
{
	struct admwh_value object = admwh_request_object(req);

	(void)userdata;
	return decide(resp, admwh_selector_value_matches(admwh_value_get(object, "selector"),
							 admwh_value_get(object, "labels")));
}

static int deny_bounded(const struct admwh_request *req, struct admwh_response *resp,
			void *userdata)
{
	struct admwh_containers all = admwh_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;
	struct admwh_quantity most = {.exponent = 0};
	static const char *const names[] = {"a"};

	(void)userdata;
	while (admwh_containers_next(&all, &c)) {
		admwh_response_require_quantity(resp, admwh_value_get(c.value, "n"), NULL, &most);
		admwh_response_require_one_of(resp, admwh_value_get(c.value, "name"), names, 1);
	}
	return admwh_response_decide(resp);
}

static admwh_validate_fn *tried;

static void run(bool failed)
{
	struct admwh_route *route = admwh_route_new_validator(tried, NULL);
	struct admwh_answer *answer = NULL;

	if (route && admwh_route_add_workload(route, "a.io", "Rollout", "") == 0)
		answer = admwh_route_review(route, body, strlen(body));
	assert_true(failed || answer);
	assert_false(answer && admwh_answer_is_allowed(answer));
	admwh_answer_free(answer);
	admwh_route_free(route);
}

static void allows_nothing_without_memory(void **state)
{
	static admwh_validate_fn *const handlers[] = {deny_changed, deny_images, deny_quantities,
						      deny_selected, deny_bounded};

	(void)state;
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		tried = handlers[i];
		with_failing_allocations(run);
	}
}

static void parse_selector(bool failed)
{
	struct admwh_selector *selector = admwh_selector_parse("a in (b,c),!d");

	assert_true(failed || selector);
	assert_string_equal(admwh_selector_error(selector), selector ? "" : "out of memory");
	admwh_selector_free(selector);
}

static void parses_a_selector_or_has_none(void **state)
{
	(void)state;
	with_failing_allocations(parse_selector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(allows_nothing_without_memory),
	    cmocka_unit_test(parses_a_selector_or_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
