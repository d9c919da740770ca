/* SPDX-License-Identifier: MIT */
/*
 * read: a request's head, what it alone says against the request, its body.
 *
 * Bytes come off the TLS session into the shard's scratch buffer and are parsed
 * where they are; what is left when the connection has to wait is kept.
 */
#include <string.h>

#include "base/clock.h"
#include "conn/conn.h"
#include "telemetry/events.h"
#include "health/page.h"
#include "conn/share.h"

enum {
	BODY_RETRY_MS = 20, /* how often a body looks for room */
};

/* A caller that has proved itself may take its time, a stranger may not. */
enum awh_step awh_conn_enter_read(struct awh_conn *conn)
{
	conn->in_head = conn->head_only = conn->close = false;
	conn->refusal = 0;
	conn->route = NULL;
	if (atomic_load(&awh_conn_server(conn)->stopping))
		return awh_conn_enter(conn, AWH_STAGE_READ_HEAD, AWH_LAST_REQUEST_MS);
	return awh_conn_enter_limited(conn, AWH_STAGE_READ_HEAD,
				      awh_conn_is_stranger(conn) ? ADMWH_LIMIT_HEADER_TIME
								 : ADMWH_LIMIT_IDLE_TIME);
}

bool awh_read_keep_rest(struct awh_conn *conn)
{
	if (conn->rest_len == 0) {
		awh_buf_deinit(&conn->kept);
		return true;
	}
	if (conn->kept.len > 0)
		return true;
	awh_buf_put(&conn->kept, conn->rest, conn->rest_len);
	conn->rest = conn->kept.data;
	return !conn->kept.failed;
}

/* See that there is something to parse. */
static enum awh_step fetch(struct awh_conn *conn)
{
	int result;

	if (conn->rest_len > 0)
		return AWH_STEP_GO;
	if (conn->turns == 0 && awh_stream_pending(&conn->stream) == 0)
		return awh_conn_wait(conn, AWH_TLS_WANT_READ);
	if (conn->turns > 0)
		conn->turns--;
	awh_buf_deinit(&conn->kept);
	conn->rest = conn->shard->scratch;
	result = awh_stream_read(&conn->stream, conn->shard->scratch, AWH_SCRATCH, &conn->rest_len);
	if (result > 0)
		return awh_conn_wait(conn, result);
	if (result < 0)
		return AWH_STEP_END;
	return conn->rest_len > 0 ? AWH_STEP_GO : awh_linger_enter(conn, AWH_LINGER_MS);
}

static enum awh_http_event feed(struct awh_conn *conn)
{
	size_t taken;
	enum awh_http_event event = awh_http_feed(conn->parser, conn->rest, conn->rest_len, &taken);

	conn->rest += taken;
	conn->rest_len -= taken;
	return event;
}

static int64_t deadline_ms(const struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct admwh_server *server = awh_conn_server(conn);
	int64_t configured = (int64_t)awh_server_limit(server, ADMWH_LIMIT_DEADLINE);
	int64_t margin = (int64_t)awh_server_limit(server, ADMWH_LIMIT_DEADLINE_MARGIN);
	int64_t ms;

	if (!head->timeout || !awh_http_parse_timeout(head->timeout, &ms))
		ms = configured;
	else if (ms > 2 * margin)
		ms -= margin;
	else
		ms -= ms / 2; /* a margin that would eat the time is not kept */
	return ms < configured ? ms : configured;
}

static int refuse(struct awh_conn *conn, int status, const char *text)
{
	conn->refusal = status;
	conn->refusal_text = text;
	return status;
}

/* Is the body JSON as far as its Content-Type tells? Which types count is the dialect's choice. */
static bool is_json(const struct admwh_route *route, const struct awh_http_head *head)
{
	switch (route->dialect) {
	case ADMWH_DIALECT_RANCHER:
		return true;
	case ADMWH_DIALECT_KUBEWARDEN:
		return awh_http_is_json_based(head->content_type);
	default:
		return awh_http_is_json(head->content_type);
	}
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
	if (!is_json(route, head))
		return refuse(conn, 415, "Content-Type: expected application/json");
	return 0;
}

static bool begin_review(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct admwh_server *server = awh_conn_server(conn);
	struct awh_peer *peer = awh_stream_peer(&conn->stream);

	conn->review = awh_review_new(conn->route, awh_server_limit(server, ADMWH_LIMIT_BODY),
				      awh_server_limit(server, ADMWH_LIMIT_JSON_DEPTH),
				      awh_server_limit(server, ADMWH_LIMIT_JSON_VALUES));
	if (!conn->review)
		return false;
	if (!awh_share_begin(conn))
		return false;
	awh_review_set_deadline(conn->review, deadline_ms(conn, head));
	if (conn->admission.bearer)
		awh_review_set_bearer(conn->review, conn->shard->snapshot->tokens,
				      conn->admission.bearer);
	conn->admission.bearer = NULL;
	if (!awh_admit_shows_peer(conn))
		peer = NULL;
	return awh_review_set_origin(conn->review, peer, head->target, conn->address,
				     head->traceparent) == 0;
}

static enum awh_step enter_body(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct awh_http_reply go_on = {.status = 100};

	if (!head->expect_continue)
		return awh_conn_enter_limited(conn, AWH_STAGE_READ_BODY, ADMWH_LIMIT_BODY_TIME);
	awh_buf_reset(&conn->output);
	awh_http_put_head(&conn->output, &go_on);
	return conn->output.failed ? AWH_STEP_END : awh_write_enter(conn, AWH_STAGE_READ_BODY);
}

static void begin_request(struct awh_conn *conn)
{
	if (!awh_endpoint_is_main(conn->endpoint))
		return;
	conn->is_counted = true;
	atomic_fetch_add(&awh_conn_gauges(conn)->requests, 1);
}

/* What is refused is still read to its end, unless its sender waits to be told to send it. */
static enum awh_step head_complete(struct awh_conn *conn)
{
	const struct awh_http_head *head = awh_http_head(conn->parser);
	bool is_let_in;

	begin_request(conn);
	conn->head_only = strcmp(head->method, "HEAD") == 0;
	conn->route = awh_routes_find(conn->endpoint->routes, head->path);
	is_let_in = awh_admit_request(conn, head);
	conn->close = !head->keep_alive || !conn->allowed; /* one request a stranger's connection */
	if (!is_let_in)
		return awh_answer_and_close(conn, conn->admission.status,
					    admwh_strerror(conn->admission.error.code));
	if (judge_head(conn, head) && head->expect_continue)
		return awh_answer_and_close(conn, conn->refusal, conn->refusal_text);
	if (!conn->refusal && conn->route->kind != AWH_ROUTE_HEALTH && !begin_review(conn, head))
		return awh_answer_and_close(conn, 503, "out of memory");
	return enter_body(conn, head);
}

static void tell_limit(struct awh_conn *conn, enum admwh_limit limit)
{
	if (awh_endpoint_is_main(conn->endpoint))
		awh_tell_limit(&awh_conn_server(conn)->events, limit);
}

static enum awh_step http_error(struct awh_conn *conn)
{
	int status = awh_http_error_status(conn->parser);

	if (status == 413)
		tell_limit(conn, ADMWH_LIMIT_BODY);
	else if (awh_http_error_is_count(conn->parser))
		tell_limit(conn, ADMWH_LIMIT_HEADER_COUNT);
	else if (status == 414 || status == 431)
		tell_limit(conn, ADMWH_LIMIT_HEADER_BYTES);
	return awh_answer_and_close(conn, awh_http_error_status(conn->parser),
				    awh_http_error_reason(conn->parser));
}

enum awh_step awh_read_head(struct awh_conn *conn)
{
	for (;;) {
		enum awh_step step = fetch(conn);
		enum awh_http_event event;

		if (step != AWH_STEP_GO || conn->stage != AWH_STAGE_READ_HEAD)
			return step;
		event = feed(conn);
		if (event == AWH_HTTP_HEAD)
			return head_complete(conn);
		if (event == AWH_HTTP_ERROR)
			return http_error(conn);
		if (!conn->in_head && awh_http_in_request(conn->parser)) {
			conn->in_head = true;
			awh_conn_set_due(conn, (int64_t)awh_server_limit(awh_conn_server(conn),
									 ADMWH_LIMIT_HEADER_TIME));
		}
	}
}

enum awh_step awh_read_head_late(struct awh_conn *conn)
{
	if (conn->in_head || awh_conn_is_stranger(conn))
		tell_limit(conn, ADMWH_LIMIT_HEADER_TIME);
	if (conn->in_head)
		return awh_answer_and_close(conn, 408, "no request head in time");
	return awh_linger_enter(conn, AWH_LINGER_MS);
}

/* The body is there: on to its review, or to the refusal it was skipped for. */
static enum awh_step body_complete(struct awh_conn *conn)
{
	enum awh_step step;

	if (conn->refusal || conn->route->kind == AWH_ROUTE_HEALTH) {
		step = conn->refusal ? awh_answer_status(conn, conn->refusal, conn->refusal_text)
				     : awh_page_answer(conn, awh_http_head(conn->parser));
		awh_http_next(conn->parser);
		return step;
	}
	awh_http_next(conn->parser);
	conn->stage = AWH_STAGE_REVIEW;
	return AWH_STEP_GO;
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
	atomic_fetch_add(&awh_conn_gauges(conn)->bodies, (long long)len);
	atomic_fetch_add(&conn->review->caller->bodies, len);
	return true;
}

static bool is_budget_full(const struct awh_conn *conn)
{
	return atomic_load(&awh_conn_gauges(conn)->bodies) >=
	       (long long)awh_server_limit(awh_conn_server(conn), ADMWH_LIMIT_BODIES_IN_FLIGHT);
}

/* All bodies in flight share a budget: past it a body waits for others to be done. */
static bool has_room(const struct awh_conn *conn)
{
	return !conn->review || (!is_budget_full(conn) && !awh_share_is_used_up(conn));
}

static enum awh_step shed(struct awh_conn *conn)
{
	bool is_full = is_budget_full(conn);

	awh_tell_shed(&awh_conn_server(conn)->events, conn->review,
		      is_full ? ADMWH_LIMIT_BODIES_IN_FLIGHT : ADMWH_LIMIT_CALLER_SHARE);
	conn->waits_since_ms = 0;
	if (is_full)
		return awh_answer_and_close(conn, 503, "too many bodies in flight");
	return awh_answer_and_close(conn, 429, "too many bodies of this caller in flight");
}

static enum awh_step wait_for_room(struct awh_conn *conn)
{
	int64_t now = awh_clock_ms();
	int64_t limit =
	    (int64_t)awh_server_limit(awh_conn_server(conn), ADMWH_LIMIT_BODY_WAIT_TIME);

	if (conn->waits_since_ms == 0)
		conn->waits_since_ms = now;
	if (now - conn->waits_since_ms >= limit || now >= conn->due_ms)
		return shed(conn);
	awh_watch_for(conn->watch, 0);
	awh_watch_timer(conn->watch, BODY_RETRY_MS);
	return AWH_STEP_WAIT;
}

enum awh_step awh_read_body(struct awh_conn *conn)
{
	for (;;) {
		enum awh_http_event event = feed(conn);
		enum awh_step step;

		if (event == AWH_HTTP_END)
			return body_complete(conn);
		if (event == AWH_HTTP_ERROR)
			return http_error(conn);
		if (event == AWH_HTTP_BODY) {
			if (!keep_piece(conn))
				return awh_answer_and_close(conn, 503, "out of memory");
			continue;
		}
		if (!has_room(conn))
			return wait_for_room(conn);
		if (conn->waits_since_ms) {
			conn->waits_since_ms = 0;
			awh_conn_rearm(conn);
		}
		step = fetch(conn);
		if (step != AWH_STEP_GO || conn->stage != AWH_STAGE_READ_BODY)
			return step;
	}
}

enum awh_step awh_read_body_late(struct awh_conn *conn)
{
	if (conn->waits_since_ms)
		return AWH_STEP_GO;
	tell_limit(conn, ADMWH_LIMIT_BODY_TIME);
	return awh_answer_and_close(conn, 408, "no body in time");
}
