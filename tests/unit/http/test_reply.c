/* SPDX-License-Identifier: MIT */
#include "http/http.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cmocka_all.h"

/* The Date line is cut out of head and read; the rest is compared. */
static void expect_head(const struct awh_http_reply *reply, const char *expected)
{
	struct awh_buf buf;
	char *date;
	char *behind;
	struct tm utc = {0};
	int64_t age;

	awh_buf_init(&buf, 4096);
	awh_http_put_head(&buf, reply);
	assert_int_equal(awh_buf_terminate(&buf), 0);
	date = strstr(buf.data, "Date: ");
	if (date) {
		behind = strptime(date, "Date: %a, %d %b %Y %H:%M:%S GMT", &utc);
		assert_non_null(behind);
		behind += 2;
		assert_int_equal(behind - date, strlen("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
		age = awh_clock_wall_s() - (int64_t)timegm(&utc);
		assert_true(age >= 0 && age <= 60);
		memmove(date, behind, strlen(behind) + 1);
	}
	assert_string_equal(buf.data, expected);
	assert_int_equal(date != NULL, reply->status >= 200);
	awh_buf_deinit(&buf);
}

#define COMMON "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"

static void writes_heads(void **state)
{
	static const struct {
		struct awh_http_reply reply;
		const char *expected;
	} cases[] = {
	    {{.status = 200, .body_len = 12},
	     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n" COMMON
	     "\r\n"},
	    {{.status = 405, .content_type = "text/plain", .allow = "POST", .close = true},
	     "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain\r\n"
	     "Content-Length: 0\r\n" COMMON "Allow: POST\r\nConnection: close\r\n\r\n"},
	    {{.status = 401, .authenticate = "Bearer"},
	     "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n"
	     "Content-Length: 0\r\n" COMMON "WWW-Authenticate: Bearer\r\n\r\n"},
	    {{.status = 503, .retry_after = 1},
	     "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
	     "Content-Length: 0\r\n" COMMON "Retry-After: 1\r\n\r\n"},
	    {{.status = 204}, "HTTP/1.1 204 No Content\r\n\r\n"},
	    {{.status = 100}, "HTTP/1.1 100 Continue\r\n\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_head(&cases[i].reply, cases[i].expected);
}

static void names_every_status_the_parser_answers_with(void **state)
{
	static const int statuses[] = {400, 413, 414, 417, 431, 500, 501, 505};

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++)
		assert_string_not_equal(awh_http_status_text(statuses[i]), "Unknown");
	assert_string_equal(awh_http_status_text(404), "Not Found");
	assert_string_equal(awh_http_status_text(299), "Unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_heads),
	    cmocka_unit_test(names_every_status_the_parser_answers_with),
	};

	return cmocka_run_group_tests_name("http reply", tests, NULL, NULL);
}
