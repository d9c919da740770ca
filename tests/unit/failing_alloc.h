/* SPDX-License-Identifier: MIT */
/*
 * Lets the n-th allocation fail, of the library and of jansson. For programs
 * that are linked with --wrap=malloc, --wrap=calloc and --wrap=realloc (see
 * tests/meson.build); included by the one source file of such a program.
 */
#ifndef TESTS_FAILING_ALLOC_H
#define TESTS_FAILING_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <jansson.h>

#include "wrapped_alloc.h"

/* Allocations that still succeed; negative: all do. */
static long alloc_left = -1;
/* After the one that fails: do the later ones fail too? */
static bool alloc_stays_failed;
static bool alloc_has_failed;

static bool alloc_fails(void)
{
	if (alloc_left < 0)
		return false;
	if (alloc_left > 0) {
		alloc_left--;
		return false;
	}
	alloc_has_failed = true;
	if (!alloc_stays_failed)
		alloc_left = -1;
	return true;
}

/*
 * Run with the first, second, ... allocation failing until none fails any more. run() says by
 * itself what must hold; its last run is without a failure.
 */
static inline void with_failing_allocations(void (*run)(bool failed))
{
	json_set_alloc_funcs(__wrap_malloc, free);
	for (int stays = 0; stays < 2; stays++) {
		bool failed = true;

		for (long n = 0; failed; n++) {
			alloc_left = n;
			alloc_stays_failed = stays;
			alloc_has_failed = false;
			run(true);
			alloc_left = -1;
			failed = alloc_has_failed;
		}
	}
	run(false);
	json_set_alloc_funcs(malloc, free);
}

#endif
