/* SPDX-License-Identifier: MIT */
#include "process/supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/server.h"

enum {
	SHORT_LIFE_MS = 10000, /* a worker that ends sooner has failed, not just crashed */
	PAUSE_LEAST_MS = 100,  /* before the third start in a row, doubled each time */
	PAUSE_MOST_MS = 30000,
	KILL_MS = 3000, /* what a worker gets to end by itself, when its time is up */
	LOOK_MS = 100,  /* how often to look for ended workers without pidfds */
	SHARE = 8,      /* many connections: an eighth more or less is no matter */
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

/* The processes' own signals: what the supervisor catches, its workers hear from it. */
static const int own_signals[] = {SIGTERM, SIGINT, SIGHUP};
enum { SIGNALS = sizeof(own_signals) / sizeof(own_signals[0]) };

struct worker {
	struct awh_place *place;
	pid_t pid;     /* 0: none */
	int pidfd;     /* readable once it has ended; -1: there is none */
	int orders_fd; /* where it is told */
	int64_t started_ms;
	int64_t start_at_ms;    /* without a pid: when to try again */
	int64_t pause_ms;       /* until then, when it ended */
	unsigned int fast_ends; /* in a row */
};

enum phase { SERVING, LAME_DUCK, DRAINING, KILLED };

struct supervisor {
	struct admwh_server *server;
	struct awh_fleet *fleet;
	struct worker *workers; /* as many as there are places, and the watcher when there is one */
	size_t n_workers;
	struct pollfd *polled; /* stop_fd, reload_fd, then two of each worker */
	enum phase phase;
	int64_t due_ms; /* end of the phase */
	unsigned int stops;
	int64_t restarts;
	bool lost; /* requests, while it drained */
	struct sigaction old[SIGNALS];
};

/* Where the signal handler writes. There is one supervisor: it has the process's only thread. */
static volatile sig_atomic_t caught_fd = -1, hangup_fd = -1;

static void on_signal(int number)
{
	const uint64_t once = 1;
	int fd = (int)(number == SIGHUP ? hangup_fd : caught_fd);
	int saved = errno;

	if (fd >= 0 && write(fd, &once, sizeof(once)) < 0)
		errno = saved; /* only when it was asked for often enough */
	errno = saved;
}

/* A worker is told by its supervisor; being no SIG_IGN, this ends at an exec. */
static void on_signal_of_worker(int number)
{
	(void)number;
}

static bool is_wanted(const struct supervisor *supervisor, int signal)
{
	const struct admwh_config *config = supervisor->server->config;

	return signal == SIGHUP ? config->reload_on_sighup : config->stop_on_signals;
}

static void catch_signals(struct supervisor *supervisor)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	caught_fd = supervisor->server->stop_fd;
	hangup_fd = supervisor->server->reload_fd;
	for (size_t i = 0; i < SIGNALS; i++)
		if (is_wanted(supervisor, own_signals[i]))
			sigaction(own_signals[i], &action, &supervisor->old[i]);
}

static void release_signals(struct supervisor *supervisor)
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (is_wanted(supervisor, own_signals[i]))
			sigaction(own_signals[i], &supervisor->old[i], NULL);
	caught_fd = hangup_fd = -1;
}

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

static size_t connections_of(const struct awh_place *place)
{
	return (size_t)atomic_load(&place->gauges->connections[AWH_ENDPOINT_MAIN]);
}

bool awh_fleet_turn(const struct awh_fleet *fleet, const struct awh_place *place,
		    size_t connections)
{
	size_t mine = connections_of(place), least = mine;

	for (size_t i = 0; i < fleet->n_places; i++) {
		size_t n = connections_of(&fleet->places[i]);

		if (atomic_load(&fleet->places[i].serves) && n < least && n < connections)
			least = n;
	}
	return mine <= least + least / SHARE;
}

size_t awh_fleet_serving(const struct awh_fleet *fleet)
{
	size_t n = 0;

	for (size_t i = 0; i < fleet->n_places; i++)
		n += atomic_load(&fleet->places[i].serves);
	return n;
}

static size_t fleet_size(size_t n_places)
{
	return sizeof(struct awh_fleet) + (n_places + 1) * sizeof(struct awh_place);
}

static struct awh_fleet *fleet_new(size_t n_places)
{
	struct awh_fleet *fleet = mmap(NULL, fleet_size(n_places), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (fleet == MAP_FAILED)
		return NULL;
	fleet->n_places = n_places;
	return fleet;
}

/* Of the metrics' gauges; the first one is the supervisor's own. */
static size_t slot_of(const struct supervisor *supervisor, const struct worker *worker)
{
	return 1 + (size_t)(worker - supervisor->workers);
}

static bool is_watcher(const struct supervisor *supervisor, const struct worker *worker)
{
	return (size_t)(worker - supervisor->workers) == supervisor->fleet->n_places;
}

/* the worker's side */

/* Its supervisor's ends: while a brother holds one, a worker would not learn of its end. */
static void close_inherited(const struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->n_workers; i++) {
		const struct worker *worker = &supervisor->workers[i];

		if (worker->orders_fd >= 0)
			close(worker->orders_fd);
		if (worker->pidfd >= 0)
			close(worker->pidfd);
	}
}

static void replace_signals(const struct supervisor *supervisor)
{
	struct sigaction action = {.sa_handler = on_signal_of_worker, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	caught_fd = hangup_fd = -1;
	for (size_t i = 0; i < SIGNALS; i++)
		if (is_wanted(supervisor, own_signals[i]))
			sigaction(own_signals[i], &action, NULL);
}

/* Serve until told otherwise. What is buffered is written; atexit() is the supervisor's. */
static void work(const struct supervisor *supervisor, const struct worker *worker, int orders_fd)
{
	struct admwh_server *server = supervisor->server;
	struct awh_place *place = worker->place;
	struct awh_event event;
	int failed;

	server->fleet = supervisor->fleet;
	server->place = place;
	server->orders_fd = orders_fd;
	server->events.log.pid = getpid();
	awh_metrics_take_slot(&server->events.metrics, slot_of(supervisor, worker));
	failed = awh_server_renew(server);
	if (failed == 0)
		failed = is_watcher(supervisor, worker) ? awh_server_watch_here(server)
							: awh_server_start_here(server);
	if (failed) {
		awh_event_begin(&event, &server->events.log, ADMWH_LOG_ERROR, "accept.process");
		awh_event_text(&event, "what", "cannot start");
		awh_event_text(&event, "reason", server->error.text);
		awh_event_send(&event);
	} else {
		atomic_store(&place->serves, true);
		if (is_watcher(supervisor, worker))
			awh_loop_join(server->control);
		else if (admwh_server_wait(server) == ADMWH_E_TIMEOUT)
			atomic_store(&place->cut_off, true);
	}
	atomic_store(&place->done, failed == 0);
	fflush(NULL);
	_exit(failed ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* the supervisor's side */

static void tell(const struct worker *worker, enum awh_order order)
{
	const char byte = (char)order;

	if (worker->orders_fd >= 0)
		send(worker->orders_fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void tell_all(const struct supervisor *supervisor, enum awh_order order)
{
	for (size_t i = 0; i < supervisor->n_workers; i++)
		tell(&supervisor->workers[i], order);
}

static void put_name(struct awh_event *event, const struct supervisor *supervisor,
		     const struct worker *worker)
{
	if (is_watcher(supervisor, worker))
		awh_event_text(event, "process", "watcher");
	else
		awh_event_number(event, "process", worker - supervisor->workers);
}

static void log_worker(const struct supervisor *supervisor, const struct worker *worker,
		       enum admwh_log_level level, const char *what, int status)
{
	const char *name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;
	char text[32];
	struct awh_event event;

	awh_event_begin(&event, &supervisor->server->events.log, level, "accept.process");
	awh_event_text(&event, "what", what);
	put_name(&event, supervisor, worker);
	awh_event_number(&event, "pid", worker->pid);
	if (name)
		snprintf(text, sizeof(text), "SIG%s", name);
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "%d", WTERMSIG(status));
	if (WIFSIGNALED(status))
		awh_event_text(&event, "signal", text);
	else if (level > ADMWH_LOG_INFO)
		awh_event_number(&event, "status", WEXITSTATUS(status));
	awh_event_number(&event, "restarts", supervisor->restarts);
	if (worker->pause_ms > 0)
		awh_event_number(&event, "pause_ms", worker->pause_ms);
	awh_event_send(&event);
}

/* The first one that ends soon is replaced at once, as is one that has served for a while. */
static void set_pause(struct worker *worker)
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

/* Its process is not there: no fork, or no memory for one. */
static void not_started(struct supervisor *supervisor, struct worker *worker, int error)
{
	struct awh_event event;

	worker->started_ms = awh_clock_ms();
	set_pause(worker);
	awh_event_begin(&event, &supervisor->server->events.log, ADMWH_LOG_ERROR, "accept.process");
	awh_event_text(&event, "what", "cannot start");
	put_name(&event, supervisor, worker);
	awh_event_text(&event, "reason", strerrordesc_np(error));
	awh_event_number(&event, "pause_ms", worker->pause_ms);
	awh_event_send(&event);
}

/* No signal is told to a process that does not know yet whether it is the supervisor. */
static pid_t fork_quietly(const struct supervisor *supervisor, struct worker *worker, int orders_fd)
{
	sigset_t own, old;
	pid_t pid;

	sigemptyset(&own);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&own, own_signals[i]);
	sigprocmask(SIG_BLOCK, &own, &old);
	pid = fork();
	if (pid == 0) {
		close_inherited(supervisor);
		replace_signals(supervisor);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid == 0)
		work(supervisor, worker, orders_fd);
	return pid;
}

static void start(struct supervisor *supervisor, struct worker *worker)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		not_started(supervisor, worker, errno);
		return;
	}
	worker->orders_fd = ends[0];
	fflush(NULL); /* or what the program has buffered is written by each process */
	worker->pid = fork_quietly(supervisor, worker, ends[1]);
	if (worker->pid < 0) {
		worker->pid = 0;
		worker->orders_fd = -1;
		not_started(supervisor, worker, errno);
		close(ends[0]);
		close(ends[1]);
		return;
	}
	close(ends[1]);
	worker->started_ms = awh_clock_ms();
	worker->pause_ms = 0;
	worker->pidfd = (int)syscall(SYS_pidfd_open, worker->pid, 0);
	log_worker(supervisor, worker, ADMWH_LOG_INFO, "started", 0);
	if (supervisor->phase == LAME_DUCK)
		tell(worker, AWH_ORDER_LAME_DUCK);
}

/* A worker has ended: as it was told to, or by a crash. A handler's exit(0) is one, too. */
static void ended(struct supervisor *supervisor, struct worker *worker, int status)
{
	bool crashed = status != 0 || supervisor->phase < DRAINING;
	size_t serving;

	atomic_store(&worker->place->serves, false);
	awh_metrics_clear_slot(&supervisor->server->events.metrics, slot_of(supervisor, worker));
	close(worker->orders_fd);
	if (worker->pidfd >= 0)
		close(worker->pidfd);
	worker->orders_fd = worker->pidfd = -1;
	if (supervisor->phase >= DRAINING) {
		supervisor->lost |= crashed && !is_watcher(supervisor, worker);
	} else {
		set_pause(worker);
		supervisor->restarts++;
		awh_count_up(&supervisor->server->events.metrics.counts
				  ->counters[AWH_COUNTER_PROCESS_RESTARTS]);
	}
	serving = awh_fleet_serving(supervisor->fleet);
	log_worker(supervisor, worker,
		   !crashed      ? ADMWH_LOG_INFO
		   : serving > 0 ? ADMWH_LOG_WARNING
				 : ADMWH_LOG_ERROR,
		   crashed ? "crashed" : "ended", status);
	worker->pid = 0;
}

/* Asks about its own children alone: others are the program's. */
static void reap(struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->n_workers; i++) {
		struct worker *worker = &supervisor->workers[i];
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
static size_t count_alive(const struct supervisor *supervisor)
{
	size_t n = 0;

	for (size_t i = 0; i < supervisor->fleet->n_places; i++)
		n += supervisor->workers[i].pid > 0;
	return n;
}

/* The socket is closed here first, so that what comes until the last worker is done is taken. */
static void drain(struct supervisor *supervisor)
{
	struct admwh_server *server = supervisor->server;

	awh_endpoint_close(&server->endpoint);
	supervisor->phase = DRAINING;
	supervisor->due_ms =
	    awh_clock_ms() + (int64_t)awh_server_limit(server, ADMWH_LIMIT_DRAIN_TIME) + KILL_MS;
	tell_all(supervisor, AWH_ORDER_STOP);
}

static void begin_stop(struct supervisor *supervisor)
{
	int64_t lame_duck =
	    (int64_t)awh_server_limit(supervisor->server, ADMWH_LIMIT_LAME_DUCK_TIME);

	if (supervisor->phase != SERVING)
		return;
	if (lame_duck == 0) {
		drain(supervisor);
		return;
	}
	supervisor->phase = LAME_DUCK;
	supervisor->due_ms = awh_clock_ms() + lame_duck;
	tell_all(supervisor, AWH_ORDER_LAME_DUCK);
}

/*
 * Only this process is asked twice. A signal that all processes get, and each program's handler
 * makes a stop, is still one.
 */
static void on_stop(struct supervisor *supervisor, uint64_t times)
{
	supervisor->stops += times > 1 ? 2 : 1;
	begin_stop(supervisor);
	if (supervisor->stops < 2 || supervisor->phase == KILLED)
		return;
	if (supervisor->phase == LAME_DUCK)
		drain(supervisor);
	tell_all(supervisor, AWH_ORDER_CUT);
	supervisor->due_ms = awh_clock_ms() + KILL_MS;
}

static void kill_all(struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->n_workers; i++)
		if (supervisor->workers[i].pid > 0)
			kill(supervisor->workers[i].pid, SIGKILL);
	supervisor->phase = KILLED;
}

static void start_due(struct supervisor *supervisor)
{
	int64_t now = awh_clock_ms();

	for (size_t i = 0; i < supervisor->n_workers; i++) {
		struct worker *worker = &supervisor->workers[i];

		if (worker->pid == 0 && now >= worker->start_at_ms && supervisor->phase < DRAINING)
			start(supervisor, worker);
	}
}

static void on_time(struct supervisor *supervisor)
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
static int wait_ms(const struct supervisor *supervisor)
{
	int64_t now = awh_clock_ms(), until = INT64_MAX;

	if (supervisor->phase == LAME_DUCK || supervisor->phase == DRAINING)
		until = supervisor->due_ms;
	for (size_t i = 0; i < supervisor->n_workers; i++) {
		const struct worker *worker = &supervisor->workers[i];

		if (worker->pid == 0 && supervisor->phase < DRAINING && worker->start_at_ms < until)
			until = worker->start_at_ms;
		if (worker->pid > 0 && worker->pidfd < 0 && now + LOOK_MS < until)
			until = now + LOOK_MS;
	}
	if (until == INT64_MAX)
		return -1;
	return until > now ? (int)(until - now < INT32_MAX ? until - now : INT32_MAX) : 0;
}

/* What a worker's program has asked for is for all of them. */
static void hear(struct supervisor *supervisor, const struct worker *worker)
{
	char orders[16];
	ssize_t got = recv(worker->orders_fd, orders, sizeof(orders), MSG_DONTWAIT);

	for (ssize_t i = 0; i < got; i++) {
		if (orders[i] == AWH_ORDER_STOP)
			begin_stop(supervisor);
		if (orders[i] == AWH_ORDER_RELOAD)
			tell_all(supervisor, AWH_ORDER_RELOAD);
	}
}

static void wait_for_something(struct supervisor *supervisor)
{
	struct pollfd *polled = supervisor->polled;
	uint64_t times = 0;

	*polled++ = (struct pollfd){.fd = supervisor->server->stop_fd, .events = POLLIN};
	*polled++ = (struct pollfd){.fd = supervisor->server->reload_fd, .events = POLLIN};
	for (size_t i = 0; i < supervisor->n_workers; i++) {
		const struct worker *worker = &supervisor->workers[i];

		*polled++ = (struct pollfd){.fd = worker->pidfd, .events = POLLIN};
		*polled++ = (struct pollfd){.fd = worker->orders_fd, .events = POLLIN};
	}
	if (poll(supervisor->polled, (nfds_t)(polled - supervisor->polled), wait_ms(supervisor)) <=
	    0)
		return;
	if (read(supervisor->server->stop_fd, &times, sizeof(times)) == sizeof(times))
		on_stop(supervisor, times);
	if (read(supervisor->server->reload_fd, &times, sizeof(times)) == sizeof(times))
		tell_all(supervisor, AWH_ORDER_RELOAD);
	for (size_t i = 0; i < supervisor->n_workers; i++)
		if (supervisor->polled[3 + 2 * i].revents & POLLIN)
			hear(supervisor, &supervisor->workers[i]);
}

static void end_watcher(struct supervisor *supervisor)
{
	const struct worker *watcher = &supervisor->workers[supervisor->fleet->n_places];

	if (!supervisor->server->config->has_health)
		return;
	supervisor->due_ms = awh_clock_ms() + KILL_MS;
	supervisor->phase = DRAINING;
	tell(watcher, AWH_ORDER_CUT);
	while (watcher->pid > 0) {
		wait_for_something(supervisor);
		reap(supervisor);
		on_time(supervisor);
	}
}

static void supervise(struct supervisor *supervisor)
{
	catch_signals(supervisor);
	start_due(supervisor);
	awh_server_log_start(supervisor->server);
	while (supervisor->phase < DRAINING || count_alive(supervisor) > 0) {
		wait_for_something(supervisor);
		reap(supervisor);
		on_time(supervisor);
	}
	end_watcher(supervisor);
	release_signals(supervisor);
	for (size_t i = 0; i < supervisor->n_workers; i++)
		supervisor->lost |= atomic_load(&supervisor->workers[i].place->cut_off);
}

static int prepare(struct supervisor *supervisor)
{
	struct admwh_server *server = supervisor->server;
	size_t n = server->config->processes + (server->config->has_health ? 1 : 0);

	if (count_threads() > 1)
		return awh_fail(&server->error, ADMWH_E_STATE,
				"worker processes need a process without other threads");
	supervisor->fleet = fleet_new(server->config->processes);
	supervisor->workers = calloc(n, sizeof(*supervisor->workers));
	supervisor->polled = calloc(2 + 2 * n, sizeof(*supervisor->polled));
	if (!supervisor->fleet || !supervisor->workers || !supervisor->polled)
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	for (; supervisor->n_workers < n; supervisor->n_workers++)
		supervisor->workers[supervisor->n_workers] = (struct worker){
		    .place = &supervisor->fleet->places[supervisor->n_workers],
		    .pidfd = -1,
		    .orders_fd = -1,
		};
	for (size_t i = 0; i < n; i++)
		supervisor->fleet->places[i].gauges =
		    &server->events.metrics.slots[slot_of(supervisor, &supervisor->workers[i])];
	if (awh_server_bind(server))
		return server->error.code;
	/* Each worker makes its own: TLS contexts hold state that two processes must not share. */
	awh_snapshot_unref(server->snapshot);
	server->snapshot = NULL;
	return 0;
}

int awh_supervise(struct admwh_server *server)
{
	struct supervisor supervisor = {.server = server};
	int failed = prepare(&supervisor);

	if (failed == 0) {
		/* The workers inherit this, and what they drop is told by the watcher. */
		awh_log_share_dropped(&server->events.metrics.counts->log_dropped);
		supervise(&supervisor);
		awh_server_log_stop(server, !supervisor.lost);
		if (supervisor.lost)
			failed = awh_fail(&server->error, ADMWH_E_TIMEOUT,
					  "the drain ended with requests in flight");
		awh_log_share_dropped(NULL);
	}
	if (supervisor.fleet)
		munmap(supervisor.fleet, fleet_size(supervisor.fleet->n_places));
	free(supervisor.workers);
	free(supervisor.polled);
	return failed;
}
