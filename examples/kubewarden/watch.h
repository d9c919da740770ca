/* SPDX-License-Identifier: MIT */
/*
 * The watch over running evaluations: a thread that answers for those whose
 * time has passed, while they may still run. Whoever comes first, the policy or
 * the watch, answers; the other learns that it was too late.
 */
#ifndef KW_WATCH_H
#define KW_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct kw_watch;

/* One evaluation, for as long as it is watched. Lives with whoever evaluates. */
struct kw_run {
	int64_t until_ms;                 /* on kw_now_ms()'s clock */
	void (*expired)(struct kw_run *); /* called once, by the watch, if it comes first */
	void *userdata;

	atomic_bool stop; /* set when it has expired: policies that look at it give up */
	struct kw_run *next, **link;
};

/* New, free with kw_watch_free() when nothing is watched any more; NULL when it cannot start. */
struct kw_watch *kw_watch_new(void);
void kw_watch_free(struct kw_watch *watch);

void kw_watch_add(struct kw_watch *watch, struct kw_run *run);

/* End the watch. True: it is yours to answer. False: the watch has answered, and is done with it.
 */
bool kw_watch_remove(struct kw_watch *watch, struct kw_run *run);

#endif
