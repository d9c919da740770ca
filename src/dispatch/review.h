/* SPDX-License-Identifier: MIT */
/*
 * dispatch: which handler gets a review, on which thread, and what becomes of it.
 *
 * A review is the bytes of a request in, the bytes of its answer out: decode, call,
 * encode. It owns everything it needs, so that it may run on any thread and outlive
 * the connection it came by, and its server.
 *
 * Two sides may end it: the one that decides (the handler's thread, or a
 * deferral's), and the one that waits for the answer (the deadline, the end of the
 * connection). Both compare and swap `state`: the first has settled it.
 */
#ifndef AWH_DISPATCH_REVIEW_H
#define AWH_DISPATCH_REVIEW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/defer.h>
#include <admwh/hooks.h>
#include <admwh/review.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/spares.h"
#include "dispatch/route.h"
#include "identity/identity.h"
#include "identity/tokens.h"
#include "identity/webhook_token.h"
#include "review/decode.h"
#include "review/patch.h"
#include "review/response.h"

/* What became of a review: a metric's label and a log field. */
enum awh_outcome {
	AWH_OUTCOME_NONE,
	AWH_OUTCOME_ALLOWED = ADMWH_DECISION_ALLOWED,
	AWH_OUTCOME_DENIED = ADMWH_DECISION_DENIED,
	AWH_OUTCOME_ERROR = ADMWH_DECISION_ERROR,       /* the handler failed */
	AWH_OUTCOME_DEADLINE = ADMWH_DECISION_DEADLINE, /* it did not decide in time */
	AWH_OUTCOME_WARNED = ADMWH_DECISION_WARNED,     /* denied, but the route only warns */
	AWH_OUTCOME_MALFORMED,                          /* the body is no review */
	AWH_OUTCOME_SHED,      /* no room: in the queue, for its body or values, or of its share */
	AWH_OUTCOME_CONVERTED, /* all objects of a ConversionReview */
	AWH_OUTCOMES,
	/* Its token is for another API group: HTTP 403, no handler, and not counted as a review. */
	AWH_OUTCOME_REFUSED
};

const char *awh_outcome_name(enum awh_outcome outcome);

struct awh_caller;
struct awh_clock;

struct awh_review;

/*
 * A review that is decided later. The program's handle and the server own its review together, each
 * by a reference; the deferral itself belongs to the review.
 *
 * The mutex is held from the decision until done() has returned, so that a server that
 * ends waits for what is being decided, and nothing of it is touched afterwards.
 */
struct admwh_deferral {
	struct awh_review *review;
	pthread_mutex_t mutex; /* guards the next two */
	bool completed;
	bool detached; /* the server has ended */
	bool mutates;
	struct admwh_response response;
	struct admwh_patch patch;
};

struct awh_review {
	const struct admwh_route *route; /* the server's: not used once the server has ended */
	atomic_int references;
	struct awh_buf body;
	struct awh_decode_options decode;
	struct awh_peer *peer;                   /* owned; NULL without one */
	const struct admwh_bearer *bearer;       /* NULL without one; of one of the next two */
	struct awh_tokens *tokens;               /* owned */
	struct awh_webhook_token *webhook_token; /* owned */
	bool observes; /* its token's API group is compared, and nothing is refused */
	bool is_of_other_group;
	struct admwh_http http; /* texts in origin; target NULL: not by HTTP */
	struct awh_arena origin;
	int64_t started_us;            /* by the clock */
	int64_t deadline_us;           /* likewise; 0 for none */
	const struct awh_clock *clock; /* of a test, *borrowed*; NULL: the monotonic one */
	const char *segment_name;      /* of a test, *borrowed*; NULL: the path's */
	const char *segment;           /* with it, decoded */
	struct awh_request request;
	atomic_bool decoded; /* request may be read from other threads */
	atomic_int readers;  /* of what is built of the request: the handler, a deferral */
	size_t n_entered;    /* how many after hooks are due */
	int64_t queued_us;   /* monotonic; when it was queued for a worker; 0: it was not */
	atomic_bool begun;   /* a worker has started it */
	atomic_bool starved; /* it was late before that */
	/* the side that waits for it */
	atomic_int state;                        /* private */
	void (*done)(struct awh_review *review); /* NULL, or called at a deferred one's end */
	void *waiter;
	/* What it counts for, beside its body: decode.take may be called on any thread it runs on.
	 */
	pthread_mutex_t counting;        /* guards the next two */
	struct awh_caller *caller;       /* the waiter's to give back; NULL for none */
	size_t built;                    /* bytes of its index and trees; the waiter's likewise */
	void *budget;                    /* the waiter's */
	size_t announced;                /* bytes of memory for what has not come; the waiter's */
	struct admwh_deferral *deferral; /* NULL unless it was deferred; then: */
	struct admwh_deferral deferred;
	/* the answer */
	enum awh_outcome outcome;
	int status; /* HTTP */
	int code;   /* Status.code of a denial, enforced or not, or failure; 0: there is none */
	struct awh_buf answer;
	struct awh_error error;
	/* what it leaves to the next one, with its buffers and origin */
	struct awh_spare spare;
	struct awh_spares *spares; /* where; owned; NULL: nowhere */
	struct awh_request_memory memory;
};

/* NULL when memory runs out. max_body: bytes; depth, values: of its JSON */
struct awh_review *awh_review_new(const struct admwh_route *route, size_t max_body, size_t depth,
				  size_t values);

/* Spares that awh_review_reuse() takes from; NULL when memory runs out. */
struct awh_spares *awh_review_spares_new(void);
/* The same as awh_review_new(), with what an earlier review has left. Its end goes there too. */
struct awh_review *awh_review_reuse(struct awh_spares *spares, const struct admwh_route *route,
				    size_t max_body, size_t depth, size_t values);

struct awh_review *awh_review_ref(struct awh_review *review);
/* NULL is allowed. */
void awh_review_unref(struct awh_review *review);

/* Where the review came from: texts are copied, peer is referenced. 0 or ADMWH_E_NOMEM. */
int awh_review_set_origin(struct awh_review *review, struct awh_peer *peer, const char *target,
			  const char *address, const char *traceparent);

/*
 * The holder of the token that came with the review: of a set, or of a webhook token, which limits
 * the API groups that the review may be about. The one that it is of is referenced, the other is
 * NULL.
 */
void awh_review_set_bearer(struct awh_review *review, const struct admwh_bearer *bearer,
			   struct awh_tokens *tokens, struct awh_webhook_token *webhook_token);

/* May the request be read, also while a handler runs on another thread? */
static inline bool awh_review_is_decoded(const struct awh_review *review)
{
	return atomic_load_explicit(&review->decoded, memory_order_acquire);
}

/* ms: from when the review was made */
void awh_review_set_deadline(struct awh_review *review, int64_t ms);

/*
 * Decode the body, unless that was done. False: it is no review, status and answer are set; or
 * there is no room for its index, and outcome is AWH_OUTCOME_SHED; or its token is for another API
 * group, and outcome is AWH_OUTCOME_REFUSED.
 */
bool awh_review_decode(struct awh_review *review);

/*
 * Decode the body, call the handler, encode what it decided; status and answer are set. False: the
 * review was deferred, and done() is called, or was already: the caller may only give up its
 * reference.
 */
bool awh_review_run(struct awh_review *review);

/* A reader of the request's object is done with it: the last one frees what was built of it. */
void awh_review_release(struct awh_review *review);

/* The answer is there, or it is given up. False: the other came first. */
bool awh_review_settle(struct awh_review *review);
bool awh_review_abandon(struct awh_review *review);

/*
 * The server ends: done() is not called any more for a review that is still deferred. False: it
 * has been called, or would never be.
 */
bool awh_review_detach(struct awh_review *review);

/* Why a review whose is_of_other_group is set is refused, or would be. */
void awh_review_group_error(const struct awh_review *review, struct awh_error *error);

/* The error of a late review: the handler took too long, or no worker started it. */
void awh_review_late_error(const struct awh_review *review, struct awh_error *error);

/*
 * The answer of a late review, whose handler may still run on another thread. answer is the
 * caller's.
 */
int awh_review_answer_late(struct awh_review *review, struct awh_buf *answer, int *status);

/* A complete metav1.Status for when there is no memory to say more. */
extern const char awh_out_of_memory[];

enum { AWH_ANSWER_MAX = 64 * 1024 * 1024 };

#endif
