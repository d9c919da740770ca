/* SPDX-License-Identifier: MIT */
/*
 * read: a request's head, a refusal that the head alone gives reason to, its
 * body.
 *
 * Bytes come off the TLS session into the shard's scratch buffer and are parsed
 * where they are; those left when the connection has to wait are kept.
 */
#ifndef AWH_CONN_READ_H
#define AWH_CONN_READ_H

#include "conn/conn.h"

enum awh_step awh_read_begin(struct awh_conn *conn);
enum awh_step awh_read_head(struct awh_conn *conn);
enum awh_step awh_read_head_late(struct awh_conn *conn);
enum awh_step awh_read_body(struct awh_conn *conn);
enum awh_step awh_read_body_late(struct awh_conn *conn);

/* Bytes that were read but not parsed are kept while the connection waits. False: no memory. */
bool awh_read_keep_rest(struct awh_conn *conn);

#endif
