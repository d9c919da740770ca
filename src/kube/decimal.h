/* SPDX-License-Identifier: MIT */
/*
 * Exact decimal numbers of a fixed size, for quantities: digits times a power of ten.
 * 1e1000000 costs no more than 1. Digits have neither leading nor trailing zeros; 0
 * has none.
 */
#ifndef AWH_KUBE_DECIMAL_H
#define AWH_KUBE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/quantity.h>

/* Greater exponents are of no number. */
enum { AWH_DECIMAL_EXPONENT_MAX = 1000000000 };

/* Bring digits and exponent into the form above. */
void awh_decimal_trim(struct admwh_quantity *number);

/* Set to digits without sign and exponent; at most ADMWH_QUANTITY_SUM_MAX, as characters. */
void awh_decimal_set(struct admwh_quantity *number, const char *digits, size_t n);

/* Write out the zeros of a whole number. False: it has a fraction, or too many digits. */
bool awh_decimal_expand(struct admwh_quantity *number);

/* Multiply, or divide where it is a whole number that 1024 divides. False: unchanged. */
bool awh_decimal_times_1024(struct admwh_quantity *number);
bool awh_decimal_by_1024(struct admwh_quantity *number);

/* Round away from zero to a multiple of ten to the power of scale. True: it was one. */
bool awh_decimal_round(struct admwh_quantity *number, int64_t scale);

/* Compare without signs. */
int awh_decimal_compare_size(const struct admwh_quantity *a, const struct admwh_quantity *b);

/*
 * Form and error stay as they are. False: unchanged, the sum has too many digits, or too great an
 * exponent.
 */
bool awh_decimal_add(struct admwh_quantity *number, const struct admwh_quantity *addend);

#endif
