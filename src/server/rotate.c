/* SPDX-License-Identifier: MIT */
#include "server/rotate.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/container.h"
#include "conn/conn.h"

/* A shard takes what is newest, however many have come since it was last its turn. */
static void on_shard_swap(struct awh_task *task)
{
	struct awh_shard *shard = AWH_CONTAINER(task, struct awh_shard, swap);
	struct awh_snapshot *fresh = atomic_exchange(&shard->fresh, NULL);

	if (!fresh)
		return;
	awh_snapshot_unref(shard->snapshot);
	shard->snapshot = fresh;
	awh_conns_judge_again(shard);
}

void awh_rotate_init_shard(struct awh_shard *shard)
{
	shard->snapshot = awh_snapshot_ref(shard->server->snapshot);
	shard->swap.run = on_shard_swap;
}

void awh_rotate_deinit_shard(struct awh_shard *shard)
{
	awh_snapshot_unref(shard->snapshot);
	awh_snapshot_unref(atomic_exchange(&shard->fresh, NULL));
	shard->snapshot = NULL;
}

/* On the first shard's thread: from here on it is what connections are accepted under. */
static void on_swap(struct awh_task *task)
{
	struct admwh_server *server = AWH_CONTAINER(task, struct admwh_server, swap);
	struct awh_snapshot *fresh = atomic_exchange(&server->fresh, NULL);

	if (!fresh)
		return;
	awh_snapshot_unref(server->snapshot);
	server->snapshot = fresh;
	for (size_t i = 0; i < server->n_shards; i++) {
		struct awh_shard *shard = &server->shards[i];

		awh_snapshot_unref(atomic_exchange(&shard->fresh, awh_snapshot_ref(fresh)));
		awh_loop_post(shard->loop, &shard->swap);
	}
	atomic_store(&server->has_snapshot, true);
	awh_tell_reloaded(&server->events, fresh->changes, fresh->generation);
}

/*
 * On the control thread. One that was not taken yet has its place taken. The watcher has no
 * connection to judge: the reloader keeps what it tells of.
 */
static void on_reloaded(void *userdata, struct awh_snapshot *snapshot)
{
	struct admwh_server *server = userdata;
	struct awh_snapshot *missed;

	if (server->watches) {
		awh_snapshot_unref(snapshot);
		return;
	}
	missed = atomic_exchange(&server->fresh, NULL);

	if (missed)
		snapshot->changes |= missed->changes;
	awh_snapshot_unref(missed);
	atomic_store(&server->fresh, snapshot);
	awh_loop_post(server->shards[0].loop, &server->swap);
}

/* Where others serve beside this process, all of them look, told by their supervisor. */
static void asked(struct admwh_server *server)
{
	if (server->fleet)
		awh_server_pass_on_reload(server);
	else
		awh_reloader_ask(server->reloader);
}

static void on_asked(void *userdata, unsigned int happened)
{
	struct admwh_server *server = userdata;
	uint64_t times;

	(void)happened;
	if (read(server->reload_fd, &times, sizeof(times)) == sizeof(times))
		asked(server);
}

static void on_hangup(void *userdata)
{
	asked(userdata);
}

static void on_ask(struct awh_task *task)
{
	struct admwh_server *server = AWH_CONTAINER(task, struct admwh_server, ask);

	if (server->reloader)
		awh_reloader_ask(server->reloader);
}

void awh_rotate_ask(struct admwh_server *server)
{
	awh_loop_post(server->control, &server->ask);
}

int awh_rotate_catch_up(struct admwh_server *server, struct awh_error *error)
{
	const struct admwh_config *config = server->config;
	const struct awh_sources *good = config->start_unready ? NULL : &config->sources;
	struct awh_snapshot *snapshot = NULL;
	struct awh_sources fresh;
	struct awh_fault fault;
	int failed = awh_sources_read_again(&fresh, &config->sources, &fault);
	bool is_new = !server->snapshot || !awh_sources_equal(&fresh, &server->loaded);

	if (failed == 0 && is_new)
		snapshot = awh_snapshot_new(config, &fresh, good, &fault);
	if (snapshot) {
		awh_snapshot_unref(server->snapshot);
		awh_sources_deinit(&server->loaded);
		awh_sources_forget(&fresh, false);
		server->snapshot = snapshot;
		server->loaded = fresh;
		return 0;
	}
	awh_sources_deinit(&fresh);
	return failed || is_new ? awh_fail(error, fault.error.code, "%s", fault.error.text) : 0;
}

int awh_rotate_make(struct admwh_server *server)
{
	const struct awh_reload_params params = {
	    .loop = server->control,
	    .config = server->config,
	    .events = &server->events,
	    .snapshot = server->snapshot,
	    .good = &server->loaded,
	    .reloaded = on_reloaded,
	    .userdata = server,
	};

	atomic_store(&server->has_snapshot, server->snapshot != NULL);
	server->swap.run = on_swap;
	server->ask.run = on_ask;
	server->reloader = awh_reloader_new(&params, &server->error);
	if (!server->reloader)
		return server->error.code;
	server->asked = awh_watch_new(server->control, server->reload_fd, on_asked, server);
	if (!server->asked)
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	awh_watch_for(server->asked, AWH_READABLE);
	if (!server->config->reload_on_sighup || server->fleet)
		return 0;
	server->hangup = awh_signal_new(server->control, SIGHUP, on_hangup, server, &server->error);
	return server->hangup ? 0 : server->error.code;
}

void awh_rotate_end(struct admwh_server *server)
{
	awh_reloader_free(server->reloader);
	awh_watch_free(server->asked);
	awh_signal_free(server->hangup);
	server->reloader = NULL;
	server->asked = NULL;
	server->hangup = NULL;
}

void admwh_server_reload(struct admwh_server *server)
{
	const uint64_t once = 1;
	int saved = errno; /* may be called in a signal handler */

	/* Only fails when the counter is full: then it has been asked for often enough. */
	if (server && write(server->reload_fd, &once, sizeof(once)) < 0)
		errno = saved;
}
