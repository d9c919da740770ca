/* SPDX-License-Identifier: MIT */
/* Values of a review, as handlers get them. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "review/decode.h"
#include "review/request.h"

#include "../failing_alloc.h"

#define REVIEW(object, old_object, options)                                                        \
	"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"       \
	"\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"           \
	"\"resource\":{},\"operation\":\"UPDATE\",\"userInfo\":{},\"object\":" object              \
	",\"oldObject\":" old_object ",\"options\":" options "}}"

static const char review[] =
    REVIEW("{\"spec\":{\"image\":\"a\\u0000b\",\"replicas\":3,\"on\":true,\"list\":[{\"n\":1}]}}",
	   "{\"spec\":{\"replicas\": 3}}", "{\"dryRun\":[\"All\"]}");

/* What a handler reads, by name. */
static void read_value(const struct admwh_request *req, const char *what)
{
	struct admwh_value object = admwh_request_object(req);
	struct admwh_value spec = ADMWH_GET(object, "spec");
	struct admwh_value old = admwh_request_old_object(req);

	if (strcmp(what, "string") == 0)
		admwh_value_string(ADMWH_GET(spec, "replicas"));
	else if (strcmp(what, "nul") == 0)
		assert_null(admwh_value_string(ADMWH_GET(spec, "image")));
	else if (strcmp(what, "tree") == 0)
		assert_null(admwh_value_json(spec));
	else if (strcmp(what, "pointer") == 0)
		admwh_value_find(object, "spec");
	else if (strcmp(what, "old") == 0)
		admwh_value_is_true(ADMWH_GET(old, "spec", "replicas"));
	else if (strcmp(what, "options") == 0)
		admwh_value_string(ADMWH_GET(admwh_request_options(req), "dryRun"));
	else if (strcmp(what, "element") == 0)
		admwh_value_string(admwh_value_find(object, "/spec/list/0/n"));
	else if (strcmp(what, "both") == 0)
		read_value(req, "old"), read_value(req, "string");
	else if (strcmp(what, "good") == 0)
		assert_true(admwh_value_equal(ADMWH_GET(spec, "replicas"),
					      ADMWH_GET(old, "spec", "replicas")));
	else
		fail();
}

/* What reading leaves: the message of the failure. */
static const struct {
	const char *what, *message;
} cases[] = {
    {"good", NULL},
    {"string", "request.object.spec.replicas: expected a string, got a number"},
    {"nul", "request.object.spec.image: U+0000 is not taken by the handler"},
    {"tree", "request.object.spec.image: U+0000 is not taken by the handler"},
    {"pointer", "request.object: \"spec\": pointer does not begin with \"/\""},
    {"old", "request.oldObject.spec.replicas: expected a boolean, got a number"},
    {"options", "request.options.dryRun: expected a string, got an array"},
    {"element", "request.object.spec.list[0].n: expected a string, got a number"},
    {"both", "request.oldObject.spec.replicas: expected a boolean, got a number"},
};

enum { CASES = sizeof(cases) / sizeof(*cases) };

enum doing { ALLOW, DENY, NOTHING, FAIL };

struct plan {
	enum doing doing;
	const char *what;
	struct admwh_deferral *deferral;
	pthread_t thread;
};

static int decide(struct admwh_response *resp, enum doing doing)
{
	switch (doing) {
	case DENY:
		return admwh_response_deny(resp, 403, "denied");
	case NOTHING:
		return 0;
	case FAIL:
		return admwh_response_fail(resp, "failed");
	default:
		return admwh_response_allow(resp);
	}
}

static int validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const struct plan *plan = userdata;

	read_value(req, plan->what);
	return decide(resp, plan->doing);
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	admwh_patch_add_new(patch, "/x", json_true());
	return validate(req, resp, userdata);
}

/* The answer decides so, with this message; NULL: none. *steals* answer */
static void expect(struct admwh_answer *answer, bool allowed, const char *message)
{
	const char *body = admwh_answer_body(answer, NULL);
	struct admwh_document *document = admwh_document_parse(body, strlen(body));
	struct admwh_value root = admwh_document_value(document);
	struct admwh_value said = admwh_value_find(root, "/response/status/message");

	assert_int_equal(admwh_answer_status(answer), 200);
	assert_int_equal(admwh_value_is_true(ADMWH_GET(root, "response", "allowed")), allowed);
	if (message)
		assert_string_equal(admwh_value_string(said), message);
	else
		assert_true(admwh_value_is_absent(said));
	admwh_document_free(document);
	admwh_answer_free(answer);
}

static struct admwh_answer *run_validator(struct plan *plan)
{
	return admwh_review_validate(review, strlen(review), validate, plan);
}

static struct admwh_answer *run_mutator(struct plan *plan)
{
	return admwh_review_mutate(review, strlen(review), mutate, plan);
}

static void fails_what_is_malformed(void **state)
{
	(void)state;

	for (size_t i = 0; i < CASES; i++) {
		const char *message = cases[i].message;
		struct plan plan = {ALLOW, cases[i].what, NULL, 0};

		expect(run_validator(&plan), !message, message);
		expect(run_mutator(&plan), !message, message);
		plan.doing = NOTHING;
		expect(run_validator(&plan), false, message ? message : "handler decided nothing");
		plan.doing = FAIL;
		expect(run_validator(&plan), false, message ? message : "failed");
	}
}

static void leaves_a_denial_alone(void **state)
{
	(void)state;

	for (size_t i = 0; i < CASES; i++) {
		struct plan plan = {DENY, cases[i].what, NULL, 0};

		expect(run_validator(&plan), false, "denied");
		expect(run_mutator(&plan), false, "denied");
	}
}

/* Allow with a warning for each payload that is set, and the path of what is in it. */
static int show(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const struct admwh_value payloads[] = {
	    admwh_request_object(req), admwh_request_old_object(req), admwh_request_options(req)};
	(void)userdata;

	for (size_t i = 0; i < 3; i++) {
		size_t len;
		const char *raw = admwh_value_raw(payloads[i], &len);

		assert_string_equal(admwh_value_path(payloads[i]), "");
		assert_null(admwh_value_key(payloads[i], NULL));
		assert_true(admwh_value_is_absent(admwh_value_next(payloads[i])));
		if (raw)
			admwh_response_add_warning(resp, "%zu: %.*s", i, (int)len, raw);
	}
	return admwh_response_allow(resp);
}

static void expect_warnings(struct admwh_answer *answer, const char *const *warnings)
{
	const char *body = admwh_answer_body(answer, NULL);
	struct admwh_document *document = admwh_document_parse(body, strlen(body));
	struct admwh_value list =
	    admwh_value_find(admwh_document_value(document), "/response/warnings");
	size_t i = 0;

	admwh_value_foreach(warning, list) {
		assert_non_null(warnings[i]);
		assert_string_equal(admwh_value_string(warning), warnings[i++]);
	}
	assert_null(warnings[i]);
	admwh_document_free(document);
	admwh_answer_free(answer);
}

static void gives_each_payload_as_it_was_sent(void **state)
{
	static const struct {
		const char *body, *warnings[4];
	} bodies[] = {
	    {REVIEW("{\"a\": 1}", "{}", "{\"b\":[]}"), {"0: {\"a\": 1}", "1: {}", "2: {\"b\":[]}"}},
	    {REVIEW("null", "{\"a\":1}", "null"), {"1: {\"a\":1}"}},
	    {REVIEW("{}", "null", "{}"), {"0: {}", "2: {}"}},
	};
	(void)state;

	for (size_t i = 0; i < 3; i++)
		expect_warnings(
		    admwh_review_validate(bodies[i].body, strlen(bodies[i].body), show, NULL),
		    bodies[i].warnings);
	assert_true(admwh_value_is_absent(admwh_request_object(NULL)));
	assert_true(admwh_value_is_absent(admwh_request_old_object(NULL)));
	assert_true(admwh_value_is_absent(admwh_request_options(NULL)));
}

static void takes_any_value_of_a_raw_request(void **state)
{
	static const struct {
		const char *body, *warnings[2];
	} bodies[] = {
	    {"{\"request\":{\"uid\":\"u\",\"a\":1}}", {"0: {\"uid\":\"u\",\"a\":1}"}},
	    {"{\"request\":[1]}", {"0: [1]"}},
	    {"{\"request\":\"x\"}", {"0: \"x\""}},
	    {"{\"request\":null}", {"0: null"}},
	    {"{\"x\":1,\"request\":false}", {"0: false"}},
	};
	struct admwh_route *route = admwh_route_new_validator(show, NULL);
	(void)state;

	assert_int_equal(admwh_route_set_raw(route, true), 0);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		expect_warnings(admwh_route_review(route, bodies[i].body, strlen(bodies[i].body)),
				bodies[i].warnings);
	admwh_route_free(route);
}

static void names_a_raw_request_in_errors(void **state)
{
	static const char body[] = "{\"request\":{\"uid\":\"u\",\"spec\":{\"replicas\":1}}}";
	struct plan plan = {ALLOW, "string", NULL, 0};
	struct admwh_route *route = admwh_route_new_validator(validate, &plan);
	(void)state;

	assert_int_equal(admwh_route_set_raw(route, true), 0);
	expect(admwh_route_review(route, body, strlen(body)), false,
	       "request.spec.replicas: expected a string, got a number");
	admwh_route_free(route);
}

static int build_tree(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	json_t *tree = admwh_value_json(ADMWH_GET(admwh_request_object(req), "spec"));
	(void)userdata;

	assert_int_equal(json_string_length(json_object_get(tree, "image")), 3);
	json_decref(tree);
	return admwh_response_allow(resp);
}

static void builds_trees_with_a_nul_where_the_route_says_so(void **state)
{
	struct admwh_route *route = admwh_route_new_validator(build_tree, NULL);
	(void)state;

	assert_int_equal(admwh_route_set_nul_in_trees(route, true), 0);
	expect(admwh_route_review(route, review, strlen(review)), true, NULL);
	admwh_route_free(route);
}

static int64_t count_of(struct admwh_value object)
{
	int64_t count = -1;

	admwh_value_integer(ADMWH_GET(object, "count"), &count);
	return count;
}

/* The links of a chain: what each does with an object that counts them. */
struct chain {
	const char *ways[5];
	size_t n_called;
	int64_t count;
	struct admwh_value earlier[5];
};

static int link(const struct admwh_request *req, struct admwh_response *resp,
		struct admwh_patch *patch, void *userdata)
{
	struct chain *chain = userdata;
	const size_t number = chain->n_called++;
	const char *way = chain->ways[number];
	struct admwh_value object, again;

	if (strcmp(way, "late") == 0)
		admwh_patch_replace_new(patch, "/count", json_integer(chain->count + 1));
	object = admwh_request_object(req);
	again = admwh_request_object(req);
	assert_int_equal(count_of(object), chain->count);
	assert_ptr_equal(object.text, again.text);
	assert_string_equal(admwh_value_path(ADMWH_GET(object, "count")), "count");
	chain->earlier[number] = object;
	for (size_t i = 0; i < number; i++)
		assert_true(count_of(chain->earlier[i]) <= chain->count);
	assert_int_equal(count_of(chain->earlier[0]), 0);
	assert_int_equal(count_of(admwh_request_old_object(req)), 7);
	if (strcmp(way, "replace") == 0)
		admwh_patch_replace_new(patch, "/count", json_integer(chain->count + 1));
	else if (strcmp(way, "edit") == 0)
		json_object_set_new(admwh_patch_edit(patch), "count",
				    json_integer(chain->count + 1));
	else if (strcmp(way, "nothing") == 0)
		assert_non_null(admwh_patch_edit(patch));
	else if (strcmp(way, "malformed") == 0)
		admwh_value_string(ADMWH_GET(object, "count"));
	if (strcmp(way, "nothing") != 0 && strcmp(way, "malformed") != 0)
		chain->count++;
	return admwh_response_allow(resp);
}

static struct admwh_answer *run_chain(struct chain *chain, size_t n)
{
	static const char body[] = REVIEW("{\"count\":0}", "{\"count\":7}", "null");
	struct admwh_mutators *mutators = admwh_mutators_new();
	struct admwh_answer *answer;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(admwh_mutators_add(mutators, link, chain), 0);
	answer = admwh_review_mutate(body, strlen(body), admwh_mutators_run, mutators);
	admwh_mutators_free(mutators);
	return answer;
}

static void shows_each_mutator_what_came_to_it(void **state)
{
	struct chain chain = {.ways = {"replace", "late", "nothing", "edit", "replace"}};
	struct chain idle = {.ways = {"nothing", "nothing"}};
	(void)state;

	expect(run_chain(&chain, 5), true, NULL);
	assert_int_equal(chain.n_called, 5);
	assert_int_equal(chain.count, 4);
	/* What nothing has changed is not written again. */
	assert_ptr_equal(chain.earlier[2].text, chain.earlier[3].text);
	assert_ptr_not_equal(chain.earlier[1].text, chain.earlier[2].text);
	expect(run_chain(&idle, 2), true, NULL);
	assert_ptr_equal(idle.earlier[0].text, idle.earlier[1].text);
}

static void fails_what_is_malformed_in_a_chain(void **state)
{
	struct chain first = {.ways = {"malformed", "replace"}};
	struct chain second = {.ways = {"replace", "malformed", "nothing"}};
	(void)state;

	expect(run_chain(&first, 2), false,
	       "request.object.count: expected a string, got a number");
	expect(run_chain(&second, 3), false,
	       "request.object.count: expected a string, got a number");
}

static void *complete(void *userdata)
{
	struct plan *plan = userdata;
	struct admwh_deferral *deferral = plan->deferral;
	const struct admwh_request *req = admwh_deferral_request(deferral);
	struct admwh_value replicas = ADMWH_GET(admwh_request_object(req), "spec", "replicas");
	int64_t number;

	read_value(req, plan->what);
	decide(admwh_deferral_response(deferral), plan->doing);
	assert_int_equal(admwh_deferral_complete(deferral, 0), 0);
	/* They stay until the deferral is freed. */
	assert_true(admwh_value_integer(replicas, &number));
	assert_int_equal(number, 3);
	admwh_deferral_free(deferral);
	return NULL;
}

static int defer(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct plan *plan = userdata;

	assert_true(admwh_value_is_set(admwh_request_object(req)));
	plan->deferral = admwh_response_defer(resp);
	assert_int_equal(pthread_create(&plan->thread, NULL, complete, plan), 0);
	return 0;
}

static void fails_a_deferred_review_alike(void **state)
{
	(void)state;

	for (size_t i = 0; i < CASES; i++)
		for (int denies = 0; denies < 2; denies++) {
			const char *message = cases[i].message;
			struct plan plan = {denies ? DENY : ALLOW, cases[i].what, NULL, 0};

			expect(admwh_review_validate(review, strlen(review), defer, &plan),
			       !message && !denies, denies ? "denied" : message);
			pthread_join(plan.thread, NULL);
		}
}

/* What is counted for a request, as much as there is room for. */
struct count {
	size_t taken, room;
};

static int take(void *owner, size_t bytes, struct awh_error *error)
{
	struct count *count = owner;

	if (count->taken + bytes > count->room)
		return awh_fail(error, ADMWH_E_OVERLOAD, "no room");
	count->taken += bytes;
	return 0;
}

/* An object of 3000 members. */
static char *wide_review(void)
{
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX);
	awh_buf_puts(&text, "{\"request\":{\"a\":0");
	for (int i = 0; i < 3000; i++)
		awh_buf_printf(&text, ",\"n%d\":%d", i, i);
	awh_buf_puts(&text, "}}");
	assert_int_equal(awh_buf_terminate(&text), 0);
	return text.data;
}

static void counts_what_reading_takes(void **state)
{
	char *body = wide_review();
	struct count count = {0, SIZE_MAX};
	const struct awh_decode_options options = {
	    .depth = 200, .raw = true, .take = take, .owner = &count};
	struct awh_request request;
	struct admwh_value object;
	size_t before;
	json_t *tree;
	(void)state;

	assert_int_equal(awh_request_decode(&request, body, strlen(body), &options, NULL), 0);
	object = admwh_request_object(&request.pub);
	before = count.taken;
	assert_true(admwh_value_is_set(admwh_value_get(object, "n2999")));
	assert_true(count.taken >= before + 3000 * 16);
	before = count.taken;
	assert_true(admwh_value_is_set(admwh_value_get(object, "n0")));
	assert_int_equal(count.taken, before);
	tree = admwh_value_json(object);
	assert_int_equal(json_object_size(tree), 3001);
	assert_true(count.taken > before + (size_t)3000 * 320);
	json_decref(tree);
	count.room = count.taken;
	assert_null(admwh_value_json(object));
	assert_string_equal(request.error.text, "no room");
	awh_request_deinit(&request);

	count = (struct count){0, SIZE_MAX};
	assert_int_equal(awh_request_decode(&request, body, strlen(body), &options, NULL), 0);
	count.room = count.taken;
	assert_true(
	    admwh_value_is_absent(admwh_value_get(admwh_request_object(&request.pub), "n0")));
	assert_int_equal(request.error.code, ADMWH_E_OVERLOAD);
	awh_request_deinit(&request);
	free(body);
}

/* A review of which every call takes memory, with a large object and a chain. */
static char large[8192];

static int read_large(const struct admwh_request *req, struct admwh_response *resp,
		      struct admwh_patch *patch, void *userdata)
{
	struct admwh_value object = admwh_request_object(req);
	const char *string = admwh_value_string(ADMWH_GET(object, "text"));
	json_t *tree = admwh_value_json(object);

	(void)userdata;
	if (string)
		assert_string_equal(string, "text");
	admwh_value_path(ADMWH_GET(object, "n7"));
	json_decref(tree);
	admwh_patch_add_new(patch, "/added", json_true());
	return admwh_response_allow(resp);
}

static void run_large(bool failed)
{
	struct admwh_mutators *mutators = admwh_mutators_new();
	struct admwh_answer *answer;
	const char *body;

	if (!mutators || admwh_mutators_add(mutators, read_large, NULL) < 0 ||
	    admwh_mutators_add(mutators, read_large, NULL) < 0) {
		assert_true(failed);
		admwh_mutators_free(mutators);
		return;
	}
	answer = admwh_review_mutate(large, strlen(large), admwh_mutators_run, mutators);
	body = admwh_answer_body(answer, NULL);
	if (alloc_has_failed)
		assert_null(strstr(body, "\"allowed\":true"));
	else if (!failed)
		assert_non_null(strstr(body, "\"allowed\":true"));
	if (alloc_has_failed)
		assert_non_null(strstr(body, "out of memory"));
	admwh_answer_free(answer);
	admwh_mutators_free(mutators);
}

static void never_allows_without_memory(void **state)
{
	char object[4096] = "{\"text\":\"text\"";
	(void)state;

	for (int i = 0; i < 40; i++)
		sprintf(object + strlen(object), ",\"n%d\":%d", i, i);
	snprintf(large, sizeof(large), REVIEW("%s}", "null", "null"), object);
	with_failing_allocations(run_large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fails_what_is_malformed),
	    cmocka_unit_test(leaves_a_denial_alone),
	    cmocka_unit_test(gives_each_payload_as_it_was_sent),
	    cmocka_unit_test(takes_any_value_of_a_raw_request),
	    cmocka_unit_test(names_a_raw_request_in_errors),
	    cmocka_unit_test(builds_trees_with_a_nul_where_the_route_says_so),
	    cmocka_unit_test(shows_each_mutator_what_came_to_it),
	    cmocka_unit_test(fails_what_is_malformed_in_a_chain),
	    cmocka_unit_test(fails_a_deferred_review_alike),
	    cmocka_unit_test(counts_what_reading_takes),
	    cmocka_unit_test(never_allows_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
