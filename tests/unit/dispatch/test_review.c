/* SPDX-License-Identifier: MIT */
/* One review from bytes to bytes, by the public entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include <admwh/admwh.h>

#include "dispatch/review.h"

#define REVIEW(version, object)                                                                    \
	"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/" version                 \
	"\",\"request\":{\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\","             \
	"\"kind\":\"Pod\"},\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"}" \
	","                                                                                        \
	"\"operation\":\"CREATE\",\"userInfo\":{},\"object\":" object ",\"oldObject\":null}}"

static const char good[] = REVIEW("v1", "{\"metadata\":{\"name\":\"web\"}}");

enum doing {
	ALLOW,
	DENY,
	NOTHING,
	FAIL,
	NEGATIVE,
	BAD_PATCH,
	BAD_PATCH_DENIED,
	PATCH,
	ALLOW_PATCH_LOST,
	NOT_FOUND
};

static int act(const struct admwh_request *req, struct admwh_response *resp, enum doing what)
{
	switch (what) {
	case NOTHING:
		return 0;
	case NEGATIVE:
		admwh_response_allow(resp);
		return -42;
	case FAIL:
		admwh_response_allow(resp);
		return admwh_response_fail(resp, "no answer from %s", "the scanner");
	case NOT_FOUND:
		admwh_response_allow(resp);
		return admwh_response_not_found(resp, "no policy %s", "a");
	case DENY:
	case BAD_PATCH_DENIED:
		return admwh_response_deny(resp, 403, "no %s", req->kind->kind);
	default:
		return admwh_response_allow(resp);
	}
}

static int validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	assert_null(req->peer);
	assert_null(req->http);
	return act(req, resp, *(enum doing *)userdata);
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	enum doing what = *(enum doing *)userdata;

	if (what == BAD_PATCH || what == BAD_PATCH_DENIED)
		admwh_patch_remove(patch, "/spec");
	if (what == PATCH || what == DENY)
		admwh_patch_add_parents_new(patch, "/metadata/labels/a", json_string("b"));
	if (what == ALLOW_PATCH_LOST)
		admwh_patch_add_new(patch, "/metadata/labels", NULL);
	return act(req, resp, what);
}

/* The answer's response, checked to repeat uid and version. *borrowed* from *review. */
static json_t *response(struct admwh_answer *answer, json_t **review, const char *version)
{
	json_t *found;
	size_t len;
	const char *body = admwh_answer_body(answer, &len);

	assert_int_equal(strlen(body), len);
	*review = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(*review);
	assert_string_equal(json_string_value(json_object_get(*review, "apiVersion")), version);
	assert_string_equal(json_string_value(json_object_get(*review, "kind")), "AdmissionReview");
	found = json_object_get(*review, "response");
	assert_string_equal(json_string_value(json_object_get(found, "uid")), "u-1");
	return found;
}

static void expect(struct admwh_answer *answer, int status, bool allowed, int code,
		   const char *message, bool patched)
{
	json_t *review, *resp, *reply;

	assert_non_null(answer);
	assert_int_equal(admwh_answer_status(answer), status);
	assert_int_equal(admwh_answer_is_allowed(answer), allowed);
	resp = response(answer, &review, "admission.k8s.io/v1");
	reply = json_object_get(resp, "status");
	assert_int_equal(json_is_true(json_object_get(resp, "allowed")), allowed);
	assert_int_equal(json_integer_value(json_object_get(reply, "code")), code);
	if (message)
		assert_non_null(
		    strstr(json_string_value(json_object_get(reply, "message")), message));
	else
		assert_null(reply);
	assert_int_equal(json_object_get(resp, "patch") != NULL, patched);
	assert_int_equal(json_object_get(resp, "patchType") != NULL, patched);
	json_decref(review);
	admwh_answer_free(answer);
}

/* What client-go shows the message of: no review. */
static void expect_error(struct admwh_answer *answer, int status, const char *body)
{
	assert_int_equal(admwh_answer_status(answer), status);
	assert_false(admwh_answer_is_allowed(answer));
	assert_string_equal(admwh_answer_body(answer, NULL), body);
	admwh_answer_free(answer);
}

static void never_allows_what_failed(void **state)
{
	static const struct {
		enum doing what;
		const char *message;
	} cases[] = {
	    {NOTHING, "handler decided nothing"}, {NEGATIVE, "handler failed"},
	    {FAIL, "no answer from the scanner"}, {BAD_PATCH, "/spec"},
	    {ALLOW_PATCH_LOST, "patch"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum doing what = cases[i].what;

		expect(admwh_review_mutate(good, strlen(good), mutate, &what), 200, false, 500,
		       cases[i].message, false);
	}
}

static void leaves_failures_to_the_failure_policy_where_the_route_says_so(void **state)
{
	enum doing what = NOTHING;
	struct admwh_route *route = admwh_route_new_validator(validate, &what);

	(void)state;
	assert_int_equal(admwh_route_set_on_failure(route, ADMWH_ON_FAILURE_POLICY), 0);
	expect_error(admwh_route_review(route, good, strlen(good)), 500,
		     "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
		     "\"Failure\",\"message\":\"handler decided nothing\",\"reason\":"
		     "\"InternalError\",\"code\":500}");
	what = FAIL;
	expect_error(admwh_route_review(route, good, strlen(good)), 500,
		     "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
		     "\"Failure\",\"message\":\"no answer from the scanner\",\"reason\":"
		     "\"InternalError\",\"code\":500}");
	what = ALLOW;
	expect(admwh_route_review(route, good, strlen(good)), 200, true, 0, NULL, false);
	admwh_route_free(route);
}

/* U+0000 in a value of the object, in a name of oldObject; options without it. */
static const char nul[] =
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
    "\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"ConfigMap\"},"
    "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"configmaps\"},"
    "\"unknown\":\"\\u0000\",\"operation\":\"UPDATE\",\"userInfo\":{},"
    "\"object\":{\"metadata\":{\"name\":\"\"},\"data\":{\"x.y\":\"a\\u0000b\"}},"
    "\"oldObject\":{\"data\":[{},{\"\\u0000\":1}]},\"options\":{}}}";

struct nul_case {
	json_t *(*tree)(const struct admwh_request *req);
	bool edits, denies, fails;
	const char *message; /* of the failure without admwh_route_set_nul_in_trees() */
};

static int ask_for_a_tree(const struct admwh_request *req, struct admwh_response *resp,
			  struct admwh_patch *patch, void *userdata)
{
	const struct nul_case *asked = userdata;

	assert_true(admwh_request_holds_nul(req));
	if (asked->tree && !asked->tree(req) && asked->fails)
		return admwh_response_fail(resp, "there is no object");
	if (asked->edits && json_object_set_new(admwh_patch_edit(patch), "a", json_true()))
		return -1;
	if (asked->denies)
		return admwh_response_deny(resp, 403, "no");
	admwh_patch_add_parents_new(patch, "/metadata/labels/a", json_string("b"));
	return admwh_response_allow(resp);
}

static void gives_trees_with_nul_only_where_the_route_says_so(void **state)
{
	static const char object[] =
	    "request.object.data[\"x.y\"]: U+0000 is not taken by the handler";
	static const char old[] =
	    "request.oldObject.data[1][\"\\u0000\"]: U+0000 is not taken by the handler";
	static const struct nul_case cases[] = {
	    {NULL, false, false, false, NULL},
	    {admwh_request_options_json, false, false, false, NULL},
	    {admwh_request_object_json, false, false, false, object},
	    {admwh_request_object_json, false, false, true, object},
	    {admwh_request_old_object_json, false, false, false, old},
	    {NULL, true, false, false, object},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nul_case asked = cases[i];
		struct admwh_route *route = admwh_route_new_mutator(ask_for_a_tree, &asked);
		const char *message = asked.message;

		expect(admwh_route_review(route, nul, strlen(nul)), 200, !message,
		       message ? 500 : 0, message, !message);
		asked.denies = true;
		asked.edits = asked.fails = false;
		expect(admwh_route_review(route, nul, strlen(nul)), 200, false, 403, "no", false);
		asked = cases[i];
		assert_int_equal(admwh_route_set_nul_in_trees(route, true), 0);
		expect(admwh_route_review(route, nul, strlen(nul)), 200, true, 0, NULL, true);
		admwh_route_free(route);
	}
}

static int edit_much(const struct admwh_request *req, struct admwh_response *resp,
		     struct admwh_patch *patch, void *userdata)
{
	json_t *object = admwh_patch_edit(patch);

	(void)req, (void)userdata;
	json_object_set_new(object, "metadata",
			    json_pack("{s:i, s:i, s:f}", "a", 2, "b", 3, "n", 1.0));
	return admwh_response_allow(resp);
}

/* The patch of edit_much() under options; *new*. */
static char *edited(struct admwh_route *route, const char *body)
{
	struct admwh_answer *answer = admwh_route_review(route, body, strlen(body));
	json_t *review;
	char *patch = strdup(json_string_value(
	    json_object_get(response(answer, &review, "admission.k8s.io/v1"), "patch")));

	json_decref(review);
	admwh_answer_free(answer);
	return patch;
}

static void finds_operations_by_the_options_of_the_route(void **state)
{
	static const char body[] = REVIEW("v1", "{\"metadata\":{\"a\":1,\"b\":2,\"n\":1}}");
	static const struct {
		unsigned int options;
		const char *patch; /* base64 */
	} cases[] = {
	    /* replace /metadata/a and /metadata/b */
	    {0, "W3sib3AiOiJyZXBsYWNlIiwicGF0aCI6Ii9tZXRhZGF0YS9hIiwidmFsdWUiOjJ9LHsib3AiOiJyZXBs"
		"YWNlIiwicGF0aCI6Ii9tZXRhZGF0YS9iIiwidmFsdWUiOjN9XQ=="},
	    /* and /metadata/n */
	    {ADMWH_PATCH_MAKE_NUMBER_TEXT,
	     "W3sib3AiOiJyZXBsYWNlIiwicGF0aCI6Ii9tZXRhZGF0YS9hIiwidmFsdWUiOjJ9LHsib3AiOiJyZXBsYWNl"
	     "IiwicGF0aCI6Ii9tZXRhZGF0YS9iIiwidmFsdWUiOjN9LHsib3AiOiJyZXBsYWNlIiwicGF0aCI6Ii9tZXRh"
	     "ZGF0YS9uIiwidmFsdWUiOjEuMH1d"},
	    /* replace /metadata */
	    {ADMWH_PATCH_MAKE_SMALLEST,
	     "W3sib3AiOiJyZXBsYWNlIiwicGF0aCI6Ii9tZXRhZGF0YSIsInZhbHVlIjp7ImEiOjIsImIiOjMsIm4iOjEu"
	     "MH19XQ=="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_route *route = admwh_route_new_mutator(edit_much, NULL);
		char *patch;

		assert_int_equal(admwh_route_set_patch_options(route, cases[i].options), 0);
		patch = edited(route, body);
		assert_string_equal(patch, cases[i].patch);
		free(patch);
		admwh_route_free(route);
	}
}

static void drops_a_patch_with_a_denial(void **state)
{
	enum doing what = DENY;

	(void)state;
	expect(admwh_review_mutate(good, strlen(good), mutate, &what), 200, false, 403, "no Pod",
	       false);
	what = BAD_PATCH_DENIED;
	expect(admwh_review_mutate(good, strlen(good), mutate, &what), 200, false, 403, "no Pod",
	       false);
}

static void allows_with_and_without_a_patch(void **state)
{
	enum doing what = ALLOW;

	(void)state;
	expect(admwh_review_validate(good, strlen(good), validate, &what), 200, true, 0, NULL,
	       false);
	expect(admwh_review_mutate(good, strlen(good), mutate, &what), 200, true, 0, NULL, false);
	what = PATCH;
	expect(admwh_review_mutate(good, strlen(good), mutate, &what), 200, true, 0, NULL, true);
}

static void answers_a_body_that_is_no_review(void **state)
{
	static const struct {
		const char *body;
		int status;
		const char *message;
	} cases[] = {
	    {"", 400, "byte 0"},
	    {"{", 400, "byte 1"},
	    {"[]", 422, "object"},
	    {"{}", 422, "apiVersion"},
	    {REVIEW("v2", "null"), 422, "apiVersion"},
	    {REVIEW("v1", "7"), 422, "request.object"},
	    {REVIEW("v1", "{\"a\":1,\"a\":2}"), 400, "a"},
	};
	enum doing what = ALLOW;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_answer *answer =
		    admwh_review_validate(cases[i].body, strlen(cases[i].body), validate, &what);

		assert_int_equal(admwh_answer_status(answer), cases[i].status);
		assert_non_null(strstr(admwh_answer_body(answer, NULL), cases[i].message));
		assert_null(strstr(admwh_answer_body(answer, NULL), "\"allowed\":true"));
		assert_false(admwh_answer_is_allowed(answer));
		admwh_answer_free(answer);
	}
}

static void answers_in_the_version_it_was_asked_in(void **state)
{
	static const char beta[] = REVIEW("v1beta1", "{}");
	enum doing what = ALLOW;
	struct admwh_answer *answer = admwh_review_validate(beta, strlen(beta), validate, &what);
	json_t *review;

	(void)state;
	assert_int_equal(admwh_answer_status(answer), 200);
	response(answer, &review, "admission.k8s.io/v1beta1");
	json_decref(review);
	admwh_answer_free(answer);
}

static void takes_bare_reviews_in_the_dialects_of_servers_that_do(void **state)
{
	static const int statuses[] = {
	    [ADMWH_DIALECT_KUBERNETES] = 422,
	    [ADMWH_DIALECT_RANCHER] = 200,
	    [ADMWH_DIALECT_KUBEWARDEN] = 200,
	    [ADMWH_DIALECT_PLAIN] = 422,
	};
	static const char bare[] = "{\"request\":{\"uid\":\"u-1\",\"kind\":{},\"resource\":{},"
				   "\"operation\":\"CREATE\",\"userInfo\":{}}}";
	enum doing what = ALLOW;
	struct admwh_route *route = admwh_route_new_validator(validate, &what);

	(void)state;
	for (int dialect = ADMWH_DIALECT_KUBERNETES; dialect <= ADMWH_DIALECT_PLAIN; dialect++) {
		struct admwh_answer *answer;

		assert_int_equal(admwh_route_set_dialect(route, (enum admwh_dialect)dialect), 0);
		answer = admwh_route_review(route, bare, strlen(bare));
		assert_int_equal(admwh_answer_status(answer), statuses[dialect]);
		admwh_answer_free(answer);
	}
	admwh_route_free(route);
}

static int refuse(void *owner, size_t bytes, struct awh_error *error)
{
	struct awh_review *review = owner;

	(void)bytes;
	review->status = 503;
	return awh_fail(error, ADMWH_E_OVERLOAD, "no room");
}

static int ask_for_the_object(const struct admwh_request *req, struct admwh_response *resp,
			      void *userdata)
{
	const enum doing *what = userdata;

	assert_null(admwh_request_object_json(req));
	return act(req, resp, *what);
}

/* Only a denial counts of what the handler says of it. */
static void sheds_a_review_whose_tree_finds_no_room(void **state)
{
	static const enum doing cases[] = {ALLOW, DENY, FAIL, NOTHING, NEGATIVE};
	static const char item[] = ",{}";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum doing what = cases[i];
		struct admwh_route *route = admwh_route_new_validator(ask_for_the_object, &what);
		struct awh_review *review = awh_review_new(route, 1 << 20, 100, 0);
		static const char begin[] = REVIEW("v1", "{\"x\":[{}");
		const char *rest = strstr(begin, ",\"oldObject\"");

		assert_non_null(review);
		awh_buf_put(&review->body, begin, (size_t)(rest - begin));
		for (int n = 0; n < 900; n++)
			awh_buf_puts(&review->body, item);
		awh_buf_puts(&review->body, "]}");
		awh_buf_puts(&review->body, rest);
		review->decode.take = refuse;
		review->decode.owner = review;
		assert_true(awh_review_run(review));
		assert_int_equal(review->outcome,
				 what == DENY ? AWH_OUTCOME_DENIED : AWH_OUTCOME_SHED);
		assert_int_equal(review->status, what == DENY ? 200 : 503);
		assert_string_equal(review->error.text, what == DENY ? "" : "no room");
		awh_review_unref(review);
		admwh_route_free(route);
	}
}

static void refuses_missing_arguments(void **state)
{
	enum doing what = ALLOW;

	(void)state;
	assert_null(admwh_route_review(NULL, good, 1));
	assert_null(admwh_review_validate(good, 1, NULL, NULL));
	assert_false(admwh_answer_is_allowed(NULL));
	assert_null(admwh_review_mutate(good, 1, NULL, NULL));
	assert_null(admwh_review_validate(NULL, 0, validate, &what));
	admwh_answer_free(NULL);
}

/* Whatever the route makes of failures: there is nothing that could decide. */
static void answers_404_where_the_handler_finds_nothing(void **state)
{
	static const enum admwh_on_failure choices[] = {ADMWH_ON_FAILURE_DENY,
							ADMWH_ON_FAILURE_POLICY};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		enum doing what = NOT_FOUND;
		struct admwh_route *route = admwh_route_new_validator(validate, &what);
		struct admwh_answer *answer;
		json_t *status;

		assert_int_equal(admwh_route_set_on_failure(route, choices[i]), 0);
		answer = admwh_route_review(route, good, strlen(good));
		assert_int_equal(admwh_answer_status(answer), 404);
		assert_false(admwh_answer_is_allowed(answer));
		status = json_loads(admwh_answer_body(answer, NULL), 0, NULL);
		assert_string_equal(json_string_value(json_object_get(status, "kind")), "Status");
		assert_string_equal(json_string_value(json_object_get(status, "reason")),
				    "NotFound");
		assert_string_equal(json_string_value(json_object_get(status, "message")),
				    "no policy a");
		json_decref(status);
		admwh_answer_free(answer);
		admwh_route_free(route);
	}
	assert_int_equal(admwh_response_not_found(NULL, "x"), ADMWH_E_NOT_FOUND);
}

/* As it comes by HTTP; deferred or not, it is the request's. */
static void gives_the_segment_of_a_pattern(void **state)
{
	static const struct {
		const char *target, *segment;
	} cases[] = {
	    {"/policy/a%20b", "a b"},
	    {"/policy/a%20b?timeout=5s/x", "a b"},
	    {"https://host/policy/x", "x"},
	    {NULL, NULL},
	};
	struct awh_error error = {0};
	struct awh_routes routes = {0};
	enum doing what = ALLOW;

	(void)state;
	assert_int_equal(awh_routes_add(&routes, "/policy/{id}",
					admwh_route_new_validator(validate, &what), &error),
			 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_review *review = awh_review_new(routes.items[0], 4096, 200, 10000);
		const struct admwh_request *req = &review->request.pub;

		awh_buf_puts(&review->body, good);
		assert_int_equal(awh_review_set_origin(review, NULL, cases[i].target, NULL, NULL),
				 0);
		assert_true(awh_review_decode(review));
		assert_null(admwh_request_path_segment(req, "name"));
		assert_null(admwh_request_path_segment(req, NULL));
		if (cases[i].segment)
			assert_string_equal(admwh_request_path_segment(req, "id"),
					    cases[i].segment);
		else
			assert_null(admwh_request_path_segment(req, "id"));
		awh_review_unref(review);
	}
	awh_routes_deinit(&routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_404_where_the_handler_finds_nothing),
	    cmocka_unit_test(gives_the_segment_of_a_pattern),
	    cmocka_unit_test(never_allows_what_failed),
	    cmocka_unit_test(leaves_failures_to_the_failure_policy_where_the_route_says_so),
	    cmocka_unit_test(gives_trees_with_nul_only_where_the_route_says_so),
	    cmocka_unit_test(finds_operations_by_the_options_of_the_route),
	    cmocka_unit_test(drops_a_patch_with_a_denial),
	    cmocka_unit_test(allows_with_and_without_a_patch),
	    cmocka_unit_test(answers_a_body_that_is_no_review),
	    cmocka_unit_test(answers_in_the_version_it_was_asked_in),
	    cmocka_unit_test(takes_bare_reviews_in_the_dialects_of_servers_that_do),
	    cmocka_unit_test(sheds_a_review_whose_tree_finds_no_room),
	    cmocka_unit_test(refuses_missing_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
