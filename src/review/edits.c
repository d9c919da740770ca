/* SPDX-License-Identifier: MIT */
#include "review/edits.h"

#include <stdlib.h>

#include <admwh/error.h>

/* The search for the fewest edits: how far each diagonal was followed after 0, 1, 2, ... edits. */
struct search {
	const uint64_t *from, *to; /* hashes of the elements */
	int32_t n_from, n_to;
	int32_t edits_max;
	int32_t *reach; /* by diagonal */
	size_t *visits; /* that are left */
	int32_t *trace; /* for n edits n + 1 values of reach, one set after another */
};

/* One step: to a diagonal from its better neighbour, and along it. */
static int32_t follow(const struct search *search, int32_t diagonal, int32_t edits)
{
	const int32_t *reach = search->reach + diagonal;
	int32_t from, to;

	if (diagonal == -edits || (diagonal != edits && reach[-1] < reach[1]))
		from = reach[1];
	else
		from = reach[-1] + 1;
	to = from - diagonal;
	while (awh_visit(search->visits, 1) && from < search->n_from && to < search->n_to &&
	       search->from[from] == search->to[to]) {
		from++;
		to++;
	}
	return from;
}

/* The least number of edits, and the trace of how; -1 when it is beyond bounds. */
static int32_t count_edits(struct search *search)
{
	int32_t *trace = search->trace;

	search->reach[1] = 0;
	for (int32_t edits = 0; edits <= search->edits_max; edits++) {
		for (int32_t diagonal = -edits; diagonal <= edits; diagonal += 2) {
			const int32_t end = follow(search, diagonal, edits);

			search->reach[diagonal] = *trace++ = end;
			if (diagonal == search->n_from - search->n_to && end >= search->n_from)
				return edits;
			if (*search->visits == 0)
				return -1;
		}
	}
	return -1;
}

static int32_t traced(const struct search *search, int32_t diagonal, int32_t edits)
{
	const size_t n = (size_t)edits;

	return search->trace[n * (n + 1) / 2 + (size_t)(diagonal + edits) / 2];
}

/* Walk the trace back and pair what stayed. */
static void pair_equals(int32_t *partners, const struct search *search, int32_t edits)
{
	int32_t diagonal = search->n_from - search->n_to;
	int32_t end = search->n_from;

	for (; edits >= 0; edits--) {
		int32_t start = 0, next = diagonal;

		if (edits > 0) {
			const bool down =
			    diagonal == -edits ||
			    (diagonal != edits && traced(search, diagonal - 1, edits - 1) <
						      traced(search, diagonal + 1, edits - 1));

			next = down ? diagonal + 1 : diagonal - 1;
			start = traced(search, next, edits - 1) + !down;
		}
		for (int32_t from = end; from-- > start;)
			partners[from - diagonal] = from;
		end = edits > 0 ? traced(search, next, edits - 1) : 0;
		diagonal = next;
	}
}

static int search_init(struct search *search)
{
	const size_t n = (size_t)search->n_from + (size_t)search->n_to;
	const size_t edits_max = n < AWH_EDITS_MAX ? n : AWH_EDITS_MAX;
	const size_t n_reach = 2 * edits_max + 3;
	int32_t *reach =
	    calloc(n_reach + (edits_max + 1) * (edits_max + 2) / 2, sizeof(*search->reach));

	if (!reach)
		return ADMWH_E_NOMEM;
	search->edits_max = (int32_t)edits_max;
	search->reach = reach + edits_max + 1;
	search->trace = reach + n_reach;
	return 0;
}

static void search_deinit(struct search *search)
{
	free(search->reach - search->edits_max - 1);
}

int awh_edits_pair(int32_t *partners, const uint64_t *from, size_t n_from, const uint64_t *to,
		   size_t n_to, size_t *visits)
{
	struct search search = {.from = from,
				.to = to,
				.n_from = (int32_t)n_from,
				.n_to = (int32_t)n_to,
				.visits = visits};
	int32_t edits;

	if (search_init(&search) < 0)
		return ADMWH_E_NOMEM;
	edits = count_edits(&search);
	if (edits >= 0)
		pair_equals(partners, &search, edits);
	search_deinit(&search);
	return 0;
}
