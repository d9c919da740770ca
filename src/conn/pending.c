/* SPDX-License-Identifier: MIT */
#include "conn/pending.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/container.h"
#include "conn/share.h"
#include "conn/write.h"

/*
 * Bodies up to this many bytes are decoded before they go to the pool: then the uid is known, and
 * a review that misses the deadline can be denied. Larger ones would hold up the loop for too long.
 */
enum { DECODE_HERE = 65536 };

/*
 * A review under way: in the pool, on a worker, or deferred. Outlives its connection if need be.
 * The list is the shard's thread's.
 */
struct awh_pending {
	struct awh_job job;
	struct awh_task done;
	struct awh_shard *shard;
	struct awh_pending *previous, *next;
	struct awh_conn *conn; /* NULL: abandoned; the shard's thread only */
	struct awh_review *review;
};

void awh_pending_abandon(struct awh_conn *conn)
{
	struct awh_pending *pending = conn->exchange.pending;

	if (!pending)
		return;
	awh_review_abandon(pending->review);
	awh_share_abandon(awh_conn_shared(conn), pending->review);
	pending->conn = NULL;
	conn->exchange.pending = NULL;
}

static void unlink_pending(struct awh_pending *pending)
{
	if (pending->previous)
		pending->previous->next = pending->next;
	else
		pending->shard->pendings = pending->next;
	if (pending->next)
		pending->next->previous = pending->previous;
}

/* Unlink one on its shard's thread; a shard keeps one for the next. */
static void discard(struct awh_pending *pending)
{
	struct awh_shard *shard = pending->shard;

	unlink_pending(pending);
	free(shard->spare_pending);
	shard->spare_pending = pending;
}

static void free_pending(struct awh_pending *pending)
{
	unlink_pending(pending);
	if (!pending->conn)
		awh_share_abandoned_over(pending->shard->shared, pending->review);
	awh_share_end(pending->shard->shared, pending->review);
	free(pending);
}

static struct awh_pending *pending_of_job(struct awh_job *job)
{
	return AWH_CONTAINER(job, struct awh_pending, job);
}

static struct awh_pending *pending_of_done(struct awh_task *done)
{
	return AWH_CONTAINER(done, struct awh_pending, done);
}

static atomic_llong *queued(const struct awh_shard *shard)
{
	return &awh_shared_gauges(shard->shared)->queued;
}

/* A queue is stalled when nothing moves it, however long it is. */
static void moved(const struct awh_shard *shard)
{
	atomic_store(&awh_shared_gauges(shard->shared)->moved_ms, awh_clock_ms());
}

/* The review is decided: back to its loop. On the thread that decided it. */
static void report(struct awh_review *review)
{
	struct awh_pending *pending = review->waiter;

	awh_loop_post(pending->shard->loop, &pending->done);
}

/* On a worker. A review that is deferred may be over by the time this returns. */
static void run_review(struct awh_job *job)
{
	struct awh_review *review = pending_of_job(job)->review;

	moved(pending_of_job(job)->shard);
	atomic_fetch_sub(queued(pending_of_job(job)->shard), 1);
	if (!awh_review_run(review))
		return;
	awh_trim_now(&pending_of_job(job)->shard->shared->trim, review->built);
	awh_review_settle(review);
	report(review);
}

static void drop_pending(struct awh_job *job)
{
	atomic_fetch_sub(queued(pending_of_job(job)->shard), 1);
	free_pending(pending_of_job(job));
}

/* On the shard's thread: back to the connection, if it still waits. */
static void review_done(struct awh_task *done)
{
	struct awh_pending *pending = pending_of_done(done);
	struct awh_conn *conn = pending->conn;

	if (!conn) {
		awh_tell_abandoned(pending->shard->shared->events);
		free_pending(pending);
		return;
	}
	conn->exchange.review = pending->review;
	conn->exchange.pending = NULL;
	discard(pending);
	conn->go_on(conn);
}

void awh_pending_detach(struct awh_shard *shard)
{
	struct awh_pending *pending = shard->pendings;

	while (pending) {
		struct awh_pending *next = pending->next;

		/* What is decided has been posted, and is freed with the loop. */
		if (awh_review_detach(pending->review))
			free_pending(pending);
		pending = next;
	}
}

static struct awh_pending *pending_new(struct awh_conn *conn)
{
	struct awh_shard *shard = conn->shard;
	struct awh_pending *pending = shard->spare_pending;

	shard->spare_pending = NULL;
	if (!pending)
		pending = malloc(sizeof(*pending));
	if (!pending)
		return NULL;
	*pending = (struct awh_pending){.conn = conn};
	pending->job.run = run_review;
	pending->job.drop = drop_pending;
	pending->done.run = review_done;
	pending->shard = shard;
	pending->review = conn->exchange.review;
	pending->review->done = report;
	pending->review->waiter = pending;
	pending->next = shard->pendings;
	if (pending->next)
		pending->next->previous = pending;
	shard->pendings = pending;
	return pending;
}

/* The review is another's now; it comes back, or its deadline does. */
static enum awh_step wait_for_review(struct awh_conn *conn, struct awh_pending *pending)
{
	/* Rounded up: the review must be late by its own clock too. */
	int64_t left_ms = (conn->exchange.review->deadline_us - awh_clock_us() + 999) / 1000;

	conn->exchange.review = NULL;
	conn->exchange.pending = pending;
	awh_conn_set_due(conn, left_ms > 0 ? left_ms : 0);
	return AWH_STEP_WAIT;
}

/* No place in the queue: for any review, or for one of a caller that has its share. */
static enum awh_step shed(struct awh_conn *conn, int err)
{
	awh_tell_shed(awh_conn_events(conn), conn->exchange.review,
		      err == ADMWH_E_LIMIT ? ADMWH_LIMIT_CALLER_SHARE : ADMWH_LIMIT_QUEUE);
	if (err == ADMWH_E_LIMIT)
		return awh_answer_status(conn, 429, "too many reviews of this caller in progress");
	return awh_answer_status(conn, 503, "too many reviews in progress");
}

/* Its token is for another API group: that is found out late, when its body is decoded. */
static void tell_other_group(struct awh_conn *conn)
{
	const struct awh_review *review = conn->exchange.review;
	struct awh_admission *admission = &conn->exchange.admission;

	*admission = (struct awh_admission){
	    .status = 403,
	    .verdict = AWH_VERDICT_API_GROUP_REFUSED,
	    .bearer = review->bearer,
	};
	awh_review_group_error(review, &admission->error);
	awh_tell_caller(awh_conn_events(conn), conn->address, awh_conn_peer(conn),
			conn->exchange.route, admission, review->observes);
	admission->bearer = NULL;
}

/* It has run; or its caller is refused; or there was no room for its index or its trees. */
static enum awh_step answer(struct awh_conn *conn)
{
	const struct awh_review *review = conn->exchange.review;

	if (review->is_of_other_group)
		tell_other_group(conn);
	if (review->outcome == AWH_OUTCOME_REFUSED)
		return awh_answer_and_close(conn, 403, admwh_strerror(ADMWH_E_REFUSED));
	if (review->outcome != AWH_OUTCOME_SHED)
		return awh_answer_review(conn);
	awh_tell_shed(awh_conn_events(conn), review,
		      review->status == 429 ? ADMWH_LIMIT_CALLER_SHARE
					    : ADMWH_LIMIT_BODIES_IN_FLIGHT);
	return awh_answer_status(conn, review->status, review->error.text);
}

static enum awh_step submit(struct awh_conn *conn, struct awh_pending *pending)
{
	int err;

	pending->review->queued_us = awh_clock_us();
	if (atomic_load(queued(conn->shard)) == 0)
		moved(conn->shard);
	atomic_fetch_add(queued(conn->shard), 1);
	err = awh_pool_submit(awh_conn_shared(conn)->pool, &pending->review->caller->line,
			      &pending->job);
	if (err == 0)
		return wait_for_review(conn, pending);
	atomic_fetch_sub(queued(conn->shard), 1);
	discard(pending);
	return shed(conn, err);
}

enum awh_step awh_pending_review(struct awh_conn *conn)
{
	struct awh_review *review = conn->exchange.review;
	struct awh_pending *pending;
	int err;

	if (review->outcome != AWH_OUTCOME_NONE)
		return answer(conn);
	if ((conn->exchange.route->is_inline || review->body.len <= DECODE_HERE) &&
	    !awh_review_decode(review))
		return answer(conn);
	err = awh_share_check(awh_conn_shared(conn), review);
	if (err)
		return shed(conn, err);
	pending = pending_new(conn);
	if (!pending)
		return awh_answer_and_close(conn, 503, "out of memory");
	if (!conn->exchange.route->is_inline)
		return submit(conn, pending);
	if (!awh_review_run(review))
		return wait_for_review(conn, pending);
	discard(pending);
	return answer(conn);
}

enum awh_step awh_pending_late(struct awh_conn *conn)
{
	const struct awh_origin origin = awh_conn_origin(conn);
	struct awh_review *late = conn->exchange.pending->review;
	struct awh_http_reply reply = {0};
	struct awh_buf body;
	enum awh_step step = AWH_STEP_END;

	if (!awh_review_abandon(late))
		return AWH_STEP_WAIT; /* just decided: it is on its way */
	atomic_store(&late->starved, late->queued_us && !atomic_load(&late->begun));
	awh_tell_review(awh_conn_events(conn), &origin, late, AWH_OUTCOME_DEADLINE);
	awh_buf_init(&body, AWH_OUTPUT_MAX);
	if (awh_review_answer_late(late, &body, &reply.status) == 0) {
		awh_recorder_take_late(awh_conn_shared(conn)->recorder, late, &body);
		step = awh_answer(conn, &reply, body.data, body.len);
	}
	awh_pending_abandon(conn);
	awh_buf_deinit(&body);
	return step;
}
