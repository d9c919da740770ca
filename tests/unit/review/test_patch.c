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

#include "../failing_alloc.h"
#include "review/decode.h"
#include "review/diff.h"
#include "review/patch.h"

#define REVIEW(object)                                                                             \
	"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"       \
	"\"uid\":\"u\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"             \
	"\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},"                  \
	"\"operation\":\"CREATE\",\"userInfo\":{},\"object\":" object "}}"

static const char pod[] = REVIEW(
    "{\"metadata\":{\"name\":\"x\",\"annotations\":null,\"generation\":12345678901234567890},"
    "\"spec\":{\"containers\":[{\"name\":\"c\"}],\"nodeName\":\"n\"}}");

struct fixture {
	struct awh_request request;
	struct admwh_patch patch;
};

static int open_with(void **state, const char *body, const struct awh_decode_options *options)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct awh_error error = {0};

	*state = fixture;
	if (!fixture)
		return -1;
	if (awh_request_decode(&fixture->request, body, strlen(body), options, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		return -1;
	}
	awh_patch_init(&fixture->patch, &fixture->request);
	return 0;
}

static int open_review(void **state, const char *body)
{
	return open_with(state, body, &(const struct awh_decode_options){.depth = 200});
}

static int open_raw(void **state)
{
	const struct awh_decode_options options = {.depth = 200, .raw = true};

	return open_with(state, "{\"request\":{\"metadata\":{}}}", &options);
}

/* Text that holds U+0000 in the values and keys of data. */
static const char binary[] =
    REVIEW("{\"metadata\":{\"name\":\"x\"},\"data\":{\"a\\u0000b\":\"1\\u00002\",\"a\":\"3\"}}");

static int open_binary(void **state)
{
	return open_review(state, binary);
}

static int open_pod(void **state)
{
	return open_review(state, pod);
}

static int open_null(void **state)
{
	static const char body[] = REVIEW("null");

	return open_review(state, body);
}

static int close_review(void **state)
{
	struct fixture *fixture = *state;

	awh_patch_deinit(&fixture->patch);
	awh_request_deinit(&fixture->request);
	free(fixture);
	return 0;
}

static void expect_text(const struct admwh_patch *patch, const char *wanted)
{
	struct awh_buf buf;

	awh_buf_init(&buf, SIZE_MAX);
	awh_patch_write(&buf, patch);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	assert_string_equal(buf.data, wanted);
	awh_buf_deinit(&buf);
}

static void refuses_to_patch_a_review_without_object(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_null(admwh_patch_object_json(patch));
	assert_string_equal(admwh_patch_error(patch), "");
	assert_int_equal(admwh_patch_remove(patch, "/a"), ADMWH_E_PATCH);
	assert_string_equal(admwh_patch_error(patch), "the review has no object to patch");
	assert_true(awh_patch_is_empty(patch));
}

static void remembers_the_first_failure(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_new(patch, "/spec/priority", json_integer(1)), 0);
	assert_int_equal(admwh_patch_remove(patch, "/spec/gone"), ADMWH_E_PATCH);
	assert_string_equal(admwh_patch_error(patch),
			    "operation 1: remove /spec/gone: no such member");
	assert_int_equal(admwh_patch_remove(patch, "/spec/nodeName"), ADMWH_E_PATCH);
	assert_int_equal(admwh_patch_add_new(patch, "pointer", json_true()), ADMWH_E_PATCH);
	assert_int_equal(admwh_patch_add_parents_new(patch, "/a/b", NULL), ADMWH_E_PATCH);
	assert_string_equal(admwh_patch_error(patch),
			    "operation 1: remove /spec/gone: no such member");
	assert_int_equal(patch->failure.code, ADMWH_E_PATCH);
	assert_non_null(admwh_json_pointer_get(admwh_patch_object_json(patch), "/spec/nodeName"));
}

static void takes_a_new_null_for_memory_that_ran_out(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_replace_new(patch, "/spec/nodeName", NULL), ADMWH_E_NOMEM);
	assert_int_equal(admwh_patch_remove(patch, "/spec/nodeName"), ADMWH_E_NOMEM);
	assert_int_equal(patch->failure.code, ADMWH_E_NOMEM);
}

static void refuses_null_arguments(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add(NULL, "/a", NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_add_new(NULL, "/a", json_integer(1)), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_add_parents_new(NULL, "/a", json_integer(1)), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_move(NULL, "/a", "/b"), ADMWH_E_INVAL);
	assert_null(admwh_patch_object_json(NULL));
	assert_string_equal(admwh_patch_error(NULL), "");
	assert_int_equal(admwh_patch_test(patch, "/a", NULL), ADMWH_E_INVAL);
	assert_string_equal(admwh_patch_error(patch), "the value is NULL");
	/* It was asked for, so it is not to be forgotten. */
	assert_int_equal(patch->failure.code, ADMWH_E_INVAL);
}

static void refuses_a_value_without_a_pointer(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_string(patch, NULL, "a"), ADMWH_E_INVAL);
	assert_string_equal(admwh_patch_error(patch), "the pointer is NULL");
}

/* As many levels as jansson's values may have, and one more. */
static void refuses_a_value_that_is_nested_too_deep(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;
	json_t *value = json_array();

	for (int i = 0; i < AWH_JSON_DEPTH_MAX; i++) {
		json_t *outer = json_array();

		json_array_append_new(outer, value);
		value = outer;
	}
	assert_int_equal(admwh_patch_add(patch, "/a", value), ADMWH_E_PATCH);
	assert_string_equal(admwh_patch_error(patch),
			    "operation 0: add /a: the value is nested too deep");
	json_decref(value);
}

static void refuses_a_null_pointer(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_move(patch, NULL, "/b"), ADMWH_E_INVAL);
	assert_string_equal(admwh_patch_error(patch), "the pointer is NULL");
}

static void leaves_the_object_whole_when_a_move_fails(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_new(patch, "/spec/priority", json_integer(1)), 0);
	assert_int_equal(admwh_patch_move(patch, "/spec/priority", "/nowhere/to/go"),
			 ADMWH_E_PATCH);
	assert_non_null(admwh_json_pointer_get(admwh_patch_object_json(patch), "/spec/priority"));
}

static void refuses_to_guess_an_array(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_parents_new(patch, "/spec/volumes/0/name", json_true()),
			 ADMWH_E_PATCH);
	assert_string_equal(
	    admwh_patch_error(patch),
	    "operation 0: add /spec/volumes/0/name: parent /spec/volumes is missing");
	assert_true(awh_patch_is_empty(patch));
}

static void refuses_to_invent_an_element(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_parents_new(patch, "/spec/containers/1/name", json_true()),
			 ADMWH_E_PATCH);
	assert_string_equal(
	    admwh_patch_error(patch),
	    "operation 0: add /spec/containers/1/name: parent /spec/containers/1 is missing");
}

static void makes_the_parents_that_are_missing_or_null(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(
	    admwh_patch_add_parents_new(patch, "/metadata/annotations/a~1b", json_string("1")), 0);
	assert_int_equal(
	    admwh_patch_add_parents_new(patch, "/metadata/annotations/c", json_string("2")), 0);
	assert_int_equal(admwh_patch_add_parents_new(patch, "/spec/x/y/z", json_string("3")), 0);
	assert_int_equal(
	    admwh_patch_add_parents_new(patch, "/spec/containers/0/env/a", json_string("4")), 0);
	expect_text(patch,
		    "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{}},"
		    "{\"op\":\"add\",\"path\":\"/metadata/annotations/a~1b\",\"value\":\"1\"},"
		    "{\"op\":\"add\",\"path\":\"/metadata/annotations/c\",\"value\":\"2\"},"
		    "{\"op\":\"add\",\"path\":\"/spec/x\",\"value\":{}},"
		    "{\"op\":\"add\",\"path\":\"/spec/x/y\",\"value\":{}},"
		    "{\"op\":\"add\",\"path\":\"/spec/x/y/z\",\"value\":\"3\"},"
		    "{\"op\":\"add\",\"path\":\"/spec/containers/0/env\",\"value\":{}},"
		    "{\"op\":\"add\",\"path\":\"/spec/containers/0/env/a\",\"value\":\"4\"}]");
}

static void refuses_parents_within_a_label(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_remove(patch, "/spec/nodeName"), 0);
	assert_int_equal(admwh_patch_add_parents_new(
			     patch, "/metadata/labels/app.kubernetes.io/name", json_string("x")),
			 ADMWH_E_PATCH);
	assert_string_equal(admwh_patch_error(patch),
			    "operation 1: add /metadata/labels/app.kubernetes.io/name: a label is "
			    "a string and has no "
			    "members: write \"/\" in its key as \"~1\"");
	assert_null(admwh_json_pointer_get(admwh_patch_object_json(patch), "/metadata/labels"));
}

static void refuses_an_annotation_that_is_no_string(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(
	    admwh_patch_add_parents_new(patch, "/metadata/annotations/a", json_integer(1)),
	    ADMWH_E_PATCH);
	assert_string_equal(admwh_patch_error(patch), "operation 0: add /metadata/annotations/a: "
						      "an annotation is a string, not a number");
}

static void makes_any_parents_in_a_raw_request(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_parents_new(patch, "/metadata/labels/a/b", json_true()),
			 0);
}

static void patches_an_object_that_holds_nul(void **state)
{
	struct fixture *fixture = *state;
	struct admwh_patch *patch = &fixture->patch;

	assert_true(admwh_request_holds_nul(&fixture->request.pub));
	assert_int_equal(admwh_patch_add_parents_new(patch, "/metadata/labels/a", json_string("b")),
			 0);
	assert_int_equal(admwh_patch_copy(patch, "/data", "/copy"), 0);
	assert_int_equal(admwh_patch_merge_new(patch, json_pack("{s:{s:n}}", "data", "a")), 0);
	assert_int_equal(awh_patch_finish(patch), 0);
	assert_int_equal(fixture->request.error.code, 0);
	expect_text(patch, "[{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{}},"
			   "{\"op\":\"add\",\"path\":\"/metadata/labels/a\",\"value\":\"b\"},"
			   "{\"op\":\"copy\",\"from\":\"/data\",\"path\":\"/copy\"},"
			   "{\"op\":\"remove\",\"path\":\"/data/a\"}]");
}

static void gives_no_tree_of_an_object_that_holds_nul(void **state)
{
	struct fixture *fixture = *state;

	assert_null(admwh_patch_edit(&fixture->patch));
	assert_int_equal(fixture->request.error.code, ADMWH_E_HANDLER);
	assert_string_equal(
	    fixture->request.error.text,
	    "request.object.data[\"a\\u0000b\"]: U+0000 is not taken by the handler");
	assert_null(admwh_patch_object_json(&fixture->patch));
	assert_int_equal(admwh_patch_remove(&fixture->patch, "/data"), 0);
	assert_null(admwh_patch_object_json(&fixture->patch));
}

static void gives_no_tree_of_nul_that_an_operation_has_brought(void **state)
{
	struct fixture *fixture = *state;
	struct admwh_patch *patch = &fixture->patch;

	assert_non_null(admwh_patch_object_json(patch));
	assert_int_equal(admwh_patch_add_new(patch, "/metadata/x", json_stringn("a\0b", 3)), 0);
	assert_int_equal(admwh_patch_remove(patch, "/metadata/x"), 0);
	assert_non_null(admwh_patch_object_json(patch)); /* it is gone again */
	assert_int_equal(fixture->request.error.code, 0);
	assert_int_equal(admwh_patch_add_json_text(patch, "/metadata/y", "[\"\\u0000\"]", 10), 0);
	assert_null(admwh_patch_object_json(patch));
	assert_null(admwh_patch_edit(patch));
	assert_string_equal(fixture->request.error.text,
			    "request.object.metadata.y[0]: U+0000 is not taken by the handler");
}

static void edits_an_object_that_holds_nul_where_asked(void **state)
{
	struct fixture *fixture = *state;
	json_t *data;

	fixture->request.nul_in_trees = true;
	data = json_object_get(admwh_patch_edit(&fixture->patch), "data");
	assert_int_equal(json_object_setn_new(data, "a\0b", 3, json_stringn("\0", 1)), 0);
	assert_int_equal(json_object_setn_new(data, "a\0c", 3, json_stringn("4", 1)), 0);
	assert_int_equal(awh_patch_finish(&fixture->patch), 0);
	expect_text(&fixture->patch,
		    "[{\"op\":\"replace\",\"path\":\"/data/a\\u0000b\",\"value\":\"\\u0000\"},"
		    "{\"op\":\"add\",\"path\":\"/data/a\\u0000c\",\"value\":\"4\"}]");
	assert_int_equal(
	    json_object_size(json_object_get(admwh_patch_object_json(&fixture->patch), "data")), 3);
}

/* The whole object, replaced, would be less text. */
static void never_replaces_the_whole_object(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;
	json_t *object = admwh_patch_edit(patch);
	char key[128];

	json_object_del(object, "metadata");
	for (int i = 0; i < 9; i++) {
		snprintf(key, sizeof(key), "%0100d", i);
		json_object_set_new(object, key, json_integer(i));
	}
	patch->options = AWH_DIFF_SMALLEST;
	assert_int_equal(awh_patch_finish(patch), 0);
	assert_int_equal(patch->n_operations, 10);
	assert_int_equal(awh_buf_terminate(&patch->operations), 0);
	assert_null(strstr(patch->operations.data, "\"path\":\"\""));
}

static void writes_each_operation(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;
	json_t *value = json_string("n");

	expect_text(patch, "[]");
	assert_true(awh_patch_is_empty(patch));
	assert_int_equal(admwh_patch_test(patch, "/spec/nodeName", value), 0);
	json_string_set(value, "m");
	assert_int_equal(admwh_patch_replace(patch, "/spec/nodeName", value), 0);
	assert_int_equal(admwh_patch_add(patch, "/spec/a", value), 0);
	json_string_set(value, "changed later");
	assert_int_equal(admwh_patch_move(patch, "/spec/a", "/spec/b"), 0);
	assert_int_equal(admwh_patch_copy(patch, "/spec/b", "/spec/c"), 0);
	assert_int_equal(admwh_patch_remove(patch, "/spec/b"), 0);
	assert_int_equal(admwh_patch_test_new(patch, "/spec/c", json_string("m")), 0);
	assert_false(awh_patch_is_empty(patch));
	expect_text(patch, "[{\"op\":\"test\",\"path\":\"/spec/nodeName\",\"value\":\"n\"},"
			   "{\"op\":\"replace\",\"path\":\"/spec/nodeName\",\"value\":\"m\"},"
			   "{\"op\":\"add\",\"path\":\"/spec/a\",\"value\":\"m\"},"
			   "{\"op\":\"move\",\"from\":\"/spec/a\",\"path\":\"/spec/b\"},"
			   "{\"op\":\"copy\",\"from\":\"/spec/b\",\"path\":\"/spec/c\"},"
			   "{\"op\":\"remove\",\"path\":\"/spec/b\"},"
			   "{\"op\":\"test\",\"path\":\"/spec/c\",\"value\":\"m\"}]");
	json_decref(value);
}

static void adds_values_of_each_type(void **state)
{
	struct fixture *fixture = *state;
	struct admwh_patch *patch = &fixture->patch;
	struct admwh_value metadata =
	    ADMWH_GET(admwh_request_object(&fixture->request.pub), "metadata");
	static const char json[] = " [1.0 , \"\\u0041\\/\"]";

	assert_int_equal(admwh_patch_add_string(patch, "/a", "<\"\n"), 0);
	assert_int_equal(admwh_patch_add_integer(patch, "/b", INT64_MIN), 0);
	assert_int_equal(admwh_patch_add_bool(patch, "/c", false), 0);
	assert_int_equal(admwh_patch_add_value(patch, "/d", ADMWH_GET(metadata, "generation")), 0);
	assert_int_equal(admwh_patch_add_json_text(patch, "/e", json, strlen(json)), 0);
	assert_int_equal(admwh_patch_add_parents_string(patch, "/f/g", "h"), 0);
	assert_int_equal(admwh_patch_add_parents_value(patch, "/i/j", metadata), 0);
	assert_int_equal(admwh_patch_replace_string(patch, "/a", "2"), 0);
	assert_int_equal(admwh_patch_replace_value(patch, "/b", ADMWH_GET(metadata, "name")), 0);
	assert_int_equal(admwh_patch_test_string(patch, "/a", "2"), 0);
	assert_int_equal(admwh_patch_test_value(patch, "/metadata", metadata), 0);
	patch->has_test = false;
	expect_text(patch, "[{\"op\":\"add\",\"path\":\"/a\",\"value\":\"<\\\"\\n\"},"
			   "{\"op\":\"add\",\"path\":\"/b\",\"value\":-9223372036854775808},"
			   "{\"op\":\"add\",\"path\":\"/c\",\"value\":false},"
			   "{\"op\":\"add\",\"path\":\"/d\",\"value\":12345678901234567890},"
			   "{\"op\":\"add\",\"path\":\"/e\",\"value\":[1.0,\"A/\"]},"
			   "{\"op\":\"add\",\"path\":\"/f\",\"value\":{}},"
			   "{\"op\":\"add\",\"path\":\"/f/g\",\"value\":\"h\"},"
			   "{\"op\":\"add\",\"path\":\"/i\",\"value\":{}},"
			   "{\"op\":\"add\",\"path\":\"/i/j\",\"value\":{\"name\":\"x\","
			   "\"annotations\":null,\"generation\":12345678901234567890}},"
			   "{\"op\":\"replace\",\"path\":\"/a\",\"value\":\"2\"},"
			   "{\"op\":\"replace\",\"path\":\"/b\",\"value\":\"x\"},"
			   "{\"op\":\"test\",\"path\":\"/a\",\"value\":\"2\"},"
			   "{\"op\":\"test\",\"path\":\"/metadata\",\"value\":{\"name\":\"x\","
			   "\"annotations\":null,\"generation\":12345678901234567890}}]");
}

static void refuses_a_text_that_is_no_json(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_json_text(patch, "/a", "{\"b\":}", 6), ADMWH_E_PATCH);
	assert_string_equal(
	    admwh_patch_error(patch),
	    "operation 0: add /a: the value is no JSON: byte 5: b: expected a value");
}

static void refuses_an_absent_value(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_value(patch, "/a", (struct admwh_value){0}),
			 ADMWH_E_INVAL);
	assert_string_equal(admwh_patch_error(patch), "the value is NULL");
	assert_int_equal(admwh_patch_add_string(NULL, "/a", "b"), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_add_integer(NULL, "/a", 1), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_add_bool(NULL, "/a", true), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_add_json_text(NULL, "/a", "1", 1), ADMWH_E_INVAL);
	assert_true(admwh_value_is_absent(admwh_patch_value(NULL)));
}

static void shows_the_object_after_the_operations(void **state)
{
	struct fixture *fixture = *state;
	struct admwh_patch *patch = &fixture->patch;
	struct admwh_value value = admwh_patch_value(patch);

	assert_int_equal(value.item, admwh_request_object(&fixture->request.pub).item);
	assert_int_equal(admwh_patch_add_parents_string(patch, "/metadata/labels/a", "b"), 0);
	assert_int_equal(admwh_patch_remove(patch, "/spec/containers/0"), 0);
	value = admwh_patch_value(patch);
	assert_true(admwh_value_is(ADMWH_GET(value, "metadata", "labels", "a"), "b"));
	assert_int_equal(admwh_value_size(ADMWH_GET(value, "spec", "containers")), 0);
	assert_ptr_equal(admwh_patch_value(patch).text, value.text);
	/* It goes on from there. */
	assert_int_equal(admwh_patch_remove(patch, "/metadata/labels/a"), 0);
	json_object_set_new(admwh_patch_edit(patch), "edited", json_true());
	value = admwh_patch_value(patch);
	assert_int_equal(admwh_value_size(ADMWH_GET(value, "metadata", "labels")), 0);
	assert_true(admwh_value_is_true(ADMWH_GET(value, "edited")));
	assert_null(admwh_value_string(ADMWH_GET(value, "spec")));
	assert_string_equal(fixture->request.error.text,
			    "request.object.spec: expected a string, got an object");
}

static void keeps_the_texts_of_the_numbers_it_moves(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;
	json_t *metadata =
	    json_object_get((json_t *)(uintptr_t)admwh_patch_object_json(patch), "metadata");

	assert_int_equal(admwh_patch_add(patch, "/copy", json_object_get(metadata, "generation")),
			 0);
	expect_text(patch, "[{\"op\":\"add\",\"path\":\"/copy\",\"value\":12345678901234567890}]");
}

static void leaves_the_request_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	json_t *object = admwh_request_object_json(&fixture->request.pub);
	json_t *before = json_deep_copy(object);

	assert_ptr_equal(admwh_patch_object_json(&fixture->patch), object);
	assert_int_equal(admwh_patch_remove(&fixture->patch, "/spec/containers/0/name"), 0);
	assert_int_equal(admwh_patch_add_new(&fixture->patch, "/spec/v", json_object()), 0);
	assert_int_equal(admwh_patch_add_new(&fixture->patch, "/spec/v/w", json_true()), 0);
	assert_true(json_equal(object, before));
	assert_non_null(
	    admwh_json_pointer_get(admwh_patch_object_json(&fixture->patch), "/spec/v/w"));
	expect_text(&fixture->patch, "[{\"op\":\"remove\",\"path\":\"/spec/containers/0/name\"},"
				     "{\"op\":\"add\",\"path\":\"/spec/v\",\"value\":{}},"
				     "{\"op\":\"add\",\"path\":\"/spec/v/w\",\"value\":true}]");
	json_decref(before);
}

static void edits_a_copy_and_finds_what_changed(void **state)
{
	struct fixture *fixture = *state;
	struct admwh_patch *patch = &fixture->patch;
	json_t *object = admwh_patch_edit(patch);
	json_t *spec = json_object_get(object, "spec");

	assert_non_null(object);
	assert_ptr_equal(admwh_patch_object_json(patch), object);
	json_object_set_new(json_object_get(object, "metadata"), "annotations",
			    json_pack("{s:s}", "a/b", "1"));
	json_array_insert_new(json_object_get(spec, "containers"), 0,
			      json_pack("{s:s}", "name", "first"));
	json_object_del(spec, "nodeName");
	assert_ptr_equal(admwh_patch_edit(patch), object);
	assert_int_equal(awh_patch_finish(patch), 0);
	expect_text(patch, "[{\"op\":\"replace\",\"path\":\"/metadata/annotations\","
			   "\"value\":{\"a/b\":\"1\"}},"
			   "{\"op\":\"add\",\"path\":\"/spec/containers/0\","
			   "\"value\":{\"name\":\"first\"}},"
			   "{\"op\":\"remove\",\"path\":\"/spec/nodeName\"}]");
	assert_non_null(admwh_json_pointer_get(admwh_request_object_json(&fixture->request.pub),
					       "/spec/nodeName"));
}

static void makes_nothing_of_an_edit_that_changes_nothing(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;
	json_t *spec = json_object_get(admwh_patch_edit(patch), "spec");

	json_object_set_new(spec, "nodeName", json_string("n"));
	json_object_set_new(spec, "x", json_true());
	json_object_del(spec, "x");
	assert_int_equal(awh_patch_finish(patch), 0);
	assert_true(awh_patch_is_empty(patch));
}

static void keeps_the_texts_of_numbers_in_an_edit(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;
	json_t *object = admwh_patch_edit(patch);

	json_object_set(object, "copy", json_object_get(object, "metadata"));
	assert_int_equal(awh_patch_finish(patch), 0);
	expect_text(patch, "[{\"op\":\"add\",\"path\":\"/copy\",\"value\":{\"name\":\"x\","
			   "\"annotations\":null,\"generation\":12345678901234567890}}]");
}

static void mixes_edits_and_operations_in_their_order(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_new(patch, "/a", json_object()), 0);
	json_object_set_new(json_object_get(admwh_patch_edit(patch), "a"), "b", json_integer(1));
	assert_int_equal(admwh_patch_replace_new(patch, "/a/b", json_integer(2)), 0);
	assert_int_equal(
	    json_integer_value(admwh_json_pointer_get(admwh_patch_edit(patch), "/a/b")), 2);
	json_object_set_new(json_object_get(admwh_patch_edit(patch), "a"), "c", json_integer(3));
	assert_int_equal(awh_patch_finish(patch), 0);
	expect_text(patch, "[{\"op\":\"add\",\"path\":\"/a\",\"value\":{}},"
			   "{\"op\":\"add\",\"path\":\"/a/b\",\"value\":1},"
			   "{\"op\":\"replace\",\"path\":\"/a/b\",\"value\":2},"
			   "{\"op\":\"add\",\"path\":\"/a/c\",\"value\":3}]");
}

static void reports_an_edit_that_came_too_late(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;
	json_t *object = admwh_patch_edit(patch);

	json_object_set_new(object, "a", json_true());
	assert_int_equal(admwh_patch_add_new(patch, "/b", json_true()), 0);
	json_object_set_new(object, "c", json_true());
	assert_int_equal(awh_patch_finish(patch), ADMWH_E_PATCH);
	assert_string_equal(admwh_patch_error(patch),
			    "the object of admwh_patch_edit() was changed after another operation");
}

static void loses_no_change_that_came_too_late(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;
	json_t *object = admwh_patch_edit(patch);

	assert_int_equal(admwh_patch_add_new(patch, "/b", json_true()), 0);
	json_object_set_new(object, "c", json_true());
	assert_null(admwh_patch_edit(patch)); /* it would begin without "c" */
	assert_int_equal(awh_patch_finish(patch), ADMWH_E_PATCH);
}

static void refuses_an_edit_that_never_ends(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;
	json_t *spec = json_object_get(admwh_patch_edit(patch), "spec");
	json_t *deep = json_object();

	for (int i = 0; i < 1500; i++)
		deep = json_pack("{s:o}", "a", deep);
	json_object_set_new(spec, "deep", deep);
	assert_int_equal(awh_patch_finish(patch), ADMWH_E_PATCH);
	assert_non_null(strstr(admwh_patch_error(patch), "nested too deep"));
}

static void has_nothing_to_edit_without_object(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_null(admwh_patch_edit(patch));
	assert_null(admwh_patch_edit(NULL));
	assert_int_equal(awh_patch_finish(patch), 0);
	assert_string_equal(admwh_patch_error(patch), "");
}

static void merges_as_rfc_7386_says(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(
	    admwh_patch_merge_new(patch, json_pack("{s:{s:n,s:s},s:{s:{s:s}}}", "spec", "nodeName",
						   "x", "y", "metadata", "annotations", "a", "b")),
	    0);
	expect_text(patch, "[{\"op\":\"replace\",\"path\":\"/metadata/annotations\","
			   "\"value\":{\"a\":\"b\"}},"
			   "{\"op\":\"add\",\"path\":\"/spec/x\",\"value\":\"y\"},"
			   "{\"op\":\"remove\",\"path\":\"/spec/nodeName\"}]");
	assert_int_equal(admwh_patch_merge(patch, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_merge(NULL, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_merge_new(NULL, json_object()), ADMWH_E_INVAL);
}

static void writes_a_patch_that_tests_as_go_would(void **state)
{
	struct admwh_patch *patch = &((struct fixture *)*state)->patch;

	assert_int_equal(admwh_patch_add_new(patch, "/a",
					     json_string("<\\&>\"\xe2\x80\xa8\xc2\x85\x7f"
							 "\xe2\x80\xa6\n\x01")),
			 0);
	expect_text(patch, "[{\"op\":\"add\",\"path\":\"/a\",\"value\":\"<\\\\&>\\\""
			   "\xe2\x80\xa8\\u0085\\u007f\xe2\x80\xa6\\n\\u0001\"}]");
	assert_int_equal(admwh_patch_test_new(patch, "/spec/nodeName", json_string("n")), 0);
	expect_text(patch,
		    "[{\"op\":\"add\",\"path\":\"/a\",\"value\":\"\\u003c\\\\\\u0026\\u003e\\\""
		    "\\u2028\xc2\x85\x7f\xe2\x80\xa6\\n\\u0001\"},"
		    "{\"op\":\"test\",\"path\":\"/spec/nodeName\",\"value\":\"n\"}]");
}

/* Everything that takes memory. What was asked for either is in the patch or fails it. */
static void build_once(bool failed)
{
	const struct awh_decode_options options = {.depth = 200};
	struct awh_request request;
	struct admwh_patch patch;
	struct awh_buf buf;
	json_t *edited, *object, *after;

	if (awh_request_decode(&request, pod, strlen(pod), &options, NULL) < 0) {
		assert_true(failed);
		awh_request_deinit(&request);
		return;
	}
	awh_patch_init(&patch, &request);
	awh_buf_init(&buf, SIZE_MAX);
	admwh_patch_add_parents_new(&patch, "/metadata/labels/app.kubernetes.io~1name",
				    json_string("x"));
	admwh_patch_add_new(&patch, "/spec/containers/0/env", json_pack("[{s:f}]", "a", 1.5));
	admwh_patch_set_annotation(&patch, "a/b", "c");
	admwh_patch_append_string(&patch, "/spec/list", "d");
	admwh_patch_append_string(&patch, "/spec/list", "e");
	admwh_patch_put(&patch, "/spec/containers",
			ADMWH_GET(admwh_request_object(&request.pub), "metadata"));
	admwh_patch_remove_if_present(&patch, "/spec/list/0");
	admwh_patch_copy(&patch, "/metadata", "/spec/metadata");
	admwh_patch_move(&patch, "/spec/metadata", "/spec/moved");
	admwh_patch_test_new(&patch, "/spec/moved/name", json_string("x"));
	edited = admwh_patch_edit(&patch);
	assert_true(edited || patch.failure.code < 0 || request.error.code < 0);
	object = json_object_get(edited, "spec");
	if (object && (json_object_set_new(object, "nodeName", json_string("m")) < 0 ||
		       json_object_set_new(object, "priority", json_integer(1)) < 0))
		object = NULL;
	admwh_patch_merge_new(&patch, json_pack("{s:{s:n}}", "spec", "moved"));
	admwh_patch_remove(&patch, "/metadata/annotations");
	awh_patch_finish(&patch);
	awh_patch_write(&buf, &patch);
	if (!failed) {
		assert_int_equal(patch.failure.code, 0);
		assert_int_equal(patch.n_operations, 16);
	}
	after = patch.failure.code == 0 && object && !buf.err ? awh_patch_tree(&patch) : NULL;
	if (after) {
		assert_null(admwh_json_pointer_get(after, "/metadata/annotations"));
		assert_null(admwh_json_pointer_get(after, "/spec/moved"));
		assert_non_null(admwh_json_pointer_get(after, "/spec/priority"));
	} else if (patch.failure.code < 0) {
		if (patch.failure.code != ADMWH_E_NOMEM)
			fail_msg("%s", patch.failure.text);
	}
	awh_buf_deinit(&buf);
	awh_patch_deinit(&patch);
	awh_request_deinit(&request);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(build_once);
}

#define POD_TEST(name) cmocka_unit_test_setup_teardown(name, open_pod, close_review)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(refuses_to_patch_a_review_without_object, open_null,
					    close_review),
	    POD_TEST(remembers_the_first_failure),
	    POD_TEST(takes_a_new_null_for_memory_that_ran_out),
	    POD_TEST(refuses_null_arguments),
	    POD_TEST(refuses_a_null_pointer),
	    POD_TEST(refuses_a_value_without_a_pointer),
	    POD_TEST(refuses_a_value_that_is_nested_too_deep),
	    POD_TEST(leaves_the_object_whole_when_a_move_fails),
	    POD_TEST(refuses_to_guess_an_array),
	    POD_TEST(refuses_to_invent_an_element),
	    POD_TEST(makes_the_parents_that_are_missing_or_null),
	    POD_TEST(refuses_parents_within_a_label),
	    POD_TEST(refuses_an_annotation_that_is_no_string),
	    cmocka_unit_test_setup_teardown(makes_any_parents_in_a_raw_request, open_raw,
					    close_review),
	    cmocka_unit_test_setup_teardown(patches_an_object_that_holds_nul, open_binary,
					    close_review),
	    cmocka_unit_test_setup_teardown(gives_no_tree_of_an_object_that_holds_nul, open_binary,
					    close_review),
	    cmocka_unit_test_setup_teardown(gives_no_tree_of_nul_that_an_operation_has_brought,
					    open_pod, close_review),
	    cmocka_unit_test_setup_teardown(edits_an_object_that_holds_nul_where_asked, open_binary,
					    close_review),
	    POD_TEST(never_replaces_the_whole_object),
	    POD_TEST(writes_each_operation),
	    POD_TEST(adds_values_of_each_type),
	    POD_TEST(refuses_a_text_that_is_no_json),
	    POD_TEST(refuses_an_absent_value),
	    POD_TEST(shows_the_object_after_the_operations),
	    POD_TEST(keeps_the_texts_of_the_numbers_it_moves),
	    POD_TEST(leaves_the_request_as_it_was),
	    cmocka_unit_test_setup_teardown(has_nothing_to_edit_without_object, open_null,
					    close_review),
	    POD_TEST(reports_an_edit_that_came_too_late),
	    POD_TEST(loses_no_change_that_came_too_late),
	    POD_TEST(refuses_an_edit_that_never_ends),
	    POD_TEST(edits_a_copy_and_finds_what_changed),
	    POD_TEST(makes_nothing_of_an_edit_that_changes_nothing),
	    POD_TEST(keeps_the_texts_of_numbers_in_an_edit),
	    POD_TEST(mixes_edits_and_operations_in_their_order),
	    POD_TEST(merges_as_rfc_7386_says),
	    POD_TEST(writes_a_patch_that_tests_as_go_would),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
