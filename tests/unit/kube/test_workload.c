/* SPDX-License-Identifier: MIT */
/* The Pod of each kind, by reviews as the API server sends them. */
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

#define TEMPLATE "{\"spec\":{\"template\":{\"metadata\":{\"name\":\"t\"},\"spec\":{\"n\":1}}}}"
#define CRON_JOB "{\"spec\":{\"jobTemplate\":" TEMPLATE "}}"

/* What a handler finds of the object. */
struct found {
	const char *pointer;
	char path[64];
	bool is_set;
	char old_path[64];
};

static int look(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct found *found = userdata;
	struct admwh_value pod = admwh_request_pod(req);
	const char *pointer = admwh_request_pod_pointer(req);

	found->pointer = pointer ? "is one" : NULL;
	found->is_set = admwh_value_is_set(pod);
	snprintf(found->path, sizeof(found->path), "%s",
		 admwh_value_path(ADMWH_GET(pod, "spec", "n")));
	snprintf(found->old_path, sizeof(found->old_path), "%s",
		 admwh_value_path(ADMWH_GET(admwh_request_old_pod(req), "spec", "n")));
	return admwh_response_allow(resp);
}

static void finds_the_pod_of_each_kind(void **state)
{
	static const struct {
		const char *group, *kind, *object, *path;
	} cases[] = {
	    {"", "Pod", "{\"spec\":{\"n\":1}}", "spec.n"},
	    {"", "PodTemplate", "{\"template\":{\"spec\":{\"n\":1}}}", "template.spec.n"},
	    {"", "ReplicationController", TEMPLATE, "spec.template.spec.n"},
	    {"apps", "Deployment", TEMPLATE, "spec.template.spec.n"},
	    {"apps", "ReplicaSet", TEMPLATE, "spec.template.spec.n"},
	    {"apps", "StatefulSet", TEMPLATE, "spec.template.spec.n"},
	    {"apps", "DaemonSet", TEMPLATE, "spec.template.spec.n"},
	    {"batch", "Job", TEMPLATE, "spec.template.spec.n"},
	    {"batch", "CronJob", CRON_JOB, "spec.jobTemplate.spec.template.spec.n"},
	    {"extensions", "Deployment", TEMPLATE, "spec.template.spec.n"},
	    {"extensions", "ReplicaSet", TEMPLATE, "spec.template.spec.n"},
	    {"extensions", "DaemonSet", TEMPLATE, "spec.template.spec.n"},
	    /* No workloads. */
	    {"apps", "Pod", "{\"spec\":{\"n\":1}}", NULL},
	    {"example.com", "Pod", "{\"spec\":{\"n\":1}}", NULL},
	    {"", "Deployment", TEMPLATE, NULL},
	    {"apps", "Job", TEMPLATE, NULL},
	    {"batch", "Deployment", TEMPLATE, NULL},
	    {"argoproj.io", "Rollout", TEMPLATE, NULL},
	    {"", "PodExecOptions", "{\"spec\":{\"n\":1}}", NULL},
	    {"", "pod", "{\"spec\":{\"n\":1}}", NULL},
	    {"", "", "{\"spec\":{\"n\":1}}", NULL},
	    {"autoscaling", "Scale", "{\"spec\":{\"replicas\":1}}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct found found = {.pointer = ""};

		assert_string_equal(
		    review(look, &found, cases[i].group, cases[i].kind, cases[i].object, "null"),
		    "");
		assert_string_equal(found.path, cases[i].path ? cases[i].path : "");
		assert_int_equal(found.is_set, cases[i].path != NULL);
		assert_int_equal(found.pointer != NULL, cases[i].path != NULL);
		assert_int_equal(admwh_workload_pod_pointer(cases[i].group, cases[i].kind) != NULL,
				 cases[i].path != NULL);
	}
}

static void finds_the_pod_that_was_there(void **state)
{
	struct found found;

	(void)state;
	assert_string_equal(review(look, &found, "batch", "CronJob", "null", CRON_JOB), "");
	assert_string_equal(found.path, "");
	assert_string_equal(found.old_path, "spec.jobTemplate.spec.template.spec.n");
}

static void takes_what_is_absent_for_no_error(void **state)
{
	static const char *const objects[] = {
	    "null", "{}", "{\"spec\":null}", "{\"spec\":{}}", "{\"spec\":{\"template\":null}}",
	};
	struct found found;

	(void)state;
	for (size_t i = 0; i < COUNT(objects); i++) {
		assert_string_equal(
		    review(look, &found, "apps", "Deployment", objects[i], objects[i]), "");
		assert_false(found.is_set);
		assert_non_null(found.pointer);
	}
}

static void remembers_what_is_malformed(void **state)
{
	static const struct {
		const char *group, *kind, *object, *error;
	} cases[] = {
	    {"batch", "CronJob", "{\"spec\":{\"jobTemplate\":\"evil\"}}",
	     "request.object.spec.jobTemplate: expected an object, got a string"},
	    {"batch", "CronJob", "{\"spec\":{\"jobTemplate\":[{}]}}",
	     "request.object.spec.jobTemplate: expected an object, got an array"},
	    {"batch", "CronJob", "{\"spec\":[]}",
	     "request.object.spec: expected an object, got an array"},
	    {"apps", "Deployment", "{\"spec\":{\"template\":true}}",
	     "request.object.spec.template: expected an object, got a boolean"},
	    {"", "Pod", "{\"spec\":\"none\"}",
	     "request.object.spec: expected an object, got a string"},
	};
	struct found found;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		    review(look, &found, cases[i].group, cases[i].kind, cases[i].object, "null"),
		    cases[i].error);
	assert_string_equal(review(look, &found, "apps", "Deployment", "null", "{\"spec\":7}"),
			    "request.oldObject.spec: expected an object, got a number");
}

static void takes_no_null(void **state)
{
	(void)state;
	assert_null(admwh_request_pod_pointer(NULL));
	assert_true(admwh_value_is_absent(admwh_request_pod(NULL)));
	assert_true(admwh_value_is_absent(admwh_request_old_pod(NULL)));
	assert_null(admwh_workload_pod_pointer(NULL, "Pod"));
	assert_null(admwh_workload_pod_pointer("", NULL));
	assert_int_equal(admwh_route_add_workload(NULL, "a", "b", "/c"), ADMWH_E_INVAL);
}

static void refuses_a_workload(void **state)
{
	static const struct {
		const char *group, *kind, *pod;
		int err;
		const char *error;
	} cases[] = {
	    {NULL, "Rollout", "/spec", ADMWH_E_INVAL, "a workload needs group, kind and pointer"},
	    {"a.io", NULL, "/spec", ADMWH_E_INVAL, "a workload needs group, kind and pointer"},
	    {"a.io", "", "/spec", ADMWH_E_INVAL, "a workload needs group, kind and pointer"},
	    {"a.io", "Rollout", NULL, ADMWH_E_INVAL, "a workload needs group, kind and pointer"},
	    {"a.io", "Rollout", "spec", ADMWH_E_POINTER,
	     "pointer of Rollout: pointer does not begin with \"/\""},
	    {"a.io", "Rollout", "/a~1b", ADMWH_E_POINTER,
	     "pointer of Rollout: expected names without \"~\""},
	    {"apps", "Deployment", "/spec", ADMWH_E_EXISTS, "Deployment is a workload already"},
	    {"b.io", "Rollout", "/spec", ADMWH_E_EXISTS, "Rollout is a workload already"},
	};
	struct found found;
	struct admwh_route *route = admwh_route_new_validator(look, &found);

	(void)state;
	assert_int_equal(admwh_route_add_workload(route, "b.io", "Rollout", "/spec"), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(
		    admwh_route_add_workload(route, cases[i].group, cases[i].kind, cases[i].pod),
		    cases[i].err);
		assert_string_equal(admwh_route_error(route), cases[i].error);
	}
	admwh_route_free(route);
}

static void finds_the_pods_of_kinds_that_a_route_adds(void **state)
{
	struct found found;
	struct admwh_route *route = admwh_route_new_validator(look, &found);

	(void)state;
	assert_int_equal(
	    admwh_route_add_workload(route, "argoproj.io", "Rollout", "/spec/template"), 0);
	assert_int_equal(admwh_route_add_workload(route, "a.io", "Bare", ""), 0);
	assert_string_equal(review_route(route, "argoproj.io", "Rollout", TEMPLATE, TEMPLATE), "");
	assert_string_equal(found.path, "spec.template.spec.n");
	assert_string_equal(found.old_path, "spec.template.spec.n");
	assert_string_equal(review_route(route, "a.io", "Bare", "{\"spec\":{\"n\":1}}", "null"),
			    "");
	assert_string_equal(found.path, "spec.n");
	assert_string_equal(review_route(route, "apps", "Deployment", TEMPLATE, "null"), "");
	assert_string_equal(found.path, "spec.template.spec.n");
	assert_string_equal(review_route(route, "b.io", "Rollout", TEMPLATE, "null"), "");
	assert_null(found.pointer);
	admwh_route_free(route);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_pod_of_each_kind),
	    cmocka_unit_test(finds_the_pod_that_was_there),
	    cmocka_unit_test(takes_what_is_absent_for_no_error),
	    cmocka_unit_test(remembers_what_is_malformed),
	    cmocka_unit_test(takes_no_null),
	    cmocka_unit_test(refuses_a_workload),
	    cmocka_unit_test(finds_the_pods_of_kinds_that_a_route_adds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
