/* SPDX-License-Identifier: MIT */
#include "conn/conn.h"

#include "base/clock.h"
#include "conn/share.h"

bool awh_conn_is_unauthenticated(const struct awh_conn *conn)
{
	const struct awh_standing *standing = &conn->standing;

	if (conn->endpoint->is_open)
		return !conn->has_asked;
	return awh_conn_config(conn)->observe ? !standing->certified : !standing->allowed;
}

bool awh_conn_is_idle(const struct awh_conn *conn)
{
	return (conn->stage == AWH_STAGE_NEXT_REQUEST ||
		(conn->stage == AWH_STAGE_READ_HEAD && !conn->exchange.in_head)) &&
	       conn->rest_len == 0 && awh_stream_pending(&conn->stream) == 0;
}

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

enum awh_step awh_conn_enter_now(struct awh_conn *conn, enum awh_stage stage)
{
	conn->stage = stage;
	return AWH_STEP_GO;
}

enum awh_step awh_conn_enter(struct awh_conn *conn, enum awh_stage stage, int64_t ms)
{
	awh_conn_set_due(conn, ms);
	return awh_conn_enter_now(conn, stage);
}

enum awh_step awh_conn_enter_limited(struct awh_conn *conn, enum awh_stage stage,
				     enum admwh_limit limit)
{
	return awh_conn_enter(conn, stage, (int64_t)awh_shared_limit(awh_conn_shared(conn), limit));
}

enum awh_step awh_conn_wait(struct awh_conn *conn, int wanted)
{
	/* No poll tells of what was received already. The stage's timer goes on. */
	if (wanted == AWH_TLS_WANT_READ && awh_stream_pending(&conn->stream) > 0)
		awh_watch_turn(conn->watch);
	awh_watch_for(conn->watch, wanted == AWH_TLS_WANT_WRITE ? AWH_WRITABLE : AWH_READABLE);
	return AWH_STEP_WAIT;
}

void awh_conn_request_over(struct awh_conn *conn)
{
	if (conn->exchange.is_counted)
		atomic_fetch_sub(&awh_conn_gauges(conn)->requests, 1);
	conn->exchange.is_counted = false;
}

void awh_conn_tell_limit(const struct awh_conn *conn, enum admwh_limit limit)
{
	if (awh_endpoint_has_reviews(conn->endpoint))
		awh_shared_tell_limit(awh_conn_shared(conn), limit);
}

void awh_conn_release_answer(struct awh_conn *conn)
{
	awh_share_release(awh_conn_shared(conn), conn->caller, conn->held);
	conn->held = 0;
}

void awh_conn_hold_received(struct awh_conn *conn)
{
	conn->received = conn->kept.capacity + awh_stream_held(&conn->stream);
	awh_share_hold(awh_conn_shared(conn), conn->caller, conn->received);
}

void awh_conn_release_received(struct awh_conn *conn)
{
	awh_share_release(awh_conn_shared(conn), conn->caller, conn->received);
	conn->received = 0;
}

void awh_conn_drop_review(struct awh_conn *conn)
{
	awh_share_end(awh_conn_shared(conn), conn->exchange.review);
	conn->exchange.review = NULL;
}

enum awh_step awh_conn_linger(struct awh_conn *conn, int64_t ms)
{
	awh_stream_close(&conn->stream);
	awh_conn_drop_review(conn);
	return awh_conn_enter(conn, AWH_STAGE_LINGER, ms);
}
