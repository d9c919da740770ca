/* SPDX-License-Identifier: MIT */
/*
 * How a running server comes by a new snapshot: who may ask for a look at its
 * files, and how what the reloader made of them reaches the acceptor, every
 * shard, and the connections there are.
 */
#ifndef AWH_SERVER_ROTATE_H
#define AWH_SERVER_ROTATE_H

#include "server/server.h"

/*
 * Take what is on the disk now, if it is good and new; before the server's shards are made. So what
 * has changed since the config was set up, or since this process's elder brother began, is never
 * undone. Returns 0, or a code when it is not good: then nothing has changed.
 */
int awh_rotate_catch_up(struct admwh_server *server, struct awh_error *error);

/* The control thread's part: before its loop runs. 0 or a code, with the server's error set. */
int awh_rotate_make(struct admwh_server *server);
/* On the control thread, or while it does not run. */
void awh_rotate_end(struct admwh_server *server);

/* A shard's part. */
void awh_rotate_init_shard(struct awh_shard *shard);
void awh_rotate_deinit_shard(struct awh_shard *shard);

/* Look at the files of this process soon: any thread. */
void awh_rotate_ask(struct admwh_server *server);

#endif
