/* SPDX-License-Identifier: MIT */
/*
 * Memory of large reviews is returned to the system: the C library keeps freed
 * memory for each thread that asked for it, and so a peak would stay.
 */
#ifndef AWH_CONN_TRIM_H
#define AWH_CONN_TRIM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "net/loop.h"

struct awh_trim {
	atomic_size_t freed;   /* since the last one; what was charged for it */
	struct awh_loop *loop; /* that nothing else waits for; NULL until there is one */
	/* on its thread */
	struct awh_task ask;
	struct awh_watch *timer;
	bool is_due;
};

/* loop: *borrowed* until awh_trim_end(). 0 or ADMWH_E_NOMEM. */
int awh_trim_make(struct awh_trim *trim, struct awh_loop *loop);
void awh_trim_end(struct awh_trim *trim);
/* The loop is going, and all threads have ended: reviews that are freed from then on ask it
 * nothing. */
void awh_trim_forget(struct awh_trim *trim);

/*
 * A worker has freed at most so many bytes: when they come to a lot, give them back now, before the
 * next body is admitted to their room.
 */
void awh_trim_now(struct awh_trim *trim, size_t freed);

/*
 * The calling loop's connections are idle, or have ended: give back the free end of its thread's
 * memory now, and the rest in a second.
 */
void awh_trim_idle(struct awh_trim *trim);

/* A large review is being freed: give back its memory, in a second. Any thread. */
void awh_trim_ask(struct awh_trim *trim);

#endif
