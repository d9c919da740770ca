/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Quantities of resources (k8s.io/apimachinery resource.Quantity): "500m", "1.5Gi", "12e6". Parsed,
 * compared and added as Kubernetes does, exactly: no quantity is a floating-point number.
 *
 *     struct admwh_quantity sum = {0}, one, most;
 *
 *     while (admwh_containers_next(&all, &c)) {
 *             admwh_quantity_parse(&one, ADMWH_GET(c.value, "resources", "requests", "cpu"));
 *             admwh_quantity_add(&sum, &one);
 *     }
 *     admwh_quantity_parse_text(&most, "4");
 *     if (admwh_quantity_compare(&sum, &most) > 0)
 *             return admwh_response_deny(resp, 403, "the containers ask for too many CPUs");
 *
 * The grammar is Kubernetes': a sign, digits with a point, and a suffix (n u m k M G T P E, Ki Mi
 * Gi Ti Pi Ei, or e and an exponent). What is finer than 1n is rounded up, away from zero; what has
 * a binary suffix is at most 2^63-1. Oddities are Kubernetes' as well: "1." and "+" are quantities,
 * 1 and 0. Rejected are, in addition, more than ADMWH_QUANTITY_DIGITS_MAX digits, and exponents
 * beyond ±1,000,000,000, of which Kubernetes keeps 32 bits ("1e4294967296" is 1 there).
 *
 * A quantity holds its digits itself: nothing is freed. Any thread.
 */
#ifndef ADMWH_QUANTITY_H
#define ADMWH_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup workloads
 * @{ */

/** Lengths in bytes. */
enum admwh_quantity_length {
	ADMWH_QUANTITY_DIGITS_MAX = 128, /**< of a text, without leading zeros */
	ADMWH_QUANTITY_SUM_MAX = 160,    /**< digits of a sum */
	ADMWH_QUANTITY_TEXT_MAX = 176    /**< of admwh_quantity_format() */
};

/** The form in which a quantity was written. */
enum admwh_quantity_form {
	ADMWH_QUANTITY_DECIMAL = 0, /**< 12M */
	ADMWH_QUANTITY_BINARY = 1,  /**< 12Mi */
	ADMWH_QUANTITY_EXPONENT = 2 /**< 12e6 */
};

/** A quantity. Complete; {0} is 0, and NULL is taken for 0 by all calls that read one. */
struct admwh_quantity {
	char digits[ADMWH_QUANTITY_SUM_MAX]; /**< private */
	int64_t exponent;                    /**< private */
	uint32_t n_digits;                   /**< private */
	bool is_negative;                    /**< private */
	enum admwh_quantity_form form;       /**< see enum admwh_quantity_form */
	const char *error; /**< why it is no quantity: *borrowed* (static) text; NULL for one */
	void *reserved[4]; /**< private */
};

/**
 * Parse the quantity of a resource: a string, which may have spaces around, or a number. What is
 * neither, and what is no quantity, is remembered as malformed (see value.h).
 *
 * @param quantity  set in any case, to 0 on failure
 * @param value     a string or a number
 * @return 0; ADMWH_E_NOT_FOUND for null and absence, which is not remembered; ADMWH_E_INVAL for
 *         what is no quantity, and when quantity is NULL; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_quantity_parse(struct admwh_quantity *quantity, struct admwh_value value);

/**
 * Parse a text of the program's own, such as one of its configuration; without spaces.
 *
 * @param quantity  set in any case, to 0 on failure
 * @param text      a C string; NULL is no quantity
 * @return 0; ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_quantity_parse_text(struct admwh_quantity *quantity, const char *text);

/**
 * Compare two quantities by value, whatever their forms: 1Ki and 1024 are equal.
 *
 * @param a  a quantity
 * @param b  a quantity
 * @return -1, 0 or 1: a is less than, equal to or more than b
 * @since 0.1.0
 */
ADMWH_API int admwh_quantity_compare(const struct admwh_quantity *a,
				     const struct admwh_quantity *b);

/**
 * Is it below, at or above 0?
 *
 * @param quantity  a quantity
 * @return -1, 0 or 1
 * @since 0.1.0
 */
ADMWH_API int admwh_quantity_sign(const struct admwh_quantity *quantity);

/**
 * Add a quantity to another one, exactly. A sum has the form of what was added to, unless that was
 * 0.
 *
 * @param quantity  unchanged on failure
 * @param addend    a quantity, which may be the same one
 * @return 0; ADMWH_E_LIMIT when the sum has more than ADMWH_QUANTITY_SUM_MAX digits, as of
 *         1e1000 and 1, or an exponent beyond a text's; ADMWH_E_INVAL when quantity is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_quantity_add(struct admwh_quantity *quantity,
				 const struct admwh_quantity *addend);

/**
 * Subtract a quantity from another one; otherwise as admwh_quantity_add().
 *
 * @param quantity    unchanged on failure
 * @param subtrahend  a quantity, which may be the same one
 * @return as admwh_quantity_add()
 * @since 0.1.0
 */
ADMWH_API int admwh_quantity_subtract(struct admwh_quantity *quantity,
				      const struct admwh_quantity *subtrahend);

/**
 * A quantity in units of a power of ten, rounded away from zero: bytes by scale 0, thousandths of a
 * CPU by scale -3.
 *
 * @param quantity  a quantity
 * @param scale     exponent of the unit, from -9 to 18
 * @param number    set to it; to INT64_MAX or INT64_MIN when it is beyond; may be NULL
 * @return true; false when it is beyond int64, and for another scale, which gives 0
 * @since 0.1.0
 */
ADMWH_API bool admwh_quantity_scaled(const struct admwh_quantity *quantity, int scale,
				     int64_t *number);

/**
 * Write a quantity in Kubernetes' canonical form: "1500m", "2Gi". Parsed again it is equal: what
 * has no suffix that is large enough is written with an exponent, a sum beyond 2^63-1 without
 * binary suffix.
 *
 * @param quantity  a quantity
 * @param text      room for the text and a NUL; ADMWH_QUANTITY_TEXT_MAX + 1 is enough for any. May
 *                  be NULL when size is 0
 * @param size      bytes of text; what is longer is cut, as by snprintf()
 * @return bytes of the whole text, without the NUL
 * @since 0.1.0
 */
ADMWH_API size_t admwh_quantity_format(const struct admwh_quantity *quantity, char *text,
				       size_t size);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
