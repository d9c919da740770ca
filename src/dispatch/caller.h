/* SPDX-License-Identifier: MIT */
/*
 * What each caller has in progress, so that one that asks for too much is rejected
 * and others are still served. A caller is known by what it has proved: its
 * certificate, the name of its token, or else its address.
 *
 * Entries are shared by all that a caller has here, connections and reviews,
 * and gone with the last of them: there are never more than those.
 */
#ifndef AWH_DISPATCH_CALLER_H
#define AWH_DISPATCH_CALLER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "dispatch/pool.h"

struct awh_caller {
	struct awh_line line;    /* its reviews in the queue */
	atomic_size_t bodies;    /* bytes of its bodies in flight */
	atomic_size_t built;     /* bytes that the values of its reviews count for */
	atomic_size_t conns;     /* its connections */
	atomic_size_t abandoned; /* its reviews that still run after their answer was given up */
	atomic_bool gives_place; /* the next of its idle connections to be found ends */
	size_t references;       /* the table's */
	struct awh_caller *next; /* likewise */
	char name[];
};

struct awh_callers;

struct awh_callers *awh_callers_new(void);
/* All callers have been given back. NULL is allowed. */
void awh_callers_free(struct awh_callers *callers);

/*
 * The caller of this name; a reference. what: "cert", "token", "ip"; issuer distinguishes equal
 * names and may be NULL. NULL: memory ran out. From any thread, like all of these.
 */
struct awh_caller *awh_callers_get(struct awh_callers *callers, const char *what,
				   const char *issuer, const char *name);
struct awh_caller *awh_callers_ref(struct awh_callers *callers, struct awh_caller *caller);
/* NULL is allowed. */
void awh_callers_unref(struct awh_callers *callers, struct awh_caller *caller);

/* Let the caller with the most connections give a place, if it has more than this. */
void awh_callers_press(struct awh_callers *callers, size_t more_than);

/* How many callers there are. */
size_t awh_callers_count(struct awh_callers *callers);

/* So many percent of a limit, one at least. */
size_t awh_share(size_t limit, size_t percent);

#endif
