/* SPDX-License-Identifier: MIT */
/*
 * What one caller may have of what all share: places in the queue, bodies in
 * flight, connections. docs/overload.md tells the whole scheme.
 *
 * A connection belongs to a caller from identify on, a review to one while the
 * server has to do with it: its certificate's, or its token's, or else its
 * address's.
 */
#ifndef AWH_SERVER_SHARE_H
#define AWH_SERVER_SHARE_H

#include <stdbool.h>

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

/* Connections wait to be accepted: whoever has more than its share, and the most, gives one. */
void awh_share_press(struct admwh_server *server);

#endif
