/* SPDX-License-Identifier: MIT */
/* Replies in the program's words: what it may choose, and what stays the library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conn/refuse.h"
#include "../wrapped_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static long left = -1; /* allocations until one fails; negative: none does */

static bool alloc_fails(void)
{
	return left >= 0 && left-- == 0;
}

static const struct admwh_refusal refusal = {
    .status = 404, .err = ADMWH_E_NOT_FOUND, .message = "no handler", .method = "GET", .path = "/"};

/* What a program does when it is asked. */
struct program {
	int status; /* 0: nothing */
	const char *content_type, *body;
	int err; /* of the last admwh_reply_set() */
};

static void reply_as(const struct admwh_refusal *asked, struct admwh_reply *reply, void *userdata)
{
	struct program *program = userdata;

	assert_ptr_equal(asked, &refusal);
	if (program->status)
		program->err =
		    admwh_reply_set(reply, program->status, program->content_type, program->body);
}

static bool is_text(const struct awh_buf *buf, const char *text)
{
	return buf->len == strlen(text) &&
	       (buf->len == 0 || memcmp(buf->data, text, buf->len) == 0);
}

static void refuses_replies_that_are_none(void **state)
{
	static const struct program cases[] = {
	    {200, "text/plain", "", 0},
	    {399, "text/plain", "", 0},
	    {600, "text/plain", "", 0},
	    {-404, "text/plain", "", 0},
	    {100, "text/plain", "", 0},
	    {302, "text/plain", "", 0},
	    {404, NULL, "", 0},
	    {404, "", "", 0},
	    {404, "text/plain\r\nX: y", "", 0},
	    {404, "text/plain\n", "", 0},
	    {404, "text\t", "", 0},
	    {404, "text/pl\xc3\xa4in", "", 0},
	    {404, "text\x7f", "", 0},
	    {404, "text/plain", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct program program = cases[i];
		const struct admwh_config config = {.refusal = reply_as, .refusal_data = &program};
		struct admwh_reply reply;

		if (awh_refuse_by_program(&config, &refusal, &reply))
			fail_msg("case %zu is accepted", i);
		assert_int_equal(program.err, ADMWH_E_INVAL);
		awh_reply_deinit(&reply);
	}
	assert_int_equal(admwh_reply_set(NULL, 404, "text/plain", ""), ADMWH_E_INVAL);
}

static void the_words_are_the_librarys_where_the_program_has_none(void **state)
{
	struct program silent = {0};
	const struct admwh_config with = {.refusal = reply_as, .refusal_data = &silent};
	const struct admwh_config without = {0};
	struct admwh_reply reply;

	(void)state;
	assert_false(awh_refuse_by_program(&with, &refusal, &reply));
	awh_reply_deinit(&reply);
	assert_false(awh_refuse_by_program(&without, &refusal, &reply));
	awh_reply_deinit(&reply);
}

static void a_program_chooses_status_type_and_words(void **state)
{
	static const struct program cases[] = {
	    {400, "text/plain; charset=utf-8", "400 bad\n", 0},
	    {599, "x", "", 0},
	    {404, "application/json", "{\"text\":\"\xc3\xa4\r\n\"}", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct program program = cases[i];
		const struct admwh_config config = {.refusal = reply_as, .refusal_data = &program};
		struct admwh_reply reply;

		assert_true(awh_refuse_by_program(&config, &refusal, &reply));
		assert_int_equal(program.err, 0);
		assert_int_equal(reply.status, cases[i].status);
		assert_true(is_text(&reply.body, cases[i].body));
		/* For a header: with its end. */
		assert_string_equal(reply.content_type.data, cases[i].content_type);
		awh_reply_deinit(&reply);
	}
}

/* Three times, the last one in vain. */
static void reply_again(const struct admwh_refusal *asked, struct admwh_reply *reply,
			void *userdata)
{
	(void)asked, (void)userdata;
	assert_int_equal(admwh_reply_set(reply, 404, "text/plain", "first"), 0);
	assert_int_equal(admwh_reply_set(reply, 410, "text/html", "second"), 0);
	assert_int_equal(admwh_reply_set(reply, 200, "text/css", "third"), ADMWH_E_INVAL);
}

static void the_last_good_reply_counts(void **state)
{
	const struct admwh_config config = {.refusal = reply_again};
	struct admwh_reply reply;

	(void)state;
	assert_true(awh_refuse_by_program(&config, &refusal, &reply));
	assert_int_equal(reply.status, 410);
	assert_string_equal(reply.content_type.data, "text/html");
	assert_true(is_text(&reply.body, "second"));
	awh_reply_deinit(&reply);
}

static void without_memory_the_words_are_the_librarys(void **state)
{
	struct program program = {404, "text/plain", "gone", 0};
	const struct admwh_config config = {.refusal = reply_as, .refusal_data = &program};
	bool replied = false;
	long n = 0;

	(void)state;
	for (; !replied; n++) {
		struct admwh_reply reply;

		left = n;
		replied = awh_refuse_by_program(&config, &refusal, &reply);
		left = -1;
		assert_int_equal(program.err, replied ? 0 : ADMWH_E_NOMEM);
		assert_int_equal(reply.status, replied ? 404 : 0);
		awh_reply_deinit(&reply);
	}
	assert_true(n > 2);
}

/* The second of two replies finds no memory: the first one stays whole. */
static void a_reply_that_finds_no_memory_changes_nothing(void **state)
{
	struct admwh_reply reply = {0};

	(void)state;
	awh_buf_init(&reply.content_type, 1000);
	awh_buf_init(&reply.body, 1000);
	assert_int_equal(admwh_reply_set(&reply, 404, "text/plain", "first"), 0);
	for (long n = 0; n < 2; n++) {
		int err;

		left = n;
		err = admwh_reply_set(&reply, 410, "text/html", "second");
		left = -1;
		assert_int_equal(err, ADMWH_E_NOMEM);
		assert_int_equal(reply.status, 404);
		assert_string_equal(reply.content_type.data, "text/plain");
		assert_true(is_text(&reply.body, "first"));
	}
	awh_reply_deinit(&reply);
}

static void each_status_that_says_why_has_its_code(void **state)
{
	static const struct {
		int status, code;
	} cases[] = {
	    {403, ADMWH_E_REFUSED}, {404, ADMWH_E_NOT_FOUND}, {408, ADMWH_E_TIMEOUT},
	    {413, ADMWH_E_LIMIT},   {414, ADMWH_E_LIMIT},     {429, ADMWH_E_OVERLOAD},
	    {431, ADMWH_E_LIMIT},   {503, ADMWH_E_OVERLOAD},
	};
	size_t n = 0;

	(void)state;
	for (int status = 0; status < 700; status++) {
		if (n < COUNT(cases) && cases[n].status == status)
			assert_int_equal(awh_refusal_code(status), cases[n++].code);
		else
			assert_int_equal(awh_refusal_code(status), 0);
	}
	assert_int_equal(n, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_replies_that_are_none),
	    cmocka_unit_test(the_words_are_the_librarys_where_the_program_has_none),
	    cmocka_unit_test(a_program_chooses_status_type_and_words),
	    cmocka_unit_test(the_last_good_reply_counts),
	    cmocka_unit_test(without_memory_the_words_are_the_librarys),
	    cmocka_unit_test(a_reply_that_finds_no_memory_changes_nothing),
	    cmocka_unit_test(each_status_that_says_why_has_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
