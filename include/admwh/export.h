/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Attributes of public functions. Every other public header includes this one; programs need not.
 */
#ifndef ADMWH_EXPORT_H
#define ADMWH_EXPORT_H

/** @addtogroup errors
 * @{ */

#if defined(__GNUC__) || defined(__clang__)
/** Exported from the shared library. */
#define ADMWH_API __attribute__((visibility("default")))
/** Takes a printf format: its position, and that of the first value. */
#define ADMWH_PRINTF(position, first) __attribute__((format(printf, position, first)))
/** The result must be looked at. */
#define ADMWH_WARN_UNUSED __attribute__((warn_unused_result))
#else
#define ADMWH_API
#define ADMWH_PRINTF(position, first)
#define ADMWH_WARN_UNUSED
#endif

/** @} */

#endif
