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
#include "review/tree_target.h"

enum { DEPTH = 1000 };

struct texts {
	const char *document, *patch, *result;
};

static json_t *parse(const char *text, struct awh_numbers *numbers)
{
	struct awh_error error = {0};
	json_t *value = awh_json_parse(text, strlen(text), DEPTH, numbers, &error);

	if (!value)
		fail_msg("%s: %s", text, error.text);
	return value;
}

/* The document's text after the patch, or the error's. */
static char *outcome(const char *document_text, const char *patch_text, enum awh_patch_rules rules)
{
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *document = parse(document_text, numbers);
	json_t *untouched = document;
	json_t *patch = parse(patch_text, numbers);
	struct awh_error error = {0};
	struct awh_buf text;
	int err = awh_patch_apply(&document, patch, rules, numbers, &error);

	awh_buf_init(&text, SIZE_MAX);
	if (err < 0) {
		json_t *before = parse(document_text, numbers);

		assert_ptr_equal(document, untouched);
		assert_true(awh_json_equal(document, before, numbers));
		assert_int_equal(error.code, err);
		awh_buf_puts(&text, error.text);
		json_decref(before);
	} else {
		awh_json_write(&text, document, numbers);
	}
	assert_int_equal(awh_buf_terminate(&text), 0);
	json_decref(document);
	json_decref(patch);
	awh_numbers_free(numbers);
	return text.data;
}

static void expect(const struct texts *texts, size_t n, enum awh_patch_rules rules)
{
	for (size_t i = 0; i < n; i++) {
		char *got = outcome(texts[i].document, texts[i].patch, rules);

		if (strcmp(got, texts[i].result) != 0)
			fail_msg("%s\n  %s\n  gave %s\n  want %s", texts[i].document,
				 texts[i].patch, got, texts[i].result);
		free(got);
	}
}

#define EXPECT(texts, rules) expect(texts, sizeof(texts) / sizeof(*(texts)), rules)

static void names_what_is_wrong_with_a_patch(void **state)
{
	static const struct texts cases[] = {
	    {"{}", "{}", "the patch is not an array"},
	    {"{}", "[1]", "operation 0: not an object"},
	    {"{}", "[{}]", "operation 0: member \"op\" is missing or no string"},
	    {"{}", "[{\"op\":1}]", "operation 0: member \"op\" is missing or no string"},
	    {"{}", "[{\"op\":\"spam\",\"path\":\"/a\"}]", "operation 0: unknown op \"spam\""},
	    {"{}", "[{\"op\":\"Add\",\"path\":\"/a\"}]", "operation 0: unknown op \"Add\""},
	    {"{}", "[{\"op\":\"add\",\"value\":1}]",
	     "operation 0: member \"path\" is missing or no string"},
	    {"{}", "[{\"op\":\"add\",\"path\":null,\"value\":1}]",
	     "operation 0: member \"path\" is missing or no string"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"/a\"}]",
	     "operation 0: member \"value\" is missing"},
	    {"{}", "[{\"op\":\"replace\",\"path\":\"/a\"}]",
	     "operation 0: member \"value\" is missing"},
	    {"{}", "[{\"op\":\"test\",\"path\":\"/a\"}]",
	     "operation 0: member \"value\" is missing"},
	    {"{}", "[{\"op\":\"move\",\"path\":\"/a\"}]",
	     "operation 0: member \"from\" is missing or no string"},
	    {"{}", "[{\"op\":\"copy\",\"path\":\"/a\",\"from\":1}]",
	     "operation 0: member \"from\" is missing or no string"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"a\",\"value\":1}]",
	     "operation 0: add a: pointer does not begin with \"/\""},
	    {"{}", "[{\"op\":\"copy\",\"from\":\"/~\",\"path\":\"/a\"}]",
	     "operation 0: copy /~ to /a: pointer has a \"~\" that is not followed by 0 or 1"},
	};
	(void)state;

	EXPECT(cases, AWH_PATCH_BOTH);
	EXPECT(cases, AWH_PATCH_RFC);
}

static void names_operation_path_and_reason(void **state)
{
	static const struct texts cases[] = {
	    {"{\"a\":{}}",
	     "[{\"op\":\"add\",\"path\":\"/b\",\"value\":1},"
	     "{\"op\":\"test\",\"path\":\"/b\",\"value\":1},{\"op\":\"remove\",\"path\":\"/a/b\"}]",
	     "operation 2: remove /a/b: no such member"},
	    {"{}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]",
	     "operation 0: replace /a: no such member"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":1}]",
	     "operation 0: add /metadata/labels/x: parent /metadata is missing"},
	    {"{\"metadata\":{}}", "[{\"op\":\"add\",\"path\":\"/metadata/labels/x\",\"value\":1}]",
	     "operation 0: add /metadata/labels/x: parent /metadata/labels is missing"},
	    {"{\"a\":null}", "[{\"op\":\"add\",\"path\":\"/a/b\",\"value\":1}]",
	     "operation 0: add /a/b: /a is null, not an object or array"},
	    {"{\"a\":\"x\"}", "[{\"op\":\"remove\",\"path\":\"/a/0\"}]",
	     "operation 0: remove /a/0: /a is a string, not an object or array"},
	    {"{\"a\":true}", "[{\"op\":\"remove\",\"path\":\"/a/b/c\"}]",
	     "operation 0: remove /a/b/c: /a is a boolean, not an object or array"},
	    {"[1,2]", "[{\"op\":\"add\",\"path\":\"/3\",\"value\":1}]",
	     "operation 0: add /3: index is past the end of 2 elements"},
	    {"[1,2]", "[{\"op\":\"remove\",\"path\":\"/2\"}]",
	     "operation 0: remove /2: index is past the end of 2 elements"},
	    {"[1,2]", "[{\"op\":\"replace\",\"path\":\"/18446744073709551617\",\"value\":0}]",
	     "operation 0: replace /18446744073709551617: "
	     "\"18446744073709551617\" is no array index"},
	    {"[1,2]", "[{\"op\":\"remove\",\"path\":\"/-\"}]",
	     "operation 0: remove /-: \"-\" is no array index"},
	    {"[1,2]", "[{\"op\":\"replace\",\"path\":\"/-\",\"value\":1}]",
	     "operation 0: replace /-: \"-\" is no array index"},
	    {"[1,2]", "[{\"op\":\"test\",\"path\":\"/00\",\"value\":1}]",
	     "operation 0: test /00: \"00\" is no array index"},
	    {"[1,2]", "[{\"op\":\"add\",\"path\":\"/01\",\"value\":1}]",
	     "operation 0: add /01: \"01\" is no array index"},
	    {"[1,2]", "[{\"op\":\"add\",\"path\":\"/-1\",\"value\":1}]",
	     "operation 0: add /-1: \"-1\" is no array index"},
	    {"[[1],2]", "[{\"op\":\"add\",\"path\":\"/-/0\",\"value\":1}]",
	     "operation 0: add /-/0: parent /- is missing"},
	    {"{\"a\":1}", "[{\"op\":\"remove\",\"path\":\"\"}]",
	     "operation 0: remove : the whole document cannot be removed"},
	    {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]",
	     "operation 0: test /a: the value differs"},
	    {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/b\",\"value\":null}]",
	     "operation 0: test /b: no such member"},
	    {"{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/b\",\"path\":\"/c\"}]",
	     "operation 0: move /b to /c: no such member to take"},
	    {"{\"a\":1}", "[{\"op\":\"copy\",\"from\":\"/b\",\"path\":\"/c\"}]",
	     "operation 0: copy /b to /c: no such member to take"},
	    {"[0]", "[{\"op\":\"copy\",\"from\":\"/1\",\"path\":\"/0\"}]",
	     "operation 0: copy /1 to /0: index is past the end of 1 elements to take from"},
	    {"{\"a\":{\"b\":1}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]",
	     "operation 0: move /a to /a/b: a value cannot move into its own child"},
	    {"{\"a\":1,\"b\":2}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]",
	     "operation 0: move /a to /a/b: a value cannot move into its own child"},
	    {"{\"a\":1,\"b\":2}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/b/c\"}]",
	     "operation 0: move /a to /b/c: /b is a number, not an object or array"},
	    {"{\"a\\nb\\u001b\":1}", "[{\"op\":\"remove\",\"path\":\"/a\\nb\\u001b\\u009b\"}]",
	     "operation 0: remove /a?b???: no such member"},
	};
	(void)state;

	EXPECT(cases, AWH_PATCH_BOTH);
	EXPECT(cases, AWH_PATCH_RFC);
}

static void applies_operations(void **state)
{
	static const struct texts cases[] = {
	    {"{\"a\":1}", "[]", "{\"a\":1}"},
	    {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/b\",\"value\":null}]",
	     "{\"a\":1,\"b\":null}"},
	    {"{\"a\":1,\"b\":2}", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":3}]",
	     "{\"a\":3,\"b\":2}"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"/\",\"value\":1}]", "{\"\":1}"},
	    {"{\"\":{}}", "[{\"op\":\"add\",\"path\":\"//\",\"value\":1}]", "{\"\":{\"\":1}}"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"/-\",\"value\":1}]", "{\"-\":1}"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"/01\",\"value\":1}]", "{\"01\":1}"},
	    {"[1,2]", "[{\"op\":\"add\",\"path\":\"/0\",\"value\":0}]", "[0,1,2]"},
	    {"[1,2]", "[{\"op\":\"add\",\"path\":\"/2\",\"value\":3}]", "[1,2,3]"},
	    {"[1,2]", "[{\"op\":\"add\",\"path\":\"/-\",\"value\":3}]", "[1,2,3]"},
	    {"[]", "[{\"op\":\"add\",\"path\":\"/-\",\"value\":3}]", "[3]"},
	    {"[1,2,3]", "[{\"op\":\"remove\",\"path\":\"/1\"}]", "[1,3]"},
	    {"{\"a\":1,\"b\":2,\"c\":3}", "[{\"op\":\"remove\",\"path\":\"/b\"}]",
	     "{\"a\":1,\"c\":3}"},
	    {"{\"a\":1,\"b\":2}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":[]}]",
	     "{\"a\":[],\"b\":2}"},
	    {"[1,2]", "[{\"op\":\"replace\",\"path\":\"/1\",\"value\":{}}]", "[1,{}]"},
	    {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":[2]}]", "[2]"},
	    {"{\"a\":1,\"b\":2}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/c\"}]",
	     "{\"b\":2,\"c\":1}"},
	    {"{\"a\":1,\"b\":2}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]",
	     "{\"a\":1,\"b\":2}"},
	    {"{\"a\":1,\"ab\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/ab/a\"}]",
	     "{\"ab\":{\"a\":1}}"},
	    {"{\"a\":{\"b\":{\"c\":1}}}", "[{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/a\"}]",
	     "{\"a\":{\"c\":1}}"},
	    {"[1,2,3]", "[{\"op\":\"move\",\"from\":\"/0\",\"path\":\"/2\"}]", "[2,3,1]"},
	    {"[1,2,3]", "[{\"op\":\"move\",\"from\":\"/2\",\"path\":\"/0\"}]", "[3,1,2]"},
	    {"{\"a\":{\"b\":1}}",
	     "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"},"
	     "{\"op\":\"replace\",\"path\":\"/c/b\",\"value\":2}]",
	     "{\"a\":{\"b\":1},\"c\":{\"b\":2}}"},
	    {"{\"a\":{\"b\":1}}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/c\"}]",
	     "{\"a\":{\"b\":1,\"c\":{\"b\":1}}}"},
	    {"{\"a/b\":{\"~\":1}}", "[{\"op\":\"remove\",\"path\":\"/a~1b/~0\"}]", "{\"a/b\":{}}"},
	    {"{\"a\":[1,{\"b\":2,\"c\":3}]}",
	     "[{\"op\":\"test\",\"path\":\"/a/1\",\"value\":{\"c\":3,\"b\":2}},"
	     "{\"op\":\"test\",\"path\":\"\",\"value\":{\"a\":[1,{\"b\":2,\"c\":3}]}}]",
	     "{\"a\":[1,{\"b\":2,\"c\":3}]}"},
	    {"{\"a\":{}}",
	     "[{\"op\":\"add\",\"path\":\"/b\",\"value\":{}},"
	     "{\"op\":\"add\",\"path\":\"/b/c\",\"value\":{}},"
	     "{\"op\":\"add\",\"path\":\"/b/c/d\",\"value\":1}]",
	     "{\"a\":{},\"b\":{\"c\":{\"d\":1}}}"},
	};
	(void)state;

	EXPECT(cases, AWH_PATCH_BOTH);
	EXPECT(cases, AWH_PATCH_RFC);
	EXPECT(cases, AWH_PATCH_KUBE);
}

static void keeps_how_numbers_are_written(void **state)
{
	static const struct texts cases[] = {
	    {"{\"a\":[18446744073709551616,1.0,1e3,-0]}",
	     "[{\"op\":\"move\",\"from\":\"/a/0\",\"path\":\"/b\"},"
	     "{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"},"
	     "{\"op\":\"add\",\"path\":\"/d\",\"value\":{\"e\":1.50}}]",
	     "{\"a\":[1.0,1e3,-0],\"b\":18446744073709551616,\"c\":[1.0,1e3,-0],"
	     "\"d\":{\"e\":1.50}}"},
	};
	(void)state;

	EXPECT(cases, AWH_PATCH_BOTH);
}

/* Names that a C string would take for one another, and paths that it would cut. */
static void goes_by_the_length_of_names(void **state)
{
#define DOCUMENT "{\"a\\u0000b\":1,\"a\\u0000c\":{\"\\u0000\":2},\"a\":3}"
	static const struct texts cases[] = {
	    {DOCUMENT, "[{\"op\":\"remove\",\"path\":\"/a\\u0000b\"}]",
	     "{\"a\\u0000c\":{\"\\u0000\":2},\"a\":3}"},
	    {DOCUMENT,
	     "[{\"op\":\"replace\",\"path\":\"/a\\u0000c/\\u0000\",\"value\":\"\\u0000\"}]",
	     "{\"a\\u0000b\":1,\"a\\u0000c\":{\"\\u0000\":\"\\u0000\"},\"a\":3}"},
	    {DOCUMENT,
	     "[{\"op\":\"move\",\"from\":\"/a\\u0000c/\\u0000\",\"path\":\"/x\\u0000~1\"},"
	     "{\"op\":\"test\",\"path\":\"/x\\u0000~1\",\"value\":2},"
	     "{\"op\":\"copy\",\"from\":\"/a\\u0000b\",\"path\":\"/a\\u0000\"}]",
	     "{\"a\\u0000b\":1,\"a\\u0000c\":{},\"a\":3,\"x\\u0000/\":2,\"a\\u0000\":1}"},
	    {DOCUMENT, "[{\"op\":\"remove\",\"path\":\"/a\\u0000\"}]",
	     "operation 0: remove /a?: no such member"},
	    {DOCUMENT, "[{\"op\":\"move\",\"from\":\"/b\\u0000/c\",\"path\":\"/x\"}]",
	     "operation 0: move /b?/c to /x: parent /b? is missing"},
	    {"[\"\\u0000a\"]", "[{\"op\":\"test\",\"path\":\"/0\",\"value\":\"\\u0000b\"}]",
	     "operation 0: test /0: the value differs"},
	    {"[\"\\u0000a\"]", "[{\"op\":\"remove\",\"path\":\"/0\\u0000\"}]",
	     "operation 0: remove /0?: \"0?\" is no array index"},
	};
#undef DOCUMENT
	(void)state;

	EXPECT(cases, AWH_PATCH_BOTH);
	EXPECT(cases, AWH_PATCH_RFC);
}

/* What RFC 6902 allows and kube-apiserver does not. */
static void refuses_by_default_what_the_api_server_refuses(void **state)
{
	static const struct texts refused[] = {
	    {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"\",\"value\":{}}]",
	     "operation 0: add : the whole document can only be replaced"},
	    {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":\"x\"}]",
	     "operation 0: replace : the document must stay an object or array"},
	    {"{\"a\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"\"}]",
	     "operation 0: move /a to : the whole document can only be replaced"},
	    {"{\"a\":{}}", "[{\"op\":\"copy\",\"from\":\"\",\"path\":\"/b\"}]",
	     "operation 0: copy  to /b: the whole document can only be replaced"},
	    {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":1.0}]",
	     "operation 0: test /a: the value differs in how kube-apiserver compares"},
	    {"{\"a\":[null]}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":[null]}]",
	     "operation 0: test /a: the value differs in how kube-apiserver compares"},
	    {"1", "[]", "the document is no object or array"},
	};
	static const struct texts allowed[] = {
	    {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"\",\"value\":{}}]", "{}"},
	    {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":\"x\"}]", "\"x\""},
	    {"{\"a\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"\"}]", "{}"},
	    {"{\"a\":{}}", "[{\"op\":\"copy\",\"from\":\"\",\"path\":\"/b\"}]",
	     "{\"a\":{},\"b\":{\"a\":{}}}"},
	    {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":1.0}]", "{\"a\":1}"},
	    {"{\"a\":[null]}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":[null]}]",
	     "{\"a\":[null]}"},
	    {"1", "[]", "1"},
	};
	(void)state;

	EXPECT(refused, AWH_PATCH_BOTH);
	EXPECT(refused, AWH_PATCH_KUBE);
	EXPECT(allowed, AWH_PATCH_RFC);
}

/* What kube-apiserver allows and RFC 6902 does not. */
static void applies_as_the_api_server_where_asked(void **state)
{
	static const struct texts cases[] = {
	    {"{}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]", "{\"a\":1}"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"/a\"}]", "{\"a\":null}"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"a/b\",\"value\":1}]", "{\"b\":1}"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"/~2~\",\"value\":1}]", "{\"~2~\":1}"},
	    {"{}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]", "{\"b\":null}"},
	    {"{}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":null}]", "{}"},
	    {"{}", "[{\"op\":\"test\",\"path\":\"/a\"}]", "{}"},
	    {"[1,2]", "[{\"op\":\"remove\",\"path\":\"/-1\"}]", "[1]"},
	    {"[1,2]", "[{\"op\":\"remove\",\"path\":\"/-2\"}]", "[2]"},
	    {"[1,2]", "[{\"op\":\"add\",\"path\":\"/-1\",\"value\":3}]", "[1,2,3]"},
	    {"[1,2]", "[{\"op\":\"add\",\"path\":\"/-3\",\"value\":0}]", "[0,1,2]"},
	    {"[1,2]", "[{\"op\":\"replace\",\"path\":\"/+1\",\"value\":0}]", "[1,0]"},
	    {"[1,2]", "[{\"op\":\"replace\",\"path\":\"/01\",\"value\":0}]", "[1,0]"},
	    {"[1,2]", "[{\"op\":\"replace\",\"path\":\"/-0\",\"value\":0}]", "[0,2]"},
	    {"[[1],2]", "[{\"op\":\"add\",\"path\":\"/-2/-1\",\"value\":0}]", "[[1,0],2]"},
	    {"[{\"a\":1},{\"b\":1}]", "[{\"op\":\"move\",\"from\":\"/0\",\"path\":\"/0/c\"}]",
	     "[{\"b\":1,\"c\":{\"a\":1}}]"},
	};
	static const struct texts refused[] = {
	    {"[1,2]", "[{\"op\":\"remove\",\"path\":\"/-3\"}]",
	     "operation 0: remove /-3: \"-3\" is no array index"},
	    {"[1,2]", "[{\"op\":\"add\",\"path\":\"/-4\",\"value\":3}]",
	     "operation 0: add /-4: \"-4\" is no array index"},
	    {"{\"a\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]",
	     "operation 0: move /a to /a/b: parent /a is missing"},
	    {"{}", "[{\"op\":\"replace\",\"path\":\"/a/b\",\"value\":1}]",
	     "operation 0: replace /a/b: parent /a is missing"},
	    {"{}", "[{\"op\":\"add\",\"path\":\"a\",\"value\":1}]",
	     "operation 0: add a: pointer does not begin with \"/\""},
	};
	(void)state;

	EXPECT(cases, AWH_PATCH_KUBE);
	EXPECT(refused, AWH_PATCH_KUBE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = outcome(cases[i].document, cases[i].patch, AWH_PATCH_BOTH);

		assert_int_equal(strncmp(text, "operation 0: ", 13), 0);
		free(text);
	}
}

static void shares_what_no_operation_touched(void **state)
{
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *before = parse("{\"a\":{\"b\":[1]},\"c\":{\"d\":[2]}}", numbers);
	json_t *document = json_incref(before);
	json_t *patch = parse("[{\"op\":\"add\",\"path\":\"/c/e\",\"value\":3}]", numbers);
	(void)state;

	assert_int_equal(awh_patch_apply(&document, patch, AWH_PATCH_BOTH, numbers, NULL), 0);
	assert_ptr_not_equal(document, before);
	assert_ptr_equal(json_object_get(document, "a"), json_object_get(before, "a"));
	assert_ptr_not_equal(json_object_get(document, "c"), json_object_get(before, "c"));
	assert_null(json_object_get(json_object_get(before, "c"), "e"));
	json_decref(before);
	json_decref(document);
	json_decref(patch);
	awh_numbers_free(numbers);
}

static void takes_copies_up_to_their_limit(void **state)
{
	(void)state;
	for (size_t over = 0; over < 2; over++) {
		/* Two quotes are added to the text. */
		const size_t len = AWH_PATCH_COPY_MAX - 2 + over;
		char *text = calloc(1, len + 1);
		struct awh_numbers *numbers = awh_numbers_new();
		json_t *patch =
		    parse("[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]", numbers);
		json_t *document;

		assert_non_null(text);
		memset(text, 'x', len);
		document = json_pack("{s:s}", "a", text);
		assert_int_equal(awh_patch_apply(&document, patch, AWH_PATCH_BOTH, numbers, NULL),
				 over ? ADMWH_E_PATCH : 0);
		json_decref(document);
		json_decref(patch);
		awh_numbers_free(numbers);
		free(text);
	}
}

static void bounds_what_copies_add(void **state)
{
	json_t *document = json_pack("{s:[s]}", "a", "0123456789abcdef0123456789abcdef");
	json_t *patch = json_array();
	struct awh_numbers *numbers = awh_numbers_new();
	struct awh_error error = {0};
	(void)state;

	/* Each copy doubles the array: a billion laughs. */
	for (int i = 0; i < 40; i++)
		json_array_append_new(
		    patch, json_pack("{s:s,s:s,s:s}", "op", "copy", "from", "/a", "path", "/a/-"));
	assert_int_equal(awh_patch_apply(&document, patch, AWH_PATCH_BOTH, numbers, &error),
			 ADMWH_E_PATCH);
	assert_string_equal(error.text,
			    "operation 16: copy /a to /a/-: copies together exceed 3 MiB");
	json_decref(document);
	json_decref(patch);
	awh_numbers_free(numbers);
}

static void bounds_how_deep_a_document_becomes(void **state)
{
	json_t *document = json_pack("{s:{}}", "a");
	json_t *patch = json_array();
	struct awh_numbers *numbers = awh_numbers_new();
	struct awh_error error = {0};
	(void)state;

	/* Each copy goes to the deepest place and doubles the depth. */
	for (size_t depth = 1; depth <= 512; depth *= 2) {
		char path[2 * 513 + 1] = "";

		for (size_t i = 0; i <= depth; i++)
			memcpy(path + 2 * i, "/a", sizeof("/a"));
		json_array_append_new(
		    patch, json_pack("{s:s,s:s,s:s}", "op", "copy", "from", "/a", "path", path));
	}
	assert_int_equal(awh_patch_apply(&document, patch, AWH_PATCH_BOTH, numbers, &error),
			 ADMWH_E_PATCH);
	assert_int_equal(strncmp(error.text, "operation 9: copy /a to /a/a/", 29), 0);
	assert_non_null(strstr(error.text, "the document would be nested too deep"));
	json_decref(document);
	json_decref(patch);
	awh_numbers_free(numbers);
}

/* Apply this operation on /a/b, with a value of so many nested arrays. */
static int apply_nested(const char *op, size_t depth, struct awh_error *error)
{
	struct awh_numbers *numbers = awh_numbers_new();
	json_t *document = json_pack("{s:{s:i}}", "a", "b", 0);
	json_t *value = json_array();
	json_t *patch;
	int err;

	for (size_t i = 1; i < depth; i++)
		value = json_pack("[o]", value);
	patch = json_pack("[{s:s,s:s,s:o}]", "op", op, "path", "/a/b", "value", value);
	err = awh_patch_apply(&document, patch, AWH_PATCH_BOTH, numbers, error);
	json_decref(document);
	json_decref(patch);
	awh_numbers_free(numbers);
	return err;
}

static void bounds_how_deep_a_value_is(void **state)
{
	static const struct {
		const char *op;
		size_t most;
		const char *error; /* of one more */
	} cases[] = {
	    {"add", AWH_PATCH_DEPTH - 2, "the document would be nested too deep"},
	    {"replace", AWH_PATCH_DEPTH - 2, "the document would be nested too deep"},
	    {"test", AWH_PATCH_DEPTH, "the value is nested too deep"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool is_test = strcmp(cases[i].op, "test") == 0;
		struct awh_error error = {0};

		if (apply_nested(cases[i].op, cases[i].most, &error) !=
		    (is_test ? ADMWH_E_PATCH : 0))
			fail_msg("%s: %s", cases[i].op, error.text);
		assert_null(strstr(error.text, "nested"));
		assert_int_equal(apply_nested(cases[i].op, cases[i].most + 1, &error),
				 ADMWH_E_PATCH);
		assert_non_null(strstr(error.text, cases[i].error));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_what_is_wrong_with_a_patch),
	    cmocka_unit_test(names_operation_path_and_reason),
	    cmocka_unit_test(refuses_by_default_what_the_api_server_refuses),
	    cmocka_unit_test(takes_copies_up_to_their_limit),
	    cmocka_unit_test(bounds_what_copies_add),
	    cmocka_unit_test(bounds_how_deep_a_document_becomes),
	    cmocka_unit_test(bounds_how_deep_a_value_is),
	    cmocka_unit_test(applies_operations),
	    cmocka_unit_test(goes_by_the_length_of_names),
	    cmocka_unit_test(keeps_how_numbers_are_written),
	    cmocka_unit_test(applies_as_the_api_server_where_asked),
	    cmocka_unit_test(shares_what_no_operation_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
