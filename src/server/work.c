/* SPDX-License-Identifier: MIT */
/*
 * decode, dispatch, encode: a review's way through the pool and back, or its
 * run on the loop itself. A review that is late is answered for; it goes on
 * unseen and is freed when its handler has returned.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/container.h"
#include "server/conn.h"
#include "server/events.h"

/*
 * Bodies up to this many bytes are decoded before they go to the pool: then the uid is known, and
 * whoever misses the deadline can be denied. Larger ones would hold up the loop for too long.
 */
enum { DECODE_HERE = 65536 };

/* A review in the pool. Outlives its connection if need be. */
struct awh_pending {
	struct awh_job job;
	struct awh_task done;
	struct awh_shard *shard;
	struct awh_conn *conn; /* NULL: nobody waits for it; the shard's thread only */
	struct awh_review *review;
};

void awh_work_drop(struct awh_shard *shard, struct awh_review *review)
{
	if (!review)
		return;
	atomic_fetch_sub(&shard->server->events.metrics.gauges->bodies,
			 (long long)review->body.len);
	awh_review_free(review);
}

void awh_work_abandon(struct awh_conn *conn)
{
	if (conn->pending)
		conn->pending->conn = NULL;
	conn->pending = NULL;
}

static void free_pending(struct awh_pending *pending)
{
	awh_work_drop(pending->shard, pending->review);
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
	return &shard->server->events.metrics.gauges->queued;
}

/* On a worker. */
static void run_review(struct awh_job *job)
{
	struct awh_pending *pending = pending_of_job(job);

	atomic_fetch_sub(queued(pending->shard), 1);
	awh_review_run(pending->review);
	awh_loop_post(pending->shard->loop, &pending->done);
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
		free_pending(pending);
		return;
	}
	conn->review = pending->review;
	conn->pending = NULL;
	free(pending);
	awh_conn_walk(conn);
}

static enum awh_step submit(struct awh_conn *conn)
{
	struct awh_pending *pending = calloc(1, sizeof(*pending));
	int64_t left_ms = (conn->review->deadline_us - awh_clock_us()) / 1000;

	if (!pending)
		return awh_answer_and_close(conn, 503, "out of memory");
	pending->job.run = run_review;
	pending->job.drop = drop_pending;
	pending->done.run = review_done;
	pending->shard = conn->shard;
	pending->conn = conn;
	pending->review = conn->review;
	atomic_fetch_add(queued(conn->shard), 1);
	if (awh_pool_submit(awh_conn_server(conn)->pool, &pending->job)) {
		atomic_fetch_sub(queued(conn->shard), 1);
		free(pending);
		awh_tell_shed(&awh_conn_server(conn)->events, conn->review);
		return awh_answer_status(conn, 503, "too many reviews in progress");
	}
	conn->review = NULL;
	conn->pending = pending;
	awh_conn_set_due(conn, left_ms > 0 ? left_ms : 0);
	awh_watch_for(conn->watch, 0);
	return AWH_STEP_WAIT;
}

enum awh_step awh_work(struct awh_conn *conn)
{
	struct awh_review *review = conn->review;

	if (review->outcome != AWH_OUTCOME_NONE)
		return awh_answer_review(conn);
	if ((conn->route->is_inline || review->body.len <= DECODE_HERE) &&
	    !awh_review_decode(review))
		return awh_answer_review(conn);
	if (!conn->route->is_inline)
		return submit(conn);
	awh_review_run(review);
	return awh_answer_review(conn);
}

enum awh_step awh_work_late(struct awh_conn *conn)
{
	struct awh_review *late = conn->pending->review;
	struct awh_http_reply reply = {0};
	struct awh_buf body;
	enum awh_step step = AWH_STEP_END;

	awh_tell_review(&awh_conn_server(conn)->events, conn->address, late, AWH_OUTCOME_DEADLINE);
	awh_buf_init(&body, AWH_OUTPUT_MAX);
	if (awh_review_answer_late(late, &body, &reply.status) == 0)
		step = awh_answer(conn, &reply, body.data, body.len);
	awh_work_abandon(conn);
	awh_buf_deinit(&body);
	return step;
}
