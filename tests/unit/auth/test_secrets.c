/* SPDX-License-Identifier: MIT */
/*
 * No token is left in memory that is freed. Linked with --wrap=free, so that each block is looked
 * at before it goes.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/http.h"
#include "identity/token_file.h"

#define SECRET "s3cret-s3cret-s3cret"
/* More than a buffer begins with, so that it grows with the token in it. */
#define LONG_TEXT                                                                                  \
	"................................................................"                         \
	"................................................................"                         \
	"................................................................"                         \
	"................................................................"

static unsigned int leaks;

void __real_free(void *memory);
void __wrap_free(void *memory);

void __wrap_free(void *memory)
{
	if (memory && memmem(memory, malloc_usable_size(memory), SECRET, sizeof(SECRET) - 1))
		leaks++;
	__real_free(memory);
}

/* One that holds no secret shows that the search finds what is left. */
static void wipes_a_buffer_that_grows_and_ends(void **state)
{
	(void)state;
	for (int is_secret = 0; is_secret < 2; is_secret++) {
		struct awh_buf buf;

		leaks = 0;
		awh_buf_init(&buf, 10000);
		buf.secret = is_secret;
		awh_buf_puts(&buf, SECRET);
		awh_buf_puts(&buf, LONG_TEXT);
		awh_buf_reset(&buf);
		awh_buf_deinit(&buf);
		assert_int_equal(leaks == 0, is_secret);
	}
}

static int take(const char *token, const char *name, const char *const *groups, size_t n_groups,
		void *userdata, struct awh_error *error)
{
	(void)name, (void)groups, (void)n_groups, (void)error;
	*(bool *)userdata = strstr(token, SECRET) != NULL;
	return 0;
}

static void wipes_the_lines_of_a_token_file(void **state)
{
	static const char *const texts[] = {
	    SECRET ",name,uid\n",
	    "\"" SECRET "\",name,uid,group\n",
	    "a,b,c\n" SECRET LONG_TEXT ",name,uid\nd,e,f\n" SECRET ",name,uid\n",
	};

	(void)state;
	leaks = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct awh_error error = {0};
		bool taken = false;

		assert_int_equal(
		    awh_token_file_read(texts[i], strlen(texts[i]), take, &taken, &error), 0);
		assert_true(taken);
		assert_int_equal(leaks, 0);
	}
}

static void wipes_the_head_of_a_request(void **state)
{
	static const struct awh_http_limits limits = {
	    .header_bytes = 4096, .header_count = 8, .body = 16};
	static const char *const heads[] = {
	    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " SECRET "\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " SECRET LONG_TEXT "\r\n\r\n",
	    "GET / HTTP/1.1\r\nAuthorization: Bearer " SECRET "\r\nHost: " LONG_TEXT LONG_TEXT
	    "\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " SECRET "\r\nX : y\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " SECRET LONG_TEXT,
	};

	(void)state;
	leaks = 0;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct awh_http_parser *parser = awh_http_parser_new(&limits);
		size_t taken;

		assert_non_null(parser);
		awh_http_feed(parser, heads[i], strlen(heads[i]), &taken);
		awh_http_feed(parser, NULL, 0, &taken);
		awh_http_next(parser);
		assert_int_equal(leaks, 0);
		awh_http_parser_free(parser);
		assert_int_equal(leaks, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wipes_a_buffer_that_grows_and_ends),
	    cmocka_unit_test(wipes_the_lines_of_a_token_file),
	    cmocka_unit_test(wipes_the_head_of_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
