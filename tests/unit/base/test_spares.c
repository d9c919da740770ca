/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/spares.h"

enum { PLACES = 4, ROUNDS = 20000, THREADS = 4 };

static atomic_int n_freed;

static void count_free(struct awh_spare *spare)
{
	free(spare);
	atomic_fetch_add(&n_freed, 1);
}

static struct awh_spare *make(size_t size)
{
	struct awh_spare *spare = malloc(sizeof(*spare));

	assert_non_null(spare);
	spare->size = size;
	return spare;
}

static void keeps_a_few(void **state)
{
	struct awh_spares *spares = awh_spares_new(1000, count_free);
	struct awh_spare *kept[PLACES + 1];

	(void)state;
	assert_null(awh_spares_take(spares));
	for (size_t i = 0; i <= PLACES; i++) {
		kept[i] = make(1);
		assert_int_equal(awh_spares_put(spares, kept[i]), i < PLACES);
	}
	for (size_t i = 0; i < PLACES; i++)
		free(awh_spares_take(spares));
	assert_null(awh_spares_take(spares));
	free(kept[PLACES]);
	awh_spares_unref(spares);
}

static void keeps_no_more_than_so_many_bytes(void **state)
{
	struct awh_spares *spares = awh_spares_new(100, count_free);
	struct awh_spare *large = make(101), *most = make(60), *rest = make(40), *more = make(1);

	(void)state;
	assert_false(awh_spares_put(spares, large));
	assert_true(awh_spares_put(spares, most));
	assert_true(awh_spares_put(spares, rest));
	assert_false(awh_spares_put(spares, more));
	free(awh_spares_take(spares));
	assert_true(awh_spares_put(spares, more));
	free(large);
	atomic_store(&n_freed, 0);
	awh_spares_unref(spares);
	assert_int_equal(atomic_load(&n_freed), 2);
}

static void outlives_its_owner(void **state)
{
	struct awh_spares *spares = awh_spares_new(100, count_free);
	struct awh_spares *used = awh_spares_ref(spares);

	(void)state;
	atomic_store(&n_freed, 0);
	awh_spares_unref(spares);
	assert_true(awh_spares_put(used, make(1)));
	assert_int_equal(atomic_load(&n_freed), 0);
	awh_spares_unref(used);
	assert_int_equal(atomic_load(&n_freed), 1);
	awh_spares_unref(NULL);
}

/* Each takes one or makes one, is alone with it, and puts it back. */
static void *take_and_put(void *userdata)
{
	struct awh_spares *spares = userdata;

	for (size_t i = 0; i < ROUNDS; i++) {
		struct awh_spare *spare = awh_spares_take(spares);

		if (!spare)
			spare = make(1);
		spare->size = 1 + i % 3;
		if (!awh_spares_put(spares, spare))
			free(spare);
	}
	awh_spares_unref(spares);
	return NULL;
}

static void any_thread_may_use_it(void **state)
{
	struct awh_spares *spares = awh_spares_new(6, count_free);
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, take_and_put, awh_spares_ref(spares)), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	awh_spares_unref(spares);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_a_few),
	    cmocka_unit_test(keeps_no_more_than_so_many_bytes),
	    cmocka_unit_test(outlives_its_owner),
	    cmocka_unit_test(any_thread_may_use_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
