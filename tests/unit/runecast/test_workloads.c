/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "workloads.h"

struct walk {
	char text[256];
	int ends_with;
};

static int gather(const char *image, void *userdata)
{
	struct walk *walk = userdata;
	size_t len = strlen(walk->text);

	snprintf(walk->text + len, sizeof(walk->text) - len, "%s ", image);
	return walk->ends_with;
}

static int walk_text(const char *kind, const char *text, struct walk *walk,
		     struct workload_problem *problem)
{
	struct admwh_document *document = admwh_document_parse(text, strlen(text));
	struct admwh_value object = admwh_document_value(document);
	int ended = workload_each_image(kind, object, gather, walk, problem);

	admwh_document_free(document);
	return ended;
}

static void complains_where_not_every_image_can_be_found(void **state)
{
	static const struct {
		const char *kind, *object, *problem;
	} cases[] = {
	    {"Pod", "null", "spec: expected an object"},
	    {"Pod", "[]", "spec: expected an object"},
	    {"Pod", "\"spec\"", "spec: expected an object"},
	    {"Pod", "{}", "spec: expected an object"},
	    {"Pod", "{\"spec\":null}", "spec: expected an object"},
	    {"Pod", "{\"spec\":[]}", "spec: expected an object"},
	    {"Pod", "{\"spec\":{}}", "spec.containers: expected a list of containers"},
	    {"Pod", "{\"spec\":{\"containers\":null}}",
	     "spec.containers: expected a list of containers"},
	    {"Pod", "{\"spec\":{\"containers\":[]}}",
	     "spec.containers: expected a list of containers"},
	    {"Pod", "{\"spec\":{\"containers\":{\"image\":\"a\"}}}",
	     "spec.containers: expected a list of containers"},
	    {"Pod", "{\"spec\":{\"containers\":[null]}}",
	     "spec.containers[0].image: expected a text"},
	    {"Pod", "{\"spec\":{\"containers\":[{\"image\":\"nginx:1.25\\u0000x\"}]}}",
	     "spec.containers[0].image: expected a text"},
	    {"Pod", "{\"spec\":{\"containers\":[{\"image\":\"a\"},{}]}}",
	     "spec.containers[1].image: expected a text"},
	    {"Pod", "{\"spec\":{\"containers\":[{\"image\":[\"a\"]}]}}",
	     "spec.containers[0].image: expected a text"},
	    {"Pod", "{\"spec\":{\"containers\":[{\"image\":\"a\"}],\"initContainers\":{}}}",
	     "spec.initContainers: expected a list of containers"},
	    {"Pod", "{\"spec\":{\"containers\":[{\"image\":\"a\"}],\"initContainers\":[1]}}",
	     "spec.initContainers[0].image: expected a text"},
	    {"Pod", "{\"spec\":{\"containers\":[{\"image\":\"a\"}],\"ephemeralContainers\":\"x\"}}",
	     "spec.ephemeralContainers: expected a list of containers"},
	    {"Deployment", "{\"spec\":{\"containers\":[{\"image\":\"a\"}]}}",
	     "spec.template.spec: expected an object"},
	    {"CronJob", "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"image\":\"a\"}]}}}}",
	     "spec.jobTemplate.spec.template.spec: expected an object"},
	    {"Job", "{\"spec\":{\"template\":[{\"spec\":{}}]}}",
	     "spec.template.spec: expected an object"},
	    {"Scale", "{\"spec\":{\"replicas\":1}}", "kind: no workload"},
	    {"pod", "{\"spec\":{\"containers\":[{\"image\":\"a\"}]}}", "kind: no workload"},
	    {"", "{}", "kind: no workload"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct workload_problem problem = {""};
		struct walk walk = {.ends_with = 0};

		assert_int_equal(walk_text(cases[i].kind, cases[i].object, &walk, &problem), -1);
		assert_string_equal(problem.text, cases[i].problem);
	}
}

static void complains_of_no_object(void **state)
{
	const struct admwh_value absent = {0};
	struct workload_problem problem = {""};
	struct walk walk = {.ends_with = 0};

	(void)state;
	assert_int_equal(workload_each_image("Pod", absent, gather, &walk, &problem), -1);
}

static void finds_the_images_of_each_kind(void **state)
{
#define POD                                                                                        \
	"\"spec\":{\"initContainers\":[{\"image\":\"i\"}],\"containers\":[{\"image\":\"a\"},{"     \
	"\"image\":\"b\"}],\"ephemeralContainers\":[{\"image\":\"e\"}]}"
#define TEMPLATE "\"spec\":{\"template\":{" POD "}}"
	static const struct {
		const char *kind, *object;
	} cases[] = {
	    {"Pod", "{" POD "}"},
	    {"DaemonSet", "{" TEMPLATE "}"},
	    {"Deployment", "{" TEMPLATE "}"},
	    {"ReplicaSet", "{" TEMPLATE "}"},
	    {"StatefulSet", "{" TEMPLATE "}"},
	    {"ReplicationController", "{" TEMPLATE "}"},
	    {"Job", "{" TEMPLATE "}"},
	    {"CronJob", "{\"spec\":{\"jobTemplate\":{" TEMPLATE "}}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct workload_problem problem = {""};
		struct walk walk = {.ends_with = 0};

		assert_int_equal(walk_text(cases[i].kind, cases[i].object, &walk, &problem), 0);
		assert_string_equal(walk.text, "i a b e ");
	}
}

static void takes_lists_that_are_null_for_none(void **state)
{
	struct workload_problem problem = {""};
	struct walk walk = {.ends_with = 0};

	(void)state;
	assert_int_equal(
	    walk_text("Pod",
		      "{\"spec\":{\"initContainers\":null,\"ephemeralContainers\":null,"
		      "\"containers\":[{\"image\":\"a\"}]}}",
		      &walk, &problem),
	    0);
	assert_string_equal(walk.text, "a ");
}

static void ends_when_the_callback_says_so(void **state)
{
	struct workload_problem problem = {""};
	struct walk walk = {.ends_with = 7};

	(void)state;
	assert_int_equal(walk_text("Pod", "{" POD "}", &walk, &problem), 7);
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
	    cmocka_unit_test(complains_of_no_object),
	    cmocka_unit_test(finds_the_images_of_each_kind),
	    cmocka_unit_test(takes_lists_that_are_null_for_none),
	    cmocka_unit_test(ends_when_the_callback_says_so),
	    cmocka_unit_test(tells_what_will_run_nothing_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
