/* SPDX-License-Identifier: MIT */
/* What is counted, and where: in one process and in several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "telemetry/metrics.h"

static const struct admwh_route first = {.number = 0}, second = {.number = 1},
				third = {.number = 2};

static int set_up(void **state)
{
	static struct awh_metrics metrics;
	struct awh_error error;

	*state = &metrics;
	return awh_metrics_init(&metrics, 3, &error) || awh_metrics_add_routes(&metrics, 2, &error);
}

static int tear_down(void **state)
{
	awh_metrics_deinit(*state);
	return 0;
}

static void a_route_it_does_not_know_counts_for_nothing(void **state)
{
	struct awh_metrics *metrics = *state;

	awh_metrics_review(metrics, &third, ADMWH_CREATE, AWH_OUTCOME_ALLOWED, 1);
	awh_metrics_review(metrics, &first, AWH_OPERATIONS, AWH_OUTCOME_ALLOWED, 1);
	assert_int_equal(metrics->routes[0].us, 0);
	assert_int_equal(metrics->routes[1].us, 0);
}

static void a_status_that_is_no_refusal_counts_for_nothing(void **state)
{
	static const int statuses[] = {-1, 0, 200, 399, 600, 1 << 30};
	struct awh_metrics *metrics = *state;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		awh_metrics_refusal(metrics, statuses[i]);
	for (size_t i = 0; i < AWH_REFUSALS; i++)
		assert_int_equal(metrics->counts->refusals[i], 0);
	awh_metrics_refusal(metrics, 400);
	awh_metrics_refusal(metrics, 599);
	assert_int_equal(metrics->counts->refusals[0], 1);
	assert_int_equal(metrics->counts->refusals[AWH_REFUSALS - 1], 1);
}

static void a_review_falls_into_the_bucket_that_holds_its_time(void **state)
{
	struct awh_metrics *metrics = *state;
	unsigned long long sum = 0;

	for (size_t i = 0; i < AWH_BUCKETS; i++) {
		awh_metrics_review(metrics, &second, 0, AWH_OUTCOME_ALLOWED, awh_bucket_us[i]);
		awh_metrics_review(metrics, &second, 0, AWH_OUTCOME_ALLOWED, awh_bucket_us[i] + 1);
		sum += 2 * (unsigned long long)awh_bucket_us[i] + 1;
	}
	assert_int_equal(metrics->routes[1].buckets[0], 1);
	for (size_t i = 1; i < AWH_BUCKETS; i++)
		assert_int_equal(metrics->routes[1].buckets[i], 2);
	assert_int_equal(metrics->routes[1].buckets[AWH_BUCKETS], 1);
	assert_int_equal(metrics->routes[1].us, sum);
	assert_int_equal(metrics->routes[1].reviews[0][AWH_OUTCOME_ALLOWED], 2 * AWH_BUCKETS);
	assert_int_equal(metrics->routes[0].us, 0);
}

static void buckets_grow(void **state)
{
	(void)state;
	for (size_t i = 1; i < AWH_BUCKETS; i++)
		assert_true(awh_bucket_us[i - 1] < awh_bucket_us[i]);
	assert_int_equal(awh_bucket_us[0], 250);
	assert_int_equal(awh_bucket_us[AWH_BUCKETS - 1], 10000000);
}

/* Counters of a process that dies stay, its gauges go with its slot. */
static void what_another_process_counts_adds_up(void **state)
{
	struct awh_metrics *metrics = *state;
	int status;
	pid_t pid;

	atomic_store(&metrics->gauges->bodies, 5);
	pid = fork();
	if (pid == 0) {
		awh_metrics_take_slot(metrics, 2);
		atomic_fetch_add(&metrics->gauges->bodies, 7);
		atomic_fetch_add(&metrics->conversions->bodies, 9);
		awh_metrics_review(metrics, &first, ADMWH_CREATE, AWH_OUTCOME_DENIED, 100);
		awh_metrics_reload(metrics, AWH_RELOAD_KEYPAIR, true);
		_exit(0);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
	assert_int_equal(metrics->routes[0].reviews[ADMWH_CREATE][AWH_OUTCOME_DENIED], 1);
	assert_int_equal(metrics->counts->reloads[AWH_RELOAD_KEYPAIR][true], 1);
	assert_true(metrics->counts->reloaded_s >= metrics->counts->started_s);
	assert_int_equal(metrics->slots[0].bodies, 5);
	assert_int_equal(metrics->slots[2].bodies, 7);
	assert_int_equal(metrics->slots[metrics->n_slots + 2].bodies, 9);
	awh_metrics_clear_slot(metrics, 2);
	assert_int_equal(metrics->slots[2].bodies, 0);
	assert_int_equal(metrics->slots[metrics->n_slots + 2].bodies, 0);
	assert_int_equal(metrics->slots[0].bodies, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_route_it_does_not_know_counts_for_nothing, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(a_status_that_is_no_refusal_counts_for_nothing, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(a_review_falls_into_the_bucket_that_holds_its_time,
					    set_up, tear_down),
	    cmocka_unit_test(buckets_grow),
	    cmocka_unit_test_setup_teardown(what_another_process_counts_adds_up, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
