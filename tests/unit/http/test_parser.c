/* SPDX-License-Identifier: MIT */
/* Every case is fed whole, byte by byte, and split in two at every position. */
#include "transcript.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmocka_all.h"

#define HOST "Host: a\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define HEAD_OF_CHUNKED "HEAD POST / 1.1 path=\"/\" keep-alive chunked\n"
#define HEAD_OF_GET "HEAD GET / 1.1 path=\"/\" keep-alive\n"

static const struct awh_http_limits usual = {
    .header_bytes = 16384,
    .header_count = 64,
    .body = 33554432,
};

static void run(const struct awh_http_limits *limits, const char *raw, size_t len,
		const char *expected)
{
	struct transcript transcript;

	transcript_run(&transcript, limits, raw, len, len, len);
	assert_string_equal(transcript.text.data, expected);
	transcript_deinit(&transcript);
	for (size_t first = 1; first <= len; first++) {
		/* The last round is the one byte by byte. */
		transcript_run(&transcript, limits, raw, len, first < len ? first : 1,
			       first < len ? len : 1);
		assert_string_equal(transcript.text.data, expected);
		transcript_deinit(&transcript);
	}
}

struct refused {
	const char *raw;
	const char *expected; /* "400 why", or the transcript's lines before that, too */
};

static void run_refused(const struct refused *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *last = strrchr(cases[i].expected, '\n');
		const char *refusal = last ? last + 1 : cases[i].expected;
		char expected[512];

		snprintf(expected, sizeof(expected), "%.*sERROR %s\n",
			 (int)(refusal - cases[i].expected), cases[i].expected, refusal);
		run(&usual, cases[i].raw, strlen(cases[i].raw), expected);
	}
}

struct taken {
	const char *raw;
	const char *expected;
};

static void run_taken(const struct taken *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run(&usual, cases[i].raw, strlen(cases[i].raw), cases[i].expected);
}

static void refuses_malformed_request_lines(void **state)
{
	static const struct refused cases[] = {
	    {" GET / HTTP/1.1\r\n", "400 malformed method"},
	    {"\tGET / HTTP/1.1\r\n", "400 malformed method"},
	    {"GE\x01T / HTTP/1.1\r\n", "400 malformed method"},
	    {"GET(/ HTTP/1.1\r\n", "400 malformed method"},
	    {"G\xc3\x89T / HTTP/1.1\r\n", "400 malformed method"},
	    {"{\"kind\":\"AdmissionReview\"}", "400 malformed method"},
	    {"\x16\x03\x01\x02\x01\x01", "400 malformed method"},
	    {"\n\nGET / HTTP/1.1\r\n", "400 malformed method"},
	    {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG", "501 method is too long"},
	    {"GET  / HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET\t/ HTTP/1.1\r\n", "400 malformed method"},
	    {"GET /a b HTTP/1.1\r\n", "400 malformed HTTP version"},
	    {"GET /\x7f HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET /\xc3\xa9 HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET /\r\n\r\n", "400 malformed request target"},
	    {"GET / \r\n\r\n", "400 malformed HTTP version"},
	    {"GET /\n", "400 malformed request target"},
	    {"GET /  HTTP/1.1\r\n", "400 malformed HTTP version"},
	    {"GET / HTTP/1.1 \r\n", "400 line does not end here"},
	    {"GET / HTTP/1.1\n", "400 line does not end here"},
	    {"GET / HTTP/1.1\rX", "400 bare CR"},
	    {"GET / HTTP/1.1\r\r\n", "400 bare CR"},
	    {"GET / http/1.1\r\n", "400 malformed HTTP version"},
	    {"GET / HTTPS/1.1\r\n", "400 malformed HTTP version"},
	    {"GET / HTTP/1.10\r\n", "400 line does not end here"},
	    {"GET / HTTP/10.1\r\n", "400 malformed HTTP version"},
	    {"GET / HTTP/1,1\r\n", "400 malformed HTTP version"},
	    {"GET / HTTP/-1.1\r\n", "400 malformed HTTP version"},
	    {"GET / HTTP/1.\r\n", "400 malformed HTTP version"},
	    {"GET / HTTP/\r\n", "400 malformed HTTP version"},
	    {"GET / HTTP/257.1\r\n", "505 only HTTP/1.1 and HTTP/1.0 are spoken"},
	    {"GET / HTTP/1.2\r\n", "505 only HTTP/1.1 and HTTP/1.0 are spoken"},
	    {"GET / HTTP/0.9\r\n", "505 only HTTP/1.1 and HTTP/1.0 are spoken"},
	    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 only HTTP/1.1 and HTTP/1.0 are spoken"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_targets_it_does_not_serve(void **state)
{
	static const struct refused cases[] = {
	    {"GET a HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET ?a HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET * HTTP/1.1\r\n", "400 malformed request target"},
	    {"POST * HTTP/1.1\r\n", "400 malformed request target"},
	    {"OPTIONS ** HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET a.example:80 HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET ://a/ HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET @://a/ HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET 1a://b HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET data:a HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET http:/a HTTP/1.1\r\n", "400 malformed request target"},
	    {"GET http:// HTTP/1.1\r\n", "400 malformed authority in the request target"},
	    {"GET http:///a HTTP/1.1\r\n", "400 malformed authority in the request target"},
	    {"GET http://u@/ HTTP/1.1\r\n", "400 malformed authority in the request target"},
	    {"GET http://u@v@w/ HTTP/1.1\r\n", "400 malformed authority in the request target"},
	    {"GET http://a:b/ HTTP/1.1\r\n", "400 malformed authority in the request target"},
	    {"CONNECT a:443 HTTP/1.1\r\n", "501 this is no proxy"},
	    {"CONNECT / HTTP/1.1\r\n", "501 this is no proxy"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_malformed_field_lines(void **state)
{
	static const struct refused cases[] = {
	    {POST " X: folded\r\n\r\n", "400 folded field line"},
	    {POST "\tX: folded\r\n\r\n", "400 folded field line"},
	    {POST "X : y\r\n\r\n", "400 malformed field name"},
	    {POST "X\t: y\r\n\r\n", "400 malformed field name"},
	    {POST "X\r\n : y\r\n\r\n", "400 malformed field name"},
	    {POST ": y\r\n\r\n", "400 malformed field name"},
	    {POST "X\r\n\r\n", "400 malformed field name"},
	    {POST "X@: y\r\n\r\n", "400 malformed field name"},
	    {POST "X\x01: y\r\n\r\n", "400 malformed field name"},
	    {POST "X\xc3\xa9: y\r\n\r\n", "400 malformed field name"},
	    {POST "X: y\x01\r\n\r\n", "400 malformed field value"},
	    {POST "X: y\x7f\r\n\r\n", "400 malformed field value"},
	    {POST "X: y\x0c\r\n\r\n", "400 malformed field value"},
	    {POST "X: y\n\r\n", "400 malformed field value"},
	    {POST "X: y\rZ: a\r\n\r\n", "400 bare CR"},
	    {POST "X: y\r\n\rGET / HTTP/1.1", "400 bare CR"},
	    {POST "\n", "400 malformed field name"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_nul_bytes_everywhere(void **state)
{
	static const char request[] = "\r\nGET /a HTTP/1.1\r\n" HOST "X: y\r\n\r\n";

	(void)state;
	for (size_t i = 2; i < sizeof(request) - 1; i++) {
		char raw[sizeof(request)];
		struct transcript transcript;

		memcpy(raw, request, sizeof(raw));
		raw[i] = '\0';
		transcript_run(&transcript, &usual, raw, sizeof(raw) - 1, sizeof(raw), 1);
		assert_true(strncmp(transcript.text.data, "ERROR 400", 9) == 0);
		transcript_deinit(&transcript);
	}
}

static void refuses_hosts_that_are_missing_repeated_or_malformed(void **state)
{
	static const struct refused cases[] = {
	    {"GET / HTTP/1.1\r\n\r\n", "400 no Host"},
	    {"GET http://a/ HTTP/1.1\r\n\r\n", "400 no Host"},
	    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "400 malformed Host"},
	    {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "400 malformed Host"},
	    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 malformed Host"},
	    {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "400 malformed Host"},
	    {"GET / HTTP/1.0\r\nHost: a b\r\n\r\n", "400 malformed Host"},
	    {"GET / HTTP/1.1\r\n" HOST "hOST: a\r\n\r\n", "400 field line must not be repeated"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_lengths_that_are_not_one_number(void **state)
{
	static const struct refused cases[] = {
	    {POST "Content-Length:\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: +1\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: -1\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: 0x1\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: 1_0\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: 1.0\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: 1 0\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: 1, 1\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: 1;\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: \"1\"\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: \xd9\xa1\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: 18446744073709551616\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: 18446744073709551617\r\n\r\n", "400 malformed Content-Length"},
	    {POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
	     "400 field line must not be repeated"},
	    {POST "Content-Length: 0\r\ncontent-length: 5\r\n\r\n",
	     "400 field line must not be repeated"},
	    {POST "Content-Length: 18446744073709551615\r\n\r\n", "413 body is too long"},
	    {POST "Content-Length: 33554433\r\n\r\n", "413 body is too long"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_transfer_codings_other_than_chunked(void **state)
{
	static const struct refused cases[] = {
	    {POST "Transfer-Encoding:\r\n\r\n", "400 malformed Transfer-Encoding"},
	    {POST "Transfer-Encoding: \"chunked\"\r\n\r\n", "400 malformed Transfer-Encoding"},
	    {POST "Transfer-Encoding: chunked;q=1\r\n\r\n", "400 malformed Transfer-Encoding"},
	    {POST "Transfer-Encoding: chunked,\r\n\r\n", "400 malformed Transfer-Encoding"},
	    {POST "Transfer-Encoding: ,chunked\r\n\r\n", "400 malformed Transfer-Encoding"},
	    {POST "Transfer-Encoding: identity, \xa0"
		  "chunked\r\n\r\n",
	     "400 malformed Transfer-Encoding"},
	    {POST "Transfer-Encoding: \x0b"
		  "chunked\r\n\r\n",
	     "400 malformed field value"},
	    {POST "Transfer-Encoding: xchunked\r\n\r\n",
	     "400 Transfer-Encoding does not end in chunked"},
	    {POST "Transfer-Encoding: chunkedchunked\r\n\r\n",
	     "400 Transfer-Encoding does not end in chunked"},
	    {POST "Transfer-Encoding: identity\r\n\r\n",
	     "400 Transfer-Encoding does not end in chunked"},
	    {POST "Transfer-Encoding: chunked, identity\r\n\r\n",
	     "400 Transfer-Encoding does not end in chunked"},
	    {POST "Transfer-Encoding: gzip, chunked\r\n\r\n",
	     "501 the only transfer coding is chunked"},
	    {POST "Transfer-Encoding: chunked, chunked\r\n\r\n",
	     "501 the only transfer coding is chunked"},
	    {POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	     "400 field line must not be repeated"},
	    {POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
	     "400 Content-Length beside Transfer-Encoding"},
	    {POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
	     "400 Transfer-Encoding beside Content-Length"},
	    {POST "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n",
	     "400 Transfer-Encoding beside Content-Length"},
	    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
	     "400 Transfer-Encoding in HTTP/1.0"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_malformed_chunks(void **state)
{
	static const struct refused cases[] = {
	    {CHUNKED "\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED " 1\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED "1\v\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED "+1\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED "-1\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED "0x1\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED "1_0\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED "1g\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED ";a\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED "1\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	    {CHUNKED "1\r\r\n", HEAD_OF_CHUNKED "400 bare CR"},
	    {CHUNKED "00010000000000000000\r\n", HEAD_OF_CHUNKED "400 chunk size is too large"},
	    {CHUNKED "10000000000000000\r\n", HEAD_OF_CHUNKED "400 chunk size is too large"},
	    {CHUNKED "ffffffffffffffff\r\n", HEAD_OF_CHUNKED "413 body is too long"},
	    {CHUNKED "2000001\r\n", HEAD_OF_CHUNKED "413 body is too long"},
	    {CHUNKED "1\r\naX", HEAD_OF_CHUNKED "400 line does not end here"},
	    {CHUNKED "1\r\na\n", HEAD_OF_CHUNKED "400 line does not end here"},
	    {CHUNKED "1\r\na\rX", HEAD_OF_CHUNKED "400 bare CR"},
	    {CHUNKED "1\r\na\r\n\r\n", HEAD_OF_CHUNKED "400 malformed chunk size"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_malformed_chunk_extensions(void **state)
{
	static const char *const lines[] = {
	    "1 \r\n",       "1\t\r\n",     "1 a\r\n",        "1 ;\r\n",        "1;\r\n",
	    "1; \r\n",      "1;a \r\n",    "1;a b\r\n",      "1;a=\r\n",       "1;a= \r\n",
	    "1;a;\r\n",     "1;=b\r\n",    "1;a=b \r\n",     "1;a=b c\r\n",    "1;a=\"b\r\n",
	    "1;a\n",        "1;a=b\n",     "1;a/\r\n",       "1;a=\"b\"c\r\n", "1;a=\"b\" \r\n",
	    "1;a=\"\\\r\n", "1;a=b\"\r\n", "1;a=\"\n\"\r\n", "1;a=/\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char raw[256];

		snprintf(raw, sizeof(raw), CHUNKED "%s", lines[i]);
		run(&usual, raw, strlen(raw),
		    HEAD_OF_CHUNKED "ERROR 400 malformed chunk extension\n");
	}
}

static void refuses_malformed_and_forbidden_trailers(void **state)
{
	static const struct refused cases[] = {
	    {CHUNKED "0\r\nX : y\r\n\r\n", HEAD_OF_CHUNKED "400 malformed field name"},
	    {CHUNKED "0\r\n X: y\r\n\r\n", HEAD_OF_CHUNKED "400 folded field line"},
	    {CHUNKED "0\r\nX: y\n\r\n", HEAD_OF_CHUNKED "400 malformed field value"},
	    {CHUNKED "0\r\nGET / HTTP/1.1\r\n", HEAD_OF_CHUNKED "400 malformed field name"},
	    {CHUNKED "0\r\nContent-Length: 1\r\n\r\n",
	     HEAD_OF_CHUNKED "400 field must not be in a trailer"},
	    {CHUNKED "0\r\ntransfer-encoding: chunked\r\n\r\n",
	     HEAD_OF_CHUNKED "400 field must not be in a trailer"},
	    {CHUNKED "0\r\nHost: b\r\n\r\n", HEAD_OF_CHUNKED "400 field must not be in a trailer"},
	    {CHUNKED "0\r\nAuthorization: Bearer x\r\n\r\n",
	     HEAD_OF_CHUNKED "400 field must not be in a trailer"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_what_must_be_said_once(void **state)
{
	static const struct refused cases[] = {
	    {POST "Authorization: a\r\nAuthorization: a\r\n",
	     "400 field line must not be repeated"},
	    {POST "Content-Type: a\r\nContent-Type: a\r\n", "400 field line must not be repeated"},
	    {POST "Content-Encoding: a\r\nContent-Encoding: a\r\n",
	     "400 field line must not be repeated"},
	    {POST "Traceparent: a\r\ntraceparent: a\r\n", "400 field line must not be repeated"},
	    {POST "Expect: 100-continue\r\nExpect: 100-continue\r\n",
	     "400 field line must not be repeated"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_expectations_other_than_continue(void **state)
{
	static const struct refused cases[] = {
	    {POST "Expect:\r\n", "417 the only expectation is 100-continue"},
	    {POST "Expect: 200-ok\r\n", "417 the only expectation is 100-continue"},
	    {POST "Expect: 100-continue, x\r\n", "417 the only expectation is 100-continue"},
	    {POST "Connection: a b\r\n", "400 malformed Connection"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

/* A fragment straight behind the authority: no client sends one, our grammar would let it pass. */
static void refuses_what_llhttp_does_not_take(void **state)
{
	static const struct refused cases[] = {
	    {"GET http://a#b HTTP/1.1\r\n", "400 request can be read in two ways"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_more_than_four_empty_lines(void **state)
{
	static const struct refused cases[] = {
	    {"\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", "400 too many empty lines"},
	    {"\rGET / HTTP/1.1\r\n" HOST "\r\n", "400 bare CR"},
	    {"\r\r\nGET / HTTP/1.1\r\n" HOST "\r\n", "400 bare CR"},
	};

	(void)state;
	run_refused(cases, COUNT(cases));
}

static void refuses_heads_over_the_limits(void **state)
{
	static const char raw[] = "GET / HTTP/1.1\r\nHost: abc\r\n\r\n";
	const size_t len = sizeof(raw) - 1;
	struct awh_http_limits limits = {.header_bytes = len, .header_count = 1};

	(void)state;
	run(&limits, raw, len, HEAD_OF_GET "END \"\"\n");
	limits.header_bytes = len - 1;
	run(&limits, raw, len, "ERROR 431 header fields are too long\n");
	limits.header_bytes = 16;
	run(&limits, raw, len, "ERROR 431 header fields are too long\n");
	limits.header_bytes = 15;
	run(&limits, raw, len, "ERROR 414 request line is too long\n");
	limits = (struct awh_http_limits){.header_bytes = len, .header_count = 0};
	run(&limits, raw, len, "ERROR 431 too many header fields\n");
}

/* Longer than the head before it, so that it is what meets the limit. */
#define TRAILERS                                                                                   \
	"A: 45678901234567890123456789012345678901234567890123456789012345678901234567890\r\n"     \
	"B: c\r\n\r\n"

static void refuses_trailers_over_the_limits(void **state)
{
	static const char raw[] = CHUNKED "0\r\n" TRAILERS;
	struct awh_http_limits limits = {.header_bytes = sizeof(TRAILERS) - 1, .header_count = 2};
	size_t len = sizeof(raw) - 1;

	(void)state;
	run(&limits, raw, len, HEAD_OF_CHUNKED "END \"\"\n");
	limits.header_bytes--;
	run(&limits, raw, len, HEAD_OF_CHUNKED "ERROR 431 header fields are too long\n");
	run(&limits, CHUNKED "0\r\nA: b\r\nC: d\r\nE: f\r\n", strlen(CHUNKED) + 21,
	    HEAD_OF_CHUNKED "ERROR 431 too many header fields\n");
}

static void distinguishes_too_many_fields_from_other_refusals(void **state)
{
	static const struct {
		const char *raw;
		bool is_count;
	} cases[] = {
	    {"GET / HTTP/1.1\r\n" HOST "A: b\r\nC: d\r\n\r\n", true},
	    {CHUNKED "0\r\nA: b\r\nC: d\r\nE: f\r\n", true},
	    {"GET / HTTP/1.1\r\n" HOST "A: bcdefghijklmnopqrstuvwxyzbcdefghijklmnopqrstuvwxyz\r\n",
	     false},
	    {"GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", false},
	    {"GET / HTTP/1.1\r\n" HOST "A: b\r\n\r\n", false},
	};
	static const struct awh_http_limits limits = {.header_bytes = 64, .header_count = 2};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_http_parser *parser = awh_http_parser_new(&limits);
		size_t len = strlen(cases[i].raw), at = 0;
		size_t taken = 1;

		for (; at < len && taken > 0; at += taken)
			awh_http_feed(parser, cases[i].raw + at, len - at, &taken);
		assert_int_equal(awh_http_error_is_count(parser), cases[i].is_count);
		awh_http_parser_free(parser);
	}
}

static void refuses_bodies_over_the_limit(void **state)
{
	static const struct awh_http_limits limits = {
	    .header_bytes = 1024, .header_count = 9, .body = 3};
	static const struct taken cases[] = {
	    {POST "Content-Length: 4\r\n\r\n", "ERROR 413 body is too long\n"},
	    {POST "Content-Length: 3\r\n\r\nabc",
	     "HEAD POST / 1.1 path=\"/\" keep-alive length=3\nEND \"abc\"\n"},
	    {CHUNKED "4\r\n", HEAD_OF_CHUNKED "ERROR 413 body is too long\n"},
	    {CHUNKED "1\r\na\r\n3\r\n", HEAD_OF_CHUNKED "ERROR 413 body is too long\n"},
	    {CHUNKED "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", HEAD_OF_CHUNKED "END \"abc\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		run(&limits, cases[i].raw, strlen(cases[i].raw), cases[i].expected);
}

static void reports_the_head_of_a_body_over_the_limit(void **state)
{
	static const struct awh_http_limits limits = {.header_bytes = 1024, .header_count = 9};
	static const char raw[] = "POST /x HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n";
	struct awh_http_parser *parser = awh_http_parser_new(&limits);
	size_t taken;

	(void)state;
	assert_null(awh_http_head(parser));
	assert_int_equal(awh_http_feed(parser, raw, sizeof(raw) - 1, &taken), AWH_HTTP_ERROR);
	assert_int_equal(awh_http_error_status(parser), 413);
	assert_string_equal(awh_http_head(parser)->path, "/x");
	assert_int_equal(awh_http_feed(parser, raw, 1, &taken), AWH_HTTP_ERROR);
	awh_http_parser_free(parser);
}

/* A request with so many bytes of extension in one chunk and this last-chunk line; *new*. */
static char *make_padded(size_t padding, const char *last)
{
	static const char head[] = CHUNKED "1;";
	size_t line = sizeof(head) - 2 + padding;
	char *raw = calloc(1, line + 64);

	assert_non_null(raw);
	memset(raw, 'x', line);
	memcpy(raw, head, sizeof(head) - 1);
	snprintf(raw + line, 64, "\r\na\r\n%s\r\n\r\n", last);
	return raw;
}

static void refuses_padding_of_chunks_over_its_limit(void **state)
{
	static const struct {
		size_t padding;
		const char *last;
		const char *expected;
	} cases[] = {
	    {4095, "0", HEAD_OF_CHUNKED "END \"a\"\n"},
	    {4095, "00", HEAD_OF_CHUNKED "ERROR 400 chunk-size lines are too long\n"},
	    {4091, "0;abc", HEAD_OF_CHUNKED "END \"a\"\n"},
	    {4092, "0;abc", HEAD_OF_CHUNKED "ERROR 400 chunk-size lines are too long\n"},
	    {4097, "0", HEAD_OF_CHUNKED "ERROR 400 chunk-size lines are too long\n"},
	    {8000, "0", HEAD_OF_CHUNKED "ERROR 400 chunk-size lines are too long\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *raw = make_padded(cases[i].padding, cases[i].last);

		for (size_t step = 1; step < 10000; step += 9998) {
			struct transcript transcript;

			transcript_run(&transcript, &usual, raw, strlen(raw), step, step);
			assert_string_equal(transcript.text.data, cases[i].expected);
			transcript_deinit(&transcript);
		}
		free(raw);
	}
}

static void waits_for_the_rest(void **state)
{
	static const struct taken cases[] = {
	    {"", ""},
	    {"\r\n", ""},
	    {"G", ""},
	    {"GET / HTTP/1.1\r\n" HOST "\r", ""},
	    {POST "Content-Length: 2\r\n\r\na", "HEAD POST / 1.1 path=\"/\" keep-alive length=2\n"},
	    {CHUNKED "1\r\na\r\n0\r\n", HEAD_OF_CHUNKED},
	};

	(void)state;
	run_taken(cases, COUNT(cases));
}

static void reads_request_targets_as_they_are(void **state)
{
	static const struct taken cases[] = {
	    {"GET /%2e%2E//a/../b;c=d?e=/f?g#h HTTP/1.1\r\n" HOST "\r\n",
	     "HEAD GET /%2e%2E//a/../b;c=d?e=/f?g#h 1.1 path=\"/%2e%2E//a/../b;c=d\" "
	     "keep-alive\nEND \"\"\n"},
	    {"GET /a#b?c HTTP/1.1\r\n" HOST "\r\n",
	     "HEAD GET /a#b?c 1.1 path=\"/a#b\" keep-alive\nEND \"\"\n"},
	    {"GET /\"\\^`{|}<>%zz HTTP/1.1\r\n" HOST "\r\n",
	     "HEAD GET /\"\\^`{|}<>%zz 1.1 path=\"/\\\"\\\\^`{|}<>%zz\" keep-alive\nEND \"\"\n"},
	    {"GET HTTP://u:p@b:8/c?d HTTP/1.1\r\n" HOST "\r\n",
	     "HEAD GET HTTP://u:p@b:8/c?d 1.1 path=\"/c\" keep-alive\nEND \"\"\n"},
	    {"GET https://[::1]?timeout=1s HTTP/1.1\r\n" HOST "\r\n",
	     "HEAD GET https://[::1]?timeout=1s 1.1 path=\"/\" timeout=\"1s\" keep-alive\n"
	     "END \"\"\n"},
	    {"GET ftp://a/validate?timeout=1s HTTP/1.1\r\n" HOST "\r\n",
	     "HEAD GET ftp://a/validate?timeout=1s 1.1 path=\"ftp://a/validate?timeout=1s\" "
	     "keep-alive\nEND \"\"\n"},
	    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n",
	     "HEAD OPTIONS * 1.1 path=\"*\" keep-alive\nEND \"\"\n"},
	    {"M-SEARCH * HTTP/1.1\r\n" HOST "\r\n",
	     "HEAD M-SEARCH * 1.1 path=\"*\" close\nEND \"\"\n"},
	};

	(void)state;
	run_taken(cases, COUNT(cases));
}

static void reads_the_first_timeout_of_the_query(void **state)
{
	static const struct {
		const char *target;
		const char *expected;
	} cases[] = {
	    {"/?timeout=10s", "10s"},
	    {"/?a=b&timeout=1s&timeout=2s", "1s"},
	    {"/?timeout=", ""},
	    {"/?timeout", ""},
	    {"/?timeout=a=b?c", "a=b?c"},
	    {"/?timeout=%31s", "%31s"},
	    {"/", NULL},
	    {"/?", NULL},
	    {"/?timeouts=1s", NULL},
	    {"/?xtimeout=1s", NULL},
	    {"/?Timeout=1s", NULL},
	    {"/?&&", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_http_parser *parser = awh_http_parser_new(&usual);
		const char *timeout;
		char raw[256];
		size_t taken;

		snprintf(raw, sizeof(raw), "POST %s HTTP/1.1\r\n" HOST "\r\n", cases[i].target);
		assert_int_equal(awh_http_feed(parser, raw, strlen(raw), &taken), AWH_HTTP_HEAD);
		timeout = awh_http_head(parser)->timeout;
		if (cases[i].expected)
			assert_string_equal(timeout, cases[i].expected);
		else
			assert_null(timeout);
		awh_http_parser_free(parser);
	}
}

static void reads_field_values_without_their_margins(void **state)
{
	static const struct taken cases[] = {
	    {POST "Content-Type: \t application/json; charset=utf-8 \t\r\n"
		  "CONTENT-ENCODING:gzip\r\nauthorization: Bearer  \xc3\xbc \r\n"
		  "TraceParent: 00-ab\r\nX:\r\nContent-Length: 003\r\n\r\nabc",
	     "HEAD POST / 1.1 path=\"/\" content_type=\"application/json; charset=utf-8\" "
	     "content_encoding=\"gzip\" authorization=\"Bearer  \xc3\xbc\" traceparent=\"00-ab\" "
	     "keep-alive length=3\nEND \"abc\"\n"},
	    {POST "Content-Type:\r\n\r\n",
	     "HEAD POST / 1.1 path=\"/\" content_type=\"\" keep-alive\nEND \"\"\n"},
	};

	(void)state;
	run_taken(cases, COUNT(cases));
}

static void says_whether_the_connection_lives_on(void **state)
{
	static const struct {
		const char *raw;
		bool keep_alive;
	} cases[] = {
	    {"GET / HTTP/1.1\r\n" HOST "\r\n", true},
	    {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false},
	    {"GET / HTTP/1.1\r\n" HOST "Connection: ,x ,\tCLOSE,\r\n\r\n", false},
	    {"GET / HTTP/1.1\r\n" HOST "Connection: keep-alive\r\nConnection: close\r\n\r\n",
	     false},
	    {"GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n", true},
	    {"GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", true},
	    {"GET / HTTP/1.0\r\n\r\n", false},
	    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
	    {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
	    {"PURGE / HTTP/1.1\r\n" HOST "\r\n", false},
	    {"get / HTTP/1.1\r\n" HOST "\r\n", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *expected = cases[i].keep_alive ? " keep-alive\n" : " close\n";
		struct transcript transcript;

		transcript_run(&transcript, &usual, cases[i].raw, strlen(cases[i].raw), 1, 1);
		assert_non_null(strstr(transcript.text.data, expected));
		assert_int_equal(transcript.requests, 1);
		transcript_deinit(&transcript);
	}
}

static void knows_requests_that_wait_for_continue(void **state)
{
	static const struct taken cases[] = {
	    {POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\na",
	     "HEAD POST / 1.1 path=\"/\" keep-alive expect length=1\nEND \"a\"\n"},
	    {POST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
	     "HEAD POST / 1.1 path=\"/\" keep-alive\nEND \"\"\n"},
	    {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
	     "HEAD POST / 1.0 path=\"/\" close length=1\nEND \"a\"\n"},
	};

	(void)state;
	run_taken(cases, COUNT(cases));
}

static void reads_chunked_bodies(void **state)
{
	static const struct taken cases[] = {
	    {CHUNKED "0\r\n\r\n", HEAD_OF_CHUNKED "END \"\"\n"},
	    {CHUNKED "a\r\n0123456789\r\n0B\r\nabcdefghijk\r\n000\r\n\r\n",
	     HEAD_OF_CHUNKED "END \"0123456789abcdefghijk\"\n"},
	    {CHUNKED "1;a;b=c;d=\"e \\\"\\\\;\t\xc3\"\r\n\n\r\n0;x\r\n\r\n",
	     HEAD_OF_CHUNKED "END \"\\n\"\n"},
	    {CHUNKED "1 ;\t a = b ; c=\t\"d\" ;e\r\na\r\n0\t;f\r\n\r\n",
	     HEAD_OF_CHUNKED "END \"a\"\n"},
	    {CHUNKED "00000000000000000000001\r\na\r\n00000000000000000000\r\n\r\n",
	     HEAD_OF_CHUNKED "END \"a\"\n"},
	    {CHUNKED "1\r\na\r\n0\r\nVary: *\r\nContent-Type: text/plain\r\n\r\n",
	     HEAD_OF_CHUNKED "END \"a\"\n"},
	    {POST "transfer-ENCODING: \tChunkeD\r\n\r\n1\r\na\r\n0\r\n\r\n",
	     HEAD_OF_CHUNKED "END \"a\"\n"},
	};

	(void)state;
	run_taken(cases, COUNT(cases));
}

static void reads_requests_one_after_the_other(void **state)
{
	static const struct taken cases[] = {
	    {"GET / HTTP/1.1\r\n" HOST "\r\n" CHUNKED "1\r\na\r\n0\r\nX: y\r\n\r\n"
	     "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n" POST "Content-Length: 1\r\n\r\nbX",
	     HEAD_OF_GET "END \"\"\n" HEAD_OF_CHUNKED "END \"a\"\n" HEAD_OF_GET "END \"\"\n"
			 "HEAD POST / 1.1 path=\"/\" keep-alive length=1\nEND \"b\"\n"},
	    {"\r\nGET / HTTP/1.1\r\n" HOST "\r\n"
	     "\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
	     HEAD_OF_GET "END \"\"\n" HEAD_OF_GET "END \"\"\n"},
	    {"QUERY / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\naGET / HTTP/1.1\r\n",
	     "HEAD QUERY / 1.1 path=\"/\" close length=1\nEND \"a\"\n"},
	    {"GET / HTTP/1.1\r\n" HOST "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
	     "GET / HTTP/1.1\r\n" HOST "\r\n",
	     HEAD_OF_GET "END \"\"\n" HEAD_OF_GET "END \"\"\n"},
	    {POST "Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\na"
		  "GET / HTTP/1.1\r\n" HOST "\r\n",
	     "HEAD POST / 1.1 path=\"/\" keep-alive length=1\nEND \"a\"\n" HEAD_OF_GET
	     "END \"\"\n"},
	};

	(void)state;
	run_taken(cases, COUNT(cases));
}

static void ends_a_request_without_further_bytes(void **state)
{
	static const char raw[] = "GET / HTTP/1.1\r\n" HOST "\r\nGET";
	struct awh_http_parser *parser = awh_http_parser_new(&usual);
	size_t taken;

	(void)state;
	assert_int_equal(awh_http_feed(parser, raw, sizeof(raw) - 1, &taken), AWH_HTTP_HEAD);
	assert_int_equal(taken, sizeof(raw) - 4);
	assert_int_equal(awh_http_feed(parser, NULL, 0, &taken), AWH_HTTP_END);
	assert_int_equal(taken, 0);
	assert_int_equal(awh_http_feed(parser, "GET", 3, &taken), AWH_HTTP_END);
	assert_int_equal(taken, 0);
	awh_http_next(parser);
	assert_null(awh_http_head(parser));
	assert_int_equal(awh_http_feed(parser, "GET", 3, &taken), AWH_HTTP_MORE);
	assert_int_equal(taken, 3);
	awh_http_parser_free(parser);
}

static void hands_bodies_on_without_copying(void **state)
{
	static const char raw[] = POST "Content-Length: 4\r\n\r\nabcd";
	struct awh_http_parser *parser = awh_http_parser_new(&usual);
	const char *body = raw + sizeof(raw) - 5;
	size_t taken;
	size_t len;

	(void)state;
	assert_int_equal(awh_http_feed(parser, raw, sizeof(raw) - 1, &taken), AWH_HTTP_HEAD);
	assert_ptr_equal(raw + taken, body);
	assert_int_equal(awh_http_feed(parser, body, 3, &taken), AWH_HTTP_BODY);
	assert_int_equal(taken, 3);
	assert_ptr_equal(awh_http_piece(parser, &len), body);
	assert_int_equal(len, 3);
	assert_int_equal(awh_http_feed(parser, body + 3, 1, &taken), AWH_HTTP_BODY);
	assert_ptr_equal(awh_http_piece(parser, &len), body + 3);
	assert_int_equal(awh_http_feed(parser, NULL, 0, &taken), AWH_HTTP_END);
	awh_http_parser_free(parser);
}

static void knows_when_it_is_idle(void **state)
{
	static const char raw[] = "GET / HTTP/1.1\r\n" HOST "\r\n";
	struct awh_http_parser *parser = awh_http_parser_new(&usual);
	size_t taken;

	(void)state;
	assert_false(awh_http_in_request(parser));
	assert_int_equal(awh_http_feed(parser, "\r\n\r", 3, &taken), AWH_HTTP_MORE);
	assert_false(awh_http_in_request(parser));
	assert_int_equal(awh_http_feed(parser, "\n", 1, &taken), AWH_HTTP_MORE);
	assert_int_equal(awh_http_feed(parser, raw, 1, &taken), AWH_HTTP_MORE);
	assert_true(awh_http_in_request(parser));
	awh_http_next(parser); /* means nothing in the middle of a request */
	assert_int_equal(awh_http_feed(parser, raw + 1, sizeof(raw) - 2, &taken), AWH_HTTP_HEAD);
	assert_true(awh_http_in_request(parser));
	assert_int_equal(awh_http_feed(parser, NULL, 0, &taken), AWH_HTTP_END);
	assert_false(awh_http_in_request(parser));
	awh_http_next(parser);
	assert_false(awh_http_in_request(parser));
	awh_http_parser_free(parser);
}

static void frees_nothing(void **state)
{
	(void)state;
	awh_http_parser_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_malformed_request_lines),
	    cmocka_unit_test(refuses_targets_it_does_not_serve),
	    cmocka_unit_test(refuses_malformed_field_lines),
	    cmocka_unit_test(refuses_nul_bytes_everywhere),
	    cmocka_unit_test(refuses_hosts_that_are_missing_repeated_or_malformed),
	    cmocka_unit_test(refuses_lengths_that_are_not_one_number),
	    cmocka_unit_test(refuses_transfer_codings_other_than_chunked),
	    cmocka_unit_test(refuses_malformed_chunks),
	    cmocka_unit_test(refuses_malformed_chunk_extensions),
	    cmocka_unit_test(refuses_malformed_and_forbidden_trailers),
	    cmocka_unit_test(refuses_what_must_be_said_once),
	    cmocka_unit_test(refuses_expectations_other_than_continue),
	    cmocka_unit_test(refuses_what_llhttp_does_not_take),
	    cmocka_unit_test(refuses_more_than_four_empty_lines),
	    cmocka_unit_test(refuses_heads_over_the_limits),
	    cmocka_unit_test(refuses_trailers_over_the_limits),
	    cmocka_unit_test(distinguishes_too_many_fields_from_other_refusals),
	    cmocka_unit_test(refuses_bodies_over_the_limit),
	    cmocka_unit_test(reports_the_head_of_a_body_over_the_limit),
	    cmocka_unit_test(refuses_padding_of_chunks_over_its_limit),
	    cmocka_unit_test(waits_for_the_rest),
	    cmocka_unit_test(reads_request_targets_as_they_are),
	    cmocka_unit_test(reads_the_first_timeout_of_the_query),
	    cmocka_unit_test(reads_field_values_without_their_margins),
	    cmocka_unit_test(says_whether_the_connection_lives_on),
	    cmocka_unit_test(knows_requests_that_wait_for_continue),
	    cmocka_unit_test(reads_chunked_bodies),
	    cmocka_unit_test(reads_requests_one_after_the_other),
	    cmocka_unit_test(ends_a_request_without_further_bytes),
	    cmocka_unit_test(hands_bodies_on_without_copying),
	    cmocka_unit_test(knows_when_it_is_idle),
	    cmocka_unit_test(frees_nothing),
	};

	return cmocka_run_group_tests_name("http parser", tests, NULL, NULL);
}
