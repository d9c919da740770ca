/* SPDX-License-Identifier: MIT */
/*
 * The keeper: a loop on a thread of its own for what has to go on while handlers
 * block every other one. The health door is on it, and whoever looks after the files.
 */
#ifndef AWH_SERVER_KEEPER_H
#define AWH_SERVER_KEEPER_H

#include "server/server.h"

/* Its parts; the health door is bound already, if there is one. 0 or a code, error set. */
int awh_keeper_make(struct admwh_server *server);
int awh_keeper_start(struct admwh_server *server);

/*
 * Whom new callers are judged by: *borrowed* until the keeper's loop goes on; NULL: nothing can be
 * served yet. On its thread.
 */
const struct awh_guard *awh_keeper_guard(const struct admwh_server *server);

/* Have it end: no one is answered any more. Any thread, once. */
void awh_keeper_end(struct admwh_server *server);

/* Wait for its end and free it. A zeroed one is allowed. */
void awh_keeper_free(struct admwh_server *server);

#endif
