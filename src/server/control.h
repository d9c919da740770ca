/* SPDX-License-Identifier: MIT */
/*
 * The control thread: a loop on a thread of its own for what has to go on while handlers
 * block every other one. The health endpoint is on it, and whoever looks after the files.
 */
#ifndef AWH_SERVER_CONTROL_H
#define AWH_SERVER_CONTROL_H

#include "server/server.h"

/* Its parts; the health endpoint is bound already, if there is one. 0 or a code, error set. */
int awh_control_make(struct admwh_server *server);
int awh_control_start(struct admwh_server *server);

/*
 * Whom new callers are judged by: *borrowed* until the control thread's loop goes on; NULL: nothing
 * can be served yet. On its thread.
 */
const struct awh_snapshot *awh_control_snapshot(const struct admwh_server *server);

/* Have it end: no one is answered any more. Any thread, once. */
void awh_control_end(struct admwh_server *server);

/* Wait for its end and free it. A zeroed one is allowed. */
void awh_control_free(struct admwh_server *server);

#endif
