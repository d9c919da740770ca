/* SPDX-License-Identifier: MIT */
/*
 * How many open connections go back to each client CA, so that it can be seen
 * whether an old one is still in use. A CA has a place in memory that processes
 * share, from its first connection on; it keeps the place while connections of it
 * are open, whatever the files say by now, and until another one needs it. There
 * are AWH_CA_PLACES; connections of CAs beyond them are counted together. No lock.
 */
#ifndef AWH_TELEMETRY_CA_USE_H
#define AWH_TELEMETRY_CA_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "identity/identity.h"
#include "telemetry/metrics.h"

/* What a CA is known by: the first bytes of its certificate's SHA-256. */
uint64_t awh_ca_digest(const uint8_t *sha256);

/* A connection of this verified peer begins. Returns its place, for awh_ca_use_leave(). Any thread.
 */
size_t awh_ca_use_enter(struct awh_metrics *metrics, const struct awh_peer *peer);
void awh_ca_use_leave(struct awh_metrics *metrics, size_t place);

/* The process of a slot has ended, maybe while it wrote into a place: others may have the place. */
void awh_ca_use_give_back(struct awh_metrics *metrics, size_t slot);

/* A CA with open connections. */
struct awh_ca_in_use {
	size_t bundle; /* as its process has told: check it before it is an index */
	uint64_t digest;
	char subject[AWH_CA_SUBJECT];
	uint64_t connections; /* in all processes */
};

/* Is there one in this place? Of a CA that has several places, the first counts for all. */
bool awh_ca_use_at(const struct awh_metrics *metrics, size_t place, struct awh_ca_in_use *use);
/* Open connections of this CA. */
uint64_t awh_ca_use_of(const struct awh_metrics *metrics, size_t bundle, uint64_t digest);
/* Of CAs that have no place. */
uint64_t awh_ca_use_other(const struct awh_metrics *metrics);

#endif
