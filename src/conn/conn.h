/* SPDX-License-Identifier: MIT */
/*
 * One connection's walk through the stages: handshake, identify, read, decode,
 * dispatch, encode, write, and back to read. The table of stages in conn.c is
 * the whole protocol on one screen; read.c, work.c and write.c hold the stages.
 */
#ifndef AWH_CONN_CONN_H
#define AWH_CONN_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/error.h"
#include "dispatch/review.h"
#include "http/http.h"
#include "auth/admit.h"
#include "conn/endpoint.h"
#include "server/server.h"
#include "conn/stream.h"

enum awh_stage {
	AWH_STAGE_HANDSHAKE,
	AWH_STAGE_IDENTIFY,
	AWH_STAGE_READ_HEAD,
	AWH_STAGE_READ_BODY,
	AWH_STAGE_REVIEW, /* decode, dispatch, encode: on a worker, or here */
	AWH_STAGE_WRITE,
	AWH_STAGE_LINGER,
};

/* What a stage comes to. */
enum awh_step {
	AWH_STEP_GO,   /* on with conn->stage */
	AWH_STEP_WAIT, /* the watch will tell, or a worker */
	AWH_STEP_END,  /* over */
};

struct awh_pending;

struct awh_conn {
	struct awh_shard *shard;
	struct awh_endpoint *endpoint;
	struct awh_conn *previous, *next;
	struct awh_task start;
	struct awh_watch *watch;
	struct awh_stream stream;
	char address[AWH_ADDRESS_TEXT];
	struct awh_snapshot *snapshot; /* it was accepted under; NULL at the health endpoint */
	struct awh_http_parser *parser;
	enum awh_stage stage;
	int64_t due_ms;       /* when the stage's time is up */
	unsigned int turns;   /* reads left in this walk */
	unsigned int answers; /* given in this walk */
	const char *rest;     /* read, not parsed yet: in the shard's scratch, or in kept */
	size_t rest_len;
	struct awh_buf kept;
	int64_t since_ms; /* when it was accepted */
	struct awh_caller
	    *caller;    /* NULL before identify, and at another endpoint than the main one */
	bool certified; /* its certificate lets it in */
	bool allowed;   /* it may take its time: by its certificate, or a token */
	struct awh_error verdict; /* why it is not certified */

	/* the request in progress */
	struct awh_admission admission;
	bool in_head;
	bool is_counted; /* among the requests in flight */
	bool head_only;  /* HEAD: the answer has no body */
	bool close;      /* after the answer */
	int refusal;     /* status to answer with once its body is skipped; 0 for none */
	const char *refusal_text;
	const struct admwh_route *route;
	struct awh_review *review;
	struct awh_pending *pending;
	int64_t waits_since_ms; /* for room for its body; 0: does not */

	struct awh_buf output;
	size_t output_at;
	size_t held; /* bytes of it that count as those of a body */
	enum awh_stage after_write;
};

static inline struct admwh_server *awh_conn_server(const struct awh_conn *conn)
{
	return conn->shard->server;
}

static inline struct awh_gauges *awh_conn_gauges(const struct awh_conn *conn)
{
	return conn->shard->server->events.metrics.gauges;
}

static inline struct awh_origin awh_conn_origin(const struct awh_conn *conn)
{
	return (struct awh_origin){.address = conn->address, .is_stranger = !conn->allowed};
}

/*
 * Whoever has not proved itself has less time, and loses its place first; also where callers are
 * observed alone.
 */
static inline bool awh_conn_is_stranger(const struct awh_conn *conn)
{
	if (awh_conn_server(conn)->config->observe)
		return !conn->certified || conn->endpoint->is_open;
	return !conn->allowed || conn->endpoint->is_open;
}

/* *steals* fd, also on failure. The connection goes to the shard; false when memory ran out. */
bool awh_conn_open(struct awh_endpoint *endpoint, struct awh_shard *shard, int fd,
		   const struct sockaddr_storage *address);

/* The request in progress is answered, or will not be. */
void awh_conn_request_over(struct awh_conn *conn);

/* The server stops: idle connections end, others after their answer. On the shard's thread. */
void awh_conns_retire(struct awh_shard *shard);

/*
 * End the connections of strangers that have taken their time, and an idle one of the caller that
 * has the most. On the shard's thread. */
void awh_conns_evict(struct awh_shard *shard);

/*
 * The shard has another snapshot: whom it does not let in is no longer served. On the shard's
 * thread.
 */
void awh_conns_judge_again(struct awh_shard *shard);

/* End every connection at once. On the shard's thread. */
void awh_conns_cut(struct awh_shard *shard);

/* For the stages: go on to one that may take so long, wait, or end. */
enum awh_step awh_conn_enter(struct awh_conn *conn, enum awh_stage stage, int64_t ms);
enum awh_step awh_conn_enter_limited(struct awh_conn *conn, enum awh_stage stage,
				     enum admwh_limit limit);
enum awh_step awh_conn_wait(struct awh_conn *conn, int wanted);
void awh_conn_set_due(struct awh_conn *conn, int64_t ms);
/* Set the timer to what is left of the stage's time, after it was used for something else. */
void awh_conn_rearm(struct awh_conn *conn);

/* Walk on after something outside has happened. */
void awh_conn_walk(struct awh_conn *conn);

/* read.c */
enum awh_step awh_conn_enter_read(struct awh_conn *conn);
enum awh_step awh_read_head(struct awh_conn *conn);
enum awh_step awh_read_head_late(struct awh_conn *conn);
enum awh_step awh_read_body(struct awh_conn *conn);
enum awh_step awh_read_body_late(struct awh_conn *conn);
/* Bytes that were read but not parsed are kept while the connection waits. */
bool awh_read_keep_rest(struct awh_conn *conn);

/* work.c */
enum awh_step awh_work(struct awh_conn *conn);
enum awh_step awh_work_late(struct awh_conn *conn);
/* Whoever waits for the review waits no more; it is freed when its handler has returned. */
void awh_work_abandon(struct awh_conn *conn);
/*
 * The loop has ended and the workers are gone: leave the reviews that are deferred still to whoever
 * has deferred them.
 */
void awh_work_detach(struct awh_shard *shard);
/* Free a review and what its body counts for. NULL is allowed. */
void awh_work_drop(struct awh_shard *shard, struct awh_review *review);

/* write.c */
enum awh_step awh_write(struct awh_conn *conn);
enum awh_step awh_linger(struct awh_conn *conn);
/* Say what is in conn->output, then go on with a stage. */
enum awh_step awh_write_enter(struct awh_conn *conn, enum awh_stage after);
/* Answer a request; body is copied. */
enum awh_step awh_answer(struct awh_conn *conn, struct awh_http_reply *reply, const char *body,
			 size_t len);
/* With a metav1.Status, whose message kube-apiserver shows. */
enum awh_step awh_answer_status(struct awh_conn *conn, int status, const char *message);
enum awh_step awh_answer_and_close(struct awh_conn *conn, int status, const char *message);
enum awh_step awh_answer_review(struct awh_conn *conn);
/* The last byte is out: read and throw away what still comes, for a while, then end. */
enum awh_step awh_linger_enter(struct awh_conn *conn, int64_t ms);

enum {
	AWH_TURNS = 16,             /* reads of one walk, so that others of the loop have theirs */
	AWH_LINGER_MS = 2000,       /* how long a closed connection's leftovers are read */
	AWH_LAST_REQUEST_MS = 1000, /* how long a request may still come once the server stops */
	AWH_OUTPUT_MAX = AWH_ANSWER_MAX + 4096,
};

#endif
