/* SPDX-License-Identifier: MIT */
/*
 * What a recorded review leaves out: each value, the pointer to where it stood, and how the list of
 * pointers stays short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "telemetry/redact.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LAST "\"kubectl.kubernetes.io/last-applied-configuration\""
#define LAST_POINTER "/kubectl.kubernetes.io~1last-applied-configuration"
#define NOTES "{\"metadata\":{\"annotations\":{" LAST ":\"s3cret\"}}}"
#define NOTES_POINTER "/metadata/annotations" LAST_POINTER

static json_t *parse(const char *text)
{
	json_t *tree = json_loads(text, JSON_ALLOW_NUL, NULL);

	assert_non_null(tree);
	return tree;
}

static void check_list(struct awh_redaction *redaction, const char *expected)
{
	json_t *list = parse(expected);
	char *said = json_dumps(redaction->omitted, 0);

	assert_false(redaction->failed);
	if (!json_equal(redaction->omitted, list))
		fail_msg("expected %s, not %s", expected, said);
	free(said);
	json_decref(list);
}

static void check_tree(const json_t *tree, const char *expected)
{
	json_t *rest = parse(expected);

	assert_true(json_equal(tree, rest));
	json_decref(rest);
}

static void each_value_that_is_left_out_is_listed(void **state)
{
	static const struct {
		const char *request, *rest, *omitted;
	} cases[] = {
	    {"{}", "{}", "[]"},
	    {"{\"userInfo\":{\"username\":\"u\"},\"object\":null}",
	     "{\"userInfo\":{\"username\":\"u\"},\"object\":null}", "[]"},
	    {"{\"userInfo\":{\"username\":\"u\",\"extra\":{\"a\":[\"s3cret\"]}}}",
	     "{\"userInfo\":{\"username\":\"u\"}}", "[\"/request/userInfo/extra\"]"},
	    {"{\"object\":" NOTES "}", "{\"object\":{\"metadata\":{\"annotations\":{}}}}",
	     "[\"/request/object" NOTES_POINTER "\"]"},
	    {"{\"oldObject\":" NOTES "}", "{\"oldObject\":{\"metadata\":{\"annotations\":{}}}}",
	     "[\"/request/oldObject" NOTES_POINTER "\"]"},
	    {"{\"object\":{\"items\":[{},{\"a/b~c\":" NOTES "}]}}",
	     "{\"object\":{\"items\":[{},{\"a/b~c\":{\"metadata\":{\"annotations\":{}}}}]}}",
	     "[\"/request/object/items/1/a~1b~0c" NOTES_POINTER "\"]"},
	    {"{\"options\":" NOTES "}", "{\"options\":" NOTES "}", "[]"},
	    {"{\"userInfo\":{\"extra\":{}},\"object\":" NOTES ",\"oldObject\":{" LAST ":1}}",
	     "{\"userInfo\":{},\"object\":{\"metadata\":{\"annotations\":{}}},\"oldObject\":{}}",
	     "[\"/request/userInfo/extra\",\"/request/object" NOTES_POINTER
	     "\",\"/request/oldObject" LAST_POINTER "\"]"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *request = parse(cases[i].request);
		struct awh_redaction redaction;

		awh_redaction_init(&redaction);
		awh_redact_request(&redaction, request);
		check_tree(request, cases[i].rest);
		check_list(&redaction, cases[i].omitted);
		awh_redaction_deinit(&redaction);
		json_decref(request);
	}
}

static void so_are_those_of_a_patch(void **state)
{
	static const struct {
		const char *patch, *rest, *omitted;
	} cases[] = {
	    {"[]", "[]", "[]"},
	    {"[{\"op\":\"add\",\"path\":\"/a\",\"value\":1},"
	     "{\"op\":\"add\",\"path\":\"/metadata/annotations" LAST_POINTER
	     "\",\"value\":\"s3cret\"}]",
	     "[{\"op\":\"add\",\"path\":\"/a\",\"value\":1},"
	     "{\"op\":\"add\",\"path\":\"/metadata/annotations" LAST_POINTER "\"}]",
	     "[\"/record/patch/1/value\"]"},
	    {"[{\"op\":\"add\",\"path\":\"/metadata\",\"value\":{\"annotations\":{" LAST ":1}}}]",
	     "[{\"op\":\"add\",\"path\":\"/metadata\",\"value\":{\"annotations\":{}}}]",
	     "[\"/record/patch/0/value/annotations" LAST_POINTER "\"]"},
	    {"[{\"op\":\"replace\",\"path\":\"/a\\u0000b" LAST_POINTER "\",\"value\":\"s3cret\"}]",
	     "[{\"op\":\"replace\",\"path\":\"/a\\u0000b" LAST_POINTER "\"}]",
	     "[\"/record/patch/0/value\"]"},
	    {"[{\"op\":\"remove\",\"path\":\"/metadata/annotations" LAST_POINTER "\"}]",
	     "[{\"op\":\"remove\",\"path\":\"/metadata/annotations" LAST_POINTER "\"}]", "[]"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *patch = parse(cases[i].patch);
		struct awh_redaction redaction;

		awh_redaction_init(&redaction);
		awh_redact_patch(&redaction, patch);
		check_tree(patch, cases[i].rest);
		check_list(&redaction, cases[i].omitted);
		awh_redaction_deinit(&redaction);
		json_decref(patch);
	}
	awh_redact_patch(&(struct awh_redaction){0}, NULL);
}

/* A request whose object has n places, and whose old object has one. */
static json_t *request_of(size_t n, const char *key)
{
	json_t *items = json_array(), *request = parse("{\"oldObject\":{" LAST ":1}}");

	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, parse("{" LAST ":1}"));
	json_object_set_new(request, "object", json_pack("{s:o}", key, items));
	return request;
}

/* Nothing of it is left in any case. */
static void check_part(json_t *request, size_t n_listed, bool is_whole)
{
	struct awh_redaction redaction;
	const char *first, *last;
	char *text;

	awh_redaction_init(&redaction);
	awh_redact_request(&redaction, request);
	assert_false(redaction.failed);
	assert_int_equal(json_array_size(redaction.omitted), n_listed + 1);
	first = json_string_value(json_array_get(redaction.omitted, 0));
	last = json_string_value(json_array_get(redaction.omitted, n_listed));
	assert_int_equal(strcmp(first, "/request/object") == 0, is_whole);
	assert_string_equal(last, "/request/oldObject" LAST_POINTER);
	text = json_dumps(request, 0);
	assert_null(strstr(text, "kubectl"));
	free(text);
	awh_redaction_deinit(&redaction);
	json_decref(request);
}

static void a_part_of_many_places_is_listed_itself(void **state)
{
	(void)state;
	check_part(request_of(AWH_OMITTED_PLACES, "items"), AWH_OMITTED_PLACES, false);
	check_part(request_of(AWH_OMITTED_PLACES + 1, "items"), 1, true);
	check_part(request_of(1000, "items"), 1, true);
}

static void so_is_one_of_a_long_pointer(void **state)
{
	enum { OTHERS = sizeof("/request/object//0" LAST_POINTER) - 1 };
	char key[AWH_OMITTED_POINTER];

	(void)state;
	memset(key, 'k', sizeof(key));
	key[AWH_OMITTED_POINTER - OTHERS + 1] = '\0';
	check_part(request_of(2, key), 1, true);
	key[AWH_OMITTED_POINTER - OTHERS] = '\0';
	check_part(request_of(2, key), 2, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_value_that_is_left_out_is_listed),
	    cmocka_unit_test(so_are_those_of_a_patch),
	    cmocka_unit_test(a_part_of_many_places_is_listed_itself),
	    cmocka_unit_test(so_is_one_of_a_long_pointer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
