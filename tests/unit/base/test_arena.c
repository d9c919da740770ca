/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../in_range.h"
#include "base/arena.h"

static void refuses_a_product_that_overflows(void **state)
{
	struct awh_arena arena = AWH_ARENA_NULL;

	(void)state;
	assert_null(awh_arena_array(&arena, SIZE_MAX / 4, 8));
	assert_null(awh_arena_alloc(&arena, SIZE_MAX - 1));
	assert_null(awh_arena_strndup(&arena, "a", SIZE_MAX));
	awh_arena_deinit(&arena);
}

static void gives_zeroed_aligned_pieces_that_do_not_overlap(void **state)
{
	struct awh_arena arena = AWH_ARENA_NULL;
	unsigned char *pieces[1000];

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		size_t size = i * 37 % 9000;

		pieces[i] = awh_arena_alloc(&arena, size);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)(i & 255), size);
	}
	for (size_t i = 0; i < 1000; i++)
		for (size_t j = 0; j < i * 37 % 9000; j++)
			assert_int_equal(pieces[i][j], i & 255);
	awh_arena_deinit(&arena);
}

/* Small pieces again, of which the first had other bytes. */
static void keeps_a_block_when_it_is_reset(void **state)
{
	struct awh_arena arena = AWH_ARENA_NULL;
	size_t kept = 0;

	(void)state;
	assert_int_equal(awh_arena_reset(&arena), 0);
	for (int round = 0; round < 3; round++) {
		unsigned char *piece = awh_arena_alloc(&arena, 100);

		for (size_t i = 0; i < 100; i++)
			assert_int_equal(piece[i], 0);
		memset(piece, 0xff, 100);
		memset(awh_arena_alloc(&arena, 100000), 0xff, 100000);
		kept = awh_arena_reset(&arena);
		assert_true(kept >= 4096 && kept <= 4200);
	}
	awh_arena_deinit(&arena);
	/* A first block of another size is not worth it. */
	awh_arena_alloc(&arena, 100000);
	assert_int_equal(awh_arena_reset(&arena), 0);
}

static void takes_blocks_of_the_size_it_is_told(void **state)
{
	struct awh_arena arena = {.block = 64};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_non_null(awh_arena_alloc(&arena, 40));
		assert_non_null(awh_arena_alloc(&arena, 40));
		assert_uint_in_range(awh_arena_reset(&arena), 64, 128);
	}
	awh_arena_deinit(&arena);
	assert_non_null(awh_arena_alloc(&arena, 65));
	assert_int_equal(awh_arena_reset(&arena), 0);
}

static void copies_text_with_its_end(void **state)
{
	struct awh_arena arena = AWH_ARENA_NULL;

	(void)state;
	assert_string_equal(awh_arena_strndup(&arena, "abcdef", 3), "abc");
	assert_string_equal(awh_arena_strndup(&arena, "", 0), "");
	awh_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_a_product_that_overflows),
	    cmocka_unit_test(gives_zeroed_aligned_pieces_that_do_not_overlap),
	    cmocka_unit_test(copies_text_with_its_end),
	    cmocka_unit_test(keeps_a_block_when_it_is_reset),
	    cmocka_unit_test(takes_blocks_of_the_size_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
