/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "review/edits.h"

enum { MANY = 4000 };

/* A letter for each element. */
static size_t spread(uint64_t *out, const char *letters)
{
	size_t n = strlen(letters);

	for (size_t i = 0; i < n; i++)
		out[i] = (uint64_t)(unsigned char)letters[i];
	return n;
}

static void pairs_what_stayed(void **state)
{
	static const struct {
		const char *from, *to;
		const char *partners; /* a digit for each of `to`, '-' for none */
	} cases[] = {
	    {"a", "", ""},           {"", "a", "-"},          {"a", "a", "0"},
	    {"a", "b", "-"},         {"abc", "abc", "012"},   {"abc", "xabc", "-012"},
	    {"abc", "ac", "02"},     {"abc", "abxc", "01-2"}, {"abcd", "bcda", "123-"},
	    {"abcabba", "cb", "24"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t from[8], to[8];
		size_t n_from = spread(from, cases[i].from), n_to = spread(to, cases[i].to);
		size_t visits = 1000, n_pairs = 0, n_wanted = 0;
		int32_t partners[8], last = -1;

		for (size_t k = 0; k < n_to; k++)
			partners[k] = AWH_NO_PARTNER;
		assert_int_equal(awh_edits_pair(partners, from, n_from, to, n_to, &visits), 0);
		for (size_t k = 0; k < n_to; k++) {
			n_wanted += cases[i].partners[k] != '-';
			if (partners[k] == AWH_NO_PARTNER)
				continue;
			n_pairs++;
			assert_true(partners[k] > last);
			assert_int_equal(from[partners[k]], to[k]);
			last = partners[k];
		}
		/* Which of several shortest ways is taken does not matter, its length does. */
		assert_int_equal(n_pairs, n_wanted);
	}
}

static void gives_up_beyond_its_bounds(void **state)
{
	static uint64_t from[MANY], to[MANY];
	static int32_t partners[MANY];
	size_t visits = SIZE_MAX, few = 3;
	(void)state;

	for (size_t i = 0; i < MANY; i++) {
		from[i] = i;
		to[i] = MANY + i;
		partners[i] = AWH_NO_PARTNER;
	}
	to[MANY / 2] = MANY / 2;
	assert_int_equal(awh_edits_pair(partners, from, MANY, to, MANY, &visits), 0);
	assert_int_equal(partners[MANY / 2], AWH_NO_PARTNER);
	assert_int_equal(awh_edits_pair(partners, from, 8, from, 8, &few), 0);
	assert_int_equal(few, 0);
	assert_int_equal(partners[0], AWH_NO_PARTNER);
}

/* Of one element that stays, behind those that go and before those that come. */
static void counts_its_edits_up_to_the_limit(void **state)
{
	static uint64_t from[AWH_EDITS_MAX], to[AWH_EDITS_MAX];
	static int32_t partners[AWH_EDITS_MAX];
	(void)state;

	for (size_t over = 0; over < 2; over++) {
		const size_t n_from = AWH_EDITS_MAX / 2 + 1;
		const size_t n_to = AWH_EDITS_MAX / 2 + 1 + over;
		size_t visits = SIZE_MAX;

		for (size_t i = 0; i < AWH_EDITS_MAX; i++) {
			from[i] = 2 * i + 1;
			to[i] = 2 * i + 2;
			partners[i] = AWH_NO_PARTNER;
		}
		from[n_from - 1] = to[0] = 0;
		assert_int_equal(awh_edits_pair(partners, from, n_from, to, n_to, &visits), 0);
		if (over)
			assert_int_equal(partners[0], AWH_NO_PARTNER);
		else
			assert_int_equal(partners[0], n_from - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pairs_what_stayed),
	    cmocka_unit_test(gives_up_beyond_its_bounds),
	    cmocka_unit_test(counts_its_edits_up_to_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
