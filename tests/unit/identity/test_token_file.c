/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "identity/token_file.h"

/* What was taken, as one text: "token|name|group+group;" */
struct taken {
	char text[1024];
	size_t n;
	const char *refuse; /* a token that is refused */
};

static int take(const char *token, const char *name, const char *const *groups, size_t n_groups,
		void *userdata, struct awh_error *error)
{
	struct taken *taken = userdata;
	char *end = taken->text + strlen(taken->text);
	size_t room = sizeof(taken->text) - strlen(taken->text);
	int used;

	taken->n++;
	if (taken->refuse && strcmp(token, taken->refuse) == 0)
		return awh_fail(error, ADMWH_E_EXISTS, "refused");
	used = snprintf(end, room, "%s|%s|", token, name);
	for (size_t i = 0; i < n_groups && used > 0 && (size_t)used < room; i++)
		used += snprintf(end + used, room - (size_t)used, "%s%s", i ? "+" : "", groups[i]);
	if (used > 0 && (size_t)used < room)
		snprintf(end + used, room - (size_t)used, ";");
	return 0;
}

struct file_case {
	const char *text;
	size_t len;
	const char *outcome; /* what was taken, or the error */
};

#define TEXT(text, outcome)                                                                        \
	{                                                                                          \
		text, sizeof(text) - 1, outcome                                                    \
	}

static void names_the_line_that_is_wrong_and_shows_nothing_of_it(void **state)
{
	static const struct file_case cases[] = {
	    TEXT("s3cret\n", "line 1: expected token,name,uid and perhaps groups"),
	    TEXT("a,b,c\ns3cret,name\n", "line 2: expected token,name,uid and perhaps groups"),
	    TEXT("s3cret name uid\n", "line 1: expected token,name,uid and perhaps groups"),
	    TEXT("\"s3cret,name,uid\n", "line 1: quotes do not match"),
	    TEXT("\"s3cret\"x,name,uid\n", "line 1: quotes do not match"),
	    TEXT("s3\"cret,name,uid\n", "line 1: quotes do not match"),
	    TEXT("s3cret,name,uid,\"g\n\"\n", "line 1: quotes do not match"),
	    TEXT("s3cret,name,uid,\"g\"\"\n", "line 1: quotes do not match"),
	    TEXT("s3cret,name,uid,g\"\n", "line 1: quotes do not match"),
	    TEXT("s3cret,na\0me,uid\n", "line 1: a NUL byte"),
	    TEXT("\n\n# comment\n\0", "line 4: a NUL byte"),
	    TEXT(" ", "line 1: expected token,name,uid and perhaps groups"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct taken taken = {{0}, 0, NULL};
		struct awh_error error = {0};

		assert_int_equal(
		    awh_token_file_read(cases[i].text, cases[i].len, take, &taken, &error),
		    ADMWH_E_INVAL);
		assert_string_equal(error.text, cases[i].outcome);
	}
}

static void passes_on_what_the_taker_says(void **state)
{
	static const char text[] = "a,b,c\n\ndup,b,c\nnever,b,c\n";
	struct taken taken = {{0}, 0, "dup"};
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_token_file_read(text, sizeof(text) - 1, take, &taken, &error),
			 ADMWH_E_EXISTS);
	assert_string_equal(error.text, "line 3: refused");
	assert_int_equal(taken.n, 2);
}

static void reads_what_kube_apiserver_reads(void **state)
{
	static const struct file_case cases[] = {
	    TEXT("", ""),
	    TEXT("\n\r\n# comment,x,y\n", ""),
	    TEXT("t,n,u", "t|n|;"),
	    TEXT("t,n,u\r\n", "t|n|;"),
	    TEXT("t,n,\n", "t|n|;"),
	    TEXT("t,n,u,\n", "t|n|;"),
	    TEXT("t,n,u,g\n", "t|n|g;"),
	    TEXT("t,n,u,\"g\"\n", "t|n|g;"),
	    TEXT("t,n,u,\"g1,g2,g3\"\n", "t|n|g1+g2+g3;"),
	    TEXT("t,n,u,\",g1,,g2,\"\n", "t|n|g1+g2;"),
	    TEXT("t,n,u,\"system:masters\",more,columns\n", "t|n|system:masters;"),
	    TEXT("\"t\",\"n,m\",\"u\"\n", "t|n,m|;"),
	    TEXT("\"t\"\"q\",n,u\n", "t\"q|n|;"),
	    TEXT("\"\",n,u\n", "|n|;"), /* for the taker to refuse */
	    TEXT("a,b,c\nd,e,f,\"g,h\"\n", "a|b|;d|e|g+h;"),
	    TEXT("t,n,u,g\ntoken,name,uid\n", "t|n|g;token|name|;"),
	    TEXT("t, n with spaces ,u\n", "t| n with spaces |;"),
	    TEXT("t,n,u,\"\"\n", "t|n|;"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct taken taken = {{0}, 0, NULL};
		struct awh_error error = {0};

		assert_int_equal(
		    awh_token_file_read(cases[i].text, cases[i].len, take, &taken, &error), 0);
		assert_string_equal(taken.text, cases[i].outcome);
	}
}

static void reads_a_line_of_a_megabyte(void **state)
{
	const size_t len = 1024 * 1024;
	char *text = malloc(len);
	struct taken taken = {{0}, 0, NULL};
	struct awh_error error = {0};

	(void)state;
	assert_non_null(text);
	memset(text, ',', len);
	assert_int_equal(awh_token_file_read(text, len, take, &taken, &error), 0);
	assert_int_equal(taken.n, 1);
	memset(text, '"', len);
	assert_int_equal(awh_token_file_read(text, len, take, &taken, &error), ADMWH_E_INVAL);
	memset(text, 'a', len);
	assert_int_equal(awh_token_file_read(text, len, take, &taken, &error), ADMWH_E_INVAL);
	memset(text, '\n', len);
	assert_int_equal(awh_token_file_read(text, len, take, &taken, &error), 0);
	assert_int_equal(taken.n, 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_the_line_that_is_wrong_and_shows_nothing_of_it),
	    cmocka_unit_test(passes_on_what_the_taker_says),
	    cmocka_unit_test(reads_what_kube_apiserver_reads),
	    cmocka_unit_test(reads_a_line_of_a_megabyte),
	};

	return cmocka_run_group_tests_name("token_file", tests, NULL, NULL);
}
