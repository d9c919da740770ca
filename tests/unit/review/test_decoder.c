/* SPDX-License-Identifier: MIT */
/* One value at a time: what is taken, and what becomes of one of another type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "review/decoder.h"

struct fixture {
	struct awh_request request;
	struct awh_decoder decoder;
	struct awh_error error;
};

/* An array, whose first element is entry 1. */
static void begin(struct fixture *fixture, const char *text)
{
	const struct awh_index_options options = {.depth = 10};

	*fixture = (struct fixture){.request = {.body = text}};
	assert_int_equal(
	    awh_index_read(&fixture->request.index, text, strlen(text), &options, &fixture->error),
	    0);
	fixture->decoder = (struct awh_decoder){.index = &fixture->request.index,
						.request = &fixture->request,
						.error = &fixture->error};
}

static void end(struct fixture *fixture, const char *complaint)
{
	assert_string_equal(fixture->decoder.complaint.text, complaint);
	assert_int_equal(fixture->decoder.complaint.code, complaint[0] ? ADMWH_E_REVIEW : 0);
	assert_int_equal(fixture->error.code, 0);
	awh_request_deinit(&fixture->request);
}

static void takes_a_string_or_complains_of_it(void **state)
{
	static const struct {
		const char *text, *string, *complaint;
	} cases[] = {
	    {"[1]", NULL, "[0]: expected a string, got a number"},
	    {"[null]", NULL, "[0]: expected a string, got null"},
	    {"[\"a\\u0000\"]", NULL, "[0]: U+0000 is not taken"},
	    {"[\"\"]", "", ""},
	    {"[\"a\\n\"]", "a\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *string = NULL;
		struct fixture fixture;

		begin(&fixture, cases[i].text);
		assert_int_equal(awh_decode_string(&fixture.decoder, 1, &string), 0);
		if (cases[i].string)
			assert_string_equal(string, cases[i].string);
		else
			assert_null(string);
		end(&fixture, cases[i].complaint);
	}
}

static void takes_strings_or_complains_of_the_first_that_is_none(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *last, *complaint;
	} cases[] = {
	    {"[{}]", 0, NULL, "[0]: expected an array, got an object"},
	    {"[[\"a\",[\"b\"],\"c\"]]", 0, NULL, "[0][1]: expected a string, got an array"},
	    {"[[1,2]]", 0, NULL, "[0][0]: expected a string, got a number"},
	    {"[[\"a\\u0000\",\"b\",3]]", 0, NULL, "[0][0]: U+0000 is not taken"},
	    {"[[]]", 0, NULL, ""},
	    {"[[\"a\",\"\",\"\\u00e9\"]]", 3, "\xc3\xa9", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const *strings = NULL;
		struct fixture fixture;
		size_t n = 0;

		begin(&fixture, cases[i].text);
		assert_int_equal(awh_decode_strings(&fixture.decoder, 1, &strings, &n), 0);
		assert_int_equal(n, cases[i].n);
		if (cases[i].last)
			assert_string_equal(strings[n - 1], cases[i].last);
		end(&fixture, cases[i].complaint);
	}
}

static void keeps_the_first_complaint(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture, "[1,true,false]");
	assert_true(awh_decode_expect(&fixture.decoder, 1, AWH_KIND_NUMBER));
	assert_true(awh_decode_expect(&fixture.decoder, 2, AWH_KIND_TRUE));
	assert_true(awh_decode_expect(&fixture.decoder, 3, AWH_KIND_TRUE));
	assert_false(awh_decode_expect(&fixture.decoder, 3, AWH_KIND_OBJECT));
	awh_complain(&fixture.decoder, "a", "required");
	awh_complain_at(&fixture.decoder, 1, "required");
	end(&fixture, "[2]: expected an object, got a boolean");
}

static void complains_of_the_whole_without_a_path(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture, "[]");
	awh_complain_at(&fixture.decoder, 0, "expected an object");
	end(&fixture, "expected an object");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_a_string_or_complains_of_it),
	    cmocka_unit_test(takes_strings_or_complains_of_the_first_that_is_none),
	    cmocka_unit_test(keeps_the_first_complaint),
	    cmocka_unit_test(complains_of_the_whole_without_a_path),
	};

	return cmocka_run_group_tests_name("decoder", tests, NULL, NULL);
}
