/* SPDX-License-Identifier: MIT */
/* Label selectors of Kubernetes: metav1.LabelSelector. */
#ifndef ADMWHCTL_VERIFY_SELECTOR_H
#define ADMWHCTL_VERIFY_SELECTOR_H

#include <jansson.h>
#include <stdbool.h>

/* Does it select an object with these labels? Either may be NULL: it selects all; has none. */
bool selector_matches(json_t *selector, json_t *labels);

/* Do these labels, an object, all stand among the others? */
bool labels_match(json_t *wanted, json_t *labels);

#endif
