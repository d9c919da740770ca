/* SPDX-License-Identifier: MIT */
#include "process/fleet.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { SHARE = 8 }; /* many connections: an eighth more or less is no matter */

static size_t size_of(size_t n_places)
{
	return (n_places + 1) * sizeof(struct awh_place);
}

struct awh_fleet *awh_fleet_new(size_t n_places, const struct awh_gauges *gauges)
{
	struct awh_fleet *fleet = calloc(1, sizeof(*fleet));
	void *places;

	if (!fleet)
		return NULL;
	places = mmap(NULL, size_of(n_places), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (places == MAP_FAILED) {
		free(fleet);
		return NULL;
	}
	*fleet = (struct awh_fleet){.n_places = n_places, .places = places, .gauges = gauges};
	return fleet;
}

void awh_fleet_free(struct awh_fleet *fleet)
{
	if (!fleet)
		return;
	munmap(fleet->places, size_of(fleet->n_places));
	free(fleet);
}

static size_t connections_of(const struct awh_fleet *fleet, size_t place)
{
	return (size_t)atomic_load(&fleet->gauges[place].connections[AWH_ENDPOINT_MAIN]);
}

bool awh_fleet_turn(const struct awh_fleet *fleet, const struct awh_place *place,
		    size_t connections)
{
	size_t mine = connections_of(fleet, (size_t)(place - fleet->places)), least = mine;

	for (size_t i = 0; i < fleet->n_places; i++) {
		size_t n = connections_of(fleet, i);

		if (atomic_load(&fleet->places[i].serves) && n < least && n < connections)
			least = n;
	}
	return mine <= least + least / SHARE;
}

size_t awh_fleet_serving(const struct awh_fleet *fleet)
{
	size_t n = 0;

	for (size_t i = 0; i < fleet->n_places; i++)
		n += atomic_load(&fleet->places[i].serves) != 0;
	return n;
}
