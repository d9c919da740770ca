/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "generate.h"
#include "review/merge.h"

enum { DEPTH = 1000, ROUNDS = 2000 };

static json_t *parse(const char *text, struct awh_numbers *numbers)
{
	struct awh_error error = {0};
	json_t *value = awh_json_parse(text, strlen(text), DEPTH, numbers, &error);

	if (!value)
		fail_msg("%s: %s", text, error.text);
	return value;
}

static void assert_text(const json_t *value, const struct awh_numbers *numbers, const char *wanted)
{
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX);
	awh_json_write(&text, value, numbers);
	assert_int_equal(awh_buf_terminate(&text), 0);
	assert_string_equal(text.data, wanted);
	awh_buf_deinit(&text);
}

/* RFC 7386, appendix A, and what it leaves open. */
static void merges_what_the_rfc_merges(void **state)
{
	static const struct {
		const char *document, *merge, *result;
	} cases[] = {
	    {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	    {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
	    {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
	    {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
	    {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	    {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
	    {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
	    {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
	    {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
	    {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
	    {"{\"a\":\"foo\"}", "null", "null"},
	    {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
	    {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
	    {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
	    {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
	    {"{}", "{\"a\":[{\"b\":null}]}", "{\"a\":[{\"b\":null}]}"},
	    {"{\"a\":1,\"b\":2}", "{\"a\":1.0}", "{\"a\":1.0,\"b\":2}"},
	    {"{\"x\":18446744073709551616}", "{\"y\":1e3}",
	     "{\"x\":18446744073709551616,\"y\":1e3}"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_numbers *numbers = awh_numbers_new();
		json_t *document = parse(cases[i].document, numbers);
		json_t *merge = parse(cases[i].merge, numbers);
		json_t *result = awh_merge_apply(document, merge, numbers, NULL);

		assert_text(result, numbers, cases[i].result);
		assert_text(document, numbers, cases[i].document);
		json_decref(document);
		json_decref(merge);
		json_decref(result);
		awh_numbers_free(numbers);
	}
}

static void makes_no_patch_where_there_is_none(void **state)
{
	static const struct {
		const char *from, *to, *message;
	} cases[] = {
	    {"{}", "{\"a\":null}", "/a: a merge patch cannot set null"},
	    {"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":null}}", "/a/b: a merge patch cannot set null"},
	    {"{\"a\":1}", "{\"a\":{\"b\":{\"c/d\":null}}}",
	     "/a/b/c~1d: a merge patch cannot set null"},
	    {"[]", "{\"a\":null}", "/a: a merge patch cannot set null"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};
		json_t *from = parse(cases[i].from, NULL);
		json_t *to = parse(cases[i].to, NULL);

		assert_null(awh_merge_make(from, to, NULL, &error));
		assert_int_equal(error.code, ADMWH_E_PATCH);
		assert_string_equal(error.text, cases[i].message);
		json_decref(from);
		json_decref(to);
	}
}

static void makes_the_least_patch(void **state)
{
	static const struct {
		const char *from, *to, *merge;
	} cases[] = {
	    {"{\"a\":1,\"b\":{\"c\":[1],\"d\":{}}}", "{\"a\":1.0,\"b\":{\"d\":{},\"c\":[1]}}",
	     "{}"},
	    {"{\"a\":1,\"b\":{\"c\":1,\"d\":2}}", "{\"b\":{\"c\":1,\"d\":3},\"e\":[null]}",
	     "{\"b\":{\"d\":3},\"e\":[null],\"a\":null}"},
	    {"{\"a\":{\"b\":1}}", "{\"a\":{}}", "{\"a\":{\"b\":null}}"},
	    {"{\"a\":null,\"b\":1}", "{\"a\":null,\"b\":2}", "{\"b\":2}"},
	    {"[1]", "[1]", "[1]"},
	    {"[1]", "{}", "{}"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *from = parse(cases[i].from, NULL);
		json_t *to = parse(cases[i].to, NULL);
		json_t *merge = awh_merge_make(from, to, NULL, NULL);

		assert_text(merge, NULL, cases[i].merge);
		json_decref(from);
		json_decref(to);
		json_decref(merge);
	}
}

static void leads_from_any_document_to_any_other(void **state)
{
	size_t n_made = 0;
	(void)state;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
		json_t *from = any_document(&random, 5);
		json_t *to = edited(from, &random, 3);
		struct awh_error error = {0};
		json_t *merge = awh_merge_make(from, to, NULL, &error);

		if (merge) {
			json_t *result = awh_merge_apply(from, merge, NULL, NULL);

			if (!awh_json_equal(result, to, NULL))
				fail_msg("seed %llu", (unsigned long long)seed);
			json_decref(result);
			n_made++;
		} else {
			assert_non_null(strstr(error.text, "a merge patch cannot set null"));
		}
		json_decref(from);
		json_decref(to);
		json_decref(merge);
	}
	assert_true(n_made > ROUNDS / 2);
}

static void refuses_what_is_nested_too_deep(void **state)
{
	json_t *deep = json_object();
	json_t *object = json_object();
	struct awh_error error = {0};
	(void)state;

	for (int i = 0; i < 1000; i++)
		deep = json_pack("{s:o}", "a", deep);
	assert_null(awh_merge_apply(object, deep, NULL, &error));
	assert_string_equal(error.text, "nested too deep");
	assert_null(awh_merge_make(object, deep, NULL, &error));
	assert_null(awh_merge_make(deep, object, NULL, &error));
	json_decref(deep);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(makes_no_patch_where_there_is_none),
	    cmocka_unit_test(refuses_what_is_nested_too_deep),
	    cmocka_unit_test(merges_what_the_rfc_merges),
	    cmocka_unit_test(makes_the_least_patch),
	    cmocka_unit_test(leads_from_any_document_to_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
