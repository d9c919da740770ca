/* SPDX-License-Identifier: MIT */
/*
 * kube-apiserver's patch library (evanphx/json-patch v4): where it reads a JSON
 * Patch differently from RFC 6902.
 */
#ifndef AWH_REVIEW_KUBE_H
#define AWH_REVIEW_KUBE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "json/json.h"
#include "json/pointer.h"

/*
 * An index among n elements as Go's strconv.Atoi() reads it: leading zeros and a sign are taken,
 * and kube-apiserver counts negative ones from the end.
 */
bool awh_kube_index(const struct awh_token *token, size_t n, size_t *index);

/*
 * Equal as the library sees it: numbers by their text, and an array with a null element equals
 * nothing (the library crashes on it).
 */
bool awh_kube_equal(json_t *a, json_t *b, const struct awh_numbers *numbers);

/*
 * What the library makes of a malformed pointer: it skips what stands before the first "/", and
 * takes a "~" that escapes nothing as itself. *borrowed* from text or the arena, its length in
 * *len; NULL without memory.
 */
const char *awh_kube_pointer(const char *text, size_t *len, struct awh_arena *arena);

#endif
