/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../failing_alloc.h"
#include "../in_range.h"
#include "review/encode.h"
#include "review/response.h"
#include "../vectors.h"

static const struct {
	const char *name;
	enum admwh_field_error kind;
} kinds[] = {
    {"Required", ADMWH_REQUIRED},
    {"Invalid", ADMWH_INVALID},
    {"NotSupported", ADMWH_NOT_SUPPORTED},
    {"Forbidden", ADMWH_FORBIDDEN},
    {"NotFound", ADMWH_NOT_FOUND},
    {"Duplicate", ADMWH_DUPLICATE},
    {"TooLong", ADMWH_TOO_LONG},
    {"TooMany", ADMWH_TOO_MANY},
    {"TypeInvalid", ADMWH_TYPE_INVALID},
    {"TooShort", ADMWH_TOO_SHORT},
    {"TooFew", ADMWH_TOO_FEW},
};

static enum admwh_field_error kind_of(struct admwh_value given)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (admwh_value_is(admwh_value_get(given, "kind"), kinds[i].name))
			return kinds[i].kind;
	fail_msg("%s: no kind", admwh_value_path(given));
	return 0;
}

static void add_not_supported(struct admwh_response *response, struct admwh_value given)
{
	const char *texts[8];
	size_t n = 0;

	admwh_value_foreach_element(text, admwh_value_get(given, "supported"))
		texts[n++] = admwh_value_string(text);
	assert_int_equal(
	    admwh_response_add_not_supported(response, admwh_value_get(given, "value"), texts, n),
	    0);
}

/* Add an error as a case of tests/vectors/errors has it. */
static void add(struct admwh_response *response, struct admwh_value given)
{
	struct admwh_value value = admwh_value_get(given, "value");
	const char *detail = admwh_value_string(admwh_value_get(given, "detail"));
	const char *path = admwh_value_string(admwh_value_get(given, "path"));
	enum admwh_field_error kind = kind_of(given);
	int64_t most;

	if (admwh_value_is_set(admwh_value_get(given, "supported")))
		add_not_supported(response, given);
	else if (admwh_value_integer(admwh_value_get(given, "most"), &most))
		(kind == ADMWH_TOO_LONG
		     ? admwh_response_add_too_long
		     : admwh_response_add_too_many)(response, value, (size_t)most);
	else if (path)
		admwh_response_add_error_at(response, kind, path, NULL, "%s", detail ? detail : "");
	else if (detail)
		admwh_response_add_error(response, kind, value, "%s", detail);
	else
		admwh_response_add_error(response, kind, value, NULL);
}

static struct admwh_document *read_cases(void)
{
	struct admwh_document *document;
	size_t len;
	char *text = read_vector("errors", "field_errors", ".json", &len);

	assert_non_null(text);
	document = admwh_document_parse(text, len);
	free(text);
	assert_string_equal(admwh_document_error(document), "");
	return document;
}

/* The table is made by k8s.io/apimachinery, see tests/e2e/fields_test.go. */
static void has_the_words_of_kubernetes(void **state)
{
	struct admwh_document *document = read_cases();
	size_t n = 0;

	(void)state;
	admwh_value_foreach_element(given,
				    admwh_value_get(admwh_document_value(document), "errors")) {
		const char *error = admwh_value_string(admwh_value_get(given, "error"));
		struct admwh_response response;
		char path[64], cause[64];

		awh_response_init(&response);
		add(&response, given);
		assert_int_equal(response.n_causes, 1);
		if (strcmp(response.causes[0].message, error) != 0)
			fail_msg("%s\nhas %s\nnot %s", admwh_value_path(given),
				 response.causes[0].message, error);
		snprintf(path, sizeof(path), "errors[%zu].value", n++);
		assert_string_equal(response.causes[0].field, path);
		snprintf(cause, sizeof(cause), "FieldValue%s",
			 admwh_value_string(admwh_value_get(given, "kind")));
		assert_string_equal(response.causes[0].type, cause);
		assert_int_equal(response.decision, AWH_UNDECIDED);
		awh_response_deinit(&response);
	}
	assert_true(n > 300);
	assert_string_equal(admwh_document_error(document), "");
	admwh_document_free(document);
}

static void has_the_message_of_kubernetes(void **state)
{
	struct admwh_document *document = read_cases();

	(void)state;
	admwh_value_foreach_element(given,
				    admwh_value_get(admwh_document_value(document), "aggregates")) {
		struct admwh_value errors = admwh_value_get(given, "errors");
		struct admwh_response response;

		awh_response_init(&response);
		admwh_value_foreach_element(error, errors)
			add(&response, error);
		assert_int_equal(admwh_response_decide(&response), 0);
		assert_string_equal(response.message,
				    admwh_value_string(admwh_value_get(given, "message")));
		assert_int_equal(response.n_causes, admwh_value_size(errors));
		awh_response_deinit(&response);
	}
	assert_string_equal(admwh_document_error(document), "");
	admwh_document_free(document);
}

static void names_the_field_that_is_missing(void **state)
{
	static const char text[] = "{\"spec\":{\"containers\":[{\"name\":\"a\"}]}}";
	struct admwh_document *document = admwh_document_parse(text, strlen(text));
	struct admwh_value container =
	    admwh_value_at(ADMWH_GET(admwh_document_value(document), "spec", "containers"), 0);
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	admwh_response_add_error(&response, ADMWH_REQUIRED,
				 ADMWH_GET(container, "resources", "limits", "memory"), NULL);
	admwh_response_add_error(&response, ADMWH_INVALID, admwh_value_get(container, "image"),
				 "7%%");
	admwh_response_decide(&response);
	assert_string_equal(response.message,
			    "[spec.containers[0].resources.limits.memory: Required value, "
			    "spec.containers[0].image: Invalid value: null: 7%]");
	awh_response_deinit(&response);
	admwh_document_free(document);
}

/* By a path as text, with and without a value as text. */
static void takes_what_is_no_value(void **state)
{
	static const struct {
		enum admwh_field_error kind;
		const char *path, *value, *detail, *message;
	} cases[] = {
	    {ADMWH_INVALID, "a.b", "x\"y", "no", "Invalid value: \"x\\\"y\": no"},
	    {ADMWH_INVALID, "a.b", "", "no", "Invalid value: \"\": no"},
	    {ADMWH_INVALID, "a.b", NULL, "no", "Invalid value: no"},
	    {ADMWH_INVALID, "a.b", "\xff", NULL, "Invalid value: \"\\xff\""},
	    {ADMWH_INVALID, NULL, NULL, NULL, "Invalid value"},
	    {ADMWH_FORBIDDEN, "a.b", "hidden", "no", "Forbidden: no"},
	    {ADMWH_TOO_MANY, "a.b", "5", "no", "Too many: no"},
	    {ADMWH_NOT_FOUND, "a.b", "x", NULL, "Not found: \"x\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_response response;

		awh_response_init(&response);
		if (cases[i].detail)
			admwh_response_add_error_at(&response, cases[i].kind, cases[i].path,
						    cases[i].value, "%s", cases[i].detail);
		else
			admwh_response_add_error_at(&response, cases[i].kind, cases[i].path,
						    cases[i].value, NULL);
		assert_string_equal(response.causes[0].message, cases[i].message);
		if (cases[i].path)
			assert_string_equal(response.causes[0].field, cases[i].path);
		else
			assert_null(response.causes[0].field);
		awh_response_deinit(&response);
	}
}

/* What an object holds does not make an answer of any size. */
static void cuts_long_values(void **state)
{
	enum { SIZE = 20000 };
	static const struct {
		const char *begin, *fill, *end, *cut;
	} cases[] = {
	    {"\"", "a", "\"", "a...\""},
	    {"\"", "\xe2\x82\xac", "\"", "\xe2\x82\xac...\""},
	    {"\"", "\\u0000", "\"", "\\x00...\""},
	    {"[1", ",[]", "]", "..."},
	    {"[\"", "\xe2\x82\xac", "\"]", "\xe2\x82\xac..."},
	    {"{\"a\":\"", " ", "\"}", "..."},
	};
	char *text = malloc(SIZE * 8);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_document *document;
		struct admwh_response response;
		const char *message;
		char *at = stpcpy(text, cases[i].begin);

		while (at < text + SIZE)
			at = stpcpy(at, cases[i].fill);
		strcpy(at, cases[i].end);
		document = admwh_document_parse(text, strlen(text));
		awh_response_init(&response);
		admwh_response_add_error(&response, ADMWH_INVALID, admwh_document_value(document),
					 NULL);
		message = response.causes[0].message;
		assert_uint_in_range(strlen(message), 1000, 1100);
		assert_string_equal(message + strlen(message) - strlen(cases[i].cut), cases[i].cut);
		assert_null(strstr(message, "\xef\xbf\xbd"));
		awh_response_deinit(&response);
		admwh_document_free(document);
	}
	free(text);
}

/* An error that is lost must not become an allow. */
static void fails_where_an_error_is_lost(void **state)
{
	static const int none[] = {0, 12, -1, 1000};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		enum admwh_field_error kind = (enum admwh_field_error)none[i];
		struct admwh_response response;

		awh_response_init(&response);
		assert_int_equal(
		    admwh_response_add_error(&response, kind, (struct admwh_value){0}, "x"),
		    ADMWH_E_INVAL);
		assert_int_equal(admwh_response_add_error_at(&response, kind, "a", NULL, "x"),
				 ADMWH_E_INVAL);
		admwh_response_decide(&response);
		assert_int_equal(response.decision, AWH_UNDECIDED);
		assert_int_equal(response.failure.code, ADMWH_E_INVAL);
		awh_response_deinit(&response);
	}
}

static void refuses_no_response(void **state)
{
	const struct admwh_value absent = {0};

	(void)state;
	assert_int_equal(admwh_response_add_cause(NULL, "x", "x", "x"), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_add_error(NULL, ADMWH_INVALID, absent, NULL),
			 ADMWH_E_INVAL);
	assert_int_equal(admwh_response_add_error_at(NULL, ADMWH_INVALID, "a", NULL, NULL),
			 ADMWH_E_INVAL);
	assert_int_equal(admwh_response_add_not_supported(NULL, absent, NULL, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_add_too_long(NULL, absent, 1), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_add_too_many(NULL, absent, 1), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_decide(NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_response_decide_invalid(NULL, NULL), ADMWH_E_INVAL);
}

static void bounds_the_number_of_errors(void **state)
{
	static const struct {
		size_t given, kept;
		const char *end;
	} cases[] = {{255, 255, "a254: Forbidden]"},
		     {256, 256, "a255: Forbidden]"},
		     {257, 256, "a255: Forbidden, and 1 more]"},
		     {20000, 256, "a255: Forbidden, and 19744 more]"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct admwh_response response;

		awh_response_init(&response);
		for (size_t n = 0; n < cases[i].given; n++) {
			char path[32];

			snprintf(path, sizeof(path), "a%zu", n);
			admwh_response_add_error_at(&response, ADMWH_FORBIDDEN, path, NULL, NULL);
		}
		assert_int_equal(admwh_response_decide(&response), 0);
		assert_int_equal(response.n_causes, cases[i].kept);
		assert_int_equal(response.n_more, cases[i].given - cases[i].kept);
		assert_string_equal(response.message + strlen(response.message) -
					strlen(cases[i].end),
				    cases[i].end);
		awh_response_deinit(&response);
	}
}

static void takes_no_denial_back(void **state)
{
	struct admwh_response response;

	(void)state;
	awh_response_init(&response);
	admwh_response_allow(&response);
	assert_int_equal(admwh_response_decide(&response), 0);
	assert_int_equal(response.decision, AWH_ALLOWED);
	admwh_response_deny(&response, 418, "a reason without a field");
	assert_int_equal(admwh_response_decide(&response), 0);
	assert_int_equal(admwh_response_decide_invalid(&response, NULL), 0);
	assert_int_equal(response.decision, AWH_DENIED);
	assert_int_equal(response.code, 418);
	assert_string_equal(response.message, "a reason without a field");
	awh_response_deinit(&response);
}

/* kubectl shows an Invalid by its causes alone. */
static void says_in_the_causes_how_many_more_there_are(void **state)
{
	static const char end[] =
	    "\"field\":\"a\"},{\"message\":\"and 44 more\"}]},\"code\":422}}}";
	const struct awh_reply_to to = {.version = ADMWH_REVIEW_V1, .uid = "u"};
	struct admwh_response response;
	struct awh_buf answer;

	(void)state;
	awh_response_init(&response);
	for (int i = 0; i < 300; i++)
		admwh_response_add_error_at(&response, ADMWH_INVALID, "a", NULL, "%d", i);
	assert_int_equal(admwh_response_decide_invalid(&response, NULL), 0);
	awh_buf_init(&answer, SIZE_MAX);
	awh_response_encode(&answer, &to, &response, NULL);
	assert_int_equal(awh_buf_terminate(&answer), 0);
	assert_string_equal(answer.data + answer.len - strlen(end), end);
	awh_buf_deinit(&answer);
	awh_response_deinit(&response);
}

/* An object chooses how many of its fields are wrong, and how long their paths are. */
static void bounds_the_bytes_of_errors(void **state)
{
	static const size_t sizes[] = {100, 1000, 16 * 1024, 70000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *text = malloc(sizes[i] + 1);
		struct admwh_response response;

		memset(text, 'a', sizes[i]);
		text[sizes[i]] = '\0';
		awh_response_init(&response);
		for (int n = 0; n < 1000; n++) {
			text[0] = (char)('a' + n % 26);
			admwh_response_add_cause(&response, text, text, text);
		}
		assert_int_equal(admwh_response_decide(&response), 0);
		assert_int_equal(response.n_causes + response.n_more, 1000);
		assert_true(response.n_causes >= 1 && response.cause_bytes <= AWH_CAUSES_BYTES_MAX);
		assert_true(strlen(response.message) < AWH_MESSAGE_MAX);
		assert_string_equal(response.message + strlen(response.message) - 6, " more]");
		awh_response_deinit(&response);
		free(text);
	}
}

static void run_once(bool may_fail)
{
	static const char text[] = "{\"s\":\"\\u0041\",\"o\":{\"b\\u0041\":[1.5],\"a\":null}}";
	static const char *const supported[] = {"a", "b"};
	struct admwh_document *document = admwh_document_parse(text, strlen(text));
	struct admwh_value root = admwh_document_value(document);
	struct admwh_response response;
	int err;

	awh_response_init(&response);
	err =
	    admwh_response_add_error(&response, ADMWH_INVALID, admwh_value_get(root, "s"), "%d", 7);
	if (err == 0)
		err = admwh_response_add_error(&response, ADMWH_INVALID, admwh_value_get(root, "o"),
					       NULL);
	if (err == 0)
		err = admwh_response_add_error(&response, ADMWH_REQUIRED,
					       ADMWH_GET(root, "o", "x", "y"), NULL);
	if (err == 0)
		err = admwh_response_add_not_supported(&response, root, supported, 2);
	if (err == 0)
		err = admwh_response_add_error_at(&response, ADMWH_INVALID, "p", "v", "d");
	admwh_response_decide(&response);
	if (!document || admwh_document_error(document)[0] || response.failure.code) {
		assert_true(may_fail);
	} else {
		assert_string_equal(
		    response.message,
		    "[s: Invalid value: \"A\": 7, "
		    "o: Invalid value: {\"a\":null,\"bA\":[1.5]}, "
		    "o.x.y: Required value, Unsupported value: "
		    "{\"o\":{\"a\":null,\"bA\":[1.5]},\"s\":\"A\"}: supported values: "
		    "\"a\", \"b\", p: Invalid value: \"v\": d]");
	}
	awh_response_deinit(&response);
	admwh_document_free(document);
}

static void survives_every_allocation_that_fails(void **state)
{
	(void)state;
	with_failing_allocations(run_once);
}

static void keeps_causes_up_to_their_bytes(void **state)
{
	enum { PIECE = AWH_CAUSES_BYTES_MAX / 4 };
	static char text[PIECE + 1];
	struct admwh_response response;

	(void)state;
	memset(text, 'a', PIECE);
	awh_response_init(&response);
	for (int i = 0; i < 4; i++)
		assert_int_equal(admwh_response_add_cause(&response, NULL, text, NULL), 0);
	assert_int_equal(response.n_causes, 4);
	assert_int_equal(response.cause_bytes, AWH_CAUSES_BYTES_MAX);
	assert_int_equal(admwh_response_add_cause(&response, "", NULL, ""), 0);
	assert_int_equal(response.n_causes, 5);
	assert_int_equal(admwh_response_add_cause(&response, NULL, NULL, "a"), 0);
	assert_int_equal(response.n_causes, 5);
	assert_int_equal(response.n_more, 1);
	awh_response_deinit(&response);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has_the_words_of_kubernetes),
	    cmocka_unit_test(has_the_message_of_kubernetes),
	    cmocka_unit_test(names_the_field_that_is_missing),
	    cmocka_unit_test(takes_what_is_no_value),
	    cmocka_unit_test(cuts_long_values),
	    cmocka_unit_test(fails_where_an_error_is_lost),
	    cmocka_unit_test(refuses_no_response),
	    cmocka_unit_test(bounds_the_number_of_errors),
	    cmocka_unit_test(takes_no_denial_back),
	    cmocka_unit_test(keeps_causes_up_to_their_bytes),
	    cmocka_unit_test(says_in_the_causes_how_many_more_there_are),
	    cmocka_unit_test(bounds_the_bytes_of_errors),
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
