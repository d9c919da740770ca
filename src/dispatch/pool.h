/* SPDX-License-Identifier: MIT */
/*
 * dispatch: workers that run what may block, behind a bounded queue. A full
 * queue is the caller's to tell of; nothing waits without a bound.
 */
#ifndef AWH_DISPATCH_POOL_H
#define AWH_DISPATCH_POOL_H

#include <stddef.h>

#include "base/error.h"

struct awh_pool;

/* Embedded by whoever submits it; lives until run, or dropped, has returned. */
struct awh_job {
	struct awh_job *next;
	void (*run)(struct awh_job *job);  /* on a worker */
	void (*drop)(struct awh_job *job); /* instead, when the pool ends first */
};

/* Start workers. NULL: error says why. */
struct awh_pool *awh_pool_new(unsigned int workers, size_t queue, struct awh_error *error);

/* 0, or ADMWH_E_OVERLOAD when the queue is full. From any thread. */
int awh_pool_submit(struct awh_pool *pool, struct awh_job *job);

/* Drop what is queued, wait for what runs. NULL is allowed. */
void awh_pool_free(struct awh_pool *pool);

#endif
