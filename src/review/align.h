/* SPDX-License-Identifier: MIT */
/*
 * Which element of one array became which of another: fewest edits first, then
 * similarity. The result decides how short a patch is, never whether it is right,
 * so the search may stop at its bounds.
 */
#ifndef AWH_REVIEW_ALIGN_H
#define AWH_REVIEW_ALIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "json/json.h"
#include "review/apply.h"
#include "review/edits.h"

/*
 * Bounds. Values looked at to align all arrays of two trees; pairs of elements weighed against each
 * other between two that stay. Beyond them elements are paired index by index. A visit takes some
 * ten nanoseconds.
 */
enum {
	AWH_ALIGN_VISITS_MAX = 1 << 20,
	AWH_ALIGN_PAIRS_MAX = 4096,
};

struct awh_aligner {
	const struct awh_numbers *numbers;
	bool number_text; /* 1 and 1.0 differ */
	size_t visits;    /* that are left */
};

/* Two arrays without the elements they begin and end with alike. */
struct awh_alignment {
	json_t *from, *to;
	size_t first;        /* index of the first element */
	size_t n_from, n_to; /* elements */
	int32_t *partners;   /* for each of `to`: which of `from` it was; ascending */
	size_t *places;      /* one for each of `from`, for the caller's use */
};

/*
 * The value in object of the same name as member, an iterator of another object; NULL for none.
 * Objects that were copied from each other have their members in the same order: *next, at first
 * json_object_iter(object), is where it is looked for first.
 */
json_t *awh_take_member(json_t *object, void **next, void *member);

/* Are two values equal, neither of them an array or object? */
bool awh_same_scalar(const struct awh_aligner *aligner, const json_t *a, const json_t *b);

/* 0; ADMWH_E_NOMEM. awh_alignment_deinit() is to be called in any case. */
int awh_align(struct awh_alignment *alignment, struct awh_aligner *aligner, json_t *from,
	      json_t *to, bool index_by_index);
void awh_alignment_deinit(struct awh_alignment *alignment);

#endif
