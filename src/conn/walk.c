/* SPDX-License-Identifier: MIT */
#include "conn/walk.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/container.h"
#include "conn/handshake.h"
#include "conn/pending.h"
#include "conn/read.h"
#include "conn/share.h"
#include "conn/write.h"
#include "telemetry/ca_use.h"

enum { ANSWERS = 4 }; /* of one walk, so that others of the loop have theirs */

static void unlink_conn(struct awh_conn *conn)
{
	struct awh_shard *shard = conn->shard;

	if (conn->previous)
		conn->previous->next = conn->next;
	else
		shard->conns = conn->next;
	if (conn->next)
		conn->next->previous = conn->previous;
	shard->n_conns--;
}

/* What is owned by a connection that is in no list. */
static void free_conn(struct awh_conn *conn)
{
	awh_watch_free(conn->watch);
	awh_stream_deinit(&conn->stream);
	awh_http_parser_free(conn->parser);
	awh_buf_deinit(&conn->kept);
	awh_buf_deinit(&conn->output);
	awh_snapshot_unref(conn->snapshot);
	free(conn);
}

void awh_conn_end(struct awh_conn *conn)
{
	struct awh_shard *shard = conn->shard;
	struct awh_endpoint *endpoint = conn->endpoint;
	int fd = conn->stream.fd;

	assert(!conn->in_stage);
	unlink_conn(conn);
	if (conn->stage == AWH_STAGE_HANDSHAKE)
		awh_endpoint_handshake_over(endpoint);
	awh_conn_request_over(conn);
	awh_pending_abandon(conn);
	awh_conn_drop_review(conn);
	awh_conn_release_answer(conn);
	awh_conn_release_received(conn);
	awh_share_leave(shard->shared, conn->caller);
	if (conn->has_ca)
		awh_ca_use_leave(&shard->shared->events->metrics, conn->ca_place);
	free_conn(conn);
	close(fd);
	awh_endpoint_leave(endpoint);
	if (!endpoint->is_plain)
		awh_quiet_put_off(&shard->quiet);
	if (shard->n_conns == 0)
		shard->emptied(shard);
}

static enum awh_step give_up(struct awh_conn *conn)
{
	(void)conn;
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
    [AWH_STAGE_HANDSHAKE] = {awh_handshake, awh_handshake_late},
    [AWH_STAGE_IDENTIFY] = {awh_identify_caller, give_up},
    [AWH_STAGE_NEXT_REQUEST] = {awh_read_begin, give_up},
    [AWH_STAGE_READ_HEAD] = {awh_read_head, awh_read_head_late},
    [AWH_STAGE_READ_BODY] = {awh_read_body, awh_read_body_late},
    [AWH_STAGE_REVIEW] = {awh_pending_review, awh_pending_late},
    [AWH_STAGE_WRITE] = {awh_write, awh_write_late},
    [AWH_STAGE_LINGER] = {awh_linger, give_up},
};

static enum awh_step run(struct awh_conn *conn, enum awh_step (*stage)(struct awh_conn *conn))
{
	enum awh_step step;

	conn->in_stage = true;
	step = stage(conn);
	conn->in_stage = false;
	return step;
}

/* Others of the loop have their turn before a pipeline goes on. */
static enum awh_step yield(struct awh_conn *conn)
{
	awh_watch_for(conn->watch, 0);
	awh_watch_timer(conn->watch, -1);
	awh_watch_turn(conn->watch);
	return AWH_STEP_WAIT;
}

/* It may wait for long, and what it keeps meanwhile is more requests of its client. */
static bool waits_for_answer(const struct awh_conn *conn)
{
	return conn->exchange.pending || conn->stage == AWH_STAGE_WRITE;
}

void awh_conn_follow(struct awh_conn *conn, enum awh_step step)
{
	awh_conn_release_received(conn);
	conn->turns = AWH_TURNS;
	conn->answers = 0;
	while (step == AWH_STEP_GO)
		step = conn->answers < ANSWERS ? run(conn, stages[conn->stage].run) : yield(conn);
	if (step == AWH_STEP_END || !awh_read_keep_rest(conn))
		awh_conn_end(conn);
	else if (waits_for_answer(conn))
		awh_conn_hold_received(conn);
}

static void go_on(struct awh_conn *conn)
{
	awh_conn_follow(conn, AWH_STEP_GO);
}

static void on_watch(void *userdata, unsigned int happened)
{
	struct awh_conn *conn = userdata;

	/*
	 * It goes on when its review is back. Mostly nothing comes until then, so the watch is only
	 * stopped once something has.
	 */
	if (conn->exchange.pending && !(happened & AWH_TIME_UP)) {
		awh_watch_for(conn->watch, 0);
		return;
	}
	if (happened & AWH_NEXT_TURN) {
		awh_conn_rearm(conn);
	} else if (happened & AWH_TIME_UP) {
		awh_conn_follow(conn, run(conn, stages[conn->stage].late));
		return;
	}
	go_on(conn);
}

/* A TLS session costs something: on the connection's own thread, not on the one that accepts. */
static int open_stream(struct awh_conn *conn)
{
	int err;

	if (conn->endpoint->is_plain)
		return 0;
	err = awh_stream_init_tls(&conn->stream, awh_endpoint_tls(conn->endpoint, conn->snapshot),
				  conn->shard->paths, conn->stream.fd);
	if (err == 0)
		awh_tls_share_buffer(conn->stream.tls, &conn->shard->received);
	return err;
}

static bool begin(struct awh_conn *conn)
{
	struct awh_shard *shard = conn->shard;

	if (shard->ended || open_stream(conn))
		return false;
	conn->watch = awh_watch_new(shard->loop, conn->stream.fd, on_watch, conn);
	return conn->watch;
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
	if (!begin(conn)) {
		awh_conn_end(conn);
		return;
	}
	awh_conn_enter_limited(conn, AWH_STAGE_HANDSHAKE, ADMWH_LIMIT_HANDSHAKE_TIME);
	go_on(conn);
}

static struct awh_conn *conn_new(struct awh_endpoint *endpoint, struct awh_shard *shard, int fd)
{
	const struct awh_shared *shared = shard->shared;
	const struct awh_http_limits limits = {
	    .header_bytes = awh_shared_limit(shared, ADMWH_LIMIT_HEADER_BYTES),
	    .header_count = awh_shared_limit(shared, ADMWH_LIMIT_HEADER_COUNT),
	    .body = endpoint->body,
	    .spare = &shard->heads,
	};
	struct awh_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->snapshot = awh_snapshot_ref(endpoint->snapshot);
	conn->parser = awh_http_parser_new(&limits);
	if (!conn->parser) {
		free_conn(conn);
		return NULL;
	}
	awh_stream_init_plain(&conn->stream, fd);
	conn->endpoint = endpoint;
	conn->shard = shard;
	conn->start.run = start;
	conn->go_on = go_on;
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
