/* SPDX-License-Identifier: MIT */
#include "conn/shard.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/container.h"
#include "conn/share.h"
#include "conn/walk.h"

enum {
	/* When there is no room: */
	SILENT_MS = 100,           /* how long a client that has sent no byte keeps its place */
	UNAUTHENTICATED_MS = 1000, /* and one that is not authenticated */
};

/* A client's request for an exempt path counts as any other. */
static bool is_answering(const struct awh_conn *conn)
{
	return conn->stage == AWH_STAGE_REVIEW || conn->stage == AWH_STAGE_WRITE;
}

static bool has_had_its_time(const struct awh_conn *conn, int64_t now)
{
	int64_t most = awh_stream_is_silent(&conn->stream) ? SILENT_MS : UNAUTHENTICATED_MS;

	return awh_conn_is_unauthenticated(conn) && !is_answering(conn) &&
	       now - conn->since_ms > most;
}

/* Of a caller that is to give up a place, the connection that has been idle for longest. */
static struct awh_conn *find_idlest(const struct awh_shard *shard, int64_t now)
{
	const int64_t idle_ms =
	    (int64_t)awh_shared_limit(shard->shared, ADMWH_LIMIT_IDLE_TIME) - SILENT_MS;
	struct awh_conn *idlest = NULL;

	for (struct awh_conn *conn = shard->conns; conn; conn = conn->next)
		if (conn->caller && atomic_load(&conn->caller->gives_place) &&
		    awh_conn_is_idle(conn) && conn->due_ms - now < idle_ms &&
		    (!idlest || conn->due_ms < idlest->due_ms))
			idlest = conn;
	return idlest;
}

/* One of all shards' at a time: the first shard to have one takes the mark away. */
static void end_idlest(struct awh_shard *shard, int64_t now)
{
	struct awh_conn *conn = find_idlest(shard, now);

	if (!conn || !atomic_exchange(&conn->caller->gives_place, false))
		return;
	awh_shared_tell_limit(shard->shared, ADMWH_LIMIT_CALLER_SHARE);
	awh_stream_close(&conn->stream);
	awh_conn_end(conn);
}

/* End the connections of unauthenticated clients that have had their time; false: there is none. */
static bool end_unauthenticated(struct awh_shard *shard, int64_t now)
{
	struct awh_conn *conn = shard->conns;
	bool any = false;

	while (conn) {
		struct awh_conn *next = conn->next;

		if (has_had_its_time(conn, now)) {
			awh_conn_end(conn);
			any = true;
		}
		conn = next;
	}
	return any;
}

/* An authenticated caller gives up a connection only where no other client leaves room. */
static void on_evict(struct awh_task *task)
{
	struct awh_shard *shard = AWH_CONTAINER(task, struct awh_shard, evict);
	int64_t now = awh_clock_ms();

	if (!end_unauthenticated(shard, now))
		end_idlest(shard, now);
}

/*
 * Has it been identified as allowed? Before that the identify stage evaluates it; an
 * unauthenticated client has one request anyway.
 */
static bool is_to_be_evaluated(const struct awh_conn *conn)
{
	return conn->snapshot && conn->standing.certified &&
	       conn->stage >= AWH_STAGE_NEXT_REQUEST && conn->stage != AWH_STAGE_LINGER;
}

/* A request that has begun is answered; a connection between two requests ends now. */
static void deny(struct awh_conn *conn, const struct awh_error *error)
{
	conn->standing = (struct awh_standing){.verdict = *error};
	conn->exchange.close = true;
	if (conn->stage == AWH_STAGE_WRITE && conn->after_write == AWH_STAGE_NEXT_REQUEST)
		conn->after_write = AWH_STAGE_LINGER;
	if (awh_conn_is_idle(conn))
		awh_conn_follow(conn, awh_conn_linger(conn, AWH_LINGER_MS));
}

static void evaluate_again(struct awh_conn *conn)
{
	const struct awh_admit_facts facts = awh_conn_admit_facts(conn);
	struct awh_error error = {0};
	bool ends;

	if (!is_to_be_evaluated(conn) || awh_admit_again(&conn->standing, &facts, &error))
		return;
	ends = facts.config->close_untrusted || error.code == ADMWH_E_REVOKED;
	awh_tell_untrusted(awh_conn_events(conn), conn->address, facts.peer, &error, ends);
	if (ends)
		deny(conn, &error);
}

/* A shard takes the newest snapshot, however many have come since its last turn. */
static void on_swap(struct awh_task *task)
{
	struct awh_shard *shard = AWH_CONTAINER(task, struct awh_shard, swap);
	struct awh_snapshot *fresh = atomic_exchange(&shard->fresh, NULL);
	struct awh_conn *conn = shard->conns;

	if (!fresh)
		return;
	awh_snapshot_unref(shard->snapshot);
	shard->snapshot = fresh;
	while (conn) {
		struct awh_conn *next = conn->next;

		evaluate_again(conn);
		conn = next;
	}
}

/*
 * A request may be on its way on an idle connection too: its caller would take an end now for a
 * failure, so it is given a moment more.
 */
static void retire_all(struct awh_shard *shard)
{
	for (struct awh_conn *conn = shard->conns; conn; conn = conn->next)
		if (awh_conn_is_idle(conn))
			awh_conn_set_due(conn, AWH_LAST_REQUEST_MS);
}

static bool is_in_request(const struct awh_conn *conn)
{
	return awh_endpoint_has_reviews(conn->endpoint) && conn->stage >= AWH_STAGE_READ_HEAD &&
	       conn->stage != AWH_STAGE_LINGER && !awh_conn_is_idle(conn);
}

static void cut_all(struct awh_shard *shard)
{
	struct awh_conn *conn = shard->conns;

	while (conn) {
		struct awh_conn *next = conn->next;

		if (is_in_request(conn))
			atomic_store(&shard->shared->cut_off, true);
		awh_conn_end(conn);
		conn = next;
	}
}

static void check_drained(struct awh_shard *shard)
{
	if (!shard->stopping || shard->ended || shard->n_conns > 0)
		return;
	shard->ended = true;
	awh_watch_free(shard->drain);
	shard->drain = NULL;
	awh_quiet_end(&shard->quiet);
	shard->drained(shard, shard->userdata);
}

static void on_stop(struct awh_task *task)
{
	struct awh_shard *shard = AWH_CONTAINER(task, struct awh_shard, stop);

	shard->stopping = true;
	awh_watch_timer(shard->drain,
			(int64_t)awh_shared_limit(shard->shared, ADMWH_LIMIT_DRAIN_TIME));
	retire_all(shard);
	check_drained(shard);
}

static void on_drain_late(void *userdata, unsigned int happened)
{
	struct awh_shard *shard = userdata;

	(void)happened;
	if (shard->n_conns > 0)
		awh_shared_tell_limit(shard->shared, ADMWH_LIMIT_DRAIN_TIME);
	cut_all(shard);
}

static void on_cut(struct awh_task *task)
{
	cut_all(AWH_CONTAINER(task, struct awh_shard, cut));
}

int awh_shard_init(struct awh_shard *shard, struct awh_shared *shared,
		   struct awh_snapshot *snapshot,
		   void (*drained)(struct awh_shard *shard, void *userdata), void *userdata)
{
	shard->shared = shared;
	shard->snapshot = awh_snapshot_ref(snapshot);
	shard->swap.run = on_swap;
	shard->stop.run = on_stop;
	shard->cut.run = on_cut;
	shard->evict.run = on_evict;
	shard->emptied = check_drained;
	shard->drained = drained;
	shard->userdata = userdata;
	shard->scratch = malloc(AWH_SCRATCH);
	shard->drain = awh_watch_new(shard->loop, -1, on_drain_late, shard);
	shard->paths = awh_path_cache_new();
	shard->spares = awh_review_spares_new();
	if (!shard->scratch || !shard->drain || !shard->paths || !shard->spares)
		return ADMWH_E_NOMEM;
	return awh_quiet_make(&shard->quiet, shard->loop, &shared->trim, AWH_QUIET_MS);
}

void awh_shard_deinit(struct awh_shard *shard)
{
	awh_watch_free(shard->drain);
	awh_quiet_end(&shard->quiet);
	awh_loop_free(shard->loop);
	if (shard->scratch) /* requests went through it, with their tokens */
		explicit_bzero(shard->scratch, AWH_SCRATCH);
	awh_snapshot_unref(shard->snapshot);
	awh_snapshot_unref(atomic_exchange(&shard->fresh, NULL));
	free(shard->scratch);
	awh_tls_buffer_deinit(&shard->received);
	awh_path_cache_free(shard->paths);
	awh_spares_unref(shard->spares);
	free(shard->spare_pending);
	awh_arena_deinit(&shard->heads);
	*shard = (struct awh_shard){0};
}

static bool open_next(struct awh_endpoint *endpoint, int fd, const struct sockaddr_storage *address,
		      void *userdata)
{
	struct awh_shards *shards = userdata;
	struct awh_shard *shard = &shards->items[shards->next];

	shards->next = (shards->next + 1) % shards->n_items;
	return awh_conn_open(endpoint, shard, fd, address);
}

static void press(struct awh_endpoint *endpoint, void *userdata)
{
	const struct awh_shards *shards = userdata;

	if (awh_endpoint_has_reviews(endpoint))
		awh_share_press(endpoint->shared);
	for (size_t i = 0; i < shards->n_items; i++)
		awh_loop_post(shards->items[i].loop, &shards->items[i].evict);
}

struct awh_endpoint_owner awh_shards_owner(struct awh_shards *shards)
{
	return (struct awh_endpoint_owner){.open = open_next, .press = press, .userdata = shards};
}

void awh_shard_hand_over(struct awh_shard *shard, struct awh_snapshot *snapshot)
{
	awh_snapshot_unref(atomic_exchange(&shard->fresh, awh_snapshot_ref(snapshot)));
	awh_loop_post(shard->loop, &shard->swap);
}

void awh_shard_stop(struct awh_shard *shard)
{
	awh_loop_post(shard->loop, &shard->stop);
}

void awh_shard_cut(struct awh_shard *shard)
{
	awh_loop_post(shard->loop, &shard->cut);
}

void awh_shard_end(struct awh_shard *shard)
{
	cut_all(shard);
	awh_watch_free(shard->drain);
	shard->drain = NULL;
	awh_quiet_end(&shard->quiet);
	shard->ended = true;
}
