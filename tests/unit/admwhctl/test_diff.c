/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/diff.h"

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void prints(const char *before, const char *after, const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	diff_print(to, "> ", before, after);
	fclose(to);
	assert_string_equal(text, expected);
	free(text);
}

static void prints_what_differs_and_what_is_around(void **state)
{
	(void)state;
	prints("", "", "");
	prints("a\nb\n", "a\nb\n", "");
	prints("", "a\n", "> +a\n");
	prints("a\n", "", "> -a\n");
	prints("a\nb\nc\n", "a\nx\nc\n", ">  a\n> -b\n> +x\n>  c\n");
	prints("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\nx\n9\n",
	       "> ...\n>  6\n>  7\n>  8\n> +x\n>  9\n");
	prints("x\n1\n2\n3\n4\n5\n6\n7\n8\ny\n", "1\n2\n3\n4\n5\n6\n7\n8\n",
	       "> -x\n>  1\n>  2\n>  3\n> ...\n>  6\n>  7\n>  8\n> -y\n");
	prints("a", "a\n", "");
	prints(NULL, "a\n", "> they differ\n");
	prints("a\n", NULL, "> they differ\n");
}

/* Of more than 160 bytes; never within a character. */
static void cuts_long_lines(void **state)
{
	(void)state;
	prints("", SEVENTY SEVENTY TEN TEN "\n", "> +" SEVENTY SEVENTY TEN TEN "\n");
	prints("", SEVENTY SEVENTY TEN TEN "x\n",
	       "> +" SEVENTY TEN "..."
	       "7890123456789" TEN "x\n");
	prints("", SEVENTY "012345678\u00e9" SEVENTY TEN "\n",
	       "> +" SEVENTY "012345678..."
	       "6789" TEN TEN "\n");
}

/* Of a file from elsewhere, to a terminal. */
static void shows_control_characters(void **state)
{
	(void)state;
	prints("", "a\033]0;b\007\n", "> +a\\x1b]0;b\\x07\n");
	prints("\x7f\r\tx\n", "", "> -\\x7f\\x0d\tx\n");
	prints("", "\xc2\x9b \xc2\xa0 \xe2\x82\xac \xf0\x9f\x98\x80\n",
	       "> +\\xc2\\x9b \xc2\xa0 \xe2\x82\xac \xf0\x9f\x98\x80\n");
	prints("", "\u200e\u2028\u202e\u2066\u061c \u2027\u202f\u2065\n",
	       "> +\\xe2\\x80\\x8e\\xe2\\x80\\xa8\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xd8\\x9c "
	       "\u2027\u202f\u2065\n");
	prints("", "\x9b \xff \xc2 \xe2\x82 \xf0\x9f\x98\n",
	       "> +\\x9b \\xff \\xc2 \\xe2\\x82 \\xf0\\x9f\\x98\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prints_what_differs_and_what_is_around),
	    cmocka_unit_test(shows_control_characters),
	    cmocka_unit_test(cuts_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
