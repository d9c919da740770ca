/* SPDX-License-Identifier: MIT */
/* What a field must be, and the error of one that is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube_review.h"

enum check { SET, INTEGER, QUANTITY, AT_LEAST, AT_MOST, ONE_OF, UNCHANGED };

struct expected {
	enum check check;
	const char *value, *old; /* of spec.f; NULL: it is absent */
	const char *message;     /* "": it is right */
};

static const struct expected cases[] = {
    {SET, "0", NULL, ""},
    {SET, "\"\"", NULL, ""},
    {SET, "null", NULL, "spec.f: Required value"},
    {SET, NULL, NULL, "spec.f: Required value"},
    {INTEGER, "-1", NULL, ""},
    {INTEGER, "3", NULL, ""},
    {INTEGER, "3.0", NULL, ""},
    {INTEGER, "-2", NULL, "spec.f: Invalid value: -2: must be between -1 and 3, inclusive"},
    {INTEGER, "4", NULL, "spec.f: Invalid value: 4: must be between -1 and 3, inclusive"},
    {INTEGER, NULL, NULL, "spec.f: Required value"},
    {INTEGER, "null", NULL, "spec.f: Required value"},
    {INTEGER, "\"2\"", NULL, "request.object.spec.f: expected a number, got a string"},
    {QUANTITY, "\"1e9\"", NULL, ""},
    {QUANTITY, "7", NULL, ""},
    {QUANTITY, NULL, NULL, "spec.f: Required value"},
    {QUANTITY, "null", NULL, "spec.f: Required value"},
    {QUANTITY, "{}", NULL, "request.object.spec.f: expected a quantity, got an object"},
    {AT_MOST, "\"1Gi\"", NULL, ""},
    {AT_MOST, "\"1025Mi\"", NULL,
     "spec.f: Invalid value: \"1025Mi\": must be less than or equal to 1Gi"},
    {AT_MOST, "1", NULL, ""},
    {AT_LEAST, "\"1Gi\"", NULL, ""},
    {AT_LEAST, "\"1023Mi\"", NULL,
     "spec.f: Invalid value: \"1023Mi\": must be greater than or equal to 1Gi"},
    {ONE_OF, "\"a\"", NULL, ""},
    {ONE_OF, "\"\\u0062\"", NULL, ""},
    {ONE_OF, "\"c\"", NULL, "spec.f: Unsupported value: \"c\": supported values: \"a\", \"b\""},
    {ONE_OF, "7", NULL, "spec.f: Unsupported value: 7: supported values: \"a\", \"b\""},
    {ONE_OF, NULL, NULL, "spec.f: Required value"},
    {UNCHANGED, "\"a\"", "\"\\u0061\"", ""},
    {UNCHANGED, "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", ""},
    {UNCHANGED, "\"a\"", NULL, ""},
    {UNCHANGED, "\"a\"", "null", ""},
    {UNCHANGED, NULL, NULL, ""},
    {UNCHANGED, "\"b\"", "\"a\"", "spec.f: Invalid value: \"b\": field is immutable"},
    {UNCHANGED, NULL, "\"a\"", "spec.f: Required value"},
    {UNCHANGED, "null", "\"a\"", "spec.f: Required value"},
};

static bool check(struct admwh_response *resp, enum check check, struct admwh_value value,
		  struct admwh_value old)
{
	static const char *const texts[] = {"a", "b"};
	struct admwh_quantity bound;

	admwh_quantity_parse_text(&bound, "1Gi");
	switch (check) {
	case SET:
		return admwh_response_require(resp, value);
	case INTEGER:
		return admwh_response_require_integer(resp, value, -1, 3);
	case QUANTITY:
		return admwh_response_require_quantity(resp, value, NULL, NULL);
	case AT_LEAST:
		return admwh_response_require_quantity(resp, value, &bound, NULL);
	case AT_MOST:
		return admwh_response_require_quantity(resp, value, NULL, &bound);
	case ONE_OF:
		return admwh_response_require_one_of(resp, value, texts, COUNT(texts));
	default:
		return admwh_response_require_unchanged(resp, value, old);
	}
}

static bool was_right;

static int handle(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const struct expected *expected = userdata;

	was_right = check(resp, expected->check, ADMWH_GET(admwh_request_object(req), "spec", "f"),
			  ADMWH_GET(admwh_request_old_object(req), "spec", "f"));
	return admwh_response_decide(resp);
}

static void write_object(char *text, size_t size, const char *value)
{
	snprintf(text, size, "{\"spec\":{%s%s}}", value ? "\"f\":" : "", value ? value : "");
}

static void tells_what_a_field_must_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct expected expected = cases[i];
		char object[128], old[128];
		const char *message;

		write_object(object, sizeof(object), expected.value);
		write_object(old, sizeof(old), expected.old);
		message = review(handle, &expected, "a.io", "A", object, old);
		if (strcmp(message, expected.message) != 0)
			fail_msg("%zu: %s: %s, not %s", i, object, message, expected.message);
		assert_int_equal(was_right, !*expected.message);
	}
}

static void requires_nothing_without_a_response(void **state)
{
	const struct admwh_value absent = {0};

	(void)state;
	for (enum check each = SET; each <= UNCHANGED; each++)
		assert_false(check(NULL, each, absent, absent));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_what_a_field_must_be),
	    cmocka_unit_test(requires_nothing_without_a_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
