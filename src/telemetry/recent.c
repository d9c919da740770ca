/* SPDX-License-Identifier: MIT */
#include "telemetry/recent.h"

/* A word: 32 bits of minutes until the end, 18 of hours of life, 14 of the hour it is about. */
enum {
	HOUR_BITS = 14,
	LIFE_BITS = 18,
	MINUTE_S = 60,
	HOUR_S = 3600,
};

static const uint64_t hour_mask = (1U << HOUR_BITS) - 1, life_most = (1U << LIFE_BITS) - 1;

static uint64_t bounded(int64_t value, uint64_t most)
{
	if (value < 0)
		return 0;
	return (uint64_t)value < most ? (uint64_t)value : most;
}

static uint64_t end_of(uint64_t word)
{
	return word >> (HOUR_BITS + LIFE_BITS);
}

/* No certificate that is taken ends in the first minute of 1970: a zeroed word is about none. */
static bool is_of(uint64_t word, uint64_t hour)
{
	return end_of(word) > 0 && (word & hour_mask) == (hour & hour_mask);
}

void awh_recent_note(struct awh_recent *recent, struct awh_tls_dates dates, int64_t now_s)
{
	uint64_t hour = (uint64_t)now_s / HOUR_S;
	uint64_t end = bounded(dates.end / MINUTE_S, UINT32_MAX);
	uint64_t life = bounded((dates.end - dates.begin) / HOUR_S, life_most);
	uint64_t word = end << (HOUR_BITS + LIFE_BITS) | life << HOUR_BITS | (hour & hour_mask);
	atomic_ullong *place = &recent->hours[hour % 2];
	unsigned long long was = atomic_load(place);

	do {
		if (is_of(was, hour) && end_of(was) <= end)
			return;
	} while (!atomic_compare_exchange_weak(place, &was, word));
}

bool awh_recent_first(const struct awh_recent *recent, int64_t now_s, struct awh_tls_dates *dates)
{
	uint64_t hour = (uint64_t)now_s / HOUR_S, first = 0;

	for (uint64_t i = hour - 1; i <= hour; i++) {
		uint64_t word = atomic_load(&recent->hours[i % 2]);

		if (is_of(word, i) && (first == 0 || end_of(word) < end_of(first)))
			first = word;
	}
	dates->end = (int64_t)end_of(first) * MINUTE_S;
	dates->begin = dates->end - (int64_t)(first >> HOUR_BITS & life_most) * HOUR_S;
	return first != 0;
}
