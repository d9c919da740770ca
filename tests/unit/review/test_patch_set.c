/* SPDX-License-Identifier: MIT */
/* What a handler says that the object should have: the operations, and none on their result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "../failing_alloc.h"
#include "shown_patch.h"

enum call {
	END,
	LABEL,
	ANNOTATION,
	APPEND,
	APPEND_STRING,
	PUT,
	REMOVE,
	MOVE,
	DEFAULTS,
	DEFAULTS_TEXT
};

struct step {
	enum call call;
	const char *where; /* key or pointer */
	const char *value; /* text, or JSON text of APPEND, PUT and DEFAULTS */
};

struct expected {
	const char *object;
	struct step steps[4];
	const char *patch; /* or the message of the failure */
};

#define LABELS "/metadata/labels"
#define ADD(path, value) "{\"op\":\"add\",\"path\":\"" path "\",\"value\":" value "}"
#define REPLACE(path, value) "{\"op\":\"replace\",\"path\":\"" path "\",\"value\":" value "}"

static const struct expected cases[] = {
    {"{}",
     {{LABEL, "a", "b"}},
     "[" ADD("/metadata", "{}") "," ADD(LABELS, "{}") "," ADD(LABELS "/a", "\"b\"") "]"},
    {"{\"metadata\":null}",
     {{LABEL, "a", "b"}},
     "[" ADD("/metadata", "{}") "," ADD(LABELS, "{}") "," ADD(LABELS "/a", "\"b\"") "]"},
    {"{\"metadata\":{\"labels\":null}}",
     {{LABEL, "a", "b"}},
     "[" ADD(LABELS, "{}") "," ADD(LABELS "/a", "\"b\"") "]"},
    {"{\"metadata\":{\"labels\":{}}}",
     {{LABEL, "app.kubernetes.io/name", "\"<"}, {LABEL, "a~b/~1", ""}},
     "[" ADD(LABELS "/app.kubernetes.io~1name", "\"\\\"<\"") "," ADD(LABELS "/a~0b~1~01",
								     "\"\"") "]"},
    {"{\"metadata\":{\"labels\":{\"0\":\"x\",\"-\":\"y\"}}}",
     {{LABEL, "0", "z"}, {LABEL, "-", "y"}},
     "[" ADD(LABELS "/0", "\"z\"") "]"},
    /* equal already, whatever the spelling */
    {"{\"metadata\":{\"labels\":{\"\\u0061\":\"\\u0062\"}}}", {{LABEL, "a", "b"}}, "[]"},
    {"{\"metadata\":{\"labels\":{\"a\":1}}}",
     {{LABEL, "a", "1"}, {LABEL, "a", "1"}},
     "[" ADD(LABELS "/a", "\"1\"") "]"},
    {"{\"metadata\":\"text\"}",
     {{LABEL, "a", "b"}},
     "operation 0: add /metadata/labels/a: /metadata is a string, not an object"},
    {"{\"metadata\":[]}",
     {{LABEL, "a", "b"}},
     "operation 0: add /metadata/labels/a: /metadata is an array, not an object"},
    {"{\"metadata\":{\"labels\":[]}}",
     {{LABEL, "0", "b"}},
     "operation 0: add /metadata/labels/0: /metadata/labels is an array, not an object"},
    {"{\"metadata\":{\"annotations\":\"x\"}}",
     {{ANNOTATION, "a/b", "c"}},
     "operation 0: add /metadata/annotations/a~1b: /metadata/annotations is a string, not an "
     "object"},
    {"{\"metadata\":{}}", {{ANNOTATION, "a", NULL}}, "the value is NULL"},
    /* lists */
    {"{\"spec\":{}}",
     {{APPEND, "/spec/list", "{\"a\": 1.0}"}, {APPEND, "/spec/list", "{\"a\":1}"}},
     "[" ADD("/spec/list", "[{\"a\":1.0}]") "]"},
    {"{\"metadata\":{\"finalizers\":null}}",
     {{APPEND_STRING, "/metadata/finalizers", "x/y"}, {APPEND_STRING, "/metadata/finalizers", "z"}},
     "[" REPLACE("/metadata/finalizers", "[\"x/y\"]") "," ADD("/metadata/finalizers/-",
							      "\"z\"") "]"},
    {"{\"lists\":[null,1]}",
     {{APPEND_STRING, "/lists/0", "x"}},
     "[" REPLACE("/lists/0", "[\"x\"]") "]"},
    {"{\"list\":[1,\"1\",null]}",
     {{APPEND, "/list", "null"}, {APPEND_STRING, "/list", "1"}, {APPEND, "/list", "[1]"}},
     "[" ADD("/list/-", "[1]") "]"},
    {"{\"list\":{}}",
     {{APPEND, "/list", "1"}},
     "operation 0: add /list: there is an object, not an array"},
    {"{\"a\":[]}", {{APPEND, "/a/0/b", "1"}}, "operation 0: add /a/0/b: parent /a/0 is missing"},
    {"{}", {{APPEND, "list", "1"}}, "operation 0: add list: pointer does not begin with \"/\""},
    {"{\"list\":[{\"name\":\"a\",\"v\":1},{\"name\":\"b\"}]}",
     {{PUT, "/list", "{\"name\":\"a\",\"v\":2}"},
      {PUT, "/list", "{\"name\":\"c\"}"},
      {PUT, "/list", "{\"v\":2.0,\"name\":\"\\u0061\"}"}},
     "[" REPLACE("/list/0", "{\"name\":\"a\",\"v\":2}") "," ADD("/list/-", "{\"name\":\"c\"}") "]"},
    {"{}",
     {{PUT, "/x/list", "{\"name\":\"a\"}"}},
     "[" ADD("/x", "{}") "," ADD("/x/list", "[{\"name\":\"a\"}]") "]"},
    /* removals */
    {"{\"a\":{\"b\":null}}",
     {{REMOVE, "/a/b", NULL}, {REMOVE, "/a/b", NULL}, {REMOVE, "/x/y/z", NULL}},
     "[{\"op\":\"remove\",\"path\":\"/a/b\"}]"},
    {"{}",
     {{REMOVE, "/~", NULL}},
     "operation 0: remove /~: pointer has a \"~\" that is not "
     "followed by 0 or 1"},
    {"{}", {{REMOVE, "", NULL}}, "operation 0: remove : the whole document cannot be removed"},
    /* moves */
    {"{\"a\":{\"b\":null}}",
     {{MOVE, "/a/b", "/a/c"}, {MOVE, "/a/b", "/a/c"}, {MOVE, "/x/y", "/a/d"}},
     "[{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/a/c\"}]"},
    {"{\"a\":1}", {{MOVE, "/a", NULL}}, "the pointer is NULL"},
    {"{\"a\":1}", {{MOVE, "/a", "/b/c"}}, "operation 0: move /a to /b/c: parent /b is missing"},
    {"{}", {{MOVE, "a", "/b"}}, "operation 0: move a to /b: pointer does not begin with \"/\""},
    /* defaults */
    {"{\"spec\":{\"a\":0,\"b\":null,\"o\":{\"x\":[]},\"l\":[]}}",
     {{DEFAULTS, NULL,
       "{\"spec\":{\"a\":1,\"b\":2.0,\"c\":\"\\u0061\",\"o\":{\"x\":[1],\"y~/\":{}},\"l\":[1]}}"},
      {DEFAULTS_TEXT, NULL, "{\"spec\":{\"a\":1,\"b\":3},\"n\":null}"}},
     "[" ADD("/spec/b", "2.0") "," ADD("/spec/c", "\"a\"") "," ADD("/spec/o/y~0~1", "{}") "]"},
    {"{}",
     {{DEFAULTS_TEXT, NULL, " {\"spec\": {\"a\": {\"b\": 1}}}"}, {DEFAULTS_TEXT, NULL, "{}"}},
     "[" ADD("/spec", "{\"a\":{\"b\":1}}") "]"},
    {"{\"spec\":[]}",
     {{DEFAULTS, NULL, "{\"spec\":{\"a\":1}}"}},
     "operation 0: add /spec: there is an array, not an object"},
    {"{\"spec\":{\"a\":\"x\"}}",
     {{DEFAULTS, NULL, "{\"m\":1,\"spec\":{\"a\":{}}}"}},
     "operation 1: add /spec/a: there is a string, not an object"},
    {"{\"metadata\":{\"labels\":{}}}",
     {{DEFAULTS, NULL, "{\"metadata\":{\"labels\":{\"a\":1}}}"}},
     "operation 0: add /metadata/labels/a: a label is a string, not a number"},
    {"{}", {{DEFAULTS, NULL, "[]"}}, "the defaults are no object"},
    {"{}", {{DEFAULTS, NULL, NULL}}, "the defaults are no object"},
    {"{}", {{DEFAULTS_TEXT, NULL, "1"}}, "the defaults are no object"},
    {"{}", {{DEFAULTS_TEXT, NULL, NULL}}, "the value is NULL"},
    {"{}", {{DEFAULTS_TEXT, NULL, "{\"a\\u0000b\":1}"}}, "a key of the defaults has U+0000"},
    {"{}",
     {{DEFAULTS_TEXT, NULL, "{"}},
     "operation 0: add : the value is no JSON: byte 1: the text ends too early"},
};

static int take(struct admwh_patch *patch, const struct step *step)
{
	struct admwh_document *document =
	    step->value ? admwh_document_parse(step->value, strlen(step->value)) : NULL;
	struct admwh_value value = admwh_document_value(document);
	int err = 0;

	switch (step->call) {
	case LABEL:
		err = admwh_patch_set_label(patch, step->where, step->value);
		break;
	case ANNOTATION:
		err = admwh_patch_set_annotation(patch, step->where, step->value);
		break;
	case APPEND:
		err = admwh_patch_append(patch, step->where, value);
		break;
	case APPEND_STRING:
		err = admwh_patch_append_string(patch, step->where, step->value);
		break;
	case PUT:
		err = admwh_patch_put(patch, step->where, value);
		break;
	case MOVE:
		err = admwh_patch_move_if_present(patch, step->where, step->value);
		break;
	case DEFAULTS:
		err = admwh_patch_set_defaults(patch, value);
		break;
	case DEFAULTS_TEXT:
		err = admwh_patch_set_defaults_text(patch, step->value);
		break;
	default:
		err = admwh_patch_remove_if_present(patch, step->where);
		break;
	}
	admwh_document_free(document);
	return err;
}

static char got[4096];

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	const struct expected *expected = userdata;

	(void)req;
	for (const struct step *step = expected->steps; step->call; step++)
		if (take(patch, step) < 0)
			break;
	show_patch(patch, got, sizeof(got));
	return admwh_response_allow(resp);
}

static char *review_of(const char *object)
{
	char *body;

	assert_true(asprintf(&body,
			     "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
			     "\"request\":{\"uid\":\"u\",\"kind\":{\"kind\":\"X\"},\"resource\":{},"
			     "\"operation\":\"CREATE\",\"userInfo\":{},\"object\":%s}}",
			     object) > 0);
	return body;
}

static void adds_what_it_takes_and_nothing_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct expected expected = cases[i];
		char *body = review_of(expected.object), *second = NULL;
		const bool applies = expected.patch[0] == '[';
		struct admwh_answer *answer =
		    admwh_review_mutate(body, strlen(body), mutate, &expected);

		if (strcmp(got, expected.patch) != 0)
			fail_msg("%s:\n%s, not\n%s", expected.object, got, expected.patch);
		assert_int_equal(admwh_answer_is_allowed(answer), applies);
		admwh_answer_free(answer);
		if (applies) {
			assert_int_equal(admwh_review_is_idempotent(body, strlen(body), mutate,
								    &expected, &second),
					 1);
			assert_string_equal(second, "[]");
		}
		free(second);
		free(body);
	}
}

static void refuses_what_is_not_there_to_be_set(void **state)
{
	(void)state;
	assert_int_equal(admwh_patch_set_label(NULL, "a", "b"), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_set_annotation(NULL, "a", "b"), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_append(NULL, "/a", (struct admwh_value){0}), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_append_string(NULL, "/a", "b"), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_put(NULL, "/a", (struct admwh_value){0}), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_remove_if_present(NULL, "/a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_move_if_present(NULL, "/a", "/b"), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_set_defaults(NULL, (struct admwh_value){0}), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_set_defaults_text(NULL, "{}"), ADMWH_E_INVAL);
}

/* Each call, on an object where it has something to do. */
static int do_all(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	struct admwh_value put = ADMWH_GET(admwh_request_object(req), "put");

	(void)userdata;
	admwh_patch_set_label(patch, "a/b", "c");
	admwh_patch_append_string(patch, "/list", "x");
	admwh_patch_append(patch, "/made/list", put);
	admwh_patch_put(patch, "/named", put);
	admwh_patch_remove_if_present(patch, "/gone");
	admwh_patch_move_if_present(patch, "/was", "/is");
	admwh_patch_set_defaults_text(patch, "{\"o\":{\"x\":{\"y\":1},\"z\":2}}");
	return admwh_response_allow(resp);
}

static char whole[4096]; /* the answer with memory */

static void answer_once(bool failed)
{
	static const char object[] =
	    "{\"put\":{\"name\":\"n\"},\"list\":[\"y\"],\"named\":[{\"name\":\"n\",\"v\":1}],"
	    "\"gone\":1,\"was\":2,\"o\":{\"x\":{},\"z\":null}}";
	char *body = review_of(object);
	struct admwh_answer *answer = admwh_review_mutate(body, strlen(body), do_all, NULL);

	assert_true(failed || admwh_answer_is_allowed(answer));
	if (!*whole)
		snprintf(whole, sizeof(whole), "%s", admwh_answer_body(answer, NULL));
	if (admwh_answer_is_allowed(answer))
		assert_string_equal(admwh_answer_body(answer, NULL), whole);
	admwh_answer_free(answer);
	free(body);
}

static void loses_no_operation_for_want_of_memory(void **state)
{
	(void)state;
	answer_once(false);
	with_failing_allocations(answer_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adds_what_it_takes_and_nothing_twice),
	    cmocka_unit_test(loses_no_operation_for_want_of_memory),
	    cmocka_unit_test(refuses_what_is_not_there_to_be_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
