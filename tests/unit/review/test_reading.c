/* SPDX-License-Identifier: MIT */
/* The policies of docs/reading.md, which shows them as they stand here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#define POD(metadata, containers)                                                                  \
	"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"       \
	"\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"           \
	"\"resource\":{},\"operation\":\"CREATE\",\"userInfo\":{},\"object\":{"                    \
	"\"metadata\":" metadata ",\"spec\":{\"containers\":" containers "}}}}"

static int no_privileged(const struct admwh_request *req, struct admwh_response *resp,
			 void *userdata)
{
	struct admwh_value pod = admwh_request_object(req);
	(void)userdata;

	admwh_value_foreach(container, ADMWH_GET(pod, "spec", "containers")) {
		struct admwh_value privileged =
		    ADMWH_GET(container, "securityContext", "privileged");

		if (admwh_value_is_true(privileged))
			admwh_response_add_field_error(resp, ADMWH_FIELD_FORBIDDEN,
						       admwh_value_path(privileged),
						       "no container may be privileged");
	}
	return admwh_response_decide(resp);
}

static int no_privileged_by_steps(const struct admwh_request *req, struct admwh_response *resp,
				  void *userdata)
{
	struct admwh_value spec = admwh_value_get(admwh_request_object(req), "spec");
	(void)userdata;

	admwh_value_foreach(container, admwh_value_get(spec, "containers")) {
		struct admwh_value context = admwh_value_get(container, "securityContext");
		struct admwh_value privileged = admwh_value_get(context, "privileged");

		if (admwh_value_is_true(privileged))
			admwh_response_add_field_error(resp, ADMWH_FIELD_FORBIDDEN,
						       admwh_value_path(privileged),
						       "no container may be privileged");
	}
	return admwh_response_decide(resp);
}

static int no_privileged_by_tree(const struct admwh_request *req, struct admwh_response *resp,
				 void *userdata)
{
	json_t *pod = admwh_request_object_json(req), *container;
	json_t *containers = admwh_json_pointer_get(pod, "/spec/containers");
	size_t i;
	(void)userdata;

	if (containers && !json_is_array(containers))
		return admwh_response_fail(resp, "spec.containers: expected an array");
	json_array_foreach(containers, i, container)
	{
		json_t *privileged =
		    admwh_json_pointer_get(container, "/securityContext/privileged");
		char path[80];

		if (!privileged || json_is_false(privileged) || json_is_null(privileged))
			continue;
		snprintf(path, sizeof(path), "spec.containers[%zu].securityContext.privileged", i);
		if (!json_is_true(privileged))
			return admwh_response_fail(resp, "%s: expected a boolean", path);
		admwh_response_add_field_error(resp, ADMWH_FIELD_FORBIDDEN, path,
					       "no container may be privileged");
	}
	return admwh_response_decide(resp);
}

static int registries(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	static const char allowed[] = "registry.example.com/team/";
	struct admwh_value pod = admwh_request_object(req);
	(void)userdata;

	admwh_value_foreach(container, ADMWH_GET(pod, "spec", "containers")) {
		const char *image = admwh_value_string(admwh_value_get(container, "image"));

		if (!image || strncmp(image, allowed, strlen(allowed)) != 0)
			admwh_response_add_field_error(resp, ADMWH_FIELD_FORBIDDEN,
						       admwh_value_path(container),
						       "its image is not of %s", allowed);
	}
	return admwh_response_decide(resp);
}

static int registries_by_steps(const struct admwh_request *req, struct admwh_response *resp,
			       void *userdata)
{
	static const char allowed[] = "registry.example.com/team/";
	struct admwh_value spec = admwh_value_get(admwh_request_object(req), "spec");
	(void)userdata;

	admwh_value_foreach(container, admwh_value_get(spec, "containers")) {
		const char *image = admwh_value_string(admwh_value_get(container, "image"));

		if (!image || strncmp(image, allowed, strlen(allowed)) != 0)
			admwh_response_add_field_error(resp, ADMWH_FIELD_FORBIDDEN,
						       admwh_value_path(container),
						       "its image is not of %s", allowed);
	}
	return admwh_response_decide(resp);
}

static int sidecar(const struct admwh_request *req, struct admwh_response *resp,
		   struct admwh_patch *patch, void *userdata)
{
	struct admwh_value pod = admwh_request_object(req);

	if (admwh_value_is(ADMWH_GET(pod, "metadata", "annotations", "sidecar.example.com/inject"),
			   "false"))
		return admwh_response_allow(resp);
	admwh_value_foreach(container, ADMWH_GET(pod, "spec", "containers"))
		if (admwh_value_is(admwh_value_get(container, "name"), "sidecar"))
			return admwh_response_allow(resp);
	admwh_patch_add(patch, "/spec/containers/-", userdata);
	return admwh_response_allow(resp);
}

static int sidecar_by_steps(const struct admwh_request *req, struct admwh_response *resp,
			    struct admwh_patch *patch, void *userdata)
{
	struct admwh_value pod = admwh_request_object(req);
	struct admwh_value metadata = admwh_value_get(pod, "metadata");
	struct admwh_value annotations = admwh_value_get(metadata, "annotations");
	struct admwh_value inject = admwh_value_get(annotations, "sidecar.example.com/inject");
	struct admwh_value spec = admwh_value_get(pod, "spec");

	if (admwh_value_is(inject, "false"))
		return admwh_response_allow(resp);
	admwh_value_foreach(container, admwh_value_get(spec, "containers"))
		if (admwh_value_is(admwh_value_get(container, "name"), "sidecar"))
			return admwh_response_allow(resp);
	admwh_patch_add(patch, "/spec/containers/-", userdata);
	return admwh_response_allow(resp);
}

/* Does the answer hold this part? *steals* answer */
static void expect(struct admwh_answer *answer, const char *part)
{
	if (!strstr(admwh_answer_body(answer, NULL), part))
		fail_msg("%s: expected %s", admwh_answer_body(answer, NULL), part);
	admwh_answer_free(answer);
}

static void expect_of_all(admwh_validate_fn *const *policies, size_t n, const char *body,
			  const char *part)
{
	for (size_t i = 0; i < n; i++)
		expect(admwh_review_validate(body, strlen(body), policies[i], NULL), part);
}

static void allows_no_privileged_container(void **state)
{
	static admwh_validate_fn *const policies[] = {no_privileged, no_privileged_by_steps,
						      no_privileged_by_tree};
	static const char malformed[] =
	    POD("{}", "[{\"securityContext\":{\"privileged\":\"true\"}}]");
	(void)state;

	expect_of_all(policies, 3, POD("{}", "[{},{\"securityContext\":{\"privileged\":false}}]"),
		      "\"allowed\":true");
	expect_of_all(policies, 3, POD("{}", "[{},{\"securityContext\":{\"privileged\":true}}]"),
		      "spec.containers[1].securityContext.privileged: Forbidden: no container may");
	expect_of_all(policies, 3, malformed,
		      "spec.containers[0].securityContext.privileged: expected a boolean");
	expect_of_all(policies, 3, POD("{}", "{\"a\":1}"), "\"allowed\":false");
}

static void allows_images_of_one_registry(void **state)
{
	static admwh_validate_fn *const policies[] = {registries, registries_by_steps};
	(void)state;

	expect_of_all(policies, 2, POD("{}", "[{\"image\":\"registry.example.com/team/a:1\"}]"),
		      "\"allowed\":true");
	expect_of_all(policies, 2, POD("{}", "[{\"image\":\"registry.example.com/teams/a\"},{}]"),
		      "[spec.containers[0]: Forbidden: its image is not of "
		      "registry.example.com/team/, spec.containers[1]: Forbidden");
	expect_of_all(policies, 2, POD("{}", "[{\"image\":\"registry.example.com/team/\\u0000\"}]"),
		      "\"allowed\":false");
	expect_of_all(policies, 2, POD("{}", "[{\"image\":[]}]"), "\"allowed\":false");
}

static void injects_a_sidecar_once(void **state)
{
	static admwh_mutate_fn *const policies[] = {sidecar, sidecar_by_steps};
	static const char refused[] =
	    POD("{\"annotations\":{\"sidecar.example.com/inject\":\"false\"}}", "[]");
	static const char wanted[] = POD("{\"annotations\":null}", "[{\"name\":\"a\"}]");
	json_t *container = json_pack("{s:s}", "name", "sidecar");
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		expect(admwh_review_mutate(refused, strlen(refused), policies[i], container),
		       "\"allowed\":true}}");
		expect(admwh_review_mutate(wanted, strlen(wanted), policies[i], container),
		       "\"patchType\":\"JSONPatch\"");
		assert_int_equal(admwh_review_is_idempotent(wanted, strlen(wanted), policies[i],
							    container, NULL),
				 1);
	}
	json_decref(container);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(allows_no_privileged_container),
	    cmocka_unit_test(allows_images_of_one_registry),
	    cmocka_unit_test(injects_a_sidecar_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
