/* SPDX-License-Identifier: MIT */
/*
 * The text of a recorded review: what is kept, what is left out and marked, and what
 * is never written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../failing_alloc.h"
#include "telemetry/record_text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LAST "\"kubectl.kubernetes.io/last-applied-configuration\""
#define REVIEW(request)                                                                            \
	"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/"                         \
	"v1\",\"request\":{" request "}}"
#define ANSWER                                                                                     \
	"{\"response\":{\"uid\":\"a\",\"allowed\":false,\"status\":{\"code\":403,\"message\":"     \
	"\"no\"},"                                                                                 \
	"\"warnings\":[\"w\"]}}"

static struct awh_record record_of(const char *body, const char *answer)
{
	return (struct awh_record){
	    .body = body,
	    .body_len = strlen(body),
	    .answer = answer,
	    .answer_len = strlen(answer),
	    .route = "/validate",
	    .decision = "denied",
	    .bundle = "default",
	    .common_name = "kube-apiserver",
	    .code = 403,
	    .time_s = 1795971600,
	    .depth = 200,
	};
}

/* *new*; the text as a tree. */
static json_t *made(const char *body, const char *answer)
{
	const struct awh_record record = record_of(body, answer);
	struct awh_buf out;
	json_t *tree;

	awh_buf_init(&out, 1 << 20);
	assert_int_equal(awh_record_put(&out, &record), 0);
	tree = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	awh_buf_deinit(&out);
	return tree;
}

static void check_text(const char *body, const char *answer, const char *expected)
{
	const struct awh_record record = record_of(body, answer);
	struct awh_buf out;

	awh_buf_init(&out, 1 << 20);
	assert_int_equal(awh_record_put(&out, &record), 0);
	assert_int_equal(awh_buf_terminate(&out), 0);
	assert_string_equal(out.data, expected);
	awh_buf_deinit(&out);
}

static void a_record_is_the_review_and_what_became_of_it(void **state)
{
	(void)state;
	check_text(
	    REVIEW("\"uid\":\"a\",\"object\":{\"n\":1.50,\"big\":123456789012345678901}"), ANSWER,
	    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\","
	    "\"request\":{\"uid\":\"a\",\"object\":{\"n\":1.50,\"big\":123456789012345678901}},"
	    "\"record\":{\"version\":1,\"time\":\"2026-11-29T17:00:00Z\",\"route\":\"/validate\","
	    "\"caller\":{\"bundle\":\"default\",\"commonName\":\"kube-apiserver\"},"
	    "\"decision\":\"denied\",\"code\":403,\"message\":\"no\",\"warnings\":[\"w\"],"
	    "\"omitted\":[]}}\n");
}

static void patches_are_decoded(void **state)
{
	/* [{"op":"add","path":"/a","value":"??>"}] */
	json_t *tree = made(REVIEW("\"uid\":\"a\""),
			    "{\"response\":{\"allowed\":true,\"patchType\":\"JSONPatch\",\"patch\":"
			    "\"W3sib3AiOiJhZGQiLCJwYXRoIjoiL2EiLCJ2YWx1ZSI6Ij8/PiJ9XQ==\"}}");
	json_t *patch = json_object_get(json_object_get(tree, "record"), "patch");

	(void)state;
	assert_int_equal(json_array_size(patch), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(patch, 0), "value")),
			    "?\?>");
	json_decref(tree);
}

static void an_answer_that_is_a_status_has_its_message_told(void **state)
{
	json_t *tree =
	    made(REVIEW("\"uid\":\"a\""), "{\"kind\":\"Status\",\"message\":\"broken\"}");

	(void)state;
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(tree, "record"), "message")),
	    "broken");
	json_decref(tree);
}

static void what_a_program_reads_of_an_answer_is_told(void **state)
{
	static const char causes[] = "[{\"reason\":\"FieldValueInvalid\",\"field\":\"spec\"}]";
	json_t *tree = made(REVIEW("\"uid\":\"a\""),
			    "{\"response\":{\"allowed\":false,\"auditAnnotations\":{\"k\":\"v\"},"
			    "\"status\":{\"reason\":\"Invalid\",\"details\":{\"causes\":"
			    "[{\"reason\":\"FieldValueInvalid\",\"field\":\"spec\"}]}}}}");
	json_t *record = json_object_get(tree, "record");
	json_t *expected = json_loads(causes, 0, NULL);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(record, "reason")), "Invalid");
	assert_true(json_equal(json_object_get(record, "causes"), expected));
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(record, "auditAnnotations"), "k")),
	    "v");
	assert_null(json_object_get(record, "message"));
	json_decref(expected);
	json_decref(tree);
}

static void check_omitted(const json_t *tree, const char *pointer)
{
	json_t *record = json_object_get(tree, "record");
	json_t *omitted = json_object_get(record, "omitted");
	char *text = json_dumps(tree, 0);

	assert_null(strstr(text, "s3cret"));
	assert_int_equal(json_array_size(omitted), 1);
	assert_string_equal(json_string_value(json_array_get(omitted, 0)), pointer);
	free(text);
}

/* The rest stays. */
static void what_is_confidential_is_left_out_and_that_is_told(void **state)
{
	/* add /metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration "s3cret" */
	static const char patched[] =
	    "{\"response\":{\"allowed\":true,\"patch\":"
	    "\"W3sib3AiOiJhZGQiLCJwYXRoIjoiL21ldGFkYXRhL2Fubm90YXRpb25zL2t1YmVjdGwua3ViZXJuZX"
	    "Rlcy5pb34xbGFzdC1hcHBsaWVkLWNvbmZpZ3VyYXRpb24iLCJ2YWx1ZSI6InMzY3JldCJ9XQ==\"}}";
	static const struct {
		const char *body, *answer, *pointer;
	} cases[] = {
	    {REVIEW("\"userInfo\":{\"username\":\"u\",\"extra\":{\"s3cret\":[\"s3cret\"]}}"),
	     ANSWER, "/request/userInfo/extra"},
	    {REVIEW("\"userInfo\":{\"username\":\"u\"},\"object\":{\"metadata\":{"
		    "\"annotations\":{" LAST ":\"s3cret\"}}}"),
	     ANSWER,
	     "/request/object/metadata/annotations/"
	     "kubectl.kubernetes.io~1last-applied-configuration"},
	    {REVIEW("\"userInfo\":{\"username\":\"u\"}"), patched, "/record/patch/0/value"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *tree = made(cases[i].body, cases[i].answer);
		json_t *user = json_object_get(json_object_get(tree, "request"), "userInfo");

		check_omitted(tree, cases[i].pointer);
		assert_string_equal(json_string_value(json_object_get(user, "username")), "u");
		json_decref(tree);
	}
}

/* [{"op":"add","path":"/a","value":{"kind":"Secret","data":{}}}] */
#define PATCHED                                                                                    \
	"{\"response\":{\"allowed\":true,\"patch\":"                                               \
	"\"W3sib3AiOiJhZGQiLCJwYXRoIjoiL2EiLCJ2YWx1ZSI6eyJraW5kIjoiU2VjcmV0IiwiZGF0YSI6e319fV0="   \
	"\"}}"

static void some_bodies_are_never_written(void **state)
{
	static const struct {
		const char *body;
		int err;
		const char *answer; /* NULL: ANSWER */
	} cases[] = {
	    {REVIEW("\"kind\":{\"group\":\"\",\"kind\":\"Secret\"}"), ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"requestKind\":{\"kind\":\"Secret\"}"), ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"kind\":{\"kind\":\"Pod\"},\"object\":{\"kind\":\"Secret\"}"),
	     ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"oldObject\":{\"kind\":\"Secret\"}"), ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"object\":{\"kind\":\"TokenRequest\"}"), ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"object\":{\"kind\":\"TokenReview\"}"), ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"object\":{\"kind\":\"SecretList\",\"items\":[]}"), ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"object\":{\"kind\":\"Secret\\u0000\"}"), ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"object\":{\"kind\":\"List\",\"items\":[{},{\"\\u006bind\":\"Secret\","
		    "\"data\":{}}]}"),
	     ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"oldObject\":{\"a\":{\"kind\":\"Secret\",\"stringData\":{}}}"),
	     ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"object\":{\"a\":[[{\"kind\":\"TokenReview\",\"spec\":{}}]]}"),
	     ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"object\":{\"a\":{\"kind\":\"TokenRequest\",\"status\":{}}}"),
	     ADMWH_E_REFUSED, NULL},
	    {REVIEW("\"object\":{\"a\":{\"kind\":\"SecretList\",\"items\":[]}}"), ADMWH_E_REFUSED,
	     NULL},
	    {REVIEW("\"object\":{\"kind\":\"Pod\"}"), ADMWH_E_REFUSED, PATCHED},
	    {"{}", ADMWH_E_SYNTAX, NULL},
	    {"[]", ADMWH_E_SYNTAX, NULL},
	    {"{\"request\":1}", ADMWH_E_SYNTAX, NULL},
	    {"", ADMWH_E_SYNTAX, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *answer = cases[i].answer ? cases[i].answer : ANSWER;
		const struct awh_record record = record_of(cases[i].body, answer);
		struct awh_buf out;

		awh_buf_init(&out, 1 << 20);
		assert_int_equal(awh_record_put(&out, &record), cases[i].err);
		assert_int_equal(out.len, 0);
		awh_buf_deinit(&out);
	}
}

static void references_to_what_is_withheld_are_written(void **state)
{
	(void)state;
	json_decref(made(
	    REVIEW("\"object\":{\"kind\":\"Pod\",\"a\":[{\"kind\":\"Secret\",\"name\":\"s\"}]}"),
	    ANSWER));
}

/* Numbers whose text a double does not keep, and a name of U+0000. */
static void odd_values_are_written(void **state)
{
	(void)state;
	check_text(
	    REVIEW("\"uid\":\"a\",\"object\":{\"a\":[-0,1E-999],\"\\u0000\":{" LAST ":1}}"), ANSWER,
	    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\","
	    "\"request\":{\"uid\":\"a\",\"object\":{\"a\":[-0,1E-999],\"\\u0000\":{}}},"
	    "\"record\":{\"version\":1,\"time\":\"2026-11-29T17:00:00Z\",\"route\":\"/validate\","
	    "\"caller\":{\"bundle\":\"default\",\"commonName\":\"kube-apiserver\"},"
	    "\"decision\":\"denied\",\"code\":403,\"message\":\"no\",\"warnings\":[\"w\"],"
	    "\"omitted\":[\"/request/object/\\u0000/"
	    "kubectl.kubernetes.io~1last-applied-configuration\"]}}\n");
}

/* What is written is whole, or there is nothing. */
static void run(bool failed)
{
	const struct awh_record record =
	    record_of(REVIEW("\"userInfo\":{\"extra\":{}},\"object\":{\"a\":[1.0,{\"b\":null}]},"
			     "\"oldObject\":{\"a\":{" LAST ":1}}"),
		      "{\"response\":{\"allowed\":true,\"patch\":\"W10=\",\"warnings\":[\"w\"]}}");
	struct awh_buf out;
	int err;

	awh_buf_init(&out, 1 << 20);
	err = awh_record_put(&out, &record);
	assert_true(err == 0 || (failed && err == ADMWH_E_NOMEM));
	if (err == 0 && awh_buf_terminate(&out) == 0) {
		assert_non_null(strstr(out.data, "\"object\":{\"a\":[1.0,{\"b\":null}]}"));
		assert_non_null(strstr(out.data, "\"patch\":[]"));
		assert_non_null(strstr(
		    out.data, "\"omitted\":[\"/request/userInfo/extra\",\"/request/oldObject/a/"));
		assert_non_null(strstr(out.data, "\"kube-apiserver\""));
	}
	awh_buf_deinit(&out);
}

static void memory_may_run_out_anywhere(void **state)
{
	(void)state;
	with_failing_allocations(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_record_is_the_review_and_what_became_of_it),
	    cmocka_unit_test(patches_are_decoded),
	    cmocka_unit_test(an_answer_that_is_a_status_has_its_message_told),
	    cmocka_unit_test(what_a_program_reads_of_an_answer_is_told),
	    cmocka_unit_test(what_is_confidential_is_left_out_and_that_is_told),
	    cmocka_unit_test(some_bodies_are_never_written),
	    cmocka_unit_test(references_to_what_is_withheld_are_written),
	    cmocka_unit_test(odd_values_are_written),
	    cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
