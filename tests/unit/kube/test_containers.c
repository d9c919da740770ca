/* SPDX-License-Identifier: MIT */
/* Walks over containers: of all lists, of what is malformed, of what an UPDATE changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "../cpu_time.h"
#include "kube_review.h"

#define POD(containers) "{\"spec\":{\"containers\":" containers "}}"
#define LISTS                                                                                      \
	"{\"spec\":{\"ephemeralContainers\":[{\"name\":\"e\"}],\"containers\":[{\"name\":\"a\"},"  \
	"{\"name\":\"b\"}],\"initContainers\":[{\"name\":\"i\"}]}}"

/* The walk that a handler makes. */
struct looked {
	struct admwh_containers (*begin)(const struct admwh_request *req, unsigned int which);
	unsigned int which;
	char names[256]; /* "kind:name " for each */
	size_t n;
	char last_path[128];
};

static int look(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct looked *looked = userdata;
	struct admwh_containers all = looked->begin(req, looked->which);
	struct admwh_container c;
	size_t len = 0;

	while (admwh_containers_next(&all, &c)) {
		looked->n++;
		if (len < sizeof(looked->names))
			len += (size_t)snprintf(looked->names + len, sizeof(looked->names) - len,
						"%d:%s ", (int)c.kind, c.name);
		snprintf(looked->last_path, sizeof(looked->last_path), "%s",
			 admwh_value_path(c.value));
	}
	assert_true(admwh_value_is_absent(c.value));
	assert_string_equal(c.name, "");
	assert_false(admwh_containers_next(&all, &c));
	return admwh_response_allow(resp);
}

static void walks_the_lists_that_are_asked_for(void **state)
{
	static const struct {
		unsigned int which;
		const char *names;
	} cases[] = {
	    {ADMWH_ALL_CONTAINERS, "1:i 2:a 2:b 4:e "},
	    {ADMWH_INIT_CONTAINERS, "1:i "},
	    {ADMWH_ORDINARY_CONTAINERS, "2:a 2:b "},
	    {ADMWH_EPHEMERAL_CONTAINERS, "4:e "},
	    {ADMWH_INIT_CONTAINERS | ADMWH_EPHEMERAL_CONTAINERS, "1:i 4:e "},
	    {0, ""},
	    {8, ""},
	    {~0U, "1:i 2:a 2:b 4:e "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct looked looked = {.begin = admwh_containers, .which = cases[i].which};

		assert_string_equal(review(look, &looked, "", "Pod", LISTS, "null"), "");
		assert_string_equal(looked.names, cases[i].names);
		looked = (struct looked){admwh_old_containers, cases[i].which, "", 0, ""};
		assert_string_equal(review(look, &looked, "", "Pod", "null", LISTS), "");
		assert_string_equal(looked.names, cases[i].names);
	}
}

static void walks_any_workload(void **state)
{
	static const struct {
		const char *group, *kind, *object, *names, *path;
	} cases[] = {
	    {"apps", "Deployment", "{\"spec\":{\"template\":" LISTS "}}", "1:i 2:a 2:b 4:e ",
	     "spec.template.spec.ephemeralContainers[0]"},
	    {"batch", "CronJob",
	     "{\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":" POD("[{}]") "}}}}",
	     "2: ", "spec.jobTemplate.spec.template.spec.containers[0]"},
	    {"", "Pod", POD("[]"), "", ""},
	    {"", "Pod", POD("null"), "", ""},
	    {"", "Pod", POD("[null]"), "2: ", "spec.containers[0]"},
	    {"", "Pod", "{}", "", ""},
	    {"example.com", "Pod", LISTS, "", ""},
	    {"", "ConfigMap", LISTS, "", ""},
	    {"", "Pod", "null", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct looked looked = {.begin = admwh_containers, .which = ADMWH_ALL_CONTAINERS};

		assert_string_equal(
		    review(look, &looked, cases[i].group, cases[i].kind, cases[i].object, "null"),
		    "");
		assert_string_equal(looked.names, cases[i].names);
		assert_string_equal(looked.last_path, cases[i].path);
	}
}

static void remembers_what_is_malformed(void **state)
{
	static const char *const cases[][2] = {
	    {POD("{\"a\":{\"image\":\"evil\"}}"),
	     "request.object.spec.containers: expected an array, got an object"},
	    {POD("\"evil\""), "request.object.spec.containers: expected an array, got a string"},
	    {POD("[\"evil\"]"),
	     "request.object.spec.containers[0]: expected an object, got a string"},
	    {POD("[{},[]]"), "request.object.spec.containers[1]: expected an object, got an array"},
	    {POD("[{\"name\":1}]"),
	     "request.object.spec.containers[0].name: expected a string, got a number"},
	    {POD("[{\"name\":\"a\\u0000b\"}]"),
	     "request.object.spec.containers[0].name: U+0000 is not taken by the handler"},
	    {"{\"spec\":[]}", "request.object.spec: expected an object, got an array"},
	    {"{\"spec\":{\"initContainers\":false}}",
	     "request.object.spec.initContainers: expected an array, got a boolean"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct looked looked = {.begin = admwh_containers, .which = ADMWH_ALL_CONTAINERS};

		assert_string_equal(review(look, &looked, "", "Pod", cases[i][0], "null"),
				    cases[i][1]);
		looked = (struct looked){admwh_changed_containers, ADMWH_ALL_CONTAINERS, "", 0, ""};
		assert_string_equal(review(look, &looked, "", "Pod", cases[i][0], "{}"),
				    cases[i][1]);
	}
}

static void walks_what_an_update_changes(void **state)
{
	static const struct {
		const char *object, *old, *names;
	} cases[] = {
	    {POD("[{\"name\":\"a\",\"image\":\"x\"}]"), "null", "2:a "},
	    {POD("[{\"name\":\"a\",\"image\":\"x\"}]"), POD("[{\"name\":\"a\",\"image\":\"x\"}]"),
	     ""},
	    /* members in any order, escapes, numbers by value */
	    {POD("[{\"name\":\"a\",\"n\":1.0}]"), POD("[{\"n\":1,\"name\":\"\\u0061\"}]"), ""},
	    {POD("[{\"name\":\"a\",\"image\":\"y\"}]"), POD("[{\"name\":\"a\",\"image\":\"x\"}]"),
	     "2:a "},
	    {POD("[{\"name\":\"b\",\"image\":\"x\"},{\"name\":\"a\",\"image\":\"x\"}]"),
	     POD("[{\"name\":\"a\",\"image\":\"x\"}]"), "2:b "},
	    /* the order does not count */
	    {POD("[{\"name\":\"b\"},{\"name\":\"a\"}]"), POD("[{\"name\":\"a\"},{\"name\":\"b\"}]"),
	     ""},
	    /* one answers for one */
	    {POD("[{\"name\":\"a\"},{\"name\":\"a\"}]"), POD("[{\"name\":\"a\"}]"), "2:a "},
	    {POD("[{\"name\":\"a\"},{\"name\":\"a\",\"image\":\"evil\"}]"),
	     POD("[{\"name\":\"a\"}]"), "2:a "},
	    {POD("[{\"name\":\"a\",\"image\":\"evil\"},{\"name\":\"a\"}]"),
	     POD("[{\"name\":\"a\"}]"), "2:a "},
	    {POD("[{\"name\":\"a\"},{\"name\":\"a\"}]"), POD("[{\"name\":\"a\"},{\"name\":\"a\"}]"),
	     "2:a "},
	    /* without a name */
	    {POD("[{\"image\":\"x\"}]"), POD("[{\"image\":\"x\"}]"), "2: "},
	    {POD("[{\"name\":null}]"), POD("[{\"name\":null}]"), "2: "},
	    /* in another list */
	    {"{\"spec\":{\"initContainers\":[{\"name\":\"a\"}]}}", POD("[{\"name\":\"a\"}]"),
	     "1:a "},
	    {"{\"spec\":{\"ephemeralContainers\":[{\"name\":\"d\"},{\"name\":\"e\"}]}}",
	     "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"d\"}]}}", "4:e "},
	    /* An object that was odd can be mended. */
	    {POD("[{\"name\":\"a\"}]"), "{\"spec\":7}", "2:a "},
	    {POD("[{\"name\":\"a\"}]"), "{}", "2:a "},
	    {POD("[{\"name\":\"a\"}]"), POD("{\"name\":\"a\"}"), "2:a "},
	    {POD("[{\"name\":\"a\"}]"), POD("[\"a\",[],null,{\"name\":7}]"), "2:a "},
	    {"null", POD("[{\"name\":\"a\"}]"), ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct looked looked = {.begin = admwh_changed_containers,
					.which = ADMWH_ALL_CONTAINERS};

		assert_string_equal(review(look, &looked, "", "Pod", cases[i].object, cases[i].old),
				    "");
		if (strcmp(looked.names, cases[i].names) != 0)
			fail_msg("case %zu: \"%s\"", i, looked.names);
	}
}

/* So many containers, all of one name or each of its own. */
static char *make_many(size_t n, bool same)
{
	const size_t size = 40 * n + 64;
	char *pod = malloc(size);
	size_t len = (size_t)snprintf(pod, size, "{\"spec\":{\"containers\":[");

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(pod + len, size - len, "%s{\"name\":\"c%zu\"}",
					i > 0 ? "," : "", same ? 0 : i);
	snprintf(pod + len, size - len, "]}}");
	return pod;
}

/* 30,000 containers; squared it would be minutes. */
static void takes_linear_time_for_hostile_objects(void **state)
{
	static const struct {
		bool same, same_before;
		size_t changed;
	} cases[] = {
	    {false, false, 0}, {true, true, 29999}, {true, false, 29999}, {false, true, 29999}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *object = make_many(30000, cases[i].same);
		char *old = make_many(30000, cases[i].same_before);
		struct looked looked = {.begin = admwh_changed_containers,
					.which = ADMWH_ALL_CONTAINERS};
		const double before = cpu_seconds();

		assert_string_equal(review(look, &looked, "", "Pod", object, old), "");
		assert_int_equal(looked.n, cases[i].changed);
		assert_true(cpu_seconds() - before < 10);
		free(object);
		free(old);
	}
}

static void walks_a_pod_of_a_document(void **state)
{
	static const char json[] = LISTS;
	struct admwh_document *document = admwh_document_parse(json, strlen(json));
	struct admwh_containers all =
	    admwh_pod_containers(admwh_document_value(document), ADMWH_ORDINARY_CONTAINERS);
	struct admwh_container c;

	(void)state;
	assert_true(admwh_containers_next(&all, &c));
	assert_string_equal(c.name, "a");
	assert_string_equal(admwh_value_path(c.value), "spec.containers[0]");
	assert_true(admwh_containers_next(&all, &c));
	assert_false(admwh_containers_next(&all, &c));
	admwh_document_free(document);
}

static void takes_no_null(void **state)
{
	struct admwh_containers none = admwh_containers(NULL, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;

	(void)state;
	assert_false(admwh_containers_next(&none, &c));
	assert_false(admwh_containers_next(&none, NULL));
	assert_false(admwh_containers_next(NULL, &c));
	none = admwh_changed_containers(NULL, ADMWH_ALL_CONTAINERS);
	assert_false(admwh_containers_next(&none, &c));
	none = (struct admwh_containers){.which = ADMWH_ALL_CONTAINERS};
	assert_false(admwh_containers_next(&none, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(walks_the_lists_that_are_asked_for),
	    cmocka_unit_test(walks_any_workload),
	    cmocka_unit_test(remembers_what_is_malformed),
	    cmocka_unit_test(walks_what_an_update_changes),
	    cmocka_unit_test(takes_linear_time_for_hostile_objects),
	    cmocka_unit_test(walks_a_pod_of_a_document),
	    cmocka_unit_test(takes_no_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
