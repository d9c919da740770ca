/* SPDX-License-Identifier: MIT */
/*
 * The exact texts of the numbers of trees: a table beside them, by the address
 * of a value. See json.h.
 */
#ifndef AWH_JSON_NUMBERS_H
#define AWH_JSON_NUMBERS_H

#include <stddef.h>

#include <jansson.h>

#include "json/json.h"
#include "json/number.h"

/* Keep the text that a number was read from. 0; ADMWH_E_NOMEM. */
int awh_numbers_keep(struct awh_numbers *numbers, json_t *value, const char *text, size_t len);

/* Keep for a copy what is kept for the number it was made from. 0; ADMWH_E_NOMEM. */
int awh_numbers_copy(struct awh_numbers *numbers, json_t *to, const json_t *from);

/*
 * The text a number is written as: the one it was read from, *borrowed* until numbers changes, or
 * one made in space. numbers may be NULL.
 */
const char *awh_numbers_text(const json_t *value, const struct awh_numbers *numbers,
			     char space[AWH_NUMBER_TEXT], size_t *len);

#endif
