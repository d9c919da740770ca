/* SPDX-License-Identifier: MIT */
/* The policies of docs/reading.md, which shows them as they stand here, and that of hello. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

int hello_main(int argc, char **argv);
#define main hello_main
#include "../../../examples/hello/hello.c"
#undef main

#define REVIEW(operation, object, old)                                                             \
	"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"       \
	"\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"           \
	"\"resource\":{},\"operation\":\"" operation "\",\"userInfo\":{},\"object\":" object       \
	",\"oldObject\":" old "}}"
#define POD(metadata, containers)                                                                  \
	REVIEW("CREATE", "{\"metadata\":" metadata ",\"spec\":{\"containers\":" containers "}}",   \
	       "null")

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int no_privileged(const struct admwh_request *req, struct admwh_response *resp,
			 void *userdata)
{
	static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
	struct admwh_value pod = admwh_request_object(req);

	(void)userdata;
	if (!admwh_value_is_set(pod))
		return admwh_response_fail(resp, "there is no Pod");
	for (int i = 0; i < 3; i++)
		admwh_value_foreach_element(c, ADMWH_GET(pod, "spec", lists[i])) {
			struct admwh_value on = ADMWH_GET(c, "securityContext", "privileged");

			if (admwh_value_is_true(on))
				admwh_response_add_error(resp, ADMWH_FORBIDDEN, on,
							 "no container may be privileged");
		}
	return admwh_response_decide(resp);
}

static void check_by_steps(struct admwh_value containers, struct admwh_response *resp)
{
	admwh_value_foreach_element(container, containers) {
		struct admwh_value context = admwh_value_get(container, "securityContext");
		struct admwh_value privileged = admwh_value_get(context, "privileged");

		if (admwh_value_is_true(privileged))
			admwh_response_add_error(resp, ADMWH_FORBIDDEN, privileged,
						 "no container may be privileged");
	}
}

static int no_privileged_by_steps(const struct admwh_request *req, struct admwh_response *resp,
				  void *userdata)
{
	struct admwh_value pod = admwh_request_object(req);
	struct admwh_value spec = admwh_value_get(pod, "spec");

	(void)userdata;
	if (!admwh_value_is_set(pod))
		return admwh_response_fail(resp, "there is no Pod");
	check_by_steps(admwh_value_get(spec, "containers"), resp);
	check_by_steps(admwh_value_get(spec, "initContainers"), resp);
	check_by_steps(admwh_value_get(spec, "ephemeralContainers"), resp);
	return admwh_response_decide(resp);
}

/* A member; the review fails where the parent is set and no object. */
static json_t *get(json_t *parent, const char *name, struct admwh_response *resp)
{
	if (parent && !json_is_object(parent) && !json_is_null(parent))
		admwh_response_fail(resp, "parent of %s: expected an object", name);
	return json_object_get(parent, name);
}

static int no_privileged_by_tree(const struct admwh_request *req, struct admwh_response *resp,
				 void *userdata)
{
	static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
	json_t *pod = admwh_request_object_json(req), *c;
	size_t n;

	(void)userdata;
	if (!pod)
		return admwh_response_fail(resp, "there is no Pod");
	for (int i = 0; i < 3; i++) {
		json_t *list = get(get(pod, "spec", resp), lists[i], resp);

		if (list && !json_is_array(list) && !json_is_null(list))
			return admwh_response_fail(resp, "%s: expected an array", lists[i]);
		json_array_foreach(list, n, c) {
			json_t *on = get(get(c, "securityContext", resp), "privileged", resp);

			if (on && !json_is_boolean(on) && !json_is_null(on))
				return admwh_response_fail(resp, "privileged: expected a boolean");
			if (json_is_true(on))
				return admwh_response_deny(resp, 403, "spec.%s[%zu] is privileged",
							   lists[i], n);
		}
	}
	return admwh_response_allow(resp);
}

static int registries(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
	static const char allowed[] = "registry.example.com/team/";
	struct admwh_value pod = admwh_request_object(req);

	(void)userdata;
	if (!admwh_value_is_set(pod))
		return admwh_response_fail(resp, "there is no Pod");
	for (int i = 0; i < 3; i++)
		admwh_value_foreach_element(c, ADMWH_GET(pod, "spec", lists[i])) {
			struct admwh_value image = admwh_value_get(c, "image");
			const char *name = admwh_value_string(image);

			if (!name || strncmp(name, allowed, strlen(allowed)) != 0)
				admwh_response_add_error(resp, ADMWH_FORBIDDEN, image,
							 "is not of %s", allowed);
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
	admwh_value_foreach_element(container, ADMWH_GET(pod, "spec", "containers"))
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
	admwh_value_foreach_element(container, admwh_value_get(spec, "containers"))
		if (admwh_value_is(admwh_value_get(container, "name"), "sidecar"))
			return admwh_response_allow(resp);
	admwh_patch_add(patch, "/spec/containers/-", userdata);
	return admwh_response_allow(resp);
}

static int immutable_spec(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	struct admwh_value spec = ADMWH_GET(admwh_request_object(req), "spec");
	struct admwh_value old = ADMWH_GET(admwh_request_old_object(req), "spec");

	(void)userdata;
	if (req->operation != ADMWH_UPDATE || admwh_value_equal(spec, old))
		return admwh_response_allow(resp);
	if (admwh_value_is_absent(spec) && admwh_value_is_absent(old))
		return admwh_response_allow(resp);
	return admwh_response_deny(resp, 403, "spec cannot be changed");
}

/* Has b each member of a, and unchanged, except this one? */
static bool has_all_but(const char *name, struct admwh_value a, struct admwh_value b)
{
	admwh_value_foreach_member(member, a) {
		size_t len;
		const char *key = admwh_value_key(member, &len);

		if (!admwh_value_key_is(member, name) &&
		    !admwh_value_equal(member, admwh_value_getn(b, key, len)))
			return false;
	}
	return true;
}

static int only_replicas(const struct admwh_request *req, struct admwh_response *resp,
			 void *userdata)
{
	struct admwh_value spec = ADMWH_GET(admwh_request_object(req), "spec");
	struct admwh_value old = ADMWH_GET(admwh_request_old_object(req), "spec");

	(void)userdata;
	if (req->operation != ADMWH_UPDATE ||
	    (has_all_but("replicas", old, spec) && has_all_but("replicas", spec, old)))
		return admwh_response_allow(resp);
	return admwh_response_deny(resp, 403, "only spec.replicas can be changed");
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

static void expect_allowed(admwh_validate_fn *const *policies, size_t n, const char *body,
			   bool allowed)
{
	for (size_t i = 0; i < n; i++) {
		struct admwh_answer *answer =
		    admwh_review_validate(body, strlen(body), policies[i], NULL);

		if (admwh_answer_is_allowed(answer) != allowed)
			fail_msg("policy %zu: %s: %s", i, body, admwh_answer_body(answer, NULL));
		admwh_answer_free(answer);
	}
}

static admwh_validate_fn *const unprivileged[] = {no_privileged, no_privileged_by_steps,
						  no_privileged_by_tree, check_pod};

static void allows_no_privileged_container(void **state)
{
	(void)state;

	expect_of_all(unprivileged, 4,
		      POD("{}", "[{},{\"securityContext\":{\"privileged\":false}}]"),
		      "\"allowed\":true");
	expect_of_all(unprivileged, 4,
		      POD("{}", "[{},{\"securityContext\":{\"privileged\":true}}]"),
		      "spec.containers[1]");
	expect_of_all(unprivileged, 2,
		      POD("{}", "[{},{\"securityContext\":{\"privileged\":true}}]"),
		      "spec.containers[1].securityContext.privileged: Forbidden: no container may");
	expect_of_all(unprivileged, 4,
		      POD("{}", "[{\"securityContext\":{\"privileged\":\"true\"}}]"),
		      "privileged: expected a boolean");
	expect_of_all(unprivileged, 4, REVIEW("CREATE", "null", "null"), "there is no Pod");
}

#define SPEC(spec) REVIEW("CREATE", "{\"spec\":" spec "}", "null")
#define ON "\"securityContext\":{\"privileged\":true}"

/* A privileged container behind a value of another kind is not passed over, by no way to read. */
static void allows_nothing_malformed(void **state)
{
	static const char *const bodies[] = {
	    REVIEW("CREATE", "[{\"spec\":{\"containers\":[{" ON "}]}}]", "null"),
	    SPEC("7"),
	    SPEC("[{\"containers\":[{" ON "}]}]"),
	    SPEC("{\"containers\":{" ON "}}"),
	    SPEC("{\"containers\":{\"a\":{" ON "}}}"),
	    SPEC("{\"initContainers\":{" ON "}}"),
	    SPEC("{\"ephemeralContainers\":{" ON "}}"),
	    SPEC("{\"ephemeralContainers\":{}}"),
	    SPEC("{\"containers\":\"a\"}"),
	    SPEC("{\"containers\":[\"a\"]}"),
	    SPEC("{\"containers\":[[{" ON "}]]}"),
	    SPEC("{\"containers\":[{\"securityContext\":[{\"privileged\":true}]}]}"),
	    SPEC("{\"containers\":[{\"securityContext\":true}]}"),
	    SPEC("{\"containers\":[{\"securityContext\":{\"privileged\":1}}]}"),
	    SPEC("{\"initContainers\":[{\"securityContext\":{\"privileged\":[true]}}]}"),
	    SPEC("{\"ephemeralContainers\":[{},{" ON "}]}"),
	};
	(void)state;

	for (size_t i = 0; i < COUNT(bodies); i++)
		expect_allowed(unprivileged, 4, bodies[i], false);
	expect_allowed(unprivileged, 4, SPEC("{\"containers\":null}"), true);
	expect_allowed(unprivileged, 4, SPEC("{\"containers\":[null]}"), true);
	expect_allowed(unprivileged, 4, SPEC("null"), true);
}

#define UPDATE(spec, old) REVIEW("UPDATE", "{\"spec\":" spec "}", "{\"spec\":" old "}")

static void allows_some_changes(void **state)
{
	static const struct {
		const char *body;
		bool immutable, only_replicas; /* allows it */
	} cases[] = {
	    {REVIEW("CREATE", "{\"spec\":{}}", "null"), true, true},
	    {REVIEW("DELETE", "null", "{\"spec\":{}}"), true, true},
	    {REVIEW("UPDATE", "{}", "{}"), true, true},
	    {REVIEW("UPDATE", "{}", "{\"spec\":{\"a\":1}}"), false, false},
	    {REVIEW("UPDATE", "{\"spec\":{\"a\":1}}", "{}"), false, false},
	    {UPDATE("{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}"), true, true},
	    {UPDATE("{\"a\":1,\"replicas\":2}", "{\"a\":1,\"replicas\":3}"), false, true},
	    {UPDATE("{\"a\":1}", "{\"a\":1,\"replicas\":3}"), false, true},
	    {UPDATE("{\"a\":1,\"replicas\":2}", "{\"a\":1}"), false, true},
	    {UPDATE("{\"a\":1,\"replicas\":2}", "{\"a\":2,\"replicas\":2}"), false, false},
	    {UPDATE("{\"a\":1,\"b\":null}", "{\"a\":1}"), false, false},
	    {UPDATE("{\"a\":1}", "{\"a\":1,\"replica\":2}"), false, false},
	    {UPDATE("[1]", "[2]"), false, false},
	};
	static admwh_validate_fn *const immutable = immutable_spec, *const replicas = only_replicas;
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		expect_allowed(&immutable, 1, cases[i].body, cases[i].immutable);
		expect_allowed(&replicas, 1, cases[i].body, cases[i].only_replicas);
	}
}

static void allows_images_of_one_registry(void **state)
{
	static admwh_validate_fn *const policy = registries;
	(void)state;

	expect_of_all(&policy, 1, POD("{}", "[{\"image\":\"registry.example.com/team/a:1\"}]"),
		      "\"allowed\":true");
	expect_of_all(&policy, 1, POD("{}", "[{\"image\":\"registry.example.com/teams/a\"},{}]"),
		      "[spec.containers[0].image: Forbidden: is not of "
		      "registry.example.com/team/, spec.containers[1].image: Forbidden");
	expect_of_all(&policy, 1, SPEC("{\"ephemeralContainers\":[{\"image\":\"debug\"}]}"),
		      "spec.ephemeralContainers[0].image: Forbidden");
	expect_allowed(&policy, 1, POD("{}", "[{\"image\":\"registry.example.com/team/\\u0000\"}]"),
		       false);
	expect_allowed(&policy, 1, POD("{}", "[{\"image\":[]}]"), false);
	expect_allowed(&policy, 1, POD("{}", "{\"image\":\"registry.example.com/team/a\"}"), false);
	expect_allowed(&policy, 1, REVIEW("DELETE", "null", "{}"), false);
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
	    cmocka_unit_test(allows_nothing_malformed),
	    cmocka_unit_test(allows_some_changes),
	    cmocka_unit_test(allows_images_of_one_registry),
	    cmocka_unit_test(injects_a_sidecar_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
