/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What fields of an object must be: checks that add their own error, in the words of Kubernetes.
 *
 *     admwh_response_require(resp, admwh_value_get(spec, "bucket"));
 *     admwh_response_require_integer(resp, admwh_value_get(spec, "replicas"), 1, 9);
 *     return admwh_response_decide(resp);
 *
 * Each tells whether the field is as required. A field that is absent or null is an error of each
 * (`spec.bucket: Required value`): an optional one is checked where it is set
 * (admwh_value_is_set()). Where a number or a quantity is asked for, another type is malformed:
 * remembered, and a failure of the review unless it is denied (see value.h); no error is added for
 * it. What a check cannot add for want of memory fails the review, too.
 */
#ifndef ADMWH_REQUIRE_H
#define ADMWH_REQUIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/export.h>
#include <admwh/quantity.h>
#include <admwh/response.h>
#include <admwh/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup responses
 * @{ */

/**
 * Require a field to be set: `Required value`.
 *
 * @param resp   the response of the running callback
 * @param value  a value of the request, where the error is
 * @return is it neither absent nor null? false when resp is NULL
 * @since 0.1.0
 */
ADMWH_API bool admwh_response_require(struct admwh_response *resp, struct admwh_value value);

/**
 * Require an integer of a range: `Invalid value: 0: must be between 1 and 9, inclusive`.
 *
 * @param resp   the response of the running callback
 * @param value  as for admwh_response_require()
 * @param least  the least one
 * @param most   the greatest one
 * @return is it one? false when resp is NULL
 * @since 0.1.0
 */
ADMWH_API bool admwh_response_require_integer(struct admwh_response *resp, struct admwh_value value,
					      int64_t least, int64_t most);

/**
 * Require a quantity: `Invalid value: "2Gi": must be less than or equal to 1Gi`.
 *
 * @param resp   the response of the running callback
 * @param value  as for admwh_response_require(); a string or a number
 * @param least  *borrowed*; the least one; NULL for any
 * @param most   *borrowed*; the greatest one; NULL for any
 * @return is it one? false when resp is NULL
 * @since 0.1.0
 */
ADMWH_API bool admwh_response_require_quantity(struct admwh_response *resp,
					       struct admwh_value value,
					       const struct admwh_quantity *least,
					       const struct admwh_quantity *most);

/**
 * Require one of several texts: `Unsupported value: "x": supported values: "a", "b"`, also for what
 * is no string.
 *
 * @param resp     the response of the running callback
 * @param value    as for admwh_response_require()
 * @param texts    *borrowed*; n_texts C strings
 * @param n_texts  how many
 * @return is it one of them? false when resp is NULL
 * @since 0.1.0
 */
ADMWH_API bool admwh_response_require_one_of(struct admwh_response *resp, struct admwh_value value,
					     const char *const *texts, size_t n_texts);

/**
 * Require a field to stay as it is: `Invalid value: "b": field is immutable`. It may be set once:
 * where the existing object does not have it, or there is none, any value is right.
 *
 * @param resp   the response of the running callback
 * @param value  as for admwh_response_require()
 * @param old    the same field of admwh_request_old_object()
 * @return does it equal old, or is old not set? false when resp is NULL
 * @since 0.1.0
 */
ADMWH_API bool admwh_response_require_unchanged(struct admwh_response *resp,
						struct admwh_value value, struct admwh_value old);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
