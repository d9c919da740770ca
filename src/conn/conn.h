/* SPDX-License-Identifier: MIT */
/*
 * conn: one connection's walk from accept to write. Knows no server and no page.
 *
 * This header is the connection, and the small verbs that its stages share. The
 * stages are in handshake.c, read.c, pending.c and write.c; the table that walks a
 * connection through them is in walk.c.
 */
#ifndef AWH_CONN_CONN_H
#define AWH_CONN_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/admit.h"
#include "base/buf.h"
#include "base/error.h"
#include "conn/endpoint.h"
#include "conn/shared.h"
#include "conn/stream.h"
#include "dispatch/review.h"
#include "http/http.h"

enum awh_stage {
	AWH_STAGE_HANDSHAKE,
	AWH_STAGE_IDENTIFY,
	AWH_STAGE_NEXT_REQUEST, /* between two requests */
	AWH_STAGE_READ_HEAD,
	AWH_STAGE_READ_BODY,
	AWH_STAGE_REVIEW, /* decode, dispatch, encode: on a worker, or here */
	AWH_STAGE_WRITE,
	AWH_STAGE_LINGER,
};

/* What a stage returns. */
enum awh_step {
	AWH_STEP_GO,   /* on with conn->stage */
	AWH_STEP_WAIT, /* the watch will tell, or a worker */
	AWH_STEP_END,  /* over */
};

/* Bytes of why a head is refused, with what the client sent, and a NUL. */
enum { AWH_REFUSAL_TEXT = 192 };

/* The request in progress. A zeroed one is none. */
struct awh_exchange {
	struct awh_admission admission;
	uint64_t generation; /* of the auth snapshot that its head was admitted by */
	bool in_head;        /* a byte of its head has come */
	bool is_counted;     /* among the requests in flight */
	bool head_only;      /* HEAD: the answer has no body */
	bool close;          /* after the answer */
	int refusal;         /* status to answer with once its body is skipped; 0 for none */
	char refusal_text[AWH_REFUSAL_TEXT];
	const struct admwh_route *route;
	struct awh_review *review;   /* owned, while it is not pending */
	struct awh_pending *pending; /* the review is with a worker, or deferred */
	int64_t waits_since_ms;      /* for room for its body; 0: does not */
};

struct awh_conn {
	struct awh_shard *shard;
	struct awh_endpoint *endpoint;
	struct awh_conn *previous, *next;
	struct awh_task start;
	void (*go_on)(struct awh_conn *conn); /* walk on after something outside has happened */
	struct awh_watch *watch;
	struct awh_stream stream;
	char address[AWH_ADDRESS_TEXT];
	struct awh_snapshot *snapshot; /* it was accepted under; NULL at the health endpoint */
	struct awh_http_parser *parser;
	enum awh_stage stage;
	bool in_stage;        /* a stage of it is on the stack: it must not be freed */
	int64_t due_ms;       /* when the stage's time is up */
	unsigned int turns;   /* reads left in this walk */
	unsigned int answers; /* given in this walk */
	const char *rest;     /* read, not parsed yet: in the shard's scratch, or in kept */
	size_t rest_len;
	bool has_asked; /* at the conversion endpoint: for what is served there */
	bool emptied;   /* the last read has had all there was: only a poll tells of more */
	struct awh_buf kept;
	size_t received;  /* bytes ahead of the request in progress that count as those of a body */
	int64_t since_ms; /* when it was accepted */
	struct awh_caller *caller; /* NULL before identify, and at the health endpoint */
	bool has_ca;               /* it is counted as a connection of its CA */
	size_t ca_place;           /* there */
	struct awh_standing standing;
	struct awh_exchange exchange;

	/* the answer on its way */
	struct awh_buf output;
	size_t output_at;
	size_t held; /* bytes of it that count as those of a body */
	enum awh_stage after_write;
};

enum {
	AWH_TURNS = 16,             /* reads of one walk, so that others of the loop have theirs */
	AWH_LINGER_MS = 2000,       /* how long a closed connection's leftovers are read */
	AWH_LAST_REQUEST_MS = 1000, /* how long a request may still come once the server stops */
	AWH_OUTPUT_MAX = AWH_ANSWER_MAX + 4096,
};

static inline struct awh_shared *awh_conn_shared(const struct awh_conn *conn)
{
	return conn->shard->shared;
}

static inline const struct admwh_config *awh_conn_config(const struct awh_conn *conn)
{
	return conn->shard->shared->config;
}

static inline struct awh_events *awh_conn_events(const struct awh_conn *conn)
{
	return conn->shard->shared->events;
}

static inline struct awh_gauges *awh_conn_gauges(const struct awh_conn *conn)
{
	return awh_shared_gauges(conn->shard->shared);
}

static inline struct awh_peer *awh_conn_peer(const struct awh_conn *conn)
{
	return awh_stream_peer(&conn->stream);
}

static inline struct awh_admit_facts awh_conn_admit_facts(const struct awh_conn *conn)
{
	return (struct awh_admit_facts){
	    .config = awh_conn_config(conn),
	    .snapshot = conn->shard->snapshot,
	    .peer = awh_conn_peer(conn),
	};
}

static inline struct awh_origin awh_conn_origin(const struct awh_conn *conn)
{
	return (struct awh_origin){
	    .address = conn->address,
	    .is_unauthenticated = conn->endpoint->is_open || !conn->standing.allowed,
	};
}

/*
 * An unauthenticated client has less time, and loses its place first; also where callers are only
 * observed.
 */
bool awh_conn_is_unauthenticated(const struct awh_conn *conn);

/* Does it wait between two requests? */
bool awh_conn_is_idle(const struct awh_conn *conn);

/* For the stages: go on to one that may take so long, or to one at once; wait. */
enum awh_step awh_conn_enter(struct awh_conn *conn, enum awh_stage stage, int64_t ms);
enum awh_step awh_conn_enter_limited(struct awh_conn *conn, enum awh_stage stage,
				     enum admwh_limit limit);
enum awh_step awh_conn_enter_now(struct awh_conn *conn, enum awh_stage stage);
enum awh_step awh_conn_wait(struct awh_conn *conn, int wanted);
void awh_conn_set_due(struct awh_conn *conn, int64_t ms);
/* Set the timer to what is left of the stage's time, after it was used for something else. */
void awh_conn_rearm(struct awh_conn *conn);

/* The request in progress is answered, or will not be. */
void awh_conn_request_over(struct awh_conn *conn);
/* Count a limit that has ended something; those of the health endpoint are not counted. */
void awh_conn_tell_limit(const struct awh_conn *conn, enum admwh_limit limit);
/* Its answer counts as body bytes no more. */
void awh_conn_release_answer(struct awh_conn *conn);
/* Likewise what was received ahead of its request. */
void awh_conn_hold_received(struct awh_conn *conn);
void awh_conn_release_received(struct awh_conn *conn);
/* Free its review, if it has one. */
void awh_conn_drop_review(struct awh_conn *conn);

/* The last byte is out: read and throw away what still comes, for a while, then end. */
enum awh_step awh_conn_linger(struct awh_conn *conn, int64_t ms);

#endif
