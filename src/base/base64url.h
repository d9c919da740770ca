/* SPDX-License-Identifier: MIT */
/*
 * base64url without padding, as JSON Web Signatures have it: RFC 7515 section 2.
 */
#ifndef AWH_BASE_BASE64URL_H
#define AWH_BASE_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room that the decoding of a text takes, at most. */
#define AWH_BASE64URL_BYTES(len) ((len) / 4 * 3 + 2)

/*
 * Decode, strictly: no other character, no padding, and the unused bits of the last digit are 0, so
 * that no two texts mean the same bytes.
 *
 * out: AWH_BASE64URL_BYTES(len) bytes; may be written to on failure
 */
bool awh_base64url_decode(const char *text, size_t len, uint8_t *out, size_t *out_len);

#endif
