/* SPDX-License-Identifier: MIT */
/* One request through the webhooks of a target, as kube-apiserver leads it. */
#ifndef ADMWHCTL_RUN_H
#define ADMWHCTL_RUN_H

#include <jansson.h>

#include "review/request.h"
#include "review/target.h"

/*
 * A new object:
 *   apiVersion, kind, namespace, name, operation
 *   result   "allowed", "denied" or "failed"
 *   calls    what answer_check() made of each answer, with "webhook" and "path"; and "skipped" with
 *            "why", of those that are not asked
 *   before, object   the object as it came, and after mutation
 * namespaces: as of why_not_sent().
 */
json_t *run_request(const struct target *target, struct request *request, const json_t *namespaces);

#endif
