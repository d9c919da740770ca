/* SPDX-License-Identifier: MIT */
/* Label selectors of Kubernetes (metav1.LabelSelector), by the library. */
#ifndef ADMWHCTL_SELECTOR_H
#define ADMWHCTL_SELECTOR_H

#include <jansson.h>
#include <stdbool.h>

/* Does it select an object with these labels? NULL, null and an empty one select all, a
 * malformed one nothing. labels NULL: none. */
bool selector_matches(const json_t *selector, const json_t *labels);

/* Do these labels, an object as in matchLabels, all stand among the others? */
bool labels_match(const json_t *wanted, const json_t *labels);

#endif
