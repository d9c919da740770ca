/* SPDX-License-Identifier: MIT */
/* Where an answer goes; every byte of it is in tests/vectors/dialects and test_response.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "review/encode.h"
#include "review/response.h"

enum { OUTPUT_MAX = 4096 };

static const enum admwh_dialect dialects[] = {ADMWH_DIALECT_KUBERNETES, ADMWH_DIALECT_RANCHER,
					      ADMWH_DIALECT_KUBEWARDEN, ADMWH_DIALECT_PLAIN};

enum { N_DIALECTS = sizeof(dialects) / sizeof(dialects[0]) };

static void encode(struct awh_buf *buf, enum admwh_dialect dialect, bool is_failure)
{
	static const char request[] = "{\"uid\":\"u-1\",\"name\":\"<\"}";
	const struct awh_reply_to to = {
	    .dialect = dialect, .uid = "u-1", .request = request, .request_len = strlen(request)};
	struct admwh_response response;

	awh_response_init(&response);
	admwh_response_deny(&response, 403, "a < b");
	admwh_response_add_warning(&response, "<&>");
	if (is_failure)
		awh_failure_encode(buf, &to, 500, "a < b", &response);
	else
		awh_response_encode(buf, &to, &response, NULL);
	awh_response_deinit(&response);
}

static void leaves_what_the_buffer_holds_as_it_is(void **state)
{
	static const char before[] = "<before>";
	const size_t n = strlen(before);

	(void)state;
	for (size_t i = 0; i < 2 * N_DIALECTS; i++) {
		const enum admwh_dialect dialect = dialects[i / 2];
		struct awh_buf alone, behind;

		awh_buf_init(&alone, OUTPUT_MAX);
		awh_buf_init(&behind, OUTPUT_MAX);
		encode(&alone, dialect, i % 2);
		awh_buf_puts(&behind, before);
		encode(&behind, dialect, i % 2);
		assert_int_equal(alone.err, 0);
		assert_int_equal(behind.err, 0);
		assert_int_equal(behind.len, n + alone.len);
		assert_memory_equal(behind.data, before, n);
		assert_memory_equal(behind.data + n, alone.data, alone.len);
		awh_buf_deinit(&alone);
		awh_buf_deinit(&behind);
	}
}

static void marks_a_buffer_that_is_too_small_in_each_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * N_DIALECTS; i++) {
		const enum admwh_dialect dialect = dialects[i / 2];
		struct awh_buf whole;

		awh_buf_init(&whole, OUTPUT_MAX);
		encode(&whole, dialect, i % 2);
		assert_true(whole.len > 100);
		for (size_t max = 0; max <= whole.len; max++) {
			struct awh_buf buf;

			awh_buf_init(&buf, max);
			encode(&buf, dialect, i % 2);
			assert_int_equal(buf.err, max < whole.len ? ADMWH_E_LIMIT : 0);
			awh_buf_deinit(&buf);
		}
		awh_buf_deinit(&whole);
	}
}

static void has_the_code_of_a_denial_by_its_dialect(void **state)
{
	static const int codes[] = {400, 0, 0, 0};
	struct admwh_response response;

	(void)state;
	for (size_t i = 0; i < N_DIALECTS; i++) {
		awh_response_init(&response);
		assert_int_equal(awh_response_code(&response, dialects[i]), 500);
		admwh_response_deny(&response, 0, "no");
		assert_int_equal(awh_response_code(&response, dialects[i]), codes[i]);
		admwh_response_deny(&response, 422, "no");
		assert_int_equal(awh_response_code(&response, dialects[i]), 422);
		awh_response_deinit(&response);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(leaves_what_the_buffer_holds_as_it_is),
	    cmocka_unit_test(marks_a_buffer_that_is_too_small_in_each_dialect),
	    cmocka_unit_test(has_the_code_of_a_denial_by_its_dialect),
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
