/* SPDX-License-Identifier: MIT */
#include "conn/write.h"

#include <errno.h>
#include <string.h>

#include "conn/refuse.h"
#include "conn/share.h"
#include "review/status.h"

enum {
	RETRY_AFTER_S = 1,
	KEPT_OUTPUT = 4096, /* an idle connection keeps no larger buffer */
};

enum awh_step awh_write_enter(struct awh_conn *conn, enum awh_stage after)
{
	conn->after_write = after;
	conn->output_at = 0;
	return awh_conn_enter_limited(conn, AWH_STAGE_WRITE, ADMWH_LIMIT_WRITE_TIME);
}

/*
 * Closing a socket with unread bytes resets it, and the reset can overtake the answer: the bytes
 * that the client still sends are read and thrown away for a while.
 */
enum awh_step awh_linger(struct awh_conn *conn)
{
	for (int i = 0; i < AWH_TURNS; i++) {
		ssize_t got =
		    recv(conn->stream.fd, conn->shard->scratch, AWH_SCRATCH, MSG_DONTWAIT);

		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return AWH_STEP_END;
		if (got < 0)
			break;
	}
	return awh_conn_wait(conn, AWH_TLS_WANT_READ);
}

static void hold_answer(struct awh_conn *conn)
{
	conn->held = conn->output.capacity;
	awh_share_hold(awh_conn_shared(conn), conn->caller, conn->held);
}

enum awh_step awh_write(struct awh_conn *conn)
{
	while (conn->output_at < conn->output.len) {
		size_t put;
		int got = awh_stream_write(&conn->stream, conn->output.data + conn->output_at,
					   conn->output.len - conn->output_at, &put);

		if (got < 0)
			return AWH_STEP_END;
		if (got > 0)
			return awh_conn_wait(conn, got);
		conn->output_at += put;
	}
	if (conn->output.capacity > KEPT_OUTPUT) {
		awh_conn_release_answer(conn);
		awh_buf_deinit(&conn->output);
	}
	switch (conn->after_write) {
	case AWH_STAGE_READ_BODY:
		return awh_conn_enter_limited(conn, AWH_STAGE_READ_BODY, ADMWH_LIMIT_BODY_TIME);
	case AWH_STAGE_NEXT_REQUEST:
		return awh_conn_enter_now(conn, AWH_STAGE_NEXT_REQUEST);
	default:
		return awh_conn_linger(conn, AWH_LINGER_MS);
	}
}

enum awh_step awh_write_late(struct awh_conn *conn)
{
	awh_conn_tell_limit(conn, ADMWH_LIMIT_WRITE_TIME);
	return AWH_STEP_END;
}

enum awh_step awh_answer(struct awh_conn *conn, struct awh_http_reply *reply, const char *body,
			 size_t len)
{
	struct awh_exchange *exchange = &conn->exchange;

	if (atomic_load(&awh_conn_shared(conn)->stopping))
		exchange->close = true;
	reply->close = exchange->close;
	reply->body_len = len;
	awh_buf_reset(&conn->output);
	awh_http_put_head(&conn->output, reply);
	if (!exchange->head_only)
		awh_buf_put(&conn->output, body, len);
	awh_conn_drop_review(conn);
	awh_conn_request_over(conn);
	if (conn->output.err)
		return AWH_STEP_END;
	if (conn->output.capacity > KEPT_OUTPUT)
		hold_answer(conn);
	conn->answers++;
	return awh_write_enter(conn, exchange->close ? AWH_STAGE_LINGER : AWH_STAGE_NEXT_REQUEST);
}

/* The program's reply, if it has one. The head is the parser's until the next request. */
static bool ask_program(const struct awh_conn *conn, struct admwh_refusal refusal,
			struct admwh_reply *reply)
{
	const struct awh_http_head *head = awh_http_head(conn->parser);
	const struct admwh_route *route = conn->exchange.route;

	*reply = (struct admwh_reply){0};
	if (!awh_endpoint_is_main(conn->endpoint))
		return false;
	if (head) {
		refusal.method = head->method;
		refusal.path = head->path;
	} else if (route && route->kind != AWH_ROUTE_PAGE) {
		/* That of a review, which is known by its route. */
		refusal.method = "POST";
		refusal.path = route->path;
	}
	return awh_refuse_by_program(awh_conn_config(conn), &refusal, reply);
}

/* The fields beside the content stay the library's. */
static enum awh_step answer_words(struct awh_conn *conn, struct awh_http_reply *reply,
				  const struct admwh_reply *words)
{
	reply->status = words->status;
	reply->content_type = words->content_type.data;
	return awh_answer(conn, reply, words->body.data, words->body.len);
}

enum awh_step awh_answer_status(struct awh_conn *conn, int status, const char *message)
{
	bool is_identity = status == 401 || status == 403;
	const struct admwh_refusal refusal = {
	    .status = status,
	    .err = is_identity ? conn->exchange.admission.error.code : awh_refusal_code(status),
	    .message = message,
	};
	struct awh_http_reply reply = {.status = status};
	struct admwh_reply words;
	struct awh_buf body;
	enum awh_step step;

	awh_tell_refusal(awh_conn_events(conn), conn->endpoint->id, conn->address,
			 awh_conn_peer(conn), status, message);
	if (status == 401)
		reply.authenticate = conn->exchange.admission.challenge;
	if (status == 405 && conn->exchange.route)
		reply.allow = awh_route_methods(conn->exchange.route);
	if (status == 429 || status == 503)
		reply.retry_after = RETRY_AFTER_S;
	if (ask_program(conn, refusal, &words)) {
		step = answer_words(conn, &reply, &words);
		awh_reply_deinit(&words);
		return step;
	}
	awh_reply_deinit(&words);
	awh_buf_init(&body, AWH_OUTPUT_MAX);
	awh_put_status_alone(&body, &(const struct awh_status){.message = message, .code = status});
	if (body.err)
		step = awh_answer(conn, &reply, awh_out_of_memory, strlen(awh_out_of_memory));
	else
		step = awh_answer(conn, &reply, body.data, body.len);
	awh_buf_deinit(&body);
	return step;
}

enum awh_step awh_answer_and_close(struct awh_conn *conn, int status, const char *message)
{
	conn->exchange.close = true;
	return awh_answer_status(conn, status, message);
}

/* A body that is no review is refused; the program may have its own reply for that. */
static bool answer_malformed(struct awh_conn *conn, enum awh_step *step)
{
	const struct awh_review *review = conn->exchange.review;
	const struct admwh_refusal refusal = {
	    .status = review->status,
	    .err = review->error.code,
	    .message = review->error.text,
	};
	struct awh_http_reply reply = {0};
	struct admwh_reply words;
	bool has_words = ask_program(conn, refusal, &words);

	if (has_words)
		*step = answer_words(conn, &reply, &words);
	awh_reply_deinit(&words);
	return has_words;
}

enum awh_step awh_answer_review(struct awh_conn *conn)
{
	const struct awh_origin origin = awh_conn_origin(conn);
	const struct awh_review *review = conn->exchange.review;
	struct awh_http_reply reply = {.status = review->answer.err ? 500 : review->status};
	enum awh_step step;

	awh_tell_review(awh_conn_events(conn), &origin, review, review->outcome);
	awh_recorder_take(awh_conn_shared(conn)->recorder, review);
	if (review->outcome == AWH_OUTCOME_MALFORMED && answer_malformed(conn, &step))
		return step;
	if (review->answer.err)
		return awh_answer(conn, &reply, awh_out_of_memory, strlen(awh_out_of_memory));
	return awh_answer(conn, &reply, review->answer.data, review->answer.len);
}
