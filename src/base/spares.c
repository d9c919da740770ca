/* SPDX-License-Identifier: MIT */
#include "base/spares.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { PLACES = 4 };

struct awh_spares {
	atomic_int references;
	size_t max;
	atomic_size_t kept; /* bytes in places, and of those that are being put */
	void (*free_spare)(struct awh_spare *spare);
	struct awh_spare *_Atomic places[PLACES];
};

struct awh_spares *awh_spares_new(size_t max, void (*free_spare)(struct awh_spare *spare))
{
	struct awh_spares *spares = calloc(1, sizeof(*spares));

	if (!spares)
		return NULL;
	atomic_init(&spares->references, 1);
	spares->max = max;
	spares->free_spare = free_spare;
	return spares;
}

struct awh_spares *awh_spares_ref(struct awh_spares *spares)
{
	atomic_fetch_add_explicit(&spares->references, 1, memory_order_relaxed);
	return spares;
}

void awh_spares_unref(struct awh_spares *spares)
{
	if (!spares || atomic_fetch_sub(&spares->references, 1) > 1)
		return;
	for (size_t i = 0; i < PLACES; i++) {
		struct awh_spare *spare = atomic_load(&spares->places[i]);

		if (spare)
			spares->free_spare(spare);
	}
	free(spares);
}

struct awh_spare *awh_spares_take(struct awh_spares *spares)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct awh_spare *spare = atomic_exchange(&spares->places[i], NULL);

		if (!spare)
			continue;
		atomic_fetch_sub(&spares->kept, spare->size);
		return spare;
	}
	return NULL;
}

bool awh_spares_put(struct awh_spares *spares, struct awh_spare *spare)
{
	const size_t size = spare->size;

	if (atomic_fetch_add(&spares->kept, size) + size <= spares->max) {
		for (size_t i = 0; i < PLACES; i++) {
			struct awh_spare *none = NULL;

			if (atomic_compare_exchange_strong(&spares->places[i], &none, spare))
				return true;
		}
	}
	atomic_fetch_sub(&spares->kept, size);
	return false;
}
