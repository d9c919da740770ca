/* SPDX-License-Identifier: MIT */
/*
 * Paths whose signatures were verified, so that a client that connects again does
 * not pay for them again. An entry says that each certificate of a path is signed
 * by the key above it, which stays true; it holds no verdict. Dates, usages, deny
 * lists and rules are evaluated at every handshake.
 *
 * A cache has one owner, an event loop, and so needs no lock. It serves one context
 * at a time: the first path of a newer one empties it.
 */
#ifndef AWH_TLS_PATH_CACHE_H
#define AWH_TLS_PATH_CACHE_H

#include <stdbool.h>
#include <stdint.h>

enum { AWH_PATH_CACHE_MAX = 64, AWH_PATH_ID = 32 };

struct awh_path_cache;

/*
 * Were this path's signatures verified in this context?
 *
 * cache: NULL is an empty one
 * context: number of a context, greater than that of each older one
 * id: SHA-256 of the path's certificates in order, the trusted CA's included
 */
bool awh_path_cache_has(struct awh_path_cache *cache, uint64_t context,
			const uint8_t id[AWH_PATH_ID]);

/*
 * Remember a path, in place of the one that was used least recently. Only for a client that has
 * finished its handshake and is allowed: others could push its paths out.
 */
void awh_path_cache_add(struct awh_path_cache *cache, uint64_t context,
			const uint8_t id[AWH_PATH_ID]);

#endif
