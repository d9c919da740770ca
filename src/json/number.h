/* SPDX-License-Identifier: MIT */
/*
 * Texts of JSON numbers: what they are worth, whether two are worth the same,
 * and the text of a double. Independent of the locale. No memory is taken.
 */
#ifndef AWH_JSON_NUMBER_H
#define AWH_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for what awh_number_format() and awh_number_format_integer() write, with the NUL. */
enum { AWH_NUMBER_TEXT = 32 };

/* All take the text of one JSON number (RFC 8259 section 6) that was checked before. */

/* An integer within int64; false for any other number. */
bool awh_number_integer(const char *text, size_t len, int64_t *value);

/* The same by value: 1.0, 10e-1 and 0.1e1 are 1. */
bool awh_number_whole(const char *text, size_t len, int64_t *value);

/* The nearest double; false when it is beyond the greatest one. */
bool awh_number_real(const char *text, size_t len, double *value);

/* Is it no farther from 0 than the greatest double? */
bool awh_number_in_range(const char *text, size_t len);

/*
 * Worth the same, exactly: 1, 1.0 and 10e-1 are, 9007199254740993 and 9007199254740992.0 are not.
 * The work grows with the digits written, not with the exponent.
 */
bool awh_number_equal(const char *a, size_t a_len, const char *b, size_t b_len);

/*
 * The text of a double, which reads back as the same double; it has a "." or an exponent. "null"
 * for one that is not finite.
 */
size_t awh_number_format(char out[AWH_NUMBER_TEXT], double value);

size_t awh_number_format_integer(char out[AWH_NUMBER_TEXT], int64_t value);

#endif
