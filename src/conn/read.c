/* SPDX-License-Identifier: MIT */
#include "conn/read.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "conn/share.h"
#include "conn/write.h"
#include "http/host.h"

enum {
	BODY_RETRY_MS = 20, /* how often a body looks for room */
	PAGE_MAX = 64 * 1024 * 1024,
};

/* An authenticated caller may take its time, another may not. */
enum awh_step awh_read_begin(struct awh_conn *conn)
{
	conn->exchange = (struct awh_exchange){0};
	if (atomic_load(&awh_conn_shared(conn)->stopping))
		return awh_conn_enter(conn, AWH_STAGE_READ_HEAD, AWH_LAST_REQUEST_MS);
	return awh_conn_enter_limited(conn, AWH_STAGE_READ_HEAD,
				      awh_conn_is_unauthenticated(conn) ? ADMWH_LIMIT_HEADER_TIME
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
	return !conn->kept.err;
}

/* See that there is something to parse. */
static enum awh_step fetch(struct awh_conn *conn)
{
	int result;

	if (conn->rest_len > 0)
		return AWH_STEP_GO;
	if (conn->turns == 0 || conn->emptied) {
		conn->emptied = false;
		return awh_conn_wait(conn, AWH_TLS_WANT_READ);
	}
	conn->turns--;
	awh_buf_deinit(&conn->kept);
	conn->rest = conn->shard->scratch;
	result = awh_stream_read(&conn->stream, conn->shard->scratch, AWH_SCRATCH, &conn->rest_len);
	if (result > 0)
		return awh_conn_wait(conn, result);
	if (result < 0)
		return AWH_STEP_END;
	conn->emptied = awh_stream_is_emptied(&conn->stream);
	return conn->rest_len > 0 ? AWH_STEP_GO : awh_conn_linger(conn, AWH_LINGER_MS);
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
	const struct awh_shared *shared = awh_conn_shared(conn);
	int64_t configured = (int64_t)awh_shared_limit(shared, ADMWH_LIMIT_DEADLINE);
	int64_t margin = (int64_t)awh_shared_limit(shared, ADMWH_LIMIT_DEADLINE_MARGIN);
	int64_t ms;

	if (!head->timeout || !awh_http_parse_timeout(head->timeout, &ms))
		ms = configured;
	else if (ms > 2 * margin)
		ms -= margin;
	else
		ms -= ms / 2; /* a margin that would eat the time is not kept */
	return ms < configured ? ms : configured;
}

/* sent: the part of the head that is refused; shown escaped, and cut where it is long */
static int refuse(struct awh_conn *conn, int status, const char *before, const char *sent,
		  const char *after)
{
	struct awh_exchange *exchange = &conn->exchange;
	char shown[128];

	awh_text_show(shown, sizeof(shown), sent);
	snprintf(exchange->refusal_text, sizeof(exchange->refusal_text), "%s%s%s", before, shown,
		 after);
	exchange->refusal = status;
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

/*
 * The health port answers without authentication, and a browser that reaches it (a port forward)
 * must not be led to it under the name of another site, whose scripts could then read the answers.
 */
static bool is_asked_by_another_name(const struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct awh_text_list *names = &awh_conn_config(conn)->health_hosts;

	if (awh_endpoint_has_reviews(conn->endpoint) || !head->host ||
	    awh_host_is_internal(head->host))
		return false;
	for (size_t i = 0; i < names->n_items; i++)
		if (awh_host_is(head->host, names->items[i]))
			return false;
	return true;
}

/* A reason in the head alone to refuse the request: a status, or 0. */
static int check_head(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct admwh_route *route = conn->exchange.route;

	if (is_asked_by_another_name(conn, head))
		return refuse(conn, 421, "Host \"", head->host,
			      "\": not a name of the health port");
	if (!route)
		return refuse(conn, 404, "no handler at path ", head->path, "");
	if (route->kind == AWH_ROUTE_PAGE) {
		if (conn->exchange.head_only || strcmp(head->method, "GET") == 0)
			return 0;
		return refuse(conn, 405, "method ", head->method, ": expected GET or HEAD");
	}
	if (strcmp(head->method, "POST") != 0)
		return refuse(conn, 405, "method ", head->method, ": expected POST");
	if (head->content_encoding)
		return refuse(conn, 415, "Content-Encoding \"", head->content_encoding,
			      "\": no coding is accepted");
	if (!is_json(route, head))
		return refuse(conn, 415, "Content-Type \"",
			      head->content_type ? head->content_type : "",
			      "\": expected application/json");
	return 0;
}

static bool set_origin(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct awh_admit_facts facts = awh_conn_admit_facts(conn);
	struct awh_review *review = conn->exchange.review;
	const struct awh_admission *admission = &conn->exchange.admission;
	const struct admwh_bearer *bearer = admission->bearer;
	bool shows_peer = awh_admit_shows_peer(&conn->standing, &facts);

	if (bearer)
		awh_review_set_bearer(review, bearer, admission->tokens, admission->webhook_token);
	review->observes = facts.config->observe;
	return awh_review_set_origin(review, shows_peer ? facts.peer : NULL, head->target,
				     conn->address, head->traceparent) == 0;
}

static bool begin_review(struct awh_conn *conn, const struct awh_http_head *head)
{
	struct awh_shared *shared = awh_conn_shared(conn);
	const struct admwh_bearer *bearer = conn->exchange.admission.bearer;
	struct awh_review *review;

	review = awh_review_reuse(conn->shard->spares, conn->exchange.route,
				  awh_shared_limit(shared, ADMWH_LIMIT_BODY),
				  awh_shared_limit(shared, ADMWH_LIMIT_JSON_DEPTH),
				  awh_shared_limit(shared, ADMWH_LIMIT_JSON_VALUES));
	conn->exchange.review = review;
	if (!review || !awh_share_begin(shared, review, conn->caller,
					conn->standing.certified ? NULL : bearer))
		return false;
	awh_review_set_deadline(review, deadline_ms(conn, head));
	return set_origin(conn, head);
}

static enum awh_step enter_body(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct awh_http_reply go_on = {.status = 100};

	if (!head->expect_continue)
		return awh_conn_enter_limited(conn, AWH_STAGE_READ_BODY, ADMWH_LIMIT_BODY_TIME);
	awh_buf_reset(&conn->output);
	awh_http_put_head(&conn->output, &go_on);
	return conn->output.err ? AWH_STEP_END : awh_write_enter(conn, AWH_STAGE_READ_BODY);
}

static void begin_request(struct awh_conn *conn)
{
	if (!awh_endpoint_has_reviews(conn->endpoint))
		return;
	conn->exchange.is_counted = true;
	atomic_fetch_add(&awh_conn_gauges(conn)->requests, 1);
}

/* Of the auth snapshot in force; 0 at an endpoint without any. */
static uint64_t generation_of(const struct awh_conn *conn)
{
	return conn->shard->snapshot ? conn->shard->snapshot->generation : 0;
}

static bool is_admitted(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct awh_admit_facts facts = awh_conn_admit_facts(conn);
	struct awh_exchange *exchange = &conn->exchange;
	bool admitted;

	if (conn->endpoint->is_open)
		return true;
	admitted =
	    awh_admit_request(&conn->standing, &exchange->admission, &facts, exchange->route, head);
	awh_tell_token(awh_conn_events(conn), &exchange->admission);
	if (exchange->admission.status)
		awh_tell_caller(awh_conn_events(conn), conn->address, facts.peer, exchange->route,
				&exchange->admission, facts.config->observe);
	return admitted;
}

static bool has_review(const struct awh_exchange *exchange)
{
	return !exchange->refusal && exchange->route->kind != AWH_ROUTE_PAGE;
}

/* The body of a refused request is still read, unless its sender waits to be told to send it. */
static enum awh_step take_head(struct awh_conn *conn)
{
	const struct awh_http_head *head = awh_http_head(conn->parser);
	struct awh_exchange *exchange = &conn->exchange;
	bool admitted;

	begin_request(conn);
	exchange->generation = generation_of(conn);
	exchange->head_only = strcmp(head->method, "HEAD") == 0;
	exchange->route = awh_routes_find(conn->endpoint->routes, head->path);
	admitted = is_admitted(conn, head);
	/* An unauthenticated client has one request a connection. */
	exchange->close = !head->keep_alive || !conn->standing.allowed;
	if (!admitted)
		return awh_answer_and_close(conn, exchange->admission.status,
					    admwh_strerror(exchange->admission.error.code));
	if (check_head(conn, head) && head->expect_continue)
		return awh_answer_and_close(conn, exchange->refusal, exchange->refusal_text);
	if (conn->endpoint->id == AWH_ENDPOINT_CONVERSION && !exchange->refusal)
		conn->has_asked = true;
	if (has_review(exchange) && !begin_review(conn, head))
		return awh_answer_and_close(conn, 503, "out of memory");
	return enter_body(conn, head);
}

static enum awh_step head_complete(struct awh_conn *conn)
{
	enum awh_step step = take_head(conn);

	awh_admission_release(&conn->exchange.admission);
	return step;
}

static enum awh_step http_error(struct awh_conn *conn)
{
	int status = awh_http_error_status(conn->parser);

	if (status == 413)
		awh_conn_tell_limit(conn, ADMWH_LIMIT_BODY);
	else if (awh_http_error_is_count(conn->parser))
		awh_conn_tell_limit(conn, ADMWH_LIMIT_HEADER_COUNT);
	else if (status == 414 || status == 431)
		awh_conn_tell_limit(conn, ADMWH_LIMIT_HEADER_BYTES);
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
		if (!conn->exchange.in_head && awh_http_in_request(conn->parser)) {
			conn->exchange.in_head = true;
			awh_conn_set_due(conn, (int64_t)awh_shared_limit(awh_conn_shared(conn),
									 ADMWH_LIMIT_HEADER_TIME));
		}
	}
}

enum awh_step awh_read_head_late(struct awh_conn *conn)
{
	if (conn->exchange.in_head || awh_conn_is_unauthenticated(conn))
		awh_conn_tell_limit(conn, ADMWH_LIMIT_HEADER_TIME);
	if (conn->exchange.in_head)
		return awh_answer_and_close(conn, 408, "no request head in time");
	return awh_conn_linger(conn, AWH_LINGER_MS);
}

static enum awh_step answer_page(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct admwh_route *route = conn->exchange.route;
	struct awh_http_reply reply = {.status = 200, .content_type = "text/plain; charset=utf-8"};
	struct awh_buf body;
	enum awh_step step;

	awh_buf_init(&body, PAGE_MAX);
	route->page(route, head, &reply, &body);
	if (body.err)
		step = awh_answer_and_close(conn, 503, "out of memory");
	else
		step = awh_answer(conn, &reply, body.data, body.len);
	awh_buf_deinit(&body);
	return step;
}

/*
 * The body may have been on its way for long. Its caller was admitted by its head, and a reload may
 * have denied it since.
 */
static bool is_still_admitted(struct awh_conn *conn)
{
	bool admitted;

	if (conn->exchange.generation == generation_of(conn) || awh_conn_config(conn)->observe)
		return true;
	admitted = is_admitted(conn, awh_http_head(conn->parser));
	awh_admission_release(&conn->exchange.admission); /* the review keeps its own */
	return admitted;
}

/* The body is there: on to its review, or to the refusal it was skipped for. */
static enum awh_step body_complete(struct awh_conn *conn)
{
	const struct awh_exchange *exchange = &conn->exchange;
	enum awh_step step;

	if (has_review(exchange) && !is_still_admitted(conn)) {
		step = awh_answer_and_close(conn, exchange->admission.status,
					    admwh_strerror(exchange->admission.error.code));
		awh_http_next(conn->parser);
		return step;
	}
	if (has_review(exchange)) {
		awh_http_next(conn->parser);
		return awh_conn_enter_now(conn, AWH_STAGE_REVIEW);
	}
	step = exchange->refusal
		   ? awh_answer_status(conn, exchange->refusal, exchange->refusal_text)
		   : answer_page(conn, awh_http_head(conn->parser));
	awh_http_next(conn->parser);
	return step;
}

/*
 * With its first piece a body has memory for all that its head announces, where there is room and
 * the piece is not all of it.
 */
static void reserve_body(const struct awh_conn *conn, struct awh_review *review, size_t piece)
{
	const uint64_t whole = awh_http_head(conn->parser)->content_length;
	size_t size;

	if (review->body.len > 0 || whole <= piece || whole <= review->body.capacity)
		return;
	size = awh_share_announce(awh_conn_shared(conn), review, whole);
	if (size > 0)
		awh_buf_reserve(&review->body, size);
}

static bool keep_piece(struct awh_conn *conn)
{
	struct awh_review *review = conn->exchange.review;
	size_t len;
	const char *piece = awh_http_piece(conn->parser, &len);

	if (!review)
		return true;
	reserve_body(conn, review, len);
	awh_buf_put(&review->body, piece, len);
	if (review->body.err)
		return false;
	awh_share_add_body(awh_conn_shared(conn), review, len);
	return true;
}

/* Past the budget of bodies in flight, and past its caller's share, a body waits for others. */
static bool has_room(const struct awh_conn *conn)
{
	const struct awh_shared *shared = awh_conn_shared(conn);
	const struct awh_review *review = conn->exchange.review;

	return !review || (!awh_share_is_full(shared) && !awh_share_is_used_up(shared, review));
}

static enum awh_step shed(struct awh_conn *conn)
{
	bool is_full = awh_share_is_full(awh_conn_shared(conn));

	awh_tell_shed(awh_conn_events(conn), conn->exchange.review,
		      is_full ? ADMWH_LIMIT_BODIES_IN_FLIGHT : ADMWH_LIMIT_CALLER_SHARE);
	conn->exchange.waits_since_ms = 0;
	if (is_full)
		return awh_answer_and_close(conn, 503, "too many bodies in flight");
	return awh_answer_and_close(conn, 429, "too many bodies of this caller in flight");
}

static enum awh_step wait_for_room(struct awh_conn *conn)
{
	int64_t now = awh_clock_ms();
	int64_t limit =
	    (int64_t)awh_shared_limit(awh_conn_shared(conn), ADMWH_LIMIT_BODY_WAIT_TIME);

	if (conn->exchange.waits_since_ms == 0)
		conn->exchange.waits_since_ms = now;
	if (now - conn->exchange.waits_since_ms >= limit || now >= conn->due_ms)
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
		if (conn->exchange.waits_since_ms) {
			conn->exchange.waits_since_ms = 0;
			awh_conn_rearm(conn);
		}
		step = fetch(conn);
		if (step != AWH_STEP_GO || conn->stage != AWH_STAGE_READ_BODY)
			return step;
	}
}

enum awh_step awh_read_body_late(struct awh_conn *conn)
{
	if (conn->exchange.waits_since_ms)
		return AWH_STEP_GO;
	awh_conn_tell_limit(conn, ADMWH_LIMIT_BODY_TIME);
	return awh_answer_and_close(conn, 408, "no body in time");
}
