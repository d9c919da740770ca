/* SPDX-License-Identifier: MIT */
/*
 * Strict DER (X.690): definite lengths in their shortest form, tag numbers
 * below 31. It reads from a span it never leaves, copies nothing and has no state.
 */
#ifndef AWH_TLS_DER_H
#define AWH_TLS_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* *Borrowed* bytes. */
struct awh_der {
	const uint8_t *data;
	size_t len;
};

bool awh_der_equal(struct awh_der a, struct awh_der b);

/* Tags as they stand in the first byte: class, constructed bit and number. */
enum {
	AWH_DER_BOOLEAN = 0x01,
	AWH_DER_INTEGER = 0x02,
	AWH_DER_BIT_STRING = 0x03,
	AWH_DER_OCTET_STRING = 0x04,
	AWH_DER_NULL = 0x05,
	AWH_DER_OID = 0x06,
	AWH_DER_UTF8_STRING = 0x0c,
	AWH_DER_PRINTABLE_STRING = 0x13,
	AWH_DER_IA5_STRING = 0x16,
	AWH_DER_UTC_TIME = 0x17,
	AWH_DER_GENERALIZED_TIME = 0x18,
	AWH_DER_SEQUENCE = 0x30,
	AWH_DER_SET = 0x31,
};

/* [number], primitive and constructed. */
#define AWH_DER_CONTEXT(number) (0x80 | (number))
#define AWH_DER_CONTEXT_CONSTRUCTED(number) (0xa0 | (number))

/* One element off the front of in. element: with its header; may be NULL. */
bool awh_der_next(struct awh_der *in, uint8_t *tag, struct awh_der *value, struct awh_der *element);

/* One element of this tag off the front of in. */
bool awh_der_expect(struct awh_der *in, uint8_t tag, struct awh_der *value);

/* Is there more, and does it begin with this tag? */
bool awh_der_peek(struct awh_der in, uint8_t tag);

/* A BOOLEAN's value; DER knows 00 and FF only. */
bool awh_der_boolean(struct awh_der value, bool *set);

/* An INTEGER from 0 to 2^31 - 1. */
bool awh_der_small(struct awh_der value, int *number);

/* Is the content of this INTEGER in its shortest form? */
bool awh_der_integer_valid(struct awh_der value);

/* UTCTime or GeneralizedTime as RFC 5280 section 4.1.2.5 wants them: seconds, Z, no fraction. */
bool awh_der_time(uint8_t tag, struct awh_der value, int64_t *seconds);

#endif
