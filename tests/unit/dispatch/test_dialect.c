/* SPDX-License-Identifier: MIT */
/* tests/vectors/dialects: what a handler does, and every byte of what goes out for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include <admwh/admwh.h>

static const char *text(const json_t *step, size_t i)
{
	return json_string_value(json_array_get(step, i));
}

static void act(const json_t *step, struct admwh_response *resp, struct admwh_patch *patch)
{
	const char *what = text(step, 0);

	if (strcmp(what, "allow") == 0)
		admwh_response_allow(resp);
	else if (strcmp(what, "deny") == 0)
		admwh_response_deny(resp, (int)json_integer_value(json_array_get(step, 1)), "%s",
				    text(step, 2));
	else if (strcmp(what, "fail") == 0)
		admwh_response_fail(resp, "%s", text(step, 1));
	else if (strcmp(what, "reason") == 0)
		admwh_response_set_reason(resp, text(step, 1));
	else if (strcmp(what, "cause") == 0)
		admwh_response_add_cause(resp, text(step, 1), text(step, 2), text(step, 3));
	else if (strcmp(what, "details") == 0)
		admwh_response_set_details(resp, text(step, 1), text(step, 2), text(step, 3));
	else if (strcmp(what, "retry") == 0)
		admwh_response_set_retry_after(resp,
					       (int)json_integer_value(json_array_get(step, 1)));
	else if (strcmp(what, "decide") == 0)
		admwh_response_decide(resp);
	else if (strcmp(what, "warn") == 0)
		admwh_response_add_warning(resp, "%s", text(step, 1));
	else if (strcmp(what, "annotate") == 0)
		admwh_response_add_audit_annotation(resp, text(step, 1), text(step, 2));
	else if (strcmp(what, "replace") == 0)
		assert_int_equal(admwh_patch_replace(patch, text(step, 1), json_array_get(step, 2)),
				 0);
	else
		fail_msg("no such step: %s", what);
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	const json_t *steps = json_object_get(userdata, "does");

	assert_non_null(req->kind->kind);
	assert_non_null(req->resource->resource);
	assert_non_null(req->user);
	assert_non_null(req->operation_name);
	for (size_t i = 0; i < json_array_size(steps); i++)
		act(json_array_get(steps, i), resp, patch);
	return 0;
}

static int validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	return mutate(req, resp, NULL, userdata);
}

static enum admwh_dialect dialect_of(const json_t *vector)
{
	static const char *const names[] = {"kubernetes", "rancher", "kubewarden", "plain"};
	const char *name = json_string_value(json_object_get(vector, "dialect"));

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum admwh_dialect)(i + 1);
	fail_msg("no such dialect: %s", name);
	return ADMWH_DIALECT_PLAIN;
}

static struct admwh_route *make_route(json_t *vector)
{
	bool mutator = json_is_true(json_object_get(vector, "mutator"));
	struct admwh_route *route = mutator ? admwh_route_new_mutator(mutate, vector)
					    : admwh_route_new_validator(validate, vector);

	assert_int_equal(admwh_route_set_dialect(route, dialect_of(vector)), 0);
	assert_int_equal(admwh_route_set_raw(route, json_is_true(json_object_get(vector, "raw"))),
			 0);
	if (json_is_true(json_object_get(vector, "policy")))
		assert_int_equal(admwh_route_set_on_failure(route, ADMWH_ON_FAILURE_POLICY), 0);
	return route;
}

/* Does the body of an answer say so? */
static bool says_allowed(const struct admwh_answer *answer)
{
	size_t len;
	const char *body = admwh_answer_body(answer, &len);
	struct admwh_document *document = admwh_document_parse(body, len);
	struct admwh_value root = admwh_document_value(document);
	bool allowed = admwh_value_is_true(ADMWH_GET(root, "response", "allowed"));

	admwh_document_free(document);
	return allowed;
}

static void answers_as_the_vectors_say(void **state)
{
	json_t *vectors = json_load_file(TESTS_DIR "/vectors/dialects/dialects.json", 0, NULL);
	size_t i;
	json_t *vector;

	(void)state;
	assert_true(json_array_size(vectors) > 20);
	json_array_foreach(vectors, i, vector) {
		const char *body = json_string_value(json_object_get(vector, "body"));
		struct admwh_route *route = make_route(vector);
		struct admwh_answer *answer = admwh_route_review(route, body, strlen(body));

		print_message("%s: %s\n", json_string_value(json_object_get(vector, "dialect")),
			      json_string_value(json_object_get(vector, "name")));
		assert_string_equal(admwh_answer_body(answer, NULL),
				    json_string_value(json_object_get(vector, "answer")));
		assert_int_equal(admwh_answer_status(answer),
				 json_integer_value(json_object_get(vector, "status")));
		assert_int_equal(admwh_answer_is_allowed(answer), says_allowed(answer));
		admwh_answer_free(answer);
		admwh_route_free(route);
	}
	json_decref(vectors);
}

static int see_object(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	*(json_t **)userdata = json_deep_copy(admwh_request_object_json(req));
	return admwh_response_allow(resp);
}

static void gives_the_whole_raw_request_as_the_object(void **state)
{
	static const char body[] = "{\"request\":[1,{\"uid\":\"not this\"}]}";
	json_t *seen = NULL, *expected = json_pack("[i,{s:s}]", 1, "uid", "not this");
	struct admwh_route *route = admwh_route_new_validator(see_object, &seen);

	(void)state;
	assert_int_equal(admwh_route_set_raw(route, true), 0);
	admwh_answer_free(admwh_route_review(route, body, strlen(body)));
	assert_true(json_equal(seen, expected));
	json_decref(seen);
	json_decref(expected);
	admwh_route_free(route);
}

static int edit(const struct admwh_request *req, struct admwh_response *resp,
		struct admwh_patch *patch, void *userdata)
{
	json_t *object = admwh_patch_edit(patch);

	(void)req, (void)userdata;
	json_object_set_new(object, "z", json_integer(1));
	json_object_set_new(object, "b", json_integer(2));
	json_object_del(object, "a");
	json_object_del(object, "y");
	json_array_remove(json_object_get(object, "list"), 0);
	return admwh_response_allow(resp);
}

/* Keys in order, removals behind them, arrays index by index. */
static void orders_the_patch_of_an_edit_as_kubewarden_does(void **state)
{
	static const char body[] =
	    "{\"request\":{\"y\":1,\"list\":[\"p\",\"q\",\"r\"],\"b\":1,\"a\":1}}";
	/* [replace /b, replace /list/0, replace /list/1, remove /list/2, add /z, remove /a,
	 * remove /y] */
	static const char expected[] =
	    "W3sib3AiOiJyZXBsYWNlIiwicGF0aCI6Ii9iIiwidmFsdWUiOjJ9LHsib3AiOiJyZXBsYWNlIiwicGF0aCI6Ii"
	    "9saXN0LzAiLCJ2YWx1ZSI6InEifSx7Im9wIjoicmVwbGFjZSIsInBhdGgiOiIvbGlzdC8xIiwidmFsdWUiOiJy"
	    "In0seyJvcCI6InJlbW92ZSIsInBhdGgiOiIvbGlzdC8yIn0seyJvcCI6ImFkZCIsInBhdGgiOiIveiIsInZhbH"
	    "VlIjoxfSx7Im9wIjoicmVtb3ZlIiwicGF0aCI6Ii9hIn0seyJvcCI6InJlbW92ZSIsInBhdGgiOiIveSJ9XQ="
	    "=";
	struct admwh_route *route = admwh_route_new_mutator(edit, NULL);
	struct admwh_answer *answer;

	(void)state;
	assert_int_equal(admwh_route_set_raw(route, true), 0);
	assert_int_equal(admwh_route_set_dialect(route, ADMWH_DIALECT_KUBEWARDEN), 0);
	answer = admwh_route_review(route, body, strlen(body));
	assert_non_null(strstr(admwh_answer_body(answer, NULL), expected));
	admwh_answer_free(answer);
	admwh_route_free(route);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_as_the_vectors_say),
	    cmocka_unit_test(gives_the_whole_raw_request_as_the_object),
	    cmocka_unit_test(orders_the_patch_of_an_edit_as_kubewarden_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
