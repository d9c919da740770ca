/* SPDX-License-Identifier: MIT */
#include "conn/conn.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/container.h"
#include "telemetry/events.h"
#include "conn/share.h"

enum {
	/* When there is no room: */
	SILENT_MS = 100,         /* how long a caller that says nothing keeps its place */
	STRANGER_MS = 1000,      /* and one that has not proved who it is */
	ANSWERS = 4,             /* of one walk, so that others of the loop have theirs */
	REFUSED_LINGER_MS = 500, /* for one whose handshake failed: its alert must arrive */
};

void awh_conn_set_due(struct awh_conn *conn, int64_t ms)
{
	conn->due_ms = awh_clock_ms() + ms;
	awh_watch_timer(conn->watch, ms);
}

void awh_conn_rearm(struct awh_conn *conn)
{
	int64_t left = conn->due_ms - awh_clock_ms();

	awh_watch_timer(conn->watch, left > 0 ? left : 0);
}

enum awh_step awh_conn_enter(struct awh_conn *conn, enum awh_stage stage, int64_t ms)
{
	conn->stage = stage;
	awh_conn_set_due(conn, ms);
	return AWH_STEP_GO;
}

enum awh_step awh_conn_enter_limited(struct awh_conn *conn, enum awh_stage stage,
				     enum admwh_limit limit)
{
	return awh_conn_enter(conn, stage, (int64_t)awh_server_limit(awh_conn_server(conn), limit));
}

enum awh_step awh_conn_wait(struct awh_conn *conn, int wanted)
{
	awh_watch_for(conn->watch, wanted == AWH_TLS_WANT_WRITE ? AWH_WRITABLE : AWH_READABLE);
	return AWH_STEP_WAIT;
}

static bool is_idle(const struct awh_conn *conn)
{
	return conn->stage == AWH_STAGE_READ_HEAD && !conn->in_head && conn->rest_len == 0;
}

static void handshake_over(struct awh_conn *conn)
{
	awh_endpoint_handshake_over(conn->endpoint);
}

void awh_conn_request_over(struct awh_conn *conn)
{
	if (conn->is_counted)
		atomic_fetch_sub(&awh_conn_gauges(conn)->requests, 1);
	conn->is_counted = false;
}

static void conn_free(struct awh_conn *conn)
{
	struct awh_shard *shard = conn->shard;
	struct awh_endpoint *endpoint = conn->endpoint;

	if (conn->previous)
		conn->previous->next = conn->next;
	else
		shard->conns = conn->next;
	if (conn->next)
		conn->next->previous = conn->previous;
	shard->n_conns--;
	if (conn->stage == AWH_STAGE_HANDSHAKE)
		handshake_over(conn);
	awh_conn_request_over(conn);
	awh_work_abandon(conn);
	awh_work_drop(shard, conn->review);
	awh_share_let_answer_go(conn);
	awh_share_leave(conn);
	awh_watch_free(conn->watch);
	awh_stream_deinit(&conn->stream);
	awh_http_parser_free(conn->parser);
	awh_buf_deinit(&conn->kept);
	awh_buf_deinit(&conn->output);
	awh_snapshot_unref(conn->snapshot);
	close(conn->stream.fd);
	free(conn);
	awh_endpoint_leave(endpoint);
	awh_shard_check_end(shard);
}

static void tell_handshake(const struct awh_conn *conn, const struct awh_error *error)
{
	if (!conn->endpoint->is_plain)
		awh_tell_handshake(&awh_conn_server(conn)->events, conn->address,
				   awh_stream_peer(&conn->stream), error);
}

static enum awh_step handshake(struct awh_conn *conn)
{
	struct awh_error error = {0};
	int got = awh_stream_handshake(&conn->stream, &error);

	if (got > 0)
		return awh_conn_wait(conn, got);
	handshake_over(conn);
	conn->stage = AWH_STAGE_IDENTIFY;
	tell_handshake(conn, got < 0 ? &error : NULL);
	if (got == 0)
		return AWH_STEP_GO;
	return awh_linger_enter(conn, REFUSED_LINGER_MS);
}

static enum awh_step handshake_late(struct awh_conn *conn)
{
	struct awh_error error = {0};

	awh_fail(&error, ADMWH_E_TIMEOUT, "no handshake in time");
	tell_handshake(conn, &error);
	awh_tell_limit(&awh_conn_server(conn)->events, ADMWH_LIMIT_HANDSHAKE_TIME);
	return AWH_STEP_END;
}

/*
 * In handshake mode the judge has spoken already, by rules that may not be current any more. Per
 * request the verdict is kept for later.
 */
static enum awh_step identify(struct awh_conn *conn)
{
	const struct admwh_config *config = awh_conn_server(conn)->config;

	awh_admit_connection(conn);
	if (conn->allowed || config->auth == ADMWH_CLIENT_AUTH_REQUEST || config->n_bundles == 0)
		return awh_share_join(conn) ? awh_conn_enter_read(conn) : AWH_STEP_END;
	awh_tell_untrusted(&awh_conn_server(conn)->events, conn->address,
			   awh_stream_peer(&conn->stream), &conn->verdict, true);
	return awh_linger_enter(conn, REFUSED_LINGER_MS);
}

static enum awh_step give_up(struct awh_conn *conn)
{
	(void)conn;
	return AWH_STEP_END;
}

static enum awh_step write_late(struct awh_conn *conn)
{
	awh_tell_limit(&awh_conn_server(conn)->events, ADMWH_LIMIT_WRITE_TIME);
	return AWH_STEP_END;
}

/*
 * The walk. Each stage goes on to another by itself; the first two happen once a connection, the
 * rest once a request.
 */
static const struct {
	enum awh_step (*run)(struct awh_conn *conn);
	enum awh_step (*late)(struct awh_conn *conn); /* when the stage's time is up */
} stages[] = {
    [AWH_STAGE_HANDSHAKE] = {handshake, handshake_late},
    [AWH_STAGE_IDENTIFY] = {identify, give_up},
    [AWH_STAGE_READ_HEAD] = {awh_read_head, awh_read_head_late},
    [AWH_STAGE_READ_BODY] = {awh_read_body, awh_read_body_late},
    [AWH_STAGE_REVIEW] = {awh_work, awh_work_late},
    [AWH_STAGE_WRITE] = {awh_write, write_late},
    [AWH_STAGE_LINGER] = {awh_linger, give_up},
};

/* Others of the loop have their turn before a pipeline goes on. */
static enum awh_step yield(struct awh_conn *conn)
{
	awh_watch_for(conn->watch, 0);
	awh_watch_timer(conn->watch, -1);
	awh_watch_turn(conn->watch);
	return AWH_STEP_WAIT;
}

static void follow(struct awh_conn *conn, enum awh_step step)
{
	conn->turns = AWH_TURNS;
	conn->answers = 0;
	while (step == AWH_STEP_GO)
		step = conn->answers < ANSWERS ? stages[conn->stage].run(conn) : yield(conn);
	if (step == AWH_STEP_END || !awh_read_keep_rest(conn))
		conn_free(conn);
}

void awh_conn_walk(struct awh_conn *conn)
{
	follow(conn, AWH_STEP_GO);
}

static void on_watch(void *userdata, unsigned int happened)
{
	struct awh_conn *conn = userdata;

	if (happened & AWH_NEXT_TURN) {
		awh_conn_rearm(conn);
	} else if (happened & AWH_TIME_UP) {
		follow(conn, stages[conn->stage].late(conn));
		return;
	}
	awh_conn_walk(conn);
}

static void start(struct awh_task *task)
{
	struct awh_conn *conn = AWH_CONTAINER(task, struct awh_conn, start);
	struct awh_shard *shard = conn->shard;

	conn->next = shard->conns;
	if (conn->next)
		conn->next->previous = conn;
	shard->conns = conn;
	shard->n_conns++;
	if (!shard->ended)
		conn->watch = awh_watch_new(shard->loop, conn->stream.fd, on_watch, conn);
	if (!conn->watch) {
		conn_free(conn);
		return;
	}
	awh_conn_enter_limited(conn, AWH_STAGE_HANDSHAKE, ADMWH_LIMIT_HANDSHAKE_TIME);
	awh_conn_walk(conn);
}

static int open_stream(struct awh_conn *conn, const struct awh_endpoint *endpoint, int fd)
{
	if (!endpoint->is_plain)
		return awh_stream_init_tls(&conn->stream, conn->snapshot->tls, fd);
	awh_stream_init_plain(&conn->stream, fd);
	return 0;
}

static struct awh_conn *conn_new(struct awh_endpoint *endpoint, struct awh_shard *shard, int fd)
{
	const struct admwh_server *server = shard->server;
	const struct awh_http_limits limits = {
	    .header_bytes = awh_server_limit(server, ADMWH_LIMIT_HEADER_BYTES),
	    .header_count = awh_server_limit(server, ADMWH_LIMIT_HEADER_COUNT),
	    .body = endpoint->body,
	};
	struct awh_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	if (awh_endpoint_is_main(endpoint))
		conn->snapshot = awh_snapshot_ref(server->snapshot);
	conn->parser = awh_http_parser_new(&limits);
	if (!conn->parser || open_stream(conn, endpoint, fd)) {
		awh_http_parser_free(conn->parser);
		awh_snapshot_unref(conn->snapshot);
		free(conn);
		return NULL;
	}
	conn->endpoint = endpoint;
	conn->shard = shard;
	conn->start.run = start;
	conn->rest = shard->scratch;
	awh_buf_init(&conn->kept, AWH_SCRATCH);
	conn->kept.secret = true; /* a token may be in it */
	awh_buf_init(&conn->output, AWH_OUTPUT_MAX);
	return conn;
}

bool awh_conn_open(struct awh_endpoint *endpoint, struct awh_shard *shard, int fd,
		   const struct sockaddr_storage *address)
{
	struct awh_conn *conn = conn_new(endpoint, shard, fd);

	if (!conn) {
		close(fd);
		return false;
	}
	awh_address_text(address, conn->address, sizeof(conn->address));
	conn->since_ms = awh_clock_ms();
	awh_endpoint_enter(endpoint);
	awh_loop_post(shard->loop, &conn->start);
	return true;
}

/*
 * A request may be on its way on an idle connection too: its caller would take an end now for a
 * failure, so it is given a moment more.
 */
static void retire(struct awh_conn *conn)
{
	if (is_idle(conn))
		awh_conn_set_due(conn, AWH_LAST_REQUEST_MS);
}

void awh_conns_retire(struct awh_shard *shard)
{
	for (struct awh_conn *conn = shard->conns; conn; conn = conn->next)
		retire(conn);
}

/* A stranger's request for an exempt path counts as any other. */
static bool is_answering(const struct awh_conn *conn)
{
	return conn->stage == AWH_STAGE_REVIEW || conn->stage == AWH_STAGE_WRITE;
}

static bool has_had_its_time(const struct awh_conn *conn, int64_t now)
{
	int64_t most = awh_stream_is_silent(&conn->stream) ? SILENT_MS : STRANGER_MS;

	return awh_conn_is_stranger(conn) && !is_answering(conn) && now - conn->since_ms > most;
}

/*
 * Does the shard's snapshot not let in whom an earlier one let in, so that the connection is to
 * end? Before the identify stage it is judged there; strangers have one request anyway.
 */
static bool is_to_end(struct awh_conn *conn, struct awh_error *error)
{
	const struct admwh_config *config = awh_conn_server(conn)->config;
	const struct awh_peer *peer = awh_stream_peer(&conn->stream);
	bool ends;

	if (!conn->snapshot || !conn->certified || conn->stage < AWH_STAGE_READ_HEAD ||
	    conn->stage == AWH_STAGE_LINGER)
		return false;
	if (awh_snapshot_identify_again(conn->shard->snapshot, peer, error) == 0)
		return false;
	if (config->observe) { /* the next request tells */
		conn->certified = false;
		conn->verdict = *error;
		return false;
	}
	ends = config->close_untrusted || error->code == ADMWH_E_REVOKED;
	awh_tell_untrusted(&awh_conn_server(conn)->events, conn->address, peer, error, ends);
	return ends;
}

/* What has begun is answered; whoever waits between requests goes now. */
static void shut_out(struct awh_conn *conn, const struct awh_error *error)
{
	conn->certified = conn->allowed = false;
	conn->verdict = *error;
	conn->close = true;
	if (conn->stage == AWH_STAGE_WRITE && conn->after_write == AWH_STAGE_READ_HEAD)
		conn->after_write = AWH_STAGE_LINGER;
	if (is_idle(conn))
		follow(conn, awh_linger_enter(conn, AWH_LINGER_MS));
}

void awh_conns_judge_again(struct awh_shard *shard)
{
	struct awh_conn *conn = shard->conns;

	while (conn) {
		struct awh_conn *next = conn->next;
		struct awh_error error = {0};

		if (is_to_end(conn, &error))
			shut_out(conn, &error);
		conn = next;
	}
}

/* Of a caller that is to give a place, the connection that has been idle for longest. */
static struct awh_conn *find_idlest(const struct awh_shard *shard, int64_t now)
{
	const int64_t idle_ms =
	    (int64_t)awh_server_limit(shard->server, ADMWH_LIMIT_IDLE_TIME) - SILENT_MS;
	struct awh_conn *idlest = NULL;

	for (struct awh_conn *conn = shard->conns; conn; conn = conn->next)
		if (conn->caller && atomic_load(&conn->caller->gives_place) && is_idle(conn) &&
		    conn->due_ms - now < idle_ms && (!idlest || conn->due_ms < idlest->due_ms))
			idlest = conn;
	return idlest;
}

/* One of all shards' at a time: the first shard to have one takes the mark away. */
static void end_idlest(struct awh_shard *shard, int64_t now)
{
	struct awh_conn *conn = find_idlest(shard, now);

	if (!conn || !atomic_exchange(&conn->caller->gives_place, false))
		return;
	awh_tell_limit(&awh_conn_server(conn)->events, ADMWH_LIMIT_CALLER_SHARE);
	awh_stream_close(&conn->stream);
	conn_free(conn);
}

void awh_conns_evict(struct awh_shard *shard)
{
	int64_t now = awh_clock_ms();
	struct awh_conn *conn;

	end_idlest(shard, now);
	conn = shard->conns;

	while (conn) {
		struct awh_conn *next = conn->next;

		if (has_had_its_time(conn, now))
			conn_free(conn);
		conn = next;
	}
}

void awh_conns_cut(struct awh_shard *shard)
{
	struct awh_conn *conn = shard->conns;

	while (conn) {
		struct awh_conn *next = conn->next;

		if (awh_endpoint_is_main(conn->endpoint) && conn->stage != AWH_STAGE_LINGER &&
		    !is_idle(conn))
			atomic_store(&shard->server->cut_off, true);
		conn_free(conn);
		conn = next;
	}
}
