/* SPDX-License-Identifier: MIT */
/*
 * Who may do what with a project: a table in a file, standing in for the
 * SubjectAccessReviews that Rancher's webhook sends to the API server.
 *
 *     {"rules": [{"users": ["u-alice"], "groups": ["system:masters"],
 *                 "verbs": ["manage-namespaces"], "projects": ["p-xyz"]}]}
 *
 * A rule lets in whoever it lists as a user or as a member of a group, for each of its verbs
 * (manage-namespaces, updatepsa) and projects. "*" as verb or project stands for all; as user or
 * group it means itself. "projects" names what stands behind the colon of
 * field.cattle.io/projectId;
 * "" is a namespace without a project. What no rule lets in is refused.
 */
#ifndef RANCHER_PERMISSIONS_H
#define RANCHER_PERMISSIONS_H

#include <stdbool.h>

#include <admwh/request.h>

#include "go_quote.h"

struct permissions;

/* *new*, or NULL with error; file NULL: no one may do anything. */
struct permissions *permissions_load(const char *file, struct text *error);

bool permissions_allow(const struct permissions *permissions, const struct admwh_user *user,
		       const char *verb, const char *project);

void permissions_free(struct permissions *permissions);

#endif
