/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/loop.h"

struct fixture {
	struct awh_loop *loop;
	struct awh_watch *watch;
	struct awh_signal *signal;
	struct awh_task task;
	pthread_t thread;
	int fds[2];
	unsigned int told;
	int times;
};

static void end(struct fixture *fixture)
{
	awh_watch_free(fixture->watch);
	fixture->watch = NULL;
	awh_loop_end(fixture->loop);
}

static void note_thread(struct awh_task *task)
{
	struct fixture *fixture = (struct fixture *)((char *)task - offsetof(struct fixture, task));

	fixture->thread = pthread_self();
	fixture->times++;
	end(fixture);
}

static void note_event(void *userdata, unsigned int happened)
{
	struct fixture *fixture = userdata;

	fixture->told |= happened;
	fixture->times++;
	end(fixture);
}

static void run(struct fixture *fixture)
{
	struct awh_error error = {0};

	assert_int_equal(awh_loop_start(fixture->loop, NULL, &error), 0);
	awh_loop_join(fixture->loop);
}

static int set_up(void **state)
{
	static struct fixture fixture;
	struct awh_error error = {0};

	fixture = (struct fixture){.loop = awh_loop_new(&error), .task.run = note_thread};
	*state = &fixture;
	return fixture.loop && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fixture.fds) == 0
		   ? 0
		   : -1;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	awh_loop_free(fixture->loop);
	close(fixture->fds[0]);
	close(fixture->fds[1]);
	return 0;
}

static void runs_a_task_on_a_thread_of_its_own(void **state)
{
	struct fixture *fixture = *state;

	awh_loop_post(fixture->loop, &fixture->task);
	run(fixture);
	assert_int_equal(fixture->times, 1);
	assert_false(pthread_equal(fixture->thread, pthread_self()));
}

static void runs_what_is_queued_when_it_is_freed(void **state)
{
	struct fixture *fixture = *state;
	struct awh_error error = {0};

	awh_loop_post(fixture->loop, &fixture->task);
	awh_loop_free(fixture->loop);
	fixture->loop = awh_loop_new(&error);
	assert_int_equal(fixture->times, 1);
}

static void reports_a_descriptor_that_is_readable(void **state)
{
	struct fixture *fixture = *state;

	fixture->watch = awh_watch_new(fixture->loop, fixture->fds[0], note_event, fixture);
	awh_watch_for(fixture->watch, AWH_READABLE);
	assert_int_equal(write(fixture->fds[1], "x", 1), 1);
	run(fixture);
	assert_int_equal(fixture->told, AWH_READABLE);
}

static void reports_a_descriptor_that_is_writable(void **state)
{
	struct fixture *fixture = *state;

	fixture->watch = awh_watch_new(fixture->loop, fixture->fds[0], note_event, fixture);
	awh_watch_for(fixture->watch, AWH_WRITABLE);
	run(fixture);
	assert_int_equal(fixture->told, AWH_WRITABLE);
}

static void reports_once_that_the_time_is_up(void **state)
{
	struct fixture *fixture = *state;

	fixture->watch = awh_watch_new(fixture->loop, fixture->fds[0], note_event, fixture);
	awh_watch_for(fixture->watch, AWH_READABLE);
	awh_watch_timer(fixture->watch, 60000);
	awh_watch_timer(fixture->watch, 1);
	run(fixture);
	assert_int_equal(fixture->told, AWH_TIME_UP);
	assert_int_equal(fixture->times, 1);
}

/* A second watch that always asks for another turn, until the first is told of its descriptor. */
struct greedy {
	struct fixture *fixture;
	struct awh_watch *watch;
	unsigned int told;
	int turns;
};

static void ask_again(void *userdata, unsigned int happened)
{
	struct greedy *greedy = userdata;

	greedy->told |= happened;
	if (++greedy->turns == 2 && write(greedy->fixture->fds[1], "x", 1) != 1)
		greedy->turns = 100;
	if (greedy->turns < 100 && greedy->fixture->told == 0) {
		awh_watch_turn(greedy->watch);
		return;
	}
	awh_watch_free(greedy->watch);
	if (greedy->fixture->told == 0)
		end(greedy->fixture);
}

static void lets_others_have_their_turn(void **state)
{
	struct fixture *fixture = *state;
	struct greedy greedy = {.fixture = fixture};

	fixture->watch = awh_watch_new(fixture->loop, fixture->fds[0], note_event, fixture);
	awh_watch_for(fixture->watch, AWH_READABLE);
	greedy.watch = awh_watch_new(fixture->loop, -1, ask_again, &greedy);
	awh_watch_turn(greedy.watch);
	run(fixture);
	assert_int_equal(fixture->told, AWH_READABLE);
	assert_int_equal(greedy.told, AWH_NEXT_TURN);
	assert_true(greedy.turns >= 2 && greedy.turns <= 4);
}

static void frees_a_watch_before_its_turn(void **state)
{
	struct fixture *fixture = *state;

	fixture->watch = awh_watch_new(fixture->loop, -1, note_event, fixture);
	awh_watch_turn(fixture->watch);
	end(fixture);
	run(fixture);
	assert_int_equal(fixture->times, 0);
}

static void end_from_signal(void *userdata)
{
	struct fixture *fixture = userdata;

	fixture->times++;
	awh_signal_free(fixture->signal);
	awh_loop_end(fixture->loop);
}

static void reports_a_signal(void **state)
{
	struct fixture *fixture = *state;
	struct awh_error error = {0};

	fixture->signal = awh_signal_new(fixture->loop, SIGUSR1, end_from_signal, fixture, &error);
	assert_non_null(fixture->signal);
	assert_int_equal(awh_loop_start(fixture->loop, NULL, &error), 0);
	kill(getpid(), SIGUSR1);
	awh_loop_join(fixture->loop);
	assert_int_equal(fixture->times, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(runs_a_task_on_a_thread_of_its_own, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(runs_what_is_queued_when_it_is_freed, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(reports_a_descriptor_that_is_readable, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(reports_a_descriptor_that_is_writable, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(reports_once_that_the_time_is_up, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(lets_others_have_their_turn, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(frees_a_watch_before_its_turn, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(reports_a_signal, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
