/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/wipe.h"

#if defined(__x86_64__)
static const char secret[17] = "sixteen secrets!";

static void clears_the_registers_that_text_goes_through(void **state)
{
	char first[16], last[16];

	(void)state;
	__asm__ volatile("movdqu %0, %%xmm3\n\tmovdqu %0, %%xmm15"
			 :
			 : "m"(secret)
			 : "xmm3", "xmm15");
	awh_wipe_registers();
	__asm__ volatile("movdqu %%xmm3, %0\n\tmovdqu %%xmm15, %1" : "=m"(first), "=m"(last));
	assert_memory_not_equal(first, secret, 16);
	assert_memory_not_equal(last, secret, 16);
}

__attribute__((target("avx512f"), noinline)) static void load_high(void)
{
	__asm__ volatile("vbroadcasti32x4 %0, %%zmm17\n\tvbroadcasti32x4 %0, %%zmm31"
			 :
			 : "m"(secret));
}

__attribute__((target("avx512f"), noinline)) static void store_high(char high[2][64])
{
	__asm__ volatile("vmovdqu64 %%zmm17, %0\n\tvmovdqu64 %%zmm31, %1"
			 : "=m"(*(char(*)[64])high[0]), "=m"(*(char(*)[64])high[1]));
}

static void clears_those_that_avx512_adds(void **state)
{
	static const char zeros[128];
	char high[2][64];

	(void)state;
	if (!__builtin_cpu_supports("avx512f"))
		skip();
	load_high();
	awh_wipe_registers();
	store_high(high);
	assert_memory_equal(high, zeros, sizeof(high));
}
#endif

static void can_be_called_anywhere(void **state)
{
	(void)state;
	awh_wipe_registers();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#if defined(__x86_64__)
		cmocka_unit_test(clears_the_registers_that_text_goes_through),
		cmocka_unit_test(clears_those_that_avx512_adds),
#endif
		cmocka_unit_test(can_be_called_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
