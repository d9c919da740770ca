/* SPDX-License-Identifier: MIT */
/*
 * The JSON Patch that leads from one tree to another. No I/O.
 *
 * Applied to the first tree it gives the second; the same two trees give the same
 * patch; no operation's path leads to a value that did not change. Members come
 * in alphabetical order, those added or changed before those removed. Where
 * single operations would take more text than replacing their container, it is
 * replaced.
 *
 * Objects take linear time. Arrays are aligned by edit distance within bounds
 * (see align.h): beyond them elements are compared index by index.
 */
#ifndef AWH_REVIEW_DIFF_H
#define AWH_REVIEW_DIFF_H

#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/error.h"
#include "json/json.h"
#include "review/apply.h"

enum awh_diff_option {
	AWH_DIFF_INDEX_BY_INDEX = 1, /* align no arrays */
	AWH_DIFF_SMALLEST = 2,       /* replace a small object too where that is shorter */
	AWH_DIFF_NUMBER_TEXT = 4,    /* 1 and 1.0 differ */
	AWH_DIFF_KEEP_ROOT = 8,      /* never replace the whole object or array */
};

struct awh_diff {
	struct awh_operation *operations; /* add, replace, remove; values *borrowed* from `to` */
	size_t n_operations;
	size_t capacity;
	struct awh_arena paths;
};

/*
 * 0; ADMWH_E_PATCH when a tree is nested too deep; ADMWH_E_NOMEM.
 * awh_diff_deinit() is to be called in any case.
 */
int awh_diff_make(struct awh_diff *diff, const json_t *from, const json_t *to, unsigned options,
		  const struct awh_numbers *numbers, struct awh_error *error);
void awh_diff_deinit(struct awh_diff *diff);

/* As JSON: an array of operations that refers to nothing else. *new*; NULL when memory runs out. */
json_t *awh_diff_json(const struct awh_diff *diff, struct awh_numbers *numbers);

#endif
