/* SPDX-License-Identifier: MIT */
/* Each allocation in turn is made to fail (linked with --wrap). */
#include "http/http.h"

#include <stdlib.h>
#include <string.h>

#include "../wrapped_alloc.h"
#include "cmocka_all.h"

static long allocations_left; /* before the one that fails; negative: none does */

static bool alloc_fails(void)
{
	return allocations_left >= 0 && allocations_left-- == 0;
}

/* A head with every string that is kept, values longer than a first block, chunks and trailers. */
static size_t make_request(char *raw, size_t size)
{
	static const char head[] =
	    "POST /validate?timeout=10s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
	    "Content-Encoding: identity\r\ntraceparent: 00\r\nTransfer-Encoding: chunked\r\n"
	    "Authorization: ";
	static const char rest[] = "\r\n\r\n1;a=b\r\na\r\n0\r\nX: y\r\n\r\n";
	size_t len = size - sizeof(rest);

	memset(raw, 'x', size);
	memcpy(raw, head, sizeof(head) - 1);
	memcpy(raw + len, rest, sizeof(rest));
	return len + sizeof(rest) - 1;
}

/* The last event of a stream. */
static enum awh_http_event last_event(struct awh_http_parser *parser, const char *raw, size_t len)
{
	enum awh_http_event event = AWH_HTTP_HEAD;

	while (event == AWH_HTTP_HEAD || event == AWH_HTTP_BODY) {
		size_t taken;

		event = awh_http_feed(parser, raw, len, &taken);
		raw += taken;
		len -= taken;
	}
	return event;
}

static void survives_when_any_allocation_fails(void **state)
{
	static const struct awh_http_limits limits = {
	    .header_bytes = 16384, .header_count = 64, .body = 10};
	char raw[9000];
	size_t len = make_request(raw, sizeof(raw));
	enum awh_http_event event = AWH_HTTP_ERROR;
	long n = 0;

	(void)state;
	for (; event != AWH_HTTP_END; n++) {
		struct awh_http_parser *parser;

		allocations_left = n;
		parser = awh_http_parser_new(&limits);
		if (parser)
			event = last_event(parser, raw, len);
		allocations_left = -1;
		if (parser && event == AWH_HTTP_ERROR) {
			assert_int_equal(awh_http_error_status(parser), 500);
			assert_string_equal(awh_http_error_reason(parser), "out of memory");
		}
		awh_http_parser_free(parser);
	}
	assert_true(n >= 5 && n <= 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(survives_when_any_allocation_fails),
	};

	allocations_left = -1;
	return cmocka_run_group_tests_name("http memory", tests, NULL, NULL);
}
