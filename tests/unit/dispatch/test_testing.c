/* SPDX-License-Identifier: MIT */
/* What tests of policies use: calls that are made up, and what answers say. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "../failing_alloc.h"

static const char review[] =
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
    "\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"
    "\"resource\":{},\"operation\":\"CREATE\",\"userInfo\":{},\"object\":{\"a\":1,\"b\":[2]}}}";

static struct admwh_answer *run(struct admwh_call *call, admwh_validate_fn *validate,
				void *userdata)
{
	struct admwh_route *route = admwh_route_new_validator(validate, userdata);
	struct admwh_answer *answer = admwh_call_review(call, route, review, strlen(review));

	admwh_route_free(route);
	return answer;
}

static void expect(struct admwh_call *call, admwh_validate_fn *validate, void *userdata,
		   const char *text)
{
	struct admwh_answer *answer = run(call, validate, userdata);

	assert_string_equal(admwh_answer_text(answer), text);
	assert_null(admwh_answer_differs(answer, text));
	admwh_answer_free(answer);
}

static int look_at_all(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const struct admwh_peer *peer = req->peer;

	(void)userdata;
	assert_string_equal(peer->bundle, "apiserver");
	assert_string_equal(peer->rule, "cn:kube-apiserver");
	assert_string_equal(peer->common_name, "kube-apiserver");
	assert_string_equal(peer->subject, "CN=kube-apiserver");
	assert_int_equal(peer->n_dns_names, 2);
	assert_string_equal(peer->dns_names[0], "a.example.org");
	assert_string_equal(peer->dns_names[1], "b.example.org");
	assert_string_equal(peer->uris[0], "spiffe://x/y");
	assert_string_equal(peer->ip_addresses[0], "192.0.2.7");
	assert_string_equal(peer->organizations[0], "system:masters");
	assert_string_equal(peer->organizational_units[0], "unit");
	assert_true(peer->not_before < peer->not_after);
	assert_non_null(peer->issuer);
	assert_int_equal(strlen(peer->fingerprint), 64);
	assert_string_equal(req->bearer->name, "scanner");
	assert_int_equal(req->bearer->n_groups, 2);
	assert_string_equal(req->bearer->groups[1], "g2");
	assert_string_equal(req->http->address, "192.0.2.9:1");
	assert_string_equal(req->http->target, "/");
	assert_string_equal(req->http->method, "POST");
	assert_true(admwh_request_remaining_ms(req) == INT64_MAX);
	return admwh_response_allow(resp);
}

static void shows_the_caller(void **state)
{
	static const char *const groups[] = {"g1", "g2"};
	static const struct {
		enum admwh_rule rule;
		const char *name;
	} names[] = {
	    {ADMWH_RULE_CN, "kube-apiserver"}, {ADMWH_RULE_DNS, "a.example.org"},
	    {ADMWH_RULE_DNS, "b.example.org"}, {ADMWH_RULE_URI, "spiffe://x/y"},
	    {ADMWH_RULE_IP, "192.0.2.7"},      {ADMWH_RULE_O, "system:masters"},
	    {ADMWH_RULE_OU, "unit"},
	};
	struct admwh_call *call = admwh_call_new();

	(void)state;
	assert_int_equal(admwh_call_set_certificate(call, "apiserver"), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(admwh_call_add_name(call, names[i].rule, names[i].name), 0);
	assert_int_equal(admwh_call_add_name(call, ADMWH_RULE_CN, "second"), ADMWH_E_STATE);
	assert_int_equal(admwh_call_set_token(call, "scanner", groups, 2), 0);
	assert_int_equal(admwh_call_set_address(call, "192.0.2.9:1"), 0);
	for (int i = 0; i < 2; i++)
		expect(call, look_at_all, NULL, "allowed");
	admwh_call_free(call);
}

static int look_at_token(const struct admwh_request *req, struct admwh_response *resp,
			 void *userdata)
{
	const struct admwh_webhook_token *token = req->bearer->webhook;

	(void)userdata;
	assert_string_equal(req->bearer->name, "system:serviceaccount:kube-system:webhook-auth");
	assert_int_equal(req->bearer->n_groups, 3);
	assert_string_equal(req->bearer->groups[0], "system:serviceaccounts");
	assert_string_equal(req->bearer->groups[1], "system:serviceaccounts:kube-system");
	assert_string_equal(req->bearer->groups[2], "system:authenticated");
	assert_string_equal(token->ns, "kube-system");
	assert_string_equal(token->service_account, "webhook-auth");
	assert_int_equal(token->kind, ADMWH_WEBHOOK_MUTATING);
	assert_string_equal(token->webhook, "pods-policy");
	assert_non_null(token->issuer);
	assert_non_null(token->service_account_uid);
	assert_non_null(token->webhook_uid);
	return admwh_response_deny(resp, 403, "token for group \"%s\"", token->api_group);
}

static int look_at_plain_token(const struct admwh_request *req, struct admwh_response *resp,
			       void *userdata)
{
	(void)userdata;
	assert_null(req->bearer->webhook);
	return admwh_response_allow(resp);
}

/* The review is of the core group. */
static void shows_a_webhook_token_and_holds_it_to_its_group(void **state)
{
	static const char holder[] = "system:serviceaccount:kube-system:webhook-auth";
	static const struct {
		const char *group, *text;
	} cases[] = {
	    {"", "denied 403: token for group \"\""},
	    {"*", "denied 403: token for group \"*\""},
	    {"apps", "refused 403, HTTP 403: caller is not allowed"},
	};
	struct admwh_call *call = admwh_call_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    admwh_call_experimental_set_webhook_token(call, holder, ADMWH_WEBHOOK_MUTATING,
							      "pods-policy", cases[i].group),
		    0);
		expect(call, look_at_token, NULL, cases[i].text);
	}
	assert_int_equal(admwh_call_set_token(call, "t", NULL, 0), 0);
	expect(call, look_at_plain_token, NULL, "allowed");
	admwh_call_free(call);
}

static int look_at_nothing(const struct admwh_request *req, struct admwh_response *resp,
			   void *userdata)
{
	(void)userdata;
	assert_null(req->peer);
	assert_null(req->bearer);
	assert_string_equal(req->http->address, "192.0.2.1:50000");
	return admwh_response_allow(resp);
}

static void refuses_what_is_no_webhook_token(void **state)
{
	static const char holder[] = "system:serviceaccount:ns:name";
	static const struct {
		const char *name;
		int kind;
		const char *webhook, *group;
	} cases[] = {
	    {NULL, ADMWH_WEBHOOK_MUTATING, "w", ""},
	    {"", ADMWH_WEBHOOK_MUTATING, "w", ""},
	    {"alice", ADMWH_WEBHOOK_MUTATING, "w", ""},
	    {"system:serviceaccount:", ADMWH_WEBHOOK_MUTATING, "w", ""},
	    {"system:serviceaccount::name", ADMWH_WEBHOOK_MUTATING, "w", ""},
	    {"system:serviceaccount:ns", ADMWH_WEBHOOK_MUTATING, "w", ""},
	    {"system:serviceaccount:ns:", ADMWH_WEBHOOK_MUTATING, "w", ""},
	    {"system:serviceaccount:ns:name:", ADMWH_WEBHOOK_MUTATING, "w", ""},
	    {holder, 0, "w", ""},
	    {holder, ADMWH_WEBHOOK_MUTATING + 1, "w", ""},
	    {holder, ADMWH_WEBHOOK_VALIDATING, NULL, ""},
	    {holder, ADMWH_WEBHOOK_VALIDATING, "", ""},
	    {holder, ADMWH_WEBHOOK_VALIDATING, "w", NULL},
	};
	struct admwh_call *call = admwh_call_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(admwh_call_experimental_set_webhook_token(
				     call, cases[i].name, (enum admwh_webhook_kind)cases[i].kind,
				     cases[i].webhook, cases[i].group),
				 ADMWH_E_INVAL);
	assert_int_equal(admwh_call_experimental_set_webhook_token(
			     NULL, holder, ADMWH_WEBHOOK_VALIDATING, "w", ""),
			 ADMWH_E_INVAL);
	expect(call, look_at_nothing, NULL, "allowed");
	admwh_call_free(call);
}

static void shows_no_caller_by_default(void **state)
{
	struct admwh_call *call = admwh_call_new();

	(void)state;
	expect(call, look_at_nothing, NULL, "allowed");
	assert_int_equal(admwh_call_add_name(call, ADMWH_RULE_CN, "x"), ADMWH_E_STATE);
	admwh_call_free(call);
}

static void refuses_what_is_none(void **state)
{
	struct admwh_call *call = admwh_call_new();
	struct admwh_route *route = admwh_route_new_validator(look_at_nothing, NULL);

	(void)state;
	assert_int_equal(admwh_call_set_certificate(NULL, "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_certificate(call, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_certificate(call, "a"), 0);
	assert_int_equal(admwh_call_add_name(NULL, ADMWH_RULE_CN, "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_add_name(call, ADMWH_RULE_CN, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_add_name(call, ADMWH_RULE_ANY, "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_add_name(call, ADMWH_RULE_SHA256, "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_token(NULL, "a", NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_token(call, NULL, NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_token(call, "a", NULL, 1), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_address(NULL, "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_address(call, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_deadline(NULL, 1), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_deadline(call, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_advance(NULL, 1), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_advance(call, -1), ADMWH_E_INVAL);
	assert_null(admwh_call_review(NULL, route, review, strlen(review)));
	assert_null(admwh_call_review(call, NULL, review, strlen(review)));
	assert_null(admwh_call_review(call, route, NULL, 0));
	admwh_route_free(route);
	admwh_call_free(call);
	admwh_call_free(NULL);
}

static int tell_segment(const struct admwh_request *req, struct admwh_response *resp,
			void *userdata)
{
	const char *id = admwh_request_path_segment(req, "id");

	(void)userdata;
	assert_null(admwh_request_path_segment(req, "i"));
	return id ? admwh_response_deny(resp, 403, "policy %s", id)
		  : admwh_response_not_found(resp, "no policy");
}

static void names_the_segment_of_a_pattern(void **state)
{
	static const char *const wrong[] = {"", ".", "..", "a/b", "a\nb", "\xff"};
	struct admwh_call *call = admwh_call_new();
	char longest[255] = {0};

	(void)state;
	expect(call, tell_segment, NULL, "error 404, HTTP 404: no policy");
	assert_int_equal(admwh_call_set_path_segment(call, "id", "pod-privileged"), 0);
	expect(call, tell_segment, NULL, "denied 403: policy pod-privileged");
	assert_int_equal(admwh_call_set_path_segment(NULL, "id", "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_path_segment(call, NULL, "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_path_segment(call, "", "a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_call_set_path_segment(call, "id", NULL), ADMWH_E_INVAL);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(admwh_call_set_path_segment(call, "id", wrong[i]), ADMWH_E_INVAL);
	memset(longest, 'a', 254);
	assert_int_equal(admwh_call_set_path_segment(call, "id", longest), ADMWH_E_INVAL);
	longest[253] = '\0';
	assert_int_equal(admwh_call_set_path_segment(call, "id", longest), 0);
	assert_int_equal(admwh_call_set_path_segment(call, "id", "a b \xc3\xa9"), 0);
	expect(call, tell_segment, NULL, "denied 403: policy a b \xc3\xa9");
	assert_int_equal(admwh_call_set_path_segment(call, "name", "a"), 0);
	expect(call, tell_segment, NULL, "error 404, HTTP 404: no policy");
	admwh_call_free(call);
}

struct slow {
	struct admwh_call *call;
	int64_t takes;
};

/* Asks a scanner only while there is time. */
static int scan(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const struct slow *slow = userdata;

	assert_int_equal(admwh_request_remaining_ms(req), 1000);
	admwh_call_advance(slow->call, slow->takes);
	if (admwh_request_remaining_ms(req) < 100)
		return admwh_response_deny(resp, 503, "no time to scan");
	return admwh_response_allow(resp);
}

static void lets_time_pass(void **state)
{
	static const struct {
		int64_t takes;
		const char *text;
	} cases[] = {
	    {0, "allowed"},
	    {900, "allowed"},
	    {901, "denied 503: no time to scan"},
	    {999, "denied 503: no time to scan"},
	    {1000, "deadline 504: handler did not decide within 1000 ms"},
	    {1001, "deadline 504: handler did not decide within 1000 ms"},
	};
	struct admwh_call *call = admwh_call_new();

	(void)state;
	assert_int_equal(admwh_call_set_deadline(call, 1000), 0);
	/* Each review has all of the time. */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slow slow = {call, cases[i].takes};

		expect(call, scan, &slow, cases[i].text);
	}
	admwh_call_free(call);
}

struct later {
	struct admwh_call *call;
	struct admwh_deferral *deferral;
	int64_t takes;
	pthread_t thread;
	int completed;
};

static void *decide_later(void *userdata)
{
	struct later *later = userdata;

	admwh_call_advance(later->call, later->takes);
	if (later->takes < 1000) {
		admwh_response_allow(admwh_deferral_response(later->deferral));
		later->completed = admwh_deferral_complete(later->deferral, 0);
	}
	return NULL;
}

static int defer(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct later *later = userdata;

	(void)req;
	later->deferral = admwh_response_defer(resp);
	assert_int_equal(pthread_create(&later->thread, NULL, decide_later, later), 0);
	return 0;
}

static void ends_what_is_still_deferred_at_its_deadline(void **state)
{
	struct admwh_call *call = admwh_call_new();

	(void)state;
	admwh_call_set_deadline(call, 1000);
	for (int i = 0; i < 6; i++) {
		struct later later = {.call = call, .takes = 999 + i % 3};
		const bool late = later.takes >= 1000;
		struct admwh_route *route = admwh_route_new_validator(defer, &later);
		struct admwh_answer *answer =
		    admwh_call_review(call, route, review, strlen(review));

		pthread_join(later.thread, NULL);
		if (late) {
			admwh_response_allow(admwh_deferral_response(later.deferral));
			later.completed = admwh_deferral_complete(later.deferral, 0);
		}
		assert_int_equal(later.completed, late ? ADMWH_E_DEADLINE : 0);
		admwh_deferral_free(later.deferral);
		assert_string_equal(admwh_answer_text(answer),
				    late ? "deadline 504: handler did not decide within 1000 ms"
					 : "allowed");
		assert_int_equal(admwh_answer_is_allowed(answer), !late);
		admwh_answer_free(answer);
		admwh_route_free(route);
	}
	admwh_call_free(call);
}

static int say(const struct admwh_request *req, struct admwh_response *resp,
	       struct admwh_patch *patch, void *userdata)
{
	const char *what = userdata;

	(void)req;
	if (strchr(what, 'w'))
		admwh_response_add_warning(resp, "caf\xc3\xa9 <\"w\">");
	if (strchr(what, 'k'))
		admwh_response_add_audit_annotation(resp, "key", "value");
	if (strchr(what, 'p')) {
		admwh_patch_add_new(patch, "/c", json_pack("{s:[i]}", "x", 1));
		admwh_patch_remove(patch, "/b/0");
		admwh_patch_copy(patch, "/a", "/d");
		admwh_patch_replace_new(patch, "/a", json_string("\"<\xc3\xa9\n"));
		admwh_patch_test_new(patch, "/d", json_integer(1));
	}
	if (strchr(what, 'f'))
		return admwh_response_fail(resp, "broken");
	if (strchr(what, 'd'))
		return admwh_response_deny(resp, 403, "two\nlines");
	if (strchr(what, '0'))
		return admwh_response_deny(resp, 0, "%s", "");
	return admwh_response_allow(resp);
}

#define PATCH                                                                                      \
	"\npatch: add /c {\"x\":[1]}\npatch: remove /b/0\npatch: copy /d from /a"                  \
	"\npatch: replace /a \"\\\"<\xc3\xa9\\n\"\npatch: test /d 1"

static void says_what_an_answer_says(void **state)
{
	static const struct {
		const char *what, *text;
		enum admwh_dialect dialect;
		bool raw, policy, warn;
		const char *body;
	} cases[] = {
	    {"a", "allowed", .body = NULL},
	    {"wk", "allowed\nwarning: caf\xc3\xa9 <\"w\">\naudit key: value", .body = NULL},
	    {"p", "allowed" PATCH, .body = NULL},
	    {"pwk", "allowed" PATCH "\nwarning: caf\xc3\xa9 <\"w\">\naudit key: value",
	     .dialect = ADMWH_DIALECT_RANCHER},
	    {"p", "allowed" PATCH, .dialect = ADMWH_DIALECT_KUBEWARDEN},
	    {"dw", "denied 403: two\nlines\nwarning: caf\xc3\xa9 <\"w\">", .body = NULL},
	    {"0", "denied 400", .body = NULL},
	    {"0", "denied", .dialect = ADMWH_DIALECT_PLAIN},
	    {"d", "denied 403: two\nlines", .dialect = ADMWH_DIALECT_RANCHER},
	    {"dp", "warned\nwarning: would be denied: two lines\naudit would-deny: two\nlines",
	     .warn = true},
	    {"f", "error 500: broken", .body = NULL},
	    {"f", "error 500, HTTP 500: broken", .policy = true},
	    {"f", "error, HTTP 500: broken", .policy = true, .dialect = ADMWH_DIALECT_KUBEWARDEN},
	    {"a", "allowed", .raw = true, .body = "{\"request\":{\"uid\":\"u\"}}"},
	    {"d", "denied 403: two\nlines", .raw = true, .body = "{\"request\":{}}"},
	    {"a", "malformed 422, HTTP 422: request: required", .body = "{}"},
	    {"a", "malformed 400, HTTP 400: byte 0: empty text", .body = ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *body = cases[i].body ? cases[i].body : review;
		struct admwh_route *route =
		    admwh_route_new_mutator(say, (void *)(uintptr_t)cases[i].what);
		struct admwh_answer *answer;

		assert_int_equal(
		    admwh_route_set_raw(route, cases[i].raw) ||
			admwh_route_set_warn(route, cases[i].warn) ||
			admwh_route_set_on_failure(route, cases[i].policy
							      ? ADMWH_ON_FAILURE_POLICY
							      : ADMWH_ON_FAILURE_DENY) ||
			(cases[i].dialect && admwh_route_set_dialect(route, cases[i].dialect)),
		    0);
		answer = admwh_route_review(route, body, strlen(body));
		assert_string_equal(admwh_answer_text(answer), cases[i].text);
		assert_ptr_equal(admwh_answer_text(answer), admwh_answer_text(answer));
		admwh_answer_free(answer);
		admwh_route_free(route);
	}
	assert_string_equal(admwh_answer_text(NULL), "no answer: out of memory");
}

static void says_how_it_differs(void **state)
{
	static const char text[] = "allowed\nwarning: caf\xc3\xa9 <\"w\">\naudit key: value";
	static const struct {
		const char *expected, *differs;
	} cases[] = {
	    {text, NULL},
	    {"allowed\nwarning: caf\xc3\xa9 <\"w\">\naudit key: value\n", NULL},
	    {"allowed\nwarning: w\naudit key: value",
	     "  allowed\n- warning: w\n- audit key: value\n+ warning: caf\xc3\xa9 <\"w\">\n"
	     "+ audit key: value\n"},
	    {"allowed", "  allowed\n+ warning: caf\xc3\xa9 <\"w\">\n+ audit key: value\n"},
	    {"denied", "- denied\n+ allowed\n+ warning: caf\xc3\xa9 <\"w\">\n+ audit key: value\n"},
	    {"allowed\nwarning: caf\xc3\xa9 <\"w\">\naudit key: value\nmore",
	     "  allowed\n  warning: caf\xc3\xa9 <\"w\">\n  audit key: value\n- more\n"},
	    {"allowed\nwarning: caf\xc3\xa9 <\"w\">\naudit key: value\n\n", NULL},
	    {NULL, "+ allowed\n+ warning: caf\xc3\xa9 <\"w\">\n+ audit key: value\n"},
	    {"", "+ allowed\n+ warning: caf\xc3\xa9 <\"w\">\n+ audit key: value\n"},
	};
	struct admwh_answer *answer =
	    admwh_review_mutate(review, strlen(review), say, (void *)(uintptr_t) "wk");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *differs = admwh_answer_differs(answer, cases[i].expected);

		if (cases[i].differs)
			assert_string_equal(differs, cases[i].differs);
		else
			assert_null(differs);
	}
	assert_string_equal(admwh_answer_differs(NULL, "allowed"), "no answer: out of memory");
	admwh_answer_free(answer);
}

static int allow_scanner(const struct admwh_request *req, struct admwh_response *resp,
			 void *userdata)
{
	const char *cn = req->peer ? req->peer->common_name : NULL;

	(void)userdata;
	admwh_response_add_warning(resp, "w");
	if (!cn || strcmp(cn, "scanner") != 0 || !req->bearer || req->bearer->n_groups != 1)
		return admwh_response_deny(resp, 403, "no scanner");
	return admwh_response_allow(resp);
}

static void run_once(bool may_fail)
{
	static const char *const groups[] = {"g"};
	struct admwh_call *call = admwh_call_new();
	struct admwh_answer *answer;
	const char *text;

	admwh_call_set_certificate(call, "b");
	admwh_call_add_name(call, ADMWH_RULE_CN, "scanner");
	admwh_call_add_name(call, ADMWH_RULE_DNS, "d");
	admwh_call_experimental_set_webhook_token(call, "system:serviceaccount:n:s",
						  ADMWH_WEBHOOK_VALIDATING, "w", "*");
	admwh_call_set_token(call, "t", groups, 1);
	admwh_call_set_path_segment(call, "id", "s");
	answer = run(call, allow_scanner, NULL);
	text = admwh_answer_text(answer);
	if (strcmp(text, "allowed\nwarning: w") != 0) {
		assert_true(may_fail);
		assert_null(strstr(text, "no scanner"));
	}
	admwh_answer_differs(answer, "denied");
	admwh_answer_free(answer);
	admwh_call_free(call);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_the_caller),
	    cmocka_unit_test(shows_a_webhook_token_and_holds_it_to_its_group),
	    cmocka_unit_test(refuses_what_is_no_webhook_token),
	    cmocka_unit_test(shows_no_caller_by_default),
	    cmocka_unit_test(refuses_what_is_none),
	    cmocka_unit_test(names_the_segment_of_a_pattern),
	    cmocka_unit_test(lets_time_pass),
	    cmocka_unit_test(ends_what_is_still_deferred_at_its_deadline),
	    cmocka_unit_test(says_what_an_answer_says),
	    cmocka_unit_test(says_how_it_differs),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
