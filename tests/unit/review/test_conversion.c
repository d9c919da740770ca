/* SPDX-License-Identifier: MIT */
/* The envelope of a ConversionReview, its objects, and what a conversion may change of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "review/conversion.h"
#include "review/decode.h"

#define HEAD "\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"ConversionReview\","
#define REQUEST(text) "{" HEAD "\"request\":{" text "}}"
#define REVIEW(objects)                                                                            \
	REQUEST("\"uid\":\"u\",\"desiredAPIVersion\":\"a.io/v2\",\"objects\":[" objects "]")
#define NAMED "\"apiVersion\":\"a.io/v1\",\"kind\":\"K\",\"metadata\":"

static int decode(struct awh_request *request, const char *body, struct awh_error *error)
{
	const struct awh_decode_options options = {.depth = 10, .converts = true};

	*error = (struct awh_error){0};
	return awh_request_decode(request, body, strlen(body), &options, error);
}

static void says_what_an_envelope_lacks(void **state)
{
	static const char *const cases[][2] = {
	    {"[]", "expected an object, got an array"},
	    {"{}", "apiVersion: required"},
	    {"{\"apiVersion\":null}", "apiVersion: required"},
	    {"{\"apiVersion\":1}", "apiVersion: expected a string, got a number"},
	    {"{\"apiVersion\":\"apiextensions.k8s.io/v2\"}",
	     "apiVersion: expected apiextensions.k8s.io/v1 or apiextensions.k8s.io/v1beta1"},
	    {"{\"apiVersion\":\"apiextensions.k8s.io/v1\"}", "kind: required"},
	    {"{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"AdmissionReview\"}",
	     "kind: expected ConversionReview"},
	    {"{" HEAD "\"x\":1}", "request: required"},
	    {"{" HEAD "\"request\":[]}", "request: expected an object, got an array"},
	    {REQUEST(""), "request.uid: required"},
	    {REQUEST("\"uid\":\"\""), "request.uid: expected a string that is not empty"},
	    {REQUEST("\"uid\":\"u\""), "request.desiredAPIVersion: required"},
	    {REQUEST("\"uid\":\"u\",\"desiredAPIVersion\":\"\""),
	     "request.desiredAPIVersion: expected a string that is not empty"},
	    {REQUEST("\"uid\":\"u\",\"desiredAPIVersion\":\"v\""), "request.objects: required"},
	    {REQUEST("\"uid\":\"u\",\"desiredAPIVersion\":\"v\",\"objects\":{}"),
	     "request.objects: expected an array, got an object"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_request request;
		struct awh_error error;

		assert_int_equal(decode(&request, cases[i][0], &error), ADMWH_E_REVIEW);
		assert_string_equal(error.text, cases[i][1]);
		awh_request_deinit(&request);
	}
}

static void reads_an_envelope(void **state)
{
	static const struct {
		const char *body;
		enum admwh_review_version version;
		const char *group, *kind_version;
		size_t count;
	} cases[] = {
	    {REVIEW(""), ADMWH_REVIEW_V1, "a.io", "v2", 0},
	    {REVIEW("{},{}"), ADMWH_REVIEW_V1, "a.io", "v2", 2},
	    {"{\"apiVersion\":\"apiextensions.k8s.io/v1beta1\",\"kind\":\"ConversionReview\","
	     "\"request\":{\"objects\":[1],\"desiredAPIVersion\":\"v3\",\"uid\":\"u\"}}",
	     ADMWH_REVIEW_V1BETA1, "", "v3", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_request request;
		struct awh_error error;

		assert_int_equal(decode(&request, cases[i].body, &error), 0);
		assert_int_equal(request.pub.version, cases[i].version);
		assert_string_equal(request.pub.uid, "u");
		assert_string_equal(request.pub.kind->group, cases[i].group);
		assert_string_equal(request.pub.kind->version, cases[i].kind_version);
		assert_string_equal(request.pub.kind->kind, "");
		assert_int_equal(request.pub.operation, ADMWH_OTHER);
		assert_string_equal(request.pub.operation_name, "convert");
		assert_string_equal(request.pub.resource->group, "");
		assert_null(request.pub.user->username);
		assert_int_equal(request.conversion.count, cases[i].count);
		awh_request_deinit(&request);
	}
}

static void takes_a_desired_version_with_its_group(void **state)
{
	static const struct {
		const char *desired;
		bool is_good;
	} cases[] = {
	    {"a.io/v2", true},  {"a-b.c/v1beta1", true}, {"z9/0", true},      {"v1", false},
	    {"/v1", false},     {"a.io/", false},        {"a.io/v1/", false}, {"a.io/v1/x", false},
	    {"A.io/v1", false}, {"a.io/V1", false},      {"a_b/v1", false},   {"a.io/v 1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_request request = {.conversion.desired = cases[i].desired};
		struct awh_error error = {0};
		char expected[128] = "";

		assert_int_equal(awh_conversion_check_desired(&request, &error),
				 cases[i].is_good ? 0 : ADMWH_E_REVIEW);
		if (!cases[i].is_good)
			snprintf(expected, sizeof(expected),
				 "request.desiredAPIVersion: expected GROUP/VERSION, got \"%s\"",
				 cases[i].desired);
		assert_string_equal(error.text, expected);
	}
}

static void says_what_an_object_lacks(void **state)
{
	static const char *const cases[][2] = {
	    {REVIEW("{},1"), "request.objects[1]: expected an object, got a number"},
	    {REVIEW("{},{}"), "request.objects[1].apiVersion: required"},
	    {REVIEW("{},{\"apiVersion\":\"\"}"),
	     "request.objects[1].apiVersion: expected a string that is not empty"},
	    {REVIEW("{},{\"apiVersion\":\"b.io/v1\"}"),
	     "request.objects[1].apiVersion: \"b.io/v1\" is no version of the group of "
	     "\"a.io/v2\""},
	    {REVIEW("{},{\"apiVersion\":\"a.io/\"}"),
	     "request.objects[1].apiVersion: \"a.io/\" is no version of the group of \"a.io/v2\""},
	    {REVIEW("{},{\"apiVersion\":\"a.io/v1\"}"), "request.objects[1].kind: required"},
	    {REVIEW("{},{\"apiVersion\":\"a.io/v1\",\"kind\":\"K\"}"),
	     "request.objects[1].metadata: required"},
	    {REVIEW("{},{" NAMED "[]}"),
	     "request.objects[1].metadata: expected an object, got an array"},
	    {REVIEW("{},{" NAMED "{\"name\":1}}"),
	     "request.objects[1].metadata.name: expected a string, got a number"},
	    {REVIEW("{},{" NAMED "{\"name\":\"n\",\"namespace\":{}}}"),
	     "request.objects[1].metadata.namespace: expected a string, got an object"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_convertible object;
		struct awh_request request;
		struct awh_error error;

		assert_int_equal(decode(&request, cases[i][0], &error), 0);
		/* The first object is empty: one entry. */
		assert_int_equal(
		    awh_convertible_read(&object, &request, request.conversion.objects + 2, &error),
		    ADMWH_E_REVIEW);
		assert_string_equal(error.text, cases[i][1]);
		awh_request_deinit(&request);
	}
}

static void reads_an_object(void **state)
{
	static const struct {
		const char *body, *name, *ns;
	} cases[] = {
	    {REVIEW("{" NAMED "{}}"), NULL, NULL},
	    {REVIEW("{" NAMED "{\"name\":null,\"namespace\":\"s\"}}"), NULL, "s"},
	    {REVIEW("{" NAMED "{\"namespace\":\"s\",\"name\":\"n\"}}"), "n", "s"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_convertible object;
		struct awh_request request;
		struct awh_error error;
		uint32_t entry;

		assert_int_equal(decode(&request, cases[i].body, &error), 0);
		entry = request.conversion.objects + 1;
		assert_int_equal(awh_convertible_read(&object, &request, entry, &error), 0);
		assert_string_equal(object.version, "v1");
		assert_string_equal(object.kind, "K");
		assert_int_equal(object.name != NULL, cases[i].name != NULL);
		if (cases[i].name)
			assert_string_equal(object.name, cases[i].name);
		assert_int_equal(object.ns != NULL, cases[i].ns != NULL);
		if (cases[i].ns)
			assert_string_equal(object.ns, cases[i].ns);
		assert_int_equal(object.entry, entry);
		assert_int_equal(object.kind_entry, entry + 4);
		assert_int_equal(object.metadata, entry + 6);
		awh_request_deinit(&request);
	}
}

static void holds_a_conversion_to_what_it_may_change(void **state)
{
	static const char body[] = REVIEW("{" NAMED "{\"name\":\"n\",\"uid\":\"1\",\"labels\":{"
					  "\"a\":\"b\"}},\"spec\":1}");
	static const char *const cases[][2] = {
	    {"{\"kind\":\"K\",\"metadata\":{\"name\":\"n\",\"uid\":\"1\"}}", ""},
	    {"{\"kind\":\"K\",\"metadata\":{\"uid\":\"1\",\"name\":\"n\",\"labels\":{\"c\":\"d\"},"
	     "\"annotations\":{\"e\":\"f\"}},\"spec\":{}}",
	     ""},
	    {"{\"kind\":\"K\",\"metadata\":{\"name\":\"n\",\"uid\":\"1\",\"labels\":null}}", ""},
	    {"[]", "the object must stay an object"},
	    {"{\"metadata\":{\"name\":\"n\",\"uid\":\"1\"}}", "kind: must not change"},
	    {"{\"kind\":\"L\",\"metadata\":{\"name\":\"n\",\"uid\":\"1\"}}",
	     "kind: must not change"},
	    {"{\"kind\":\"K\"}", "metadata: expected an object"},
	    {"{\"kind\":\"K\",\"metadata\":[]}", "metadata: expected an object"},
	    {"{\"kind\":\"K\",\"metadata\":{\"name\":\"m\",\"uid\":\"1\"}}",
	     "metadata.name: must not change"},
	    {"{\"kind\":\"K\",\"metadata\":{\"name\":\"n\"}}", "metadata.uid: must not change"},
	    {"{\"kind\":\"K\",\"metadata\":{\"name\":\"n\",\"uid\":\"1\",\"x\":0}}",
	     "metadata.x: must not be added"},
	    {"{\"kind\":\"K\",\"metadata\":{\"name\":\"n\",\"uid\":\"1\",\"labels\":[]}}",
	     "metadata.labels: expected an object"},
	    {"{\"kind\":\"K\",\"metadata\":{\"name\":\"n\",\"uid\":\"1\",\"labels\":{\"a\":1}}}",
	     "metadata.labels.a: expected a string"},
	    {"{\"kind\":\"K\",\"metadata\":{\"name\":\"n\",\"uid\":\"1\",\"annotations\":{"
	     "\"a\":\"b\",\"c\":null}}}",
	     "metadata.annotations.c: expected a string"},
	};
	struct awh_index index = AWH_INDEX_NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_convertible object;
		struct awh_request request;
		struct awh_error error;
		int err;

		assert_int_equal(decode(&request, body, &error), 0);
		assert_int_equal(
		    awh_convertible_read(&object, &request, request.conversion.objects + 1, &error),
		    0);
		awh_payload_set(&request.payloads[AWH_OBJECT], &request.index, object.entry);
		err = awh_converted_check(&request, &object, cases[i][0], strlen(cases[i][0]),
					  &index, &error);
		assert_string_equal(error.text, cases[i][1]);
		assert_int_equal(err, cases[i][1][0] ? ADMWH_E_PATCH : 0);
		awh_request_deinit(&request);
	}
	awh_index_deinit(&index);
}

static void keeps_the_first_failure_of_a_handler(void **state)
{
	struct awh_conversion conversion = {0};

	(void)state;
	assert_int_equal(admwh_conversion_fail(NULL, "x"), ADMWH_E_INVAL);
	assert_int_equal(admwh_conversion_fail(&conversion.pub, NULL), ADMWH_E_INVAL);
	assert_false(awh_conversion_has_failed(&conversion.pub));
	assert_int_equal(admwh_conversion_fail(&conversion.pub, "first %d", 1), ADMWH_E_HANDLER);
	assert_int_equal(admwh_conversion_fail(&conversion.pub, "second"), ADMWH_E_HANDLER);
	assert_true(awh_conversion_has_failed(&conversion.pub));
	assert_string_equal(conversion.failure.text, "first 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_an_envelope_lacks),
	    cmocka_unit_test(reads_an_envelope),
	    cmocka_unit_test(takes_a_desired_version_with_its_group),
	    cmocka_unit_test(says_what_an_object_lacks),
	    cmocka_unit_test(reads_an_object),
	    cmocka_unit_test(holds_a_conversion_to_what_it_may_change),
	    cmocka_unit_test(keeps_the_first_failure_of_a_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
