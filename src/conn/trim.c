/* SPDX-License-Identifier: MIT */
#include "conn/trim.h"

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/container.h"
#include "base/error.h"

/* It looks through all that is free: not too often. */
enum {
	TRIM_MS = 1000,
	TRIM_BYTES = 64 * 1024 * 1024,
	TOP_BYTES = 96 * 1024,
};

static void give_back(struct awh_trim *trim)
{
	atomic_store(&trim->freed, 0);
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

/*
 * malloc_trim() leaves the free end of an arena that is not the main one. Freeing a block of more
 * than 64 KiB there gives it back.
 */
static void give_back_end(void)
{
#ifdef __GLIBC__
	void *volatile block = malloc(TOP_BYTES);

	free(block);
#endif
}

static void on_ask(struct awh_task *task)
{
	struct awh_trim *trim = AWH_CONTAINER(task, struct awh_trim, ask);

	if (trim->is_due || !trim->timer)
		return;
	trim->is_due = true;
	awh_watch_timer(trim->timer, TRIM_MS);
}

static void on_due(void *userdata, unsigned int happened)
{
	struct awh_trim *trim = userdata;

	(void)happened;
	trim->is_due = false;
	give_back(trim);
}

int awh_trim_make(struct awh_trim *trim, struct awh_loop *loop)
{
	trim->ask.run = on_ask;
	trim->timer = awh_watch_new(loop, -1, on_due, trim);
	if (!trim->timer)
		return ADMWH_E_NOMEM;
	trim->loop = loop;
	return 0;
}

void awh_trim_end(struct awh_trim *trim)
{
	awh_watch_free(trim->timer);
	trim->timer = NULL;
}

void awh_trim_forget(struct awh_trim *trim)
{
	awh_trim_end(trim);
	trim->loop = NULL;
}

void awh_trim_now(struct awh_trim *trim, size_t freed)
{
	if (freed > 0 && atomic_fetch_add(&trim->freed, freed) + freed >= TRIM_BYTES) {
		give_back(trim);
		give_back_end();
	}
}

void awh_trim_ask(struct awh_trim *trim)
{
	if (trim->loop)
		awh_loop_post(trim->loop, &trim->ask);
}

void awh_trim_idle(struct awh_trim *trim)
{
	give_back_end();
	awh_trim_ask(trim);
}
