/* SPDX-License-Identifier: MIT */
/* Whether kube-apiserver sends a request to a webhook: rules and selectors. */
#ifndef ADMWHCTL_MATCH_H
#define ADMWHCTL_MATCH_H

#include <jansson.h>

#include "review/request.h"

/*
 * webhook: with the members of webhooks[] of a configuration. namespaces: labels by name, of the
 * namespaces that are known; another one has the label kubernetes.io/metadata.name alone. Returns
 * NULL when it is sent, else why not. matchConditions are taken as true.
 */
const char *why_not_sent(const json_t *webhook, const struct request *request,
			 const json_t *namespaces);

#endif
