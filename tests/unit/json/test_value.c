/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "values.h"

#include "base/buf.h"
#include "json/value.h"

#include "../failing_alloc.h"

/* A text as a review has it: a part of something, with roots. */
struct fixture {
	struct awh_index index;
	struct awh_arena arena;
	struct awh_error error;
	struct admwh_text text;
	size_t asked; /* bytes that may_grow was asked for */
	size_t room;
};

static bool may_grow(void *owner, size_t bytes)
{
	struct fixture *fixture = owner;

	fixture->asked += bytes;
	return fixture->asked <= fixture->room;
}

static void setup(struct fixture *fixture, const char *json, const char *where)
{
	const struct awh_index_options options = {.depth = 1000};

	memset(fixture, 0, sizeof(*fixture));
	assert_int_equal(awh_index_read(&fixture->index, json, strlen(json), &options, NULL), 0);
	fixture->index.may_grow = may_grow;
	fixture->index.owner = fixture;
	awh_text_init(&fixture->text, &fixture->index, &fixture->arena, &fixture->error, where);
}

static void teardown(struct fixture *fixture)
{
	awh_text_deinit(&fixture->text);
	awh_arena_deinit(&fixture->arena);
	awh_index_deinit(&fixture->index);
}

static struct admwh_value root_of(struct fixture *fixture)
{
	return awh_value_root(&fixture->text, 0);
}

static void names_the_text_in_errors(void **state)
{
	static const struct {
		const char *json, *pointer, *where, *error;
	} cases[] = {
	    {"{\"a\":1}", "/a", "", "a: expected a string, got a number"},
	    {"{\"a\":1}", "/a", "x.y", "x.y.a: expected a string, got a number"},
	    {"{\"\\u0000\":1}", "/", "x", ""},
	    {"[true]", "/0", "x", "x[0]: expected a string, got a boolean"},
	    {"1", "", "x", "x: expected a string, got a number"},
	    {"1", "", "", "expected a string, got a number"},
	};
	struct fixture fixture;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		setup(&fixture, cases[i].json, cases[i].where);
		fixture.room = SIZE_MAX;
		admwh_value_string(admwh_value_find(root_of(&fixture), cases[i].pointer));
		assert_string_equal(fixture.error.text, cases[i].error);
		assert_int_equal(fixture.error.code, cases[i].error[0] ? ADMWH_E_HANDLER : 0);
		teardown(&fixture);
	}
}

static void begins_paths_at_its_roots(void **state)
{
	struct fixture fixture;
	struct admwh_value object, old;
	(void)state;

	setup(&fixture, "{\"object\":{\"a\":[1]},\"x\":2,\"oldObject\":{\"a\":[3]}}", "");
	fixture.room = SIZE_MAX;
	object = ADMWH_GET(root_of(&fixture), "object");
	old = ADMWH_GET(root_of(&fixture), "oldObject");
	fixture.text.roots[0] = object.item;
	fixture.text.roots[2] = old.item;
	object = awh_value_root(&fixture.text, object.item);
	assert_string_equal(admwh_value_path(object), "");
	assert_null(admwh_value_key(object, NULL));
	assert_true(admwh_value_is_absent(admwh_value_next(object)));
	assert_string_equal(admwh_value_path(admwh_value_find(object, "/a/0")), "a[0]");
	assert_string_equal(admwh_value_path(admwh_value_find(old, "/a/0")), "a[0]");
	assert_string_equal(admwh_value_path(ADMWH_GET(root_of(&fixture), "x")), "x");
	admwh_value_string(admwh_value_find(old, "/a/0"));
	assert_string_equal(fixture.error.text, "oldObject.a[0]: expected a string, got a number");
	teardown(&fixture);
}

/* An object of 100 members, and a string of 128 KiB. */
static char *large_text(void)
{
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX);
	for (int i = 0; i < 100; i++)
		awh_buf_printf(&text, "%c\"n%d\":%d", i ? ',' : '{', i, i);
	awh_buf_puts(&text, ",\"long\":\"");
	for (int i = 0; i < 128 * 1024 / 8; i++)
		awh_buf_puts(&text, "\\u006100");
	awh_buf_puts(&text, "\"}");
	assert_int_equal(awh_buf_terminate(&text), 0);
	return text.data;
}

/* A string whose tree is taken for so many bytes. */
static char *string_of_tree(size_t size)
{
	const size_t len = size - AWH_JSON_VALUE_SIZE;
	char *json = malloc(len + 1);

	assert_non_null(json);
	memset(json, 'a', len);
	json[0] = json[len - 1] = '"';
	json[len] = '\0';
	return json;
}

static void asks_for_trees_that_are_large(void **state)
{
	(void)state;
	for (size_t over = 0; over < 2; over++) {
		char *json = string_of_tree(AWH_TREE_UNCOUNTED + over);
		struct fixture fixture;
		json_t *tree;

		setup(&fixture, json, "request");
		fixture.room = SIZE_MAX;
		tree = admwh_value_json(root_of(&fixture));
		assert_non_null(tree);
		assert_int_equal(fixture.asked, over ? AWH_TREE_UNCOUNTED + 1 : 0);
		json_decref(tree);
		tree = admwh_value_json(root_of(&fixture));
		assert_int_equal(fixture.asked, 2 * (AWH_TREE_UNCOUNTED + over));
		json_decref(tree);
		teardown(&fixture);
		free(json);
	}
}

/* What few bytes take is asked for together. */
static void asks_for_memory_in_large_steps(void **state)
{
	enum { UNASKED = 64 * 1024 };
	struct fixture fixture;
	(void)state;

	setup(&fixture, "1", "");
	fixture.room = SIZE_MAX;
	assert_non_null(awh_text_take(&fixture.text, UNASKED));
	assert_int_equal(fixture.asked, 0);
	assert_non_null(awh_text_take(&fixture.text, 1));
	assert_int_equal(fixture.asked, UNASKED + 1);
	assert_non_null(awh_text_take(&fixture.text, UNASKED));
	assert_int_equal(fixture.asked, UNASKED + 1);
	assert_non_null(awh_text_take(&fixture.text, 2));
	assert_int_equal(fixture.asked, 2 * UNASKED + 3);
	teardown(&fixture);
}

/* Two objects of so many members each, {"a":{...},"b":{...}}. */
static char *two_objects(unsigned int first, unsigned int second)
{
	const unsigned int counts[] = {first, second};
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX);
	for (unsigned int k = 0; k < 2; k++) {
		awh_buf_puts(&text, k ? "},\"b\":{" : "{\"a\":{");
		for (unsigned int i = 0; i < counts[k]; i++)
			awh_buf_printf(&text, "%s\"n%u\":%u", i ? "," : "", i, i);
	}
	awh_buf_puts(&text, "}}");
	assert_int_equal(awh_buf_terminate(&text), 0);
	return text.data;
}

/* A table is at most half full, and a slot takes 12 bytes. */
static void asks_for_a_table_that_is_half_full(void **state)
{
	static const struct {
		unsigned int first, second;
		size_t slots[2]; /* asked for, when a member of each was looked for */
	} cases[] = {
	    {32, 32, {0, 0}},     {33, 1, {128, 128}},  {64, 1, {128, 128}},
	    {64, 33, {128, 256}}, {65, 33, {256, 256}}, {31, 33, {0, 128}},
	    {33, 31, {128, 128}}, {33, 33, {128, 256}}, {129, 33, {512, 512}},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *json = two_objects(cases[i].first, cases[i].second);
		struct fixture fixture;

		setup(&fixture, json, "");
		fixture.room = SIZE_MAX;
		for (int k = 0; k < 2; k++) {
			struct admwh_value object =
			    admwh_value_get(root_of(&fixture), k ? "b" : "a");

			assert_true(admwh_value_is_set(admwh_value_get(object, "n0")));
			assert_int_equal(fixture.asked, cases[i].slots[k] * 12);
		}
		teardown(&fixture);
		free(json);
	}
}

/* Of an array of arrays each 32nd element but the first is in the table. */
static void asks_for_a_table_of_elements(void **state)
{
	static const struct {
		size_t elements, slots;
	} cases[] = {{33, 128}, {2049, 128}, {2080, 128}, {2081, 256}};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture fixture;
		struct awh_buf text;

		awh_buf_init(&text, SIZE_MAX);
		for (size_t n = 0; n < cases[i].elements; n++)
			awh_buf_puts(&text, n ? ",[]" : "[[0]");
		awh_buf_puts(&text, "]");
		assert_int_equal(awh_buf_terminate(&text), 0);
		setup(&fixture, text.data, "");
		fixture.room = SIZE_MAX;
		assert_true(
		    admwh_value_is_set(admwh_value_at(root_of(&fixture), cases[i].elements - 1)));
		assert_int_equal(fixture.asked, cases[i].slots * 12);
		teardown(&fixture);
		awh_buf_deinit(&text);
	}
}

static void asks_before_it_takes_memory(void **state)
{
	static const char refused[] =
	    "request: reading it takes more than bodies-in-flight has left";
	char *json = large_text();
	struct admwh_value string;
	struct fixture fixture;
	size_t table;
	(void)state;

	setup(&fixture, json, "request");
	assert_true(admwh_value_is_absent(admwh_value_get(root_of(&fixture), "n1")));
	table = fixture.asked;
	assert_true(table > 101 * 8);
	assert_int_equal(fixture.error.code, ADMWH_E_LIMIT);
	assert_string_equal(fixture.error.text, refused);
	teardown(&fixture);

	setup(&fixture, json, "request");
	fixture.room = table;
	string = admwh_value_get(root_of(&fixture), "long");
	assert_true(admwh_value_is_set(string));
	assert_int_equal(fixture.error.code, 0);
	assert_null(admwh_value_string(string));
	assert_true(fixture.asked > table + 48 * 1024);
	assert_string_equal(fixture.error.text, refused);
	teardown(&fixture);

	setup(&fixture, json, "request");
	fixture.room = SIZE_MAX;
	assert_int_equal(strlen(admwh_value_string(admwh_value_get(root_of(&fixture), "long"))),
			 128 * 1024 / 8 * 3);
	assert_int_equal(fixture.error.code, 0);
	teardown(&fixture);
	free(json);
}

/* Trees that each are too small to count, of values that have 40 arrays in all. */
static void counts_small_trees_together(void **state)
{
	enum { ARRAYS = 40, ELEMENTS = 100 };
	struct fixture fixture;
	struct awh_buf text;
	size_t trees = 0;
	(void)state;

	awh_buf_init(&text, SIZE_MAX);
	for (int i = 0; i < ARRAYS; i++) {
		awh_buf_puts(&text, i ? ",[0" : "[[0");
		for (int j = 1; j < ELEMENTS; j++)
			awh_buf_puts(&text, ",{}");
		awh_buf_puts(&text, "]");
	}
	awh_buf_puts(&text, "]");
	assert_int_equal(awh_buf_terminate(&text), 0);
	setup(&fixture, text.data, "request");
	fixture.room = 1024 * 1024;
	admwh_value_foreach(array, root_of(&fixture)) {
		json_t *tree = admwh_value_json(array);

		trees += tree != NULL;
		json_decref(tree);
	}
	assert_true(trees > 20 && trees < ARRAYS);
	assert_int_equal(fixture.error.code, ADMWH_E_LIMIT);
	teardown(&fixture);
	awh_buf_deinit(&text);
}

/* Of an array of arrays: an element behind the first ones, and its path, need the table. */
static void gives_no_element_without_memory(void **state)
{
	struct admwh_value value;
	struct fixture fixture;
	char text[1024] = "[[0]";
	(void)state;

	for (int i = 1; i < 100; i++)
		sprintf(text + strlen(text), ",[%d]", i);
	strcat(text, "]");
	setup(&fixture, text, "request");
	value = admwh_value_at(root_of(&fixture), 31);
	assert_true(admwh_value_is_set(value));
	assert_int_equal(fixture.asked, 0);
	assert_true(admwh_value_is_absent(admwh_value_at(root_of(&fixture), 32)));
	assert_string_equal(admwh_value_path(value), "");
	assert_int_equal(fixture.error.code, ADMWH_E_LIMIT);
	assert_true(fixture.asked > 0);
	teardown(&fixture);
}

/* The memory for a token with escapes that is longer than the stack has room for. */
static void counts_long_tokens(void **state)
{
	static char pointer[32 * 1024];
	struct fixture fixture;
	(void)state;

	memset(pointer, 'a', sizeof(pointer) - 1);
	memcpy(pointer, "/~0", 3);
	setup(&fixture, "{}", "request");
	for (int i = 0; i < 3; i++)
		assert_true(admwh_value_is_absent(admwh_value_find(root_of(&fixture), pointer)));
	assert_int_equal(fixture.error.code, ADMWH_E_LIMIT);
	teardown(&fixture);
}

static char many[4096];

/* Every call that takes memory: it gives what it should, or nothing and the error. */
static void read_all(bool failed)
{
	struct admwh_document *document = admwh_document_parse(many, strlen(many));
	struct admwh_document *other = admwh_document_parse(many, strlen(many));
	struct admwh_value root = admwh_document_value(document);
	const char *string, *text, *key, *path;
	struct admwh_value found, escaped, element;
	json_t *tree;
	size_t len;
	bool is_equal, all;

	found = admwh_value_get(ADMWH_GET(root, "many"), "n39");
	escaped = ADMWH_GET(root, "e\xc3\xa9");
	string = admwh_value_string(ADMWH_GET(root, "s"));
	text = admwh_value_text(escaped, &len);
	key = admwh_value_key(escaped, &len);
	element = admwh_value_at(ADMWH_GET(root, "list"), 35);
	path = admwh_value_path(element);
	tree = admwh_value_json(root);
	is_equal = admwh_value_equal(ADMWH_GET(root, "many"),
				     ADMWH_GET(admwh_document_value(other), "turned"));
	all = admwh_value_is_set(found) && admwh_value_is_set(element) && string && text && key &&
	      *path && tree && is_equal;
	assert_true(failed || all);
	if (!document || (other && !all && !*admwh_document_error(other)))
		assert_string_equal(admwh_document_error(document), "out of memory");
	if (string)
		assert_string_equal(string, "plain");
	if (text)
		assert_memory_equal(text, "a", 2);
	json_decref(tree);
	admwh_document_free(document);
	admwh_document_free(other);
}

static void tells_of_memory_that_ran_out(void **state)
{
	size_t len;
	(void)state;

	strcpy(many, "{\"s\":\"plain\",\"e\\u00e9\":\"\\u0061\",\"many\":{\"n\\u00339\":39");
	for (int i = 0; i < 39; i++)
		sprintf(many + strlen(many), ",\"n%d\":%d", i, i);
	strcat(many, "},\"turned\":{\"n0\":0");
	for (int i = 38; i > 0; i--)
		sprintf(many + strlen(many), ",\"n%d\":%d", i, i);
	strcat(many, ",\"\\u006e39\":39");
	len = strlen(many);
	memcpy(many + len, "},\"list\":[[]", 13);
	for (int i = 0; i < 39; i++)
		strcat(many, ",[]");
	strcat(many, "]}");
	with_failing_allocations(read_all);
}

static void remembers_malformed_documents(void **state)
{
	struct admwh_document *document = admwh_document_parse("{\"a\":1,}", 8);
	(void)state;

	assert_true(admwh_value_is_absent(admwh_document_value(document)));
	assert_string_equal(admwh_document_error(document), "byte 7: expected a member's name");
	admwh_document_free(document);
	document = admwh_document_parse("", 0);
	assert_string_equal(admwh_document_error(document), "byte 0: empty text");
	admwh_document_free(document);
	assert_null(admwh_document_parse(NULL, 0));
	assert_true(admwh_value_is_absent(admwh_document_value(NULL)));
	assert_string_equal(admwh_document_error(NULL), "out of memory");
	admwh_document_free(NULL);
}

/* The program may change or free its text at once. */
static void keeps_the_text_of_a_document(void **state)
{
	char text[] = "{\"a\":\"b\"} and more";
	struct admwh_document *document = admwh_document_parse(text, 9);
	(void)state;

	memset(text, 'x', sizeof(text));
	assert_string_equal(
	    admwh_value_string(admwh_value_get(admwh_document_value(document), "a")), "b");
	finish(document, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_the_text_in_errors),
	    cmocka_unit_test(begins_paths_at_its_roots),
	    cmocka_unit_test(asks_for_trees_that_are_large),
	    cmocka_unit_test(asks_for_memory_in_large_steps),
	    cmocka_unit_test(asks_for_a_table_that_is_half_full),
	    cmocka_unit_test(asks_for_a_table_of_elements),
	    cmocka_unit_test(asks_before_it_takes_memory),
	    cmocka_unit_test(counts_small_trees_together),
	    cmocka_unit_test(gives_no_element_without_memory),
	    cmocka_unit_test(counts_long_tokens),
	    cmocka_unit_test(tells_of_memory_that_ran_out),
	    cmocka_unit_test(remembers_malformed_documents),
	    cmocka_unit_test(keeps_the_text_of_a_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
