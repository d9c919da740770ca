/* SPDX-License-Identifier: MIT */
#include "process/worker.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	SHORT_LIFE_MS = 10000, /* a worker that ends sooner has failed, not just crashed */
	PAUSE_LEAST_MS = 100,  /* before the third start in a row, doubled each time */
	PAUSE_MOST_MS = 30000,
};

size_t awh_worker_slot(const struct awh_worker *worker)
{
	return AWH_WORKER_FIRST_SLOT + worker->number;
}

void awh_worker_began(struct awh_worker *worker, pid_t pid, int orders_fd)
{
	worker->pid = pid;
	worker->orders_fd = orders_fd;
	worker->started_ms = awh_clock_ms();
	worker->pause_ms = 0;
	worker->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
}

void awh_worker_close(const struct awh_worker *worker)
{
	if (worker->orders_fd >= 0)
		close(worker->orders_fd);
	if (worker->pidfd >= 0)
		close(worker->pidfd);
}

void awh_worker_ended(struct awh_worker *worker)
{
	awh_worker_close(worker);
	worker->orders_fd = worker->pidfd = -1;
	worker->pid = 0;
}

void awh_worker_set_pause(struct awh_worker *worker)
{
	int64_t now = awh_clock_ms(), pause = 0;

	worker->fast_ends = now - worker->started_ms < SHORT_LIFE_MS ? worker->fast_ends + 1 : 0;
	if (worker->fast_ends > 1)
		pause = PAUSE_LEAST_MS;
	for (unsigned int i = 2; i < worker->fast_ends && pause < PAUSE_MOST_MS; i++)
		pause *= 2;
	worker->pause_ms = pause < PAUSE_MOST_MS ? pause : PAUSE_MOST_MS;
	worker->start_at_ms = now + worker->pause_ms;
}

void awh_worker_tell(const struct awh_worker *worker, enum awh_order order)
{
	if (worker->orders_fd >= 0)
		awh_order_send(worker->orders_fd, order);
}

void awh_worker_hear(struct awh_worker *worker, awh_order_fn *obey, void *userdata)
{
	if (awh_orders_receive(worker->orders_fd, obey, userdata))
		return;
	close(worker->orders_fd);
	worker->orders_fd = -1;
}

void awh_worker_kill(const struct awh_worker *worker)
{
	if (worker->pidfd >= 0)
		syscall(SYS_pidfd_send_signal, worker->pidfd, SIGKILL, NULL, 0);
	else if (worker->pid > 0)
		kill(worker->pid, SIGKILL);
}

static void put_name(struct awh_event *event, const struct awh_worker *worker)
{
	if (worker->is_watcher)
		awh_event_text(event, "process", "watcher");
	else
		awh_event_number(event, "process", (int64_t)worker->number);
}

/* Of the signals that end a process, or NULL: sigabbrev_np() is glibc's alone. */
static const char *signal_name(int number)
{
	static const char *const names[] = {
	    [SIGABRT] = "SIGABRT", [SIGALRM] = "SIGALRM", [SIGBUS] = "SIGBUS",
	    [SIGFPE] = "SIGFPE",   [SIGHUP] = "SIGHUP",   [SIGILL] = "SIGILL",
	    [SIGINT] = "SIGINT",   [SIGKILL] = "SIGKILL", [SIGPIPE] = "SIGPIPE",
	    [SIGQUIT] = "SIGQUIT", [SIGSEGV] = "SIGSEGV", [SIGSYS] = "SIGSYS",
	    [SIGTERM] = "SIGTERM", [SIGTRAP] = "SIGTRAP", [SIGUSR1] = "SIGUSR1",
	    [SIGUSR2] = "SIGUSR2", [SIGXCPU] = "SIGXCPU", [SIGXFSZ] = "SIGXFSZ",
	};

	return (size_t)number < sizeof(names) / sizeof(*names) ? names[number] : NULL;
}

/* text: where a number is, until the event has been sent */
static void put_signal(struct awh_event *event, int number, char *text, size_t size)
{
	const char *name = signal_name(number);

	snprintf(text, size, "%d", number);
	awh_event_text(event, "signal", name ? name : text);
}

void awh_worker_log(const struct awh_worker *worker, struct awh_events *events,
		    enum admwh_log_level level, const char *state, int status, int64_t restarts)
{
	struct awh_event event;
	char number[16];

	awh_event_begin(&event, &events->log, level, "accept.process");
	awh_event_text(&event, "state", state);
	put_name(&event, worker);
	awh_event_number(&event, "pid", worker->pid);
	if (WIFSIGNALED(status))
		put_signal(&event, WTERMSIG(status), number, sizeof(number));
	else if (level > ADMWH_LOG_INFO)
		awh_event_number(&event, "exit_status", WEXITSTATUS(status));
	awh_event_number(&event, "restarts", restarts);
	if (worker->pause_ms > 0)
		awh_event_number(&event, "pause_ms", worker->pause_ms);
	awh_event_send(&event);
}

void awh_worker_log_not_started(const struct awh_worker *worker, struct awh_events *events,
				const char *reason)
{
	struct awh_event event;

	awh_event_begin(&event, &events->log, ADMWH_LOG_ERROR, "accept.process");
	awh_event_text(&event, "state", "cannot start");
	put_name(&event, worker);
	awh_event_text(&event, "reason", reason);
	awh_event_number(&event, "pause_ms", worker->pause_ms);
	awh_event_send(&event);
}
