/* SPDX-License-Identifier: MIT */
#include "tls/path_cache.h"

#include <stdlib.h>
#include <string.h>

#include "tls/tls.h"

struct entry {
	uint8_t id[AWH_PATH_ID];
	uint64_t used; /* when, on the cache's own clock */
};

struct awh_path_cache {
	uint64_t context;
	uint64_t clock; /* uses so far */
	struct entry items[AWH_PATH_CACHE_MAX];
	size_t n;
};

struct awh_path_cache *awh_path_cache_new(void)
{
	return calloc(1, sizeof(struct awh_path_cache));
}

void awh_path_cache_free(struct awh_path_cache *cache)
{
	free(cache);
}

static struct entry *find(struct awh_path_cache *cache, const uint8_t id[AWH_PATH_ID])
{
	for (size_t i = 0; i < cache->n; i++)
		if (memcmp(cache->items[i].id, id, AWH_PATH_ID) == 0)
			return &cache->items[i];
	return NULL;
}

/* A place for a new entry. */
static struct entry *take_place(struct awh_path_cache *cache)
{
	struct entry *oldest = &cache->items[0];

	if (cache->n < AWH_PATH_CACHE_MAX)
		return &cache->items[cache->n++];
	for (size_t i = 1; i < cache->n; i++)
		if (cache->items[i].used < oldest->used)
			oldest = &cache->items[i];
	return oldest;
}

bool awh_path_cache_has(struct awh_path_cache *cache, uint64_t context,
			const uint8_t id[AWH_PATH_ID])
{
	return cache && cache->context == context && find(cache, id);
}

void awh_path_cache_add(struct awh_path_cache *cache, uint64_t context,
			const uint8_t id[AWH_PATH_ID])
{
	struct entry *entry;

	if (!cache || context < cache->context) /* a handshake that began before a reload */
		return;
	if (context > cache->context) {
		cache->context = context;
		cache->n = 0;
	}
	entry = find(cache, id);
	if (!entry) {
		entry = take_place(cache);
		memcpy(entry->id, id, AWH_PATH_ID);
	}
	entry->used = ++cache->clock;
}
