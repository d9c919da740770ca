/* SPDX-License-Identifier: MIT */
#include "json/hash.h"

#include <endian.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static uint64_t key[2];

static void make_key(void)
{
	const ssize_t size = sizeof(key);

	if (getrandom(key, sizeof(key), GRND_NONBLOCK) == size)
		return;
	/* Early at boot, or on an old kernel: at least different in each run. */
	key[0] = (uint64_t)awh_clock_us();
	key[1] = (uint64_t)(uintptr_t)&size ^ (uint64_t)awh_clock_wall_s() << 32;
}

static inline uint64_t rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

uint64_t awh_hash(const char *text, size_t len)
{
	const size_t whole = len & ~(size_t)7;
	uint64_t word;

	pthread_once(&key_once, make_key);
	uint64_t v[4] = {
	    key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
	    key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573)};
	for (size_t i = 0; i < whole; i += 8) {
		memcpy(&word, text + i, 8);
		sip_word(v, le64toh(word));
	}
	word = 0;
	memcpy(&word, text + whole, len - whole);
	sip_word(v, le64toh(word) ^ (uint64_t)len << 56);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
