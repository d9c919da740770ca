/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/value.h"
#include "values.h"

static const char pod[] = "{\"metadata\":{\"labels\":null,\"name\":\"web\"},"
			  "\"spec\":{\"containers\":[{\"image\":\"a\"},{\"image\":\"b\"}]}}";

static void says_where_it_was_looked_for(void **state)
{
	static const struct {
		const char *pointer, *path;
	} cases[] = {
	    {"/spec/replicas", "spec.replicas"},
	    {"/status/phase", "status.phase"},
	    {"/metadata/labels/app", "metadata.labels.app"},
	    {"/metadata/labels/a~1b.c/d", "metadata.labels[\"a/b.c\"].d"},
	    {"/metadata/labels/ a\"\\~0", "metadata.labels[\" a\\\"\\\\~\"]"},
	    {"/metadata/labels/", "metadata.labels[\"\"]"},
	    {"/spec/containers/2/image", "spec.containers[2].image"},
	    {"/spec/containers/-", "spec.containers[2]"},
	    {"/spec/volumes/0/name", "spec.volumes[0].name"},
	    {"/spec/volumes/-", "spec.volumes.-"},
	    {"/spec/volumes/00", "spec.volumes.00"},
	    {"/spec/containers/1/securityContext/privileged",
	     "spec.containers[1].securityContext.privileged"},
	};
	struct admwh_document *document = parse(pod);
	(void)state;

	/* Twice: a place that is remembered is found again. */
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		const size_t n = i % (sizeof(cases) / sizeof(*cases));
		struct admwh_value value =
		    admwh_value_find(admwh_document_value(document), cases[n].pointer);

		assert_true(admwh_value_is_absent(value));
		assert_string_equal(admwh_value_path(value), cases[n].path);
	}
	finish(document, "");
}

static void is_absent_in_every_way(void **state)
{
	struct admwh_document *document = parse(pod);
	struct admwh_value root = admwh_document_value(document);
	const struct admwh_value all[] = {
	    ADMWH_GET(root, "spec", "volumes"), ADMWH_GET(root, "metadata", "labels", "app"),
	    admwh_value_at(ADMWH_GET(root, "spec", "containers"), 2),
	    admwh_value_at(ADMWH_GET(root, "spec", "volumes"), 2), ADMWH_GET(root, "a", "b", "c")};
	(void)state;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		const struct admwh_value value = all[i];
		int64_t integer;
		double real;
		size_t len;

		assert_int_equal(admwh_value_kind(value), ADMWH_ABSENT);
		assert_true(admwh_value_is_absent(value));
		assert_false(admwh_value_is_set(value) || admwh_value_is_true(value));
		assert_false(admwh_value_is(value, "web"));
		assert_null(admwh_value_text(value, &len));
		assert_null(admwh_value_string(value));
		assert_false(admwh_value_integer(value, &integer) ||
			     admwh_value_real(value, &real));
		assert_null(admwh_value_raw(value, &len));
		assert_null(admwh_value_key(value, &len));
		assert_false(admwh_value_key_is(value, "spec"));
		assert_int_equal(admwh_value_size(value), 0);
		assert_false(admwh_value_equal(value, value) || admwh_value_equal(value, root) ||
			     admwh_value_equal(root, value));
		assert_null(admwh_value_json(value));
		assert_true(admwh_value_is_absent(admwh_value_next(value)));
		admwh_value_foreach(child, value)
			fail();
		admwh_value_foreach_element(element, value)
			fail();
		admwh_value_foreach_member(member, value)
			fail();
	}
	finish(document, "");
}

static void has_no_place_without_a_name(void **state)
{
	struct admwh_document *document = parse(pod);
	struct admwh_value root = admwh_document_value(document);
	(void)state;

	assert_string_equal(admwh_value_path(admwh_value_get(root, NULL)), "");
	assert_string_equal(admwh_value_path(ADMWH_GET(root, "a", NULL, "b")), "");
	assert_string_equal(admwh_value_path(admwh_value_find(root, NULL)), "");
	assert_string_equal(admwh_value_path(admwh_value_get((struct admwh_value){0}, "a")), "");
	finish(document, "");
}

/* The names of a program need not outlive the call, and may hold U+0000. */
static void keeps_the_names(void **state)
{
	struct admwh_document *document = parse(pod);
	char name[] = "first";
	struct admwh_value first = admwh_value_get(admwh_document_value(document), name);
	struct admwh_value second;
	(void)state;

	memcpy(name, "other", sizeof(name));
	second = admwh_value_getn(admwh_document_value(document), "a\0b", 3);
	assert_string_equal(admwh_value_path(first), "first");
	assert_string_equal(admwh_value_path(second), "[\"a\\u0000b\"]");
	finish(document, "");
}

/* What is remembered depends on the names asked for, not on how many values they are asked of. */
static void remembers_a_step_once(void **state)
{
	enum { COUNT = 5000 };
	char *text = calloc(COUNT, 4);
	struct admwh_document *document;
	struct admwh_value last = {0};
	(void)state;

	strcpy(text, "[{}");
	for (size_t i = 1; i < COUNT; i++)
		strcpy(text + i * 3, ",{}");
	strcpy(text + COUNT * 3, "]");
	document = parse(text);
	admwh_value_foreach_element(element, admwh_document_value(document)) {
		static const char *const names[] = {"a", "b", "ab", "ba", "securityContext"};

		for (size_t i = 0; i < 5; i++)
			last = ADMWH_GET(element, names[i], "a");
	}
	assert_int_equal(last.text->n_missing, 10);
	assert_string_equal(admwh_value_path(last), "[4999].securityContext.a");
	finish(document, "");
	free(text);
}

/* An object may choose names that are kept in one list: they are many, and each is right. */
static void takes_many_names(void **state)
{
	enum { COUNT = 3000 };
	struct admwh_document *document = parse("{}");
	struct admwh_value values[COUNT];
	char name[16];
	(void)state;

	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "a%04da", i);
		values[i] = admwh_value_get(admwh_document_value(document), name);
	}
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "a%04da", i);
		assert_string_equal(admwh_value_path(values[i]), name);
	}
	finish(document, "");
}

static void cuts_a_long_path(void **state)
{
	enum { STEPS = 5000 };
	struct admwh_document *document = parse("{}");
	struct admwh_value value = admwh_document_value(document);
	char *name = calloc(1, 5001);
	const char *path;
	(void)state;

	for (size_t i = 0; i < STEPS; i++)
		value = admwh_value_get(value, i == 0 ? "first" : "a");
	path = admwh_value_path(value);
	assert_int_equal(strncmp(path, "first.a.a", 9), 0);
	assert_true(strlen(path) <= 1024);
	assert_string_equal(path + strlen(path) - 3, "...");
	memset(name, 'n', 5000);
	path = admwh_value_path(admwh_value_get(admwh_document_value(document), name));
	assert_true(strlen(path) < 100);
	assert_string_equal(path + strlen(path) - 3, "...");
	finish(document, "");
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_where_it_was_looked_for),
	    cmocka_unit_test(is_absent_in_every_way),
	    cmocka_unit_test(has_no_place_without_a_name),
	    cmocka_unit_test(keeps_the_names),
	    cmocka_unit_test(remembers_a_step_once),
	    cmocka_unit_test(takes_many_names),
	    cmocka_unit_test(cuts_a_long_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
