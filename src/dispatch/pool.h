/* SPDX-License-Identifier: MIT */
/*
 * Workers that run what may block, behind a bounded queue: submitting to a full
 * queue is an error, and nothing waits without a bound.
 *
 * The queue is fair: each caller has a line of its own, first in first out, and
 * free workers serve the lines in turn. A caller that submits a thousand jobs
 * delays its own, and the next job of another waits for at most one of each line.
 * No line may fill more than its share of the queue.
 */
#ifndef AWH_DISPATCH_POOL_H
#define AWH_DISPATCH_POOL_H

#include <stddef.h>

#include "base/error.h"

struct awh_pool;

/* Embedded in the submitter's struct; lives until run() or drop() has returned. */
struct awh_job {
	struct awh_job *next;
	void (*run)(struct awh_job *job);  /* on a worker */
	void (*drop)(struct awh_job *job); /* instead, when the pool ends first */
};

/* One caller's jobs. Zeroed by its owner, otherwise the pool's; outlives its jobs. */
struct awh_line {
	struct awh_job *first, *last;
	size_t n_jobs;
	struct awh_line *next; /* in the round of those that have jobs */
};

/* Start workers. queue: jobs in all; share: jobs of one line. NULL: error says why. */
struct awh_pool *awh_pool_new(unsigned int workers, size_t queue, size_t share,
			      struct awh_error *error);

/*
 * 0; ADMWH_E_OVERLOAD when the queue is full; ADMWH_E_LIMIT when the line has its share. From any
 * thread.
 */
int awh_pool_submit(struct awh_pool *pool, struct awh_line *line, struct awh_job *job);

/* Drop the jobs that are queued, wait for those that run. NULL is allowed. */
void awh_pool_free(struct awh_pool *pool);

#endif
