/* SPDX-License-Identifier: MIT */
/* The policies of docs/workloads.md, which shows them as they stand here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "kube_review.h"

static int no_privileged(const struct admwh_request *req, struct admwh_response *resp,
			 void *userdata)
{
	struct admwh_containers all = admwh_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;

	(void)userdata;
	while (admwh_containers_next(&all, &c)) {
		struct admwh_value on = ADMWH_GET(c.value, "securityContext", "privileged");

		if (admwh_value_is_true(on))
			admwh_response_add_error(resp, ADMWH_FORBIDDEN, on, "%s is privileged",
						 c.name);
	}
	return admwh_response_decide(resp);
}

static int workloads_only(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	if (!admwh_request_pod_pointer(req))
		return admwh_response_fail(resp, "%s is no workload", req->kind->kind);
	if (req->operation == ADMWH_DELETE)
		return admwh_response_allow(resp);
	if (admwh_value_is_absent(admwh_request_pod(req)))
		return admwh_response_fail(resp, "there is no Pod");
	return no_privileged(req, resp, userdata);
}

static int registries(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_containers all = admwh_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;

	(void)userdata;
	while (admwh_containers_next(&all, &c)) {
		struct admwh_value text = admwh_value_get(c.value, "image");
		struct admwh_image image;

		if (admwh_image_parse(&image, text) ||
		    !admwh_image_matches(&image, "registry.example.com/team"))
			admwh_response_add_error(resp, ADMWH_FORBIDDEN, text,
						 "comes from a registry that is not allowed");
	}
	return admwh_response_decide(resp);
}

static int pinned_when_new(const struct admwh_request *req, struct admwh_response *resp,
			   void *userdata)
{
	struct admwh_containers fresh = admwh_changed_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;

	(void)userdata;
	while (admwh_containers_next(&fresh, &c)) {
		struct admwh_value text = admwh_value_get(c.value, "image");
		struct admwh_image image;

		if (admwh_image_parse(&image, text) || !image.digest[0])
			admwh_response_add_error(resp, ADMWH_FORBIDDEN, text, "has no digest");
	}
	return admwh_response_decide(resp);
}

static int at_most_four_cpus(const struct admwh_request *req, struct admwh_response *resp,
			     void *userdata)
{
	const struct admwh_quantity *most = userdata; /* parsed by main: "4" */
	struct admwh_containers all = admwh_containers(req, ADMWH_ORDINARY_CONTAINERS);
	struct admwh_quantity sum = {.exponent = 0}, one;
	struct admwh_container c;
	char text[ADMWH_QUANTITY_TEXT_MAX + 1];

	while (admwh_containers_next(&all, &c)) {
		admwh_quantity_parse(&one, ADMWH_GET(c.value, "resources", "requests", "cpu"));
		if (admwh_quantity_add(&sum, &one))
			return admwh_response_fail(resp, "%s asks for too many digits", c.name);
	}
	admwh_quantity_format(&sum, text, sizeof(text));
	if (admwh_quantity_compare(&sum, most) > 0)
		return admwh_response_deny(resp, 403, "%s CPUs are asked for", text);
	return admwh_response_allow(resp);
}

static int frozen(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const struct admwh_selector *selector = userdata; /* "tier in (gold,silver),!canary" */
	struct admwh_value old = admwh_request_old_object(req);

	if (admwh_selector_matches(selector, ADMWH_GET(old, "metadata", "labels")))
		return admwh_response_deny(resp, 403, "it is frozen");
	return admwh_response_allow(resp);
}

static int selects_its_own_pods(const struct admwh_request *req, struct admwh_response *resp,
				void *userdata)
{
	struct admwh_value selector = ADMWH_GET(admwh_request_object(req), "spec", "selector");
	struct admwh_value labels = ADMWH_GET(admwh_request_pod(req), "metadata", "labels");

	(void)userdata;
	if (!admwh_selector_value_matches(selector, labels))
		admwh_response_add_error(resp, ADMWH_FORBIDDEN, selector,
					 "does not match the labels of the template");
	return admwh_response_decide(resp);
}

#define DEPLOYMENT(containers)                                                                     \
	"{\"spec\":{\"template\":{\"spec\":{\"containers\":" containers "}}}}"
#define SHA "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void decides_about_containers(void **state)
{
	static const struct {
		admwh_validate_fn *policy;
		const char *object, *old, *message;
	} cases[] = {
	    {no_privileged, DEPLOYMENT("[{\"name\":\"a\"}]"), "null", ""},
	    {no_privileged,
	     DEPLOYMENT("[{\"name\":\"a\",\"securityContext\":{\"privileged\":true}}]"), "null",
	     "spec.template.spec.containers[0].securityContext.privileged: Forbidden: a is "
	     "privileged"},
	    {workloads_only, DEPLOYMENT("[]"), "null", ""},
	    {workloads_only, "null", DEPLOYMENT("[]"), ""},
	    {workloads_only, "{}", "null", "there is no Pod"},
	    {registries, DEPLOYMENT("[{\"image\":\"registry.example.com/team/a:1\"}]"), "null", ""},
	    {registries, DEPLOYMENT("[{\"image\":\"registry.example.com/teamx/a:1\"}]"), "null",
	     "spec.template.spec.containers[0].image: Forbidden: comes from a registry that is not "
	     "allowed"},
	    {registries, DEPLOYMENT("[{}]"), "null",
	     "spec.template.spec.containers[0].image: Forbidden: comes from a registry that is not "
	     "allowed"},
	    {pinned_when_new, DEPLOYMENT("[{\"name\":\"a\",\"image\":\"x:1\"}]"),
	     DEPLOYMENT("[{\"name\":\"a\",\"image\":\"x:1\"}]"), ""},
	    {pinned_when_new, DEPLOYMENT("[{\"name\":\"a\",\"image\":\"x:1\"}]"), "null",
	     "spec.template.spec.containers[0].image: Forbidden: has no digest"},
	    {pinned_when_new, DEPLOYMENT("[{\"name\":\"a\",\"image\":\"x" SHA "\"}]"), "null", ""},
	    {selects_its_own_pods,
	     "{\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{"
	     "\"labels\":{\"a\":\"b\",\"c\":\"d\"}}}}}",
	     "null", ""},
	    {selects_its_own_pods,
	     "{\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{}}}", "null",
	     "spec.selector: Forbidden: does not match the labels of the template"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(review(cases[i].policy, NULL, "apps", "Deployment",
					   cases[i].object, cases[i].old),
				    cases[i].message);
	assert_string_equal(review(workloads_only, NULL, "", "Service", "{}", "null"),
			    "Service is no workload");
}

static void sums_up_quantities(void **state)
{
#define CPU(cpu) "{\"name\":\"a\",\"resources\":{\"requests\":{\"cpu\":" cpu "}}}"
	static const char *const cases[][2] = {
	    {DEPLOYMENT("[]"), ""},
	    {DEPLOYMENT("[{\"name\":\"a\"}," CPU("\"500m\"") "," CPU("3.5") "]"), ""},
	    {DEPLOYMENT("[" CPU("\"1500m\"") "," CPU("\"2.500000001\"") "]"),
	     "4000000001n CPUs are asked for"},
	    {DEPLOYMENT("[" CPU("\"1e500\"") "," CPU("1") "]"), "a asks for too many digits"},
	    {DEPLOYMENT("[" CPU("\"many\"") "]"),
	     "request.object.spec.template.spec.containers[0].resources.requests.cpu: expected a "
	     "quantity: quantities must match the regular expression "
	     "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
	};
	struct admwh_quantity most;

	(void)state;
	assert_int_equal(admwh_quantity_parse_text(&most, "4"), 0);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		    review(at_most_four_cpus, &most, "apps", "Deployment", cases[i][0], "null"),
		    cases[i][1]);
}

static void chooses_by_labels(void **state)
{
	struct admwh_selector *selector = admwh_selector_parse("tier in (gold,silver),!canary");

	(void)state;
	assert_string_equal(admwh_selector_error(selector), "");
	assert_string_equal(review(frozen, selector, "", "Pod", "{}",
				   "{\"metadata\":{\"labels\":{\"tier\":\"gold\"}}}"),
			    "it is frozen");
	assert_string_equal(
	    review(frozen, selector, "", "Pod", "{}",
		   "{\"metadata\":{\"labels\":{\"tier\":\"gold\",\"canary\":\"\"}}}"),
	    "");
	admwh_selector_free(selector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decides_about_containers),
	    cmocka_unit_test(sums_up_quantities),
	    cmocka_unit_test(chooses_by_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
