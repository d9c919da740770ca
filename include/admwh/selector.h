/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Label selectors: metav1.LabelSelector as objects have it, and the text of `kubectl -l`
 * (k8s.io/apimachinery labels.Parse), matched against the labels of an object.
 *
 *     const struct admwh_selector *frozen = userdata;
 *
 *     if (admwh_selector_matches(frozen, ADMWH_GET(object, "metadata", "labels")))
 *             return admwh_response_deny(resp, 403, "frozen");
 *
 * Keys and values are held to Kubernetes' rules for labels. **A malformed selector matches
 * nothing**: a program looks at admwh_selector_error() when it has made one.
 */
#ifndef ADMWH_SELECTOR_H
#define ADMWH_SELECTOR_H

#include <stdbool.h>

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup workloads
 * @{ */

/** A label selector. It does not change: any number of threads may match by it. */
struct admwh_selector;

/**
 * Parse a text: requirements that are all to be met, separated by commas, "a=b", "a==b", "a!=b",
 * "a in (b,c)", "a notin (b,c)", "a", "!a", "a>5", "a<5". No text matches all labels.
 *
 * @param text  a C string; NULL is malformed
 * @return *new*, free with admwh_selector_free(), also when the text is malformed; NULL when memory
 *         ran out
 * @since 0.1.0
 */
ADMWH_API struct admwh_selector *admwh_selector_parse(const char *text);

/**
 * Make a selector of a metav1.LabelSelector: an object with matchLabels and matchExpressions (In,
 * NotIn, Exists, DoesNotExist). {} matches all labels, null and absence match none. What is
 * malformed is remembered (see value.h), too.
 *
 * @param selector  an object; copied
 * @return *new*, free with admwh_selector_free(), also when it is malformed; NULL when memory ran
 *         out
 * @since 0.1.0
 */
ADMWH_API struct admwh_selector *admwh_selector_new(struct admwh_value selector);

/**
 * Why a selector is malformed.
 *
 * @param selector  a selector; NULL, for which memory ran out, gives "out of memory"
 * @return *borrowed* until the selector is freed; one line; "" when it is not
 * @since 0.1.0
 */
ADMWH_API const char *admwh_selector_error(const struct admwh_selector *selector);

/**
 * Does a selector match these labels? A label that is null is "". Labels that are no object, and a
 * label that is asked for and no string, are remembered as malformed.
 *
 * @param selector  a selector; NULL and a malformed one match nothing
 * @param labels    an object; null and absence are no labels, which "!a" and "a!=b" match
 * @return true when all requirements are met
 * @since 0.1.0
 */
ADMWH_API bool admwh_selector_matches(const struct admwh_selector *selector,
				      struct admwh_value labels);

/**
 * Does a metav1.LabelSelector of the object under review match these labels: are the labels of a
 * Deployment's template those of its selector? As admwh_selector_new() and
 * admwh_selector_matches().
 *
 * @param selector  an object; null and absence match nothing
 * @param labels    an object
 * @return true when it matches; false when it is malformed and when memory runs out, both of which
 *         are remembered
 * @since 0.1.0
 */
ADMWH_API bool admwh_selector_value_matches(struct admwh_value selector, struct admwh_value labels);

/**
 * Free a selector.
 *
 * @param selector  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_selector_free(struct admwh_selector *selector);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
