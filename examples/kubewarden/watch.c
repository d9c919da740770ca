/* SPDX-License-Identifier: MIT */
/* The watch over running evaluations. See watch.h. */
#include "watch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "policy.h"

struct kw_watch {
	pthread_t thread;
	pthread_mutex_t mutex; /* all below, and the links of runs */
	pthread_cond_t changed;
	struct kw_run *runs; /* as many as there are workers at most */
	int64_t wakes_ms;    /* when the thread looks next */
	bool stop;
};

/* Answer for those that have expired; when the next one does. With the lock held. */
static int64_t expire(struct kw_watch *watch)
{
	int64_t now = kw_now_ms(), next_ms = INT64_MAX;

	for (struct kw_run *run = watch->runs, *next; run; run = next) {
		next = run->next;
		if (run->until_ms > now) {
			next_ms = run->until_ms < next_ms ? run->until_ms : next_ms;
			continue;
		}
		*run->link = next;
		if (next)
			next->link = run->link;
		run->link = NULL;
		atomic_store(&run->stop, true);
		run->expired(run);
	}
	return next_ms;
}

static void *run_watch(void *userdata)
{
	struct kw_watch *watch = userdata;

	pthread_mutex_lock(&watch->mutex);
	while (!watch->stop) {
		watch->wakes_ms = expire(watch);
		if (watch->wakes_ms == INT64_MAX) {
			pthread_cond_wait(&watch->changed, &watch->mutex);
		} else {
			struct timespec until = {.tv_sec = watch->wakes_ms / 1000,
						 .tv_nsec =
						     (long)(watch->wakes_ms % 1000) * 1000000};

			pthread_cond_timedwait(&watch->changed, &watch->mutex, &until);
		}
	}
	pthread_mutex_unlock(&watch->mutex);
	return NULL;
}

/* Signals are for the server's threads: this one has them all blocked. */
static int start_thread(struct kw_watch *watch)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&watch->thread, NULL, run_watch, watch);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

struct kw_watch *kw_watch_new(void)
{
	struct kw_watch *watch = calloc(1, sizeof(*watch));
	pthread_condattr_t attributes;

	if (!watch)
		return NULL;
	watch->wakes_ms = INT64_MAX;
	pthread_mutex_init(&watch->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (start_thread(watch) == 0)
		return watch;
	pthread_cond_destroy(&watch->changed);
	pthread_mutex_destroy(&watch->mutex);
	free(watch);
	return NULL;
}

void kw_watch_free(struct kw_watch *watch)
{
	if (!watch)
		return;
	pthread_mutex_lock(&watch->mutex);
	watch->stop = true;
	pthread_cond_signal(&watch->changed);
	pthread_mutex_unlock(&watch->mutex);
	pthread_join(watch->thread, NULL);
	pthread_cond_destroy(&watch->changed);
	pthread_mutex_destroy(&watch->mutex);
	free(watch);
}

void kw_watch_add(struct kw_watch *watch, struct kw_run *run)
{
	atomic_init(&run->stop, false);
	pthread_mutex_lock(&watch->mutex);
	run->next = watch->runs;
	run->link = &watch->runs;
	if (run->next)
		run->next->link = &run->next;
	watch->runs = run;
	if (run->until_ms < watch->wakes_ms)
		pthread_cond_signal(&watch->changed);
	pthread_mutex_unlock(&watch->mutex);
}

bool kw_watch_remove(struct kw_watch *watch, struct kw_run *run)
{
	bool mine;

	pthread_mutex_lock(&watch->mutex);
	mine = run->link != NULL;
	if (mine) {
		*run->link = run->next;
		if (run->next)
			run->next->link = run->link;
	}
	pthread_mutex_unlock(&watch->mutex);
	return mine;
}
