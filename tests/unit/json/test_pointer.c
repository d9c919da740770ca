/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/json.h>

#include "json/pointer.h"

static void refuses_malformed_pointers(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"a", "pointer does not begin with \"/\""},
	    {"#/a", "pointer does not begin with \"/\""},
	    {" /a", "pointer does not begin with \"/\""},
	    {"/~", "pointer has a \"~\" that is not followed by 0 or 1"},
	    {"/~2", "pointer has a \"~\" that is not followed by 0 or 1"},
	    {"/a~/b", "pointer has a \"~\" that is not followed by 0 or 1"},
	    {"/a\xff", "pointer is not UTF-8"},
	    {"/\xc0\xaf", "pointer is not UTF-8"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_arena arena = AWH_ARENA_NULL;
		struct awh_error error = {0};
		struct awh_pointer pointer;

		assert_int_equal(awh_pointer_parse(&pointer, cases[i].text, strlen(cases[i].text),
						   &arena, &error),
				 ADMWH_E_POINTER);
		assert_string_equal(error.text, cases[i].message);
		awh_arena_deinit(&arena);
	}
}

static void splits_and_unescapes(void **state)
{
	static const struct {
		const char *text, *tokens; /* each token is followed by '|' */
	} cases[] = {
	    {"", ""},
	    {"/", "|"},
	    {"//", "||"},
	    {"/a/b", "a|b|"},
	    {"/a~1b/m~0n", "a/b|m~n|"},
	    {"/~01", "~1|"},
	    {"/~10", "/0|"},
	    {"/\xc3\xa9/ /%25", "\xc3\xa9| |%25|"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_arena arena = AWH_ARENA_NULL;
		struct awh_pointer pointer;
		char joined[64] = "";

		assert_int_equal(
		    awh_pointer_parse(&pointer, cases[i].text, strlen(cases[i].text), &arena, NULL),
		    0);
		for (size_t j = 0; j < pointer.n_tokens; j++)
			snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s|",
				 pointer.tokens[j].text);
		assert_string_equal(joined, cases[i].tokens);
		awh_arena_deinit(&arena);
	}
}

static void takes_tokens_by_their_length(void **state)
{
	static const char text[] = "/a\0b/\0~1/x";
	struct awh_arena arena = AWH_ARENA_NULL;
	struct awh_pointer pointer;
	struct awh_buf again;
	char shown[AWH_POINTER_SHOWN];
	json_t *leaf = json_string("leaf");
	json_t *inner = json_object(), *root = json_object();
	(void)state;

	json_object_setn_new(inner, "\0/", 2, json_pack("{s:o}", "x", leaf));
	json_object_setn_new(root, "a\0b", 3, inner);
	json_object_setn_new(root, "a", 1, json_null());
	assert_int_equal(awh_pointer_parse(&pointer, text, sizeof(text) - 1, &arena, NULL), 0);
	assert_int_equal(pointer.n_tokens, 3);
	assert_ptr_equal(awh_pointer_walk(root, &pointer, 3), leaf);
	assert_int_equal(awh_pointer_prefix(text, sizeof(text) - 1, 1), 4);
	assert_string_equal(awh_pointer_show(shown, text, sizeof(text) - 1), "/a?b/?~1/x");
	awh_buf_init(&again, SIZE_MAX);
	for (size_t i = 0; i < pointer.n_tokens; i++)
		awh_pointer_put(&again, pointer.tokens[i].text, pointer.tokens[i].len);
	assert_int_equal(again.len, sizeof(text) - 1);
	assert_memory_equal(again.data, text, sizeof(text) - 1);
	awh_buf_deinit(&again);
	awh_arena_deinit(&arena);
	json_decref(root);
}

/* What is behind it is not looked at. */
static void checks_a_pointer_by_its_length(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {{"x", 0}, {"/a~", 2}, {"/~", 1}, {"/~02", 3}, {"/\xc3", 1}};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_null(awh_pointer_check(cases[i].text, cases[i].len));
	assert_non_null(awh_pointer_check("/a~0", 3));
	assert_non_null(awh_pointer_check("/\xc3\xa9", 2));
}

static void shows_pointers_in_one_line_of_utf8(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
	    {"", ""},
	    {"/a/\xc3\xa9~1", "/a/\xc3\xa9~1"},
	    {"/\n\x1b[0m\x7f", "/??[0m?"},
	    {"/\xc2\x85|\xe2\x80\xae|\xe2\x80\xa8", "/??|???|???"},
	    {"/\xff\xc3|\xed\xa0\x80\xc3", "/??|????"},
	};
	char shown[AWH_POINTER_SHOWN], text[200];
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(awh_pointer_show(shown, cases[i].text, strlen(cases[i].text)),
				    cases[i].shown);
	memset(text, 'a', sizeof(text));
	assert_string_equal(awh_pointer_show(shown, text, sizeof(text)) + 124, "...");
	awh_pointer_show(shown, text, 124);
	assert_int_equal(strlen(shown), 124);
	/* Cut between characters. */
	memcpy(text + 123, "\xc3\xa9", 2);
	assert_string_equal(awh_pointer_show(shown, text, sizeof(text)) + 122, "a...");
}

static void refuses_what_is_no_index(void **state)
{
	static const char *const texts[] = {
	    "",
	    "-",
	    "-1",
	    "+1",
	    "00",
	    "01",
	    "1 ",
	    "0x1",
	    "1e0",
	    "1.0",
	    "18446744073709551616",
	    "99999999999999999999999",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const struct awh_token token = {texts[i], strlen(texts[i])};
		size_t index;

		assert_false(awh_token_index(&token, SIZE_MAX, &index));
	}
}

static void reads_an_index_up_to_its_limit(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		bool taken;
	} cases[] = {
	    {"0", 0, true},    {"1", 0, false},  {"9", 9, true},
	    {"10", 9, false},  {"10", 10, true}, {"11", 10, false},
	    {"99", 98, false}, {"99", 99, true}, {NULL, SIZE_MAX, true},
	};
	char greatest[24];

	(void)state;
	snprintf(greatest, sizeof(greatest), "%zu", SIZE_MAX);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = cases[i].text ? cases[i].text : greatest;
		const struct awh_token token = {text, strlen(text)};
		size_t index = 0;

		assert_int_equal(awh_token_index(&token, cases[i].max, &index), cases[i].taken);
		if (cases[i].taken)
			assert_int_equal(index, strtoull(text, NULL, 10));
	}
}

/* RFC 6901, section 5. */
static void finds_what_the_rfc_finds(void **state)
{
	static const struct {
		const char *pointer, *value;
	} cases[] = {
	    {"/foo", "[\"bar\",\"baz\"]"},
	    {"/foo/0", "\"bar\""},
	    {"/", "0"},
	    {"/a~1b", "1"},
	    {"/c%d", "2"},
	    {"/e^f", "3"},
	    {"/g|h", "4"},
	    {"/i\\j", "5"},
	    {"/k\"l", "6"},
	    {"/ ", "7"},
	    {"/m~0n", "8"},
	};
	json_t *document = json_loads("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,"
				      "\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,"
				      "\"m~n\":8}",
				      0, NULL);
	(void)state;

	assert_non_null(document);
	assert_ptr_equal(admwh_json_pointer_get(document, ""), document);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *wanted = json_loads(cases[i].value, JSON_DECODE_ANY, NULL);

		assert_true(json_equal(admwh_json_pointer_get(document, cases[i].pointer), wanted));
		json_decref(wanted);
	}
	json_decref(document);
}

static void finds_nothing_where_nothing_is(void **state)
{
	static const char *const pointers[] = {
	    "foo",    "/x",      "/foo~1",  "/~0foo",   "/foo~", "/~x", "/foo/~01", "/foo/2",
	    "/foo/-", "/foo/00", "/foo/-1", "/foo/0/x", "/foo/", "//",  "/~",
	};
	json_t *document = json_loads("{\"foo\":[\"bar\",\"baz\"]}", 0, NULL);
	(void)state;

	for (size_t i = 0; i < sizeof(pointers) / sizeof(*pointers); i++)
		assert_null(admwh_json_pointer_get(document, pointers[i]));
	assert_null(admwh_json_pointer_get(NULL, ""));
	assert_null(admwh_json_pointer_get(document, NULL));
	json_decref(document);
}

static void joins_what_it_can_split(void **state)
{
	static const struct {
		const char *pointer, *token, *joined;
	} cases[] = {
	    {"", "", "/"},
	    {"", "a", "/a"},
	    {"/metadata/labels", "app.kubernetes.io/name",
	     "/metadata/labels/app.kubernetes.io~1name"},
	    {"", "~/~~1/", "/~0~1~0~01~1"},
	    {"/a", "~1", "/a/~01"},
	    {"/a", "~/", "/a/~0~1"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_arena arena = AWH_ARENA_NULL;
		struct awh_pointer pointer;
		char *joined = admwh_json_pointer_join(cases[i].pointer, cases[i].token);

		assert_string_equal(joined, cases[i].joined);
		assert_int_equal(awh_pointer_parse(&pointer, joined, strlen(joined), &arena, NULL),
				 0);
		assert_string_equal(pointer.tokens[pointer.n_tokens - 1].text, cases[i].token);
		if (cases[i].pointer[0] == '\0') {
			json_t *object = json_pack("{s:i}", cases[i].token, 1);

			assert_int_equal(json_integer_value(admwh_json_pointer_get(object, joined)),
					 1);
			json_decref(object);
		}
		awh_arena_deinit(&arena);
		free(joined);
	}
	assert_null(admwh_json_pointer_join(NULL, "a"));
	assert_null(admwh_json_pointer_join("/a", NULL));
}

static void makes_a_pointer_of_tokens(void **state)
{
	char *pointer = ADMWH_POINTER("metadata", "labels", "app.kubernetes.io/~name", "");
	(void)state;

	assert_string_equal(pointer, "/metadata/labels/app.kubernetes.io~1~0name/");
	free(pointer);
	pointer = admwh_json_pointer_from(NULL, 0);
	assert_string_equal(pointer, "");
	free(pointer);
	assert_null(ADMWH_POINTER("a", NULL, "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_malformed_pointers),
	    cmocka_unit_test(shows_pointers_in_one_line_of_utf8),
	    cmocka_unit_test(refuses_what_is_no_index),
	    cmocka_unit_test(finds_nothing_where_nothing_is),
	    cmocka_unit_test(splits_and_unescapes),
	    cmocka_unit_test(takes_tokens_by_their_length),
	    cmocka_unit_test(checks_a_pointer_by_its_length),
	    cmocka_unit_test(reads_an_index_up_to_its_limit),
	    cmocka_unit_test(finds_what_the_rfc_finds),
	    cmocka_unit_test(joins_what_it_can_split),
	    cmocka_unit_test(makes_a_pointer_of_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
