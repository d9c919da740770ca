/* SPDX-License-Identifier: MIT */
#include "telemetry/ca_use.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* States of a place. WRITTEN + n: by the process of slot n. */
enum { FREE, USED, WRITTEN };
enum { ENTER_TRIES = 4 };

uint64_t awh_ca_digest(const uint8_t *sha256)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < sizeof(digest); i++)
		digest = digest << 8 | sha256[i];
	return digest;
}

static bool is_of(const struct awh_ca_place *place, size_t bundle, uint64_t digest)
{
	return atomic_load(&place->state) == USED && atomic_load(&place->digest) == digest &&
	       atomic_load(&place->bundle) == bundle;
}

static uint64_t count(const struct awh_metrics *metrics, size_t place)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < metrics->n_slots; i++)
		sum += (uint64_t)atomic_load(&metrics->slots[i].cas[place]);
	return sum <= INT64_MAX ? sum : 0;
}

static size_t find(const struct awh_metrics *metrics, size_t bundle, uint64_t digest)
{
	size_t i = 0;

	while (i < AWH_CA_PLACES && !is_of(&metrics->counts->cas[i], bundle, digest))
		i++;
	return i;
}

/* Own a place in this state for a moment; of two that try, one does. */
static bool claim(const struct awh_metrics *metrics, struct awh_ca_place *place, unsigned int state)
{
	unsigned int own = WRITTEN + (unsigned int)(metrics->gauges - metrics->slots);

	return atomic_compare_exchange_strong(&place->state, &state, own);
}

/* The digest comes last, so that a place which this process did not fill whole is no CA's. */
static void fill(struct awh_ca_place *place, const struct awh_peer *peer)
{
	atomic_store(&place->digest, 0);
	atomic_store(&place->bundle, peer->bundle);
	snprintf(place->subject, sizeof(place->subject), "%s", peer->ca_subject);
	awh_utf8_trim(place->subject);
	atomic_store(&place->digest, awh_ca_digest(peer->ca_sha256));
	atomic_store(&place->state, USED);
}

/* A free place, or one whose CA has no connection any more; AWH_CA_PLACES: there is none. */
static size_t take(const struct awh_metrics *metrics, const struct awh_peer *peer)
{
	struct awh_ca_place *places = metrics->counts->cas;

	for (size_t i = 0; i < AWH_CA_PLACES; i++)
		if (claim(metrics, &places[i], FREE)) {
			fill(&places[i], peer);
			return i;
		}
	for (size_t i = 0; i < AWH_CA_PLACES; i++) {
		if (count(metrics, i) > 0 || !claim(metrics, &places[i], USED))
			continue;
		if (count(metrics, i) == 0) {
			fill(&places[i], peer);
			return i;
		}
		atomic_store(&places[i].state, USED); /* it was entered meanwhile */
	}
	return AWH_CA_PLACES;
}

/*
 * The count goes up first, and then it is looked whether the place is still the CA's: a place that
 * is counted is not taken by another.
 */
size_t awh_ca_use_enter(struct awh_metrics *metrics, const struct awh_peer *peer)
{
	uint64_t digest = awh_ca_digest(peer->ca_sha256);

	for (int i = 0; i < ENTER_TRIES; i++) {
		size_t place = find(metrics, peer->bundle, digest);

		if (place == AWH_CA_PLACES)
			place = take(metrics, peer);
		if (place == AWH_CA_PLACES)
			break;
		atomic_fetch_add(&metrics->gauges->cas[place], 1);
		if (is_of(&metrics->counts->cas[place], peer->bundle, digest))
			return place;
		atomic_fetch_sub(&metrics->gauges->cas[place], 1);
	}
	atomic_fetch_add(&metrics->gauges->cas[AWH_CA_PLACES], 1);
	return AWH_CA_PLACES;
}

void awh_ca_use_leave(struct awh_metrics *metrics, size_t place)
{
	atomic_fetch_sub(&metrics->gauges->cas[place], 1);
}

/* What a place holds is that of before, or a whole new CA, or no CA: see fill(). */
void awh_ca_use_give_back(struct awh_metrics *metrics, size_t slot)
{
	for (size_t i = 0; i < AWH_CA_PLACES; i++) {
		unsigned int state = WRITTEN + (unsigned int)slot;

		atomic_compare_exchange_strong(&metrics->counts->cas[i].state, &state, USED);
	}
}

uint64_t awh_ca_use_of(const struct awh_metrics *metrics, size_t bundle, uint64_t digest)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < AWH_CA_PLACES; i++)
		if (is_of(&metrics->counts->cas[i], bundle, digest))
			sum += count(metrics, i);
	return sum;
}

bool awh_ca_use_at(const struct awh_metrics *metrics, size_t place, struct awh_ca_in_use *use)
{
	const struct awh_ca_place *from = &metrics->counts->cas[place];

	use->bundle = atomic_load(&from->bundle);
	use->digest = atomic_load(&from->digest);
	if (find(metrics, use->bundle, use->digest) != place)
		return false;
	use->connections = awh_ca_use_of(metrics, use->bundle, use->digest);
	if (use->connections == 0)
		return false;
	memcpy(use->subject, from->subject, sizeof(use->subject));
	use->subject[sizeof(use->subject) - 1] = '\0';
	if (!awh_utf8_valid(use->subject, strlen(use->subject)))
		use->subject[0] = '\0';
	return is_of(from, use->bundle, use->digest);
}

uint64_t awh_ca_use_other(const struct awh_metrics *metrics)
{
	return count(metrics, AWH_CA_PLACES);
}
