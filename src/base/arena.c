/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 4096 };

struct awh_arena_block {
	struct awh_arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char data[];
};

static size_t block_size(const struct awh_arena *arena)
{
	return arena->block ? arena->block : BLOCK_SIZE;
}

static struct awh_arena_block *add_block(struct awh_arena *arena, size_t size)
{
	struct awh_arena_block *block;

	if (size < block_size(arena))
		size = block_size(arena);
	block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->used = 0;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

static void *take(struct awh_arena *arena, size_t size)
{
	struct awh_arena_block *block = arena->blocks;
	const size_t mask = alignof(max_align_t) - 1;
	void *piece;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + mask) & ~mask;
	if (!block || size > block->size - block->used) {
		block = add_block(arena, size);
		if (!block)
			return NULL;
	}
	piece = block->data + block->used;
	block->used += size;
	return piece;
}

void *awh_arena_alloc(struct awh_arena *arena, size_t size)
{
	void *piece = take(arena, size);

	return piece ? memset(piece, 0, size) : NULL;
}

void *awh_arena_array(struct awh_arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / 2 / size)
		return NULL;
	return awh_arena_alloc(arena, count * size);
}

char *awh_arena_strndup(struct awh_arena *arena, const char *text, size_t len)
{
	char *copy = len < SIZE_MAX ? take(arena, len + 1) : NULL;

	if (!copy)
		return NULL;
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void awh_arena_deinit(struct awh_arena *arena)
{
	while (arena->blocks) {
		struct awh_arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
}

size_t awh_arena_reset(struct awh_arena *arena)
{
	struct awh_arena_block *first = arena->blocks;

	if (!first)
		return 0;
	while (first->next) {
		struct awh_arena_block *next = first->next;

		free(first);
		first = next;
	}
	arena->blocks = first;
	first->used = 0;
	if (first->size == block_size(arena))
		return sizeof(*first) + first->size;
	awh_arena_deinit(arena);
	return 0;
}
