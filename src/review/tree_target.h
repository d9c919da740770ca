/* SPDX-License-Identifier: MIT */
/*
 * A JSON Patch on a jansson tree.
 *
 * The tree is copied on write: a container with another reference to it is
 * copied, one level, before it is changed, from the root down. So a tree may share
 * any part with the one it was made from, and a failed patch is undone by dropping
 * what was made.
 */
#ifndef AWH_REVIEW_TREE_TARGET_H
#define AWH_REVIEW_TREE_TARGET_H

#include <jansson.h>

#include "base/error.h"
#include "json/json.h"
#include "review/apply.h"

struct awh_tree {
	struct awh_target target;
	json_t *document; /* a reference; a move that fails may be half done */
	struct awh_numbers *numbers;
};

void awh_tree_init(struct awh_tree *tree, json_t *document, struct awh_numbers *numbers);

/* A value of a tree; *borrowed* */
struct awh_ref awh_tree_ref(json_t *value);

/*
 * Apply a whole patch (an array of operations) to *document. Atomic: on failure *document is
 * unchanged, else it is replaced by one that shares the parts no operation touched. Returns as
 * awh_operation_apply().
 */
int awh_patch_apply(json_t **document, const json_t *operations, enum awh_patch_rules rules,
		    struct awh_numbers *numbers, struct awh_error *error);

#endif
