/* SPDX-License-Identifier: MIT */
#include "net/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "net/uv.h"

struct awh_loop {
	uv_loop_t uv;
	uv_async_t wake;
	pthread_mutex_t mutex; /* guards tasks, last */
	struct awh_task *tasks;
	struct awh_task *last;
	pthread_t thread;
	void (*at_end)(void);
	bool started;
};

struct awh_watch {
	uv_poll_t poll;
	uv_timer_t timer;
	uv_idle_t idle; /* runs while a next turn is asked for */
	awh_watch_fn *notify;
	void *userdata;
	unsigned int events; /* what is being polled for */
	bool has_fd;
	unsigned int open; /* handles that libuv has not closed yet */
};

struct awh_signal {
	uv_signal_t signal;
	void (*notify)(void *userdata);
	void *userdata;
};

uv_loop_t *awh_loop_uv(struct awh_loop *loop)
{
	return &loop->uv;
}

static struct awh_task *take_tasks(struct awh_loop *loop)
{
	struct awh_task *tasks;

	pthread_mutex_lock(&loop->mutex);
	tasks = loop->tasks;
	loop->tasks = loop->last = NULL;
	pthread_mutex_unlock(&loop->mutex);
	return tasks;
}

static void run_tasks(struct awh_loop *loop)
{
	struct awh_task *task = take_tasks(loop);

	while (task) {
		struct awh_task *next = task->next; /* a task may free itself */

		atomic_store(&task->queued, false);
		task->run(task);
		task = next;
	}
}

static void on_wake(uv_async_t *wake)
{
	run_tasks(wake->data);
}

struct awh_loop *awh_loop_new(struct awh_error *error)
{
	struct awh_loop *loop = calloc(1, sizeof(*loop));
	int err;

	if (!loop) {
		awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	err = uv_loop_init(&loop->uv);
	if (err)
		goto out;
	err = uv_async_init(&loop->uv, &loop->wake, on_wake);
	if (err) {
		uv_loop_close(&loop->uv);
		goto out;
	}
	loop->wake.data = loop;
	pthread_mutex_init(&loop->mutex, NULL);
	return loop;
out:
	awh_fail(error, ADMWH_E_IO, "cannot make an event loop: %s", uv_strerror(err));
	free(loop);
	return NULL;
}

static void *thread_main(void *argument)
{
	struct awh_loop *loop = argument;

	uv_run(&loop->uv, UV_RUN_DEFAULT);
	if (loop->at_end)
		loop->at_end();
	return NULL;
}

int awh_loop_start(struct awh_loop *loop, void (*at_end)(void), struct awh_error *error)
{
	int err;

	loop->at_end = at_end;
	err = awh_thread_start(&loop->thread, thread_main, loop);
	if (err)
		return awh_fail(error, ADMWH_E_NOMEM, "cannot start a thread: %s", strerror(err));
	loop->started = true;
	return 0;
}

void awh_loop_join(struct awh_loop *loop)
{
	if (!loop->started)
		return;
	pthread_join(loop->thread, NULL);
	loop->started = false;
}

static void close_if_open(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void awh_loop_free(struct awh_loop *loop)
{
	if (!loop)
		return;
	run_tasks(loop);
	uv_walk(&loop->uv, close_if_open, NULL);
	uv_run(&loop->uv, UV_RUN_DEFAULT);
	uv_loop_close(&loop->uv);
	pthread_mutex_destroy(&loop->mutex);
	free(loop);
}

void awh_loop_post(struct awh_loop *loop, struct awh_task *task)
{
	if (atomic_exchange(&task->queued, true))
		return;
	task->next = NULL;
	pthread_mutex_lock(&loop->mutex);
	if (loop->last)
		loop->last->next = task;
	else
		loop->tasks = task;
	loop->last = task;
	pthread_mutex_unlock(&loop->mutex);
	uv_async_send(&loop->wake);
}

void awh_loop_end(struct awh_loop *loop)
{
	uv_unref((uv_handle_t *)&loop->wake);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct awh_watch *watch = poll->data;
	unsigned int happened = 0;

	/* The next read or write meets the error; libuv has stopped watching then. */
	if (status < 0) {
		happened = watch->events;
		watch->events = 0;
	}
	if (events & UV_READABLE)
		happened |= AWH_READABLE;
	if (events & UV_WRITABLE)
		happened |= AWH_WRITABLE;
	watch->notify(watch->userdata, happened);
}

static void on_timer(uv_timer_t *timer)
{
	struct awh_watch *watch = timer->data;

	watch->notify(watch->userdata, AWH_TIME_UP);
}

static void on_idle(uv_idle_t *idle)
{
	struct awh_watch *watch = idle->data;

	uv_idle_stop(idle);
	watch->notify(watch->userdata, AWH_NEXT_TURN);
}

struct awh_watch *awh_watch_new(struct awh_loop *loop, int fd, awh_watch_fn *notify, void *userdata)
{
	struct awh_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	if (fd >= 0 && uv_poll_init(&loop->uv, &watch->poll, fd) < 0) {
		free(watch);
		return NULL;
	}
	uv_timer_init(&loop->uv, &watch->timer);
	uv_idle_init(&loop->uv, &watch->idle);
	watch->poll.data = watch;
	watch->timer.data = watch;
	watch->idle.data = watch;
	watch->notify = notify;
	watch->userdata = userdata;
	watch->has_fd = fd >= 0;
	watch->open = watch->has_fd ? 3 : 2;
	return watch;
}

void awh_watch_for(struct awh_watch *watch, unsigned int events)
{
	int wanted = 0;

	if (events == watch->events)
		return;
	watch->events = events;
	if (events & AWH_READABLE)
		wanted |= UV_READABLE;
	if (events & AWH_WRITABLE)
		wanted |= UV_WRITABLE;
	if (wanted)
		uv_poll_start(&watch->poll, wanted, on_poll);
	else
		uv_poll_stop(&watch->poll);
}

void awh_watch_timer(struct awh_watch *watch, int64_t ms)
{
	if (ms < 0) {
		uv_timer_stop(&watch->timer);
		return;
	}
	/* libuv counts from the loop's cached time, which a long callback leaves behind. */
	uv_update_time(watch->timer.loop);
	uv_timer_start(&watch->timer, on_timer, (uint64_t)ms, 0);
}

void awh_watch_turn(struct awh_watch *watch)
{
	uv_idle_start(&watch->idle, on_idle);
}

static void on_closed(uv_handle_t *handle)
{
	struct awh_watch *watch = handle->data;

	if (--watch->open == 0)
		free(watch);
}

void awh_watch_free(struct awh_watch *watch)
{
	if (!watch)
		return;
	if (watch->has_fd)
		uv_close((uv_handle_t *)&watch->poll, on_closed);
	uv_close((uv_handle_t *)&watch->timer, on_closed);
	uv_close((uv_handle_t *)&watch->idle, on_closed);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct awh_signal *watched = signal->data;

	(void)number;
	watched->notify(watched->userdata);
}

static void on_signal_closed(uv_handle_t *handle)
{
	free(handle->data);
}

struct awh_signal *awh_signal_new(struct awh_loop *loop, int number, void (*notify)(void *userdata),
				  void *userdata, struct awh_error *error)
{
	struct awh_signal *watched = calloc(1, sizeof(*watched));
	int err = watched ? uv_signal_init(&loop->uv, &watched->signal) : UV_ENOMEM;

	if (err) {
		free(watched);
		goto out;
	}
	watched->signal.data = watched;
	watched->notify = notify;
	watched->userdata = userdata;
	err = uv_signal_start(&watched->signal, on_signal, number);
	if (err == 0)
		return watched;
	awh_signal_free(watched);
out:
	awh_fail(error, ADMWH_E_IO, "cannot catch signal %d: %s", number, uv_strerror(err));
	return NULL;
}

void awh_signal_free(struct awh_signal *watched)
{
	if (watched)
		uv_close((uv_handle_t *)&watched->signal, on_signal_closed);
}
