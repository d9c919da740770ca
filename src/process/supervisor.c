/* SPDX-License-Identifier: MIT */
#include "process/supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "process/worker.h"

enum {
	KILL_MS = 3000, /* what a worker gets to end by itself, when its time is up */
	LOOK_MS = 100,  /* how often to look for ended workers without pidfds */
};

/* The thread sanitizer's runtime has a thread of its own. */
#if defined(__SANITIZE_THREAD__)
enum { RUNTIME_THREADS = 1 };
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
enum { RUNTIME_THREADS = 1 };
#else
enum { RUNTIME_THREADS = 0 };
#endif
#else
enum { RUNTIME_THREADS = 0 };
#endif

enum phase { SERVING, LAME_DUCK, DRAINING, KILLED };

struct awh_supervisor {
	struct awh_plan plan;
	struct awh_fleet *fleet;
	struct awh_worker *workers; /* one a place, and the watcher when there is one */
	size_t n_workers;
	struct pollfd *polled; /* stop_fd, reload_fd, then two of each worker */
	enum phase phase;
	int64_t due_ms; /* end of the phase */
	unsigned int stops;
	int64_t restarts;
	bool lost;         /* requests, while it drained */
	bool was_reloaded; /* on request */
};

/* How many threads this process has; 0 when that cannot be told. */
static unsigned int count_threads(void)
{
	DIR *folder = opendir("/proc/self/task");
	const struct dirent *entry;
	unsigned int n = 0;

	if (!folder)
		return 0;
	while ((entry = readdir(folder)))
		n += entry->d_name[0] != '.';
	closedir(folder);
	return n > RUNTIME_THREADS ? n - RUNTIME_THREADS : n;
}

static struct awh_metrics *metrics_of(const struct awh_supervisor *supervisor)
{
	return &supervisor->plan.events->metrics;
}

/* the worker's side */

/* Serve until told otherwise. What is buffered is written; atexit() is the supervisor's. */
static void work(const struct awh_supervisor *supervisor, const struct awh_worker *worker,
		 int orders_fd)
{
	const struct awh_plan *plan = &supervisor->plan;
	const struct awh_role role = {
	    .fleet = supervisor->fleet,
	    .place = worker->place,
	    .orders_fd = orders_fd,
	    .is_watcher = worker->is_watcher,
	    .was_reloaded = supervisor->was_reloaded,
	};
	int err;

	/* While a sibling holds the supervisor's end, a worker would not learn of its end. */
	for (size_t i = 0; i < supervisor->n_workers; i++)
		awh_worker_close(&supervisor->workers[i]);
	plan->events->log.pid = getpid();
	awh_metrics_take_slot(metrics_of(supervisor), awh_worker_slot(worker));
	err = plan->run(&role, plan->userdata);
	atomic_store(&worker->place->done, err == 0);
	fflush(NULL);
	_exit(err ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* the supervisor's side */

static void tell_all(const struct awh_supervisor *supervisor, enum awh_order order)
{
	for (size_t i = 0; i < supervisor->n_workers; i++)
		awh_worker_tell(&supervisor->workers[i], order);
}

/* No process was to be had: no fork, or no memory for one. */
static void not_started(struct awh_supervisor *supervisor, struct awh_worker *worker, int error)
{
	worker->started_ms = awh_clock_ms();
	awh_worker_set_pause(worker);
	awh_worker_log_not_started(worker, supervisor->plan.events, strerror(error));
}

static void start(struct awh_supervisor *supervisor, struct awh_worker *worker)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		not_started(supervisor, worker, errno);
		return;
	}
	fflush(NULL); /* or what the program has buffered is written by each process */
	pid = awh_signals_fork(&supervisor->plan.signals);
	if (pid == 0) {
		close(ends[0]);
		work(supervisor, worker, ends[1]);
	}
	if (pid < 0) {
		not_started(supervisor, worker, errno);
		close(ends[0]);
	} else {
		awh_worker_began(worker, pid, ends[0]);
		awh_worker_log(worker, supervisor->plan.events, ADMWH_LOG_INFO, "started", 0,
			       supervisor->restarts);
		if (supervisor->phase == LAME_DUCK)
			awh_worker_tell(worker, AWH_ORDER_LAME_DUCK);
	}
	close(ends[1]);
}

static void count_restart(struct awh_supervisor *supervisor)
{
	struct awh_counts *counts = metrics_of(supervisor)->counts;

	supervisor->restarts++;
	awh_count_up(&counts->counters[AWH_COUNTER_PROCESS_RESTARTS]);
}

/* A worker has ended: as it was told to, or by a crash. A handler's exit(0) is one, too. */
static void ended(struct awh_supervisor *supervisor, struct awh_worker *worker, int status)
{
	bool crashed = status != 0 || supervisor->phase < DRAINING;
	enum admwh_log_level level = ADMWH_LOG_INFO;

	atomic_store(&worker->place->serves, false);
	awh_metrics_clear_slot(metrics_of(supervisor), awh_worker_slot(worker));
	if (supervisor->phase >= DRAINING) {
		supervisor->lost |= crashed && !worker->is_watcher;
	} else {
		awh_worker_set_pause(worker);
		count_restart(supervisor);
	}
	if (crashed)
		level =
		    awh_fleet_serving(supervisor->fleet) > 0 ? ADMWH_LOG_WARNING : ADMWH_LOG_ERROR;
	awh_worker_log(worker, supervisor->plan.events, level, crashed ? "crashed" : "ended",
		       status, supervisor->restarts);
	awh_worker_ended(worker);
}

/* Asks about its own children alone: others are the program's. */
static void reap(struct awh_supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->n_workers; i++) {
		struct awh_worker *worker = &supervisor->workers[i];
		int status = 0;
		pid_t got;

		if (worker->pid == 0)
			continue;
		do
			got = waitpid(worker->pid, &status, WNOHANG);
		while (got < 0 && errno == EINTR);
		/* With SIGCHLD ignored, or when others wait for it, there is its own word only. */
		if (got < 0)
			status = atomic_load(&worker->place->done) ? 0 : EXIT_FAILURE << 8;
		if (got != 0)
			ended(supervisor, worker, status);
	}
}

/* Workers; the watcher stays until the last one of them is gone. */
static size_t count_alive(const struct awh_supervisor *supervisor)
{
	size_t n = 0;

	for (size_t i = 0; i < supervisor->fleet->n_places; i++)
		n += supervisor->workers[i].pid > 0;
	return n;
}

/* The socket is closed here first, so that what comes until the last worker is done is taken. */
static void drain(struct awh_supervisor *supervisor)
{
	supervisor->plan.draining(supervisor->plan.userdata);
	supervisor->phase = DRAINING;
	supervisor->due_ms = awh_clock_ms() + supervisor->plan.drain_ms + KILL_MS;
	tell_all(supervisor, AWH_ORDER_STOP);
}

static void begin_stop(struct awh_supervisor *supervisor)
{
	if (supervisor->phase != SERVING)
		return;
	if (supervisor->plan.lame_duck_ms == 0) {
		drain(supervisor);
		return;
	}
	supervisor->phase = LAME_DUCK;
	supervisor->due_ms = awh_clock_ms() + supervisor->plan.lame_duck_ms;
	tell_all(supervisor, AWH_ORDER_LAME_DUCK);
}

/* The phase ends no later than that, however often it is asked for. */
static void hasten(struct awh_supervisor *supervisor, int64_t due_ms)
{
	if (due_ms < supervisor->due_ms)
		supervisor->due_ms = due_ms;
}

/*
 * Only this process is asked twice. A signal that all processes get, and each program's handler
 * makes a stop, is still one.
 */
static void on_stop(struct awh_supervisor *supervisor, uint64_t times)
{
	supervisor->stops += times > 1 ? 2 : 1;
	begin_stop(supervisor);
	if (supervisor->stops < 2 || supervisor->phase == KILLED)
		return;
	if (supervisor->phase == LAME_DUCK)
		drain(supervisor);
	tell_all(supervisor, AWH_ORDER_CUT);
	hasten(supervisor, awh_clock_ms() + KILL_MS);
}

static void kill_all(struct awh_supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->n_workers; i++)
		awh_worker_kill(&supervisor->workers[i]);
	supervisor->phase = KILLED;
}

static void start_due(struct awh_supervisor *supervisor)
{
	int64_t now = awh_clock_ms();

	for (size_t i = 0; i < supervisor->n_workers; i++) {
		struct awh_worker *worker = &supervisor->workers[i];

		if (worker->pid == 0 && now >= worker->start_at_ms && supervisor->phase < DRAINING)
			start(supervisor, worker);
	}
}

static void on_time(struct awh_supervisor *supervisor)
{
	if (supervisor->phase != SERVING && supervisor->phase != KILLED &&
	    awh_clock_ms() >= supervisor->due_ms) {
		if (supervisor->phase == LAME_DUCK)
			drain(supervisor);
		else
			kill_all(supervisor);
	}
	start_due(supervisor);
}

/* How long nothing is due; -1: for ever */
static int wait_ms(const struct awh_supervisor *supervisor)
{
	int64_t now = awh_clock_ms(), until = INT64_MAX;

	if (supervisor->phase == LAME_DUCK || supervisor->phase == DRAINING)
		until = supervisor->due_ms;
	for (size_t i = 0; i < supervisor->n_workers; i++) {
		const struct awh_worker *worker = &supervisor->workers[i];

		if (worker->pid == 0 && supervisor->phase < DRAINING && worker->start_at_ms < until)
			until = worker->start_at_ms;
		if (worker->pid > 0 && worker->pidfd < 0 && now + LOOK_MS < until)
			until = now + LOOK_MS;
	}
	if (until == INT64_MAX)
		return -1;
	return until > now ? (int)(until - now < INT32_MAX ? until - now : INT32_MAX) : 0;
}

/* A process that is started later reads the files, too. */
static void reload(struct awh_supervisor *supervisor)
{
	supervisor->was_reloaded = true;
	tell_all(supervisor, AWH_ORDER_RELOAD);
}

/* What a worker's program has asked for is for all of them. */
static void obey(void *userdata, enum awh_order order)
{
	struct awh_supervisor *supervisor = userdata;

	if (order == AWH_ORDER_STOP)
		begin_stop(supervisor);
	if (order == AWH_ORDER_RELOAD)
		reload(supervisor);
}

static nfds_t fill_polled(struct awh_supervisor *supervisor)
{
	struct pollfd *polled = supervisor->polled;

	*polled++ = (struct pollfd){.fd = supervisor->plan.signals.stop_fd, .events = POLLIN};
	*polled++ = (struct pollfd){.fd = supervisor->plan.signals.reload_fd, .events = POLLIN};
	for (size_t i = 0; i < supervisor->n_workers; i++) {
		*polled++ = (struct pollfd){.fd = supervisor->workers[i].pidfd, .events = POLLIN};
		*polled++ =
		    (struct pollfd){.fd = supervisor->workers[i].orders_fd, .events = POLLIN};
	}
	return (nfds_t)(polled - supervisor->polled);
}

static void wait_for_something(struct awh_supervisor *supervisor)
{
	const struct awh_signals *signals = &supervisor->plan.signals;
	uint64_t times = 0;

	if (poll(supervisor->polled, fill_polled(supervisor), wait_ms(supervisor)) <= 0)
		return;
	if (read(signals->stop_fd, &times, sizeof(times)) == sizeof(times))
		on_stop(supervisor, times);
	if (read(signals->reload_fd, &times, sizeof(times)) == sizeof(times))
		reload(supervisor);
	for (size_t i = 0; i < supervisor->n_workers; i++)
		if (supervisor->polled[3 + 2 * i].revents)
			awh_worker_hear(&supervisor->workers[i], obey, supervisor);
}

static void end_watcher(struct awh_supervisor *supervisor)
{
	const struct awh_worker *watcher = &supervisor->workers[supervisor->fleet->n_places];

	if (!supervisor->plan.has_watcher)
		return;
	supervisor->due_ms = awh_clock_ms() + KILL_MS;
	supervisor->phase = DRAINING;
	awh_worker_tell(watcher, AWH_ORDER_CUT);
	while (watcher->pid > 0) {
		wait_for_something(supervisor);
		reap(supervisor);
		on_time(supervisor);
	}
}

bool awh_supervisor_run(struct awh_supervisor *supervisor)
{
	/* The workers inherit this, and what they drop is told by the watcher. */
	awh_log_share_dropped(&metrics_of(supervisor)->counts->log_dropped);
	awh_signals_catch(&supervisor->plan.signals);
	start_due(supervisor);
	supervisor->plan.began(supervisor->plan.userdata);
	while (supervisor->phase < DRAINING || count_alive(supervisor) > 0) {
		wait_for_something(supervisor);
		reap(supervisor);
		on_time(supervisor);
	}
	end_watcher(supervisor);
	awh_signals_release(&supervisor->plan.signals);
	awh_log_share_dropped(NULL);
	for (size_t i = 0; i < supervisor->n_workers; i++)
		supervisor->lost |= atomic_load(&supervisor->workers[i].place->cut_off) != 0;
	return !supervisor->lost;
}

static void make_worker(struct awh_supervisor *supervisor, size_t number)
{
	struct awh_worker *worker = &supervisor->workers[number];

	*worker = (struct awh_worker){
	    .place = &supervisor->fleet->places[number],
	    .number = number,
	    .is_watcher = number == supervisor->plan.processes,
	    .pidfd = -1,
	    .orders_fd = -1,
	};
}

struct awh_supervisor *awh_supervisor_new(const struct awh_plan *plan, struct awh_error *error)
{
	size_t n = plan->processes + (plan->has_watcher ? 1 : 0);
	struct awh_supervisor *supervisor;

	if (count_threads() > 1) {
		awh_fail(error, ADMWH_E_STATE,
			 "worker processes need a process without other threads");
		return NULL;
	}
	supervisor = calloc(1, sizeof(*supervisor));
	if (!supervisor)
		goto out;
	supervisor->plan = *plan;
	supervisor->fleet =
	    awh_fleet_new(plan->processes, &plan->events->metrics.slots[AWH_WORKER_FIRST_SLOT]);
	supervisor->workers = calloc(n, sizeof(*supervisor->workers));
	supervisor->polled = calloc(2 + 2 * n, sizeof(*supervisor->polled));
	if (!supervisor->fleet || !supervisor->workers || !supervisor->polled)
		goto out;
	while (supervisor->n_workers < n)
		make_worker(supervisor, supervisor->n_workers++);
	return supervisor;
out:
	awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	awh_supervisor_free(supervisor);
	return NULL;
}

void awh_supervisor_free(struct awh_supervisor *supervisor)
{
	if (!supervisor)
		return;
	awh_fleet_free(supervisor->fleet);
	free(supervisor->workers);
	free(supervisor->polled);
	free(supervisor);
}
