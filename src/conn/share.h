/* SPDX-License-Identifier: MIT */
/*
 * What one caller may have of what all share: places in the queue, bodies in
 * flight, connections. The scheme as a whole is in docs/operations.md, Overload.
 *
 * A connection belongs to a caller from identify on, a review to one while the
 * server holds it: its certificate's, or its token's, or else its address's.
 * All functions may be called from any thread.
 */
#ifndef AWH_CONN_SHARE_H
#define AWH_CONN_SHARE_H

#include <stdbool.h>
#include <stddef.h>

#include "conn/shared.h"
#include "dispatch/review.h"
#include "identity/identity.h"

/*
 * The caller that a connection belongs to, by its certificate when it is allowed, else by its
 * address. NULL: memory ran out.
 */
struct awh_caller *awh_share_join(struct awh_shared *shared, const struct awh_peer *peer,
				  bool certified, const char *address);
/* The connection has ended. NULL is allowed. */
void awh_share_leave(struct awh_shared *shared, struct awh_caller *caller);

/*
 * A review begins, its caller is set: the bearer of its token when there is one, else that of its
 * connection. False: memory ran out. From here on its index and trees count beside its body, until
 * awh_share_end(). One that finds no room is refused with review->status: 413 where it would never
 * fit, 429 or 503. A caller's only large review may use all there is.
 */
bool awh_share_begin(struct awh_shared *shared, struct awh_review *review,
		     struct awh_caller *caller, const struct admwh_bearer *bearer);

/* Free a review with all that it counts for. NULL is allowed. */
void awh_share_end(struct awh_shared *shared, struct awh_review *review);

/* So many bytes of its body have come. */
void awh_share_add_body(struct awh_shared *shared, struct awh_review *review, size_t len);

/*
 * How much memory a body that is announced may take before it has come: at most a sixty-fourth of
 * the budget of all bodies in flight, and what is left of it and of its caller's share. 0 where
 * bodies that have not come have an eighth of the budget already: a client can announce much on
 * many connections and send nothing. It counts as a body as its bytes come.
 */
size_t awh_share_announce(struct awh_shared *shared, struct awh_review *review, uint64_t size);

/* All bodies in flight share a budget: has it been spent? */
bool awh_share_is_full(const struct awh_shared *shared);
/* Do other bodies of this review's caller use up its share? A single body may use all there is. */
bool awh_share_is_used_up(const struct awh_shared *shared, const struct awh_review *review);

/*
 * Nothing waits for a review any more, but its handler or deferral goes on: until that is over, it
 * takes a place as one in the queue does. Otherwise a caller that disconnects early, again and
 * again, could have any number of reviews deferred.
 */
void awh_share_abandon(struct awh_shared *shared, struct awh_review *review);
void awh_share_abandoned_over(struct awh_shared *shared, struct awh_review *review);

/* Room for one more review? 0; as a full queue: ADMWH_E_LIMIT for the caller, ADMWH_E_OVERLOAD. */
int awh_share_check(const struct awh_shared *shared, const struct awh_review *review);

/*
 * Bytes that a connection keeps count as those of a body: a large answer, until it is written, and
 * what was received ahead of a request that still waits for its answer. A caller that reads
 * nothing could have any number of both kept for it. caller: NULL is allowed
 */
void awh_share_hold(struct awh_shared *shared, struct awh_caller *caller, size_t size);
void awh_share_release(struct awh_shared *shared, struct awh_caller *caller, size_t size);

/* Connections wait to be accepted: the caller that has most, above its share, gives one up. */
void awh_share_press(struct awh_shared *shared);

#endif
