/* SPDX-License-Identifier: MIT */
/* Objects whose creation does no harm, for which a webhook is called. */
#ifndef ADMWHCTL_VERIFY_HARMLESS_H
#define ADMWHCTL_VERIFY_HARMLESS_H

#include "verify/facts.h"

/* Such an object, in this namespace where it has one. New; NULL: the rules are about others. */
json_t *harmless_object(const struct hook *hook, const char *namespace);

/* Does the object of harmless_object() have no namespace? */
bool harmless_is_cluster_wide(const struct hook *hook);

/* An AdmissionReview of the creation of such an object, or of one of the first rule. New text. */
char *harmless_review(const struct hook *hook);

#endif
