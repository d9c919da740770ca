/* SPDX-License-Identifier: MIT */
/* Open connections by their CA: in one process and in several, and when there are many CAs. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "telemetry/ca_use.h"

static int set_up(void **state)
{
	static struct awh_metrics metrics;
	struct awh_error error;

	*state = &metrics;
	return awh_metrics_init(&metrics, 3, &error);
}

static int tear_down(void **state)
{
	awh_metrics_deinit(*state);
	return 0;
}

/* Of the CA with this number. */
static struct awh_peer peer_of(unsigned int ca, size_t bundle)
{
	struct awh_peer peer = {.bundle = bundle, .ca_subject = "CN=root"};

	peer.ca_sha256[0] = (uint8_t)(ca >> 8);
	peer.ca_sha256[1] = (uint8_t)ca;
	peer.ca_sha256[7] = 1;
	return peer;
}

static uint64_t connections(const struct awh_metrics *metrics, unsigned int ca, size_t bundle)
{
	const struct awh_peer peer = peer_of(ca, bundle);

	return awh_ca_use_of(metrics, bundle, awh_ca_digest(peer.ca_sha256));
}

static size_t enter(struct awh_metrics *metrics, unsigned int ca, size_t bundle)
{
	const struct awh_peer peer = peer_of(ca, bundle);

	return awh_ca_use_enter(metrics, &peer);
}

static void counts_by_bundle_and_ca(void **state)
{
	struct awh_metrics *metrics = *state;
	size_t first = enter(metrics, 1, 0), again = enter(metrics, 1, 0);
	size_t other = enter(metrics, 2, 0), elsewhere = enter(metrics, 1, 1);
	struct awh_ca_in_use use;

	assert_int_equal(first, again);
	assert_int_equal(connections(metrics, 1, 0), 2);
	assert_int_equal(connections(metrics, 2, 0), 1);
	assert_int_equal(connections(metrics, 1, 1), 1);
	assert_int_equal(connections(metrics, 3, 0), 0);
	assert_true(awh_ca_use_at(metrics, first, &use));
	assert_int_equal(use.bundle, 0);
	assert_int_equal(use.connections, 2);
	assert_int_equal(use.digest, 0x0001000000000001);
	assert_string_equal(use.subject, "CN=root");
	awh_ca_use_leave(metrics, first);
	awh_ca_use_leave(metrics, again);
	assert_int_equal(connections(metrics, 1, 0), 0);
	assert_false(awh_ca_use_at(metrics, first, &use));
	awh_ca_use_leave(metrics, other);
	awh_ca_use_leave(metrics, elsewhere);
}

static void cuts_a_subject_between_characters(void **state)
{
	struct awh_metrics *metrics = *state;
	char subject[2 * AWH_CA_SUBJECT];
	struct awh_peer peer = peer_of(1, 0);
	struct awh_ca_in_use use;
	size_t place;

	for (size_t i = 0; i + 2 < sizeof(subject); i += 2)
		memcpy(subject + i, "\xc3\xa9", 2);
	subject[sizeof(subject) - 2] = '\0';
	peer.ca_subject = subject;
	place = awh_ca_use_enter(metrics, &peer);
	assert_true(awh_ca_use_at(metrics, place, &use));
	assert_int_equal(strlen(use.subject), AWH_CA_SUBJECT - 2);
	awh_ca_use_leave(metrics, place);
}

static void of_many_cas_those_without_a_connection_give_way(void **state)
{
	struct awh_metrics *metrics = *state;
	size_t places[AWH_CA_PLACES], beyond, next;
	struct awh_ca_in_use use;

	for (unsigned int i = 0; i < AWH_CA_PLACES; i++) {
		places[i] = enter(metrics, i, 0);
		assert_true(places[i] < AWH_CA_PLACES);
	}
	beyond = enter(metrics, 1000, 0);
	assert_int_equal(beyond, AWH_CA_PLACES);
	assert_int_equal(awh_ca_use_other(metrics), 1);
	assert_int_equal(connections(metrics, 1000, 0), 0);
	awh_ca_use_leave(metrics, beyond);
	assert_int_equal(awh_ca_use_other(metrics), 0);

	awh_ca_use_leave(metrics, places[7]);
	next = enter(metrics, 1000, 0);
	assert_int_equal(next, places[7]);
	assert_int_equal(connections(metrics, 1000, 0), 1);
	assert_true(awh_ca_use_at(metrics, next, &use));
	for (unsigned int i = 0; i < AWH_CA_PLACES; i++)
		assert_int_equal(connections(metrics, i, 0), i != 7);
}

static void what_a_process_that_ended_had_is_over(void **state)
{
	struct awh_metrics *metrics = *state;
	size_t own = enter(metrics, 1, 0);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		awh_metrics_take_slot(metrics, 1);
		enter(metrics, 1, 0);
		enter(metrics, 2, 0);
		_exit(connections(metrics, 1, 0) == 2 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(connections(metrics, 1, 0), 2);
	assert_int_equal(connections(metrics, 2, 0), 1);
	awh_metrics_clear_slot(metrics, 1);
	assert_int_equal(connections(metrics, 1, 0), 1);
	assert_int_equal(connections(metrics, 2, 0), 0);
	awh_ca_use_leave(metrics, own);
}

/* In a process of slot 1: is killed while it writes into a place, by a subject it cannot read. */
static void die_entering(struct awh_metrics *metrics, unsigned int ca)
{
	struct awh_peer peer = peer_of(ca, 0);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		awh_metrics_take_slot(metrics, 1);
		peer.ca_subject = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		awh_ca_use_enter(metrics, &peer);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void a_process_that_is_killed_takes_no_place_along(void **state)
{
	struct awh_metrics *metrics = *state;
	size_t places[AWH_CA_PLACES];

	die_entering(metrics, 1);
	assert_int_equal(connections(metrics, 1, 0), 0);
	for (unsigned int i = 1; i < AWH_CA_PLACES; i++)
		places[i] = enter(metrics, i, 0);
	assert_int_equal(enter(metrics, 1000, 0), AWH_CA_PLACES); /* it has not been noticed yet */
	awh_metrics_clear_slot(metrics, 2);
	assert_int_equal(enter(metrics, 1000, 0), AWH_CA_PLACES); /* another one has ended */
	awh_metrics_clear_slot(metrics, 1);
	places[0] = enter(metrics, 1000, 0);
	assert_true(places[0] < AWH_CA_PLACES);
	for (unsigned int i = 1; i < AWH_CA_PLACES; i++)
		assert_int_equal(connections(metrics, i, 0), 1);

	awh_ca_use_leave(metrics, places[0]);
	die_entering(metrics, 1001); /* in a place that was another's */
	awh_metrics_clear_slot(metrics, 1);
	assert_int_equal(connections(metrics, 1000, 0), 0);
	assert_int_equal(enter(metrics, 1000, 0), places[0]);
	assert_int_equal(connections(metrics, 1000, 0), 1);
}

/* More CAs than places, of which each has a connection only for a moment. */
static void *come_and_go(void *arg)
{
	struct awh_metrics *metrics = arg;

	for (unsigned int i = 0; i < 20000; i++)
		awh_ca_use_leave(metrics, enter(metrics, i % (2 * AWH_CA_PLACES), 0));
	return NULL;
}

static void nothing_is_lost_among_threads(void **state)
{
	struct awh_metrics *metrics = *state;
	struct awh_ca_in_use use;
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, metrics), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < AWH_CA_PLACES; i++) {
		assert_false(awh_ca_use_at(metrics, i, &use));
		assert_int_equal(atomic_load(&metrics->gauges->cas[i]), 0);
	}
	assert_int_equal(awh_ca_use_other(metrics), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(counts_by_bundle_and_ca),
	    TEST(cuts_a_subject_between_characters),
	    TEST(of_many_cas_those_without_a_connection_give_way),
	    TEST(what_a_process_that_ended_had_is_over),
	    TEST(a_process_that_is_killed_takes_no_place_along),
	    TEST(nothing_is_lost_among_threads),
	};

	return cmocka_run_group_tests_name("ca_use", tests, NULL, NULL);
}
