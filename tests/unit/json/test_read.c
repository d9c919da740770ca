/* SPDX-License-Identifier: MIT */
/*
 * The index of a text: its entries, its errors, and the same of each set of vector
 * instructions, with the text's end at the border of a page that cannot be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "json/index.h"

#include "../failing_alloc.h"

enum { DEPTH = 100, SPACE = 1024 * 1024 };

/* SPACE bytes, and behind them a page that cannot be read. */
static char *space;

static int make_space(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	(void)state;
	space =
	    mmap(NULL, SPACE + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (space == MAP_FAILED)
		return -1;
	return mprotect(space + SPACE, page, PROT_NONE);
}

static const char *at_border(const char *text, size_t len)
{
	return memcpy(space + SPACE - len, text, len);
}

static int read_by(enum awh_index_blocks blocks, struct awh_index *index, const char *text,
		   size_t len, struct awh_error *error)
{
	const struct awh_index_options options = {.depth = DEPTH, .blocks = blocks};

	*error = (struct awh_error){0};
	return awh_index_read(index, text, len, &options, error);
}

/* Read a text with each set that this CPU has: all make of it what the portable one does. */
static void assert_same_by_all(const char *text, size_t len)
{
	struct awh_index portable = AWH_INDEX_NULL;
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error expected, error;
	const char *copy = at_border(text, len);
	const int err = read_by(AWH_INDEX_PORTABLE, &portable, copy, len, &expected);

	for (int blocks = AWH_INDEX_BEST; blocks <= AWH_INDEX_NEON; blocks++) {
		if (!awh_index_has((enum awh_index_blocks)blocks))
			continue;
		assert_int_equal(read_by((enum awh_index_blocks)blocks, &index, copy, len, &error),
				 err);
		assert_string_equal(error.text, expected.text);
		assert_int_equal(index.n_entries, portable.n_entries);
		assert_int_equal(index.n_values, portable.n_values);
		assert_memory_equal(index.entries, portable.entries,
				    portable.n_entries * sizeof(*portable.entries));
	}
	awh_index_deinit(&index);
	awh_index_deinit(&portable);
}

static void each_byte_at_each_place_of_a_string(void **state)
{
	char text[200];

	(void)state;
	for (size_t len = 2; len < 150; len++) {
		for (unsigned int byte = 0; byte < 256; byte++) {
			memset(text, 'a', len);
			text[0] = text[len - 1] = '"';
			if (len > 2)
				text[1 + byte * 7 % (len - 2)] = (char)byte;
			assert_same_by_all(text, len);
		}
	}
}

static void each_length_and_offset(void **state)
{
	char text[600];

	(void)state;
	for (size_t before = 0; before < 70; before++)
		for (size_t len = 0; len < 140; len += 1 + len / 20) {
			int n = snprintf(text, sizeof(text), "%*s[\"%0*d\\n\",\"%0*d\"]",
					 (int)before, "", (int)len, 7, (int)len, 8);

			assert_same_by_all(text, (size_t)n);
			assert_same_by_all(text, (size_t)n - 1);
			assert_same_by_all(text, (size_t)n / 2);
		}
}

static void entries(void **state)
{
	static const char text[] = " {\"a\": [1, \"\\u0000\", null], \"bc\": {}, \"d\": -1e2, "
				   "\"e\": true} ";
	static const struct {
		enum awh_kind kind;
		const char *raw;
		uint32_t count;
		uint32_t behind;
		uint32_t flags;
	} expected[] = {
	    {AWH_KIND_OBJECT,
	     "{\"a\": [1, \"\\u0000\", null], \"bc\": {}, \"d\": -1e2, \"e\": true}", 4, 12,
	     AWH_ENTRY_NUL},
	    {AWH_KIND_NAME, "\"a\"", 0, 2, 0},
	    {AWH_KIND_ARRAY, "[1, \"\\u0000\", null]", 3, 6, AWH_ENTRY_NUL},
	    {AWH_KIND_NUMBER, "1", 0, 4, 0},
	    {AWH_KIND_STRING, "\"\\u0000\"", 0, 5, AWH_ENTRY_ESCAPED | AWH_ENTRY_NUL},
	    {AWH_KIND_NULL, "null", 0, 6, 0},
	    {AWH_KIND_NAME, "\"bc\"", 0, 7, 0},
	    {AWH_KIND_OBJECT, "{}", 0, 8, 0},
	    {AWH_KIND_NAME, "\"d\"", 0, 9, 0},
	    {AWH_KIND_NUMBER, "-1e2", 0, 10, 0},
	    {AWH_KIND_NAME, "\"e\"", 0, 11, 0},
	    {AWH_KIND_TRUE, "true", 0, 12, 0},
	};
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error error;

	(void)state;
	assert_int_equal(read_by(AWH_INDEX_BEST, &index, text, strlen(text), &error), 0);
	assert_int_equal(index.n_values, 8);
	assert_int_equal(index.n_entries, sizeof(expected) / sizeof(expected[0]));
	for (uint32_t i = 0; i < index.n_entries; i++) {
		const struct awh_entry *entry = &index.entries[i];
		size_t len;
		const char *raw = awh_index_raw(&index, i, &len);

		assert_int_equal(awh_entry_kind(entry), expected[i].kind);
		assert_int_equal(len, strlen(expected[i].raw));
		assert_memory_equal(raw, expected[i].raw, len);
		if (awh_entry_is_container(entry))
			assert_int_equal(awh_entry_count(entry), expected[i].count);
		assert_int_equal(awh_index_behind(&index, i), expected[i].behind);
		assert_int_equal(entry->bits & (AWH_ENTRY_ESCAPED | AWH_ENTRY_NUL),
				 expected[i].flags);
	}
	awh_index_deinit(&index);
}

static void what_was_read_before_a_failure(void **state)
{
	static const char text[] = "{\"a\":{\"b\":[1,{\"c\":\"d\"}],\"e\":[2,x";
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error error;
	char path[64];

	(void)state;
	assert_int_equal(read_by(AWH_INDEX_BEST, &index, text, strlen(text), &error),
			 ADMWH_E_SYNTAX);
	assert_string_equal(error.text, "byte 31: a.e[1]: expected a value");
	assert_int_equal(index.n_entries, 12);
	/* Every container ends, the open ones at the failure. */
	assert_int_equal(awh_index_behind(&index, 0), 12);
	assert_int_equal(awh_index_behind(&index, 4), 9);
	assert_int_equal(awh_index_behind(&index, 10), 12);
	awh_index_path(&index, 0, 8, path, sizeof(path));
	assert_string_equal(path, "a.b[1].c");
	awh_index_path(&index, 2, 8, path, sizeof(path));
	assert_string_equal(path, "b[1].c");
	awh_index_path(&index, 2, 2, path, sizeof(path));
	assert_string_equal(path, "");
	awh_index_deinit(&index);
}

/* An object of n members, "k0" to "kN"; `last` is the name of one more. */
static char *many_members(size_t n, const char *last, size_t *len)
{
	char *text = malloc(n * 16 + strlen(last) + 64);

	assert_non_null(text);
	*len = (size_t)sprintf(text, "{\"x\":{}");
	for (size_t i = 0; i < n; i++)
		*len += (size_t)sprintf(text + *len, ",\"k%zu\":{\"k\":%zu}", i, i % 10);
	*len += (size_t)sprintf(text + *len, ",\"%s\":0}", last);
	return text;
}

static void duplicates_in_objects_of_all_sizes(void **state)
{
	static const size_t sizes[] = {1, 2, 29, 30, 31, 32, 33, 62, 63, 64, 65, 127, 128, 5000};
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		/* The last one: none; the first name; the same with an escape; another one's end.
		 */
		static const char *const names[] = {"y", "k0", "\\u006b0", "k", "x", "\\u0078"};
		static const bool same[] = {false, true, true, false, true, true};

		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
			size_t len;
			char *text = many_members(sizes[i], names[j], &len);
			int err = read_by(AWH_INDEX_BEST, &index, text, len, &error);

			assert_int_equal(err, same[j] ? ADMWH_E_SYNTAX : 0);
			if (same[j])
				assert_non_null(strstr(error.text, ": duplicate member \""));
			if (len < SPACE)
				assert_same_by_all(text, len);
			free(text);
		}
	}
	awh_index_deinit(&index);
}

static void long_objects_within_one_another(void **state)
{
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error error;
	char *text = malloc(SPACE);
	size_t n = 0;

	(void)state;
	assert_non_null(text);
	/* Each level has members before and behind the next level. */
	for (int level = 0; level < 40; level++) {
		n += (size_t)sprintf(text + n, "{");
		for (int i = 0; i < 50; i++)
			n += (size_t)sprintf(text + n, "\"a%d\":%d,", i, i);
		n += (size_t)sprintf(text + n, "\"in\":");
	}
	n += (size_t)sprintf(text + n, "0");
	for (int level = 0; level < 40; level++) {
		for (int i = 0; i < 90; i++)
			n += (size_t)sprintf(text + n, ",\"b%d\":[]", i);
		n += (size_t)sprintf(text + n, "}");
	}
	assert_int_equal(read_by(AWH_INDEX_BEST, &index, text, n, &error), 0);
	assert_int_equal(awh_entry_count(&index.entries[0]), 141);
	assert_same_by_all(text, n);
	memcpy(text + n - 8, "a9\":[]}",
	       7); /* "b89" is now a second "a9"; the text ends a byte earlier */
	assert_int_equal(read_by(AWH_INDEX_BEST, &index, text, n - 1, &error), ADMWH_E_SYNTAX);
	assert_non_null(strstr(error.text, "duplicate member \"a9\""));
	awh_index_deinit(&index);
	free(text);
}

static bool within(void *owner, size_t bytes)
{
	size_t *left = owner;

	if (bytes > *left)
		return false;
	*left -= bytes;
	return true;
}

static void memory_is_asked_for(void **state)
{
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error error;
	size_t left = 1024 * sizeof(struct awh_entry);
	char text[4096] = "[0";
	size_t len = 2;

	(void)state;
	while (len < sizeof(text) - 3)
		len += (size_t)sprintf(text + len, ",1");
	text[len++] = ']';
	index.may_grow = within;
	index.owner = &left;
	assert_int_equal(read_by(AWH_INDEX_BEST, &index, text, len, &error), ADMWH_E_LIMIT);
	assert_int_equal(index.limit, ADMWH_LIMIT_BODIES_IN_FLIGHT);
	assert_int_equal(index.n_entries, 1024);
	left = SIZE_MAX;
	assert_int_equal(read_by(AWH_INDEX_BEST, &index, text, len, &error), 0);
	assert_int_equal(index.limit, 0);
	assert_int_equal(awh_entry_count(&index.entries[0]), (len - 1) / 2);
	awh_index_deinit(&index);
}

static void read_long_object(bool failed)
{
	static char text[8192];
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error error;
	size_t len = (size_t)sprintf(text, "{\"\\u0061\":0");
	int err;

	for (int i = 0; i < 300; i++)
		len += (size_t)sprintf(text + len, ",\"\\u006b%0*d\":0", i % 5, i);
	text[len++] = '}';
	err = read_by(AWH_INDEX_BEST, &index, text, len, &error);
	if (!failed || !alloc_has_failed)
		assert_int_equal(err, 0);
	else if (err < 0)
		assert_string_equal(error.text, "out of memory");
	awh_index_deinit(&index);
}

static void without_memory(void **state)
{
	(void)state;
	with_failing_allocations(read_long_object);
}

/* Places are kept in 32 bits; nothing of the text is read. */
static void a_text_of_4_gib(void **state)
{
	const struct awh_index_options options = {.depth = 1};
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error error = {0};

	(void)state;
	if (SIZE_MAX == UINT32_MAX)
		skip();
	assert_int_equal(awh_index_read(&index, "1", (size_t)UINT32_MAX + 1, &options, &error),
			 ADMWH_E_SYNTAX);
	assert_string_equal(error.text, "byte 0: longer than 4 GiB");
	assert_int_equal(index.n_entries, 0);
	awh_index_deinit(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_byte_at_each_place_of_a_string),
	    cmocka_unit_test(each_length_and_offset),
	    cmocka_unit_test(entries),
	    cmocka_unit_test(what_was_read_before_a_failure),
	    cmocka_unit_test(duplicates_in_objects_of_all_sizes),
	    cmocka_unit_test(long_objects_within_one_another),
	    cmocka_unit_test(memory_is_asked_for),
	    cmocka_unit_test(a_text_of_4_gib),
	    cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, make_space, NULL);
}
