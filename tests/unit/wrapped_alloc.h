/* SPDX-License-Identifier: MIT */
/*
 * The allocators of a program that is linked with --wrap=malloc, --wrap=calloc
 * and --wrap=realloc (see tests/meson.build). Included by its one source file,
 * which says in alloc_fails() whether the allocation that is asked for fails.
 */
#ifndef TESTS_WRAPPED_ALLOC_H
#define TESTS_WRAPPED_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

static bool alloc_fails(void);

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
	return alloc_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return alloc_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return alloc_fails() ? NULL : __real_realloc(memory, size);
}

#endif
