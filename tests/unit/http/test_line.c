/* SPDX-License-Identifier: MIT */
/* Which byte is the first wrong one, and where the parts of a good line divide. */
#include "http/line.h"

#include <string.h>

#include "cmocka_all.h"

/* How many bytes pass before one is refused; all of them when none is. */
static size_t passed(enum awh_line_kind kind, const char *text, struct awh_line *line)
{
	struct awh_refusal refusal;
	size_t i = 0;

	awh_line_begin(line, kind);
	while (text[i] && !awh_line_done(line) &&
	       awh_line_take(line, (unsigned char)text[i], &refusal))
		i++;
	assert_int_equal(line->len, i);
	return i;
}

static void refuses_at_the_first_wrong_byte(void **state)
{
	static const struct {
		enum awh_line_kind kind;
		const char *text;
		size_t good;
	} cases[] = {
	    {AWH_LINE_REQUEST, " ", 0},
	    {AWH_LINE_REQUEST, "GET\r", 3},
	    {AWH_LINE_REQUEST, "GET  ", 4},
	    {AWH_LINE_REQUEST, "GET / HTTP/5", 11},
	    {AWH_LINE_REQUEST, "GET / HTTP/1.1 ", 14},
	    {AWH_LINE_REQUEST, "GET / HTTP/1.1\r\r", 15},
	    {AWH_LINE_FIELD, " ", 0},
	    {AWH_LINE_FIELD, "\n", 0},
	    {AWH_LINE_FIELD, "\rX", 1},
	    {AWH_LINE_FIELD, "a ", 1},
	    {AWH_LINE_FIELD, "a\r", 1},
	    {AWH_LINE_FIELD, "a:\n", 2},
	    {AWH_LINE_FIELD, "a:\rX", 3},
	    {AWH_LINE_CHUNK, "\r", 0},
	    {AWH_LINE_CHUNK, "1 \r", 2},
	    {AWH_LINE_CHUNK, "0x", 1},
	    {AWH_LINE_CHUNK, "1;=", 2},
	    {AWH_LINE_CHUNK, "1;a=\"b\"c", 7},
	    {AWH_LINE_CHUNK_END, "\n", 0},
	    {AWH_LINE_CHUNK_END, "0", 0},
	    {AWH_LINE_CHUNK_END, "\r\r", 1},
	};
	struct awh_line line;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(passed(cases[i].kind, cases[i].text, &line), cases[i].good);
		assert_false(awh_line_done(&line));
	}
}

static void tells_where_the_parts_divide(void **state)
{
	struct awh_line line;

	(void)state;
	assert_int_equal(passed(AWH_LINE_REQUEST, "POST /a HTTP/1.0\r\nX", &line), 18);
	assert_true(awh_line_done(&line));
	assert_int_equal(line.name_end, 4);
	assert_int_equal(line.target_end, 7);
	assert_int_equal(line.version_minor, 0);
	assert_int_equal(passed(AWH_LINE_FIELD, "a:b:c\r\nX", &line), 7);
	assert_true(awh_line_done(&line));
	assert_int_equal(line.name_end, 1);
	assert_int_equal(passed(AWH_LINE_FIELD, "\r\nX", &line), 2);
	assert_true(awh_line_done(&line));
	assert_int_equal(passed(AWH_LINE_CHUNK, "1f;a\r\nX", &line), 6);
	assert_true(awh_line_done(&line));
	assert_int_equal(line.name_end, 2);
	assert_int_equal(passed(AWH_LINE_CHUNK_END, "\r\nX", &line), 2);
	assert_true(awh_line_done(&line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_at_the_first_wrong_byte),
	    cmocka_unit_test(tells_where_the_parts_divide),
	};

	return cmocka_run_group_tests_name("http line", tests, NULL, NULL);
}
