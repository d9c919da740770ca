/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <pthread.h>
#include <time.h>

#include <cmocka.h>

#include "policy.h"
#include "watch.h"

static atomic_int n_expired;

static void count(struct kw_run *run)
{
	(void)run;
	atomic_fetch_add(&n_expired, 1);
}

static void wait_for_stop(struct kw_run *run)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	while (!atomic_load(&run->stop))
		nanosleep(&nap, NULL);
}

static void the_one_who_comes_first_answers(void **state)
{
	struct kw_watch *watch = kw_watch_new();
	struct kw_run in_time = {.until_ms = kw_now_ms() + 3600000, .expired = count};
	struct kw_run late = {.until_ms = kw_now_ms() + 20, .expired = count};
	struct kw_run later = {.until_ms = kw_now_ms() + 40, .expired = count};

	(void)state;
	assert_non_null(watch);
	atomic_store(&n_expired, 0);
	kw_watch_add(watch, &in_time);
	kw_watch_add(watch, &later);
	kw_watch_add(watch, &late);
	wait_for_stop(&late);
	assert_true(kw_now_ms() >= late.until_ms);
	wait_for_stop(&later);
	assert_false(kw_watch_remove(watch, &late));
	assert_false(kw_watch_remove(watch, &later));
	assert_true(kw_watch_remove(watch, &in_time));
	assert_int_equal(atomic_load(&n_expired), 2);
	kw_watch_free(watch);
	kw_watch_free(NULL);
}

enum { THREADS = 4, ROUNDS = 2000 };

/* Runs that end about when they expire: each is answered by one side and one only. */
static void *race(void *userdata)
{
	struct kw_watch *watch = userdata;
	intptr_t mine = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct kw_run run = {.until_ms = kw_now_ms() + i % 2, .expired = count};

		kw_watch_add(watch, &run);
		while (i % 3 && kw_now_ms() < run.until_ms)
			continue;
		mine += kw_watch_remove(watch, &run);
	}
	return (void *)mine;
}

static void many_threads_are_watched(void **state)
{
	struct kw_watch *watch = kw_watch_new();
	pthread_t threads[THREADS];
	intptr_t answered = 0;

	(void)state;
	atomic_store(&n_expired, 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race, watch), 0);
	for (int i = 0; i < THREADS; i++) {
		void *mine;

		pthread_join(threads[i], &mine);
		answered += (intptr_t)mine;
	}
	assert_int_equal(answered + atomic_load(&n_expired), THREADS * ROUNDS);
	kw_watch_free(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_one_who_comes_first_answers),
	    cmocka_unit_test(many_threads_are_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
