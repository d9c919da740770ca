/* SPDX-License-Identifier: MIT */
/* Routes that warn where others deny. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "../failing_alloc.h"
#include "../in_range.h"
#include "dispatch/hooks.h"
#include "dispatch/route.h"
#include "review/response.h"

#define ALLOWED "\"response\":{\"uid\":\"u-1\",\"allowed\":true"

static const char review[] =
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
    "\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"
    "\"resource\":{},\"operation\":\"CREATE\",\"userInfo\":{},\"object\":{\"a\":1,\"b\":[2]}}}";

/* What a handler does, a letter for each step. */
static int act(const struct admwh_request *req, struct admwh_response *resp,
	       struct admwh_patch *patch, const char *steps)
{
	struct admwh_value object = admwh_request_object(req);
	static const struct admwh_value absent = {0};
	int returned = 0;

	for (; *steps; steps++)
		switch (*steps) {
		case 'a':
			admwh_response_allow(resp);
			break;
		case 'd':
			admwh_response_deny(resp, 403, "not %s", "today");
			break;
		case '0':
			admwh_response_deny(resp, 0, "%s", "");
			break;
		case 'l':
			admwh_response_deny(resp, 403, "%02000d\xe2\x82\xac", 7);
			break;
		case 'e':
			admwh_response_add_error(resp, ADMWH_INVALID, admwh_value_get(object, "a"),
						 "odd");
			break;
		case 'r':
			admwh_response_add_error(resp, ADMWH_REQUIRED, admwh_value_get(object, "c"),
						 NULL);
			break;
		case 'm':
			for (int i = 0; i < 300; i++)
				admwh_response_add_error(resp, ADMWH_FORBIDDEN, absent, "%0200d",
							 i);
			break;
		case 'D':
			admwh_response_decide(resp);
			break;
		case 'f':
			admwh_response_fail(resp, "broken");
			break;
		case 'n':
			returned = -1;
			break;
		case 'w':
			admwh_response_add_warning(resp, "own");
			break;
		case 'k':
			admwh_response_add_audit_annotation(resp, "would-deny", "own");
			break;
		case 'x':
			admwh_value_string(admwh_value_get(object, "a"));
			break;
		case 'p':
			admwh_patch_add_new(patch, "/p", json_true());
			break;
		case 'q':
			admwh_patch_remove(patch, "/none");
			break;
		default:
			fail_msg("no such step: %c", *steps);
		}
	return returned;
}

static int validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	return act(req, resp, NULL, userdata);
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	return act(req, resp, patch, userdata);
}

static struct admwh_route *new_route(bool mutates, const char *steps)
{
	void *userdata = (void *)(uintptr_t)steps;
	struct admwh_route *route = mutates ? admwh_route_new_mutator(mutate, userdata)
					    : admwh_route_new_validator(validate, userdata);

	if (route)
		assert_int_equal(admwh_route_set_warn(route, true), 0);
	return route;
}

static void expect(const struct admwh_route *route, const char *body, bool allowed,
		   const char *answer)
{
	struct admwh_answer *got = admwh_route_review(route, body, strlen(body));

	if (!strstr(admwh_answer_body(got, NULL), answer))
		fail_msg("expected %s\nin %s", answer, admwh_answer_body(got, NULL));
	assert_int_equal(admwh_answer_status(got), 200);
	assert_int_equal(admwh_answer_is_allowed(got), allowed);
	admwh_answer_free(got);
}

#define WARNS(annotation, warnings)                                                                \
	ALLOWED ",\"auditAnnotations\":{\"would-deny\":\"" annotation                              \
		"\"},\"warnings\":[" warnings "]}}"
#define FAILS(message)                                                                             \
	"\"allowed\":false,\"status\":{\"status\":\"Failure\",\"message\":\"" message              \
	"\",\"reason\":\"InternalError\",\"code\":500}"

static void allows_with_warnings(void **state)
{
	static const struct {
		const char *steps;
		bool mutates, allowed;
		const char *answer;
	} cases[] = {
	    {"a", false, true, ALLOWED "}}"},
	    {"d", false, true, WARNS("not today", "\"would be denied: not today\"")},
	    {"wd", false, true, WARNS("not today", "\"own\",\"would be denied: not today\"")},
	    {"kd", false, true, WARNS("own", "\"would be denied: not today\"")},
	    {"0", false, true, WARNS("", "\"would be denied\"")},
	    {"eD", false, true,
	     WARNS("a: Invalid value: 1: odd", "\"would be denied: a: Invalid value: 1: odd\"")},
	    {"erD", false, true,
	     WARNS("[a: Invalid value: 1: odd, c: Required value]",
		   "\"would be denied: a: Invalid value: 1: odd\","
		   "\"would be denied: c: Required value\"")},
	    /* The last decision counts, not the errors. */
	    {"erDd", false, true, WARNS("not today", "\"would be denied: not today\"")},
	    {"era", false, true, ALLOWED "}}"},
	    {"da", false, true, ALLOWED "}}"},
	    {"pd", true, true, WARNS("not today", "\"would be denied: not today\"")},
	    {"qd", true, true, WARNS("not today", "\"would be denied: not today\"")},
	    {"pa", true, true, ALLOWED ",\"patchType\":\"JSONPatch\""},
	    /* Failures stay failures. */
	    {"", false, false, FAILS("handler decided nothing")},
	    {"f", false, false, FAILS("broken")},
	    {"df", false, false, FAILS("broken")},
	    {"dn", false, false, FAILS("handler failed (-1)")},
	    {"qa", true, false, "patch: operation 0"},
	    /* A denial would stand; an allow must not. */
	    {"xd", false, false, FAILS("request.object.a: expected a string, got a number")},
	    {"xpd", true, false, FAILS("request.object.a: expected a string, got a number")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_route *route = new_route(cases[i].mutates, cases[i].steps);

		expect(route, review, cases[i].allowed, cases[i].answer);
		admwh_route_free(route);
	}
}

static void denies_where_it_is_off(void **state)
{
	struct admwh_route *route = new_route(false, "d");

	(void)state;
	assert_int_equal(admwh_route_set_warn(route, false), 0);
	expect(route, review, false, "\"message\":\"not today\"");
	assert_int_equal(admwh_route_set_warn(NULL, true), ADMWH_E_INVAL);
	admwh_route_free(route);
}

/* A message of any length, and errors of any number, fit into what the API server passes on. */
static void bounds_warnings(void **state)
{
	static const char *const plans[] = {"l", "mD", "lwd", "mDw"};

	(void)state;
	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		struct admwh_route *route = new_route(false, plans[i]);
		struct admwh_answer *answer = admwh_route_review(route, review, strlen(review));
		json_t *body = json_loads(admwh_answer_body(answer, NULL), 0, NULL);
		json_t *response = json_object_get(body, "response"), *warning;
		const char *annotation = json_string_value(
		    json_object_get(json_object_get(response, "auditAnnotations"), "would-deny"));
		size_t total = 0, n;

		assert_true(admwh_answer_is_allowed(answer));
		json_array_foreach(json_object_get(response, "warnings"), n, warning) {
			assert_true(json_string_length(warning) <= 256);
			total += json_string_length(warning);
		}
		assert_uint_in_range(total, 10, 4096);
		assert_uint_in_range(strlen(annotation), 5, 4096);
		json_decref(body);
		admwh_answer_free(answer);
		admwh_route_free(route);
	}
}

static void says_how_many_more_there_are(void **state)
{
	struct admwh_route *route = new_route(false, "mD");

	(void)state;
	expect(route, review, true,
	       "\"would be denied: Forbidden: "
	       "0000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	       "0000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	       "000000000000000000000000000000000016\",\"would be denied: and 283 more\"]");
	admwh_route_free(route);
}

static void cuts_a_warning_between_characters(void **state)
{
	static const char *const texts[] = {"\xe2\x82\xac", "a\xe2\x82\xac", "aa\xe2\x82\xac"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct admwh_response response;
		char text[600] = "";

		for (int n = 0; n < 100; n++)
			strcat(text, texts[i]);
		awh_response_init(&response);
		admwh_response_deny(&response, 403, "%s", text);
		assert_int_equal(awh_response_warn(&response), 0);
		assert_null(strstr(response.warnings[0], "\xef\xbf\xbd"));
		assert_uint_in_range(strlen(response.warnings[0]), 250, 256);
		assert_string_equal(response.warnings[0] + strlen(response.warnings[0]) - 3, "...");
		awh_response_deinit(&response);
	}
}

static void warns_in_every_dialect_and_raw(void **state)
{
	static const struct {
		enum admwh_dialect dialect;
		bool raw;
		const char *answer;
	} cases[] = {
	    {ADMWH_DIALECT_KUBERNETES, false, WARNS("not today", "\"would be denied: not today\"")},
	    {ADMWH_DIALECT_PLAIN, false, WARNS("not today", "\"would be denied: not today\"")},
	    {ADMWH_DIALECT_KUBEWARDEN, false, WARNS("not today", "\"would be denied: not today\"")},
	    {ADMWH_DIALECT_RANCHER, false, WARNS("not today", "\"would be denied: not today\"")},
	    {ADMWH_DIALECT_RANCHER, false, "\"request\":{\"uid\":\"u-1\""},
	    {ADMWH_DIALECT_KUBEWARDEN, true,
	     "{" WARNS("not today", "\"would be denied: not today\"")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_route *route = new_route(true, "pd");

		assert_int_equal(admwh_route_set_dialect(route, cases[i].dialect), 0);
		assert_int_equal(admwh_route_set_raw(route, cases[i].raw), 0);
		expect(route, cases[i].raw ? "{\"request\":{\"uid\":\"u-1\"}}" : review, true,
		       cases[i].answer);
		admwh_route_free(route);
	}
}

static void warns_of_a_chain(void **state)
{
	struct admwh_mutators *chain = admwh_mutators_new();
	struct admwh_route *route = admwh_route_new_mutator(admwh_mutators_run, chain);

	(void)state;
	assert_int_equal(admwh_route_set_warn(route, true), 0);
	admwh_mutators_add(chain, mutate, (void *)(uintptr_t) "pa");
	admwh_mutators_add(chain, mutate, (void *)(uintptr_t) "pd");
	admwh_mutators_add(chain, mutate, (void *)(uintptr_t) "f");
	expect(route, review, true, WARNS("not today", "\"would be denied: not today\""));
	admwh_route_free(route);
	admwh_mutators_free(chain);
}

struct later {
	struct admwh_deferral *deferral;
	const char *steps;
	pthread_t thread;
};

static void *decide_later(void *userdata)
{
	struct later *later = userdata;

	act(admwh_deferral_request(later->deferral), admwh_deferral_response(later->deferral),
	    admwh_deferral_patch(later->deferral), later->steps);
	admwh_deferral_complete(later->deferral, 0);
	admwh_deferral_free(later->deferral);
	return NULL;
}

static int defer(const struct admwh_request *req, struct admwh_response *resp,
		 struct admwh_patch *patch, void *userdata)
{
	struct later *later = userdata;

	(void)req, (void)patch;
	later->deferral = admwh_response_defer(resp);
	assert_int_equal(pthread_create(&later->thread, NULL, decide_later, later), 0);
	return 0;
}

static void warns_of_what_is_decided_later(void **state)
{
	static const struct {
		const char *steps;
		bool allowed;
		const char *answer;
	} cases[] = {
	    {"pd", true, WARNS("not today", "\"would be denied: not today\"")},
	    {"pf", false, FAILS("broken")},
	    {"xd", false, FAILS("request.object.a: expected a string, got a number")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct later later = {.steps = cases[i].steps};
		struct admwh_route *route = admwh_route_new_mutator(defer, &later);

		assert_int_equal(admwh_route_set_warn(route, true), 0);
		expect(route, review, cases[i].allowed, cases[i].answer);
		pthread_join(later.thread, NULL);
		admwh_route_free(route);
	}
}

static enum admwh_decision seen;

static int deny_before(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req;
	if (!strchr(userdata, 'b'))
		return 0;
	admwh_response_deny(resp, 409, "before");
	return 1;
}

static void look_after(const struct admwh_request *req, struct admwh_response *resp,
		       const struct admwh_result *result, void *userdata)
{
	(void)req;
	seen = result->decision;
	if (result->decision == ADMWH_DECISION_WARNED) {
		assert_uint_in_range(result->code, 403, 409);
		assert_non_null(result->message);
	}
	if (strchr(userdata, 'd'))
		admwh_response_deny(resp, 403, "after");
	if (strchr(userdata, 'a'))
		admwh_response_allow(resp); /* does not count */
}

static void warns_of_what_hooks_deny(void **state)
{
	static const struct {
		const char *hooks, *steps, *answer;
		enum admwh_decision seen;
	} cases[] = {
	    {"", "d", WARNS("not today", "\"would be denied: not today\""), ADMWH_DECISION_WARNED},
	    {"", "a", ALLOWED "}}", ADMWH_DECISION_ALLOWED},
	    {"a", "d", WARNS("not today", "\"would be denied: not today\""), ADMWH_DECISION_WARNED},
	    {"b", "a", WARNS("before", "\"would be denied: before\""), ADMWH_DECISION_WARNED},
	    {"d", "a", WARNS("after", "\"would be denied: after\""), ADMWH_DECISION_ALLOWED},
	    {"d", "d", WARNS("after", "\"would be denied: after\""), ADMWH_DECISION_WARNED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_route *route = new_route(false, cases[i].steps);
		struct awh_hooks hooks = {0};

		awh_hooks_add(&hooks, (struct awh_hook){deny_before, look_after,
							(void *)(uintptr_t)cases[i].hooks});
		route->hooks = &hooks;
		expect(route, review, true, cases[i].answer);
		assert_int_equal(seen, cases[i].seen);
		admwh_route_free(route);
		awh_hooks_deinit(&hooks);
	}
}

static void run_once(bool may_fail)
{
	struct admwh_route *route = new_route(true, "werD");
	struct admwh_answer *answer = admwh_route_review(route, review, strlen(review));

	if (!admwh_answer_is_allowed(answer))
		assert_true(may_fail);
	else
		assert_non_null(strstr(admwh_answer_body(answer, NULL),
				       WARNS("[a: Invalid value: 1: odd, c: Required value]",
					     "\"own\",\"would be denied: a: Invalid value: 1: "
					     "odd\",\"would be denied: c: Required value\"")));
	admwh_answer_free(answer);
	admwh_route_free(route);
}

static void allows_nothing_silently_without_memory(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(allows_with_warnings),
	    cmocka_unit_test(denies_where_it_is_off),
	    cmocka_unit_test(bounds_warnings),
	    cmocka_unit_test(says_how_many_more_there_are),
	    cmocka_unit_test(cuts_a_warning_between_characters),
	    cmocka_unit_test(warns_in_every_dialect_and_raw),
	    cmocka_unit_test(warns_of_a_chain),
	    cmocka_unit_test(warns_of_what_is_decided_later),
	    cmocka_unit_test(warns_of_what_hooks_deny),
	    cmocka_unit_test(allows_nothing_silently_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
