/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "review/kube.h"

enum { NONE = 99 };

static void reads_an_index_as_go_does(void **state)
{
	static const struct {
		const char *token;
		size_t n, index;
	} cases[] = {
	    {"", 3, NONE},   {"-", 3, NONE},    {"+", 3, NONE},
	    {"a", 3, NONE},  {"1a", 3, NONE},   {"3", 3, NONE},
	    {"-4", 3, NONE}, {"0", 0, NONE},    {"99999999999999999999999", 3, NONE},
	    {"0", 3, 0},     {"2", 3, 2},       {"002", 3, 2},
	    {"+1", 3, 1},    {"-1", 3, 2},      {"-3", 3, 0},
	    {"-0", 3, 0},    {"9", 10, 9},      {"1a", 1000, NONE},
	    {"-0", 0, NONE}, {":", 1000, NONE}, {"/", 1000, NONE},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct awh_token token = {cases[i].token, strlen(cases[i].token)};
		size_t index = NONE;

		if (!awh_kube_index(&token, cases[i].n, &index))
			index = NONE;
		assert_int_equal(index, cases[i].index);
	}
}

static void mends_pointers_as_the_api_server_does(void **state)
{
	static const struct {
		const char *text, *mended;
	} cases[] = {
	    {"", ""},        {"a", "a"},     {"/a", "/a"},   {"a/b", "/b"},    {"/~", "/~0"},
	    {"/~2", "/~02"}, {"/~0", "/~0"}, {"/~1", "/~1"}, {"/~~", "/~0~0"}, {"/a~/b", "/a~0/b"},
	};
	struct awh_arena arena = AWH_ARENA_NULL;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len = strlen(cases[i].text);

		assert_string_equal(awh_kube_pointer(cases[i].text, &len, &arena), cases[i].mended);
		assert_int_equal(len, strlen(cases[i].mended));
	}
	awh_arena_deinit(&arena);
}

static void compares_as_the_api_server_does(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
	    {"1", "1", true},
	    {"1", "1.0", false},
	    {"1e2", "100", false},
	    {"1", "\"1\"", false},
	    {"null", "null", true},
	    {"\"a\"", "\"a\"", true},
	    {"\"a\"", "\"b\"", false},
	    {"{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true},
	    {"{\"a\":1}", "{\"b\":1}", false},
	    {"{\"a\":1}", "{\"a\":1,\"b\":1}", false},
	    {"[1,2]", "[2,1]", false},
	    {"[null]", "[null]", false},
	    {"{\"a\":null}", "{\"a\":null}", true},
	};
	struct awh_numbers *numbers = awh_numbers_new();
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *a = awh_json_parse(cases[i].a, strlen(cases[i].a), 8, numbers, NULL);
		json_t *b = awh_json_parse(cases[i].b, strlen(cases[i].b), 8, numbers, NULL);

		assert_true(a && b);
		assert_int_equal(awh_kube_equal(a, b, numbers), cases[i].equal);
		assert_int_equal(awh_kube_equal(b, a, numbers), cases[i].equal);
		json_decref(a);
		json_decref(b);
	}
	awh_numbers_free(numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_an_index_as_go_does),
	    cmocka_unit_test(mends_pointers_as_the_api_server_does),
	    cmocka_unit_test(compares_as_the_api_server_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
