/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "net/loop.h"

static const char *failing; /* the call that fails; NULL: none does */

static bool fails(const char *call)
{
	return failing && strcmp(call, failing) == 0;
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *argument);
int __real_uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb callback);
int __wrap_uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb callback);
int __real_uv_loop_init(uv_loop_t *loop);
int __wrap_uv_loop_init(uv_loop_t *loop);
int __real_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd);
int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd);
int __real_uv_signal_init(uv_loop_t *loop, uv_signal_t *signal);
int __wrap_uv_signal_init(uv_loop_t *loop, uv_signal_t *signal);
int __real_uv_signal_start(uv_signal_t *signal, uv_signal_cb callback, int number);
int __wrap_uv_signal_start(uv_signal_t *signal, uv_signal_cb callback, int number);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *argument)
{
	return fails("thread") ? EAGAIN : __real_pthread_create(thread, attributes, run, argument);
}

int __wrap_uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb callback)
{
	return fails("async") ? UV_EMFILE : __real_uv_async_init(loop, async, callback);
}

int __wrap_uv_loop_init(uv_loop_t *loop)
{
	return fails("loop") ? UV_EMFILE : __real_uv_loop_init(loop);
}

int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
	return fails("poll") ? UV_EMFILE : __real_uv_poll_init(loop, poll, fd);
}

int __wrap_uv_signal_init(uv_loop_t *loop, uv_signal_t *signal)
{
	return fails("signal init") ? UV_EMFILE : __real_uv_signal_init(loop, signal);
}

int __wrap_uv_signal_start(uv_signal_t *signal, uv_signal_cb callback, int number)
{
	return fails("signal") ? UV_EINVAL : __real_uv_signal_start(signal, callback, number);
}

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

static void says_why_there_is_no_loop(void **state)
{
	static const char *const calls[] = {"loop", "async"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct awh_error error = {0};
		struct awh_loop *loop;

		failing = calls[i];
		loop = awh_loop_new(&error);
		failing = NULL;
		assert_null(loop);
		assert_int_equal(error.code, ADMWH_E_IO);
		assert_string_equal(error.text, "cannot make an event loop: too many open files");
	}
}

/* What is left of each failure is freed with the loop: a leak checker would find it. */
static void says_what_a_loop_could_not_begin(void **state)
{
	struct fixture *fixture = *state;
	struct awh_error error = {0};

	failing = "thread";
	assert_int_equal(awh_loop_start(fixture->loop, NULL, &error), ADMWH_E_NOMEM);
	assert_non_null(strstr(error.text, "cannot start a thread: "));
	failing = "poll";
	assert_null(awh_watch_new(fixture->loop, fixture->fds[0], note_event, fixture));
	failing = "signal init";
	assert_null(awh_signal_new(fixture->loop, SIGUSR1, end_from_signal, fixture, &error));
	assert_string_equal(error.text, "cannot catch signal 10: too many open files");
	failing = "signal";
	assert_null(awh_signal_new(fixture->loop, SIGUSR1, end_from_signal, fixture, &error));
	assert_int_equal(error.code, ADMWH_E_IO);
	assert_string_equal(error.text, "cannot catch signal 10: invalid argument");
	failing = NULL;
	/* It is as good as new. */
	awh_loop_post(fixture->loop, &fixture->task);
	run(fixture);
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
	    cmocka_unit_test(says_why_there_is_no_loop),
	    cmocka_unit_test_setup_teardown(says_what_a_loop_could_not_begin, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
