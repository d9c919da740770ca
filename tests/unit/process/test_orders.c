/* SPDX-License-Identifier: MIT */
/* The orders between a supervisor and its workers: a byte each, never waiting, never a signal. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "process/orders.h"

enum { ROOM = 64, HANGS_S = 30 };

static const enum awh_order orders[] = {AWH_ORDER_LAME_DUCK, AWH_ORDER_STOP, AWH_ORDER_CUT,
					AWH_ORDER_RELOAD};

/* Two ends, and what was received at the second. */
struct fixture {
	int ends[2];
	char got[ROOM];
	size_t n;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){0};
	*state = &fixture;
	alarm(HANGS_S); /* what should never wait would wait for ever */
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fixture.ends);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	alarm(0);
	for (size_t i = 0; i < 2; i++)
		if (fixture->ends[i] >= 0)
			close(fixture->ends[i]);
	return 0;
}

static void obey(void *userdata, enum awh_order order)
{
	struct fixture *fixture = userdata;

	if (fixture->n < ROOM)
		fixture->got[fixture->n] = (char)order;
	fixture->n++;
}

static bool receive(struct fixture *fixture)
{
	return awh_orders_receive(fixture->ends[1], obey, fixture);
}

static void close_end(struct fixture *fixture, size_t end)
{
	close(fixture->ends[end]);
	fixture->ends[end] = -1;
}

static void raw(const struct fixture *fixture, const void *bytes, size_t len)
{
	assert_int_equal(write(fixture->ends[0], bytes, len), (ssize_t)len);
}

static void no_order_is_not_waited_for(void **state)
{
	struct fixture *fixture = *state;

	assert_true(receive(fixture));
	assert_int_equal(fixture->n, 0);
}

static void bytes_that_are_no_orders_are_skipped(void **state)
{
	struct fixture *fixture = *state;
	char bytes[256];

	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	raw(fixture, bytes, sizeof(bytes));
	close_end(fixture, 0);
	while (receive(fixture))
		;
	assert_int_equal(fixture->n, 4);
	assert_memory_equal(fixture->got, "clrs", 4);
}

static void an_order_to_the_gone_is_lost_without_a_signal(void **state)
{
	struct fixture *fixture = *state;

	signal(SIGPIPE, SIG_DFL);
	close_end(fixture, 1);
	for (size_t i = 0; i < 4; i++)
		awh_order_send(fixture->ends[0], orders[i]);
}

static void an_order_to_no_descriptor_is_lost(void **state)
{
	(void)state;
	awh_order_send(-1, AWH_ORDER_STOP);
}

/* Beyond what the socket holds orders are lost: the other side has enough to do. */
static void a_full_socket_is_not_waited_for(void **state)
{
	struct fixture *fixture = *state;
	char byte = 'x';

	while (send(fixture->ends[0], &byte, 1, MSG_DONTWAIT) == 1)
		;
	for (size_t i = 0; i < 1000; i++)
		awh_order_send(fixture->ends[0], AWH_ORDER_STOP);
	close_end(fixture, 0);
	while (receive(fixture))
		;
	assert_int_equal(fixture->n, 0);
}

static void each_order_arrives_as_what_it_is(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 4; i++) {
		awh_order_send(fixture->ends[0], orders[i]);
		assert_true(receive(fixture));
		assert_int_equal(fixture->n, i + 1);
		assert_int_equal(fixture->got[i], orders[i]);
	}
}

static void several_at_once_keep_their_order(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 40; i++)
		awh_order_send(fixture->ends[0], orders[i % 4]);
	for (size_t calls = 0; fixture->n < 40; calls++) {
		assert_true(calls < 40);
		assert_true(receive(fixture));
	}
	for (size_t i = 0; i < 40; i++)
		assert_int_equal(fixture->got[i], orders[i % 4]);
}

static void what_was_sent_before_the_end_is_still_obeyed(void **state)
{
	struct fixture *fixture = *state;

	awh_order_send(fixture->ends[0], AWH_ORDER_STOP);
	close_end(fixture, 0);
	assert_true(receive(fixture));
	assert_int_equal(fixture->n, 1);
	assert_false(receive(fixture));
	assert_false(receive(fixture));
	assert_int_equal(fixture->n, 1);
}

/* The kernel tells of that by ECONNRESET, once. */
static void the_end_of_one_that_has_not_read_its_orders_is_seen(void **state)
{
	struct fixture *fixture = *state;

	awh_order_send(fixture->ends[1], AWH_ORDER_RELOAD);
	close_end(fixture, 0);
	receive(fixture);
	assert_false(receive(fixture));
	assert_int_equal(fixture->n, 0);
}

static void both_sides_give_orders(void **state)
{
	struct fixture *fixture = *state;

	awh_order_send(fixture->ends[0], AWH_ORDER_LAME_DUCK);
	awh_order_send(fixture->ends[1], AWH_ORDER_STOP);
	assert_true(receive(fixture));
	assert_true(awh_orders_receive(fixture->ends[0], obey, fixture));
	assert_int_equal(fixture->n, 2);
	assert_memory_equal(fixture->got, "ls", 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(no_order_is_not_waited_for),
	    TEST(bytes_that_are_no_orders_are_skipped),
	    TEST(an_order_to_the_gone_is_lost_without_a_signal),
	    TEST(an_order_to_no_descriptor_is_lost),
	    TEST(a_full_socket_is_not_waited_for),
	    TEST(each_order_arrives_as_what_it_is),
	    TEST(several_at_once_keep_their_order),
	    TEST(what_was_sent_before_the_end_is_still_obeyed),
	    TEST(the_end_of_one_that_has_not_read_its_orders_is_seen),
	    TEST(both_sides_give_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
