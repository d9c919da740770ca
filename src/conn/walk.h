/* SPDX-License-Identifier: MIT */
/*
 * A connection's birth, its walk through the stages (handshake, identify, read,
 * decode, dispatch, encode, write, and back to read), and its end. The table of
 * stages in walk.c is the whole protocol on one screen.
 */
#ifndef AWH_CONN_WALK_H
#define AWH_CONN_WALK_H

#include <sys/socket.h>

#include "conn/conn.h"

/* *steals* fd, also on failure. The connection goes to the shard; false when memory ran out. */
bool awh_conn_open(struct awh_endpoint *endpoint, struct awh_shard *shard, int fd,
		   const struct sockaddr_storage *address);

/* Follow a step that is known, on to where the connection waits or ends. On the shard's thread. */
void awh_conn_follow(struct awh_conn *conn, enum awh_step step);

/* End and free it. On the shard's thread, while no stage of the connection is on the stack. */
void awh_conn_end(struct awh_conn *conn);

#endif
