/* SPDX-License-Identifier: MIT */
/*
 * What each caller has in progress, so that one that asks for too much is
 * rejected and others are still served. A caller is known by what it has proved:
 * its certificate, the name of its token, or else its address.
 *
 * An entry is shared by all connections and reviews of its caller, and freed with
 * the last of them.
 */
#ifndef AWH_DISPATCH_CALLER_H
#define AWH_DISPATCH_CALLER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "dispatch/pool.h"

struct awh_caller {
	struct awh_line line; /* its reviews in the queue */
	atomic_size_t bodies; /* bytes of its bodies in flight */
	atomic_size_t built;  /* bytes of its decoded objects, as they are counted */
	/* The review whose objects were counted first of those in flight; NULL: none is counted. */
	_Atomic(const void *) first;
	atomic_size_t conns;     /* its connections */
	atomic_size_t abandoned; /* its reviews that still run after their answer was given up */
	atomic_bool gives_place; /* the next of its connections that is found idle is closed */
	size_t references;       /* the table's */
	struct awh_caller *next; /* likewise */
	char name[];
};

struct awh_callers;

struct awh_callers *awh_callers_new(void);
/* All callers must have been given back. NULL is allowed. */
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

/*
 * Have an idle connection of the caller with the most connections closed, if it has more than this.
 */
void awh_callers_press(struct awh_callers *callers, size_t more_than);

/* How many callers there are: for tests. */
size_t awh_callers_count(struct awh_callers *callers);

/* This percentage of a limit; 1 or more. */
size_t awh_percent_of(size_t limit, size_t percent);

#endif
