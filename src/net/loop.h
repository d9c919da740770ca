/* SPDX-License-Identifier: MIT */
/*
 * net: event loops, each on a thread of its own, with watches that call when a
 * descriptor is ready or a time is up, and the listening socket. libuv stays in this
 * folder. Nothing here reads or writes a byte of a connection.
 *
 * A loop's functions are for its own thread, except awh_loop_post(), which is for
 * all others.
 */
#ifndef AWH_NET_LOOP_H
#define AWH_NET_LOOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct awh_loop;

/* Work for a loop's thread. Embedded in the poster's struct, and zeroed. */
struct awh_task {
	struct awh_task *next;
	atomic_bool queued;
	void (*run)(struct awh_task *task);
};

struct awh_loop *awh_loop_new(struct awh_error *error);

/*
 * Run the loop on a thread of its own until awh_loop_end(); that thread calls at_end last, unless
 * NULL. 0, ADMWH_E_NOMEM.
 */
int awh_loop_start(struct awh_loop *loop, void (*at_end)(void), struct awh_error *error);

/* Wait for the thread. */
void awh_loop_join(struct awh_loop *loop);

/* Free a loop that never started or was joined; tasks still queued are run first. */
void awh_loop_free(struct awh_loop *loop);

/* Queue a task for the loop's thread; one that is queued already is run once. Any thread. */
void awh_loop_post(struct awh_loop *loop, struct awh_task *task);

/* End once nothing is watched any more. */
void awh_loop_end(struct awh_loop *loop);

/* What a watch reports. */
enum {
	AWH_READABLE = 1,
	AWH_WRITABLE = 2,
	AWH_TIME_UP = 4,
	AWH_NEXT_TURN = 8,
};

struct awh_watch;

typedef void awh_watch_fn(void *userdata, unsigned int happened);

/* Watch a descriptor (*borrowed*), or with fd -1 only the time. NULL when memory runs out. */
struct awh_watch *awh_watch_new(struct awh_loop *loop, int fd, awh_watch_fn *notify,
				void *userdata);

/* What to wait for: AWH_READABLE, AWH_WRITABLE, both or 0. */
void awh_watch_for(struct awh_watch *watch, unsigned int events);

/* Tell AWH_TIME_UP once, in ms milliseconds; negative: never. */
void awh_watch_timer(struct awh_watch *watch, int64_t ms);

/*
 * Tell AWH_NEXT_TURN once, after all others of the loop that are due have had their turn. A timer
 * of no time is no such thing: libuv before 1.48 runs one that is set from a timer at once, and
 * looks at no descriptor as long as there are any.
 */
void awh_watch_turn(struct awh_watch *watch);

/* Stop watching and free. The descriptor may be closed right after. NULL is allowed. */
void awh_watch_free(struct awh_watch *watch);

/* Tell, on the loop's thread, each time this process gets a signal. NULL: error says why. */
struct awh_signal *awh_signal_new(struct awh_loop *loop, int number, void (*notify)(void *userdata),
				  void *userdata, struct awh_error *error);
void awh_signal_free(struct awh_signal *watched);

#endif
