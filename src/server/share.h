/* SPDX-License-Identifier: MIT */
/*
 * What one caller may have of what all share: places in the queue, bodies in
 * flight, connections. docs/operations.md, Overload, has the whole scheme.
 *
 * A connection belongs to a caller from identify on, a review to one while the
 * server has to do with it: its certificate's, or its token's, or else its
 * address's.
 */
#ifndef AWH_SERVER_SHARE_H
#define AWH_SERVER_SHARE_H

#include <stdbool.h>
#include <stddef.h>

struct admwh_server;
struct awh_conn;
struct awh_review;

/* The connection's caller is known now. False when memory runs out. */
bool awh_share_join(struct awh_conn *conn);
void awh_share_leave(struct awh_conn *conn);

/* Whose conn->review is; conn->admission tells. False when memory runs out. */
bool awh_share_begin(struct awh_conn *conn);
void awh_share_end(struct admwh_server *server, struct awh_review *review);

/* Have other bodies of this review's caller used up its share? A lone one may have all there is. */
bool awh_share_is_used_up(const struct awh_conn *conn);

/*
 * Is there room for what the values of a review that is decoded become? Then they count, beside its
 * body, until awh_share_end(). False, with review->status and error: 413 for one that would never
 * fit, 429 or 503. A caller's only such review may have all there is. From any thread.
 */
bool awh_share_build(struct admwh_server *server, struct awh_review *review);

/*
 * Nobody waits for a review any more, but its handler or deferral goes on: until that is over, it
 * takes a place as one in the queue does. Otherwise a caller that asks and goes away, again and
 * again, could have any number of reviews deferred.
 */
void awh_share_abandon(struct admwh_server *server, struct awh_review *review);
void awh_share_abandoned_over(struct admwh_server *server, struct awh_review *review);

/* 0; ADMWH_E_LIMIT, ADMWH_E_OVERLOAD: as a queue that is full of such, for the caller or for all.
 */
int awh_share_check(const struct awh_conn *conn);

/*
 * A large answer on its way counts as a body does, until it is written or its connection ends: a
 * caller that reads none would have any number of them kept for it.
 */
void awh_share_hold_answer(struct awh_conn *conn, size_t size);
void awh_share_let_answer_go(struct awh_conn *conn);

/* Connections wait to be accepted: whoever has more than its share, and the most, gives one. */
void awh_share_press(struct admwh_server *server);

#endif
