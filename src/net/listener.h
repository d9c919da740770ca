/* SPDX-License-Identifier: MIT */
/*
 * accept: the listening socket. It passes each connection on, stops on request,
 * and backs off while the process has no descriptor left.
 */
#ifndef AWH_NET_LISTENER_H
#define AWH_NET_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/address.h"
#include "net/loop.h"

struct awh_listener;

/*
 * One connection: fd is *stolen*, non-blocking and close-on-exec. Returns whether there is room
 * for another; after false awh_listener_resume() is needed.
 */
typedef bool awh_accepted_fn(void *userdata, int fd, const struct sockaddr_storage *address);

/* Accepting has failed (an errno value: no descriptor, no memory) and is tried again in a while. */
typedef void awh_accept_failed_fn(void *userdata, int err);

/* Bind and listen; connections wait until awh_listener_start(). NULL: error says why. */
struct awh_listener *awh_listener_new(const struct sockaddr_storage *address,
				      struct awh_error *error);

/* Accept on this loop. On the loop's thread, or before it runs. 0 or ADMWH_E_NOMEM. */
int awh_listener_start(struct awh_listener *listener, struct awh_loop *loop,
		       awh_accepted_fn *accepted, awh_accept_failed_fn *failed, void *userdata);

/*
 * Should this listener accept the next connection? If not, the connection is left for a moment to
 * other processes that listen on the same socket, then accepted all the same.
 */
typedef bool awh_turn_fn(void *userdata);

/* Ask before each connection. Before awh_listener_start(). */
void awh_listener_set_turn(struct awh_listener *listener, awh_turn_fn *turn);

/* Accept again. On the loop's thread. */
void awh_listener_resume(struct awh_listener *listener);

/* Accept the connections that wait, for the last time. On the loop's thread. */
void awh_listener_finish(struct awh_listener *listener);

/* On the loop's thread, or while it does not run. NULL is allowed. */
void awh_listener_free(struct awh_listener *listener);

uint16_t awh_listener_port(const struct awh_listener *listener);

#endif
