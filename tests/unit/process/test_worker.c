/* SPDX-License-Identifier: MIT */
/* A worker as its supervisor keeps it: pauses, descriptors, and what the log says of it. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "process/worker.h"

static char line[1024]; /* the last event: its fields */

static void keep_line(const struct admwh_log_record *record, void *userdata)
{
	size_t len =
	    (size_t)snprintf(line, sizeof(line), "%d %s", (int)record->level, record->event);

	(void)userdata;
	for (size_t i = 0; i < record->n_fields; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " %s=%s",
					record->fields[i].key, record->fields[i].value);
}

static struct awh_events events = {.log = {.sink = keep_line, .level = ADMWH_LOG_DEBUG}};

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* A worker without a process. */
static struct awh_worker new_worker(void)
{
	return (struct awh_worker){.number = 4, .pidfd = -1, .orders_fd = -1};
}

/* It has a process of its own, which waits until it is killed; other: where its orders arrive. */
static struct awh_worker start_worker(int *other)
{
	struct awh_worker worker = new_worker();
	int ends[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	assert_true(pid > 0);
	awh_worker_began(&worker, pid, ends[0]);
	*other = ends[1];
	return worker;
}

static void end_worker(struct awh_worker *worker)
{
	pid_t pid = worker->pid;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	awh_worker_ended(worker);
}

/* How long its processes have lived, one after the other, and the pause after each. */
static void one_that_ends_soon_again_and_again_is_started_later_each_time(void **state)
{
	enum { SHORT = 5000, LONG = 10000 };
	static const struct {
		int64_t lives_ms[14], pauses_ms[14];
		size_t n;
	} cases[] = {
	    {{SHORT}, {0}, 1},
	    {{LONG, LONG, LONG}, {0, 0, 0}, 3},
	    {{SHORT, SHORT}, {0, 100}, 2},
	    {{0, 0, 0, 0}, {0, 100, 200, 400}, 4},
	    {{SHORT, LONG, SHORT}, {0, 0, 0}, 3},
	    {{SHORT, SHORT, SHORT, LONG, SHORT, SHORT}, {0, 100, 200, 0, 0, 100}, 6},
	    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	     {0, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000, 30000},
	     14},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_worker worker = new_worker();

		for (size_t j = 0; j < cases[i].n; j++) {
			int64_t before = awh_clock_ms();

			worker.started_ms = before - cases[i].lives_ms[j];
			awh_worker_set_pause(&worker);
			assert_int_equal(worker.pause_ms, cases[i].pauses_ms[j]);
			assert_true(worker.start_at_ms >= before + worker.pause_ms &&
				    worker.start_at_ms <= awh_clock_ms() + worker.pause_ms);
		}
	}
}

static void the_pause_does_not_grow_for_ever(void **state)
{
	struct awh_worker worker = new_worker();

	(void)state;
	worker.fast_ends = UINT32_MAX - 1;
	worker.started_ms = awh_clock_ms();
	awh_worker_set_pause(&worker);
	assert_int_equal(worker.pause_ms, 30000);
}

static void one_without_a_process_is_told_nothing(void **state)
{
	struct awh_worker worker = new_worker();

	(void)state;
	awh_worker_tell(&worker, AWH_ORDER_STOP);
	awh_worker_close(&worker);
	awh_worker_ended(&worker);
	assert_int_equal(worker.pid, 0);
}

static void its_slot_is_behind_the_supervisors(void **state)
{
	struct awh_worker worker = new_worker();

	(void)state;
	assert_int_equal(awh_worker_slot(&worker), 5);
	worker.number = 0;
	assert_int_equal(awh_worker_slot(&worker), 1);
}

static void one_with_a_process_is_told_orders(void **state)
{
	char byte = 0;
	int other;
	struct awh_worker worker = start_worker(&other);

	(void)state;
	awh_worker_tell(&worker, AWH_ORDER_RELOAD);
	assert_int_equal(read(other, &byte, 1), 1);
	assert_int_equal(byte, AWH_ORDER_RELOAD);
	close(other);
	end_worker(&worker);
}

static void note(void *userdata, enum awh_order order)
{
	*(enum awh_order *)userdata = order;
}

/* Else a poll() would report its socket again and again. */
static void one_that_closes_its_end_is_heard_no_more(void **state)
{
	struct awh_worker worker = {.pidfd = -1, .orders_fd = -1};
	enum awh_order heard = AWH_ORDER_LAME_DUCK;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	worker.orders_fd = ends[0];
	awh_order_send(ends[1], AWH_ORDER_STOP);
	awh_worker_hear(&worker, note, &heard);
	assert_int_equal(heard, AWH_ORDER_STOP);
	assert_int_equal(worker.orders_fd, ends[0]);
	close(ends[1]);
	awh_worker_hear(&worker, note, &heard);
	assert_int_equal(worker.orders_fd, -1);
}

static void a_start_ends_the_pause(void **state)
{
	int64_t before = awh_clock_ms();
	int other;
	struct awh_worker worker = start_worker(&other);

	(void)state;
	assert_true(worker.started_ms >= before);
	assert_int_equal(worker.pause_ms, 0);
	close(other);
	end_worker(&worker);
}

static void descriptors_are_closed_when_it_has_ended(void **state)
{
	int other;
	struct awh_worker worker = start_worker(&other);
	int pidfd = worker.pidfd, orders_fd = worker.orders_fd;

	(void)state;
	assert_true(is_open(orders_fd));
	assert_true(pidfd < 0 || (fcntl(pidfd, F_GETFD) & FD_CLOEXEC));
	end_worker(&worker);
	assert_int_equal(worker.pid, 0);
	assert_int_equal(worker.pidfd, -1);
	assert_int_equal(worker.orders_fd, -1);
	assert_false(is_open(orders_fd));
	assert_false(pidfd >= 0 && is_open(pidfd));
	close(other);
}

/* Linux before 5.3 has no pidfd. */
static void is_killed_without_a_pidfd_too(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		int other, status;
		struct awh_worker worker = start_worker(&other);

		if (i && worker.pidfd >= 0) {
			close(worker.pidfd);
			worker.pidfd = -1;
		}
		awh_worker_kill(&worker);
		assert_int_equal(waitpid(worker.pid, &status, 0), worker.pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		awh_worker_ended(&worker);
		awh_worker_kill(&worker); /* it has no process: nothing is killed */
		close(other);
	}
}

static void a_sibling_closes_what_it_has_inherited(void **state)
{
	int other, status;
	struct awh_worker worker = start_worker(&other);
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		awh_worker_close(&worker);
		_exit(is_open(worker.orders_fd) || (worker.pidfd >= 0 && is_open(worker.pidfd)));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(is_open(worker.orders_fd));
	close(other);
	end_worker(&worker);
}

/* As waitpid() has it. */
static int exit_status(int status)
{
	return status << 8;
}

static void the_log_says_what_became_of_it(void **state)
{
	const struct {
		enum admwh_log_level level;
		const char *what;
		int status;
		bool is_watcher;
		int64_t pause_ms;
		const char *line;
	} cases[] = {
	    {ADMWH_LOG_INFO, "started", 0, false, 0,
	     "2 accept.process state=started process=4 pid=77 restarts=3"},
	    {ADMWH_LOG_INFO, "ended", 0, true, 0,
	     "2 accept.process state=ended process=watcher pid=77 restarts=3"},
	    {ADMWH_LOG_WARNING, "crashed", SIGSEGV, false, 0,
	     "3 accept.process state=crashed process=4 pid=77 signal=SIGSEGV restarts=3"},
	    {ADMWH_LOG_WARNING, "crashed", SIGABRT | 0x80, false, 0, /* with a core */
	     "3 accept.process state=crashed process=4 pid=77 signal=SIGABRT restarts=3"},
	    {ADMWH_LOG_ERROR, "crashed", exit_status(3), false, 200,
	     "4 accept.process state=crashed process=4 pid=77 exit_status=3 restarts=3 "
	     "pause_ms=200"},
	    {ADMWH_LOG_WARNING, "crashed", exit_status(0), false, 0,
	     "3 accept.process state=crashed process=4 pid=77 exit_status=0 restarts=3"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct awh_worker worker = new_worker();

		worker.pid = 77;
		worker.is_watcher = cases[i].is_watcher;
		worker.pause_ms = cases[i].pause_ms;
		awh_worker_log(&worker, &events, cases[i].level, cases[i].what, cases[i].status, 3);
		assert_string_equal(line, cases[i].line);
	}
}

static void a_signal_without_a_name_is_told_by_its_number(void **state)
{
	struct awh_worker worker = new_worker();
	char wanted[32];

	(void)state;
	awh_worker_log(&worker, &events, ADMWH_LOG_WARNING, "crashed", SIGRTMIN + 5, 1);
	snprintf(wanted, sizeof(wanted), " signal=%d ", SIGRTMIN + 5);
	assert_non_null(strstr(line, wanted));
}

static void the_log_says_why_it_could_not_be_started(void **state)
{
	struct awh_worker worker = new_worker();

	(void)state;
	worker.pause_ms = 100;
	awh_worker_log_not_started(&worker, &events, "Cannot allocate memory");
	assert_string_equal(line, "4 accept.process state=cannot start process=4 "
				  "reason=Cannot allocate memory pause_ms=100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_that_ends_soon_again_and_again_is_started_later_each_time),
	    cmocka_unit_test(the_pause_does_not_grow_for_ever),
	    cmocka_unit_test(one_without_a_process_is_told_nothing),
	    cmocka_unit_test(its_slot_is_behind_the_supervisors),
	    cmocka_unit_test(one_with_a_process_is_told_orders),
	    cmocka_unit_test(one_that_closes_its_end_is_heard_no_more),
	    cmocka_unit_test(a_start_ends_the_pause),
	    cmocka_unit_test(descriptors_are_closed_when_it_has_ended),
	    cmocka_unit_test(is_killed_without_a_pidfd_too),
	    cmocka_unit_test(a_sibling_closes_what_it_has_inherited),
	    cmocka_unit_test(the_log_says_what_became_of_it),
	    cmocka_unit_test(a_signal_without_a_name_is_told_by_its_number),
	    cmocka_unit_test(the_log_says_why_it_could_not_be_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
