/* SPDX-License-Identifier: MIT */
/*
 * One connection's walk through the stages: handshake, identify, read, decode,
 * dispatch, encode, write, and back to read. The table of stages in conn.c is
 * the whole protocol on one screen.
 */
#ifndef AWH_SERVER_CONN_H
#define AWH_SERVER_CONN_H

#include <sys/socket.h>

#include "server/server.h"

/* *steals* fd, also on failure. The connection goes to the shard; false when memory ran out. */
bool awh_conn_open(struct awh_shard *shard, int fd, const struct sockaddr_storage *address);

/* The server stops: idle connections end, others after their answer. On the shard's thread. */
void awh_conns_retire(struct awh_shard *shard);

/* End every connection at once. On the shard's thread. */
void awh_conns_cut(struct awh_shard *shard);

#endif
