/* SPDX-License-Identifier: MIT */
/* Conversions by pairs of versions: which steps an object takes, and what each sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/admwh.h>

#include "../failing_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define REVIEW                                                                                     \
	"{\"kind\":\"ConversionReview\",\"apiVersion\":\"apiextensions.k8s.io/v1\",\"request\":{"  \
	"\"uid\":\"u\",\"desiredAPIVersion\":\"shop.dev/%s\",\"objects\":[{\"apiVersion\":"        \
	"\"shop.dev/%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"way\":\"\","    \
	"\"n\":1}}]}}"

/* Appends to spec.way what it was told. */
static int walk(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	const char *way = admwh_value_string(ADMWH_GET(conv->object, "spec", "way"));
	char text[128];

	snprintf(text, sizeof(text), "%s %s>%s%s", way ? way : "?", conv->version,
		 conv->desired_version, userdata ? (const char *)userdata : "");
	return admwh_patch_replace_string(patch, "/spec/way", text);
}

static int edit(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	json_t *spec = json_object_get(admwh_patch_edit(patch), "spec");
	const char *way = json_string_value(json_object_get(spec, "way"));
	char text[128];

	(void)conv, (void)userdata;
	snprintf(text, sizeof(text), "%s edit", way ? way : "?");
	json_object_set_new(spec, "way", json_string(text));
	return 0;
}

static int refuse(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	(void)patch, (void)userdata;
	admwh_conversion_fail(conv, "from %s to %s: no", conv->version, conv->desired_version);
	return 0; /* it is failed all the same */
}

static int negative(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	(void)conv, (void)patch, (void)userdata;
	return -42;
}

static int break_off(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	(void)conv, (void)userdata;
	admwh_patch_remove(patch, "/spec/gone");
	return 0;
}

static const struct admwh_conversion_pair pairs[] = {
    {"other.dev", NULL, "v1", "v5", refuse, refuse},
    {"shop.dev", "Cart", "v1", "v5", walk, refuse},
    {NULL, NULL, "v1", "v2", walk, walk},
    {"shop.dev", NULL, "v2", "v3", walk, walk},
    {NULL, NULL, "v3", "v4", walk, NULL},
    {NULL, "Basket", "v1", "v3", NULL, edit},
    {NULL, NULL, "v4", "v6", negative, break_off},
    {NULL, NULL, "v8", "v9", walk, walk},
};

/* The answer's way, or the message of a failure. */
static const char *convert(struct admwh_conversions *conversions, const char *kind,
			   const char *from, const char *to)
{
	static char told[256];
	char review[512];
	struct admwh_answer *answer;
	json_t *body, *object = NULL;
	const char *text = NULL;

	snprintf(review, sizeof(review), REVIEW, to, from, kind);
	answer = admwh_review_convert(review, strlen(review), admwh_conversions_run, conversions);
	body = json_loads(admwh_answer_body(answer, NULL), 0, NULL);
	if (json_unpack(body, "{s:{s:[o]}}", "response", "convertedObjects", &object) == 0)
		text = json_string_value(json_object_get(json_object_get(object, "spec"), "way"));
	else
		json_unpack(body, "{s:{s:{s:s}}}", "response", "result", "message", &text);
	snprintf(told, sizeof(told), "%s", text ? text : "nothing");
	json_decref(body);
	admwh_answer_free(answer);
	return told;
}

static void goes_the_way_of_the_fewest_pairs(void **state)
{
	static const struct {
		const char *kind, *from, *to, *told;
	} cases[] = {
	    {"Basket", "v1", "v2", " v1>v2!"},
	    {"Basket", "v2", "v1", " v2>v1!"},
	    {"Basket", "v1", "v3", ""}, /* nothing but the version changes */
	    {"Basket", "v3", "v1", " edit"},
	    {"Cart", "v1", "v3", " v1>v2! v2>v3!"},
	    {"Cart", "v3", "v1", " v3>v2! v2>v1!"},
	    {"Basket", "v1", "v4", " v3>v4!"},
	    {"Basket", "v2", "v4", " v2>v3! v3>v4!"},
	    {"Basket", "v4", "v2", " v3>v2!"},
	    {"Basket", "v4", "v1", " edit"},
	    {"Cart", "v4", "v1", " v3>v2! v2>v1!"},
	    {"Cart", "v2", "v5", " v2>v1! v1>v5!"},
	    {"Cart", "v5", "v2", "request.objects[0] (a): from v5 to v1: no"},
	    {"Basket", "v1", "v5", "request.objects[0] (a): there is no conversion from v1 to v5"},
	    {"Basket", "v1", "v9", "request.objects[0] (a): there is no conversion from v1 to v9"},
	    {"Basket", "v7", "v1", "request.objects[0] (a): there is no conversion from v7 to v1"},
	    {"Basket", "v4", "v6", "request.objects[0] (a): handler failed (-42)"},
	    {"Basket", "v6", "v3",
	     "request.objects[0] (a): patch: operation 0: remove /spec/gone: no such member"},
	};
	static char mark[] = "!";
	struct admwh_conversions conversions = {
	    .pairs = pairs, .n_pairs = COUNT(pairs), .userdata = mark};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *told = convert(&conversions, cases[i].kind, cases[i].from, cases[i].to);

		if (strcmp(told, cases[i].told) != 0)
			fail_msg("%zu: %s, not %s", i, told, cases[i].told);
	}
}

static void needs_pairs(void **state)
{
	static struct admwh_conversion_pair many[65];
	static char versions[COUNT(many) + 1][8];
	struct admwh_conversions conversions = {.pairs = many, .n_pairs = 64};

	(void)state;
	for (size_t i = 0; i <= COUNT(many); i++)
		snprintf(versions[i], sizeof(versions[i]), "v%zu", i);
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] =
		    (struct admwh_conversion_pair){.older = versions[i], .newer = versions[i + 1]};
	assert_string_equal(convert(&conversions, "Basket", "v0", "v64"), "");
	assert_string_equal(convert(&conversions, "Basket", "v64", "v0"), "");
	conversions.n_pairs++;
	assert_non_null(strstr(convert(&conversions, "Basket", "v0", "v1"), "no pairs"));
	assert_non_null(strstr(convert(NULL, "Basket", "v0", "v1"), "no pairs"));
}

static void convert_once(bool failed)
{
	static const char whole[] = "\" v3>v2 v2>v1\"";
	struct admwh_conversions conversions = {.pairs = pairs, .n_pairs = COUNT(pairs)};
	char review[512];
	struct admwh_answer *answer;

	snprintf(review, sizeof(review), REVIEW, "v1", "v3", "Cart");
	answer = admwh_review_convert(review, strlen(review), admwh_conversions_run, &conversions);
	assert_true(failed || admwh_answer_is_allowed(answer));
	if (admwh_answer_is_allowed(answer))
		assert_non_null(strstr(admwh_answer_body(answer, NULL), whole));
	admwh_answer_free(answer);
}

static void converts_wholly_or_not_at_all(void **state)
{
	(void)state;
	with_failing_allocations(convert_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goes_the_way_of_the_fewest_pairs),
	    cmocka_unit_test(needs_pairs),
	    cmocka_unit_test(converts_wholly_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
