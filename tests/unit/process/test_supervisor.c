/* SPDX-License-Identifier: MIT */
/*
 * How a supervisor keeps, tells and ends its workers. Plan and workers are the test's own: no
 * server. Each supervisor is a process of its own, whose workers say in shared memory what they
 * were told; tests wait for what they say there.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "process/orders.h"
#include "process/supervisor.h"

enum { WORKERS = 2, WATCHER = WORKERS, PROCESSES, WAIT_MS = 30000, FOREVER_MS = 3600000 };

/* What a process does when it has begun. */
enum life { SERVES, FAILS, RETURNS, EXITS, IS_KILLED, HANGS, SPOILS };

/* And when it is told to stop. */
enum end { ENDS_WELL, ENDS_FAILING, ENDS_BY_EXIT, ENDS_CUT_OFF, WAITS_FOR_GATE };

struct shared {
	atomic_int lives[PROCESSES]; /* of the next process in a place; those after it serve */
	atomic_int failures;         /* how many more processes of the first place fail */
	atomic_int ends[PROCESSES];
	atomic_int asks[4]; /* orders that the second worker gives at its start */
	atomic_int bodies;  /* what a process says of itself in its gauges */

	atomic_int pids[PROCESSES], starts[PROCESSES];
	atomic_int orders[PROCESSES][128]; /* how often a place was told */
	atomic_int began, draining;
	atomic_int orphans;    /* have seen the end of their supervisor */
	atomic_int no_forks;   /* how often there is no process for a supervisor */
	atomic_int no_sockets; /* nor a socket pair */
	atomic_int not_started;
	atomic_int crashes[5]; /* log events, by level */
	atomic_int faults;
	atomic_bool workers_are_done; /* when the watcher was cut */
};

struct fixture {
	struct shared *shared;
	struct awh_events events;
	struct awh_plan plan;
	pid_t supervisor; /* 0: none */
	int gate;         /* an eventfd: readable once processes that wait for it may end */
	bool ignores_sigchld;
};

static struct fixture fixtures[2];

static struct shared *supervised; /* in a supervisor, and its workers */
static long calls_left = -1;      /* allocations until one fails; negative: none does */

pid_t __real_fork(void);
pid_t __wrap_fork(void);
int __real_socketpair(int domain, int type, int protocol, int *ends);
int __wrap_socketpair(int domain, int type, int protocol, int *ends);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

/* Is there one left of so many failures? */
static bool fails(atomic_int *left)
{
	if (atomic_load(left) == 0)
		return false;
	atomic_fetch_sub(left, 1);
	errno = EAGAIN;
	return true;
}

pid_t __wrap_fork(void)
{
	return supervised && fails(&supervised->no_forks) ? -1 : __real_fork();
}

int __wrap_socketpair(int domain, int type, int protocol, int *ends)
{
	return supervised && fails(&supervised->no_sockets)
		   ? -1
		   : __real_socketpair(domain, type, protocol, ends);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return calls_left >= 0 && calls_left-- == 0 ? NULL : __real_calloc(count, size);
}

/* the workers */

struct self {
	struct fixture *fixture;
	const struct awh_role *role;
	size_t number;
	bool stops, ends; /* as soon as the gate is open; now */
};

static void fault(struct fixture *fixture, bool is_one)
{
	atomic_fetch_add(&fixture->shared->faults, is_one);
}

static void obey_stop(struct self *self)
{
	fault(self->fixture, atomic_load(&self->fixture->shared->draining) != 1);
	self->stops = true;
	if (atomic_load(&self->fixture->shared->ends[self->number]) != WAITS_FOR_GATE)
		self->ends = true;
}

static void look_at_workers(const struct self *self)
{
	bool are_done = true;

	for (size_t i = 0; i < WORKERS; i++)
		are_done &= atomic_load(&self->role->fleet->places[i].done);
	atomic_store(&self->fixture->shared->workers_are_done, are_done);
}

static void obey(void *userdata, enum awh_order order)
{
	struct self *self = userdata;

	atomic_fetch_add(&self->fixture->shared->orders[self->number][order], 1);
	if (order == AWH_ORDER_STOP && !self->role->is_watcher)
		obey_stop(self);
	if (order != AWH_ORDER_CUT)
		return;
	if (self->role->is_watcher)
		look_at_workers(self);
	else if (self->stops && !self->ends)
		atomic_store(&self->role->place->cut_off, true);
	self->ends = true;
}

static int end(const struct self *self)
{
	switch ((enum end)atomic_load(&self->fixture->shared->ends[self->number])) {
	case ENDS_FAILING:
		return -1;
	case ENDS_BY_EXIT:
		_exit(0);
	case ENDS_CUT_OFF:
		atomic_store(&self->role->place->cut_off, true);
		return 0;
	default:
		return 0;
	}
}

static int serve(struct self *self)
{
	struct pollfd polled[] = {{.fd = self->role->orders_fd, .events = POLLIN}, {.fd = -1}};

	atomic_store(&self->role->place->serves, true);
	while (!self->ends) {
		if (self->stops)
			polled[1] = (struct pollfd){.fd = self->fixture->gate, .events = POLLIN};
		if (poll(polled, 2, -1) < 0)
			continue;
		if (polled[1].revents)
			break;
		if (!awh_orders_receive(self->role->orders_fd, obey, self)) {
			atomic_fetch_add(&self->fixture->shared->orphans, 1);
			return 0;
		}
	}
	return end(self);
}

/* Serves, and hears no order. */
static int hang(const struct self *self)
{
	struct pollfd gate = {.fd = self->fixture->gate, .events = POLLIN};

	atomic_store(&self->role->place->serves, true);
	while (poll(&gate, 1, -1) < 0)
		;
	return 0;
}

/* As one that is taken over could: writes over all that it shares with others, and is gone. */
static void spoil(const struct self *self)
{
	struct awh_metrics *metrics = &self->fixture->events.metrics;

	memset(self->role->fleet->places, 0xff, PROCESSES * sizeof(struct awh_place));
	memset(metrics->slots, 0xff, metrics->n_slots * sizeof(*metrics->slots));
	memset(metrics->counts->cas, 0xff, sizeof(metrics->counts->cas));
	raise(SIGKILL);
}

static int live(struct self *self, enum life life)
{
	switch (life) {
	case FAILS:
		return -1;
	case RETURNS:
		return 0;
	case EXITS:
		_exit(3);
	case IS_KILLED:
		raise(SIGKILL);
		return 0;
	case HANGS:
		return hang(self);
	case SPOILS:
		spoil(self);
		return 0;
	default:
		return serve(self);
	}
}

static void ask(const struct self *self)
{
	struct shared *shared = self->fixture->shared;

	for (size_t i = 0; i < 4 && self->number == 1; i++) {
		int order = atomic_exchange(&shared->asks[i], 0);

		if (order)
			awh_order_send(self->role->orders_fd, (enum awh_order)order);
	}
}

static void look_at_role(const struct self *self)
{
	const struct awh_role *role = self->role;
	const struct awh_metrics *metrics = &self->fixture->events.metrics;

	fault(self->fixture, self->number >= PROCESSES);
	fault(self->fixture, role->is_watcher != (self->number == WATCHER));
	fault(self->fixture, metrics->gauges != &metrics->slots[1 + self->number]);
	fault(self->fixture, &role->fleet->gauges[self->number] != metrics->gauges);
	fault(self->fixture, self->fixture->events.log.pid != getpid());
}

static int run(const struct awh_role *role, void *userdata)
{
	struct fixture *fixture = userdata;
	struct shared *shared = fixture->shared;
	struct self self = {.fixture = fixture,
			    .role = role,
			    .number = (size_t)(role->place - role->fleet->places)};
	enum life life = (enum life)atomic_exchange(&shared->lives[self.number], SERVES);

	if (self.number == 0 && atomic_load(&shared->failures) > 0) {
		atomic_fetch_sub(&shared->failures, 1);
		life = FAILS;
	}
	look_at_role(&self);
	atomic_store(&fixture->events.metrics.gauges->bodies, atomic_load(&shared->bodies));
	ask(&self);
	atomic_store(&shared->pids[self.number], getpid());
	atomic_fetch_add(&shared->starts[self.number], 1);
	return live(&self, life);
}

/* the supervisor */

static void on_began(void *userdata)
{
	const struct fixture *fixture = userdata;

	atomic_fetch_add(&fixture->shared->began, 1);
}

static void on_draining(void *userdata)
{
	const struct fixture *fixture = userdata;

	atomic_fetch_add(&fixture->shared->draining, 1);
}

static void on_log(const struct admwh_log_record *record, void *userdata)
{
	const struct fixture *fixture = userdata;

	for (size_t i = 0; i < record->n_fields; i++) {
		const char *value = record->fields[i].value;

		if (strcmp(value, "crashed") == 0)
			atomic_fetch_add(&fixture->shared->crashes[record->level], 1);
		if (strcmp(value, "cannot start") == 0 && record->level == ADMWH_LOG_ERROR)
			atomic_fetch_add(&fixture->shared->not_started, 1);
	}
}

/* Its exit status: 0 drained; 1 not; 2 it could not be made. */
static int supervise(const struct fixture *fixture)
{
	struct awh_error error = {0};
	struct awh_supervisor *supervisor = awh_supervisor_new(&fixture->plan, &error);
	bool drained;

	if (!supervisor)
		return 2;
	supervised = fixture->shared;
	drained = awh_supervisor_run(supervisor);
	awh_supervisor_free(supervisor);
	return drained ? 0 : 1;
}

/* the test */

static void pause_until(int64_t end_ms, const char *what)
{
	const struct timespec short_time = {.tv_nsec = 1000000};

	if (awh_clock_ms() > end_ms)
		fail_msg("it never came to: %s", what);
	nanosleep(&short_time, NULL);
}

#define UNTIL(condition)                                                                           \
	for (int64_t end_ms = awh_clock_ms() + WAIT_MS; !(condition);                              \
	     pause_until(end_ms, #condition))

static void put(int fd, uint64_t times)
{
	assert_int_equal(write(fd, &times, sizeof(times)), sizeof(times));
}

static void open_fixture(struct fixture *fixture)
{
	struct awh_error error;

	*fixture = (struct fixture){.gate = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	fixture->shared = mmap(NULL, sizeof(*fixture->shared), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(fixture->shared, MAP_FAILED);
	assert_int_equal(awh_metrics_init(&fixture->events.metrics, 1 + PROCESSES, &error), 0);
	fixture->events.log =
	    (struct awh_log){.sink = on_log, .userdata = fixture, .level = ADMWH_LOG_INFO};
	fixture->plan = (struct awh_plan){
	    .processes = WORKERS,
	    .has_watcher = true,
	    .drain_ms = FOREVER_MS,
	    .signals = {.stop = true,
			.reload = true,
			.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			.reload_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
	    .events = &fixture->events,
	    .run = run,
	    .began = on_began,
	    .draining = on_draining,
	    .userdata = fixture,
	};
}

static void close_fixture(struct fixture *fixture)
{
	if (!fixture->shared)
		return;
	if (fixture->supervisor > 0) {
		kill(fixture->supervisor, SIGKILL); /* its workers end with it, or by the gate */
		waitpid(fixture->supervisor, NULL, 0);
	}
	put(fixture->gate, 1);
	munmap(fixture->shared, sizeof(*fixture->shared));
	awh_metrics_deinit(&fixture->events.metrics);
	close(fixture->plan.signals.stop_fd);
	close(fixture->plan.signals.reload_fd);
	close(fixture->gate);
	*fixture = (struct fixture){0};
}

static int set_up(void **state)
{
	for (size_t i = 0; i < 2; i++)
		open_fixture(&fixtures[i]);
	*state = &fixtures[0];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		close_fixture(&fixtures[i]);
	return 0;
}

/* Again from the start, for the next case of a table. */
static void start_over(struct fixture *fixture)
{
	close_fixture(fixture);
	open_fixture(fixture);
}

static int starts_of(const struct fixture *fixture, size_t number)
{
	return atomic_load(&fixture->shared->starts[number]);
}

static bool all_have_started(const struct fixture *fixture)
{
	for (size_t i = 0; i < PROCESSES; i++)
		if (starts_of(fixture, i) == 0)
			return false;
	return true;
}

/* Have a supervisor run; until each place has had its process. */
static void start(struct fixture *fixture)
{
	fflush(NULL);
	fixture->supervisor = fork();
	if (fixture->supervisor == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fixture->ignores_sigchld)
			signal(SIGCHLD, SIG_IGN);
		_exit(supervise(fixture));
	}
	assert_true(fixture->supervisor > 0);
	UNTIL(all_have_started(fixture));
}

static void ask_stop(const struct fixture *fixture, uint64_t times)
{
	put(fixture->plan.signals.stop_fd, times);
}

/* How often a place was told. */
static int told(const struct fixture *fixture, size_t number, enum awh_order order)
{
	return atomic_load(&fixture->shared->orders[number][order]);
}

static bool all_told(const struct fixture *fixture, enum awh_order order)
{
	for (size_t i = 0; i < PROCESSES; i++)
		if (told(fixture, i, order) == 0)
			return false;
	return true;
}

static void kill_place(const struct fixture *fixture, size_t number)
{
	assert_int_equal(kill(atomic_load(&fixture->shared->pids[number]), SIGKILL), 0);
}

static bool is_alive(const struct fixture *fixture, size_t number)
{
	return kill(atomic_load(&fixture->shared->pids[number]), 0) == 0;
}

static unsigned long long restarts(const struct fixture *fixture)
{
	return atomic_load(&fixture->events.metrics.counts->counters[AWH_COUNTER_PROCESS_RESTARTS]);
}

/* The supervisor's exit status, once it has ended. No process of it is left. */
static int finish(struct fixture *fixture)
{
	int status = -1;

	UNTIL(waitpid(fixture->supervisor, &status, WNOHANG) == fixture->supervisor);
	fixture->supervisor = 0;
	assert_true(WIFEXITED(status));
	for (size_t i = 0; i < PROCESSES; i++)
		UNTIL(!is_alive(fixture, i));
	assert_int_equal(atomic_load(&fixture->shared->faults), 0);
	return WEXITSTATUS(status);
}

static void *wait_for_pipe(void *fd)
{
	char byte;

	return read(*(int *)fd, &byte, 1) == 1 ? fd : NULL;
}

static void a_process_with_other_threads_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct awh_error error = {0};
	pthread_t thread;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_pipe, &ends[0]), 0);
	assert_null(awh_supervisor_new(&fixture->plan, &error));
	assert_int_equal(error.code, ADMWH_E_STATE);
	assert_int_equal(write(ends[1], "x", 1), 1);
	pthread_join(thread, NULL);
	close(ends[0]);
	close(ends[1]);
	awh_supervisor_free(NULL);
}

static void says_that_there_is_no_memory_for_it(void **state)
{
	struct fixture *fixture = *state;
	struct awh_supervisor *supervisor = NULL;
	long n = 0;

	for (; !supervisor; n++) {
		struct awh_error error = {0};

		calls_left = n;
		supervisor = awh_supervisor_new(&fixture->plan, &error);
		assert_int_equal(error.code, supervisor ? 0 : ADMWH_E_NOMEM);
		assert_true(n < 10);
	}
	calls_left = -1;
	assert_true(n > 3);
	awh_supervisor_free(supervisor);
}

/* Out of processes or descriptors for a while, a supervisor keeps trying, and counts no restart. */
static void a_place_waits_for_its_first_process(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++) {
		start_over(fixture);
		atomic_store(i ? &fixture->shared->no_forks : &fixture->shared->no_sockets, 5);
		start(fixture);
		assert_int_equal(atomic_load(&fixture->shared->not_started), 5);
		assert_int_equal(restarts(fixture), 0);
		for (size_t place = 0; place < PROCESSES; place++)
			assert_int_equal(starts_of(fixture, place), 1);
		ask_stop(fixture, 1);
		assert_int_equal(finish(fixture), 0);
	}
}

static void a_stop_that_came_first_ends_it_in_order(void **state)
{
	struct fixture *fixture = *state;

	ask_stop(fixture, 1);
	assert_int_equal(supervise(fixture), 0);
	assert_int_equal(atomic_load(&fixture->shared->began), 1);
	assert_int_equal(atomic_load(&fixture->shared->draining), 1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
	assert_int_equal(errno, ECHILD);
}

static void each_place_has_one_process(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 0);
	for (size_t i = 0; i < PROCESSES; i++)
		assert_int_equal(starts_of(fixture, i), 1);
	assert_int_equal(atomic_load(&fixture->shared->began), 1);
	assert_int_equal(restarts(fixture), 0);
}

static void there_is_no_watcher_without_a_health_endpoint(void **state)
{
	struct fixture *fixture = *state;

	fixture->plan.has_watcher = false;
	atomic_store(&fixture->shared->starts[WATCHER], 1); /* none to wait for */
	atomic_store(&fixture->shared->pids[WATCHER], INT32_MAX);
	start(fixture);
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 0);
	assert_int_equal(starts_of(fixture, WATCHER), 1);
}

/* While it is not told to stop no end is a good one, whatever its status. */
static void whatever_ends_is_replaced_and_counted(void **state)
{
	static const enum life lives[] = {FAILS, RETURNS, EXITS, IS_KILLED};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		size_t place = i % PROCESSES;

		start_over(fixture);
		atomic_store(&fixture->shared->lives[place], (int)lives[i]);
		start(fixture);
		UNTIL(starts_of(fixture, place) == 2);
		assert_int_equal(restarts(fixture), 1);
		assert_int_equal(atomic_load(&fixture->shared->crashes[ADMWH_LOG_WARNING]) +
				     atomic_load(&fixture->shared->crashes[ADMWH_LOG_ERROR]),
				 1);
		ask_stop(fixture, 1);
		assert_int_equal(finish(fixture), 0);
		for (size_t j = 0; j < PROCESSES; j++)
			assert_int_equal(starts_of(fixture, j), j == place ? 2 : 1);
	}
}

/* The supervisor follows nothing of what workers can write. */
static void what_a_worker_writes_into_shared_memory_ends_no_supervisor(void **state)
{
	struct fixture *fixture = *state;

	atomic_store(&fixture->shared->lives[0], SPOILS);
	start(fixture);
	UNTIL(starts_of(fixture, 0) == 2);
	assert_int_equal(restarts(fixture), 1);
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 1); /* for it says, too, that a request was cut off */
	assert_int_equal(starts_of(fixture, 1), 1);
}

static void a_crash_is_an_error_where_no_other_serves(void **state)
{
	struct fixture *fixture = *state;

	fixture->plan.processes = 1;
	fixture->plan.has_watcher = false;
	for (size_t i = 1; i < PROCESSES; i++) {
		atomic_store(&fixture->shared->starts[i], 1);
		atomic_store(&fixture->shared->pids[i], INT32_MAX);
	}
	start(fixture);
	kill_place(fixture, 0);
	UNTIL(starts_of(fixture, 0) == 2);
	assert_int_equal(atomic_load(&fixture->shared->crashes[ADMWH_LOG_ERROR]), 1);
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 0);
}

static void one_that_cannot_serve_is_tried_again(void **state)
{
	struct fixture *fixture = *state;

	atomic_store(&fixture->shared->failures, 3);
	start(fixture);
	UNTIL(starts_of(fixture, 0) == 4);
	assert_int_equal(restarts(fixture), 3);
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 0);
}

static void what_a_dead_worker_said_of_itself_is_over(void **state)
{
	struct fixture *fixture = *state;
	atomic_llong *bodies = &fixture->events.metrics.slots[1].bodies;

	atomic_store(&fixture->shared->bodies, 5);
	start(fixture);
	assert_int_equal(atomic_load(bodies), 5);
	atomic_store(&fixture->shared->bodies, 0);
	kill_place(fixture, 0);
	UNTIL(starts_of(fixture, 0) == 2);
	assert_int_equal(atomic_load(bodies), 0);
	assert_int_equal(atomic_load(&fixture->events.metrics.slots[2].bodies), 5);
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 0);
	assert_int_equal(atomic_load(&fixture->events.metrics.slots[2].bodies), 0);
}

/* The watcher shows that the server stops until all others have ended, and then is cut. */
static void the_watcher_ends_last(void **state)
{
	struct fixture *fixture = *state;

	atomic_store(&fixture->shared->ends[0], WAITS_FOR_GATE);
	start(fixture);
	ask_stop(fixture, 1);
	UNTIL(all_told(fixture, AWH_ORDER_STOP) && !is_alive(fixture, 1));
	assert_true(is_alive(fixture, WATCHER));
	assert_int_equal(told(fixture, WATCHER, AWH_ORDER_CUT), 0);
	put(fixture->gate, 1);
	assert_int_equal(finish(fixture), 0);
	assert_int_equal(told(fixture, WATCHER, AWH_ORDER_CUT), 1);
	assert_int_equal(told(fixture, 0, AWH_ORDER_CUT), 0);
	assert_true(atomic_load(&fixture->shared->workers_are_done));
}

static void a_lame_duck_still_serves_and_is_replaced(void **state)
{
	struct fixture *fixture = *state;

	fixture->plan.lame_duck_ms = FOREVER_MS;
	start(fixture);
	ask_stop(fixture, 1);
	UNTIL(all_told(fixture, AWH_ORDER_LAME_DUCK));
	kill_place(fixture, 1);
	UNTIL(starts_of(fixture, 1) == 2 && told(fixture, 1, AWH_ORDER_LAME_DUCK) == 2);
	assert_int_equal(atomic_load(&fixture->shared->draining), 0);
	assert_int_equal(told(fixture, 0, AWH_ORDER_STOP), 0);
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 0);
	assert_int_equal(atomic_load(&fixture->shared->draining), 1);
	assert_int_equal(told(fixture, 0, AWH_ORDER_STOP), 1);
}

static void a_lame_ducks_time_ends(void **state)
{
	struct fixture *fixture = *state;

	fixture->plan.lame_duck_ms = 50;
	start(fixture);
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 0);
	for (size_t i = 0; i < WORKERS; i++) {
		assert_int_equal(told(fixture, i, AWH_ORDER_LAME_DUCK), 1);
		assert_int_equal(told(fixture, i, AWH_ORDER_STOP), 1);
		assert_int_equal(told(fixture, i, AWH_ORDER_CUT), 0);
	}
}

/* What had begun is not waited for any more: the second stop, or two that came as one. */
static void a_second_stop_cuts(void **state)
{
	struct fixture *fixture = *state;

	for (int at_once = 0; at_once < 2; at_once++) {
		start_over(fixture);
		for (size_t i = 0; i < WORKERS; i++)
			atomic_store(&fixture->shared->ends[i], WAITS_FOR_GATE);
		start(fixture);
		ask_stop(fixture, at_once ? 2 : 1);
		if (!at_once) {
			UNTIL(all_told(fixture, AWH_ORDER_STOP));
			assert_true(is_alive(fixture, 0));
			ask_stop(fixture, 1);
		}
		assert_int_equal(finish(fixture), 1);
		assert_true(all_told(fixture, AWH_ORDER_CUT));
		assert_int_equal(atomic_load(&fixture->shared->draining), 1);
	}
}

/* Side by side, since both wait for the time that is left to a process that does not end. */
static void one_that_does_not_end_is_killed(void **state)
{
	struct fixture *worker = &fixtures[0], *watcher = &fixtures[1];

	(void)state;
	worker->plan.drain_ms = watcher->plan.drain_ms = 0;
	atomic_store(&worker->shared->lives[0], HANGS);
	atomic_store(&watcher->shared->lives[WATCHER], HANGS);
	start(worker);
	start(watcher);
	ask_stop(worker, 1);
	ask_stop(watcher, 1);
	assert_int_equal(finish(worker), 1);
	assert_int_equal(finish(watcher), 0); /* it has no requests */
	assert_int_equal(starts_of(worker, 0), 1);
}

/* Is something lost? Without zombies there is only a process's own word on how it has ended. */
static void says_whether_requests_were_lost(void **state)
{
	static const struct {
		size_t place;
		enum end end;
		int status, status_without_zombies;
	} cases[] = {
	    {0, ENDS_WELL, 0, 0},    {1, ENDS_FAILING, 1, 1},       {0, ENDS_CUT_OFF, 1, 1},
	    {1, ENDS_BY_EXIT, 0, 1}, {WATCHER, ENDS_FAILING, 0, 0},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int ignores = 0; ignores < 2; ignores++) {
			int wanted = ignores ? cases[i].status_without_zombies : cases[i].status;

			start_over(fixture);
			fixture->ignores_sigchld = ignores;
			atomic_store(&fixture->shared->ends[cases[i].place], (int)cases[i].end);
			start(fixture);
			ask_stop(fixture, 1);
			if (finish(fixture) != wanted)
				fail_msg("case %zu, SIGCHLD ignored: %d", i, ignores);
		}
}

static void one_that_dies_while_it_drains_is_a_loss_and_not_replaced(void **state)
{
	static const struct {
		size_t place;
		int status;
	} cases[] = {{0, 1}, {WATCHER, 0}};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start_over(fixture);
		atomic_store(&fixture->shared->ends[0], WAITS_FOR_GATE);
		start(fixture);
		ask_stop(fixture, 1);
		UNTIL(all_told(fixture, AWH_ORDER_STOP));
		kill_place(fixture, cases[i].place);
		UNTIL(!is_alive(fixture, cases[i].place));
		put(fixture->gate, 1);
		assert_int_equal(finish(fixture), cases[i].status);
		assert_int_equal(starts_of(fixture, cases[i].place), 1);
		assert_int_equal(restarts(fixture), 0);
	}
}

static void a_worker_may_ask_for_a_reload_and_for_no_cut(void **state)
{
	static const enum awh_order asks[] = {AWH_ORDER_CUT, AWH_ORDER_LAME_DUCK, AWH_ORDER_RELOAD};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 3; i++)
		atomic_store(&fixture->shared->asks[i], (int)asks[i]);
	start(fixture);
	UNTIL(all_told(fixture, AWH_ORDER_RELOAD));
	for (size_t i = 0; i < PROCESSES; i++) {
		assert_int_equal(told(fixture, i, AWH_ORDER_CUT), 0);
		assert_int_equal(told(fixture, i, AWH_ORDER_LAME_DUCK), 0);
		assert_int_equal(starts_of(fixture, i), 1);
	}
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 0);
}

/* However many ask: each worker's program that stops its server means the same stop. */
static void a_worker_that_asks_for_a_stop_stops_all_once(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 4; i++)
		atomic_store(&fixture->shared->asks[i], AWH_ORDER_STOP);
	start(fixture);
	assert_int_equal(finish(fixture), 0);
	for (size_t i = 0; i < WORKERS; i++) {
		assert_int_equal(told(fixture, i, AWH_ORDER_STOP), 1);
		assert_int_equal(told(fixture, i, AWH_ORDER_CUT), 0);
	}
}

static void a_reload_is_for_all(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	put(fixture->plan.signals.reload_fd, 1);
	UNTIL(all_told(fixture, AWH_ORDER_RELOAD));
	ask_stop(fixture, 1);
	assert_int_equal(finish(fixture), 0);
}

static void signals_reach_the_workers_as_orders(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	UNTIL(atomic_load(&fixture->shared->began) == 1);
	kill(fixture->supervisor, SIGHUP);
	UNTIL(all_told(fixture, AWH_ORDER_RELOAD));
	kill(atomic_load(&fixture->shared->pids[0]), SIGTERM); /* a worker has none of its own */
	kill(fixture->supervisor, SIGTERM);
	assert_int_equal(finish(fixture), 0);
	assert_int_equal(restarts(fixture), 0);
	assert_int_equal(told(fixture, 0, AWH_ORDER_STOP), 1);
}

/* A sibling that held the supervisor's end of a worker's socket would hide it. */
static void workers_see_the_end_of_their_supervisor(void **state)
{
	struct fixture *fixture = *state;

	atomic_store(&fixture->shared->lives[WATCHER], HANGS); /* the last one to be started */
	start(fixture);
	kill(fixture->supervisor, SIGKILL);
	UNTIL(atomic_load(&fixture->shared->orphans) == WORKERS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_process_with_other_threads_is_refused),
	    TEST(says_that_there_is_no_memory_for_it),
	    TEST(a_place_waits_for_its_first_process),
	    TEST(a_stop_that_came_first_ends_it_in_order),
	    TEST(each_place_has_one_process),
	    TEST(there_is_no_watcher_without_a_health_endpoint),
	    TEST(whatever_ends_is_replaced_and_counted),
	    TEST(what_a_worker_writes_into_shared_memory_ends_no_supervisor),
	    TEST(a_crash_is_an_error_where_no_other_serves),
	    TEST(one_that_cannot_serve_is_tried_again),
	    TEST(what_a_dead_worker_said_of_itself_is_over),
	    TEST(the_watcher_ends_last),
	    TEST(a_lame_duck_still_serves_and_is_replaced),
	    TEST(a_lame_ducks_time_ends),
	    TEST(a_second_stop_cuts),
	    TEST(one_that_does_not_end_is_killed),
	    TEST(says_whether_requests_were_lost),
	    TEST(one_that_dies_while_it_drains_is_a_loss_and_not_replaced),
	    TEST(a_worker_may_ask_for_a_reload_and_for_no_cut),
	    TEST(a_worker_that_asks_for_a_stop_stops_all_once),
	    TEST(a_reload_is_for_all),
	    TEST(signals_reach_the_workers_as_orders),
	    TEST(workers_see_the_end_of_their_supervisor),
	};

	/* An emulator has a thread of its own, beside which no process may be started: skipped. */
	if (getenv("ADMWH_EMULATED"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
