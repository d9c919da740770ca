/* SPDX-License-Identifier: MIT */
/*
 * Every call by which a server asks the system for something fails in turn,
 * from its making to its start: it says so, serves nobody, and leaves no thread.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <uv.h>

#include "../good_server.h"

/* The calls, with what they return when they fail. */
enum call {
	EVENTFD,
	MMAP,
	PRCTL,
	PTHREAD_CREATE,
	SOCKET,
	UV_ASYNC_INIT,
	UV_LOOP_INIT,
	UV_POLL_INIT,
	UV_SIGNAL_INIT,
	UV_SIGNAL_START,
	CALLS
};

static const char *const names[CALLS] = {
    "eventfd",       "mmap",         "prctl",        "pthread_create", "socket",
    "uv_async_init", "uv_loop_init", "uv_poll_init", "uv_signal_init", "uv_signal_start"};

static enum call failing; /* this one fails, the left-th time */
static long left;
static atomic_int threads; /* that were made */

static bool fails(enum call call)
{
	return call == failing && left-- == 0;
}

static int with_errno(int number)
{
	errno = number;
	return -1;
}

int __real_eventfd(unsigned int count, int flags);
int __wrap_eventfd(unsigned int count, int flags);
void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int __wrap_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *argument);
int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
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

int __wrap_eventfd(unsigned int count, int flags)
{
	return fails(EVENTFD) ? with_errno(EMFILE) : __real_eventfd(count, flags);
}

void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return fails(MMAP) ? MAP_FAILED : __real_mmap64(at, size, protection, flags, fd, offset);
}

/* A process that cannot be dumped cannot be looked into by a leak checker. */
int __wrap_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	(void)option, (void)a, (void)b, (void)c, (void)d;
	return fails(PRCTL) ? with_errno(EINVAL) : 0;
}

struct thread {
	void *(*run)(void *);
	void *argument;
};

static void *run_thread(void *userdata)
{
	struct thread thread = *(struct thread *)userdata;
	void *result;

	free(userdata);
	result = thread.run(thread.argument);
	atomic_fetch_sub(&threads, 1);
	return result;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *argument)
{
	struct thread *started = malloc(sizeof(*started));

	if (fails(PTHREAD_CREATE)) {
		free(started);
		return EAGAIN;
	}
	assert_non_null(started);
	*started = (struct thread){run, argument};
	atomic_fetch_add(&threads, 1);
	return __real_pthread_create(thread, attributes, run_thread, started);
}

int __wrap_socket(int domain, int type, int protocol)
{
	return fails(SOCKET) ? with_errno(EMFILE) : __real_socket(domain, type, protocol);
}

int __wrap_uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb callback)
{
	return fails(UV_ASYNC_INIT) ? UV_EMFILE : __real_uv_async_init(loop, async, callback);
}

int __wrap_uv_loop_init(uv_loop_t *loop)
{
	return fails(UV_LOOP_INIT) ? UV_EMFILE : __real_uv_loop_init(loop);
}

int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
	return fails(UV_POLL_INIT) ? UV_EMFILE : __real_uv_poll_init(loop, poll, fd);
}

int __wrap_uv_signal_init(uv_loop_t *loop, uv_signal_t *signal)
{
	return fails(UV_SIGNAL_INIT) ? UV_EMFILE : __real_uv_signal_init(loop, signal);
}

int __wrap_uv_signal_start(uv_signal_t *signal, uv_signal_cb callback, int number)
{
	return fails(UV_SIGNAL_START) ? UV_EINVAL
				      : __real_uv_signal_start(signal, callback, number);
}

static struct admwh_config *make_config(void)
{
	struct admwh_config *config = admwh_config_new();

	assert_int_equal(set_up_config(config), 0);
	assert_int_equal(admwh_config_set_stop_on_signals(config, true), 0);
	assert_int_equal(admwh_config_set_reload_on_sighup(config, true), 0);
	assert_int_equal(admwh_config_set_hardening(config, true), 0);
	return config;
}

/* Whether a server was made, started, and stopped. */
static bool live(struct admwh_config *config)
{
	struct server_fixture fixture = {.config = config};
	int err;

	if (make_server(&fixture)) {
		assert_string_not_equal(admwh_config_error(config), "");
		return false;
	}
	err = admwh_server_start(fixture.server);
	if (err) {
		assert_string_not_equal(admwh_server_error(fixture.server), "");
		assert_int_equal(admwh_server_port(fixture.server), 0);
		assert_int_equal(admwh_server_health_port(fixture.server), 0);
	} else {
		admwh_server_stop(fixture.server);
		assert_int_equal(admwh_server_wait(fixture.server), 0);
	}
	admwh_server_free(fixture.server);
	return err == 0;
}

static void says_which_start_failed_and_leaves_nothing(void **state)
{
	(void)state;
	for (int call = 0; call < CALLS; call++) {
		bool started = false;
		long n = 0;

		for (; !started; n++) {
			struct admwh_config *config = make_config();

			failing = (enum call)call;
			left = n;
			started = live(config);
			/* One that went well although a call has failed did not need it. */
			started = started && left >= 0;
			left = -1;
			admwh_config_free(config);
			if (atomic_load(&threads) > 0)
				fail_msg("%s leaves a thread", names[call]);
			if (n == 100)
				fail_msg("%s never works", names[call]);
		}
		/* A C library of 32 bits calls prctl() by another name. */
		if (n < 2 && !(SIZE_MAX == UINT32_MAX && call == PRCTL))
			fail_msg("%s is never called", names[call]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_which_start_failed_and_leaves_nothing),
	};

	left = -1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
