/* SPDX-License-Identifier: MIT */
/* What kube-apiserver makes of a webhook's answer. */
#ifndef ADMWHCTL_ANSWER_H
#define ADMWHCTL_ANSWER_H

#include <jansson.h>
#include <stdbool.h>

#include "common/client.h"

/*
 * A new object:
 *   result            "allowed", "denied", "failed": the call fails, and failurePolicy decides
 *   error             of failed
 *   code, reason, message, causes   of denied, as kube-apiserver passes them on
 *   warnings, auditAnnotations, patch   where there are any
 * is_validating: a patch is an error.
 */
json_t *answer_check(const json_t *review, bool is_validating, const struct client_answer *answer);

#endif
