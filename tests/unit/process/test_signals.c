/* SPDX-License-Identifier: MIT */
/* Signals of a supervisor: written to its eventfds, ignored by workers, put back at the end. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "process/signals.h"

static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

/* Its own, before the library's. */
static void on_program_signal(int number)
{
	(void)number;
}

static void handle(int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};

	assert_int_equal(sigaction(number, &action, NULL), 0);
}

static struct sigaction action_of(int number)
{
	struct sigaction action;

	sigaction(number, NULL, &action);
	return action;
}

static int set_up(void **state)
{
	static struct awh_signals signals;

	signals = (struct awh_signals){
	    .stop = true,
	    .reload = true,
	    .stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	    .reload_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	for (size_t i = 0; i < 3; i++)
		handle(numbers[i], SIG_DFL);
	*state = &signals;
	return signals.stop_fd < 0 || signals.reload_fd < 0;
}

static int tear_down(void **state)
{
	struct awh_signals *signals = *state;

	for (size_t i = 0; i < 3; i++)
		handle(numbers[i], SIG_DFL);
	close(signals->stop_fd);
	close(signals->reload_fd);
	return 0;
}

/* How often an eventfd was written to since it was last asked. */
static uint64_t times(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void each_signal_tells_its_eventfd(void **state)
{
	static const struct {
		int number;
		uint64_t stops, reloads;
	} cases[] = {{SIGTERM, 1, 0}, {SIGINT, 1, 0}, {SIGHUP, 0, 1}};
	struct awh_signals *signals = *state;

	awh_signals_catch(signals);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		raise(cases[i].number);
		assert_int_equal(times(signals->stop_fd), cases[i].stops);
		assert_int_equal(times(signals->reload_fd), cases[i].reloads);
	}
	raise(SIGTERM);
	raise(SIGINT);
	raise(SIGTERM);
	assert_int_equal(times(signals->stop_fd), 3);
	awh_signals_release(signals);
}

static void only_what_was_asked_for_is_caught(void **state)
{
	static const struct {
		bool stop, reload;
	} cases[] = {{false, false}, {true, false}, {false, true}};
	struct awh_signals *signals = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		signals->stop = cases[i].stop;
		signals->reload = cases[i].reload;
		awh_signals_catch(signals);
		for (size_t j = 0; j < 3; j++) {
			bool wanted = numbers[j] == SIGHUP ? signals->reload : signals->stop;

			assert_int_equal(action_of(numbers[j]).sa_handler != SIG_DFL, wanted);
		}
		awh_signals_release(signals);
	}
}

static void a_release_puts_back_what_was_there(void **state)
{
	struct awh_signals *signals = *state;

	handle(SIGINT, SIG_IGN);
	handle(SIGHUP, on_program_signal);
	awh_signals_catch(signals);
	assert_ptr_not_equal(action_of(SIGINT).sa_handler, SIG_IGN);
	awh_signals_release(signals);
	assert_ptr_equal(action_of(SIGTERM).sa_handler, SIG_DFL);
	assert_ptr_equal(action_of(SIGINT).sa_handler, SIG_IGN);
	assert_ptr_equal(action_of(SIGHUP).sa_handler, on_program_signal);
}

/* What is not asked for has no entry in old, and stays the program's. */
static void a_release_leaves_what_was_not_caught(void **state)
{
	struct awh_signals *signals = *state;

	signals->reload = false;
	awh_signals_catch(signals);
	handle(SIGHUP, on_program_signal);
	awh_signals_release(signals);
	assert_ptr_equal(action_of(SIGHUP).sa_handler, on_program_signal);
}

/* A handler runs between any two instructions of the program. */
static void errno_stays_as_it_was(void **state)
{
	struct awh_signals *signals = *state;
	const uint64_t full = UINT64_MAX - 1;

	awh_signals_catch(signals);
	errno = EDOM;
	raise(SIGTERM);
	assert_int_equal(errno, EDOM);
	times(signals->stop_fd);
	assert_int_equal(write(signals->stop_fd, &full, sizeof(full)), sizeof(full));
	errno = EDOM;
	raise(SIGTERM);
	assert_int_equal(errno, EDOM);
	awh_signals_release(signals);
}

static void calls_are_not_interrupted(void **state)
{
	struct awh_signals *signals = *state;

	awh_signals_catch(signals);
	for (size_t i = 0; i < 3; i++)
		assert_true(action_of(numbers[i]).sa_flags & SA_RESTART);
	awh_signals_release(signals);
}

/* What a worker finds: 0 when all is as it should be. */
static int look_as_worker(const struct awh_signals *signals)
{
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (size_t i = 0; i < 3; i++) {
		raise(numbers[i]);
		/* SIG_IGN would outlive an exec. */
		if (action_of(numbers[i]).sa_handler == SIG_IGN)
			return 2;
		if (sigismember(&mask, numbers[i]))
			return 3;
	}
	return times(signals->stop_fd) || times(signals->reload_fd) ? 4 : 0;
}

static void a_worker_lives_on_and_passes_nothing_on(void **state)
{
	struct awh_signals *signals = *state;
	int status;
	pid_t pid;

	awh_signals_catch(signals);
	pid = awh_signals_fork(signals);
	if (pid == 0)
		_exit(look_as_worker(signals));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	raise(SIGTERM); /* its supervisor still is told */
	assert_int_equal(times(signals->stop_fd), 1);
	awh_signals_release(signals);
}

static void a_worker_dies_of_a_signal_that_is_not_caught(void **state)
{
	struct awh_signals *signals = *state;
	int status;
	pid_t pid;

	signals->reload = false;
	awh_signals_catch(signals);
	pid = awh_signals_fork(signals);
	if (pid == 0) {
		raise(SIGHUP);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
	awh_signals_release(signals);
}

/* What is blocked stays so, in both processes; what is not is let through again. */
static void a_fork_leaves_the_mask_as_it_was(void **state)
{
	struct awh_signals *signals = *state;
	sigset_t blocked, mask;
	int status;
	pid_t pid;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	awh_signals_catch(signals);
	pid = awh_signals_fork(signals);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	if (pid == 0)
		_exit(sigismember(&mask, SIGINT) != 1 || sigismember(&mask, SIGTERM) != 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(sigismember(&mask, SIGINT), 1);
	assert_int_equal(sigismember(&mask, SIGTERM), 0);
	awh_signals_release(signals);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(only_what_was_asked_for_is_caught),
	    TEST(a_release_leaves_what_was_not_caught),
	    TEST(errno_stays_as_it_was),
	    TEST(calls_are_not_interrupted),
	    TEST(each_signal_tells_its_eventfd),
	    TEST(a_release_puts_back_what_was_there),
	    TEST(a_worker_lives_on_and_passes_nothing_on),
	    TEST(a_worker_dies_of_a_signal_that_is_not_caught),
	    TEST(a_fork_leaves_the_mask_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
