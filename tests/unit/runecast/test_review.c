/* SPDX-License-Identifier: MIT */
/* Whole reviews, bytes in and bytes out, without a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policies.h"
#include "review.h"
#include "scan_results.h"

#define FOUND "Image scan in Runecast Analyzer found policy violations: "
#define BY_2                                                                                       \
	"(Rejected by policy 2: 'No critical or high severity vulnerabilities with available "     \
	"fix')"

static const char policies_json[] =
    "{\"policies\":{\"2\":{\"name\":\"No critical or high severity vulnerabilities with available "
    "fix\",\"rule\":{\"maxSeverity\":{\"critical\":{\"totalWithFix\":0},"
    "\"high\":{\"totalWithFix\":0}}}}}}";
static const char scan_results_json[] =
    "{\"images\":{\"nginx:1.19\":[{\"id\":\"A\",\"severity\":\"high\",\"fixedIn\":\"1\"}],"
    "\"bad\":[{\"id\":\"B\",\"severity\":\"critical\",\"fixedIn\":\"1\"}],"
    "\"nginx:latest\":[{\"id\":\"C\",\"severity\":\"medium\",\"fixedIn\":\"1\"}],"
    "\"alpine\":[]}}";

static struct admwh_config *config;
static struct review review = {.policy = "2"};

static struct admwh_file *open_text(const char *text, admwh_file_parse_fn *parse,
				    admwh_file_free_fn *free_object)
{
	char name[] = "/tmp/admwh-review-XXXXXX";
	int fd = mkstemp(name);
	struct admwh_file *file;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	file = admwh_config_add_file(config, name, parse, free_object, NULL);
	unlink(name);
	return file;
}

static int set_up(void **state)
{
	(void)state;
	config = admwh_config_new();
	review.policies = open_text(policies_json, policies_parse, policies_free);
	review.scan_results = open_text(scan_results_json, scan_results_parse, scan_results_free);
	return !review.policies || !review.scan_results;
}

static int tear_down(void **state)
{
	(void)state;
	admwh_config_free(config);
	return 0;
}

/* What is asked, as the members of a request that differ. */
struct question {
	const char *kind, *operation, *object;
};

static const char *group_of(const char *kind)
{
	if (strcmp(kind, "CronJob") == 0)
		return "batch";
	return strcmp(kind, "Deployment") == 0 ? "apps" : "";
}

static json_t *ask(const struct review *by, const struct question *question)
{
	struct admwh_route *route = admwh_route_new_validator(review_images, (void *)(uintptr_t)by);
	struct admwh_answer *answer;
	json_t *root, *response;
	char *body;
	int len = asprintf(
	    &body,
	    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"
	    "\"uid\":\"u\",\"kind\":{\"group\":\"%s\",\"version\":\"v1\",\"kind\":\"%s\"},"
	    "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"r\"},"
	    "\"operation\":\"%s\",\"userInfo\":{},\"object\":%s}}",
	    group_of(question->kind), question->kind, question->operation, question->object);

	assert_true(len > 0);
	assert_int_equal(admwh_route_set_dialect(route, ADMWH_DIALECT_PLAIN), 0);
	answer = admwh_route_review(route, body, (size_t)len);
	assert_int_equal(admwh_answer_status(answer), 200);
	root = json_loads(admwh_answer_body(answer, NULL), 0, NULL);
	response = json_incref(json_object_get(root, "response"));
	json_decref(root);
	admwh_answer_free(answer);
	admwh_route_free(route);
	free(body);
	return response;
}

/* The message of a denial whose status has nothing else. */
static void denies(const struct review *by, const struct question *question, const char *message)
{
	json_t *response = ask(by, question);
	json_t *status = json_object_get(response, "status");

	assert_true(json_is_false(json_object_get(response, "allowed")));
	assert_string_equal(json_string_value(json_object_get(status, "message")), message);
	assert_int_equal(json_object_size(status), 1);
	json_decref(response);
}

static void allows(const struct review *by, const struct question *question, const char *warning)
{
	json_t *response = ask(by, question);
	json_t *warnings = json_object_get(response, "warnings");

	assert_true(json_is_true(json_object_get(response, "allowed")));
	if (warning)
		assert_string_equal(json_string_value(json_array_get(warnings, 0)), warning);
	else
		assert_null(warnings);
	json_decref(response);
}

#define POD(containers) "{\"spec\":{\"containers\":[" containers "]}}"
#define C(image) "{\"image\":\"" image "\"}"

static void denies_in_the_words_of_runecast(void **state)
{
	static const struct question questions[] = {
	    {"Pod", "CREATE", POD(C("nginx:1.19"))},
	    {"Pod", "UPDATE", POD(C("docker.io/library/nginx:1.19"))},
	    {"Pod", "CREATE", POD(C("nginx:latest") "," C("Docker.io/nginx:1.19"))},
	    {"Deployment", "CREATE", "{\"spec\":{\"template\":" POD(C("nginx:1.19")) "}}"},
	    {"CronJob", "CREATE",
	     "{\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":" POD(C("nginx:1.19")) "}}}}"},
	    {"Pod", "CREATE",
	     "{\"spec\":{\"containers\":[" C("alpine") "],\"initContainers\":[" C(
		 "nginx:1.19") "]}}"},
	    {"Pod", "UPDATE",
	     "{\"spec\":{\"containers\":[" C("alpine") "],\"ephemeralContainers\":[" C(
		 "nginx:1.19") "]}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		denies(&review, &questions[i], FOUND BY_2 ".");
}

static void repeats_the_group_for_each_image_but_not_for_its_spellings(void **state)
{
	const struct question two = {"Pod", "CREATE", POD(C("nginx:1.19") "," C("bad"))};
	const struct question spellings = {"Pod", "CREATE",
					   POD(C("nginx:1.19") "," C("library/nginx:1.19"))};

	(void)state;
	denies(&review, &two, FOUND BY_2 ", " BY_2 ".");
	denies(&review, &spellings, FOUND BY_2 ".");
}

static void allows_images_that_keep_the_policy(void **state)
{
	const struct question question = {"Pod", "CREATE", POD(C("nginx:latest") "," C("alpine"))};
	const struct question nul = {
	    "Pod", "CREATE",
	    "{\"metadata\":{\"annotations\":{\"a\":\"\\u0000\"}},\"spec\":{\"containers\":[" C(
		"alpine") "]}}"};

	(void)state;
	allows(&review, &question, NULL);
	allows(&review, &nul, NULL);
}

static void denies_images_that_were_not_scanned(void **state)
{
	const struct question question = {"Pod", "CREATE",
					  POD(C("x:1") "," C("alpine") "," C("y:1"))};
	const struct question both = {"Pod", "CREATE", POD(C("x:1") "," C("bad"))};

	(void)state;
	denies(&review, &question,
	       "Image scan in Runecast Analyzer has no results for: docker.io/library/x:1, "
	       "docker.io/library/y:1.");
	denies(&review, &both, FOUND BY_2 ". Not scanned: docker.io/library/x:1.");
}

static void does_not_take_a_tag_for_a_digest(void **state)
{
#define SHA "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	const struct question question = {"Pod", "CREATE", POD(C("nginx:latest@" SHA))};

	(void)state;
	denies(&review, &question,
	       "Image scan in Runecast Analyzer has no results for: docker.io/library/nginx@" SHA
	       ".");
}

static void allows_images_that_were_not_scanned_with_a_warning_if_told_so(void **state)
{
	const struct question question = {"Pod", "CREATE", POD(C("x:1"))};
	const struct question both = {"Pod", "CREATE", POD(C("x:1") "," C("bad"))};
	struct review lenient = review;

	(void)state;
	lenient.allow_unknown = true;
	allows(&lenient, &question, "not scanned: docker.io/library/x:1");
	denies(&lenient, &both, FOUND BY_2 ". Not scanned: docker.io/library/x:1.");
}

static void denies_what_it_cannot_read(void **state)
{
#define CANNOT "Image scan in Runecast Analyzer cannot "
	static const struct {
		struct question question;
		const char *message;
	} cases[] = {
	    {{"Pod", "CREATE", "null"},
	     CANNOT "find the images of this Pod: there are no containers."},
	    {{"Pod", "CREATE", "{\"spec\":{\"containers\":{}}}"},
	     CANNOT "find the images of this Pod: there are no containers."},
	    {{"Scale", "UPDATE", "{\"spec\":{\"replicas\":1}}"},
	     CANNOT "find the images of this Scale: there are no containers."},
	    {{"Pod", "CREATE", POD(C("nginx:latest") "," C("Nginx"))},
	     CANNOT "read the image \"Nginx\"."},
	    {{"Pod", "CREATE", POD(C(""))}, CANNOT "read the image \"\"."},
	    {{"Pod", "CREATE", POD(C("alpine") ",{\"name\":\"x\"}")},
	     CANNOT "find the images of this Pod: spec.containers[1] has no image."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct review lenient = review;

		lenient.allow_unknown = true;
		denies(&lenient, &cases[i].question, cases[i].message);
	}
}

static void finds_no_policy_that_has_gone(void **state)
{
	static const char body[] =
	    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"
	    "\"uid\":\"u\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"
	    "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},"
	    "\"operation\":\"CREATE\",\"userInfo\":{},\"object\":{}}}";
	struct review gone = review;
	struct admwh_route *route = admwh_route_new_validator(review_images, &gone);
	struct admwh_answer *answer;

	(void)state;
	gone.policy = "3";
	answer = admwh_route_review(route, body, strlen(body));
	assert_int_equal(admwh_answer_status(answer), 404);
	assert_non_null(strstr(admwh_answer_body(answer, NULL), "unknown policy: 3"));
	admwh_answer_free(answer);
	admwh_route_free(route);
}

static void allows_what_brings_no_image(void **state)
{
	const struct question gone = {"Pod", "DELETE", "null"};
	const struct question connect = {"PodExecOptions", "CONNECT", "{\"command\":[\"sh\"]}"};

	(void)state;
	allows(&review, &gone, NULL);
	allows(&review, &connect, NULL);
}

static void does_not_allow_an_operation_it_does_not_know(void **state)
{
	const struct question question = {"Pod", "REPLACE", POD(C("alpine"))};
	json_t *response = ask(&review, &question);

	(void)state;
	assert_true(json_is_false(json_object_get(response, "allowed")));
	json_decref(response);
}

static void survives_very_many_containers(void **state)
{
	enum { CONTAINERS = 50000 };
	struct question question = {"Pod", "CREATE", NULL};
	struct review lenient = review;
	size_t len;
	char *object;
	FILE *stream = open_memstream(&object, &len);
	json_t *response;

	(void)state;
	lenient.allow_unknown = true;
	fputs("{\"spec\":{\"containers\":[" C("alpine"), stream);
	for (int i = 0; i < CONTAINERS; i++)
		fprintf(stream, ",{\"image\":\"x:%d\"}", i);
	fputs("]}}", stream);
	fclose(stream);
	question.object = object;
	response = ask(&lenient, &question);
	assert_true(json_is_true(json_object_get(response, "allowed")));
	json_decref(response);
	response = ask(&review, &question);
	assert_true(json_is_false(json_object_get(response, "allowed")));
	json_decref(response);
	free(object);
}

static void is_not_allowed(const char *kind, const json_t *root)
{
	char *object = json_dumps(root, JSON_COMPACT | JSON_ENCODE_ANY);
	const struct question question = {kind, "CREATE", object};
	json_t *response = ask(&review, &question);

	if (!json_is_false(json_object_get(response, "allowed")))
		fail_msg("%s is allowed: %s", kind, object);
	json_decref(response);
	free(object);
}

static json_t *nth_child(json_t *parent, size_t n)
{
	void *iter = json_object_iter(parent);

	if (json_is_array(parent))
		return json_array_get(parent, n);
	while (iter && n-- > 0)
		iter = json_object_iter_next(parent, iter);
	return json_object_iter_value(iter);
}

static void set_nth_child(json_t *parent, size_t n, json_t *value)
{
	void *iter = json_object_iter(parent);

	if (json_is_array(parent)) {
		json_array_set(parent, n, value);
		return;
	}
	while (n-- > 0)
		iter = json_object_iter_next(parent, iter);
	json_object_iter_set(parent, iter, value);
}

/* Put each of these values into each place of the object. */
static void bend(const char *kind, json_t *root, json_t *parent, json_t *values)
{
	size_t children =
	    json_is_array(parent) ? json_array_size(parent) : json_object_size(parent);

	for (size_t i = 0; i < children; i++) {
		json_t *child = json_incref(nth_child(parent, i));

		for (size_t j = 0; j < json_array_size(values); j++) {
			set_nth_child(parent, i, json_array_get(values, j));
			is_not_allowed(kind, root);
		}
		set_nth_child(parent, i, child);
		bend(kind, root, child, values);
		json_decref(child);
	}
}

static void does_not_allow_a_bad_image_however_the_object_is_bent(void **state)
{
#define BENT                                                                                       \
	"{\"metadata\":{\"name\":\"a\"},\"spec\":{\"initContainers\":[" C(                         \
	    "alpine") "],"                                                                         \
		      "\"containers\":[" C("alpine") "," C(                                        \
			  "nginx:1.19") "],\"ephemeralContainers\":[" C("alpine") "]}}"
	static const struct {
		const char *kind, *object;
	} cases[] = {
	    {"Pod", BENT},
	    {"Deployment", "{\"spec\":{\"template\":" BENT "}}"},
	    {"CronJob", "{\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":" BENT "}}}}"},
	};
	json_t *values =
	    json_loads("[null,true,0,1.5,\"\",\"?\",[],{},[null],[[]],[{}],{\"spec\":null},"
		       "\"\\ud83d\\ude00\"]",
		       0, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *root = json_loads(cases[i].object, 0, NULL);

		is_not_allowed(cases[i].kind, root);
		bend(cases[i].kind, root, root, values);
		json_decref(root);
	}
	json_decref(values);
}

static int calls_left;

static void *failing_malloc(size_t size)
{
	return calls_left-- > 0 ? malloc(size) : NULL;
}

static void never_allows_for_want_of_memory(void **state)
{
	const struct question question = {"Pod", "CREATE", POD(C("nginx:1.19"))};
	bool denied_by_policy = false;

	(void)state;
	for (int i = 0; i < 200 && !denied_by_policy; i++) {
		struct admwh_route *route = admwh_route_new_validator(review_images, &review);
		struct admwh_answer *answer;
		char body[600];
		int len = snprintf(
		    body, sizeof(body),
		    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
		    "\"request\":{\"uid\":\"u\",\"kind\":{\"group\":\"\",\"version\":\"v1\","
		    "\"kind\":\"Pod\"},\"resource\":{\"group\":\"\",\"version\":\"v1\","
		    "\"resource\":\"pods\"},\"operation\":\"CREATE\",\"userInfo\":{},\"object\":%s}"
		    "}",
		    question.object);

		calls_left = i;
		json_set_alloc_funcs(failing_malloc, free);
		answer = admwh_route_review(route, body, (size_t)len);
		json_set_alloc_funcs(malloc, free);
		if (answer) {
			assert_null(strstr(admwh_answer_body(answer, NULL), "\"allowed\":true"));
			denied_by_policy = strstr(admwh_answer_body(answer, NULL), BY_2);
		}
		admwh_answer_free(answer);
		admwh_route_free(route);
	}
	assert_true(denied_by_policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(denies_in_the_words_of_runecast),
	    cmocka_unit_test(repeats_the_group_for_each_image_but_not_for_its_spellings),
	    cmocka_unit_test(allows_images_that_keep_the_policy),
	    cmocka_unit_test(denies_images_that_were_not_scanned),
	    cmocka_unit_test(does_not_take_a_tag_for_a_digest),
	    cmocka_unit_test(allows_images_that_were_not_scanned_with_a_warning_if_told_so),
	    cmocka_unit_test(denies_what_it_cannot_read),
	    cmocka_unit_test(finds_no_policy_that_has_gone),
	    cmocka_unit_test(allows_what_brings_no_image),
	    cmocka_unit_test(does_not_allow_an_operation_it_does_not_know),
	    cmocka_unit_test(does_not_allow_a_bad_image_however_the_object_is_bent),
	    cmocka_unit_test(survives_very_many_containers),
	    cmocka_unit_test(never_allows_for_want_of_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
