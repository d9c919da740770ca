/* SPDX-License-Identifier: MIT */
#include "dispatch/pool.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"

struct awh_pool {
	pthread_mutex_t mutex;  /* guards all below, and the lines */
	struct awh_line *first; /* the round: lines with jobs; the first is served next */
	struct awh_line *last;
	unsigned int n_idle; /* workers that wait, and that nothing has woken yet */
	sem_t work;          /* a post for each one that is woken: it takes one */
	size_t queued;
	size_t queue; /* limit */
	size_t share; /* of one line */
	bool ending;
	unsigned int n_threads;
	pthread_t threads[];
};

static void join_round(struct awh_pool *pool, struct awh_line *line)
{
	line->next = NULL;
	if (pool->last)
		pool->last->next = line;
	else
		pool->first = line;
	pool->last = line;
}

/* The next job of the first line, which goes to the end of the round. */
static struct awh_job *next_job(struct awh_pool *pool)
{
	struct awh_line *line = pool->first;
	struct awh_job *job = line->first;

	pool->first = line->next;
	if (!pool->first)
		pool->last = NULL;
	line->first = job->next;
	line->n_jobs--;
	pool->queued--;
	if (line->first)
		join_round(pool, line);
	else
		line->last = NULL;
	return job;
}

/*
 * A semaphore, for its posts are never lost: pthread_cond_signal() of glibc 2.27 to 2.40 may wake
 * no thread (bug 25847), and a worker that counts as woken would sleep for good.
 */
static void wait_for_work(struct awh_pool *pool)
{
	pool->n_idle++;
	pthread_mutex_unlock(&pool->mutex);
	while (sem_wait(&pool->work) < 0 && errno == EINTR)
		;
	pthread_mutex_lock(&pool->mutex);
}

/* Waits for a job; NULL when the pool ends. */
static struct awh_job *take(struct awh_pool *pool)
{
	struct awh_job *job = NULL;

	pthread_mutex_lock(&pool->mutex);
	while (!pool->first && !pool->ending)
		wait_for_work(pool);
	if (!pool->ending)
		job = next_job(pool);
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
	int err = 0;

	while (pool->n_threads < workers && err == 0) {
		err = awh_thread_start(&pool->threads[pool->n_threads], worker_main, pool);
		if (err == 0)
			pool->n_threads++;
	}
	return err;
}

struct awh_pool *awh_pool_new(unsigned int workers, size_t queue, size_t share,
			      struct awh_error *error)
{
	struct awh_pool *pool = calloc(1, sizeof(*pool) + workers * sizeof(pool->threads[0]));
	int err;

	if (!pool) {
		awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&pool->mutex, NULL);
	sem_init(&pool->work, 0, 0);
	pool->queue = queue;
	pool->share = share;
	err = start_workers(pool, workers);
	if (err) {
		awh_fail(error, ADMWH_E_NOMEM, "cannot start a thread: %s", strerror(err));
		awh_pool_free(pool);
		return NULL;
	}
	return pool;
}

static void append(struct awh_pool *pool, struct awh_line *line, struct awh_job *job)
{
	job->next = NULL;
	if (line->last)
		line->last->next = job;
	else
		line->first = job;
	line->last = job;
	if (line->n_jobs++ == 0)
		join_round(pool, line);
	pool->queued++;
}

/*
 * Is a worker to be woken for a job more? One that is woken looks at the queue before it waits
 * again, and so does one that works.
 */
static bool wakes_worker(struct awh_pool *pool)
{
	if (pool->n_idle == 0)
		return false;
	pool->n_idle--;
	return true;
}

int awh_pool_submit(struct awh_pool *pool, struct awh_line *line, struct awh_job *job)
{
	bool wakes = false;
	int err = 0;

	pthread_mutex_lock(&pool->mutex);
	if (pool->queued >= pool->queue) {
		err = ADMWH_E_OVERLOAD;
	} else if (line->n_jobs >= pool->share) {
		err = ADMWH_E_LIMIT;
	} else {
		append(pool, line, job);
		wakes = wakes_worker(pool);
	}
	pthread_mutex_unlock(&pool->mutex);
	if (wakes) /* not before: it would wait for the mutex */
		sem_post(&pool->work);
	return err;
}

void awh_pool_free(struct awh_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->mutex);
	pool->ending = true;
	while (wakes_worker(pool))
		sem_post(&pool->work);
	pthread_mutex_unlock(&pool->mutex);
	for (unsigned int i = 0; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
	while (pool->first) {
		struct awh_job *job = next_job(pool);

		job->drop(job);
	}
	sem_destroy(&pool->work);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}
