/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "review/decode.h"
#include "review/encode.h"
#include "review/patch.h"
#include "review/response.h"
#include "review/status.h"

#include "../failing_alloc.h"

enum { OUTPUT_MAX = 64 * 1024 * 1024 };

#define V1 "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":"

static const struct awh_reply_to to = {.version = ADMWH_REVIEW_V1, .uid = "u-1"};

static void assert_encoded(const struct admwh_response *response, const struct admwh_patch *patch,
			   const char *expected)
{
	struct awh_buf buf;

	awh_buf_init(&buf, OUTPUT_MAX);
	awh_response_encode(&buf, &to, response, patch);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	assert_string_equal(buf.data, expected);
	awh_buf_deinit(&buf);
}

/* What the review says under `name` within response, as text; *new*. */
static char *encoded_member(const struct admwh_response *response, const char *name)
{
	struct awh_buf buf;
	json_t *review;
	char *text;

	awh_buf_init(&buf, OUTPUT_MAX);
	awh_response_encode(&buf, &to, response, NULL);
	assert_int_equal(buf.err, 0);
	review = awh_json_parse(buf.data, buf.len, 20, NULL, NULL);
	assert_non_null(review);
	awh_buf_reset(&buf);
	awh_json_write(&buf, json_object_get(json_object_get(review, "response"), name), NULL);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	text = buf.data;
	json_decref(review);
	return text;
}

/* The request that patches are made for. */
static void decode_object(struct awh_request *decoded)
{
	static const char body[] =
	    "{\"request\":{\"uid\":\"u-1\",\"kind\":{},\"resource\":{},\"operation\":\"CREATE\","
	    "\"userInfo\":{},\"object\":{\"a\":1}}}";
	struct awh_decode_options options = {.depth = 20, .bare_reviews = true};

	assert_int_equal(awh_request_decode(decoded, body, strlen(body), &options, NULL), 0);
}

static void is_a_denial_until_it_is_decided(void **state)
{
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	assert_int_equal(response.decision, AWH_UNDECIDED);
	assert_encoded(&response, NULL,
		       V1 "{\"uid\":\"u-1\",\"allowed\":false,\"status\":{\"status\":\"Failure\","
			  "\"reason\":\"InternalError\",\"code\":500}}}");
	awh_response_deinit(&response);
}

static void never_allows_once_it_has_failed(void **state)
{
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	admwh_response_allow(&response);
	assert_int_equal(admwh_response_fail(&response, "no %s", "database"), ADMWH_E_HANDLER);
	assert_int_equal(response.decision, AWH_UNDECIDED);
	assert_int_equal(response.failure.code, ADMWH_E_HANDLER);
	assert_string_equal(response.failure.text, "no database");
	admwh_response_allow(&response);
	assert_int_equal(response.decision, AWH_UNDECIDED);
	admwh_response_deny(&response, 403, "x");
	assert_int_equal(response.decision, AWH_UNDECIDED);
	admwh_response_fail(&response, "a second reason");
	assert_string_equal(response.failure.text, "no database");
	awh_response_deinit(&response);
}

static void refuses_null_arguments(void **state)
{
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	assert_int_equal(admwh_response_allow(NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_deny(NULL, 403, "x"), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_fail(NULL, "x"), ADMWH_E_HANDLER);
	assert_int_equal(admwh_response_set_reason(NULL, "x"), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_set_details(NULL, "", "", ""), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_set_retry_after(NULL, 1), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_add_warning(NULL, "x"), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_add_audit_annotation(NULL, "x", "x"), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_add_audit_annotation(&response, NULL, "x"), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_add_audit_annotation(&response, "x", NULL), ADMWH_E_INVAL);
	assert_int_equal(response.decision, AWH_UNDECIDED);
	awh_response_deinit(&response);
}

static void takes_no_decision_without_words(void **state)
{
	/* As for a caller whose compiler does not check formats. */
	int (*deny)(struct admwh_response *, int, const char *, ...) = admwh_response_deny;
	int (*give_up)(struct admwh_response *, const char *, ...) = admwh_response_fail;
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	assert_int_equal(deny(&response, 403, NULL), ADMWH_E_INVAL);
	assert_string_equal(response.failure.text, "a denial without a format");
	assert_int_equal(response.decision, AWH_UNDECIDED);
	awh_response_deinit(&response);
	awh_response_init(&response);
	assert_int_equal(give_up(&response, NULL), ADMWH_E_HANDLER);
	assert_string_equal(response.failure.text, "");
	awh_response_deinit(&response);
}

static void refuses_audit_keys_the_api_server_drops(void **state)
{
	static const char *const keys[] = {
	    "",         "-a",
	    "a-",       ".a",
	    "a_",       "a/b",
	    "a b",      "a\n",
	    "\xc3\xa9", "0123456789012345678901234567890123456789012345678901234567890123"};
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_int_equal(admwh_response_add_audit_annotation(&response, keys[i], "v"),
				 ADMWH_E_INVAL);
	assert_int_equal(response.n_annotations, 0);
	assert_int_equal(response.failure.code, 0);
	awh_response_deinit(&response);
}

static void refuses_another_value_for_an_audit_key(void **state)
{
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	admwh_response_allow(&response);
	assert_int_equal(admwh_response_add_audit_annotation(&response, "k", "v"), 0);
	assert_int_equal(admwh_response_add_audit_annotation(&response, "k", "v"), 0);
	assert_int_equal(admwh_response_add_audit_annotation(&response, "k", "w"), ADMWH_E_EXISTS);
	assert_int_equal(
	    admwh_response_add_audit_annotation(
		&response, "A.b_c-9-0123456789012345678901234567890123456789012345678901234", ""),
	    0);
	assert_int_equal(admwh_response_add_audit_annotation(&response, "0aAzZ9", "w"), 0);
	assert_encoded(&response, NULL,
		       V1 "{\"uid\":\"u-1\",\"allowed\":true,\"auditAnnotations\":{\"k\":\"v\","
			  "\"A.b_c-9-0123456789012345678901234567890123456789012345678901234\":"
			  "\"\",\"0aAzZ9\":\"w\"}}}");
	awh_response_deinit(&response);
}

static void repeats_uid_and_version(void **state)
{
	struct awh_reply_to beta = {.version = ADMWH_REVIEW_V1BETA1, .uid = "a\"\n\xc3\xa9"};
	struct admwh_response response;
	struct awh_buf buf;

	(void)state;
	awh_response_init(&response);
	admwh_response_allow(&response);
	awh_buf_init(&buf, OUTPUT_MAX);
	awh_response_encode(&buf, &beta, &response, NULL);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	assert_string_equal(buf.data,
			    "{\"apiVersion\":\"admission.k8s.io/v1beta1\",\"kind\":"
			    "\"AdmissionReview\",\"response\":{\"uid\":\"a\\\"\\n\xc3\xa9\","
			    "\"allowed\":true}}");
	awh_buf_deinit(&buf);
	awh_response_deinit(&response);
}

static void says_nothing_more_than_allowed(void **state)
{
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	admwh_response_deny(&response, 403, "no");
	admwh_response_add_cause(&response, "FieldValueInvalid", "too many", "spec.replicas");
	admwh_response_set_reason(&response, "Forbidden");
	admwh_response_allow(&response);
	assert_encoded(&response, NULL, V1 "{\"uid\":\"u-1\",\"allowed\":true}}");
	awh_response_deinit(&response);
}

static void denies_with_message_reason_causes_and_code(void **state)
{
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	admwh_response_allow(&response);
	assert_int_equal(admwh_response_deny(&response, 422, "%d replicas are too many", 9), 0);
	admwh_response_add_cause(&response, "FieldValueInvalid", "at most 5", "spec.replicas");
	admwh_response_add_cause(&response, NULL, "second", NULL);
	admwh_response_add_cause(&response, NULL, NULL, NULL);
	assert_encoded(&response, NULL,
		       V1
		       "{\"uid\":\"u-1\",\"allowed\":false,\"status\":{\"status\":\"Failure\","
		       "\"message\":\"9 replicas are too many\",\"reason\":\"Invalid\","
		       "\"details\":{\"causes\":[{\"reason\":\"FieldValueInvalid\",\"message\":"
		       "\"at most 5\",\"field\":\"spec.replicas\"},{\"message\":\"second\"},{}]},"
		       "\"code\":422}}}");
	admwh_response_set_reason(&response, "TooMany");
	admwh_response_deny(&response, 403, "replaced");
	assert_string_equal(response.message, "replaced");
	assert_string_equal(response.reason, "TooMany");
	assert_int_equal(response.code, 403);
	admwh_response_set_reason(&response, NULL);
	assert_null(response.reason);
	awh_response_deinit(&response);
}

static void clamps_codes_the_api_server_does_not_bear(void **state)
{
	static const struct {
		int given, sent;
	} cases[] = {{-1, 400},  {0, 400},   {200, 400}, {399, 400}, {400, 400},
		     {403, 403}, {599, 599}, {600, 599}, {999, 599}, {1200, 599}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_response response;

		awh_response_init(&response);
		admwh_response_deny(&response, cases[i].given, "x");
		assert_int_equal(awh_response_code(&response, ADMWH_DIALECT_KUBERNETES),
				 cases[i].sent);
		awh_response_deinit(&response);
	}
}

static void takes_the_reason_from_the_code(void **state)
{
	static const struct {
		int code;
		const char *reason;
	} cases[] = {{400, "BadRequest"},
		     {401, "Unauthorized"},
		     {403, "Forbidden"},
		     {404, "NotFound"},
		     {405, "MethodNotAllowed"},
		     {406, "NotAcceptable"},
		     {409, "Conflict"},
		     {410, "Gone"},
		     {413, "RequestEntityTooLarge"},
		     {415, "UnsupportedMediaType"},
		     {418, ""},
		     {422, "Invalid"},
		     {429, "TooManyRequests"},
		     {500, "InternalError"},
		     {503, "ServiceUnavailable"},
		     {504, "Timeout"},
		     {200, ""}};
	struct admwh_response response;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(awh_status_reason(cases[i].code), cases[i].reason);
	awh_response_init(&response);
	admwh_response_deny(&response, 418, "tea");
	assert_encoded(&response, NULL,
		       V1 "{\"uid\":\"u-1\",\"allowed\":false,\"status\":{\"status\":\"Failure\","
			  "\"message\":\"tea\",\"code\":418}}}");
	awh_response_deinit(&response);
}

static void bounds_a_message_between_characters(void **state)
{
	char *text = malloc(AWH_MESSAGE_MAX + 3);
	struct admwh_response response;

	(void)state;
	assert_non_null(text);
	awh_response_init(&response);
	memset(text, 'a', AWH_MESSAGE_MAX + 2);
	text[AWH_MESSAGE_MAX + 2] = '\0';
	admwh_response_deny(&response, 403, "%s", text);
	assert_int_equal(strlen(response.message), AWH_MESSAGE_MAX);
	memcpy(text + AWH_MESSAGE_MAX - 1, "\xe2\x82\xac", 4);
	admwh_response_deny(&response, 403, "%s", text);
	assert_int_equal(strlen(response.message), AWH_MESSAGE_MAX - 1);
	memcpy(text + AWH_MESSAGE_MAX - 3, "\xe2\x82\xac", 4);
	admwh_response_deny(&response, 403, "%s", text);
	assert_int_equal(strlen(response.message), AWH_MESSAGE_MAX);
	awh_response_deinit(&response);
	free(text);
}

static void replaces_malformed_utf8(void **state)
{
	struct admwh_response response;
	char *text;

	(void)state;
	awh_response_init(&response);
	admwh_response_deny(&response, 403, "a\xff\xc3(\xe2\x82");
	assert_string_equal(response.message, "a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd");
	admwh_response_set_reason(&response, "\x80");
	assert_string_equal(response.reason, "\xef\xbf\xbd");
	admwh_response_add_cause(&response, "\xff", "\xff", "\xff");
	assert_string_equal(response.causes[0].field, "\xef\xbf\xbd");
	admwh_response_add_warning(&response, "\xed\xa0\x80");
	assert_string_equal(response.warnings[0], "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	admwh_response_add_audit_annotation(&response, "k", "\xff");
	text = encoded_member(&response, "auditAnnotations");
	assert_string_equal(text, "{\"k\":\"\xef\xbf\xbd\"}");
	free(text);
	awh_response_deinit(&response);
}

static void bounds_a_failure_between_characters(void **state)
{
	struct admwh_response response;
	char text[sizeof(response.failure.text) + 3];

	(void)state;
	awh_response_init(&response);
	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(response.failure.text) - 3, "\xe2\x82\xac", 4);
	assert_int_equal(admwh_response_fail(&response, "%s", text), ADMWH_E_HANDLER);
	assert_int_equal(strlen(response.failure.text), sizeof(response.failure.text) - 3);
	awh_response_deinit(&response);
}

/* A character of which there are none in the locale "C". */
static void says_nothing_where_a_format_cannot_be_printed(void **state)
{
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	assert_int_equal(admwh_response_deny(&response, 403, "a %lc", (wint_t)0xd800), 0);
	assert_int_equal(response.decision, AWH_DENIED);
	assert_string_equal(response.message, "");
	assert_int_equal(admwh_response_add_warning(&response, "a %lc", (wint_t)0xd800), 0);
	assert_int_equal(response.n_warnings, 0);
	assert_int_equal(admwh_response_fail(&response, "a %lc", (wint_t)0xd800), ADMWH_E_HANDLER);
	assert_string_equal(response.failure.text, "");
	awh_response_deinit(&response);
}

static void cleans_warnings_as_the_api_server_would_drop_them(void **state)
{
	static const struct {
		const char *given, *kept;
	} cases[] = {
	    {"plain", "plain"},
	    {"a\nb\tc\rd", "a b c d"},
	    {"a\x1b[31mb\x7f"
	     "c",
	     "a [31mb c"},
	    {"a\xc2\x85"
	     "b\xc2\xa0"
	     "c",
	     "a b\xc2\xa0"
	     "c"},
	    {"  spaces at the ends\n", "spaces at the ends"},
	    {"\"quoted\" \\", "\"quoted\" \\"},
	    {"caf\xc3\xa9 \xf0\x9f\x9a\x80", "caf\xc3\xa9 \xf0\x9f\x9a\x80"},
	};
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(admwh_response_add_warning(&response, "%s", cases[i].given), 0);
		assert_int_equal(response.n_warnings, i + 1);
		assert_string_equal(response.warnings[i], cases[i].kept);
	}
	awh_response_deinit(&response);
}

static void drops_empty_and_repeated_warnings(void **state)
{
	struct admwh_response response;
	char *text;

	(void)state;
	awh_response_init(&response);
	admwh_response_allow(&response);
	admwh_response_add_warning(&response, "%s", "");
	admwh_response_add_warning(&response, " \n\t ");
	admwh_response_add_warning(&response, "one");
	admwh_response_add_warning(&response, "two");
	admwh_response_add_warning(&response, "one\n");
	assert_int_equal(response.n_warnings, 2);
	text = encoded_member(&response, "warnings");
	assert_string_equal(text, "[\"one\",\"two\"]");
	free(text);
	awh_response_deinit(&response);
}

static void keeps_all_warnings_under_the_limit(void **state)
{
	struct admwh_response response;
	char text[301];

	(void)state;
	awh_response_init(&response);
	memset(text, 0, sizeof(text));
	for (size_t i = 0; i + 3 <= 300; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	for (int i = 0; i < 60; i++)
		admwh_response_add_warning(&response, "%02d%s", i, text);
	/* 40 times 102 characters, and 16 of one more. */
	assert_int_equal(response.warning_characters, AWH_WARNINGS_MAX);
	assert_int_equal(response.n_warnings, 41);
	assert_int_equal(strlen(response.warnings[39]), 302);
	assert_int_equal(strlen(response.warnings[40]), 2 + 14 * 3);
	assert_int_equal(response.failure.code, 0);
	awh_response_deinit(&response);
}

static void sends_a_patch_and_its_type_together(void **state)
{
	struct awh_request decoded;
	struct admwh_response response;
	struct admwh_patch patch;

	(void)state;
	decode_object(&decoded);
	awh_patch_init(&patch, &decoded);
	awh_response_init(&response);
	admwh_response_allow(&response);
	assert_encoded(&response, &patch, V1 "{\"uid\":\"u-1\",\"allowed\":true}}");
	assert_int_equal(admwh_patch_add_new(&patch, "/b", json_integer(2)), 0);
	/* [{"op":"add","path":"/b","value":2}] */
	assert_encoded(&response, &patch,
		       V1 "{\"uid\":\"u-1\",\"allowed\":true,\"patchType\":\"JSONPatch\",\"patch\":"
			  "\"W3sib3AiOiJhZGQiLCJwYXRoIjoiL2IiLCJ2YWx1ZSI6Mn1d\"}}");
	assert_encoded(&response, NULL, V1 "{\"uid\":\"u-1\",\"allowed\":true}}");
	awh_response_deinit(&response);
	awh_patch_deinit(&patch);
	awh_request_deinit(&decoded);
}

static void never_sends_a_patch_with_a_denial(void **state)
{
	struct awh_request decoded;
	struct admwh_response response;
	struct admwh_patch patch;

	(void)state;
	decode_object(&decoded);
	awh_patch_init(&patch, &decoded);
	awh_response_init(&response);
	assert_int_equal(admwh_patch_add_new(&patch, "/b", json_integer(2)), 0);
	admwh_response_deny(&response, 403, "no");
	assert_encoded(&response, &patch,
		       V1 "{\"uid\":\"u-1\",\"allowed\":false,\"status\":{\"status\":\"Failure\","
			  "\"message\":\"no\",\"reason\":\"Forbidden\",\"code\":403}}}");
	awh_response_deinit(&response);
	awh_patch_deinit(&patch);
	awh_request_deinit(&decoded);
}

static void marks_a_buffer_that_is_too_small(void **state)
{
	struct awh_request decoded;
	struct admwh_response response;
	struct admwh_patch patch;

	(void)state;
	decode_object(&decoded);
	awh_patch_init(&patch, &decoded);
	awh_response_init(&response);
	admwh_response_allow(&response);
	admwh_response_add_warning(&response, "w");
	assert_int_equal(admwh_patch_add_new(&patch, "/b", json_integer(2)), 0);
	for (size_t max = 0; max < 200; max++) {
		struct awh_buf buf;

		awh_buf_init(&buf, max);
		awh_response_encode(&buf, &to, &response, &patch);
		assert_int_equal(buf.err, ADMWH_E_LIMIT);
		awh_buf_deinit(&buf);
	}
	awh_response_deinit(&response);
	awh_patch_deinit(&patch);
	awh_request_deinit(&decoded);
}

static void assert_failure(const char *uid, int code, const char *message, const char *expected)
{
	struct awh_buf buf;

	awh_buf_init(&buf, OUTPUT_MAX);
	awh_failure_encode(&buf, &(struct awh_reply_to){.version = ADMWH_REVIEW_V1, .uid = uid},
			   code, message, NULL);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	assert_string_equal(buf.data, expected);
	awh_buf_deinit(&buf);
}

static void allows_without_an_error(void **state)
{
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	assert_int_equal(admwh_response_decide(&response), 0);
	assert_encoded(&response, NULL, V1 "{\"uid\":\"u-1\",\"allowed\":true}}");
	assert_int_equal(admwh_response_decide_invalid(&response, NULL), 0);
	assert_int_equal(response.decision, AWH_ALLOWED);
	awh_response_deinit(&response);
}

static void denies_with_all_errors_in_the_message(void **state)
{
	static const struct {
		struct {
			const char *type, *message, *field;
		} causes[3];
		const char *message;
	} cases[] = {
	    {{{"T", "m", "a.b"}}, "a.b: m"},
	    {{{"T", "m", "a"}, {"T", "n", "b"}}, "[a: m, b: n]"},
	    {{{"T", "m", NULL}, {"T", NULL, "b"}, {NULL, NULL, "c"}}, "[m, b: T, c]"},
	    {{{"T", "", ""}}, "T"},
	    {{{"T", "50% %s", "a"}}, "a: 50% %s"},
	    {{{"T", "m", "a"}, {"U", "m", "a"}}, "a: m"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_response response;

		awh_response_init(&response);
		for (size_t j = 0; j < 3 && (cases[i].causes[j].type || cases[i].causes[j].field);
		     j++)
			admwh_response_add_cause(&response, cases[i].causes[j].type,
						 cases[i].causes[j].message,
						 cases[i].causes[j].field);
		assert_int_equal(admwh_response_decide(&response), 0);
		assert_int_equal(response.decision, AWH_DENIED);
		assert_int_equal(response.code, 403);
		assert_string_equal(response.message, cases[i].message);
		awh_response_deinit(&response);
	}
}

static void denies_as_invalid_with_the_details_of_the_request(void **state)
{
	static const struct admwh_gvk kind = {"apps", "v1", "Deployment"};
	static const struct admwh_request request = {.kind = &kind, .name = "web"};
	static const char *const expected[] = {
	    "{\"status\":\"Failure\",\"message\":\"a: Forbidden: x\",\"reason\":\"Invalid\","
	    "\"details\":{\"name\":\"web\",\"group\":\"apps\",\"kind\":\"Deployment\",\"causes\":[{"
	    "\"reason\":\"FieldValueForbidden\",\"message\":\"Forbidden: x\",\"field\":\"a\"}]},"
	    "\"code\":422}",
	    "{\"status\":\"Failure\",\"message\":\"a: Forbidden: x\",\"reason\":\"Invalid\","
	    "\"details\":{\"kind\":\"other\",\"causes\":[{\"reason\":\"FieldValueForbidden\","
	    "\"message\":\"Forbidden: x\",\"field\":\"a\"}]},\"code\":422}",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct admwh_response response;
		char *text;

		awh_response_init(&response);
		admwh_response_add_error_at(&response, ADMWH_FORBIDDEN, "a", NULL, "x");
		if (i == 1)
			admwh_response_set_details(&response, NULL, "other", NULL);
		assert_int_equal(admwh_response_decide_invalid(&response, &request), 0);
		text = encoded_member(&response, "status");
		assert_string_equal(text, expected[i]);
		free(text);
		awh_response_deinit(&response);
	}
}

static void sends_the_details_that_were_given(void **state)
{
	static const struct {
		int code;
		const char *group, *kind, *name;
		int retry_after;
		bool has_cause;
		const char *details; /* NULL: none */
	} cases[] = {
	    {403, NULL, NULL, NULL, 0, false, NULL},
	    {403, "", "", "", 0, false, NULL},
	    {403, "g", "k", "n", 7, false,
	     "{\"name\":\"n\",\"group\":\"g\",\"kind\":\"k\",\"retryAfterSeconds\":7}"},
	    {403, NULL, "k", NULL, 0, true, "{\"kind\":\"k\",\"causes\":[{\"message\":\"m\"}]}"},
	    {429, NULL, NULL, NULL, 1, false, "{\"retryAfterSeconds\":1}"},
	    {403, NULL, NULL, NULL, 1, true,
	     "{\"causes\":[{\"message\":\"m\"}],\"retryAfterSeconds\":1}"},
	    /* kubectl would drop the message */
	    {422, "g", "k", "n", 0, false, "{\"group\":\"g\"}"},
	    {422, NULL, "k", "n", 0, false, NULL},
	    {422, NULL, "k", "n", 0, true,
	     "{\"name\":\"n\",\"kind\":\"k\",\"causes\":[{\"message\":\"m\"}]}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_response response;
		json_t *status, *wanted;
		char *text;

		awh_response_init(&response);
		admwh_response_deny(&response, cases[i].code, "no");
		admwh_response_set_details(&response, "lost", "lost", "lost");
		assert_int_equal(admwh_response_set_details(&response, cases[i].group,
							    cases[i].kind, cases[i].name),
				 0);
		assert_int_equal(admwh_response_set_retry_after(&response, -1), ADMWH_E_INVAL);
		assert_int_equal(admwh_response_set_retry_after(&response, cases[i].retry_after),
				 0);
		if (cases[i].has_cause)
			admwh_response_add_cause(&response, NULL, "m", NULL);
		text = encoded_member(&response, "status");
		status = json_loads(text, 0, NULL);
		wanted = cases[i].details ? json_loads(cases[i].details, 0, NULL) : NULL;
		if (wanted)
			assert_true(json_equal(json_object_get(status, "details"), wanted));
		else
			assert_null(json_object_get(status, "details"));
		json_decref(wanted);
		json_decref(status);
		free(text);
		awh_response_deinit(&response);
	}
}

static void says_failures_as_a_review_or_a_status(void **state)
{
	(void)state;
	assert_failure("u-1", 422, "request.name: expected a string, got a number",
		       V1 "{\"uid\":\"u-1\",\"allowed\":false,\"status\":{\"status\":\"Failure\","
			  "\"message\":\"request.name: expected a string, got a number\","
			  "\"reason\":\"Invalid\",\"code\":422}}}");
	assert_failure(NULL, 400, "byte 3: \"\n\xff",
		       "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
		       "\"Failure\",\"message\":\"byte 3: \\\"\\n\xef\xbf\xbd\",\"reason\":"
		       "\"BadRequest\",\"code\":400}");
	assert_failure(NULL, 7, "",
		       "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"
		       "\"status\":\"Failure\",\"reason\":\"BadRequest\",\"code\":400}");
}

static void run_once(bool may_fail)
{
	struct admwh_response response;
	struct awh_buf buf;
	int err;

	awh_response_init(&response);
	awh_buf_init(&buf, OUTPUT_MAX);
	admwh_response_allow(&response);
	err = admwh_response_deny(&response, 403, "no %s", "way");
	if (err == 0)
		err = admwh_response_set_reason(&response, "Because");
	if (err == 0)
		err = admwh_response_set_details(&response, "group", "kind", "name");
	for (int i = 0; i < 3 && err == 0; i++) {
		err = admwh_response_add_cause(&response, "type", "message", "field");
		if (err == 0)
			err = admwh_response_add_error_at(&response, ADMWH_INVALID, "a", NULL, "%d",
							  i);
		if (err == 0)
			err = admwh_response_add_warning(&response, "warning %d", i);
		if (err == 0)
			err = admwh_response_add_audit_annotation(&response,
								  i == 0   ? "a"
								  : i == 1 ? "b"
									   : "c",
								  "v");
	}
	if (err == 0)
		err = admwh_response_decide(&response);
	assert_int_equal(err, response.failure.code);
	if (err < 0) {
		assert_true(may_fail);
		assert_int_equal(err, ADMWH_E_NOMEM);
		/* A handler that does not look must still not allow. */
		admwh_response_allow(&response);
		assert_int_equal(response.decision, AWH_UNDECIDED);
	} else {
		awh_response_encode(&buf, &to, &response, NULL);
		assert_true(buf.err == 0 || (may_fail && buf.err == ADMWH_E_NOMEM));
	}
	awh_buf_deinit(&buf);
	awh_response_deinit(&response);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

static void encode_patch_once(bool may_fail)
{
	struct awh_request decoded = {.body = NULL};
	struct admwh_response response;
	struct admwh_patch patch;
	struct awh_buf buf;
	long left = alloc_left;
	int err;

	/* Only the patch and the encoding are to fail. */
	alloc_left = -1;
	decode_object(&decoded);
	alloc_left = left;
	awh_patch_init(&patch, &decoded);
	awh_response_init(&response);
	admwh_response_allow(&response);
	awh_buf_init(&buf, OUTPUT_MAX);
	err = admwh_patch_add_new(&patch, "/b", json_integer(2));
	if (err == 0)
		awh_response_encode(&buf, &to, &response, &patch);
	assert_true(err == 0 || (may_fail && (err == ADMWH_E_NOMEM || err == ADMWH_E_INVAL)));
	assert_true(buf.err == 0 || (may_fail && buf.err == ADMWH_E_NOMEM));
	awh_buf_deinit(&buf);
	awh_response_deinit(&response);
	awh_patch_deinit(&patch);
	awh_request_deinit(&decoded);
}

static void survives_a_patch_that_finds_no_memory(void **state)
{
	(void)state;
	with_failing_allocations(encode_patch_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_a_denial_until_it_is_decided),
	    cmocka_unit_test(never_allows_once_it_has_failed),
	    cmocka_unit_test(refuses_null_arguments),
	    cmocka_unit_test(takes_no_decision_without_words),
	    cmocka_unit_test(refuses_audit_keys_the_api_server_drops),
	    cmocka_unit_test(refuses_another_value_for_an_audit_key),
	    cmocka_unit_test(never_sends_a_patch_with_a_denial),
	    cmocka_unit_test(marks_a_buffer_that_is_too_small),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	    cmocka_unit_test(survives_a_patch_that_finds_no_memory),
	    cmocka_unit_test(repeats_uid_and_version),
	    cmocka_unit_test(says_nothing_more_than_allowed),
	    cmocka_unit_test(denies_with_message_reason_causes_and_code),
	    cmocka_unit_test(clamps_codes_the_api_server_does_not_bear),
	    cmocka_unit_test(takes_the_reason_from_the_code),
	    cmocka_unit_test(bounds_a_message_between_characters),
	    cmocka_unit_test(replaces_malformed_utf8),
	    cmocka_unit_test(bounds_a_failure_between_characters),
	    cmocka_unit_test(says_nothing_where_a_format_cannot_be_printed),
	    cmocka_unit_test(cleans_warnings_as_the_api_server_would_drop_them),
	    cmocka_unit_test(drops_empty_and_repeated_warnings),
	    cmocka_unit_test(keeps_all_warnings_under_the_limit),
	    cmocka_unit_test(sends_a_patch_and_its_type_together),
	    cmocka_unit_test(says_failures_as_a_review_or_a_status),
	    cmocka_unit_test(allows_without_an_error),
	    cmocka_unit_test(denies_with_all_errors_in_the_message),
	    cmocka_unit_test(denies_as_invalid_with_the_details_of_the_request),
	    cmocka_unit_test(sends_the_details_that_were_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
