/* SPDX-License-Identifier: MIT */
/*
 * Sets of values that certificates are compared with, and the text they are read
 * from: one a line as "kind:value". A table says what a value of a kind looks
 * like; each is kept in one canonical form, so that values are compared byte by
 * byte. A set is filled, sealed, and from then on only read.
 */
#ifndef AWH_IDENTITY_VALUES_H
#define AWH_IDENTITY_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct awh_value {
	unsigned int kind;
	const char *text;  /* "cn:kube-apiserver" */
	const char *value; /* "kube-apiserver" */
};

struct awh_values {
	struct awh_arena arena;
	struct awh_value *items;
	size_t n_items;
	size_t capacity;
	unsigned int kinds; /* 1 << kind for each that is there */
};

struct awh_value_kind {
	unsigned int number; /* 1 to 31 */
	const char *name;
	/*
	 * Append the canonical form of a value of 1 byte or more without control characters. 0;
	 * ADMWH_E_INVAL with a message; a failure of buf is the caller's to see.
	 *
	 * max: the most bytes it may have
	 */
	int (*put)(struct awh_buf *buf, const char *value, size_t len, size_t max,
		   struct awh_error *error);
};

/* What the values of a set can be. */
struct awh_value_kinds {
	const struct awh_value_kind *items;
	size_t n_items;
	const char *expected; /* "cn:, dns: or uri:", for messages */
};

/* 0; ADMWH_E_INVAL with what is wrong with the value; ADMWH_E_NOMEM. max: as for put() */
int awh_values_add(struct awh_values *values, const struct awh_value_kind *kind, const char *value,
		   size_t len, size_t max, struct awh_error *error);

/*
 * Add each line of a text. Empty lines and those that begin with "#" are skipped; a line may end
 * in CRLF. Messages name the line and quote nothing of it.
 *
 * max: of a kind, see put(); *borrowed*, indexed by kind
 * Returns 0; ADMWH_E_INVAL; ADMWH_E_NOMEM.
 */
int awh_values_read(struct awh_values *values, const struct awh_value_kinds *kinds,
		    const char *text, size_t len, const size_t *max, struct awh_error *error);

/* Sort, and keep one of each. */
void awh_values_seal(struct awh_values *values);

/* The value of this kind with these bytes, in a sealed set; NULL when there is none. */
const struct awh_value *awh_values_find(const struct awh_values *values, unsigned int kind,
					const char *value);

void awh_values_deinit(struct awh_values *values);

#endif
