/* SPDX-License-Identifier: MIT */
/* What goes into the Pod of a workload, by the kind of the review. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "../review/shown_patch.h"

enum call { CONTAINER, INIT_CONTAINER, VOLUME, ENV, ENV_OF_C, MOUNT, MOUNT_OF_C, TOLERATION };

struct expected {
	enum call call;
	const char *group, *kind, *object;
	const char *value;
	const char *patch; /* or the message of the failure */
};

#define C "/spec/template/spec/containers"
#define ADD(path, value) "{\"op\":\"add\",\"path\":\"" path "\",\"value\":" value "}"
#define REPLACE(path, value) "{\"op\":\"replace\",\"path\":\"" path "\",\"value\":" value "}"

static const struct expected cases[] = {
    {CONTAINER, "", "Pod", "{\"spec\":{\"containers\":[{\"name\":\"a\"}]}}",
     "{\"name\":\"p\",\"image\":\"i\"}",
     "[" ADD("/spec/containers/-", "{\"name\":\"p\",\"image\":\"i\"}") "]"},
    {CONTAINER, "", "Pod", "{\"spec\":{\"containers\":[{\"image\":\"i\",\"name\":\"p\"}]}}",
     "{\"name\":\"p\",\"image\":\"i\"}", "[]"},
    {CONTAINER, "apps", "Deployment",
     "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"p\",\"image\":\"old\"}]}}}}",
     "{\"name\":\"p\",\"image\":\"i\"}",
     "[" REPLACE(C "/0", "{\"name\":\"p\",\"image\":\"i\"}") "]"},
    {INIT_CONTAINER, "batch", "CronJob",
     "{\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":{}}}}}", "{\"name\":\"p\"}",
     "[" ADD("/spec/jobTemplate/spec/template/spec", "{}") "," ADD(
	 "/spec/jobTemplate/spec/template/spec/initContainers", "[{\"name\":\"p\"}]") "]"},
    {CONTAINER, "", "ConfigMap", "{}", "{\"name\":\"p\"}",
     "a ConfigMap is no workload: it has no containers"},
    {CONTAINER, "", "Pod", "{\"spec\":{\"containers\":\"x\"}}", "{\"name\":\"p\"}",
     "operation 0: add /spec/containers: there is a string, not an array"},
    {VOLUME, "", "Pod", "{\"spec\":{}}", "{\"name\":\"v\",\"emptyDir\":{}}",
     "[" ADD("/spec/volumes", "[{\"name\":\"v\",\"emptyDir\":{}}]") "]"},
    {ENV, "", "Pod",
     "{\"spec\":{\"initContainers\":[{\"name\":\"c\"}],\"containers\":[{\"name\":\"c\",\"env\":"
     "[{\"name\":\"N\",\"value\":\"old\"}]},{\"name\":\"d\",\"env\":null},7]}}",
     "{\"name\":\"N\",\"value\":\"v\"}",
     "[" ADD("/spec/initContainers/0/env", "[{\"name\":\"N\",\"value\":\"v\"}]") "," REPLACE(
	 "/spec/containers/0/env/0",
	 "{\"name\":\"N\",\"value\":"
	 "\"v\"}") "," REPLACE("/spec/containers/1/env", "[{\"name\":\"N\",\"value\":\"v\"}]") "]"},
    {ENV_OF_C, "", "Pod",
     "{\"spec\":{\"containers\":[{\"name\":\"a\"},{\"name\":\"\\u0063\",\"env\":[]}]}}",
     "{\"name\":\"N\"}", "[" ADD("/spec/containers/1/env/-", "{\"name\":\"N\"}") "]"},
    {ENV_OF_C, "", "Pod", "{\"spec\":{}}", "{\"name\":\"N\"}", "[]"},
    {ENV_OF_C, "", "Pod", "{\"spec\":{\"containers\":null}}", "{\"name\":\"N\"}", "[]"},
    {ENV, "", "Pod", "{\"spec\":{\"containers\":\"x\"}}", "{\"name\":\"N\"}",
     "the containers are not an array"},
    {MOUNT, "", "Pod",
     "{\"spec\":{\"initContainers\":[{\"name\":\"c\",\"volumeMounts\":[{\"name\":\"v\","
     "\"mountPath\":\"/m\",\"readOnly\":true}]}],\"ephemeralContainers\":[{\"name\":\"d\","
     "\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/n\"}]}]}}",
     "{\"name\":\"v\",\"mountPath\":\"/m\"}",
     "[" REPLACE("/spec/initContainers/0/volumeMounts/0",
		 "{\"name\":\"v\",\"mountPath\":\"/m\"}") "," ADD("/spec/ephemeralContainers/0/"
								  "volumeMounts/-",
								  "{\"name\":\"v\",\"mountPath\":"
								  "\"/m\"}") "]"},
    {MOUNT_OF_C, "", "Pod", "{\"spec\":{\"containers\":[{\"name\":\"a\"},{\"name\":\"c\"}]}}",
     "{\"name\":\"v\",\"mountPath\":\"/m\"}",
     "[" ADD("/spec/containers/1/volumeMounts", "[{\"name\":\"v\",\"mountPath\":\"/m\"}]") "]"},
    {TOLERATION, "", "Pod",
     "{\"spec\":{\"tolerations\":[{\"key\":\"k\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
     "\"tolerationSeconds\":300},{\"key\":\"k\",\"value\":\"v\"}]}}",
     "{\"key\":\"k\",\"operator\":\"Exists\",\"effect\":\"NoExecute\",\"value\":null}",
     "[" REPLACE("/spec/tolerations/0", "{\"key\":\"k\",\"operator\":\"Exists\",\"effect\":"
					"\"NoExecute\",\"value\":null}") "]"},
    {TOLERATION, "", "Pod", "{\"spec\":{\"tolerations\":[{\"key\":\"k\",\"value\":\"v\"}]}}",
     "{\"key\":\"k\",\"value\":\"w\"}",
     "[" ADD("/spec/tolerations/-", "{\"key\":\"k\",\"value\":\"w\"}") "]"},
};

static int put(struct admwh_patch *patch, enum call call, struct admwh_value value)
{
	switch (call) {
	case CONTAINER:
		return admwh_patch_put_container(patch, ADMWH_ORDINARY_CONTAINERS, value);
	case INIT_CONTAINER:
		return admwh_patch_put_container(patch, ADMWH_INIT_CONTAINERS, value);
	case VOLUME:
		return admwh_patch_put_volume(patch, value);
	case ENV:
		return admwh_patch_put_env(patch, ADMWH_ALL_CONTAINERS, NULL, value);
	case ENV_OF_C:
		return admwh_patch_put_env(patch, ADMWH_ALL_CONTAINERS, "c", value);
	case MOUNT:
		return admwh_patch_put_volume_mount(patch, ADMWH_ALL_CONTAINERS, NULL, value);
	case MOUNT_OF_C:
		return admwh_patch_put_volume_mount(patch, ADMWH_ALL_CONTAINERS, "c", value);
	default:
		return admwh_patch_put_toleration(patch, value);
	}
}

static char got[4096];

/* Twice, since the second time sees what the first has done. */
static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	const struct expected *expected = userdata;
	struct admwh_document *document =
	    admwh_document_parse(expected->value, strlen(expected->value));

	(void)req;
	put(patch, expected->call, admwh_document_value(document));
	put(patch, expected->call, admwh_document_value(document));
	admwh_document_free(document);
	show_patch(patch, got, sizeof(got));
	return admwh_response_allow(resp);
}

static void puts_each_where_its_kind_has_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct expected expected = cases[i];
		char *body, *second = NULL;

		assert_true(
		    asprintf(
			&body,
			"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
			"\"request\":{\"uid\":\"u\",\"kind\":{\"group\":\"%s\",\"kind\":\"%s\"},"
			"\"resource\":{},\"operation\":\"CREATE\",\"userInfo\":{},"
			"\"object\":%s}}",
			expected.group, expected.kind, expected.object) > 0);
		admwh_answer_free(admwh_review_mutate(body, strlen(body), mutate, &expected));
		if (strcmp(got, expected.patch) != 0)
			fail_msg("%s:\n%s, not\n%s", expected.object, got, expected.patch);
		if (expected.patch[0] == '[') {
			assert_int_equal(admwh_review_is_idempotent(body, strlen(body), mutate,
								    &expected, &second),
					 1);
			assert_string_equal(second, "[]");
		}
		free(second);
		free(body);
	}
}

/* userdata: the container as JSON text; a document is read by one thread at a time */
static int inject_proxy(const struct admwh_request *req, struct admwh_response *resp,
			struct admwh_patch *patch, void *userdata)
{
	struct admwh_value metadata = ADMWH_GET(admwh_request_pod(req), "metadata");
	struct admwh_document *proxy;

	if (admwh_value_is(ADMWH_GET(metadata, "annotations", "proxy.example.com/inject"), "false"))
		return admwh_response_allow(resp);
	proxy = admwh_document_parse(userdata, strlen(userdata));
	admwh_patch_set_annotation(patch, "proxy.example.com/status", "injected");
	admwh_patch_put_container(patch, ADMWH_ORDINARY_CONTAINERS, admwh_document_value(proxy));
	admwh_document_free(proxy); /* the patch has a copy */
	return admwh_response_allow(resp);
}

/* As docs/patches.md shows it. */
static void injects_a_proxy(void **state)
{
	char container[] = "{\"name\":\"proxy\"}";
	static const char body[] =
	    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"
	    "\"uid\":\"u\",\"kind\":{\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":{},"
	    "\"operation\":\"CREATE\",\"userInfo\":{},\"object\":{\"spec\":{}}}}";
	char *second = NULL;

	(void)state;
	assert_int_equal(
	    admwh_review_is_idempotent(body, strlen(body), inject_proxy, container, &second), 1);
	assert_string_equal(second, "[]");
	free(second);
}

static void refuses_wrong_arguments(void **state)
{
	const struct admwh_value none = {0};

	(void)state;
	assert_int_equal(admwh_patch_put_container(NULL, ADMWH_INIT_CONTAINERS, none),
			 ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_put_container(NULL, ADMWH_ALL_CONTAINERS, none),
			 ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_put_volume(NULL, none), ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_put_env(NULL, ADMWH_ALL_CONTAINERS, NULL, none),
			 ADMWH_E_INVAL);
	assert_int_equal(admwh_patch_put_toleration(NULL, none), ADMWH_E_INVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(puts_each_where_its_kind_has_it),
	    cmocka_unit_test(injects_a_proxy),
	    cmocka_unit_test(refuses_wrong_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
