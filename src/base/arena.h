/* SPDX-License-Identifier: MIT */
/*
 * Memory that is taken piece by piece and given back all at once: the strings
 * and arrays of one decoded request, or of one peer.
 */
#ifndef AWH_BASE_ARENA_H
#define AWH_BASE_ARENA_H

#include <stddef.h>

struct awh_arena_block;

struct awh_arena {
	struct awh_arena_block *blocks; /* newest first */
	size_t block;                   /* bytes that it asks for at once; 0: 4096 */
};

#define AWH_ARENA_NULL                                                                             \
	{                                                                                          \
		NULL, 0                                                                            \
	}

/* Zeroed and aligned for any type; NULL when memory runs out. */
void *awh_arena_alloc(struct awh_arena *arena, size_t size);

/* count zeroed elements; NULL when memory runs out or the product overflows. */
void *awh_arena_array(struct awh_arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of len bytes. */
char *awh_arena_strndup(struct awh_arena *arena, const char *text, size_t len);

/* Give all of it back but a first block, for the next pieces. Returns the bytes that it keeps. */
size_t awh_arena_reset(struct awh_arena *arena);

void awh_arena_deinit(struct awh_arena *arena);

#endif
