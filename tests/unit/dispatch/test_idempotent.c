/* SPDX-License-Identifier: MIT */
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

#define REVIEW(object)                                                                             \
	"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"       \
	"\"uid\":\"u\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"             \
	"\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},"                  \
	"\"object\": " object " ,\"operation\":\"CREATE\",\"userInfo\":{}}}"

static const char pod[] = REVIEW("{\"spec\":{\"containers\":[{\"name\":\"c\"}]},\"n\":1e3}");

static int set_label(const struct admwh_request *req, struct admwh_response *resp,
		     struct admwh_patch *patch, void *userdata)
{
	(void)req;
	(void)userdata;
	if (!admwh_json_pointer_get(admwh_patch_object_json(patch), "/metadata/labels/a"))
		admwh_patch_add_parents_new(patch, "/metadata/labels/a", json_string("<b>"));
	return admwh_response_allow(resp);
}

static int prepend_container(const struct admwh_request *req, struct admwh_response *resp,
			     struct admwh_patch *patch, void *userdata)
{
	(void)userdata;
	if (admwh_json_pointer_get(admwh_request_object_json(req), "/spec"))
		admwh_patch_add_new(patch, "/spec/containers/0", json_pack("{s:s}", "name", "x"));
	return admwh_response_allow(resp);
}

static int edit(const struct admwh_request *req, struct admwh_response *resp,
		struct admwh_patch *patch, void *userdata)
{
	json_t *object = admwh_patch_edit(patch);
	(void)req;
	(void)userdata;

	if (object)
		json_object_set_new(object, "kind", json_string("Pod"));
	return admwh_response_allow(resp);
}

static int patch_and_deny(const struct admwh_request *req, struct admwh_response *resp,
			  struct admwh_patch *patch, void *userdata)
{
	(void)req;
	(void)userdata;
	admwh_patch_remove(patch, "/gone");
	return admwh_response_deny(resp, 403, "no");
}

static int replace_a(const struct admwh_request *req, struct admwh_response *resp,
		     struct admwh_patch *patch, void *userdata)
{
	(void)req;
	(void)userdata;
	admwh_patch_merge_new(patch, json_pack("{s:i}", "a", 1));
	return admwh_response_allow(resp);
}

static int decide_nothing(const struct admwh_request *req, struct admwh_response *resp,
			  struct admwh_patch *patch, void *userdata)
{
	(void)req;
	(void)resp;
	(void)patch;
	(void)userdata;
	return 0;
}

static int patch_what_is_not_there(const struct admwh_request *req, struct admwh_response *resp,
				   struct admwh_patch *patch, void *userdata)
{
	(void)req;
	(void)userdata;
	admwh_patch_remove(patch, "/gone");
	return admwh_response_allow(resp);
}

static int defer(const struct admwh_request *req, struct admwh_response *resp,
		 struct admwh_patch *patch, void *userdata)
{
	(void)req;
	(void)patch;
	(void)userdata;
	assert_null(admwh_response_defer(resp));
	return 0;
}

static int deny_what_it_has_patched(const struct admwh_request *req, struct admwh_response *resp,
				    struct admwh_patch *patch, void *userdata)
{
	if (admwh_json_pointer_get(admwh_request_object_json(req), "/metadata"))
		return admwh_response_deny(resp, 403, "no");
	return set_label(req, resp, patch, userdata);
}

static void distinguishes_idempotent_mutators_from_others(void **state)
{
	static const struct {
		const char *body;
		admwh_mutate_fn *mutate;
		int result;
		const char *second_patch;
	} cases[] = {
	    {"{", set_label, ADMWH_E_SYNTAX, NULL},
	    {"{}", set_label, ADMWH_E_REVIEW, NULL},
	    {pod, decide_nothing, ADMWH_E_HANDLER, NULL},
	    {pod, defer, ADMWH_E_HANDLER, NULL},
	    {pod, patch_what_is_not_there, ADMWH_E_PATCH, NULL},
	    {REVIEW("null"), set_label, ADMWH_E_PATCH, NULL},
	    {pod, deny_what_it_has_patched, 1, "[]"},
	    {pod, prepend_container, 0,
	     "[{\"op\":\"add\",\"path\":\"/spec/containers/0\",\"value\":{\"name\":\"x\"}}]"},
	    {pod, patch_and_deny, 1, "[]"},
	    {pod, set_label, 1, "[]"},
	    {pod, edit, 1, "[]"},
	    {REVIEW("{\"\\u0000\":1}"), edit, ADMWH_E_HANDLER, NULL},
	    {REVIEW("{\"spec\":\"\\u0000\"}"), patch_and_deny, 1, "[]"},
	    {REVIEW("{\"a\":\"\\u0000\",\"a\\u0000\":1}"), replace_a, 1, "[]"},
	    {REVIEW("null"), edit, 1, "[]"},
	    {REVIEW("{}"), prepend_container, 1, "[]"},
	    {REVIEW("{\"metadata\":{\"labels\":null}}"), set_label, 1, "[]"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = NULL;

		assert_int_equal(admwh_review_is_idempotent(cases[i].body, strlen(cases[i].body),
							    cases[i].mutate, NULL, &text),
				 cases[i].result);
		if (cases[i].second_patch)
			assert_string_equal(text, cases[i].second_patch);
		else
			assert_null(text);
		free(text);
	}
	assert_int_equal(admwh_review_is_idempotent(pod, strlen(pod), edit, NULL, NULL), 1);
	assert_int_equal(admwh_review_is_idempotent(NULL, 0, edit, NULL, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_review_is_idempotent(pod, strlen(pod), NULL, NULL, NULL),
			 ADMWH_E_INVAL);
}

static void run_once(bool failed)
{
	int result = admwh_review_is_idempotent(pod, strlen(pod), set_label, NULL, NULL);

	assert_true(result == 1 || (failed && result == ADMWH_E_NOMEM));
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(distinguishes_idempotent_mutators_from_others),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
