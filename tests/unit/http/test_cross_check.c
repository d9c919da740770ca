/* SPDX-License-Identifier: MIT */
/* The second reader must notice each thing it is there for. */
#include "http/cross_check.h"

#include <string.h>

#include "cmocka_all.h"

static const struct awh_http_head good = {
    .target = "/a?b",
    .version_minor = 1,
    .content_length = 3,
};

static void show(struct awh_cross_check *check, const char *text)
{
	awh_cross_check_begin(check);
	assert_true(awh_cross_check_take(check, text, strlen(text)));
}

static void contradicts_another_head(void **state)
{
	struct awh_http_head other;
	struct awh_cross_check check;

	(void)state;
	show(&check, "POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
	assert_true(awh_cross_check_confirms_head(&check, &good, 2));
	assert_false(awh_cross_check_confirms_head(&check, &good, 1));
	other = good;
	other.target = "/a";
	assert_false(awh_cross_check_confirms_head(&check, &other, 2));
	other = good;
	other.version_minor = 0;
	assert_false(awh_cross_check_confirms_head(&check, &other, 2));
	other = good;
	other.content_length = 2;
	assert_false(awh_cross_check_confirms_head(&check, &other, 2));
	other = good;
	other.chunked = true;
	assert_false(awh_cross_check_confirms_head(&check, &other, 2));
}

static void contradicts_a_head_that_is_not_over(void **state)
{
	struct awh_cross_check check;

	(void)state;
	show(&check, "POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r");
	assert_false(awh_cross_check_confirms_head(&check, &good, 2));
}

static void contradicts_another_end_of_the_body(void **state)
{
	struct awh_cross_check check;

	(void)state;
	show(&check, "POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab");
	assert_true(awh_cross_check_confirms_body(&check, 2, false));
	assert_false(awh_cross_check_confirms_body(&check, 2, true));
	assert_false(awh_cross_check_confirms_body(&check, 1, false));
	assert_true(awh_cross_check_take(&check, "c", 1));
	assert_true(awh_cross_check_confirms_body(&check, 3, true));
	assert_false(awh_cross_check_confirms_body(&check, 3, false));
}

static void refuses_what_llhttp_refuses(void **state)
{
	static const char raw[] = "POST / HTTP/1.1\r\nContent-Length: 1\r\n"
				  "Transfer-Encoding: chunked\r\n\r\n";
	struct awh_cross_check check;

	(void)state;
	awh_cross_check_begin(&check);
	assert_false(awh_cross_check_take(&check, raw, sizeof(raw) - 1));
}

static void reads_on_behind_a_request_for_an_upgrade(void **state)
{
	struct awh_cross_check check;

	(void)state;
	show(&check, "POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
		     "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
	assert_true(awh_cross_check_confirms_body(&check, 1, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(contradicts_another_head),
	    cmocka_unit_test(contradicts_a_head_that_is_not_over),
	    cmocka_unit_test(contradicts_another_end_of_the_body),
	    cmocka_unit_test(refuses_what_llhttp_refuses),
	    cmocka_unit_test(reads_on_behind_a_request_for_an_upgrade),
	};

	return cmocka_run_group_tests_name("http cross_check", tests, NULL, NULL);
}
