/* SPDX-License-Identifier: MIT */
#include "server/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "dispatch/review.h"
#include "http/http.h"
#include "review/response.h"
#include "server/events.h"

enum {
	TURNS = 16,              /* reads of one walk, so that others of the loop have theirs */
	LINGER_MS = 2000,        /* how long a closed connection's leftovers are read */
	FIRST_REQUEST_MS = 1000, /* for a connection that has just come when the server stops */
	BODY_RETRY_MS = 20,      /* how often a body looks for room */
	RETRY_AFTER_S = 1,
	OUTPUT_MAX = AWH_ANSWER_MAX + 4096,
	KEPT_OUTPUT = 4096, /* an idle connection keeps no larger buffer */
};

enum stage {
	STAGE_HANDSHAKE,
	STAGE_IDENTIFY,
	STAGE_READ_HEAD,
	STAGE_READ_BODY,
	STAGE_REVIEW, /* decode, dispatch, encode: on a worker, or here */
	STAGE_WRITE,
	STAGE_LINGER,
};

enum step {
	STEP_GO,   /* on with conn->stage */
	STEP_WAIT, /* the watch will tell */
	STEP_END,  /* over */
};

/* A review on its way through the pool. Outlives its connection if need be. */
struct pending {
	struct awh_job job;
	struct awh_task done;
	struct awh_shard *shard;
	struct awh_conn *conn; /* NULL: nobody waits for it; the shard's thread only */
	struct awh_review *review;
};

struct awh_conn {
	struct awh_shard *shard;
	struct awh_conn *previous, *next;
	struct awh_task start;
	struct awh_watch *watch;
	int fd;
	char address[AWH_ADDRESS_TEXT];
	struct awh_tls_session *tls;
	struct awh_http_parser *parser;
	enum stage stage;
	int64_t due_ms;       /* when the stage's time is up */
	unsigned int turns;   /* reads left in this walk */
	struct awh_buf input; /* read, not parsed yet */
	size_t input_at;
	bool allowed;             /* identify's verdict */
	struct awh_error verdict; /* why not */
	bool served;              /* has had a request */

	/* the request in progress */
	bool in_head;
	bool head_only; /* HEAD: the answer has no body */
	bool close;     /* after the answer */
	int refusal;    /* status to answer with once its body is skipped; 0 for none */
	const char *refusal_text;
	const struct admwh_route *route;
	struct awh_review *review;
	struct pending *pending;
	int64_t waits_since_ms; /* for room for its body; 0: does not */
	size_t body_counted;

	struct awh_buf output;
	size_t output_at;
	enum stage after_write;
};

static struct admwh_server *server_of(const struct awh_conn *conn)
{
	return conn->shard->server;
}

/* Time, and the stages' limits */

static void set_due(struct awh_conn *conn, int64_t ms)
{
	conn->due_ms = awh_clock_ms() + ms;
	awh_watch_timer(conn->watch, ms);
}

static enum step enter(struct awh_conn *conn, enum stage stage, int64_t ms)
{
	conn->stage = stage;
	set_due(conn, ms);
	return STEP_GO;
}

static enum step enter_limited(struct awh_conn *conn, enum stage stage, enum admwh_limit limit)
{
	return enter(conn, stage, (int64_t)awh_server_limit(server_of(conn), limit));
}

static enum step wait_for(struct awh_conn *conn, int wanted)
{
	awh_watch_for(conn->watch, wanted == AWH_TLS_WANT_WRITE ? AWH_WRITABLE : AWH_READABLE);
	return STEP_WAIT;
}

/* A new request: a caller that has proved itself may take its time, a stranger may not. */
static enum step enter_read(struct awh_conn *conn)
{
	conn->in_head = conn->head_only = conn->close = false;
	conn->refusal = 0;
	conn->route = NULL;
	return enter_limited(conn, STAGE_READ_HEAD,
			     conn->allowed ? ADMWH_LIMIT_IDLE_TIME : ADMWH_LIMIT_HEADER_TIME);
}

/* Reviews and the memory they are counted with */

static void uncount_body(struct awh_shard *shard, const struct awh_review *review)
{
	atomic_fetch_sub(&shard->server->bodies, review->body.len);
}

static void drop_review(struct awh_shard *shard, struct awh_review *review)
{
	if (!review)
		return;
	uncount_body(shard, review);
	awh_review_free(review);
}

static void free_pending(struct pending *pending)
{
	drop_review(pending->shard, pending->review);
	free(pending);
}

/* Whoever waits for the review waits no more; it is freed when its handler has returned. */
static void abandon(struct awh_conn *conn)
{
	if (conn->pending)
		conn->pending->conn = NULL;
	conn->pending = NULL;
}

static bool is_exempt(const struct awh_conn *conn, const char *path)
{
	return awh_text_list_has(&server_of(conn)->config->exempt, path);
}

static bool is_idle(const struct awh_conn *conn)
{
	return conn->stage == STAGE_READ_HEAD && !conn->in_head && conn->input.len == 0;
}

static void conn_free(struct awh_conn *conn)
{
	struct awh_shard *shard = conn->shard;
	struct admwh_server *server = shard->server;

	if (conn->previous)
		conn->previous->next = conn->next;
	else
		shard->conns = conn->next;
	if (conn->next)
		conn->next->previous = conn->previous;
	shard->n_conns--;
	if (conn->stage == STAGE_HANDSHAKE)
		atomic_fetch_sub(&server->n_handshakes, 1);
	atomic_fetch_sub(&server->n_conns, 1);
	abandon(conn);
	drop_review(shard, conn->review);
	awh_watch_free(conn->watch);
	awh_tls_session_free(conn->tls);
	awh_http_parser_free(conn->parser);
	awh_buf_deinit(&conn->input);
	awh_buf_deinit(&conn->output);
	close(conn->fd);
	free(conn);
	awh_server_made_room(server);
	awh_shard_check_end(shard);
}

/* write: the answer */

static enum step enter_write(struct awh_conn *conn, enum stage after)
{
	conn->after_write = after;
	conn->output_at = 0;
	return enter_limited(conn, STAGE_WRITE, ADMWH_LIMIT_WRITE_TIME);
}

static enum step answer(struct awh_conn *conn, struct awh_http_reply *reply, const char *body,
			size_t len)
{
	if (atomic_load(&server_of(conn)->stopping))
		conn->close = true;
	reply->close = conn->close;
	reply->body_len = len;
	awh_buf_reset(&conn->output);
	awh_http_put_head(&conn->output, reply);
	if (!conn->head_only)
		awh_buf_put(&conn->output, body, len);
	if (conn->output.failed)
		return STEP_END;
	conn->served = true;
	return enter_write(conn, conn->close ? STAGE_LINGER : STAGE_READ_HEAD);
}

/* An answer that is no review: a metav1.Status, whose message kube-apiserver shows. */
static enum step answer_status(struct awh_conn *conn, int status, const char *message)
{
	struct awh_http_reply reply = {.status = status};
	struct awh_buf body;
	enum step step;

	awh_log_refusal(&server_of(conn)->log, conn->address, awh_tls_peer(conn->tls), status,
			status == 401 ? conn->verdict.text : message);
	if (status == 405 && conn->route)
		reply.allow = awh_route_allow(conn->route);
	if (status == 503)
		reply.retry_after = RETRY_AFTER_S;
	awh_buf_init(&body, OUTPUT_MAX);
	awh_failure_encode(&body, ADMWH_REVIEW_V1, NULL, status, message);
	if (body.failed)
		step = answer(conn, &reply, awh_out_of_memory, strlen(awh_out_of_memory));
	else
		step = answer(conn, &reply, body.data, body.len);
	awh_buf_deinit(&body);
	return step;
}

static enum step answer_and_close(struct awh_conn *conn, int status, const char *message)
{
	conn->close = true;
	return answer_status(conn, status, message);
}

static enum step answer_review(struct awh_conn *conn)
{
	struct awh_review *review = conn->review;
	struct awh_http_reply reply = {.status = review->status};

	awh_log_review(&server_of(conn)->log, conn->address, review, review->outcome);
	if (review->answer.failed)
		return answer(conn, &reply, awh_out_of_memory, strlen(awh_out_of_memory));
	return answer(conn, &reply, review->answer.data, review->answer.len);
}

static enum step answer_health(struct awh_conn *conn)
{
	static const char ok[] = "ok\n", stopping[] = "stopping\n";
	struct awh_http_reply reply = {.status = 200, .content_type = "text/plain; charset=utf-8"};

	if (!atomic_load(&server_of(conn)->stopping))
		return answer(conn, &reply, ok, strlen(ok));
	reply.status = 503;
	return answer(conn, &reply, stopping, strlen(stopping));
}

static enum step write_answer(struct awh_conn *conn)
{
	while (conn->output_at < conn->output.len) {
		size_t put;
		int got = awh_tls_write(conn->tls, conn->output.data + conn->output_at,
					conn->output.len - conn->output_at, &put);

		if (got < 0)
			return STEP_END;
		if (got > 0)
			return wait_for(conn, got);
		conn->output_at += put;
	}
	if (conn->output.capacity > KEPT_OUTPUT)
		awh_buf_deinit(&conn->output);
	if (conn->after_write == STAGE_READ_BODY)
		return enter_limited(conn, STAGE_READ_BODY, ADMWH_LIMIT_BODY_TIME);
	drop_review(conn->shard, conn->review);
	conn->review = NULL;
	if (conn->after_write == STAGE_READ_HEAD)
		return enter_read(conn);
	awh_tls_close(conn->tls);
	shutdown(conn->fd, SHUT_WR);
	return enter(conn, STAGE_LINGER, LINGER_MS);
}

/*
 * Closing a socket with unread bytes resets it, and the reset can overtake the answer: what the
 * client still sends is read and thrown away for a while.
 */
static enum step linger(struct awh_conn *conn)
{
	for (int i = 0; i < TURNS; i++) {
		ssize_t got = recv(conn->fd, conn->shard->scratch, AWH_SCRATCH, MSG_DONTWAIT);

		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return STEP_END;
		if (got < 0)
			break;
	}
	return wait_for(conn, AWH_TLS_WANT_READ);
}

static enum step end_orderly(struct awh_conn *conn)
{
	awh_tls_close(conn->tls);
	return STEP_END;
}

/* handshake, identify */

static void log_handshake(const struct awh_conn *conn, const struct awh_error *error)
{
	awh_log_handshake(&server_of(conn)->log, conn->address, awh_tls_peer(conn->tls), error);
}

static enum step handshake(struct awh_conn *conn)
{
	struct awh_error error = {0};
	int got = awh_tls_handshake(conn->tls, &error);

	if (got > 0)
		return wait_for(conn, got);
	if (got < 0) {
		log_handshake(conn, &error);
		return STEP_END;
	}
	atomic_fetch_sub(&server_of(conn)->n_handshakes, 1);
	conn->stage = STAGE_IDENTIFY;
	awh_server_made_room(server_of(conn));
	return STEP_GO;
}

/* In handshake mode the judge has spoken already; per request the verdict is kept for later. */
static enum step identify(struct awh_conn *conn)
{
	const struct admwh_server *server = server_of(conn);
	const struct admwh_config *config = server->config;

	if (config->insecure || config->auth == ADMWH_AUTH_HANDSHAKE)
		conn->allowed = true;
	else
		conn->allowed = awh_identify(awh_tls_peer(conn->tls), server->rules,
					     config->n_bundles, &conn->verdict) == 0;
	return enter_read(conn);
}

/* read */

/* Bytes to parse: what is left from before, else new ones. */
static enum step fetch(struct awh_conn *conn, const char **data, size_t *len)
{
	size_t got;
	int result;

	if (conn->input.len > 0) {
		*data = conn->input.data + conn->input_at;
		*len = conn->input.len - conn->input_at;
		return STEP_GO;
	}
	if (conn->turns == 0 && awh_tls_pending(conn->tls) == 0)
		return wait_for(conn, AWH_TLS_WANT_READ);
	if (conn->turns > 0)
		conn->turns--;
	result = awh_tls_read(conn->tls, conn->shard->scratch, AWH_SCRATCH, &got);
	if (result > 0)
		return wait_for(conn, result);
	if (result < 0)
		return STEP_END;
	if (got == 0)
		return end_orderly(conn);
	*data = conn->shard->scratch;
	*len = got;
	return STEP_GO;
}

/* Keep what the parser did not take of fetched bytes. */
static bool keep_rest(struct awh_conn *conn, const char *data, size_t len, size_t taken)
{
	if (conn->input.len > 0) {
		conn->input_at += taken;
		if (conn->input_at == conn->input.len) {
			awh_buf_deinit(&conn->input);
			conn->input_at = 0;
		}
		return true;
	}
	awh_buf_put(&conn->input, data + taken, len - taken);
	return !conn->input.failed;
}

static int64_t deadline_us(const struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct admwh_server *server = server_of(conn);
	int64_t configured = (int64_t)awh_server_limit(server, ADMWH_LIMIT_DEADLINE);
	int64_t margin = (int64_t)awh_server_limit(server, ADMWH_LIMIT_DEADLINE_MARGIN);
	int64_t ms;

	if (!head->timeout || !awh_http_parse_timeout(head->timeout, &ms))
		ms = configured;
	else if (ms > 2 * margin)
		ms -= margin;
	else
		ms -= ms / 2; /* a margin that would eat the time is not kept */
	return awh_clock_us() + (ms < configured ? ms : configured) * 1000;
}

static int refuse(struct awh_conn *conn, int status, const char *text)
{
	conn->refusal = status;
	conn->refusal_text = text;
	return status;
}

/* What the head alone says against the request: a status, or 0. */
static int judge_head(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct admwh_route *route = conn->route;

	if (!route)
		return refuse(conn, 404, "no handler at this path");
	if (route->kind == AWH_ROUTE_HEALTH) {
		if (conn->head_only || strcmp(head->method, "GET") == 0)
			return 0;
		return refuse(conn, 405, "expected GET or HEAD");
	}
	if (strcmp(head->method, "POST") != 0)
		return refuse(conn, 405, "expected POST");
	if (head->content_encoding)
		return refuse(conn, 415, "Content-Encoding: no coding is accepted");
	if (!awh_http_is_json(head->content_type))
		return refuse(conn, 415, "Content-Type: expected application/json");
	return 0;
}

static bool begin_review(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct admwh_server *server = server_of(conn);
	struct awh_peer *peer = awh_tls_peer(conn->tls);

	conn->review = awh_review_new(conn->route, awh_server_limit(server, ADMWH_LIMIT_BODY),
				      awh_server_limit(server, ADMWH_LIMIT_JSON_DEPTH));
	if (!conn->review)
		return false;
	conn->review->deadline_us = deadline_us(conn, head);
	if (!conn->allowed || peer->proof != AWH_PROOF_VERIFIED)
		peer = NULL;
	return awh_review_set_origin(conn->review, peer, head->target, conn->address,
				     head->traceparent) == 0;
}

static enum step enter_body(struct awh_conn *conn, const struct awh_http_head *head)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (!head->expect_continue)
		return enter_limited(conn, STAGE_READ_BODY, ADMWH_LIMIT_BODY_TIME);
	awh_buf_reset(&conn->output);
	awh_buf_put(&conn->output, go_on, strlen(go_on));
	return conn->output.failed ? STEP_END : enter_write(conn, STAGE_READ_BODY);
}

static enum step head_complete(struct awh_conn *conn)
{
	const struct awh_http_head *head = awh_http_head(conn->parser);

	conn->close = !head->keep_alive;
	conn->head_only = strcmp(head->method, "HEAD") == 0;
	if (!conn->allowed && !is_exempt(conn, head->path))
		return answer_and_close(conn, 401, admwh_strerror(conn->verdict.code));
	conn->route = awh_routes_find(&server_of(conn)->routes, head->path);
	if (judge_head(conn, head) && head->expect_continue)
		return answer_and_close(conn, conn->refusal, conn->refusal_text);
	if (!conn->refusal && conn->route->kind != AWH_ROUTE_HEALTH && !begin_review(conn, head))
		return answer_and_close(conn, 503, "out of memory");
	return enter_body(conn, head);
}

static enum step http_error(struct awh_conn *conn)
{
	return answer_and_close(conn, awh_http_error_status(conn->parser),
				awh_http_error_reason(conn->parser));
}

static enum step read_head(struct awh_conn *conn)
{
	for (;;) {
		const char *data;
		size_t len, taken;
		enum awh_http_event event;
		enum step step = fetch(conn, &data, &len);

		if (step != STEP_GO)
			return step;
		event = awh_http_feed(conn->parser, data, len, &taken);
		if (!keep_rest(conn, data, len, taken))
			return STEP_END;
		if (event == AWH_HTTP_HEAD)
			return head_complete(conn);
		if (event == AWH_HTTP_ERROR)
			return http_error(conn);
		if (!conn->in_head && awh_http_in_request(conn->parser)) {
			conn->in_head = true;
			set_due(conn, (int64_t)awh_server_limit(server_of(conn),
								ADMWH_LIMIT_HEADER_TIME));
		}
	}
}

/* The body is there: on to its review, or to the refusal it was skipped for. */
static enum step body_complete(struct awh_conn *conn)
{
	awh_http_next(conn->parser);
	if (conn->refusal)
		return answer_status(conn, conn->refusal, conn->refusal_text);
	if (conn->route->kind == AWH_ROUTE_HEALTH)
		return answer_health(conn);
	conn->stage = STAGE_REVIEW;
	return STEP_GO;
}

static bool keep_piece(struct awh_conn *conn)
{
	size_t len;
	const char *piece = awh_http_piece(conn->parser, &len);

	if (!conn->review)
		return true;
	awh_buf_put(&conn->review->body, piece, len);
	if (conn->review->body.failed)
		return false;
	atomic_fetch_add(&server_of(conn)->bodies, len);
	return true;
}

/* All bodies in flight share a budget: past it a body waits for others to be done. */
static bool has_room(const struct awh_conn *conn)
{
	const struct admwh_server *server = server_of(conn);

	return !conn->review || atomic_load(&server->bodies) <
				    awh_server_limit(server, ADMWH_LIMIT_BODIES_IN_FLIGHT);
}

static enum step wait_for_room(struct awh_conn *conn)
{
	int64_t now = awh_clock_ms();
	int64_t limit = (int64_t)awh_server_limit(server_of(conn), ADMWH_LIMIT_BODY_WAIT_TIME);

	if (conn->waits_since_ms == 0)
		conn->waits_since_ms = now;
	if (now - conn->waits_since_ms >= limit || now >= conn->due_ms) {
		conn->waits_since_ms = 0;
		return answer_and_close(conn, 503, "too many bodies in flight");
	}
	awh_watch_for(conn->watch, 0);
	awh_watch_timer(conn->watch, BODY_RETRY_MS);
	return STEP_WAIT;
}

static enum step read_body(struct awh_conn *conn)
{
	const char *data = NULL;
	size_t len = 0, taken = 0;

	for (;;) {
		enum awh_http_event event = awh_http_feed(conn->parser, data, len, &taken);
		enum step step;

		if (event == AWH_HTTP_BODY && !keep_piece(conn))
			return answer_and_close(conn, 503, "out of memory");
		if (len > 0 && !keep_rest(conn, data, len, taken))
			return STEP_END;
		if (event == AWH_HTTP_END)
			return body_complete(conn);
		if (event == AWH_HTTP_ERROR)
			return http_error(conn);
		if (!has_room(conn))
			return wait_for_room(conn);
		if (conn->waits_since_ms) {
			conn->waits_since_ms = 0;
			awh_watch_timer(conn->watch, conn->due_ms - awh_clock_ms());
		}
		step = fetch(conn, &data, &len);
		if (step != STEP_GO)
			return step;
	}
}

/* decode, dispatch, encode */

static void run_review(struct awh_job *job)
{
	struct pending *pending = (struct pending *)job; /* its first member */

	awh_review_run(pending->review);
	awh_loop_post(pending->shard->loop, &pending->done);
}

static void drop_pending(struct awh_job *job)
{
	free_pending((struct pending *)job);
}

static void walk(struct awh_conn *conn);

static struct pending *pending_of(struct awh_task *done)
{
	return (struct pending *)((char *)done - offsetof(struct pending, done));
}

/* On the shard's thread: back to the connection, if it still waits. */
static void review_done(struct awh_task *done)
{
	struct pending *pending = pending_of(done);
	struct awh_conn *conn = pending->conn;

	if (!conn) {
		free_pending(pending);
		return;
	}
	conn->review = pending->review;
	conn->pending = NULL;
	free(pending);
	walk(conn);
}

static enum step submit(struct awh_conn *conn)
{
	struct pending *pending = calloc(1, sizeof(*pending));
	int64_t left_ms = (conn->review->deadline_us - awh_clock_us()) / 1000;

	if (!pending)
		return answer_and_close(conn, 503, "out of memory");
	pending->job.run = run_review;
	pending->job.drop = drop_pending;
	pending->done.run = review_done;
	pending->shard = conn->shard;
	pending->conn = conn;
	pending->review = conn->review;
	conn->review = NULL;
	conn->pending = pending;
	set_due(conn, left_ms > 0 ? left_ms : 0);
	awh_watch_for(conn->watch, 0);
	if (awh_pool_submit(server_of(conn)->pool, &pending->job) == 0)
		return STEP_WAIT;
	abandon(conn);
	free_pending(pending);
	return answer_status(conn, 503, "too many reviews in progress");
}

static enum step review(struct awh_conn *conn)
{
	if (!conn->review || conn->review->outcome != AWH_OUTCOME_NONE)
		return answer_review(conn);
	if (!conn->route->is_inline)
		return submit(conn);
	awh_review_run(conn->review);
	return answer_review(conn);
}

/* What happens when a stage's time is up */

static enum step give_up(struct awh_conn *conn)
{
	(void)conn;
	return STEP_END;
}

static enum step handshake_late(struct awh_conn *conn)
{
	struct awh_error error = {0};

	awh_fail(&error, ADMWH_E_TIMEOUT, "no handshake in time");
	log_handshake(conn, &error);
	return STEP_END;
}

static enum step head_late(struct awh_conn *conn)
{
	if (conn->in_head)
		return answer_and_close(conn, 408, "no request head in time");
	return end_orderly(conn);
}

static enum step body_late(struct awh_conn *conn)
{
	if (conn->waits_since_ms)
		return STEP_GO;
	return answer_and_close(conn, 408, "no body in time");
}

static enum step review_late(struct awh_conn *conn)
{
	struct awh_review *late = conn->pending->review;
	struct awh_http_reply reply = {0};
	struct awh_buf body;
	enum step step;

	awh_log_review(&server_of(conn)->log, conn->address, late, AWH_OUTCOME_DEADLINE);
	awh_buf_init(&body, OUTPUT_MAX);
	if (awh_review_answer_late(late, &body, &reply.status) == 0)
		step = answer(conn, &reply, body.data, body.len);
	else
		step = STEP_END;
	abandon(conn);
	awh_buf_deinit(&body);
	return step;
}

/* The walk. Each stage goes on to another by itself; the first two happen once a connection. */
static const struct {
	const char *name;
	enum step (*run)(struct awh_conn *conn);
	enum step (*late)(struct awh_conn *conn);
} stages[] = {
    [STAGE_HANDSHAKE] = {"handshake", handshake, handshake_late},
    [STAGE_IDENTIFY] = {"identify", identify, give_up},
    [STAGE_READ_HEAD] = {"read head", read_head, head_late},
    [STAGE_READ_BODY] = {"read body", read_body, body_late},
    [STAGE_REVIEW] = {"decode, dispatch, encode", review, review_late},
    [STAGE_WRITE] = {"write", write_answer, give_up},
    [STAGE_LINGER] = {"close", linger, give_up},
};

static void follow(struct awh_conn *conn, enum step step)
{
	conn->turns = TURNS;
	while (step == STEP_GO)
		step = stages[conn->stage].run(conn);
	if (step == STEP_END)
		conn_free(conn);
}

static void walk(struct awh_conn *conn)
{
	follow(conn, STEP_GO);
}

static void on_watch(void *userdata, unsigned int happened)
{
	struct awh_conn *conn = userdata;

	if (happened & AWH_TIME_UP)
		follow(conn, stages[conn->stage].late(conn));
	else if (conn->stage != STAGE_REVIEW)
		walk(conn);
}

/* Life and end */

static void start(struct awh_task *task)
{
	struct awh_conn *conn =
	    (struct awh_conn *)((char *)task - offsetof(struct awh_conn, start));
	struct awh_shard *shard = conn->shard;

	conn->next = shard->conns;
	if (conn->next)
		conn->next->previous = conn;
	shard->conns = conn;
	shard->n_conns++;
	conn->watch = awh_watch_new(shard->loop, conn->fd, on_watch, conn);
	if (!conn->watch) {
		conn_free(conn);
		return;
	}
	enter_limited(conn, STAGE_HANDSHAKE, ADMWH_LIMIT_HANDSHAKE_TIME);
	walk(conn);
}

bool awh_conn_open(struct awh_shard *shard, int fd, const struct sockaddr_storage *address)
{
	struct admwh_server *server = shard->server;
	const struct awh_http_limits limits = {
	    .header_bytes = awh_server_limit(server, ADMWH_LIMIT_HEADER_BYTES),
	    .header_count = awh_server_limit(server, ADMWH_LIMIT_HEADER_COUNT),
	    .body = awh_server_limit(server, ADMWH_LIMIT_BODY),
	};
	struct awh_conn *conn = calloc(1, sizeof(*conn));

	if (conn) {
		conn->tls = awh_tls_session_new(server->tls, fd);
		conn->parser = awh_http_parser_new(&limits);
	}
	if (!conn || !conn->tls || !conn->parser) {
		if (conn) {
			awh_tls_session_free(conn->tls);
			awh_http_parser_free(conn->parser);
		}
		free(conn);
		close(fd);
		return false;
	}
	conn->shard = shard;
	conn->fd = fd;
	conn->stage = STAGE_HANDSHAKE;
	conn->start.run = start;
	awh_address_text(address, conn->address, sizeof(conn->address));
	awh_buf_init(&conn->input, AWH_SCRATCH);
	awh_buf_init(&conn->output, OUTPUT_MAX);
	atomic_fetch_add(&server->n_conns, 1);
	atomic_fetch_add(&server->n_handshakes, 1);
	awh_loop_post(shard->loop, &conn->start);
	return true;
}

/*
 * A connection that has had no request yet is about to get one: its caller has just opened it
 * and would take its end for a failure.
 */
static void retire(struct awh_conn *conn)
{
	if (!is_idle(conn))
		return;
	if (!conn->served) {
		set_due(conn, FIRST_REQUEST_MS);
		return;
	}
	awh_tls_close(conn->tls);
	shutdown(conn->fd, SHUT_WR);
	enter(conn, STAGE_LINGER, LINGER_MS);
	awh_watch_for(conn->watch, AWH_READABLE);
}

void awh_conns_retire(struct awh_shard *shard)
{
	for (struct awh_conn *conn = shard->conns; conn; conn = conn->next)
		retire(conn);
}

void awh_conns_cut(struct awh_shard *shard)
{
	struct awh_conn *conn = shard->conns;

	while (conn) {
		struct awh_conn *next = conn->next;

		if (conn->stage != STAGE_LINGER && !is_idle(conn))
			atomic_store(&shard->server->cut_off, true);
		conn_free(conn);
		conn = next;
	}
}
