/* SPDX-License-Identifier: MIT */
/* ConversionReviews from bytes to bytes. */
#include <inttypes.h>
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
#include "base/buf.h"
#include "dispatch/review.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HEAD(version)                                                                              \
	"{\"kind\":\"ConversionReview\",\"apiVersion\":\"apiextensions.k8s.io/" version "\","
#define REVIEW_OF(version, desired, objects)                                                       \
	HEAD(version)                                                                              \
	"\"request\":{\"uid\":\"u-1\",\"desiredAPIVersion\":\"" desired "\",\"objects\":[" objects \
	"]}}"
#define REVIEW(objects) REVIEW_OF("v1", "shop.dev/v2", objects)
#define OLD(metadata, spec)                                                                        \
	"{\"apiVersion\":\"shop.dev/v1\",\"kind\":\"Basket\",\"metadata\":{" metadata              \
	"},\"spec\":{" spec "}}"
#define NEW(metadata, spec)                                                                        \
	"{\"apiVersion\":\"shop.dev/v2\",\"kind\":\"Basket\",\"metadata\":{" metadata              \
	"},\"spec\":{" spec "}}"
#define ANSWER_OF(version, objects)                                                                \
	HEAD(version)                                                                              \
	"\"response\":{\"uid\":\"u-1\",\"convertedObjects\":[" objects                             \
	"],\"result\":{\"status\":\"Success\"}}}\n"
#define ANSWER(objects) ANSWER_OF("v1", objects)

static const char one[] = REVIEW(OLD("\"name\":\"a\",\"namespace\":\"shop\"", "\"size\":1"));

/* What a handler does with an object, and what it has seen. */
struct script {
	int (*act)(const struct admwh_conversion *conv, struct admwh_patch *patch);
	size_t calls;
	size_t count;
	char names[64]; /* of the objects, one letter each */
};

static int convert(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	struct script *script = userdata;
	const size_t used = strlen(script->names);

	if (conv->name && used + 1 < sizeof(script->names))
		script->names[used] = conv->name[0];
	script->calls++;
	script->count = conv->count;
	return script->act(conv, patch);
}

static int nothing(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	(void)conv;
	(void)patch;
	return 0;
}

static int move(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	(void)conv;
	return admwh_patch_move(patch, "/spec/size", "/spec/items");
}

static int see(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	(void)patch;
	assert_string_equal(conv->uid, "u-1");
	assert_string_equal(conv->group, "shop.dev");
	assert_string_equal(conv->kind, "Basket");
	assert_string_equal(conv->version, "v1");
	assert_string_equal(conv->desired_version, "v2");
	assert_string_equal(conv->name, "a");
	assert_string_equal(conv->ns, "shop");
	assert_int_equal(conv->index, 0);
	assert_int_equal(conv->count, 1);
	assert_null(conv->http);
	assert_true(admwh_value_is(ADMWH_GET(conv->object, "metadata", "name"), "a"));
	assert_string_equal(admwh_value_path(ADMWH_GET(conv->object, "spec", "size")), "spec.size");
	return 0;
}

static int label(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	(void)conv;
	return admwh_patch_add_parents_new(patch, "/metadata/labels/x", json_string("1"));
}

static int edit(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	json_t *object = admwh_patch_edit(patch);

	(void)conv;
	json_object_set_new(object, "apiVersion", json_string("shop.dev/v77"));
	json_object_set_new(json_object_get(object, "spec"), "items", json_integer(7));
	return 0;
}

static int refuse(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	int err;

	(void)patch;
	if (conv->index == 0 && conv->count > 1)
		return 0;
	err = admwh_conversion_fail(conv, "no %s in %s", "size", conv->desired_version);
	assert_int_equal(err, ADMWH_E_HANDLER);
	assert_int_equal(admwh_conversion_fail(conv, "later"), ADMWH_E_HANDLER);
	return 0; /* it is failed all the same */
}

static int negative(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	(void)conv;
	(void)patch;
	return -42;
}

static int bad_patch(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	(void)conv;
	admwh_patch_remove(patch, "/spec/gone");
	return 0;
}

static int misread(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	(void)patch;
	admwh_value_string(ADMWH_GET(conv->object, "spec", "size"));
	return 0;
}

static int replace_root(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	(void)conv;
	admwh_patch_replace_new(patch, "", json_array());
	return 0;
}

/* At this pointer, this JSON; "-": it is removed. */
static const char *set_pointer, *set_json;

static int set(const struct admwh_conversion *conv, struct admwh_patch *patch)
{
	(void)conv;
	if (strcmp(set_json, "-") == 0)
		return admwh_patch_remove(patch, set_pointer);
	return admwh_patch_add_new(patch, set_pointer, json_loads(set_json, JSON_DECODE_ANY, NULL));
}

/* Of docs/conversion.md. */

/* v1beta1 has spec.hostPort, "example.com:80"; v1 has spec.host and spec.port. */
static int split(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	const char *text = admwh_value_string(ADMWH_GET(conv->object, "spec", "hostPort"));
	const char *colon = text ? strrchr(text, ':') : NULL;
	char host[254];

	(void)userdata;
	if (!colon || colon - text >= (ptrdiff_t)sizeof(host))
		return admwh_conversion_fail(conv, "spec.hostPort: expected HOST:PORT");
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	admwh_patch_add_string(patch, "/spec/host", host);
	admwh_patch_add_string(patch, "/spec/port", colon + 1);
	return admwh_patch_remove(patch, "/spec/hostPort");
}

static int join(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	const char *host = admwh_value_string(ADMWH_GET(conv->object, "spec", "host"));
	const char *port = admwh_value_string(ADMWH_GET(conv->object, "spec", "port"));
	char text[300];

	(void)userdata;
	snprintf(text, sizeof(text), "%s:%s", host ? host : "", port ? port : "");
	admwh_patch_add_string(patch, "/spec/hostPort", text);
	admwh_patch_remove_if_present(patch, "/spec/host");
	return admwh_patch_remove_if_present(patch, "/spec/port");
}

static const struct admwh_conversion_pair listener_versions[] = {
    {.older = "v1alpha1", .newer = "v1beta1"}, /* nothing but the version changes */
    {.older = "v1beta1", .newer = "v1", .up = split, .down = join},
};
static struct admwh_conversions listener = {.pairs = listener_versions, .n_pairs = 2};

static struct admwh_answer *ask(struct script *script, const char *review)
{
	struct admwh_answer *answer = admwh_review_convert(review, strlen(review), convert, script);

	assert_non_null(answer);
	return answer;
}

static void gives(int (*act)(const struct admwh_conversion *, struct admwh_patch *),
		  const char *review, const char *expected)
{
	struct script script = {.act = act};
	struct admwh_answer *answer = ask(&script, review);

	assert_int_equal(admwh_answer_status(answer), 200);
	assert_string_equal(admwh_answer_body(answer, NULL), expected);
	assert_true(admwh_answer_is_allowed(answer));
	admwh_answer_free(answer);
}

/* The answer is a Failure without objects, of this message. Returns the calls of the handler. */
static size_t fails(int (*act)(const struct admwh_conversion *, struct admwh_patch *),
		    const char *review, const char *message)
{
	struct script script = {.act = act};
	struct admwh_answer *answer = ask(&script, review);
	json_t *body = json_loads(admwh_answer_body(answer, NULL), 0, NULL);
	const char *uid, *status, *told;
	json_t *objects;

	assert_int_equal(admwh_answer_status(answer), 200);
	assert_false(admwh_answer_is_allowed(answer));
	assert_int_equal(json_unpack(body, "{s:{s:s,s:o,s:{s:s,s:s}}}", "response", "uid", &uid,
				     "convertedObjects", &objects, "result", "status", &status,
				     "message", &told),
			 0);
	assert_string_equal(uid, "u-1");
	assert_int_equal(json_array_size(objects), 0);
	assert_string_equal(status, "Failure");
	assert_string_equal(told, message);
	json_decref(body);
	admwh_answer_free(answer);
	return script.calls;
}

static void converts_and_sets_the_version(void **state)
{
	(void)state;
	gives(move, one, ANSWER(NEW("\"name\":\"a\",\"namespace\":\"shop\"", "\"items\":1")));
	gives(nothing, one, ANSWER(NEW("\"name\":\"a\",\"namespace\":\"shop\"", "\"size\":1")));
	gives(label, REVIEW(OLD("\"name\":\"a\"", "")),
	      ANSWER(NEW("\"name\":\"a\",\"labels\":{\"x\":\"1\"}", "")));
	gives(edit, REVIEW(OLD("\"name\":\"a\"", "\"big\":18446744073709551616")),
	      ANSWER(NEW("\"name\":\"a\"", "\"big\":18446744073709551616,\"items\":7")));
}

static void converts_as_the_document_says(void **state)
{
	static const char old[] =
	    "{\"apiVersion\":\"net.example.com/v1beta1\",\"kind\":\"Listener\",\"metadata\":{"
	    "\"name\":\"a\"},\"spec\":{\"hostPort\":\"example.com:80\"}}";
	static const char oldest[] =
	    "{\"apiVersion\":\"net.example.com/v1alpha1\",\"kind\":\"Listener\",\"metadata\":{"
	    "\"name\":\"a\"},\"spec\":{\"hostPort\":\"example.com:80\"}}";
	static const char new[] =
	    "{\"apiVersion\":\"net.example.com/v1\",\"kind\":\"Listener\",\"metadata\":{"
	    "\"name\":\"a\"},\"spec\":{\"host\":\"example.com\",\"port\":\"80\"}}";
	static const struct {
		const char *desired, *from, *to;
	} cases[] = {{"net.example.com/v1", old, new},
		     {"net.example.com/v1beta1", new, old},
		     {"net.example.com/v1alpha1", new, oldest},
		     {"net.example.com/v1", oldest, new}};
	char review[512];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct admwh_answer *answer;

		snprintf(review, sizeof(review), REVIEW_OF("v1", "%s", "%s"), cases[i].desired,
			 cases[i].from);
		answer =
		    admwh_review_convert(review, strlen(review), admwh_conversions_run, &listener);
		assert_true(admwh_answer_is_allowed(answer));
		assert_non_null(strstr(admwh_answer_body(answer, NULL), cases[i].to));
		admwh_answer_free(answer);
	}
}

static void shows_the_object_and_its_versions(void **state)
{
	struct script script = {.act = see};

	(void)state;
	admwh_answer_free(ask(&script, one));
	assert_int_equal(script.calls, 1);
}

static void answers_in_the_version_of_the_review(void **state)
{
	(void)state;
	gives(move, REVIEW_OF("v1beta1", "shop.dev/v2", OLD("\"name\":\"a\"", "\"size\":1")),
	      ANSWER_OF("v1beta1", NEW("\"name\":\"a\"", "\"items\":1")));
	gives(move, REVIEW(""), ANSWER(""));
	/* Members come in any order, and unknown ones are passed over. */
	gives(move,
	      "{\"request\":{\"objects\":[],\"x\":1,\"desiredAPIVersion\":\"shop.dev/v2\","
	      "\"uid\":\"u-1\"},\"response\":null,\"apiVersion\":\"apiextensions.k8s.io/v1\","
	      "\"kind\":\"ConversionReview\"}",
	      ANSWER(""));
}

static void leaves_alone_what_has_the_version(void **state)
{
	struct script script = {.act = move};
	struct admwh_answer *answer =
	    ask(&script, REVIEW(NEW("\"name\":\"b\", \"k\" : 1e3", "") "," OLD(
			     "\"name\":\"a\"", "\"size\":1") "," NEW("\"name\":\"c\"", "")));

	(void)state;
	assert_string_equal(script.names, "a");
	assert_int_equal(script.count, 3);
	assert_string_equal(admwh_answer_body(answer, NULL),
			    ANSWER(NEW("\"name\":\"b\", \"k\" : 1e3", "") "," NEW(
				"\"name\":\"a\"", "\"items\":1") "," NEW("\"name\":\"c\"", "")));
	admwh_answer_free(answer);
}

static void takes_what_metadata_may_change(void **state)
{
	static const struct {
		const char *pointer, *json;
		const char *was, *becomes; /* of metadata */
	} cases[] = {
	    {"/metadata/labels", "{\"a\":\"b\"}", "\"name\":\"a\"",
	     "\"name\":\"a\",\"labels\":{\"a\":\"b\"}"},
	    {"/metadata/labels", "null", "\"name\":\"a\"", "\"name\":\"a\",\"labels\":null"},
	    {"/metadata/annotations/x", "\"\"", "\"annotations\":{},\"name\":\"a\"",
	     "\"annotations\":{\"x\":\"\"},\"name\":\"a\""},
	    {"/metadata/labels", "-", "\"labels\":{\"a\":\"b\"},\"uid\":\"1\"", "\"uid\":\"1\""},
	    /* The same in other words. */
	    {"/metadata/name", "\"a\"", "\"name\":\"\\u0061\"", "\"name\":\"a\""},
	    {"/metadata/generation", "100", "\"generation\":1e2", "\"generation\":100"},
	};
	char review[512], expected[512];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		set_pointer = cases[i].pointer;
		set_json = cases[i].json;
		snprintf(review, sizeof(review), REVIEW(OLD("%s", "")), cases[i].was);
		snprintf(expected, sizeof(expected), ANSWER(NEW("%s", "")), cases[i].becomes);
		gives(set, review, expected);
	}
}

static void fails_for_other_changes(void **state)
{
	static const struct {
		const char *pointer, *json, *reason;
	} cases[] = {
	    {"/metadata/name", "\"b\"", "metadata.name: must not change"},
	    {"/metadata/name", "-", "metadata.name: must not change"},
	    {"/metadata/namespace", "\"\"", "metadata.namespace: must not change"},
	    {"/metadata/uid", "\"2\"", "metadata.uid: must not change"},
	    {"/metadata/uid", "1", "metadata.uid: must not change"},
	    {"/metadata/ownerReferences", "[]", "metadata.ownerReferences: must not change"},
	    {"/metadata/ownerReferences/0/uid", "\"9\"",
	     "metadata.ownerReferences: must not change"},
	    {"/metadata/finalizers", "[\"x\"]", "metadata.finalizers: must not be added"},
	    {"/metadata/deletionTimestamp", "null",
	     "metadata.deletionTimestamp: must not be added"},
	    {"/metadata/labels", "[]", "metadata.labels: expected an object"},
	    {"/metadata/labels", "{\"a\":1}", "metadata.labels.a: expected a string"},
	    {"/metadata/annotations", "{\"a.b/c\":null}",
	     "metadata.annotations[\"a.b/c\"]: expected a string"},
	    {"/metadata", "-", "metadata: expected an object"},
	    {"/metadata", "\"x\"", "metadata: expected an object"},
	    {"/kind", "\"Cart\"", "kind: must not change"},
	    {"/kind", "-", "kind: must not change"},
	};
	char message[256];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		set_pointer = cases[i].pointer;
		set_json = cases[i].json;
		snprintf(message, sizeof(message), "request.objects[0] (shop/a): %s",
			 cases[i].reason);
		fails(set,
		      REVIEW(OLD("\"name\":\"a\",\"namespace\":\"shop\",\"uid\":\"1\","
				 "\"ownerReferences\":[{\"uid\":\"3\"}]",
				 "")),
		      message);
	}
}

static void fails_as_a_whole(void **state)
{
	static const char two[] = REVIEW(OLD("\"name\":\"a\"", "") "," OLD(
	    "\"name\":\"b\",\"namespace\":\"shop\"", "\"size\":1"));

	(void)state;
	assert_int_equal(fails(refuse, two, "request.objects[1] (shop/b): no size in v2"), 2);
	fails(negative, two, "request.objects[0] (a): handler failed (-42)");
	fails(bad_patch, one,
	      "request.objects[0] (shop/a): patch: operation 0: remove /spec/gone: no such member");
	fails(misread, one,
	      "request.objects[0] (shop/a): spec.size: expected a string, got a number");
	fails(negative, REVIEW(OLD("", "")), "request.objects[0] (): handler failed (-42)");
	{
		struct script script = {.act = replace_root};
		struct admwh_answer *answer = ask(&script, one);

		assert_false(admwh_answer_is_allowed(answer));
		assert_int_equal(admwh_answer_status(answer), 200);
		admwh_answer_free(answer);
	}
}

static void fails_before_any_handler(void **state)
{
	static const char good[] = OLD("\"name\":\"a\"", "");
	static const struct {
		const char *desired, *object, *message;
	} cases[] = {
	    {"v2", good, "request.desiredAPIVersion: expected GROUP/VERSION, got \"v2\""},
	    {"/v2", good, "request.desiredAPIVersion: expected GROUP/VERSION, got \"/v2\""},
	    {"shop.dev/", good,
	     "request.desiredAPIVersion: expected GROUP/VERSION, got \"shop.dev/\""},
	    {"shop.dev/v2/x", good,
	     "request.desiredAPIVersion: expected GROUP/VERSION, got \"shop.dev/v2/x\""},
	    {"shop.dev/V2", good,
	     "request.desiredAPIVersion: expected GROUP/VERSION, got \"shop.dev/V2\""},
	    {"shop.dev/v2", "1", "request.objects[1]: expected an object, got a number"},
	    {"shop.dev/v2", "null", "request.objects[1]: expected an object, got null"},
	    {"shop.dev/v2", "{}", "request.objects[1].apiVersion: required"},
	    {"shop.dev/v2", "{\"apiVersion\":7}",
	     "request.objects[1].apiVersion: expected a string, got a number"},
	    {"shop.dev/v2", "{\"apiVersion\":\"\"}",
	     "request.objects[1].apiVersion: expected a string that is not empty"},
	    {"shop.dev/v2", "{\"apiVersion\":\"shop.dev/v1\"}",
	     "request.objects[1].kind: required"},
	    {"shop.dev/v2", "{\"apiVersion\":\"shop.dev/v1\",\"kind\":\"\"}",
	     "request.objects[1].kind: expected a string that is not empty"},
	    {"shop.dev/v2", "{\"apiVersion\":\"shop.dev/v1\",\"kind\":\"Basket\"}",
	     "request.objects[1].metadata: required"},
	    {"shop.dev/v2", "{\"apiVersion\":\"shop.dev/v1\",\"kind\":\"Basket\",\"metadata\":[]}",
	     "request.objects[1].metadata: expected an object, got an array"},
	    {"shop.dev/v2",
	     "{\"apiVersion\":\"shop.dev/v1\",\"kind\":\"Basket\",\"metadata\":{\"name\":1}}",
	     "request.objects[1].metadata.name: expected a string, got a number"},
	    {"shop.dev/v2", "{\"apiVersion\":\"other.dev/v1\",\"kind\":\"Basket\",\"metadata\":{}}",
	     "request.objects[1].apiVersion: \"other.dev/v1\" is no version of the group of "
	     "\"shop.dev/v2\""},
	    {"shop.dev/v2", "{\"apiVersion\":\"shop.dev\",\"kind\":\"Basket\",\"metadata\":{}}",
	     "request.objects[1].apiVersion: \"shop.dev\" is no version of the group of "
	     "\"shop.dev/v2\""},
	    {"shop.dev/v2", "{\"apiVersion\":\"shop.dev/v1/\",\"kind\":\"B\",\"metadata\":{}}",
	     "request.objects[1].apiVersion: \"shop.dev/v1/\" is no version of the group of "
	     "\"shop.dev/v2\""},
	};
	char review[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(review, sizeof(review), REVIEW_OF("v1", "%s", "%s,%s"), cases[i].desired,
			 good, cases[i].object);
		assert_int_equal(fails(nothing, review, cases[i].message), 0);
	}
}

static void refuses_what_is_no_conversion_review(void **state)
{
	static const struct {
		const char *body;
		int status;
		const char *message;
	} cases[] = {
	    {"", 400, "byte 0: "},
	    {"{\"kind\":\"ConversionReview\"", 400, "byte 26: "},
	    {"[]", 422, "expected an object, got an array"},
	    {"{}", 422, "apiVersion: required"},
	    {"{\"apiVersion\":\"apiextensions.k8s.io/v2\"}", 422,
	     "apiVersion: expected apiextensions.k8s.io/v1 or apiextensions.k8s.io/v1beta1"},
	    {"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
	     "\"request\":{\"uid\":\"u\"}}",
	     422, "apiVersion: expected apiextensions.k8s.io/v1 or apiextensions.k8s.io/v1beta1"},
	    {HEAD("v1") "\"x\":1}", 422, "request: required"},
	    {"{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"AdmissionReview\"}", 422,
	     "kind: expected ConversionReview"},
	    {HEAD("v1") "\"request\":null}", 422, "request: required"},
	    {HEAD("v1") "\"request\":[]}", 422, "request: expected an object, got an array"},
	    {HEAD("v1") "\"request\":{}}", 422, "request.uid: required"},
	    {HEAD("v1") "\"request\":{\"uid\":\"\"}}", 422,
	     "request.uid: expected a string that is not empty"},
	    {HEAD("v1") "\"request\":{\"uid\":\"u\\u0000\"}}", 422,
	     "request.uid: U+0000 is not taken"},
	    {HEAD("v1") "\"request\":{\"uid\":\"u\"}}", 422, "request.desiredAPIVersion: required"},
	    {HEAD("v1") "\"request\":{\"uid\":\"u\",\"desiredAPIVersion\":\"a/b\"}}", 422,
	     "request.objects: required"},
	    {HEAD("v1") "\"request\":{\"uid\":\"u\",\"desiredAPIVersion\":\"a/b\","
			"\"objects\":{}}}",
	     422, "request.objects: expected an array, got an object"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct script script = {.act = nothing};
		struct admwh_answer *answer = ask(&script, cases[i].body);

		assert_int_equal(admwh_answer_status(answer), cases[i].status);
		assert_non_null(strstr(admwh_answer_body(answer, NULL), "\"kind\":\"Status\""));
		assert_non_null(strstr(admwh_answer_body(answer, NULL), cases[i].message));
		assert_int_equal(script.calls, 0);
		admwh_answer_free(answer);
	}
	assert_null(admwh_review_convert(NULL, 0, convert, NULL));
	assert_null(admwh_review_convert("", 0, NULL, NULL));
}

static void keeps_the_order_of_a_thousand_objects(void **state)
{
	enum { OBJECTS = 1000 };
	struct script script = {.act = move};
	struct admwh_answer *answer;
	struct awh_buf review;
	json_t *body, *objects, *object;
	size_t i;

	(void)state;
	awh_buf_init(&review, SIZE_MAX);
	awh_buf_puts(&review, HEAD("v1") "\"request\":{\"uid\":\"u-1\",\"desiredAPIVersion\":"
					 "\"shop.dev/v2\",\"objects\":[");
	for (i = 0; i < OBJECTS; i++)
		awh_buf_printf(&review, "%s" OLD("\"name\":\"n%zu\"", "\"size\":%zu"),
			       i > 0 ? "," : "", i, i);
	awh_buf_puts(&review, "]}}");
	assert_int_equal(awh_buf_terminate(&review), 0);
	answer = ask(&script, review.data);
	assert_true(admwh_answer_is_allowed(answer));
	assert_int_equal(script.calls, OBJECTS);
	body = json_loads(admwh_answer_body(answer, NULL), 0, NULL);
	assert_int_equal(json_unpack(body, "{s:{s:o}}", "response", "convertedObjects", &objects),
			 0);
	assert_int_equal(json_array_size(objects), OBJECTS);
	json_array_foreach(objects, i, object) {
		const char *version;
		int items;

		assert_int_equal(json_unpack(object, "{s:s,s:{s:i}}", "apiVersion", &version,
					     "spec", "items", &items),
				 0);
		assert_string_equal(version, "shop.dev/v2");
		assert_int_equal(items, i);
	}
	json_decref(body);
	admwh_answer_free(answer);
	awh_buf_deinit(&review);
}

/* What a review has asked for, and how much it is given. */
static size_t asked, given;

static int take(void *owner, size_t bytes, struct awh_error *error)
{
	struct awh_review *review = owner;

	asked += bytes;
	if (asked <= given)
		return 0;
	review->status = 503;
	return awh_fail(error, ADMWH_E_OVERLOAD, "no room");
}

/* Objects of about this many bytes, whose trees count. */
static struct awh_review *large_review(const struct admwh_route *route, size_t n, size_t bytes)
{
	struct awh_review *review = awh_review_new(route, SIZE_MAX, 100, 0);

	assert_non_null(review);
	awh_buf_puts(&review->body, HEAD("v1") "\"request\":{\"uid\":\"u\",\"desiredAPIVersion\":"
					       "\"shop.dev/v2\",\"objects\":[");
	for (size_t i = 0; i < n; i++) {
		awh_buf_printf(&review->body,
			       "%s{\"apiVersion\":\"shop.dev/v1\",\"kind\":\"B\",\"metadata\":{},"
			       "\"list\":[0",
			       i > 0 ? "," : "");
		for (size_t len = 0; len < bytes; len += 2)
			awh_buf_puts(&review->body, ",0");
		awh_buf_puts(&review->body, "]}");
	}
	awh_buf_puts(&review->body, "]}}");
	review->decode.take = take;
	review->decode.owner = review;
	return review;
}

static void counts_objects_one_at_a_time(void **state)
{
	struct script script = {.act = edit};
	const struct admwh_route route = {.kind = AWH_ROUTE_CONVERT,
					  .convert = convert,
					  .userdata = &script,
					  .on_failure = ADMWH_ON_FAILURE_DENY};
	size_t by_one;

	(void)state;
	given = SIZE_MAX;
	for (size_t n = 1; n <= 10; n += 9) {
		struct awh_review *review = large_review(&route, n, 10000);

		asked = 0;
		assert_true(awh_review_run(review));
		assert_int_equal(review->outcome, AWH_OUTCOME_CONVERTED);
		if (n == 1)
			by_one = asked;
		else /* the index and the answer grow, the trees do not */
			assert_true(asked < by_one * 5 / 2);
		awh_review_unref(review);
	}
}

static void sheds_what_finds_no_room(void **state)
{
	struct script script = {.act = label};
	const struct admwh_route route = {.kind = AWH_ROUTE_CONVERT,
					  .convert = convert,
					  .userdata = &script,
					  .on_failure = ADMWH_ON_FAILURE_DENY};
	bool has_shed = false, has_converted = false;

	(void)state;
	for (given = 0; !has_converted; given += 100000) {
		struct awh_review *review = large_review(&route, 2, 10000);

		asked = 0;
		awh_review_run(review);
		has_converted = review->outcome == AWH_OUTCOME_CONVERTED;
		if (!has_converted) {
			assert_int_equal(review->outcome, AWH_OUTCOME_SHED);
			assert_int_equal(review->status, 503);
			has_shed = true;
		}
		awh_review_unref(review);
	}
	assert_true(has_shed);
}

static void fails_a_late_review(void **state)
{
	struct script script = {.act = move};
	const struct admwh_route route = {.kind = AWH_ROUTE_CONVERT,
					  .convert = convert,
					  .userdata = &script,
					  .on_failure = ADMWH_ON_FAILURE_DENY};
	struct awh_review *review = awh_review_new(&route, SIZE_MAX, 100, 0);
	struct awh_buf late;
	int status;

	(void)state;
	awh_buf_puts(&review->body, one);
	assert_true(awh_review_decode(review));
	awh_review_set_deadline(review, -1);
	awh_buf_init(&late, SIZE_MAX);
	assert_int_equal(awh_review_answer_late(review, &late, &status), 0);
	assert_int_equal(awh_buf_terminate(&late), 0);
	assert_int_equal(status, 200);
	assert_non_null(strstr(late.data, "\"status\":\"Failure\""));
	assert_true(awh_review_run(review));
	assert_int_equal(review->outcome, AWH_OUTCOME_DEADLINE);
	assert_int_equal(review->status, 200);
	assert_int_equal(script.calls, 0);
	awh_buf_deinit(&late);
	awh_review_unref(review);
}

static void without_memory(bool failed)
{
	struct script script = {.act = edit};
	struct admwh_answer *answer = admwh_review_convert(one, strlen(one), convert, &script);

	if (!failed)
		assert_true(admwh_answer_is_allowed(answer));
	admwh_answer_free(answer);
}

static void survives_lack_of_memory(void **state)
{
	(void)state;
	with_failing_allocations(without_memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(converts_and_sets_the_version),
	    cmocka_unit_test(converts_as_the_document_says),
	    cmocka_unit_test(shows_the_object_and_its_versions),
	    cmocka_unit_test(answers_in_the_version_of_the_review),
	    cmocka_unit_test(leaves_alone_what_has_the_version),
	    cmocka_unit_test(takes_what_metadata_may_change),
	    cmocka_unit_test(fails_for_other_changes),
	    cmocka_unit_test(fails_as_a_whole),
	    cmocka_unit_test(fails_before_any_handler),
	    cmocka_unit_test(refuses_what_is_no_conversion_review),
	    cmocka_unit_test(keeps_the_order_of_a_thousand_objects),
	    cmocka_unit_test(counts_objects_one_at_a_time),
	    cmocka_unit_test(sheds_what_finds_no_room),
	    cmocka_unit_test(fails_a_late_review),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
