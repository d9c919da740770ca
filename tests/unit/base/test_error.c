/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"

static void knows_a_text_and_a_name_for_every_code(void **state)
{
	(void)state;
#define CHECK(name, number, text)                                                                  \
	assert_string_equal(admwh_strerror(ADMWH_E_##name), text);                                 \
	assert_string_equal(admwh_error_name(ADMWH_E_##name), #name);                              \
	assert_true(ADMWH_E_##name < 0);
	ADMWH_ERROR_MAP(CHECK)
#undef CHECK
	assert_string_equal(admwh_strerror(0), "success");
	assert_string_equal(admwh_strerror(12345), "unknown error");
	assert_string_equal(admwh_error_name(12345), "UNKNOWN");
}

static void cuts_a_long_message_between_characters(void **state)
{
	struct awh_error error;
	char text[2000];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		text[shift] = '\0';
		for (size_t i = 0; i < 600; i++)
			strcat(text, "\xe2\x82\xac");
		assert_int_equal(awh_fail(&error, ADMWH_E_IO, "%s", text), ADMWH_E_IO);
		assert_true(strlen(error.text) > sizeof(error.text) - 5);
		assert_true(awh_utf8_valid(error.text, strlen(error.text)));
	}
}

static void fails_without_a_place_for_the_message(void **state)
{
	(void)state;
	assert_int_equal(awh_fail(NULL, ADMWH_E_IO, "nowhere"), ADMWH_E_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_a_text_and_a_name_for_every_code),
	    cmocka_unit_test(cuts_a_long_message_between_characters),
	    cmocka_unit_test(fails_without_a_place_for_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
