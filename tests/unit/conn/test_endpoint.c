/* SPDX-License-Identifier: MIT */
/* Accepting, with a listener on loopback: when it pauses, and what makes it go on. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/container.h"
#include "conn/endpoint.h"
#include "../wrapped_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { PATIENCE_S = 60 };

static long left = -1; /* allocations until one fails; negative: none does */

static bool alloc_fails(void)
{
	return left >= 0 && left-- == 0;
}

/* An endpoint, its loop, and what its owner was asked. Nothing in it asserts on the loop's thread.
 */
struct fixture {
	struct admwh_config *config;
	struct awh_events events;
	struct awh_shared shared;
	struct awh_endpoint endpoint;
	struct awh_loop *loop;
	struct awh_task close, finish;
	sem_t opened, pressed, finished;
	atomic_uint n_opened, n_asked;
	bool has_no_memory; /* for a connection */
};

static struct fixture fixture;

static bool open_one(struct awh_endpoint *endpoint, int fd, const struct sockaddr_storage *address,
		     void *userdata)
{
	struct fixture *owner = userdata;

	(void)address;
	close(fd);
	if (!owner->has_no_memory)
		awh_endpoint_enter(endpoint);
	atomic_fetch_add(&owner->n_opened, 1);
	sem_post(&owner->opened);
	return !owner->has_no_memory;
}

static void press(struct awh_endpoint *endpoint, void *userdata)
{
	struct fixture *owner = userdata;

	(void)endpoint;
	sem_post(&owner->pressed);
}

static bool is_others_turn(void *userdata)
{
	struct fixture *owner = userdata;

	atomic_fetch_add(&owner->n_asked, 1);
	return false;
}

static void run_finish(struct awh_task *task)
{
	struct fixture *owner = AWH_CONTAINER(task, struct fixture, finish);

	awh_endpoint_finish(&owner->endpoint);
	sem_post(&owner->finished);
}

static void run_close(struct awh_task *task)
{
	struct fixture *owner = AWH_CONTAINER(task, struct fixture, close);

	awh_endpoint_close(&owner->endpoint);
	awh_loop_end(owner->loop);
}

static int set_up(void **state)
{
	*state = &fixture;
	fixture = (struct fixture){.close.run = run_close, .finish.run = run_finish};
	fixture.config = admwh_config_new();
	fixture.loop = awh_loop_new(NULL);
	if (!fixture.config || !fixture.loop || awh_metrics_init(&fixture.events.metrics, 1, NULL))
		return -1;
	fixture.shared = (struct awh_shared){.config = fixture.config, .events = &fixture.events};
	fixture.endpoint = (struct awh_endpoint){
	    .shared = &fixture.shared,
	    .id = AWH_ENDPOINT_MAIN,
	    .is_open = true,
	    .most = ADMWH_LIMIT_CONNECTIONS,
	};
	return sem_init(&fixture.opened, 0, 0) || sem_init(&fixture.pressed, 0, 0) ||
	       sem_init(&fixture.finished, 0, 0);
}

static int tear_down(void **state)
{
	(void)state;
	awh_loop_free(fixture.loop);
	awh_metrics_deinit(&fixture.events.metrics);
	admwh_config_free(fixture.config);
	return 0;
}

static struct sockaddr_storage loopback(uint16_t port)
{
	struct sockaddr_storage address = {0};
	struct sockaddr_in *v4 = (void *)&address;

	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static void bind_to_loopback(void)
{
	const struct sockaddr_storage address = loopback(0);
	struct awh_error error = {0};

	if (awh_endpoint_bind(&fixture.endpoint, &address, &error))
		fail_msg("%s", error.text);
}

static int start(void)
{
	const struct awh_endpoint_owner owner = {open_one, press, &fixture};

	return awh_endpoint_start(&fixture.endpoint, fixture.loop, &owner);
}

/* Bind, accept, and run the loop until end_loop(). */
static void serve(void)
{
	bind_to_loopback();
	assert_int_equal(start(), 0);
	assert_int_equal(awh_loop_start(fixture.loop, NULL, NULL), 0);
}

static void end_loop(void)
{
	awh_loop_post(fixture.loop, &fixture.close);
	awh_loop_join(fixture.loop);
}

static int connect_to(uint16_t port)
{
	struct sockaddr_storage address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(struct sockaddr_in)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A client that the kernel has queued; it says nothing. */
static int client(void)
{
	int fd = connect_to(awh_listener_port(fixture.endpoint.listener));

	assert_true(fd >= 0);
	return fd;
}

static void wait_for(sem_t *event)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_S;
	while (sem_timedwait(event, &end))
		assert_int_equal(errno, EINTR);
}

static bool has_happened(sem_t *event)
{
	return sem_trywait(event) == 0;
}

/* Waits until the other side ends the connection. */
static void expect_end(int fd)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	ssize_t got;
	char byte;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	do
		got = recv(fd, &byte, 1, 0);
	while (got < 0 && errno == EINTR);
	if (got != 0)
		assert_int_equal(errno, ECONNRESET);
	close(fd);
}

static void limit(enum admwh_limit which, uint64_t value)
{
	assert_int_equal(admwh_config_set_limit(fixture.config, which, value), 0);
}

static unsigned long long times_told(enum admwh_limit which)
{
	return atomic_load(&fixture.events.metrics.counts->limits[which]);
}

static void says_which_address_is_taken(void **state)
{
	struct awh_endpoint second = fixture.endpoint;
	struct awh_error error = {0};
	struct sockaddr_storage address;

	(void)state;
	bind_to_loopback();
	address = loopback(awh_listener_port(fixture.endpoint.listener));
	assert_int_equal(awh_endpoint_bind(&second, &address, &error), ADMWH_E_LISTEN);
	assert_non_null(strstr(error.text, "127.0.0.1:"));
	awh_endpoint_close(&second);
	awh_endpoint_close(&fixture.endpoint);
}

static void says_when_memory_runs_out_at_the_start(void **state)
{
	int err = ADMWH_E_NOMEM;
	long n = 0;

	(void)state;
	for (; err; n++) {
		bind_to_loopback();
		left = n;
		err = start();
		left = -1;
		assert_true(err == 0 || err == ADMWH_E_NOMEM);
		awh_endpoint_close(&fixture.endpoint);
	}
	assert_int_equal(n, 3); /* the timer, the listener's watch, none */
}

static void one_that_has_not_begun_may_be_closed(void **state)
{
	struct awh_endpoint zeroed = {0};

	(void)state;
	awh_endpoint_close(&zeroed);
	bind_to_loopback();
	awh_endpoint_close(&fixture.endpoint);
	awh_endpoint_close(&fixture.endpoint);
	assert_null(fixture.endpoint.listener);
}

static void closes_what_comes_before_there_is_a_certificate(void **state)
{
	(void)state;
	fixture.endpoint.is_open = false;
	serve();
	for (int i = 0; i < 3; i++)
		expect_end(client());
	end_loop();
	assert_int_equal(atomic_load(&fixture.n_opened), 0);
}

/* Conversions are open to all, but not without a certificate of the server's. */
static void closes_conversions_before_there_is_a_certificate(void **state)
{
	(void)state;
	fixture.endpoint.id = AWH_ENDPOINT_CONVERSION;
	serve();
	expect_end(client());
	end_loop();
	assert_int_equal(atomic_load(&fixture.n_opened), 0);
}

static void opens_what_comes_once_there_is_one(void **state)
{
	struct awh_snapshot snapshot = {0};

	(void)state;
	fixture.endpoint.is_open = false;
	fixture.endpoint.snapshot = &snapshot;
	serve();
	expect_end(client());
	wait_for(&fixture.opened);
	end_loop();
	assert_int_equal(atomic_load(&fixture.n_opened), 1);
}

static void counts_connections_that_find_no_memory_and_accepts_others(void **state)
{
	(void)state;
	fixture.has_no_memory = true;
	limit(ADMWH_LIMIT_CONNECTIONS, 1);
	serve();
	for (int i = 0; i < 3; i++) {
		expect_end(client());
		wait_for(&fixture.opened);
	}
	end_loop();
	assert_int_equal(
	    atomic_load(&fixture.events.metrics.counts->counters[AWH_COUNTER_ACCEPT_FAILURES]), 3);
}

/* What holds it back, how many it takes, and what makes room for one more. */
static void pauses_at_a_limit_until_there_is_room(void **state)
{
	static const struct {
		enum awh_endpoint_id id;
		bool is_plain;
		enum admwh_limit most, limit;
		unsigned int taken;
		void (*make_room)(struct awh_endpoint *endpoint);
	} cases[] = {
	    {AWH_ENDPOINT_MAIN, false, ADMWH_LIMIT_CONNECTIONS, ADMWH_LIMIT_CONNECTIONS, 1,
	     awh_endpoint_leave},
	    {AWH_ENDPOINT_MAIN, false, ADMWH_LIMIT_CONNECTIONS, ADMWH_LIMIT_CONNECTIONS, 3,
	     awh_endpoint_leave},
	    {AWH_ENDPOINT_MAIN, true, ADMWH_LIMIT_CONNECTIONS, ADMWH_LIMIT_CONNECTIONS, 2,
	     awh_endpoint_leave},
	    {AWH_ENDPOINT_MAIN, false, ADMWH_LIMIT_CONNECTIONS, ADMWH_LIMIT_HANDSHAKES, 2,
	     awh_endpoint_handshake_over},
	    {AWH_ENDPOINT_HEALTH, true, ADMWH_LIMIT_HEALTH_CONNECTIONS,
	     ADMWH_LIMIT_HEALTH_CONNECTIONS, 2, awh_endpoint_leave},
	    {AWH_ENDPOINT_CONVERSION, false, ADMWH_LIMIT_CONNECTIONS,
	     ADMWH_LIMIT_CONVERSION_CONNECTIONS, 2, awh_endpoint_leave},
	    {AWH_ENDPOINT_CONVERSION, false, ADMWH_LIMIT_CONNECTIONS,
	     ADMWH_LIMIT_CONVERSION_HANDSHAKES, 2, awh_endpoint_handshake_over},
	};
	struct awh_snapshot snapshot = {0};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_endpoint *endpoint = &fixture.endpoint;
		int fds[4];

		tear_down(state);
		assert_int_equal(set_up(state), 0);
		endpoint->id = cases[i].id;
		endpoint->is_plain = cases[i].is_plain;
		endpoint->most = cases[i].most;
		endpoint->snapshot = &snapshot;
		fixture.shared.converts = cases[i].id == AWH_ENDPOINT_CONVERSION;
		limit(cases[i].limit, cases[i].taken);
		serve();
		for (unsigned int n = 0; n <= cases[i].taken; n++)
			fds[n] = client();
		for (unsigned int n = 0; n < cases[i].taken; n++)
			wait_for(&fixture.opened);
		/* Room is asked for again and again, and nothing is accepted meanwhile. */
		wait_for(&fixture.pressed);
		wait_for(&fixture.pressed);
		assert_true(atomic_load(&endpoint->accept_paused));
		assert_false(has_happened(&fixture.opened));
		assert_int_equal(times_told(cases[i].limit), 1);
		cases[i].make_room(endpoint);
		wait_for(&fixture.opened);
		end_loop();
		assert_int_equal(atomic_load(&fixture.n_opened), cases[i].taken + 1);
		assert_int_equal(times_told(cases[i].limit), 2);
		for (unsigned int n = 0; n <= cases[i].taken; n++)
			close(fds[n]);
	}
}

static void one_endpoint_takes_no_place_of_the_other(void **state)
{
	struct awh_gauges *gauges = fixture.events.metrics.gauges;
	struct awh_endpoint health = {.shared = &fixture.shared,
				      .id = AWH_ENDPOINT_HEALTH,
				      .is_plain = true,
				      .most = ADMWH_LIMIT_HEALTH_CONNECTIONS};

	(void)state;
	limit(ADMWH_LIMIT_CONNECTIONS, 2);
	limit(ADMWH_LIMIT_HANDSHAKES, 2);
	for (int i = 0; i < 5; i++)
		awh_endpoint_enter(&health);
	assert_int_equal(atomic_load(&gauges->connections[AWH_ENDPOINT_HEALTH]), 5);
	assert_int_equal(atomic_load(&gauges->connections[AWH_ENDPOINT_MAIN]), 0);
	assert_int_equal(atomic_load(&gauges->handshakes), 0);
	serve();
	expect_end(client());
	expect_end(client());
	wait_for(&fixture.opened);
	wait_for(&fixture.opened);
	end_loop();
	assert_int_equal(atomic_load(&gauges->handshakes), 2);
	for (int i = 0; i < 5; i++) {
		awh_endpoint_handshake_over(&health);
		awh_endpoint_leave(&health);
	}
	assert_int_equal(atomic_load(&gauges->connections[AWH_ENDPOINT_HEALTH]), 0);
	assert_int_equal(atomic_load(&gauges->handshakes), 2);
}

/* Each connection ends while the loop looks whether there is room for another. */
static void room_that_comes_while_it_looks_is_not_missed(void **state)
{
	(void)state;
	limit(ADMWH_LIMIT_CONNECTIONS, 1);
	fixture.endpoint.is_plain = true;
	serve();
	for (int i = 0; i < 300; i++) {
		int fd = client();

		wait_for(&fixture.opened);
		awh_endpoint_leave(&fixture.endpoint);
		close(fd);
	}
	end_loop();
	assert_int_equal(atomic_load(&fixture.n_opened), 300);
}

static void takes_a_connection_that_no_other_process_takes(void **state)
{
	(void)state;
	fixture.endpoint.is_my_turn = is_others_turn;
	fixture.endpoint.turn_userdata = &fixture;
	serve();
	expect_end(client());
	wait_for(&fixture.opened);
	end_loop();
	assert_true(atomic_load(&fixture.n_asked) >= 1);
	assert_int_equal(atomic_load(&fixture.n_opened), 1);
}

static void the_last_to_be_accepted_are_those_that_wait(void **state)
{
	uint16_t port;
	int fds[5];

	(void)state;
	fixture.endpoint.is_my_turn = is_others_turn;
	fixture.endpoint.turn_userdata = &fixture;
	bind_to_loopback();
	port = awh_listener_port(fixture.endpoint.listener);
	assert_int_equal(start(), 0);
	assert_true(atomic_load(&fixture.endpoint.listening));
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = client();
	/* The loop has not run: none of them was accepted. The last time it is always its turn. */
	awh_endpoint_finish(&fixture.endpoint);
	assert_int_equal(atomic_load(&fixture.n_opened), COUNT(fds));
	assert_false(atomic_load(&fixture.endpoint.listening));
	assert_int_equal(connect_to(port), -1);
	for (size_t i = 0; i < COUNT(fds); i++)
		expect_end(fds[i]);
}

static void while_it_is_paused_the_last_ones_find_no_room(void **state)
{
	int fds[2];

	(void)state;
	limit(ADMWH_LIMIT_CONNECTIONS, 1);
	serve();
	fds[0] = client();
	fds[1] = client();
	wait_for(&fixture.pressed);
	awh_loop_post(fixture.loop, &fixture.finish);
	wait_for(&fixture.finished);
	expect_end(fds[0]);
	expect_end(fds[1]);
	/* Room that comes after the end is ignored. */
	awh_endpoint_leave(&fixture.endpoint);
	end_loop();
	assert_int_equal(atomic_load(&fixture.n_opened), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(says_which_address_is_taken),
	    TEST(says_when_memory_runs_out_at_the_start),
	    TEST(one_that_has_not_begun_may_be_closed),
	    TEST(closes_what_comes_before_there_is_a_certificate),
	    TEST(closes_conversions_before_there_is_a_certificate),
	    TEST(opens_what_comes_once_there_is_one),
	    TEST(counts_connections_that_find_no_memory_and_accepts_others),
	    TEST(pauses_at_a_limit_until_there_is_room),
	    TEST(one_endpoint_takes_no_place_of_the_other),
	    TEST(room_that_comes_while_it_looks_is_not_missed),
	    TEST(takes_a_connection_that_no_other_process_takes),
	    TEST(the_last_to_be_accepted_are_those_that_wait),
	    TEST(while_it_is_paused_the_last_ones_find_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
