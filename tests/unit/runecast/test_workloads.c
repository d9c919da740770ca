/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/review.h>

#include "workloads.h"

#define POD                                                                                        \
	"\"spec\":{\"initContainers\":[{\"image\":\"i\"}],\"containers\":[{\"image\":\"a\"},{"     \
	"\"image\":\"b\"}],\"ephemeralContainers\":[{\"image\":\"e\"}]}"

struct walk {
	char text[256];
	int ends_with, ended;
	struct workload_problem problem;
	bool allowed;
};

static int gather(const char *image, void *userdata)
{
	struct walk *walk = userdata;
	size_t len = strlen(walk->text);

	snprintf(walk->text + len, sizeof(walk->text) - len, "%s ", image);
	return walk->ends_with;
}

static int look(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct walk *walk = userdata;

	walk->ended = workload_each_image(req, gather, walk, &walk->problem);
	return admwh_response_allow(resp);
}

/* What the walk ended with. */
static int walk_text(const char *group, const char *kind, const char *object, struct walk *walk)
{
	char body[1024];
	struct admwh_answer *answer;

	snprintf(body, sizeof(body),
		 "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":"
		 "{\"uid\":\"u\",\"kind\":{\"group\":\"%s\",\"version\":\"v1\",\"kind\":\"%s\"},"
		 "\"resource\":{},\"operation\":\"CREATE\",\"userInfo\":{},\"object\":%s}}",
		 group, kind, object);
	answer = admwh_review_validate(body, strlen(body), look, walk);
	walk->allowed = admwh_answer_is_allowed(answer);
	admwh_answer_free(answer);
	return walk->ended;
}

static void complains_where_not_every_image_can_be_found(void **state)
{
	static const struct {
		const char *group, *kind, *object, *problem;
	} cases[] = {
	    {"", "Pod", "null", "there are no containers"},
	    {"", "Pod", "{}", "there are no containers"},
	    {"", "Pod", "{\"spec\":null}", "there are no containers"},
	    {"", "Pod", "{\"spec\":[]}", "there are no containers"},
	    {"", "Pod", "{\"spec\":{\"containers\":null}}", "there are no containers"},
	    {"", "Pod", "{\"spec\":{\"containers\":[]}}", "there are no containers"},
	    {"", "Pod", "{\"spec\":{\"containers\":{\"image\":\"a\"}}}", "there are no containers"},
	    {"", "Pod", "{\"spec\":{\"initContainers\":[{\"image\":\"a\"}]}}",
	     "there are no containers"},
	    {"", "Pod", "{\"spec\":{\"containers\":[null]}}", "spec.containers[0] has no image"},
	    {"", "Pod", "{\"spec\":{\"containers\":[{\"image\":\"nginx:1.25\\u0000x\"}]}}",
	     "spec.containers[0] has no image"},
	    {"", "Pod", "{\"spec\":{\"containers\":[{\"image\":\"a\"},{}]}}",
	     "spec.containers[1] has no image"},
	    {"", "Pod", "{\"spec\":{\"containers\":[{\"image\":[\"a\"]}]}}",
	     "spec.containers[0] has no image"},
	    {"", "Pod", "{\"spec\":{\"containers\":[{\"image\":\"a\"}],\"initContainers\":[1]}}",
	     "spec.initContainers[0] has no image"},
	    {"apps", "Deployment", "{\"spec\":{\"containers\":[{\"image\":\"a\"}]}}",
	     "there are no containers"},
	    {"batch", "CronJob", "{\"spec\":{\"jobTemplate\":\"a\"}}", "there are no containers"},
	    {"autoscaling", "Scale", "{\"spec\":{\"replicas\":1}}", "there are no containers"},
	    {"example.com", "Pod", "{\"spec\":{\"containers\":[{\"image\":\"a\"}]}}",
	     "there are no containers"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct walk walk = {.ends_with = 0};

		assert_int_equal(walk_text(cases[i].group, cases[i].kind, cases[i].object, &walk),
				 -1);
		assert_string_equal(walk.problem.text, cases[i].problem);
	}
}

/* The review fails, although the walk has not complained. */
static void allows_nothing_that_is_malformed(void **state)
{
	static const char *const objects[] = {
	    "{\"spec\":{\"containers\":[{\"image\":\"a\"}],\"initContainers\":{}}}",
	    "{\"spec\":{\"containers\":[{\"image\":\"a\"}],\"ephemeralContainers\":\"x\"}}",
	    "{\"spec\":{\"containers\":[{\"image\":\"a\",\"name\":1}]}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		struct walk walk = {.ends_with = 0};

		assert_int_equal(walk_text("", "Pod", objects[i], &walk), 0);
		assert_false(walk.allowed);
	}
}

static void finds_the_images_of_all_lists(void **state)
{
	struct walk walk = {.ends_with = 0};

	(void)state;
	assert_int_equal(walk_text("", "Pod", "{" POD "}", &walk), 0);
	assert_string_equal(walk.text, "i a b e ");
	assert_true(walk.allowed);
}

static void ends_when_the_callback_says_so(void **state)
{
	struct walk walk = {.ends_with = 7};

	(void)state;
	assert_int_equal(
	    walk_text("apps", "Deployment", "{\"spec\":{\"template\":{" POD "}}}", &walk), 7);
	assert_string_equal(walk.text, "i ");
}

static void tells_what_will_run_nothing_any_more(void **state)
{
	const struct admwh_value absent = {0};
	static const struct {
		const char *kind, *object;
		bool ended;
	} cases[] = {
	    {"Pod", "{\"metadata\":{\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"}}", true},
	    {"Deployment", "{\"metadata\":{\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"}}", true},
	    {"Pod", "{\"status\":{\"phase\":\"Succeeded\"}}", true},
	    {"Pod", "{\"status\":{\"phase\":\"Failed\"}}", true},
	    {"Pod", "{\"status\":{\"phase\":\"Running\"}}", false},
	    {"Pod", "{\"status\":{\"phase\":\"Failed\\u0000\"}}", false},
	    {"Pod", "{\"status\":{\"phase\":[\"Failed\"]}}", false},
	    {"Job", "{\"status\":{\"phase\":\"Failed\"}}", false},
	    {"Pod", "{\"metadata\":{\"deletionTimestamp\":null}}", false},
	    {"Pod", "{\"metadata\":{\"deletionTimestamp\":true}}", false},
	    {"Pod", "{}", false},
	    {"Pod", "[]", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_document *document =
		    admwh_document_parse(cases[i].object, strlen(cases[i].object));
		struct admwh_value object = admwh_document_value(document);

		assert_int_equal(workload_has_ended(cases[i].kind, object), cases[i].ended);
		admwh_document_free(document);
	}
	assert_false(workload_has_ended("Pod", absent));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(complains_where_not_every_image_can_be_found),
	    cmocka_unit_test(allows_nothing_that_is_malformed),
	    cmocka_unit_test(finds_the_images_of_all_lists),
	    cmocka_unit_test(ends_when_the_callback_says_so),
	    cmocka_unit_test(tells_what_will_run_nothing_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
