/* SPDX-License-Identifier: MIT */
/*
 * Lists of rbac.authorization.k8s.io PolicyRule, as Kubernetes checks them in roles
 * (ValidatePolicyRule of pkg/apis/rbac/validation).
 */
#ifndef RANCHER_POLICY_RULES_H
#define RANCHER_POLICY_RULES_H

#include <stdbool.h>

#include <jansson.h>

#include "common/text.h"

/*
 * Add a line for each rule that is not valid: "PATH[1].verbs: Required value: ...". Namespaced
 * rules have no nonResourceURLs. rules: of type []v1.PolicyRule, or NULL.
 */
void policy_rules_check(const json_t *rules, bool is_namespaced, const char *path,
			struct text *why);

#endif
