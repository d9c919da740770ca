/* SPDX-License-Identifier: MIT */
/*
 * A few things that are done with, kept for the next ones, so that a steady path takes
 * no memory. Any thread may put and take, without a lock. A thing that is in use holds
 * a reference: it may be put after the owner of the spares has ended.
 */
#ifndef AWH_BASE_SPARES_H
#define AWH_BASE_SPARES_H

#include <stdbool.h>
#include <stddef.h>

/* The first member of what is kept, or another one. */
struct awh_spare {
	size_t size; /* bytes that it keeps */
};

struct awh_spares;

/* max: bytes of all that is kept. NULL when memory runs out. */
struct awh_spares *awh_spares_new(size_t max, void (*free_spare)(struct awh_spare *spare));
struct awh_spares *awh_spares_ref(struct awh_spares *spares);
/* NULL is allowed. */
void awh_spares_unref(struct awh_spares *spares);

/* One that was put, or NULL. */
struct awh_spare *awh_spares_take(struct awh_spares *spares);

/* Keep one, *stolen*. False: there is no place for it, or not for its size, and it is not kept. */
bool awh_spares_put(struct awh_spares *spares, struct awh_spare *spare);

#endif
