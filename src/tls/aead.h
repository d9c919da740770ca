/* SPDX-License-Identifier: MIT */
/*
 * aead: AES-GCM by the CPU's instructions, through nettle (RFC 5116 sections 5.1
 * and 5.2). It knows no TLS: offload.c has the records of TLS 1.3 sealed and opened
 * here. Without nettle, aead_none.c stands in for aead.c.
 *
 * AES and GHASH of records are instructions, and keys and tags are compared in
 * constant time, so that no branch and no address depends on a secret. nettle does
 * expand an AES key by a table: once for each key that a connection has, as wolfSSL.
 */
#ifndef AWH_TLS_AEAD_H
#define AWH_TLS_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AWH_AEAD_NONCE = 12, /* bytes */
	AWH_AEAD_TAG = 16,
	AWH_AEAD_KEY_MAX = 32, /* of AES-256; AES-128 has 16 */
};

/* All *borrowed*. */
struct awh_aead_record {
	const uint8_t *key;
	size_t key_len; /* 16 or 32 */
	const uint8_t *nonce;
	const uint8_t *aad;
	size_t aad_len;
	const uint8_t *in;
	uint8_t *out; /* len bytes; may be in */
	size_t len;
};

/*
 * The expanded AES keys of a connection, one for each direction: 560 bytes. What GHASH needs of a
 * key, 4 KiB, is computed for each record instead, in less than 0.1 us.
 */
struct awh_aead;

/*
 * Does this CPU have instructions for AES and for GHASH's multiplication, and does nettle use them?
 * False where the environment tells nettle not to (NETTLE_FAT_OVERRIDE). From any thread.
 */
bool awh_aead_is_usable(void);

/* *new*; NULL: memory ran out. Only where it is usable. */
struct awh_aead *awh_aead_new(void);

/* Wiped first. NULL is allowed. */
void awh_aead_free(struct awh_aead *aead);

/* tag: AWH_AEAD_TAG bytes, written */
void awh_aead_seal(struct awh_aead *aead, const struct awh_aead_record *record, uint8_t *tag);

/* Is the tag right? If not, out is all zero. */
bool awh_aead_open(struct awh_aead *aead, const struct awh_aead_record *record, const uint8_t *tag);

#endif
