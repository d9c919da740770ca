/* SPDX-License-Identifier: MIT */
/*
 * decode, dispatch, encode: a review's way through the pool and back, or its run
 * on the loop itself. A review that is late is answered without its handler's
 * decision; it goes on and is freed when its handler has returned.
 */
#ifndef AWH_CONN_PENDING_H
#define AWH_CONN_PENDING_H

#include "conn/conn.h"

enum awh_step awh_pending_review(struct awh_conn *conn);
enum awh_step awh_pending_late(struct awh_conn *conn);

/* The connection waits for its review no more; it is freed when its handler has returned. */
void awh_pending_abandon(struct awh_conn *conn);

/*
 * The loop has ended and the workers have gone: a deferred review is left to the holder of its
 * deferral.
 */
void awh_pending_detach(struct awh_shard *shard);

#endif
