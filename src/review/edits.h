/* SPDX-License-Identifier: MIT */
/*
 * The fewest additions and removals that make one sequence of another: the greedy
 * search of E. W. Myers, "An O(ND) Difference Algorithm" (1986), within bounds. It
 * sees hashes alone.
 */
#ifndef AWH_REVIEW_EDITS_H
#define AWH_REVIEW_EDITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beyond so many elements that come and go the search gives up. */
enum { AWH_EDITS_MAX = 1000 };

enum { AWH_NO_PARTNER = -1 };

/* Count some visits; false when there are none left. */
static inline bool awh_visit(size_t *visits, size_t n)
{
	if (*visits < n) {
		*visits = 0;
		return false;
	}
	*visits -= n;
	return true;
}

/*
 * Pair the elements that stayed: partners[i], for `to`, becomes an index in `from`. Those of other
 * elements are left alone, and all where the search gives up. Both sequences are shorter than
 * INT32_MAX / 2 and one of them is not empty.
 *
 * visits: that are left; the search stops when there are none
 * 0; ADMWH_E_NOMEM.
 */
int awh_edits_pair(int32_t *partners, const uint64_t *from, size_t n_from, const uint64_t *to,
		   size_t n_to, size_t *visits);

#endif
