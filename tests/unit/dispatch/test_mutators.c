/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/json.h>
#include <admwh/mutators.h>

#include "review/decode.h"
#include "review/patch.h"
#include "review/response.h"

static const char body[] =
    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"
    "\"uid\":\"u\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"
    "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},"
    "\"operation\":\"CREATE\",\"userInfo\":{},\"object\":{\"n\":0}}}";

struct outcome {
	int returned;
	enum awh_decision decision;
	char patch[512];
	char failure[256];
};

/* Adds one to what the one before left, in one of three ways. */
static int count(const struct admwh_request *req, struct admwh_response *resp,
		 struct admwh_patch *patch, void *userdata)
{
	const char *way = userdata;
	json_int_t n = json_integer_value(json_object_get(admwh_request_object_json(req), "n"));

	assert_int_equal(
	    n, json_integer_value(admwh_json_pointer_get(admwh_patch_object_json(patch), "/n")));
	if (strcmp(way, "replace") == 0)
		admwh_patch_replace_new(patch, "/n", json_integer(n + 1));
	else if (strcmp(way, "edit") == 0)
		json_object_set_new(admwh_patch_edit(patch), "n", json_integer(n + 1));
	else if (strcmp(way, "deny") == 0)
		return admwh_response_deny(resp, 403, "no");
	else if (strcmp(way, "undecided") == 0)
		return 0;
	else if (strcmp(way, "fail") == 0)
		return ADMWH_E_HANDLER;
	else if (strcmp(way, "remove") == 0)
		admwh_patch_remove(patch, "/gone");
	return admwh_response_allow(resp);
}

/* Puts U+0000 where the one behind it reads, or takes it away. */
static int put_nul(const struct admwh_request *req, struct admwh_response *resp,
		   struct admwh_patch *patch, void *userdata)
{
	(void)req;
	if (userdata)
		admwh_patch_remove(patch, "/n");
	else
		admwh_patch_replace_new(patch, "/n", json_stringn("a\0b", 3));
	return admwh_response_allow(resp);
}

/* *userdata: did it get a tree? */
static int take_tree(const struct admwh_request *req, struct admwh_response *resp,
		     struct admwh_patch *patch, void *userdata)
{
	bool *got = userdata;

	*got = admwh_request_object_json(req);
	assert_int_equal(admwh_request_holds_nul(req), !*got);
	assert_int_equal(admwh_patch_object_json(patch) != NULL, *got);
	return admwh_response_allow(resp);
}

static struct outcome run(const char *const ways[], size_t n)
{
	const struct awh_decode_options options = {.depth = 200};
	struct admwh_mutators *mutators = admwh_mutators_new();
	struct outcome outcome;
	struct awh_request request;
	struct admwh_response response;
	struct admwh_patch patch;
	struct awh_buf text;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(admwh_mutators_add(mutators, count, (void *)(uintptr_t)ways[i]),
				 0);
	assert_int_equal(awh_request_decode(&request, body, strlen(body), &options, NULL), 0);
	awh_response_init(&response);
	awh_patch_init(&patch, &request);
	outcome.returned = admwh_mutators_run(&request.pub, &response, &patch, mutators);
	outcome.decision = response.decision;
	awh_patch_finish(&patch);
	awh_buf_init(&text, sizeof(outcome.patch) - 1);
	awh_patch_write(&text, &patch);
	snprintf(outcome.patch, sizeof(outcome.patch), "%.*s", (int)text.len, text.data);
	snprintf(outcome.failure, sizeof(outcome.failure), "%.255s", patch.failure.text);
	assert_int_equal(
	    json_integer_value(json_object_get(admwh_request_object_json(&request.pub), "n")), 0);
	awh_buf_deinit(&text);
	awh_patch_deinit(&patch);
	awh_response_deinit(&response);
	awh_request_deinit(&request);
	admwh_mutators_free(mutators);
	return outcome;
}

static void allows_when_there_is_none(void **state)
{
	struct outcome outcome = run(NULL, 0);
	(void)state;

	assert_int_equal(outcome.returned, 0);
	assert_int_equal(outcome.decision, AWH_ALLOWED);
	assert_string_equal(outcome.patch, "[]");
	admwh_mutators_free(NULL);
	assert_int_equal(admwh_mutators_add(NULL, count, NULL), ADMWH_E_INVAL);
}

/* A review whose object holds U+0000, or not, before a first mutator that changes that. */
static void shows_a_tree_by_what_the_one_before_left(void **state)
{
	static const struct {
		const char *object;
		bool removes, got;
	} cases[] = {
	    {"{\"n\":0}", false, false},
	    {"{\"n\":\"\\u0000\"}", true, true},
	    {"{\"n\":\"\\u0000\",\"m\":\"\\u0000\"}", true, false},
	};
	const struct awh_decode_options options = {.depth = 200};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct admwh_mutators *mutators = admwh_mutators_new();
		struct awh_request request;
		struct admwh_response response;
		struct admwh_patch patch;
		char text[sizeof(body) + 64];
		bool got = !cases[i].got;

		snprintf(text, sizeof(text), "%.*s%s}}",
			 (int)(sizeof(body) - sizeof("{\"n\":0}}}")), body, cases[i].object);
		assert_int_equal(
		    admwh_mutators_add(mutators, put_nul, cases[i].removes ? mutators : NULL), 0);
		assert_int_equal(admwh_mutators_add(mutators, take_tree, &got), 0);
		assert_int_equal(awh_request_decode(&request, text, strlen(text), &options, NULL),
				 0);
		awh_response_init(&response);
		awh_patch_init(&patch, &request);
		assert_int_equal(admwh_mutators_run(&request.pub, &response, &patch, mutators), 0);
		assert_int_equal(got, cases[i].got);
		assert_int_equal(request.error.code, got ? 0 : ADMWH_E_HANDLER);
		awh_patch_deinit(&patch);
		awh_response_deinit(&response);
		awh_request_deinit(&request);
		admwh_mutators_free(mutators);
	}
}

static void shows_each_what_the_one_before_left(void **state)
{
	static const char *const ways[] = {"replace", "edit", "edit", "nothing", "replace"};
	struct outcome outcome = run(ways, 5);
	(void)state;

	assert_int_equal(outcome.returned, 0);
	assert_int_equal(outcome.decision, AWH_ALLOWED);
	assert_string_equal(outcome.patch, "[{\"op\":\"replace\",\"path\":\"/n\",\"value\":1},"
					   "{\"op\":\"replace\",\"path\":\"/n\",\"value\":2},"
					   "{\"op\":\"replace\",\"path\":\"/n\",\"value\":3},"
					   "{\"op\":\"replace\",\"path\":\"/n\",\"value\":4}]");
}

static void ends_with_the_first_that_does_not_allow(void **state)
{
	static const struct {
		const char *way;
		int returned;
		enum awh_decision decision;
		const char *failure;
	} cases[] = {
	    {"deny", 0, AWH_DENIED, ""},
	    {"undecided", 0, AWH_UNDECIDED, ""},
	    {"fail", ADMWH_E_HANDLER, AWH_UNDECIDED, ""},
	    {"remove", ADMWH_E_PATCH, AWH_ALLOWED, "operation 1: remove /gone: no such member"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *const ways[] = {"edit", cases[i].way, "replace"};
		struct outcome outcome = run(ways, 3);

		assert_int_equal(outcome.returned, cases[i].returned);
		assert_int_equal(outcome.decision, cases[i].decision);
		assert_string_equal(outcome.failure, cases[i].failure);
		assert_string_equal(outcome.patch,
				    "[{\"op\":\"replace\",\"path\":\"/n\",\"value\":1}]");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(allows_when_there_is_none),
	    cmocka_unit_test(ends_with_the_first_that_does_not_allow),
	    cmocka_unit_test(shows_each_what_the_one_before_left),
	    cmocka_unit_test(shows_a_tree_by_what_the_one_before_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
