/* SPDX-License-Identifier: MIT */
/*
 * What encoding/json does with a value and a Go type of go_types.h: whether it can be decoded, and
 * whether two decoded values are equal.
 */
#ifndef RANCHER_GO_DECODE_H
#define RANCHER_GO_DECODE_H

#include <stdbool.h>

#include <admwh/admwh.h>

#include "common/text.h"

/*
 * Can the value be decoded into the type? If not, error says why in Go's words: "json: cannot
 * unmarshal number 1.5 into Go struct field LogVerbosity.spec.verbosity.level of type v1.Level".
 * Members of other names are ignored, as there; names are compared exactly, unlike there.
 */
bool go_decode_check(struct admwh_value value, const char *type, struct text *error);

/*
 * Are two values equal once they are decoded into the type (reflect.DeepEqual)? null is as absent;
 * an empty list is not as an absent one. Both passed go_decode_check(). type: a struct
 */
bool go_decode_equal(const char *type, const json_t *a, const json_t *b);

#endif
