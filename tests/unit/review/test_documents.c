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
#include <admwh/patch.h>

#include "../failing_alloc.h"

static const char *const mode_names[] = {
    [ADMWH_PATCH_MODE_STRICT] = "strict",
    [ADMWH_PATCH_MODE_RFC6902] = "rfc6902",
    [ADMWH_PATCH_MODE_KUBE_APISERVER] = "kube-apiserver",
    NULL,
};

static json_t *parse(struct admwh_json *json, const char *text)
{
	json_t *value = admwh_json_parse(json, text, strlen(text));

	if (!value)
		fail_msg("%s: %s", text, admwh_json_error(json));
	return value;
}

static void assert_text(struct admwh_json *json, const json_t *value, const char *wanted)
{
	char *text = admwh_json_write(json, value, NULL);

	assert_string_equal(text, wanted);
	free(text);
}

/* A file of tests/vectors/patch: an array of cases. */
static json_t *read_vectors(struct admwh_json *json, const char *name)
{
	static char text[65536];
	char path[1024];
	json_t *cases;
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/vectors/patch/%s", TESTS_DIR, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	assert_true(len < sizeof(text));
	fclose(file);
	cases = admwh_json_parse(json, text, len);
	if (!cases)
		fail_msg("%s: %s", name, admwh_json_error(json));
	return cases;
}

static void check_result(struct admwh_json *json, const json_t *item, const json_t *wanted,
			 const json_t *result)
{
	const char *text = json_string_value(json_object_get(wanted, "text"));
	const char *comment = json_string_value(json_object_get(item, "comment"));
	char *got = admwh_json_write(json, result, NULL);

	if (text ? strcmp(got, text) != 0
		 : !admwh_json_equal(json, result, json_object_get(wanted, "result")))
		fail_msg("%s: gave %s", comment, got);
	free(got);
}

static void check_apply(struct admwh_json *json, const json_t *item, enum admwh_patch_mode mode)
{
	const json_t *own = json_object_get(item, mode_names[mode]);
	const json_t *wanted = own ? own : item;
	const char *error = json_string_value(json_object_get(wanted, "error"));
	const char *comment = json_string_value(json_object_get(item, "comment"));
	json_t *before = json_object_get(item, "doc");
	json_t *document = admwh_json_copy(json, before);
	json_t *untouched = document;
	int err = admwh_json_patch_apply(json, &document, json_object_get(item, "patch"), mode);

	if (err < 0 && (!error || strcmp(admwh_json_error(json), error) != 0))
		fail_msg("%s, %s: %s", comment, mode_names[mode], admwh_json_error(json));
	if (err == 0 && error)
		fail_msg("%s, %s: applies", comment, mode_names[mode]);
	if (err < 0) {
		assert_ptr_equal(document, untouched);
		assert_true(admwh_json_equal(json, document, before));
	} else {
		check_result(json, item, wanted, document);
	}
	json_decref(document);
}

static void applies_the_vectors(void **state)
{
	static const char *const names[] = {"rfc6901.json", "rfc6902.json", "kube-apiserver.json"};
	(void)state;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct admwh_json *json = admwh_json_new();
		json_t *cases = read_vectors(json, names[i]);

		for (size_t k = 0; k < json_array_size(cases); k++)
			for (int mode = ADMWH_PATCH_MODE_STRICT; mode_names[mode]; mode++)
				check_apply(json, json_array_get(cases, k),
					    (enum admwh_patch_mode)mode);
		json_decref(cases);
		admwh_json_free(json);
	}
}

static unsigned options_of(const json_t *item)
{
	static const char *const names[] = {"index-by-index", "smallest", "number-text"};
	const json_t *options = json_object_get(item, "options");
	unsigned sum = 0;

	for (size_t i = 0; i < json_array_size(options); i++)
		for (unsigned k = 0; k < 3; k++)
			if (strcmp(json_string_value(json_array_get(options, i)), names[k]) == 0)
				sum |= 1u << k;
	return sum;
}

static void diffs_the_vectors(void **state)
{
	struct admwh_json *json = admwh_json_new();
	json_t *cases = read_vectors(json, "diff.json");
	(void)state;

	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *item = json_array_get(cases, i);
		json_t *patch =
		    admwh_json_patch_make(json, json_object_get(item, "from"),
					  json_object_get(item, "to"), options_of(item));
		char *text = admwh_json_write(json, json_object_get(item, "patch"), NULL);

		assert_text(json, patch, text);
		free(text);
		json_decref(patch);
	}
	json_decref(cases);
	admwh_json_free(json);
}

static void merges_the_vectors(void **state)
{
	struct admwh_json *json = admwh_json_new();
	json_t *cases = read_vectors(json, "rfc7386.json");
	(void)state;

	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *item = json_array_get(cases, i);
		const json_t *merge = json_object_get(item, "merge");
		const json_t *wanted = json_object_get(item, "patch");
		json_t *document = admwh_json_copy(json, json_object_get(item, "doc"));
		json_t *patch = admwh_json_merge_to_patch(json, document, merge, 0);
		json_t *patched = json_incref(document);

		assert_non_null(patch);
		if (wanted)
			assert_true(admwh_json_equal(json, patch, wanted));
		assert_int_equal(
		    admwh_json_patch_apply(json, &patched, patch, ADMWH_PATCH_MODE_RFC6902), 0);
		assert_int_equal(admwh_json_merge_apply(json, &document, merge), 0);
		check_result(json, item, item, document);
		check_result(json, item, item, patched);
		json_decref(document);
		json_decref(patched);
		json_decref(patch);
	}
	json_decref(cases);
	admwh_json_free(json);
}

/* Each on a handle that has told nothing before. */
static void tells_of_a_missing_document(void **state)
{
	json_t *none = NULL, *value = json_object();

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct admwh_json *json = admwh_json_new();

		if (i == 0)
			admwh_json_merge_apply(json, &none, value);
		else if (i == 1)
			admwh_json_merge_make(json, value, NULL);
		else if (i == 2)
			admwh_json_merge_to_patch(json, NULL, value, 0);
		else
			admwh_json_patch_apply(json, &none, value, ADMWH_PATCH_MODE_STRICT);
		assert_string_equal(admwh_json_error(json), "invalid argument");
		admwh_json_free(json);
	}
	json_decref(value);
}

static void refuses_wrong_arguments(void **state)
{
	struct admwh_json *json = admwh_json_new();
	json_t *value = json_object();
	json_t *none = NULL;
	static const int modes[] = {-1, 0, ADMWH_PATCH_MODE_KUBE_APISERVER + 1};
	(void)state;

	assert_null(admwh_json_patch_make(json, value, NULL, 0));
	assert_null(admwh_json_merge_make(json, NULL, value));
	assert_null(admwh_json_merge_to_patch(json, value, NULL, 0));
	assert_int_equal(admwh_json_merge_apply(json, &none, value), ADMWH_E_INVAL);
	assert_int_equal(admwh_json_patch_apply(json, NULL, value, ADMWH_PATCH_MODE_STRICT),
			 ADMWH_E_INVAL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    admwh_json_patch_apply(json, &value, value, (enum admwh_patch_mode)modes[i]),
		    ADMWH_E_INVAL);
	assert_null(admwh_json_patch_make(json, value, value, 8));
	assert_null(admwh_json_merge_to_patch(json, value, value, 8));
	assert_string_equal(admwh_json_error(json), "invalid argument");
	admwh_json_free(json);
	json_decref(value);
}

/* What the caller keeps must not change when he changes the result. */
static void leaves_a_document_alone_that_is_still_in_use(void **state)
{
	struct admwh_json *json = admwh_json_new();
	json_t *document = parse(json, "{\"a\":{\"b\":1},\"c\":1}");
	json_t *kept = json_incref(document);
	json_t *patch = parse(json, "[{\"op\":\"replace\",\"path\":\"/c\",\"value\":{\"d\":1}}]");
	json_t *value = json_object_get(json_array_get(patch, 0), "value");
	(void)state;

	assert_int_equal(admwh_json_patch_apply(json, &document, patch, ADMWH_PATCH_MODE_STRICT),
			 0);
	json_object_set_new(json_object_get(document, "a"), "b", json_integer(2));
	json_object_set_new(json_object_get(document, "c"), "d", json_integer(2));
	assert_text(json, kept, "{\"a\":{\"b\":1},\"c\":1}");
	assert_text(json, value, "{\"d\":1}");
	assert_text(json, document, "{\"a\":{\"b\":2},\"c\":{\"d\":2}}");
	json_decref(patch);
	json_decref(kept);
	json_decref(document);
	admwh_json_free(json);
}

static void makes_merge_patches(void **state)
{
	struct admwh_json *json = admwh_json_new();
	json_t *from = parse(json, "{\"a\":1,\"b\":{\"c\":2}}");
	json_t *to = parse(json, "{\"a\":1,\"b\":{\"d\":3}}");
	json_t *merge = admwh_json_merge_make(json, from, to);
	(void)state;

	assert_text(json, merge, "{\"b\":{\"d\":3,\"c\":null}}");
	json_decref(merge);
	json_object_set_new(to, "e", json_null());
	assert_null(admwh_json_merge_make(json, from, to));
	assert_string_equal(admwh_json_error(json), "/e: a merge patch cannot set null");
	json_decref(from);
	json_decref(to);
	admwh_json_free(json);
}

static void merges_by_the_length_of_names(void **state)
{
	struct admwh_json *json = admwh_json_new();
	json_t *from, *to, *merge, *patch;
	(void)state;

	assert_int_equal(admwh_json_set_nul_in_trees(json, true), 0);
	from = parse(json, "{\"a\":1,\"a\\u0000\":2,\"a\\u0000b\":{\"c\":3}}");
	to = parse(json, "{\"a\":1,\"a\\u0000b\":{\"c\":\"\\u0000\"}}");
	merge = admwh_json_merge_make(json, from, to);
	assert_text(json, merge, "{\"a\\u0000b\":{\"c\":\"\\u0000\"},\"a\\u0000\":null}");
	patch = admwh_json_merge_to_patch(json, from, merge, 0);
	assert_text(json, patch,
		    "[{\"op\":\"replace\",\"path\":\"/a\\u0000b/c\",\"value\":\"\\u0000\"},"
		    "{\"op\":\"remove\",\"path\":\"/a\\u0000\"}]");
	assert_int_equal(admwh_json_patch_apply(json, &from, patch, ADMWH_PATCH_MODE_STRICT), 0);
	assert_true(admwh_json_equal(json, from, to));
	json_decref(patch);
	json_decref(merge);
	json_decref(from);
	json_decref(to);
	admwh_json_free(json);
}

static void diff_and_apply(struct admwh_json *json, bool failed)
{
	/* The second list is long enough to be aligned by hashes. */
	static const char a[] = "{\"a\":[1,{\"b\":1e3,\"x\":1},2,3,4],\"c\":{\"d\":1},\"e\":1,"
				"\"l\":[0,\"a\",2,\"b\",4,5,[6],7,{\"c\":8},9]}";
	static const char b[] = "{\"a\":[0,1,{\"b\":1e4,\"x\":1},5,3],\"c\":{\"f\":1},\"g\":{},"
				"\"l\":[9,\"b\",4,[6],5,\"d\",{\"c\":8},\"a\",2,0]}";
	json_t *from = admwh_json_parse(json, a, strlen(a));
	json_t *to = admwh_json_parse(json, b, strlen(b));
	json_t *patch = admwh_json_patch_make(json, from, to, 0);
	json_t *merge = admwh_json_merge_make(json, from, to);
	json_t *again = from ? admwh_json_merge_to_patch(json, from, merge, 0) : NULL;
	json_t *document = from ? admwh_json_copy(json, from) : NULL;

	if (document && patch &&
	    admwh_json_patch_apply(json, &document, patch, ADMWH_PATCH_MODE_STRICT) == 0)
		assert_true(admwh_json_equal(json, document, to));
	else
		assert_true(failed);
	if (document && merge && admwh_json_merge_apply(json, &document, merge) == 0)
		assert_true(admwh_json_equal(json, document, to) || failed);
	assert_true(again || failed);
	json_decref(from);
	json_decref(to);
	json_decref(patch);
	json_decref(merge);
	json_decref(again);
	json_decref(document);
}

static void run_once(bool failed)
{
	struct admwh_json *json = admwh_json_new();

	if (json)
		diff_and_apply(json, failed);
	else
		assert_true(failed);
	admwh_json_free(json);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_wrong_arguments),
	    cmocka_unit_test(tells_of_a_missing_document),
	    cmocka_unit_test(applies_the_vectors),
	    cmocka_unit_test(diffs_the_vectors),
	    cmocka_unit_test(merges_the_vectors),
	    cmocka_unit_test(leaves_a_document_alone_that_is_still_in_use),
	    cmocka_unit_test(makes_merge_patches),
	    cmocka_unit_test(merges_by_the_length_of_names),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
