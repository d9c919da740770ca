/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "json/hash.h"

ssize_t __wrap_getrandom(void *buf, size_t size, unsigned int flags);

/* The key of SipHash's reference vectors, 00 01 02 ..., as the numbers that it is. */
ssize_t __wrap_getrandom(void *buf, size_t size, unsigned int flags)
{
	static const uint64_t key[] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

	(void)flags;
	assert_int_equal(size, sizeof(key));
	memcpy(buf, key, size);
	return (ssize_t)size;
}

/* Of 00 01 02 ..., as in SipHash's reference vectors. */
static void is_siphash_1_3(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} cases[] = {
	    {0, UINT64_C(0xabac0158050fc4dc)},  {1, UINT64_C(0xc9f49bf37d57ca93)},
	    {7, UINT64_C(0xd3927d989bb11140)},  {8, UINT64_C(0x369095118d299a8e)},
	    {15, UINT64_C(0xd320d86d2a519956)}, {16, UINT64_C(0xcc4fdd1a7d908b66)},
	    {63, UINT64_C(0x9d199062b7bbb3a8)},
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_true(awh_hash(text, cases[i].len) == cases[i].hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_siphash_1_3),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
