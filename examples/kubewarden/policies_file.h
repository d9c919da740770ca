/* SPDX-License-Identifier: MIT */
/*
 * policies.yml: which policies there are, and how each is configured. A policy
 * by itself is a group of one member without an expression.
 */
#ifndef KW_POLICIES_FILE_H
#define KW_POLICIES_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "group.h"
#include "policy.h"
#include "common/text.h"

enum kw_mode {
	KW_PROTECT, /* what the policy says counts */
	KW_MONITOR  /* it is logged, and everything allowed */
};

struct kw_member {
	char *name; /* of a group's member; the policy's id otherwise */
	char *module;
	json_t *settings_json; /* an object */
	int64_t timeout_s;     /* -1: the server's */
	bool wants_host; /* contextAwareResources or hostCapabilities, which no policy here uses */

	/* Once started. */
	const struct kw_policy_type *type;
	void *settings;
};

struct kw_policy {
	char *id;
	size_t line; /* of the file */
	enum kw_mode mode;
	bool allowed_to_mutate;
	char *message;    /* NULL: the policy's own; never of a group */
	char *expression; /* NULL: no group */
	struct kw_member *members;
	size_t n_members;

	/* Once started. */
	struct kw_expression *compiled; /* of a group */
	bool failed;                    /* it does not work */
	char *failure;                  /* why; NULL when memory ran out for that, too */
};

struct kw_policies {
	struct kw_policy *policies;
	size_t n;
	struct text notes; /* what was not understood but does no harm, one a line */
};

/* Read the bytes of a file. 0; -1: error says where and why: "line 12: web: ...". */
int kw_policies_read(struct kw_policies *policies, const char *bytes, size_t len,
		     struct text *error);

/*
 * Find the policies behind the modules and give them their settings. One that does not work has its
 * failed set. How many of them.
 */
size_t kw_policies_start(struct kw_policies *policies);

/* The policy with this id; NULL: there is none. */
const struct kw_policy *kw_policies_find(const struct kw_policies *policies, const char *id);

void kw_policies_deinit(struct kw_policies *policies);

#endif
