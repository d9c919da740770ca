/* SPDX-License-Identifier: MIT */
/* What single lines mean; whole heads are tested with the parser. */
#include "http/head.h"

#include <string.h>

#include "cmocka_all.h"

static struct awh_span span(const char *text)
{
	return (struct awh_span){text, strlen(text)};
}

static bool read_line(struct awh_head_reader *reader, const char *name, const char *value,
		      struct awh_refusal *refusal)
{
	return awh_head_field(reader, span(name), span(value), refusal);
}

static void refuses_in_the_line_that_is_wrong(void **state)
{
	struct awh_head_reader reader = {.seen = 0};
	struct awh_refusal refusal = {0, NULL};

	(void)state;
	assert_false(awh_head_request_line(&reader, span("CONNECT"), span("/"), 1, &refusal));
	assert_int_equal(refusal.status, 501);
	awh_head_reset(&reader);
	assert_true(awh_head_request_line(&reader, span("GET"), span("/"), 1, &refusal));
	assert_true(read_line(&reader, "Host", "a", &refusal));
	assert_true(read_line(&reader, "X", "a", &refusal));
	assert_true(read_line(&reader, "X", "a", &refusal));
	assert_false(read_line(&reader, "HOST", "a", &refusal));
	assert_int_equal(refusal.status, 400);
	awh_head_reset(&reader);
}

static void forgets_everything_when_reset(void **state)
{
	struct awh_head_reader reader = {.seen = 0};
	struct awh_refusal refusal = {0, NULL};

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_true(
		    awh_head_request_line(&reader, span("X"), span("/?timeout=1s"), 0, &refusal));
		assert_true(read_line(&reader, "Connection", "keep-alive", &refusal));
		assert_true(read_line(&reader, "Content-Length", "5", &refusal));
		assert_true(read_line(&reader, "Expect", "100-continue", &refusal));
		assert_true(awh_head_end(&reader, &refusal));
		awh_head_reset(&reader);
		assert_null(reader.head.method);
		assert_null(reader.head.timeout);
	}
	assert_true(awh_head_request_line(&reader, span("GET"), span("/"), 0, &refusal));
	assert_true(awh_head_end(&reader, &refusal));
	assert_false(reader.head.keep_alive);
	assert_int_equal(reader.head.content_length, 0);
	awh_head_reset(&reader);
}

/* RFC 9110 5.3: a list may come in several lines; what it is for here, the first one tells. */
static void takes_accept_more_than_once(void **state)
{
	struct awh_head_reader reader = {.seen = 0};
	struct awh_refusal refusal = {0, NULL};

	(void)state;
	assert_null(reader.head.accept);
	assert_true(read_line(&reader, "ACCEPT", "text/plain;version=0.0.4", &refusal));
	assert_true(read_line(&reader, "Accept", "*/*", &refusal));
	assert_string_equal(reader.head.accept, "text/plain;version=0.0.4");
	awh_head_reset(&reader);
	assert_null(reader.head.accept);
}

static void knows_what_must_not_be_a_trailer(void **state)
{
	static const char *const forbidden[] = {"content-length",  "Transfer-Encoding", "HOST",
						"Authorization",   "Connection",        "Expect",
						"Content-Encoding"};

	(void)state;
	for (size_t i = 0; i < COUNT(forbidden); i++)
		assert_false(awh_head_is_trailer(span(forbidden[i])));
	assert_true(awh_head_is_trailer(span("Vary")));
	assert_true(awh_head_is_trailer(span("Accept")));
	assert_true(awh_head_is_trailer(span("Content-Type")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_in_the_line_that_is_wrong),
	    cmocka_unit_test(forgets_everything_when_reset),
	    cmocka_unit_test(takes_accept_more_than_once),
	    cmocka_unit_test(knows_what_must_not_be_a_trailer),
	};

	return cmocka_run_group_tests_name("http head", tests, NULL, NULL);
}
