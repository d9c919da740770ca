/* SPDX-License-Identifier: MIT */
#include "members.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <admwh/error.h>

#include "base/clock.h"
#include "json/escape.h"

/* Chains stay short. */
enum { FIRST_CAPACITY = 64, BUCKETS_PER_MEMBER = 2 };

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

/* SipHash-1-3: keyed, so that a client cannot choose names that collide. */
static uint64_t hash_name(const uint64_t seed[2], const char *name, size_t len)
{
	uint64_t v[4] = {
	    seed[0] ^ UINT64_C(0x736f6d6570736575), seed[1] ^ UINT64_C(0x646f72616e646f6d),
	    seed[0] ^ UINT64_C(0x6c7967656e657261), seed[1] ^ UINT64_C(0x7465646279746573)};
	size_t whole = len & ~(size_t)7;
	uint64_t word;

	for (size_t i = 0; i < whole; i += 8) {
		memcpy(&word, name + i, 8);
		sip_word(v, word);
	}
	word = 0;
	memcpy(&word, name + whole, len - whole);
	sip_word(v, word ^ (uint64_t)len << 56);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void make_seed(struct awh_members *members)
{
	const ssize_t size = sizeof(members->seed);

	if (getrandom(members->seed, sizeof(members->seed), GRND_NONBLOCK) == size)
		return;
	/* Early at boot, or on an old kernel: at least different in each run. */
	members->seed[0] = (uint64_t)awh_clock_us();
	members->seed[1] = (uint64_t)(uintptr_t)members ^ (uint64_t)awh_clock_wall_s() << 32;
}

/* Link every member again, oldest first, so that each chain has the newest at its head. */
static int grow_buckets(struct awh_members *members, size_t n_buckets)
{
	uint32_t *buckets = calloc(n_buckets, sizeof(*buckets));

	if (!buckets)
		return ADMWH_E_NOMEM;
	for (size_t i = 0; i < members->count; i++) {
		struct awh_member *member = &members->list[i];
		uint32_t *bucket = &buckets[member->hash & (n_buckets - 1)];

		member->next = *bucket;
		*bucket = (uint32_t)i + 1;
	}
	free(members->buckets);
	members->buckets = buckets;
	members->n_buckets = n_buckets;
	return 0;
}

static int grow(struct awh_members *members)
{
	size_t capacity = members->capacity ? members->capacity * 2 : FIRST_CAPACITY;
	struct awh_member *list;

	if (capacity > SIZE_MAX / sizeof(*list))
		return ADMWH_E_NOMEM;
	list = realloc(members->list, capacity * sizeof(*list));
	if (!list)
		return ADMWH_E_NOMEM;
	members->list = list;
	if (members->capacity == 0)
		make_seed(members);
	if (grow_buckets(members, capacity * BUCKETS_PER_MEMBER) < 0)
		return ADMWH_E_NOMEM;
	members->capacity = capacity;
	return 0;
}

static int reserve_scratch(struct awh_members *members, size_t size)
{
	char *scratch;

	if (size <= members->scratch_capacity)
		return 0;
	scratch = realloc(members->scratch, size);
	if (!scratch)
		return ADMWH_E_NOMEM;
	members->scratch = scratch;
	members->scratch_capacity = size;
	return 0;
}

static int hash_escaped(struct awh_members *members, const char *name, size_t len, uint32_t *hash)
{
	if (reserve_scratch(members, len) < 0)
		return ADMWH_E_NOMEM;
	len = awh_unescape(members->scratch, name, len);
	*hash = (uint32_t)hash_name(members->seed, members->scratch, len);
	return 0;
}

/* 0; ADMWH_E_EXISTS when both names read the same; ADMWH_E_NOMEM. */
static int compare(struct awh_members *members, const char *a, const char *b)
{
	size_t a_len = awh_escaped_len(a);
	size_t b_len = awh_escaped_len(b);

	/* One byte more, for the address of two empty names. */
	if (reserve_scratch(members, a_len + b_len + 1) < 0)
		return ADMWH_E_NOMEM;
	a_len = awh_unescape(members->scratch, a, a_len);
	b_len = awh_unescape(members->scratch + a_len, b, b_len);
	return a_len == b_len && memcmp(members->scratch, members->scratch + a_len, a_len) == 0
		   ? ADMWH_E_EXISTS
		   : 0;
}

int awh_members_add(struct awh_members *members, const char *text, size_t at, size_t len,
		    size_t first)
{
	uint32_t hash;
	uint32_t *bucket;

	if (members->count == members->capacity && grow(members) < 0)
		return ADMWH_E_NOMEM;
	if (!memchr(text + at, '\\', len))
		hash = (uint32_t)hash_name(members->seed, text + at, len);
	else if (hash_escaped(members, text + at, len, &hash) < 0)
		return ADMWH_E_NOMEM;
	bucket = &members->buckets[hash & (members->n_buckets - 1)];
	/* Members of outer objects are behind those of this one, in every chain. */
	for (uint32_t i = *bucket; i > first; i = members->list[i - 1].next) {
		const struct awh_member *other = &members->list[i - 1];
		int err = other->hash == hash ? compare(members, text + other->at, text + at) : 0;

		if (err < 0)
			return err;
	}
	members->list[members->count] =
	    (struct awh_member){.at = (uint32_t)at, .hash = hash, .next = *bucket};
	*bucket = (uint32_t)++members->count;
	return 0;
}

void awh_members_drop(struct awh_members *members, size_t first)
{
	/* Newest first: each is at the head of its chain. */
	while (members->count > first) {
		const struct awh_member *member = &members->list[--members->count];

		members->buckets[member->hash & (members->n_buckets - 1)] = member->next;
	}
}

void awh_members_deinit(struct awh_members *members)
{
	free(members->list);
	free(members->buckets);
	free(members->scratch);
}
