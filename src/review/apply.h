/* SPDX-License-Identifier: MIT */
/*
 * JSON Patch operations (RFC 6902): their rules, whatever they are applied to. No I/O.
 *
 * There are two sets of rules: RFC 6902, and what kube-apiserver's own library
 * (evanphx/json-patch v4) does. They differ at the edges; by default what either
 * refuses is refused.
 */
#ifndef AWH_REVIEW_APPLY_H
#define AWH_REVIEW_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "review/operation.h"
#include "review/target.h"

/* Levels of nested arrays and objects a patched document may have, as of one that is read. */
enum { AWH_PATCH_DEPTH = 1000 };

/* Bytes of JSON text that all copy operations of a patch may add, as in kube-apiserver. */
enum { AWH_PATCH_COPY_MAX = 3 * 1024 * 1024 };

/* Which rules a patch must follow. */
enum awh_patch_rules { AWH_PATCH_RFC = 1, AWH_PATCH_KUBE = 2, AWH_PATCH_BOTH = 3 };

struct awh_applier {
	struct awh_target *target;
	enum awh_patch_rules rules;
	size_t index; /* of the operation, for messages */
	size_t grown; /* bytes that copy operations have added */
	struct awh_error *error;
	struct awh_arena pointers; /* of the operation under way */
};

/*
 * Apply one operation to the document. value: of an add, replace or test, *borrowed*; the document
 * refers to it afterwards. On failure the document is unchanged, but for a move in a target that
 * cannot put back.
 * 0; ADMWH_E_PATCH, ADMWH_E_POINTER ("operation 2: remove /a/b: no such member"); ADMWH_E_NOMEM.
 */
int awh_operation_apply(struct awh_applier *applier, const struct awh_operation *operation,
			struct awh_ref value);

/* The value that the first n tokens lead to; absent when nothing is there. */
struct awh_ref awh_applier_find(const struct awh_applier *applier,
				const struct awh_pointer *pointer, size_t n_tokens);

/* Set error to "operation N: op path: reason" and return code. */
int awh_operation_fail(const struct awh_applier *applier, const struct awh_operation *operation,
		       int code, const char *reason);

void awh_applier_deinit(struct awh_applier *applier);

#endif
