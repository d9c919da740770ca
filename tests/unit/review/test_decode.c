/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "review/decode.h"

#include "../cpu_time.h"
#include "../failing_alloc.h"
#include "../vectors.h"

enum { DEPTH = 200, OUTPUT_MAX = 1024 * 1024 };

static const struct awh_decode_options strict = {.depth = DEPTH};
static const struct awh_decode_options bare = {.depth = DEPTH, .bare_reviews = true};

/* The least that is a review; %s stands for more members of the request. */
#define HEAD "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"
#define UID "\"uid\":\"u-1\","
#define KIND "\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"
#define RESOURCE "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},"
#define OPERATION "\"operation\":\"CREATE\","
#define USER "\"userInfo\":{}"
#define TAIL "}}"
#define LEAST UID KIND RESOURCE OPERATION USER

static void put_text(struct awh_buf *buf, const char *name, const char *value)
{
	if (value)
		awh_buf_printf(buf, "%s: \"%s\"\n", name, value);
}

static void put_kind(struct awh_buf *buf, const char *name, const struct admwh_gvk *kind)
{
	if (kind)
		awh_buf_printf(buf, "%s: \"%s\" \"%s\" \"%s\"\n", name, kind->group, kind->version,
			       kind->kind);
}

static void put_resource(struct awh_buf *buf, const char *name, const struct admwh_gvr *resource)
{
	if (resource)
		awh_buf_printf(buf, "%s: \"%s\" \"%s\" \"%s\"\n", name, resource->group,
			       resource->version, resource->resource);
}

static void put_user(struct awh_buf *buf, const struct admwh_user *user)
{
	put_text(buf, "username", user->username);
	put_text(buf, "user uid", user->uid);
	for (size_t i = 0; i < user->n_groups; i++)
		put_text(buf, "group", user->groups[i]);
	for (size_t i = 0; i < user->n_extra; i++) {
		awh_buf_printf(buf, "extra: \"%s\"", user->extra[i].key);
		for (size_t j = 0; j < user->extra[i].n_values; j++)
			awh_buf_printf(buf, " \"%s\"", user->extra[i].values[j]);
		awh_buf_puts(buf, "\n");
	}
}

static void put_payload(struct awh_buf *buf, const char *name, const json_t *value,
			const struct awh_request *request)
{
	if (!value)
		return;
	awh_buf_printf(buf, "%s: ", name);
	awh_json_write(buf, value, request->numbers);
	awh_buf_puts(buf, "\n");
}

/* All that was decoded, one field a line; absent ones have none. */
static void put_request(struct awh_buf *buf, const struct awh_request *request)
{
	const struct admwh_request *pub = &request->pub;

	awh_buf_printf(buf, "version: %s\n", pub->version == ADMWH_REVIEW_V1 ? "v1" : "v1beta1");
	put_text(buf, "uid", pub->uid);
	put_kind(buf, "kind", pub->kind);
	put_resource(buf, "resource", pub->resource);
	put_text(buf, "subResource", pub->subresource);
	put_kind(buf, "requestKind", pub->request_kind);
	put_resource(buf, "requestResource", pub->request_resource);
	put_text(buf, "requestSubResource", pub->request_subresource);
	put_text(buf, "name", pub->name);
	put_text(buf, "namespace", pub->ns);
	awh_buf_printf(buf, "operation: %s\n", pub->operation_name);
	put_user(buf, pub->user);
	awh_buf_printf(buf, "dryRun: %s\n", pub->dry_run ? "true" : "false");
	put_payload(buf, "object", admwh_request_object_json(pub), request);
	put_payload(buf, "oldObject", admwh_request_old_object_json(pub), request);
	put_payload(buf, "options", admwh_request_options_json(pub), request);
}

/* tests/vectors/review/decode: in NAME.expected the fields, or the error and what is known. */
static void check_vector(const char *name, const char *input, size_t len, const char *expected)
{
	bool is_bare = strncmp(name, "bare_", 5) == 0;
	struct awh_request request;
	struct awh_error error = {0};
	struct awh_buf buf;

	awh_buf_init(&buf, OUTPUT_MAX);
	if (awh_request_decode(&request, input, len, is_bare ? &bare : &strict, &error) == 0) {
		put_request(&buf, &request);
	} else {
		awh_buf_printf(&buf, "%s: %s\n", admwh_error_name(error.code), error.text);
		awh_buf_printf(&buf, "version: %s\n",
			       request.pub.version == ADMWH_REVIEW_V1 ? "v1" : "v1beta1");
		put_text(&buf, "uid", request.pub.uid);
	}
	assert_int_equal(awh_buf_terminate(&buf), 0);
	buf.data[buf.len - 1] = '\0';
	if (strcmp(buf.data, expected) != 0)
		fail_msg("%s:\n%s", name, buf.data);
	awh_buf_deinit(&buf);
	awh_request_deinit(&request);
}

static void answers_every_vector_as_expected(void **state)
{
	(void)state;
	assert_true(for_each_vector("review/decode", check_vector) > 20);
}

struct complaint {
	const char *body;
	int code;
	const char *error;
	const char *uid;
};

static void check_complaint(const struct complaint *complaint)
{
	/* A copy of its own size, so that a read past the end is seen. */
	size_t len = strlen(complaint->body);
	char *body = malloc(len + 1);
	struct awh_request request;
	struct awh_error error = {0};

	assert_non_null(body);
	memcpy(body, complaint->body, len);
	assert_int_equal(awh_request_decode(&request, body, len, &strict, &error), complaint->code);
	assert_int_equal(error.code, complaint->code);
	assert_string_equal(error.text, complaint->error);
	if (complaint->uid)
		assert_string_equal(request.pub.uid, complaint->uid);
	else
		assert_null(request.pub.uid);
	awh_request_deinit(&request);
	free(body);
}

static void refuses_what_is_no_review(void **state)
{
	static const struct complaint cases[] = {
	    {"", ADMWH_E_SYNTAX, "byte 0: empty text", NULL},
	    {"null", ADMWH_E_REVIEW, "expected an object, got null", NULL},
	    {"[{}]", ADMWH_E_REVIEW, "expected an object, got an array", NULL},
	    {"\"x\"", ADMWH_E_REVIEW, "expected an object, got a string", NULL},
	    {"{}", ADMWH_E_REVIEW, "request: required", NULL},
	    {"{\"request\":{}}", ADMWH_E_REVIEW, "request.uid: required", NULL},
	    {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}", ADMWH_E_REVIEW,
	     "apiVersion: expected admission.k8s.io/v1 or admission.k8s.io/v1beta1", NULL},
	    {"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"Review\",\"request\":{" LEAST TAIL,
	     ADMWH_E_REVIEW, "kind: expected AdmissionReview", "u-1"},
	    {"{\"apiVersion\":\"admission.k8s.io/v1 \",\"kind\":\"AdmissionReview\",\"request\":"
	     "{" LEAST TAIL,
	     ADMWH_E_REVIEW, "apiVersion: expected admission.k8s.io/v1 or admission.k8s.io/v1beta1",
	     "u-1"},
	    {"{\"request\":{" LEAST TAIL, ADMWH_E_REVIEW, "apiVersion: required", "u-1"},
	    {"{\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{" LEAST TAIL, ADMWH_E_REVIEW,
	     "kind: required", "u-1"},
	    {"{\"kind\":\"AdmissionReview\",\"request\":{" LEAST TAIL, ADMWH_E_REVIEW,
	     "apiVersion: required", "u-1"},
	    {"{\"apiVersion\":null,\"kind\":null,\"request\":null}", ADMWH_E_REVIEW,
	     "request: required", NULL},
	    {HEAD LEAST "}} x", ADMWH_E_SYNTAX, "byte 226: more text behind the value", "u-1"},
	    {HEAD LEAST "}", ADMWH_E_SYNTAX, "byte 224: request: the text ends too early", "u-1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_complaint(&cases[i]);
}

static void names_the_required_field_that_is_missing(void **state)
{
	static const struct complaint cases[] = {
	    {HEAD KIND RESOURCE OPERATION USER TAIL, ADMWH_E_REVIEW, "request.uid: required", NULL},
	    {HEAD UID RESOURCE OPERATION USER TAIL, ADMWH_E_REVIEW, "request.kind: required",
	     "u-1"},
	    {HEAD UID KIND OPERATION USER TAIL, ADMWH_E_REVIEW, "request.resource: required",
	     "u-1"},
	    {HEAD UID KIND RESOURCE USER TAIL, ADMWH_E_REVIEW, "request.operation: required",
	     "u-1"},
	    {HEAD UID KIND RESOURCE "\"operation\":\"CREATE\"" TAIL, ADMWH_E_REVIEW,
	     "request.userInfo: required", "u-1"},
	    {HEAD "\"uid\":null," KIND RESOURCE OPERATION USER TAIL, ADMWH_E_REVIEW,
	     "request.uid: required", NULL},
	    {HEAD "\"uid\":\"\"," KIND RESOURCE OPERATION USER TAIL, ADMWH_E_REVIEW,
	     "request.uid: expected a string that is not empty", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_complaint(&cases[i]);
}

static void names_the_field_of_a_wrong_type(void **state)
{
#define WRONG(member, path_and_text)                                                               \
	{                                                                                          \
		HEAD member LEAST TAIL, ADMWH_E_REVIEW, "request." path_and_text, "u-1"            \
	}
	static const struct complaint cases[] = {
	    WRONG("\"subResource\":1,", "subResource: expected a string, got a number"),
	    WRONG("\"name\":{\"a\":[]},", "name: expected a string, got an object"),
	    WRONG("\"namespace\":[[]],", "namespace: expected a string, got an array"),
	    WRONG("\"dryRun\":\"true\",", "dryRun: expected a boolean, got a string"),
	    WRONG("\"dryRun\":0,", "dryRun: expected a boolean, got a number"),
	    WRONG("\"object\":[],", "object: expected an object, got an array"),
	    WRONG("\"oldObject\":\"\",", "oldObject: expected an object, got a string"),
	    WRONG("\"options\":false,", "options: expected an object, got a boolean"),
	    WRONG("\"requestKind\":\"v1/Pod\",", "requestKind: expected an object, got a string"),
	    WRONG("\"requestKind\":{\"kind\":1},", "requestKind.kind: expected a string, got a "
						   "number"),
	    WRONG("\"requestResource\":{\"group\":[]},",
		  "requestResource.group: expected a string, got an array"),
	    WRONG("\"name\":1,\"namespace\":2,", "name: expected a string, got a number"),
	    {HEAD UID KIND RESOURCE OPERATION
	     "\"userInfo\":{\"groups\":[\"a\",\"b\",\"c\",4]}" TAIL,
	     ADMWH_E_REVIEW, "request.userInfo.groups[3]: expected a string, got a number", "u-1"},
	    {HEAD UID KIND RESOURCE OPERATION "\"userInfo\":{\"groups\":[null]}" TAIL,
	     ADMWH_E_REVIEW, "request.userInfo.groups[0]: expected a string, got null", "u-1"},
	    {HEAD UID KIND RESOURCE OPERATION "\"userInfo\":{\"groups\":{}}" TAIL, ADMWH_E_REVIEW,
	     "request.userInfo.groups: expected an array, got an object", "u-1"},
	    {HEAD UID KIND RESOURCE OPERATION
	     "\"userInfo\":{\"extra\":{\"a\":[],\"b/c\":[1]}}" TAIL,
	     ADMWH_E_REVIEW, "request.userInfo.extra[\"b/c\"][0]: expected a string, got a number",
	     "u-1"},
	    {HEAD UID KIND RESOURCE OPERATION "\"userInfo\":{\"extra\":{\"a\":\"x\"}}" TAIL,
	     ADMWH_E_REVIEW, "request.userInfo.extra.a: expected an array, got a string", "u-1"},
	    {HEAD UID KIND RESOURCE OPERATION "\"userInfo\":{\"extra\":[]}" TAIL, ADMWH_E_REVIEW,
	     "request.userInfo.extra: expected an object, got an array", "u-1"},
	    {HEAD UID KIND RESOURCE OPERATION "\"userInfo\":{\"username\":{}}" TAIL, ADMWH_E_REVIEW,
	     "request.userInfo.username: expected a string, got an object", "u-1"},
	    {HEAD UID KIND RESOURCE "\"operation\":\"\"," USER TAIL, ADMWH_E_REVIEW,
	     "request.operation: expected a string that is not empty", "u-1"},
	    {HEAD "\"uid\":12," KIND RESOURCE OPERATION USER TAIL, ADMWH_E_REVIEW,
	     "request.uid: expected a string, got a number", NULL},
	};
#undef WRONG

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_complaint(&cases[i]);
}

static void refuses_nul_in_the_strings_of_the_envelope(void **state)
{
#define NUL(member, path)                                                                          \
	{                                                                                          \
		HEAD UID KIND RESOURCE OPERATION member USER TAIL, ADMWH_E_REVIEW,                 \
		    "request." path ": U+0000 is not taken", "u-1"                                 \
	}
	static const struct complaint cases[] = {
	    {HEAD "\"uid\":\"u-1\\u0000\"," KIND RESOURCE OPERATION USER TAIL, ADMWH_E_REVIEW,
	     "request.uid: U+0000 is not taken", NULL},
	    {HEAD UID KIND RESOURCE "\"operation\":\"CREATE\\u0000\"," USER TAIL, ADMWH_E_REVIEW,
	     "request.operation: U+0000 is not taken", "u-1"},
	    {HEAD UID "\"kind\":{\"kind\":\"Pod\\u0000\"}," RESOURCE OPERATION USER TAIL,
	     ADMWH_E_REVIEW, "request.kind.kind: U+0000 is not taken", "u-1"},
	    NUL("\"name\":\"\\u0000\",", "name"),
	    NUL("\"namespace\":\"a\\u0000\",", "namespace"),
	    NUL("\"subResource\":\"a\\u0000\",", "subResource"),
	    {HEAD UID KIND RESOURCE OPERATION
	     "\"userInfo\":{\"username\":\"system:admin\\u0000x\"}" TAIL,
	     ADMWH_E_REVIEW, "request.userInfo.username: U+0000 is not taken", "u-1"},
	    {HEAD UID KIND RESOURCE OPERATION
	     "\"userInfo\":{\"groups\":[\"a\",\"b\\u0000\",\"c\"]}" TAIL,
	     ADMWH_E_REVIEW, "request.userInfo.groups[1]: U+0000 is not taken", "u-1"},
	    {HEAD UID KIND RESOURCE OPERATION "\"userInfo\":{\"extra\":{\"a\\u0000\":[]}}" TAIL,
	     ADMWH_E_REVIEW, "request.userInfo.extra[\"a\\u0000\"]: U+0000 is not taken", "u-1"},
	    {HEAD UID KIND RESOURCE OPERATION "\"userInfo\":{\"extra\":{\"a\":[\"\\u0000\"]}}" TAIL,
	     ADMWH_E_REVIEW, "request.userInfo.extra.a[0]: U+0000 is not taken", "u-1"},
	};
#undef NUL

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_complaint(&cases[i]);
}

static void knows_which_payload_holds_nul(void **state)
{
	static const struct {
		const char *members;
		bool holds[AWH_PAYLOADS];
	} cases[] = {
	    {"", {false, false, false}},
	    {",\"a\\u0000\":{\"b\":\"\\u0000\"}", {false, false, false}},
	    {",\"object\":{\"a\":\"\\u0001\\\\u0000\"},\"oldObject\":{\"\\u0000\":{}},"
	     "\"options\":{}",
	     {false, true, false}},
	    {",\"object\":{\"a\":[{\"b\":\"\\n\\u0000\"}]},\"oldObject\":{\"a\":\"b\"},"
	     "\"options\":{\"\":\"\\u0000\"}",
	     {true, false, true}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_request request;
		struct awh_buf body;
		bool any = false;

		awh_buf_init(&body, OUTPUT_MAX);
		awh_buf_printf(&body, "%s%s%s", HEAD LEAST, cases[i].members, TAIL);
		assert_int_equal(awh_request_decode(&request, body.data, body.len, &strict, NULL),
				 0);
		for (int which = 0; which < AWH_PAYLOADS; which++) {
			assert_int_equal(request.payloads[which].has_nul, cases[i].holds[which]);
			any = any || cases[i].holds[which];
		}
		assert_int_equal(admwh_request_holds_nul(&request.pub), any);
		awh_request_deinit(&request);
		awh_buf_deinit(&body);
	}
	assert_false(admwh_request_holds_nul(NULL));
}

static void takes_nul_in_a_raw_request_but_its_uid(void **state)
{
	static const struct awh_decode_options raw = {.depth = DEPTH, .raw = true};
	static const struct {
		const char *body, *error;
		bool holds;
	} cases[] = {
	    {"{\"request\":{\"uid\":\"\\u0000\"}}", "request.uid: U+0000 is not taken", false},
	    {"{\"request\":\"\\u0000\"}", NULL, true},
	    {"{\"a\\u0000\":\"\\u0000\",\"request\":7}", NULL, false},
	    {"{\"request\":[\"\\u0000\"]}", NULL, true},
	    {"{\"request\":{\"uid\":\"\",\"\\u0000\":1}}", NULL, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_request request;
		struct awh_error error = {0};

		assert_int_equal(awh_request_decode(&request, cases[i].body, strlen(cases[i].body),
						    &raw, &error),
				 cases[i].error ? ADMWH_E_REVIEW : 0);
		assert_string_equal(error.text, cases[i].error ? cases[i].error : "");
		if (!cases[i].error)
			assert_int_equal(admwh_request_holds_nul(&request.pub), cases[i].holds);
		awh_request_deinit(&request);
	}
}

static void takes_the_member_request_of_a_raw_request_alone(void **state)
{
	static const struct awh_decode_options raw = {.depth = DEPTH, .raw = true};
	static const char other[] =
	    "{\"request\":{\"uid\":\"u-1\"},\"requests\":{\"uid\":\"u-2\"}}";
	static const char none[] = "{\"Request\":{\"uid\":\"u-1\"}}";
	struct awh_request request;
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_request_decode(&request, other, strlen(other), &raw, &error), 0);
	assert_string_equal(request.pub.uid, "u-1");
	assert_int_equal(request.payloads[AWH_OBJECT].len, strlen("{\"uid\":\"u-1\"}"));
	awh_request_deinit(&request);
	assert_int_equal(awh_request_decode(&request, none, strlen(none), &raw, &error),
			 ADMWH_E_REVIEW);
	assert_string_equal(error.text, "request: required");
	awh_request_deinit(&request);
}

static void refuses_duplicates_in_and_around_the_object(void **state)
{
	static const struct complaint cases[] = {
	    {HEAD UID LEAST TAIL, ADMWH_E_SYNTAX, "byte 84: request: duplicate member \"uid\"",
	     "u-1"},
	    {HEAD UID "\"object\":{\"metadata\":{\"name\":\"a\",\"name\":\"b\"}}" TAIL,
	     ADMWH_E_SYNTAX, "byte 117: request.object.metadata: duplicate member \"name\"", "u-1"},
	    {HEAD UID "\"object\":{\"a\\u0000\":1,\"a\":2,\"a\\u0000\":3}" TAIL, ADMWH_E_SYNTAX,
	     "byte 112: request.object: duplicate member \"a\\u0000\"", "u-1"},
	    {"{\"request\":{" UID KIND RESOURCE OPERATION USER "},\"request\":{}}", ADMWH_E_SYNTAX,
	     "byte 165: duplicate member \"request\"", "u-1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_complaint(&cases[i]);
}

/* The uid is needed to answer in the form the API server shows to its user. */
static void reads_the_uid_before_and_behind_what_is_wrong(void **state)
{
	static const struct complaint cases[] = {
	    {HEAD "\"operation\":{}," UID KIND RESOURCE USER TAIL, ADMWH_E_REVIEW,
	     "request.operation: expected a string, got an object", "u-1"},
	    {HEAD UID KIND RESOURCE USER ",\"operation\":{}" TAIL, ADMWH_E_REVIEW,
	     "request.operation: expected a string, got an object", "u-1"},
	    {"{\"kind\":[],\"request\":{" LEAST "},\"apiVersion\":7}", ADMWH_E_REVIEW,
	     "kind: expected a string, got an array", "u-1"},
	    {HEAD "\"name\":[\"uid\"],\"\\u0075\\u0069\\u0064\":\"u-1\"" TAIL, ADMWH_E_REVIEW,
	     "request.name: expected a string, got an array", "u-1"},
	    {HEAD UID "\"object\":{\"a\":x}" TAIL, ADMWH_E_SYNTAX,
	     "byte 98: request.object.a: expected a value", "u-1"},
	    {HEAD UID "\"userInfo\":{\"extra\":{\"a\":[\"b\"],\"c\":nul}}" TAIL, ADMWH_E_SYNTAX,
	     "byte 119: request.userInfo.extra.c: expected a value", "u-1"},
	    {HEAD "\"object\":{\"a\":x}," UID TAIL, ADMWH_E_SYNTAX,
	     "byte 86: request.object.a: expected a value", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_complaint(&cases[i]);
}

static void prefers_broken_json_to_a_wrong_field(void **state)
{
	static const struct complaint broken = {
	    HEAD "\"name\":1," UID "\"object\":{]" TAIL, ADMWH_E_SYNTAX,
	    "byte 103: request.object: expected a member's name", "u-1"};

	(void)state;
	check_complaint(&broken);
}

static void takes_bare_reviews_only_where_asked(void **state)
{
	static const char text[] = "{\"request\":{" LEAST TAIL;
	static const char half[] = "{\"kind\":\"AdmissionReview\",\"request\":{" LEAST TAIL;
	struct awh_request request;
	struct awh_error error;

	(void)state;
	assert_int_equal(awh_request_decode(&request, text, strlen(text), &strict, NULL),
			 ADMWH_E_REVIEW);
	awh_request_deinit(&request);
	assert_int_equal(awh_request_decode(&request, text, strlen(text), &bare, &error), 0);
	assert_int_equal(request.pub.version, ADMWH_REVIEW_V1);
	awh_request_deinit(&request);
	assert_int_equal(awh_request_decode(&request, half, strlen(half), &bare, &error),
			 ADMWH_E_REVIEW);
	assert_string_equal(error.text, "apiVersion: required");
	awh_request_deinit(&request);
}

static void bounds_the_depth_of_the_whole_review(void **state)
{
	static const char text[] = HEAD LEAST ",\"object\":{\"a\":[[[]]]}" TAIL;
	struct awh_decode_options options = {.depth = 6};
	struct awh_request request;
	struct awh_error error;

	(void)state;
	assert_int_equal(awh_request_decode(&request, text, strlen(text), &options, &error), 0);
	assert_non_null(admwh_request_object_json(&request.pub));
	assert_int_equal(request.index.limit, 0);
	awh_request_deinit(&request);
	options.depth = 5;
	assert_int_equal(awh_request_decode(&request, text, strlen(text), &options, &error),
			 ADMWH_E_SYNTAX);
	assert_string_equal(error.text, "byte 240: request.object.a[0][0]: nested too deeply");
	assert_int_equal(request.index.limit, ADMWH_LIMIT_JSON_DEPTH);
	awh_request_deinit(&request);
}

static void bounds_the_values_of_the_whole_review(void **state)
{
	static const char text[] = HEAD LEAST ",\"object\":{\"a\":[1,2,3]}" TAIL;
	struct awh_decode_options options = {.depth = 6, .values = 5};
	struct awh_request request;
	struct awh_error error;

	(void)state;
	assert_int_equal(awh_request_decode(&request, text, strlen(text), &options, &error),
			 ADMWH_E_SYNTAX);
	assert_int_equal(request.index.limit, ADMWH_LIMIT_JSON_VALUES);
	awh_request_deinit(&request);
	options.values = 1000;
	assert_int_equal(awh_request_decode(&request, text, strlen(text), &options, &error), 0);
	assert_int_equal(request.index.limit, 0);
	awh_request_deinit(&request);
}

static void stops_at_depth_bombs_in_any_field(void **state)
{
	static const char *const heads[] = {"",
					    "{\"request\":",
					    HEAD "\"object\":{\"a\":",
					    HEAD "\"name\":",
					    HEAD "\"userInfo\":{\"groups\":",
					    HEAD "\"userInfo\":{\"extra\":{\"a\":"};
	enum { LEVELS = 100000 };
	char *text = malloc(LEVELS + 256);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		size_t n = strlen(heads[i]);
		struct awh_request request;

		memcpy(text, heads[i], n);
		memset(text + n, '[', LEVELS);
		assert_int_equal(awh_request_decode(&request, text, n + LEVELS, &strict, NULL),
				 ADMWH_E_SYNTAX);
		awh_request_deinit(&request);
	}
	free(text);
}

static void ignores_unknown_fields_and_nulls(void **state)
{
	static const char text[] =
	    HEAD "\"unknown\":{\"uid\":[1,{}]},\"Uid\":7,\"subResource\":null,\"requestKind\":null,"
		 "\"requestResource\":null,\"requestSubResource\":null,\"name\":null,"
		 "\"namespace\":null,\"dryRun\":null,\"object\":null,\"oldObject\":null,"
		 "\"options\":null," UID KIND RESOURCE OPERATION
		 "\"userInfo\":{\"username\":null,\"uid\":null,\"groups\":null,\"extra\":null}"
		 "},\"response\":{\"uid\":3}}";
	struct awh_request request;
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_request_decode(&request, text, strlen(text), &strict, &error), 0);
	assert_null(request.pub.subresource);
	assert_null(request.pub.request_kind);
	assert_null(request.pub.request_resource);
	assert_null(request.pub.request_subresource);
	assert_null(request.pub.name);
	assert_null(request.pub.ns);
	assert_false(request.pub.dry_run);
	assert_null(request.pub.user->username);
	assert_null(request.pub.user->uid);
	assert_int_equal(request.pub.user->n_groups, 0);
	assert_int_equal(request.pub.user->n_extra, 0);
	assert_null(request.pub.peer);
	assert_null(request.pub.http);
	assert_null(admwh_request_object_json(&request.pub));
	assert_null(admwh_request_old_object_json(&request.pub));
	assert_null(admwh_request_options_json(&request.pub));
	assert_int_equal(request.error.code, 0);
	assert_null(request.numbers);
	awh_request_deinit(&request);
}

static void builds_a_payload_once_and_when_asked(void **state)
{
	static const char text[] = HEAD LEAST ",\"object\":{\"n\":18446744073709551616}" TAIL;
	struct awh_request request;
	json_t *object;

	(void)state;
	assert_int_equal(awh_request_decode(&request, text, strlen(text), &strict, NULL), 0);
	assert_null(request.payloads[AWH_OBJECT].value);
	object = admwh_request_object_json(&request.pub);
	assert_non_null(object);
	assert_ptr_equal(admwh_request_object_json(&request.pub), object);
	assert_true(json_is_real(json_object_get(object, "n")));
	assert_ptr_equal(awh_request_numbers(&request), request.numbers);
	awh_request_deinit(&request);
}

static void gives_the_body_and_the_time_left(void **state)
{
	static const char text[] = HEAD LEAST TAIL;
	struct awh_request request;
	int64_t remaining;
	size_t len = 0;

	(void)state;
	assert_int_equal(awh_request_decode(&request, text, strlen(text), &strict, NULL), 0);
	assert_ptr_equal(admwh_request_body(&request.pub, &len), text);
	assert_int_equal(len, strlen(text));
	assert_ptr_equal(admwh_request_body(&request.pub, NULL), text);
	assert_true(admwh_request_remaining_ms(&request.pub) == INT64_MAX);
	request.deadline_us = awh_clock_us() + 10000000;
	remaining = admwh_request_remaining_ms(&request.pub);
	assert_true(remaining >= 1 && remaining <= 10000);
	request.deadline_us = awh_clock_us() + INT64_C(1000000000000000);
	remaining = admwh_request_remaining_ms(&request.pub);
	assert_true(remaining > INT64_C(999999900000) && remaining <= INT64_C(1000000000000));
	request.deadline_us = awh_clock_us() - 1;
	assert_int_equal(admwh_request_remaining_ms(&request.pub), 0);
	awh_request_deinit(&request);
}

static void answers_null_arguments_with_nothing(void **state)
{
	size_t len = 7;

	(void)state;
	assert_null(admwh_request_object_json(NULL));
	assert_null(admwh_request_old_object_json(NULL));
	assert_null(admwh_request_options_json(NULL));
	assert_null(admwh_request_body(NULL, &len));
	assert_int_equal(len, 0);
	assert_true(admwh_request_remaining_ms(NULL) == INT64_MAX);
}

static void knows_operations_by_their_name(void **state)
{
	static const struct {
		const char *name;
		enum admwh_operation operation;
	} cases[] = {
	    {"CREATE", ADMWH_CREATE},
	    {"UPDATE", ADMWH_UPDATE},
	    {"DELETE", ADMWH_DELETE},
	    {"CONNECT", ADMWH_CONNECT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_request request;
		char text[1000];

		snprintf(text, sizeof(text),
			 HEAD UID KIND RESOURCE "\"operation\":\"%s\"," USER TAIL, cases[i].name);
		assert_int_equal(awh_request_decode(&request, text, strlen(text), &strict, NULL),
				 0);
		assert_int_equal(request.pub.operation, cases[i].operation);
		assert_string_equal(request.pub.operation_name, cases[i].name);
		awh_request_deinit(&request);
	}
}

static void passes_on_operations_it_does_not_know_by_their_name(void **state)
{
	static const char *const names[] = {"create", "CREATE ", "PATCH", "operationValue"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct awh_decode_options any = {.depth = 10};
		struct awh_request request;
		struct awh_error error = {0};
		char text[1000];

		snprintf(text, sizeof(text),
			 HEAD UID KIND RESOURCE "\"operation\":\"%s\"," USER TAIL, names[i]);
		assert_int_equal(awh_request_decode(&request, text, strlen(text), &any, &error), 0);
		assert_int_equal(request.pub.operation, ADMWH_OTHER);
		assert_string_equal(request.pub.operation_name, names[i]);
		awh_request_deinit(&request);
	}
}

static void names_operations(void **state)
{
	(void)state;
	assert_string_equal(admwh_operation_name(ADMWH_CREATE), "CREATE");
	assert_string_equal(admwh_operation_name(ADMWH_UPDATE), "UPDATE");
	assert_string_equal(admwh_operation_name(ADMWH_DELETE), "DELETE");
	assert_string_equal(admwh_operation_name(ADMWH_CONNECT), "CONNECT");
	assert_string_equal(admwh_operation_name((enum admwh_operation)0), "");
	assert_string_equal(admwh_operation_name(ADMWH_OTHER), "");
	assert_string_equal(admwh_operation_name((enum admwh_operation)6), "");
}

/* A legal UPDATE of a 1 MB ConfigMap of "<", as kube-apiserver escapes it. */
static void decodes_twelve_megabytes_quickly(void **state)
{
	static const char data[] = "{\"data\":{\"a\":\"";
	enum { CHARACTERS = 1040000 };
	char *text = malloc(2 * 6 * (size_t)CHARACTERS + 1024);
	struct awh_request request;
	double start;
	size_t n = 0;

	(void)state;
	assert_non_null(text);
	n += (size_t)snprintf(text, 1024, "%s", HEAD LEAST);
	for (int i = 0; i < 2; i++) {
		n += (size_t)snprintf(text + n, 64, ",\"%s\":%s", i ? "oldObject" : "object", data);
		for (int j = 0; j < CHARACTERS; j++, n += 6)
			memcpy(text + n, "\\u003c", 6);
		n += (size_t)snprintf(text + n, 64, "\"}}");
	}
	n += (size_t)snprintf(text + n, 64, TAIL);
	start = cpu_seconds();
	assert_int_equal(awh_request_decode(&request, text, n, &strict, NULL), 0);
	print_message("%zu bytes: envelope %.3f s\n", n, cpu_seconds() - start);
	start = cpu_seconds();
	assert_int_equal(
	    json_string_length(json_object_get(
		json_object_get(admwh_request_object_json(&request.pub), "data"), "a")),
	    CHARACTERS);
	print_message("object built: %.3f s\n", cpu_seconds() - start);
	awh_request_deinit(&request);
	free(text);
}

static void takes_many_groups_and_extras_in_linear_time(void **state)
{
	enum { COUNT = 300000 };
	char *text = malloc(COUNT * 64 + 1024);
	struct awh_request request;
	struct awh_error error = {0};
	double start;
	size_t n;

	(void)state;
	assert_non_null(text);
	n = (size_t)snprintf(text, 1024, "%s",
			     HEAD UID KIND RESOURCE OPERATION "\"userInfo\":{\"groups\":[\"0\"");
	for (int i = 1; i < COUNT; i++)
		n += (size_t)snprintf(text + n, 64, ",\"%d\"", i);
	n += (size_t)snprintf(text + n, 64, "],\"extra\":{\"0\":[]");
	for (int i = 1; i < COUNT; i++)
		n += (size_t)snprintf(text + n, 64, ",\"%d\":[\"v\"]", i);
	n += (size_t)snprintf(text + n, 64, "}}}}");
	start = cpu_seconds();
	assert_int_equal(awh_request_decode(&request, text, n, &strict, &error), 0);
	assert_true(cpu_seconds() - start < 10);
	assert_int_equal(request.pub.user->n_groups, COUNT);
	assert_string_equal(request.pub.user->groups[COUNT - 1], "299999");
	assert_int_equal(request.pub.user->n_extra, COUNT);
	assert_string_equal(request.pub.user->extra[COUNT - 1].key, "299999");
	assert_string_equal(request.pub.user->extra[COUNT - 1].values[0], "v");
	awh_request_deinit(&request);
	free(text);
}

static void run_once(bool may_fail)
{
	static const char text[] = HEAD
	    "\"requestKind\":{\"kind\":\"Pod\"},\"name\":\"\\u0061\","
	    "\"object\":{\"a\":[1.50,\"\\n\"],\"\\n\":{}},\"oldObject\":{},\"options\":{}," UID KIND
		RESOURCE OPERATION
	    "\"userInfo\":{\"groups\":[\"a\",\"\\u0062\"],\"extra\":{\"k\":[\"v\"],\"l\":null}}"
	    "}}";
	struct awh_request request;
	struct awh_error error = {0};
	int err = awh_request_decode(&request, text, strlen(text), &strict, &error);

	if (err == 0) {
		bool whole = admwh_request_object_json(&request.pub) &&
			     admwh_request_old_object_json(&request.pub) &&
			     admwh_request_options_json(&request.pub);

		assert_true(may_fail || whole);
		assert_int_equal(request.error.code, whole ? 0 : ADMWH_E_NOMEM);
		assert_string_equal(request.pub.user->groups[1], "b");
		assert_string_equal(request.pub.user->extra[0].values[0], "v");
		assert_string_equal(request.pub.name, "a");
	} else {
		assert_true(may_fail);
		assert_int_equal(err, ADMWH_E_NOMEM);
		assert_int_equal(error.code, ADMWH_E_NOMEM);
	}
	awh_request_deinit(&request);
}

/* The place of U+0000 is found when a tree is asked for. */
static void run_once_with_nul(bool may_fail)
{
	static const char text[] = HEAD LEAST ",\"object\":{\"a\":[{},\"\\u0000\"]}" TAIL;
	struct awh_request request;
	int err = awh_request_decode(&request, text, strlen(text), &strict, NULL);

	assert_true(err == 0 || (may_fail && err == ADMWH_E_NOMEM));
	if (err == 0) {
		assert_null(admwh_request_object_json(&request.pub));
		if (!may_fail || request.error.code != ADMWH_E_NOMEM)
			assert_string_equal(
			    request.error.text,
			    "request.object.a[1]: U+0000 is not taken by the handler");
	}
	awh_request_deinit(&request);
}

/* Strings that each need memory of their own. */
static void run_once_with_long_strings(bool may_fail)
{
	static char text[65536];
	struct awh_request request;
	int err;
	int n = snprintf(
	    text, sizeof(text),
	    "{\"request\":{\"uid\":\"%05000d\",\"name\":\"%05000d\","
	    "\"kind\":{\"kind\":\"%05000d\"},\"resource\":{\"resource\":\"%05000d\"},"
	    "\"requestKind\":{},\"operation\":\"%05000d\",\"userInfo\":{\"uid\":\"%04000d\","
	    "\"extra\":{\"%04000d\":[\"%05000d\"],\"k\":[]},\"groups\":[\"%05000d\"]}}}",
	    1, 2, 3, 4, 5, 6, 7, 8, 9);

	assert_true(n >= 1 && n < (int)sizeof(text));
	err = awh_request_decode(&request, text, (size_t)n, &bare, NULL);
	assert_true(err == 0 || (may_fail && err == ADMWH_E_NOMEM));
	if (err == 0) {
		assert_int_equal(strlen(request.pub.uid), 5000);
		assert_int_equal(strlen(request.pub.name), 5000);
		assert_int_equal(strlen(request.pub.kind->kind), 5000);
		assert_int_equal(strlen(request.pub.resource->resource), 5000);
		assert_int_equal(strlen(request.pub.operation_name), 5000);
		assert_int_equal(strlen(request.pub.user->uid), 4000);
		assert_int_equal(strlen(request.pub.user->extra[0].key), 4000);
		assert_int_equal(strlen(request.pub.user->extra[0].values[0]), 5000);
		assert_int_equal(strlen(request.pub.user->groups[0]), 5000);
	}
	awh_request_deinit(&request);
}

/* What stands before the mistake is decoded, for the answer; its failure is not the error. */
static void run_once_with_broken_text(bool may_fail)
{
	static char text[16384];
	struct awh_request request;
	struct awh_error error = {0};
	int err;
	int n = snprintf(text, sizeof(text),
			 "{\"request\":{\"uid\":\"%05000d\",\"name\":\"%05000d\",\"object\":{]}}",
			 1, 2);

	assert_true(n >= 1 && n < (int)sizeof(text));
	err = awh_request_decode(&request, text, (size_t)n, &bare, &error);
	assert_true(err == ADMWH_E_SYNTAX || (may_fail && err == ADMWH_E_NOMEM));
	assert_int_equal(error.code, err);
	if (!may_fail)
		assert_int_equal(strlen(request.pub.uid), 5000);
	awh_request_deinit(&request);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
	with_failing_allocations(run_once_with_nul);
	with_failing_allocations(run_once_with_long_strings);
	with_failing_allocations(run_once_with_broken_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_no_review),
	    cmocka_unit_test(names_the_required_field_that_is_missing),
	    cmocka_unit_test(names_the_field_of_a_wrong_type),
	    cmocka_unit_test(refuses_nul_in_the_strings_of_the_envelope),
	    cmocka_unit_test(knows_which_payload_holds_nul),
	    cmocka_unit_test(takes_nul_in_a_raw_request_but_its_uid),
	    cmocka_unit_test(takes_the_member_request_of_a_raw_request_alone),
	    cmocka_unit_test(refuses_duplicates_in_and_around_the_object),
	    cmocka_unit_test(reads_the_uid_before_and_behind_what_is_wrong),
	    cmocka_unit_test(prefers_broken_json_to_a_wrong_field),
	    cmocka_unit_test(takes_bare_reviews_only_where_asked),
	    cmocka_unit_test(bounds_the_depth_of_the_whole_review),
	    cmocka_unit_test(bounds_the_values_of_the_whole_review),
	    cmocka_unit_test(stops_at_depth_bombs_in_any_field),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	    cmocka_unit_test(answers_every_vector_as_expected),
	    cmocka_unit_test(ignores_unknown_fields_and_nulls),
	    cmocka_unit_test(builds_a_payload_once_and_when_asked),
	    cmocka_unit_test(gives_the_body_and_the_time_left),
	    cmocka_unit_test(answers_null_arguments_with_nothing),
	    cmocka_unit_test(knows_operations_by_their_name),
	    cmocka_unit_test(passes_on_operations_it_does_not_know_by_their_name),
	    cmocka_unit_test(names_operations),
	    cmocka_unit_test(decodes_twelve_megabytes_quickly),
	    cmocka_unit_test(takes_many_groups_and_extras_in_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
