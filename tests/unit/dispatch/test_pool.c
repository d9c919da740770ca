/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dispatch/pool.h"

static atomic_int ran, dropped;
static sem_t running, may_go_on;

static void count_run(struct awh_job *job)
{
	(void)job;
	atomic_fetch_add(&ran, 1);
}

static void hold(struct awh_job *job)
{
	sem_post(&running);
	sem_wait(&may_go_on);
	count_run(job);
}

static void count_drop(struct awh_job *job)
{
	(void)job;
	atomic_fetch_add(&dropped, 1);
}

static int reset(void **state)
{
	(void)state;
	atomic_store(&ran, 0);
	atomic_store(&dropped, 0);
	sem_init(&running, 0, 0);
	sem_init(&may_go_on, 0, 0);
	return 0;
}

static void refuses_one_job_past_its_queue(void **state)
{
	struct awh_error error = {0};
	struct awh_pool *pool = awh_pool_new(1, 2, &error);
	struct awh_job jobs[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		jobs[i] = (struct awh_job){.run = hold, .drop = count_drop};
	assert_int_equal(awh_pool_submit(pool, &jobs[0]), 0);
	sem_wait(&running);
	assert_int_equal(awh_pool_submit(pool, &jobs[1]), 0);
	assert_int_equal(awh_pool_submit(pool, &jobs[2]), 0);
	assert_int_equal(awh_pool_submit(pool, &jobs[3]), ADMWH_E_OVERLOAD);
	for (int i = 0; i < 3; i++)
		sem_post(&may_go_on);
	sem_wait(&running);
	sem_wait(&running);
	awh_pool_free(pool);
	assert_int_equal(atomic_load(&ran), 3);
	assert_int_equal(atomic_load(&dropped), 0);
}

static void drops_what_is_queued_and_waits_for_what_runs(void **state)
{
	struct awh_error error = {0};
	struct awh_pool *pool = awh_pool_new(1, 10, &error);
	struct awh_job first = {.run = hold, .drop = count_drop};
	struct awh_job second = {.run = count_run, .drop = count_drop};

	(void)state;
	assert_int_equal(awh_pool_submit(pool, &first), 0);
	sem_wait(&running);
	assert_int_equal(awh_pool_submit(pool, &second), 0);
	sem_post(&may_go_on);
	awh_pool_free(pool);
	assert_int_equal(atomic_load(&ran) + atomic_load(&dropped), 2);
	assert_true(atomic_load(&ran) >= 1);
}

static void runs_every_job_once_on_several_workers(void **state)
{
	enum { JOBS = 10000 };
	static struct awh_job jobs[JOBS];
	struct awh_error error = {0};
	struct awh_pool *pool = awh_pool_new(4, JOBS, &error);

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = (struct awh_job){.run = count_run, .drop = count_drop};
		assert_int_equal(awh_pool_submit(pool, &jobs[i]), 0);
	}
	awh_pool_free(pool);
	assert_int_equal(atomic_load(&ran) + atomic_load(&dropped), JOBS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(refuses_one_job_past_its_queue, reset),
	    cmocka_unit_test_setup(drops_what_is_queued_and_waits_for_what_runs, reset),
	    cmocka_unit_test_setup(runs_every_job_once_on_several_workers, reset),
	};

	awh_pool_free(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
