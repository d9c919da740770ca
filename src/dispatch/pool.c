/* SPDX-License-Identifier: MIT */
#include "dispatch/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"

struct awh_pool {
	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t work;
	struct awh_job *first;
	struct awh_job *last;
	size_t queued;
	size_t queue; /* limit */
	bool ending;
	unsigned int n_threads;
	pthread_t threads[];
};

/* Waits for a job; NULL when the pool ends. */
static struct awh_job *take(struct awh_pool *pool)
{
	struct awh_job *job = NULL;

	pthread_mutex_lock(&pool->mutex);
	while (!pool->first && !pool->ending)
		pthread_cond_wait(&pool->work, &pool->mutex);
	if (!pool->ending) {
		job = pool->first;
		pool->first = job->next;
		if (!pool->first)
			pool->last = NULL;
		pool->queued--;
	}
	pthread_mutex_unlock(&pool->mutex);
	return job;
}

static void *worker_main(void *argument)
{
	struct awh_pool *pool = argument;
	struct awh_job *job;

	while ((job = take(pool)))
		job->run(job);
	return NULL;
}

static int start_workers(struct awh_pool *pool, unsigned int workers)
{
	int failed = 0;

	while (pool->n_threads < workers && failed == 0) {
		failed = awh_thread_start(&pool->threads[pool->n_threads], worker_main, pool);
		if (failed == 0)
			pool->n_threads++;
	}
	return failed;
}

struct awh_pool *awh_pool_new(unsigned int workers, size_t queue, struct awh_error *error)
{
	struct awh_pool *pool = calloc(1, sizeof(*pool) + workers * sizeof(pool->threads[0]));
	int failed;

	if (!pool) {
		awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->work, NULL);
	pool->queue = queue;
	failed = start_workers(pool, workers);
	if (failed) {
		awh_fail(error, ADMWH_E_NOMEM, "cannot start a thread: %s", strerror(failed));
		awh_pool_free(pool);
		return NULL;
	}
	return pool;
}

int awh_pool_submit(struct awh_pool *pool, struct awh_job *job)
{
	int failed = 0;

	job->next = NULL;
	pthread_mutex_lock(&pool->mutex);
	if (pool->queued >= pool->queue) {
		failed = ADMWH_E_OVERLOAD;
	} else {
		if (pool->last)
			pool->last->next = job;
		else
			pool->first = job;
		pool->last = job;
		pool->queued++;
		pthread_cond_signal(&pool->work);
	}
	pthread_mutex_unlock(&pool->mutex);
	return failed;
}

void awh_pool_free(struct awh_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->mutex);
	pool->ending = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->mutex);
	for (unsigned int i = 0; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
	while (pool->first) {
		struct awh_job *job = pool->first;

		pool->first = job->next;
		job->drop(job);
	}
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}
