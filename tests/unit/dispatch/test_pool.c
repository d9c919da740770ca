/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <sched.h>
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
	struct awh_line line = {0};
	struct awh_pool *pool = awh_pool_new(1, 2, 2, &error);
	struct awh_job jobs[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		jobs[i] = (struct awh_job){.run = hold, .drop = count_drop};
	assert_int_equal(awh_pool_submit(pool, &line, &jobs[0]), 0);
	sem_wait(&running);
	assert_int_equal(awh_pool_submit(pool, &line, &jobs[1]), 0);
	assert_int_equal(awh_pool_submit(pool, &line, &jobs[2]), 0);
	assert_int_equal(awh_pool_submit(pool, &line, &jobs[3]), ADMWH_E_OVERLOAD);
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
	struct awh_line line = {0};
	struct awh_pool *pool = awh_pool_new(1, 10, 10, &error);
	struct awh_job first = {.run = hold, .drop = count_drop};
	struct awh_job second = {.run = count_run, .drop = count_drop};

	(void)state;
	assert_int_equal(awh_pool_submit(pool, &line, &first), 0);
	sem_wait(&running);
	assert_int_equal(awh_pool_submit(pool, &line, &second), 0);
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
	struct awh_line line = {0};
	struct awh_pool *pool = awh_pool_new(4, JOBS, JOBS, &error);

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = (struct awh_job){.run = count_run, .drop = count_drop};
		assert_int_equal(awh_pool_submit(pool, &line, &jobs[i]), 0);
	}
	awh_pool_free(pool);
	assert_int_equal(atomic_load(&ran) + atomic_load(&dropped), JOBS);
}

static void wakes_a_worker_for_each_job_while_any_is_idle(void **state)
{
	enum { WORKERS = 4, ROUNDS = 500 };
	struct awh_error error = {0};
	struct awh_line line = {0};
	struct awh_pool *pool = awh_pool_new(WORKERS, WORKERS, WORKERS, &error);
	struct awh_job jobs[WORKERS];

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < WORKERS; i++) {
			jobs[i] = (struct awh_job){.run = hold, .drop = count_drop};
			assert_int_equal(awh_pool_submit(pool, &line, &jobs[i]), 0);
		}
		for (int i = 0; i < WORKERS; i++) /* all at once: else it waits here for ever */
			sem_wait(&running);
		for (int i = 0; i < WORKERS; i++)
			sem_post(&may_go_on);
		while (atomic_load(&ran) < (round + 1) * WORKERS)
			sched_yield();
	}
	awh_pool_free(pool);
	assert_int_equal(atomic_load(&ran), ROUNDS * WORKERS);
}

/* Jobs that write down their line's letter, behind one that holds the only worker. */
struct letter {
	struct awh_job job;
	char letter;
};

static char order[64];
static size_t n_order;

static void write_letter(struct awh_job *job)
{
	order[n_order++] = ((struct letter *)job)->letter;
	sem_post(&running);
}

static void serves_callers_in_turn(void **state)
{
	static const char submitted[] = "aaaaabbc", served[] = "abcabaaa";
	struct awh_error error = {0};
	struct awh_line lines[3] = {0}, own = {0};
	struct awh_pool *pool = awh_pool_new(1, 64, 64, &error);
	struct awh_job first = {.run = hold, .drop = count_drop};
	struct letter letters[8];

	(void)state;
	n_order = 0;
	assert_int_equal(awh_pool_submit(pool, &own, &first), 0);
	sem_wait(&running);
	for (int i = 0; i < 8; i++) {
		letters[i] =
		    (struct letter){{.run = write_letter, .drop = count_drop}, submitted[i]};
		assert_int_equal(awh_pool_submit(pool, &lines[submitted[i] - 'a'], &letters[i].job),
				 0);
	}
	sem_post(&may_go_on);
	for (int i = 0; i < 8; i++)
		sem_wait(&running);
	awh_pool_free(pool);
	assert_memory_equal(order, served, 8);
}

static void keeps_room_for_others_than_the_greedy(void **state)
{
	struct awh_error error = {0};
	struct awh_line greedy = {0}, other = {0}, third = {0};
	struct awh_pool *pool = awh_pool_new(1, 4, 2, &error);
	struct awh_job jobs[8];

	(void)state;
	for (int i = 0; i < 8; i++)
		jobs[i] = (struct awh_job){.run = hold, .drop = count_drop};
	assert_int_equal(awh_pool_submit(pool, &greedy, &jobs[0]), 0);
	sem_wait(&running);
	assert_int_equal(awh_pool_submit(pool, &greedy, &jobs[1]), 0);
	assert_int_equal(awh_pool_submit(pool, &greedy, &jobs[2]), 0);
	assert_int_equal(awh_pool_submit(pool, &greedy, &jobs[3]), ADMWH_E_LIMIT);
	assert_int_equal(awh_pool_submit(pool, &other, &jobs[4]), 0);
	assert_int_equal(awh_pool_submit(pool, &third, &jobs[5]), 0);
	assert_int_equal(awh_pool_submit(pool, &other, &jobs[6]), ADMWH_E_OVERLOAD);
	assert_int_equal(awh_pool_submit(pool, &greedy, &jobs[7]), ADMWH_E_OVERLOAD);
	for (int i = 0; i < 5; i++)
		sem_post(&may_go_on);
	awh_pool_free(pool);
	assert_int_equal(atomic_load(&ran) + atomic_load(&dropped), 5);
	assert_int_equal(greedy.n_jobs + other.n_jobs + third.n_jobs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(refuses_one_job_past_its_queue, reset),
	    cmocka_unit_test_setup(drops_what_is_queued_and_waits_for_what_runs, reset),
	    cmocka_unit_test_setup(runs_every_job_once_on_several_workers, reset),
	    cmocka_unit_test_setup(wakes_a_worker_for_each_job_while_any_is_idle, reset),
	    cmocka_unit_test_setup(serves_callers_in_turn, reset),
	    cmocka_unit_test_setup(keeps_room_for_others_than_the_greedy, reset),
	};

	awh_pool_free(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
