/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "review/labels.h"

/* Expect the reason for a value of this JSON text at a pointer; NULL: none. */
static void expect(const char *path, const char *text, const char *wanted)
{
	struct awh_arena arena = AWH_ARENA_NULL;
	struct awh_pointer pointer;
	const struct awh_index_options options = {.depth = 8};
	struct awh_index index = AWH_INDEX_NULL;
	char reason[128] = "";

	assert_int_equal(awh_index_read(&index, text, strlen(text), &options, NULL), 0);
	assert_int_equal(awh_pointer_parse(&pointer, path, strlen(path), &arena, NULL), 0);
	if (awh_label_refused(&pointer, awh_entry_kind(index.entries), reason, sizeof(reason)) !=
	    (wanted != NULL))
		fail_msg("%s %s: \"%s\"", path, text, reason);
	assert_string_equal(reason, wanted ? wanted : "");
	awh_arena_deinit(&arena);
	awh_index_deinit(&index);
}

static void refuses_half_a_key(void **state)
{
	static const char label[] =
	    "a label is a string and has no members: write \"/\" in its key as \"~1\"";
	static const char annotation[] =
	    "an annotation is a string and has no members: write \"/\" in its key as \"~1\"";
	(void)state;

	expect("/metadata/labels/app.kubernetes.io/name", "\"x\"", label);
	expect("/metadata/labels/a/b/c", "\"x\"", label);
	expect("/metadata/labels/a/", "\"x\"", label);
	expect("/metadata/labels/a/b", "{}", label);
	expect("/metadata/annotations/a/b", "\"x\"", annotation);
	expect("/spec/template/metadata/labels/a/b", "\"x\"", label);
	expect("/spec/jobTemplate/spec/template/metadata/annotations/a/b", "\"x\"", annotation);
	expect("/spec/jobTemplate/metadata/labels/a/b", "\"x\"", label);
	expect("/spec/volumeClaimTemplates/0/metadata/labels/a/b", "\"x\"", label);
	expect("/template/metadata/labels/a/b", "\"x\"", label);
}

static void refuses_what_is_no_string(void **state)
{
	(void)state;
	expect("/metadata/labels/a", "1", "a label is a string, not a number");
	expect("/metadata/labels/a~1b", "true", "a label is a string, not a boolean");
	expect("/metadata/annotations/a", "{}", "an annotation is a string, not an object");
	expect("/metadata/annotations/a", "null", "an annotation is a string, not null");
	expect("/spec/template/metadata/labels/a", "[]", "a label is a string, not an array");
}

static void leaves_all_else(void **state)
{
	(void)state;
	expect("", "{}", NULL);
	expect("/metadata", "{}", NULL);
	expect("/metadata/labels", "{}", NULL);
	expect("/metadata/labels/a", "\"x\"", NULL);
	expect("/metadata/labels/app.kubernetes.io~1name", "\"x\"", NULL);
	expect("/metadata/ownerReferences/0/name", "\"x\"", NULL);
	expect("/metadata/managedFields/a", "1", NULL);
	expect("/spec/selector/matchLabels/a/b", "1", NULL);
	expect("/spec/labels/a/b", "1", NULL);
	expect("/spec/metadata/labels/a/b", "1", NULL);
	expect("/spec/containers/0/metadata/labels/a/b", "1", NULL);
	expect("/0/metadata/labels/a/b", "1", NULL);
	expect("/spec/templates/metadata/labels/a/b", "1", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_half_a_key),
	    cmocka_unit_test(refuses_what_is_no_string),
	    cmocka_unit_test(leaves_all_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
