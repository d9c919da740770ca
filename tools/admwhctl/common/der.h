/* SPDX-License-Identifier: MIT */
/* DER (X.690) of certificates: written by nesting, read by cutting elements off. */
#ifndef ADMWHCTL_DER_H
#define ADMWHCTL_DER_H

#include <stdbool.h>
#include <stddef.h>

enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,          /* of a primitive element [n] */
	DER_CONTEXT_COMPOUND = 0xa0, /* of a constructed one */
};

/* Begins as zero; the program ends when memory runs out. */
struct der {
	unsigned char *bytes;
	size_t len, size;
};

/* Begin an element; what is added until der_end() with the mark that it returns is inside. */
size_t der_begin(struct der *der, unsigned int tag);
void der_end(struct der *der, size_t mark);

/* Add an element, or bytes as they are. */
void der_add(struct der *der, unsigned int tag, const void *bytes, size_t len);
void der_raw(struct der *der, const void *bytes, size_t len);

void der_deinit(struct der *der);

struct der_view {
	const unsigned char *at;
	size_t len;
};

/*
 * Cut the first element off a view. whole (may be NULL): with tag and length. False: there is none,
 * or it is not whole, or its length has more than four bytes.
 */
bool der_take(struct der_view *from, unsigned int *tag, struct der_view *contents,
	      struct der_view *whole);

/* Likewise, of this tag; otherwise nothing is cut off. */
bool der_take_tag(struct der_view *from, unsigned int tag, struct der_view *contents);

bool der_equal(const struct der_view *view, const void *bytes, size_t len);

#endif
