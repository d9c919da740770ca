/* SPDX-License-Identifier: MIT */
/* Which elements become which, and how many values are looked at for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "review/align.h"

enum { MANY = 1000000 };

static json_t *parse(const char *text)
{
	json_t *value = awh_json_parse(text, strlen(text), 10, NULL, NULL);

	assert_non_null(value);
	return value;
}

/* "first n_from>n_to", and a letter for each of `to`: "a" was the first of `from`, "-" none. */
static void show(char *out, const struct awh_alignment *alignment)
{
	out += sprintf(out, "%zu %zu>%zu ", alignment->first, alignment->n_from, alignment->n_to);
	for (size_t i = 0; i < alignment->n_to; i++)
		*out++ = alignment->partners[i] == AWH_NO_PARTNER
			     ? '-'
			     : (char)('a' + alignment->partners[i]);
	*out = '\0';
}

static const struct {
	const char *from, *to;
	bool index_by_index, number_text;
	size_t visits; /* that are left before */
	const char *shown;
	size_t used; /* visits */
} rows[] = {
    {"[]", "[]", false, false, MANY, "0 0>0 ", 0},
    {"[]", "[1]", false, false, MANY, "0 0>1 -", 0},
    {"[1]", "[]", false, false, MANY, "0 1>0 ", 0},
    {"[1]", "[1]", false, false, MANY, "1 0>0 ", 1},
    {"[1]", "[1.0]", false, false, MANY, "1 0>0 ", 1},
    {"[1]", "[1.0]", false, true, MANY, "0 1>1 a", 2},
    {"[true]", "[false]", false, false, MANY, "0 1>1 a", 2},
    {"[1,2]", "[2]", false, false, MANY, "0 1>0 ", 2},
    {"[1,2,3]", "[1,3]", false, false, MANY, "1 1>0 ", 3},
    {"[1,2,3]", "[2,3]", true, false, MANY, "0 3>2 ab", 1},
    {"[1,2,3]", "[1,4,5,6]", true, false, MANY, "1 2>3 ab-", 2},
    /* Four pairs are weighed, each with one visit. */
    {"[1,2]", "[3,4]", false, false, MANY, "0 2>2 ab", 6},
    {"[1,2,3]", "[3,1]", false, false, MANY, "0 3>2 c-", 8},
    /* For each pair one visit, four for the look-up of a member, one for its value. */
    {"[{\"a\":1},{\"b\":2}]", "[{\"b\":3},{\"a\":4}]", false, false, MANY, "0 2>2 ab", 24},
    {"[{\"n\":\"x\",\"v\":1},{\"n\":\"y\",\"v\":1}]", "[{\"n\":\"y\",\"v\":2}]", false, false, MANY,
     "0 2>1 b", 27},
    /* What there are no visits for is not equal, and is paired by its place. */
    {"[1,2]", "[1,3]", false, false, 0, "0 2>2 ab", 0},
    {"[1,2,3]", "[3,2]", false, false, 2, "0 3>2 ab", 2},
    {"[1,2,3]", "[3,1]", false, false, 2, "0 3>2 ab", 2},
    {"[1,2,3]", "[3,1]", false, false, 8, "0 3>2 c-", 8},
    /* 64 pairs are all weighed: eight changes take less than what comes and goes. */
    {"[0,1,2,3,4,5,6,7]", "[11,12,13,14,15,16,17,0]", false, false, MANY, "0 8>8 abcdefgh", 66},
    /* Of more pairs the elements that stayed are found first. */
    {"[0,1,2,3,4,5,6,7,8]", "[11,12,13,14,15,16,17,0]", false, false, MANY, "0 9>8 -------a", 0},
    {"[0,1,2,3,4,5,6,7,8]", "[10,1,2,3,5,6,7,18]", false, false, MANY, "0 9>8 abcdfghi", 0},
};

static void pairs_elements_for_few_operations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct awh_aligner aligner = {.number_text = rows[i].number_text,
					      .visits = rows[i].visits};
		json_t *from = parse(rows[i].from), *to = parse(rows[i].to);
		struct awh_alignment alignment;
		char shown[128];

		assert_int_equal(awh_align(&alignment, &aligner, from, to, rows[i].index_by_index),
				 0);
		show(shown, &alignment);
		if (strcmp(shown, rows[i].shown) != 0 ||
		    (rows[i].used && rows[i].visits - aligner.visits != rows[i].used))
			fail_msg("row %zu: %s, %zu visits", i, shown,
				 rows[i].visits - aligner.visits);
		awh_alignment_deinit(&alignment);
		json_decref(from);
		json_decref(to);
	}
}

/* An element that is the same object costs nothing. */
static void looks_at_no_element_that_is_shared(void **state)
{
	struct awh_aligner aligner = {.visits = 0};
	json_t *from = parse("[{\"a\":1},2]");
	json_t *to = json_pack("[O]", json_array_get(from, 0));
	struct awh_alignment alignment;

	(void)state;
	assert_int_equal(awh_align(&alignment, &aligner, from, to, false), 0);
	assert_int_equal(alignment.first, 1);
	assert_int_equal(alignment.n_to, 0);
	awh_alignment_deinit(&alignment);
	json_decref(from);
	json_decref(to);
}

/* The first of `from` goes, and each other changes: {"n":i,"v":0} to {"n":i,"v":1}. */
static json_t *make_list(size_t n, size_t first, int v)
{
	json_t *list = json_array();

	for (size_t i = first; i < first + n; i++)
		json_array_append_new(list, i == 0 ? json_null()
						   : json_pack("{sisi}", "n", (int)i, "v", v));
	return list;
}

static void weighs_pairs_up_to_its_limit(void **state)
{
	(void)state;
	for (size_t over = 0; over < 2; over++) {
		struct awh_aligner aligner = {.visits = AWH_ALIGN_VISITS_MAX};
		json_t *from = make_list(64 + over, 0, 0), *to = make_list(64, 1, 1);
		struct awh_alignment alignment;

		assert_int_equal(awh_align(&alignment, &aligner, from, to, false), 0);
		assert_int_equal(alignment.partners[0], over ? 0 : 1);
		assert_int_equal(alignment.partners[62], over ? 62 : 63);
		awh_alignment_deinit(&alignment);
		json_decref(from);
		json_decref(to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pairs_elements_for_few_operations),
	    cmocka_unit_test(looks_at_no_element_that_is_shared),
	    cmocka_unit_test(weighs_pairs_up_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
