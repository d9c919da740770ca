/* SPDX-License-Identifier: MIT */
/* Filters, and what runs around a handler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "dispatch/hooks.h"
#include "dispatch/route.h"

#define REVIEW(group, kind, operation)                                                             \
	"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"       \
	"\"uid\":\"u-1\",\"kind\":{\"group\":\"" group "\",\"version\":\"v1\",\"kind\":\"" kind    \
	"\"},\"resource\":{},\"operation\":\"" operation                                           \
	"\",\"userInfo\":{},\"object\":{\"a\":\"\\u0000\"}}}"

static char story[512];

static void tell(const char *what)
{
	strncat(story, what, sizeof(story) - strlen(story) - 1);
}

enum doing { GO_ON, DECIDE_ALLOW, DECIDE_DENY, DECIDE_NOTHING, FAIL, ALLOW_AND_GO_ON, DEFER, ASK };
enum adding { NOTHING, WARN, DENY, ALLOW, FAIL_AFTER, DEFER_AFTER, ASK_AFTER };

struct layer {
	const char *name;
	enum doing before;
	enum adding after;
};

static int before(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const struct layer *layer = userdata;

	tell(layer->name);
	tell("( ");
	switch (layer->before) {
	case DECIDE_ALLOW:
		admwh_response_allow(resp);
		return 1;
	case DECIDE_DENY:
		admwh_response_deny(resp, 403, "by %s", layer->name);
		return 1;
	case DECIDE_NOTHING:
		return 1;
	case FAIL:
		admwh_response_allow(resp);
		return -7;
	case ALLOW_AND_GO_ON:
		admwh_response_allow(resp);
		return 0;
	case DEFER:
		admwh_response_allow(resp);
		assert_null(admwh_response_defer(resp));
		return 1;
	case ASK:
		assert_null(admwh_request_object_json(req));
		return 0;
	default:
		return 0;
	}
}

static void after(const struct admwh_request *req, struct admwh_response *resp,
		  const struct admwh_result *result, void *userdata)
{
	const struct layer *layer = userdata;
	char text[128];

	assert_string_equal(req->uid, "u-1");
	assert_true(result->elapsed_us >= 0);
	assert_int_equal(result->message == NULL, result->decision == ADMWH_DECISION_ALLOWED);
	snprintf(text, sizeof(text), ")%s:%s%d ", layer->name,
		 admwh_decision_name(result->decision), result->code);
	tell(text);
	switch (layer->after) {
	case WARN:
		admwh_response_add_warning(resp, "warned by %s", layer->name);
		break;
	case DENY:
		admwh_response_deny(resp, 408, "first");
		admwh_response_deny(resp, 409, "denied by %s", layer->name);
		if (result->message) /* as it was told */
			tell(result->message);
		break;
	case ALLOW:
		admwh_response_allow(resp);
		break;
	case FAIL_AFTER:
		admwh_response_fail(resp, "failed in %s", layer->name);
		break;
	case DEFER_AFTER:
		assert_null(admwh_response_defer(resp));
		break;
	case ASK_AFTER:
		assert_null(admwh_request_object_json(req));
		break;
	case NOTHING:
		break;
	}
}

static int handle(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const char *decision = userdata;

	(void)req;
	tell("handler ");
	if (strcmp(decision, "allow") == 0)
		return admwh_response_allow(resp);
	if (strcmp(decision, "deny") == 0)
		return admwh_response_deny(resp, 403, "no");
	return 0;
}

/* One review through these layers, outermost first. The answer's text in the story's wake. */
static void run(const struct layer *layers, size_t n_layers, const char *decision)
{
	static const char body[] = REVIEW("", "Pod", "CREATE");
	struct admwh_route *route = admwh_route_new_validator(handle, (void *)(uintptr_t)decision);
	struct awh_hooks hooks = {0};
	struct admwh_answer *answer;

	for (size_t i = 0; i < n_layers; i++)
		assert_int_equal(
		    awh_hooks_add(&hooks,
				  (struct awh_hook){before, after, (void *)(uintptr_t)&layers[i]}),
		    0);
	route->hooks = &hooks;
	story[0] = '\0';
	answer = admwh_route_review(route, body, strlen(body));
	tell("= ");
	tell(admwh_answer_body(answer, NULL));
	admwh_answer_free(answer);
	admwh_route_free(route);
	awh_hooks_deinit(&hooks);
}

static void names_decisions(void **state)
{
	(void)state;
	assert_string_equal(admwh_decision_name((enum admwh_decision)0), "");
	assert_string_equal(admwh_decision_name((enum admwh_decision)(ADMWH_DECISION_WARNED + 1)),
			    "");
	assert_string_equal(admwh_decision_name(ADMWH_DECISION_ALLOWED), "allowed");
	assert_string_equal(admwh_decision_name(ADMWH_DECISION_DENIED), "denied");
	assert_string_equal(admwh_decision_name(ADMWH_DECISION_ERROR), "error");
	assert_string_equal(admwh_decision_name(ADMWH_DECISION_DEADLINE), "deadline");
	assert_string_equal(admwh_decision_name(ADMWH_DECISION_WARNED), "warned");
}

static void runs_befores_inwards_and_afters_outwards(void **state)
{
	static const struct {
		struct layer layers[2];
		const char *decision; /* the handler's */
		const char *story;
		const char *answer; /* stands in it */
	} cases[] = {
	    {{{"a", GO_ON, NOTHING}, {"b", GO_ON, NOTHING}},
	     "allow",
	     "a( b( handler )b:allowed0 )a:allowed0 = ",
	     "\"allowed\":true}"},
	    {{{"a", DECIDE_DENY, NOTHING}, {"b", GO_ON, NOTHING}},
	     "allow",
	     "a( )a:denied403 = ",
	     "\"message\":\"by a\""},
	    {{{"a", GO_ON, NOTHING}, {"b", DECIDE_ALLOW, NOTHING}},
	     "deny",
	     "a( b( )b:allowed0 )a:allowed0 = ",
	     "\"allowed\":true}"},
	    {{{"a", GO_ON, NOTHING}, {"b", DECIDE_NOTHING, NOTHING}},
	     "allow",
	     "a( b( )b:error500 )a:error500 = ",
	     "decided nothing"},
	    {{{"a", GO_ON, NOTHING}, {"b", FAIL, NOTHING}},
	     "allow",
	     "a( b( )b:error500 )a:error500 = ",
	     "handler failed (-7)"},
	    /* a decision of one that goes on is none */
	    {{{"a", ALLOW_AND_GO_ON, NOTHING}, {"b", GO_ON, NOTHING}},
	     "nothing",
	     "a( b( handler )b:error500 )a:error500 = ",
	     "decided nothing"},
	    /* afters add, and take nothing back */
	    {{{"a", GO_ON, NOTHING}, {"b", GO_ON, WARN}},
	     "allow",
	     "a( b( handler )b:allowed0 )a:allowed0 = ",
	     "\"warnings\":[\"warned by b\"]"},
	    {{{"a", GO_ON, ALLOW}, {"b", GO_ON, DENY}},
	     "allow",
	     "a( b( handler )b:allowed0 )a:denied409 = ",
	     "\"message\":\"denied by b\""},
	    {{{"a", GO_ON, ALLOW}, {"b", GO_ON, NOTHING}},
	     "deny",
	     "a( b( handler )b:denied403 )a:denied403 = ",
	     "\"allowed\":false"},
	    {{{"a", GO_ON, ALLOW}, {"b", GO_ON, DENY}},
	     "nothing",
	     "a( b( handler )b:error500 handler decided nothing)a:error500 = ",
	     "decided nothing"},
	    {{{"a", GO_ON, ALLOW}, {"b", GO_ON, FAIL_AFTER}},
	     "allow",
	     "a( b( handler )b:allowed0 )a:error500 = ",
	     "failed in b"},
	    {{{"a", GO_ON, WARN}, {"b", GO_ON, NOTHING}},
	     "nothing",
	     "a( b( handler )b:error500 )a:error500 = ",
	     "\"warnings\":[\"warned by a\"]"},
	    {{{"a", GO_ON, DENY}, {"b", GO_ON, DENY}},
	     "deny",
	     "a( b( handler )b:denied403 no)a:denied409 denied by b= ",
	     "\"message\":\"denied by a\""},
	    /* the object holds U+0000 */
	    {{{"a", GO_ON, NOTHING}, {"b", ASK, NOTHING}},
	     "allow",
	     "a( b( handler )b:error500 )a:error500 = ",
	     "request.object.a: U+0000 is not taken by the handler"},
	    {{{"a", GO_ON, NOTHING}, {"b", GO_ON, ASK_AFTER}},
	     "allow",
	     "a( b( handler )b:allowed0 )a:error500 = ",
	     "request.object.a: U+0000 is not taken by the handler"},
	    {{{"a", GO_ON, ASK_AFTER}, {"b", ASK, NOTHING}},
	     "deny",
	     "a( b( handler )b:denied403 )a:denied403 = ",
	     "\"message\":\"no\""},
	    /* only a handler defers */
	    {{{"a", GO_ON, NOTHING}, {"b", DEFER, NOTHING}},
	     "allow",
	     "a( b( )b:error500 )a:error500 = ",
	     "cannot be deferred here"},
	    {{{"a", GO_ON, NOTHING}, {"b", GO_ON, DEFER_AFTER}},
	     "allow",
	     "a( b( handler )b:allowed0 )a:error500 = ",
	     "cannot be deferred here"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char expected[sizeof(story)];

		run(cases[i].layers, 2, cases[i].decision);
		snprintf(expected, sizeof(expected), "%.*s", (int)strlen(cases[i].story), story);
		assert_string_equal(expected, cases[i].story);
		assert_non_null(strstr(story, cases[i].answer));
	}
}

static int allow(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req, (void)userdata;
	return admwh_response_allow(resp);
}

static void ask(struct admwh_route *route, const char *body, int status, const char *answer)
{
	struct admwh_answer *got = admwh_route_review(route, body, strlen(body));

	assert_int_equal(admwh_answer_status(got), status);
	assert_non_null(strstr(admwh_answer_body(got, NULL), answer));
	admwh_answer_free(got);
}

static void fails_what_no_filter_lets_through(void **state)
{
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);

	(void)state;
	assert_int_equal(
	    admwh_route_add_filter(route, "apps", "Deployment", ADMWH_OPERATION_BIT(ADMWH_CREATE)),
	    0);
	assert_int_equal(admwh_route_add_filter(route, "", NULL, ADMWH_OPERATION_BIT(ADMWH_DELETE)),
			 0);
	ask(route, REVIEW("apps", "Deployment", "CREATE"), 200, "\"allowed\":true");
	ask(route, REVIEW("", "Secret", "DELETE"), 200, "\"allowed\":true");
	ask(route, REVIEW("apps", "Deployment", "UPDATE"), 200,
	    "\"no handler for UPDATE of apps/Deployment at this path\"");
	ask(route, REVIEW("", "Pod", "CREATE"), 200,
	    "\"no handler for CREATE of Pod at this path\"");
	ask(route, REVIEW("apps", "Deployment", "EVICT"), 200, "no handler for EVICT");
	ask(route, REVIEW("apps", "deployment", "CREATE"), 200, "\"allowed\":false");
	assert_int_equal(admwh_route_set_on_failure(route, ADMWH_ON_FAILURE_POLICY), 0);
	ask(route, REVIEW("apps", "Deployment", "UPDATE"), 500,
	    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	    "\"message\":\"no handler for UPDATE of apps/Deployment at this path\",");
	assert_int_equal(admwh_route_set_unmatched(route, ADMWH_UNMATCHED_ALLOW), 0);
	ask(route, REVIEW("apps", "Deployment", "UPDATE"), 200, "\"allowed\":true");
	admwh_route_free(route);
}

static void refuses_filters_that_make_no_sense(void **state)
{
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);

	(void)state;
	assert_int_equal(admwh_route_add_filter(NULL, NULL, NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_add_filter(route, NULL, NULL, 1), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_add_filter(route, NULL, NULL, 1u << 6), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_unmatched(route, (enum admwh_unmatched)3), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_dialect(route, (enum admwh_dialect)0), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_set_dialect(route, (enum admwh_dialect)5), ADMWH_E_INVAL);
	assert_int_equal(admwh_route_add_filter(route, NULL, NULL, 0), 0);
	ask(route, REVIEW("any", "Thing", "CREATE"), 200, "\"allowed\":true");
	route->frozen = true;
	assert_int_equal(admwh_route_add_filter(route, NULL, NULL, 0), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_unmatched(route, ADMWH_UNMATCHED_ALLOW), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_dialect(route, ADMWH_DIALECT_PLAIN), ADMWH_E_STATE);
	assert_int_equal(admwh_route_set_raw(route, true), ADMWH_E_STATE);
	admwh_route_free(route);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_decisions),
	    cmocka_unit_test(runs_befores_inwards_and_afters_outwards),
	    cmocka_unit_test(fails_what_no_filter_lets_through),
	    cmocka_unit_test(refuses_filters_that_make_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
