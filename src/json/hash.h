/* SPDX-License-Identifier: MIT */
/*
 * A keyed hash of names: a client cannot choose names that collide. Its key is made
 * once a process.
 */
#ifndef AWH_JSON_HASH_H
#define AWH_JSON_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-1-3. Any thread. */
uint64_t awh_hash(const char *text, size_t len);

#endif
