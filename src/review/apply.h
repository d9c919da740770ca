/* SPDX-License-Identifier: MIT */
/*
 * JSON Patch operations (RFC 6902) on a tree. No I/O.
 *
 * The tree is copied on write: a container with another reference to it is
 * copied, one level, before it is changed, from the root down. So a tree may share
 * any part with the one it was made from, and a failed patch is undone by dropping
 * what was made.
 *
 * There are two sets of rules: RFC 6902, and what kube-apiserver's own library
 * (evanphx/json-patch v4) does. They differ at the edges; by default what either
 * refuses is refused.
 */
#ifndef AWH_REVIEW_APPLY_H
#define AWH_REVIEW_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/error.h"
#include "json/json.h"
#include "review/operation.h"

/* Levels of nested arrays and objects a patched document may have, as of one that is read. */
enum { AWH_PATCH_DEPTH = 1000 };

/* Bytes of JSON text that all copy operations of a patch may add, as in kube-apiserver. */
enum { AWH_PATCH_COPY_MAX = 3 * 1024 * 1024 };

/* Which rules a patch must follow. */
enum awh_patch_rules { AWH_PATCH_RFC = 1, AWH_PATCH_KUBE = 2, AWH_PATCH_BOTH = 3 };

struct awh_applier {
	json_t *document;
	struct awh_numbers *numbers;
	enum awh_patch_rules rules;
	size_t index; /* of the operation, for messages */
	size_t grown; /* bytes that copy operations have added */
	struct awh_error *error;
};

/*
 * Apply one operation to applier->document. On failure the document is unchanged, but for a
 * move, which may have been half done.
 * 0; ADMWH_E_PATCH, ADMWH_E_POINTER ("operation 2: remove /a/b: no such member"); ADMWH_E_NOMEM.
 */
int awh_operation_apply(struct awh_applier *applier, const struct awh_operation *operation);

/* Set error to "operation N: op path: reason" and return code. */
int awh_operation_fail(const struct awh_applier *applier, const struct awh_operation *operation,
		       int code, const char *reason);

/*
 * Apply a whole patch (an array of operations) to *document. Atomic: on failure *document is
 * unchanged, else it is replaced by one that shares the parts no operation touched. Returns as
 * awh_operation_apply().
 */
int awh_patch_apply(json_t **document, const json_t *operations, enum awh_patch_rules rules,
		    struct awh_numbers *numbers, struct awh_error *error);

#endif
