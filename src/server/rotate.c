/* SPDX-License-Identifier: MIT */
#include "server/rotate.h"

#include <signal.h>
#include <unistd.h>

#include "base/container.h"
#include "config/program_file.h"
#include "process/orders.h"

int awh_rotation_first(struct awh_rotation *rotation, bool again, struct awh_error *error)
{
	const struct admwh_config *config = rotation->config;
	const struct awh_sources *read = &config->sources;
	struct awh_fault fault;

	rotation->endpoint->snapshot = awh_snapshot_new(config, read, again ? read : NULL, &fault);
	if (rotation->endpoint->snapshot)
		return awh_sources_copy(&rotation->loaded, read)
			   ? awh_fail(error, ADMWH_E_NOMEM, "out of memory")
			   : 0;
	if (config->start_unready && fault.error.code != ADMWH_E_NOMEM)
		return 0;
	return awh_fail(error, fault.error.code, "%s", fault.error.text);
}

/* On the first shard's thread: from here on it is what connections are accepted under. */
static void on_swap(struct awh_task *task)
{
	struct awh_rotation *rotation = AWH_CONTAINER(task, struct awh_rotation, swap);
	struct awh_snapshot *fresh = atomic_exchange(&rotation->fresh, NULL);

	if (!fresh)
		return;
	awh_snapshot_unref(rotation->endpoint->snapshot);
	rotation->endpoint->snapshot = fresh;
	awh_conversions_swap(rotation->conversions, fresh);
	for (size_t i = 0; i < rotation->shards->n_items; i++)
		awh_shard_hand_over(&rotation->shards->items[i], fresh);
	atomic_store(&rotation->has_snapshot, true);
	awh_tell_reloaded(rotation->events, fresh->changes, fresh->generation);
}

/*
 * On the control thread. Replaces a snapshot that the first shard has not swapped in yet. The
 * watcher accepts no connections; it reads the reloader's own reference.
 */
static void on_reloaded(void *userdata, struct awh_snapshot *snapshot)
{
	struct awh_rotation *rotation = userdata;
	struct awh_snapshot *missed;

	if (rotation->role->is_watcher) {
		awh_snapshot_unref(snapshot);
		return;
	}
	missed = atomic_exchange(&rotation->fresh, NULL);
	if (missed)
		snapshot->changes |= missed->changes;
	awh_snapshot_unref(missed);
	atomic_store(&rotation->fresh, snapshot);
	awh_loop_post(rotation->shards->items[0].loop, &rotation->swap);
}

/* Where others serve beside this process, all of them look, told by their supervisor. */
static void asked(struct awh_rotation *rotation)
{
	if (rotation->role->fleet)
		awh_order_send(rotation->role->orders_fd, AWH_ORDER_RELOAD);
	else
		awh_reloader_ask(rotation->reloader);
}

static void on_asked(void *userdata, unsigned int happened)
{
	struct awh_rotation *rotation = userdata;
	uint64_t times;

	(void)happened;
	if (read(rotation->ask_fd, &times, sizeof(times)) == sizeof(times))
		asked(rotation);
}

static void on_hangup(void *userdata)
{
	asked(userdata);
}

static void on_ask(struct awh_task *task)
{
	struct awh_rotation *rotation = AWH_CONTAINER(task, struct awh_rotation, ask);

	if (rotation->reloader)
		awh_reloader_ask(rotation->reloader);
}

void awh_rotation_ask(struct awh_rotation *rotation)
{
	awh_loop_post(rotation->loop, &rotation->ask);
}

static int catch_up(struct awh_rotation *rotation, bool keeps, struct awh_error *error)
{
	const struct admwh_config *config = rotation->config;
	const struct awh_sources *good = config->start_unready ? NULL : &config->sources;
	struct awh_endpoint *endpoint = rotation->endpoint;
	struct awh_snapshot *snapshot = NULL;
	struct awh_sources fresh;
	struct awh_fault fault;
	int err = awh_sources_read_again(&fresh, &config->sources, &fault);
	bool is_new = !endpoint->snapshot || !awh_sources_equal(&fresh, &rotation->loaded);

	if (err == 0 && is_new)
		snapshot = awh_snapshot_new(config, &fresh, good, &fault);
	if (snapshot) {
		awh_snapshot_unref(endpoint->snapshot);
		awh_sources_deinit(&rotation->loaded);
		awh_sources_forget(&fresh, false);
		endpoint->snapshot = snapshot;
		rotation->loaded = fresh;
		return 0;
	}
	awh_sources_deinit(&fresh);
	if (!keeps && (err || is_new)) {
		awh_snapshot_unref(endpoint->snapshot);
		endpoint->snapshot = NULL;
	}
	return err || is_new ? awh_fail(error, fault.error.code, "%s", fault.error.text) : 0;
}

/* Both are read, whatever one of them comes to. */
int awh_rotation_catch_up(struct awh_rotation *rotation, bool keeps, struct awh_error *error)
{
	struct awh_error own;
	int err = catch_up(rotation, keeps, error);
	int own_err = awh_program_files_catch_up(&rotation->config->files, keeps, &own);

	return err || !own_err ? err : awh_fail(error, own_err, "%s", own.text);
}

int awh_rotation_make(struct awh_rotation *rotation, struct awh_loop *loop, struct awh_error *error)
{
	const struct awh_reload_params params = {
	    .loop = loop,
	    .config = rotation->config,
	    .events = rotation->events,
	    .snapshot = rotation->endpoint->snapshot,
	    .good = &rotation->loaded,
	    .reloaded = on_reloaded,
	    .userdata = rotation,
	};

	rotation->loop = loop;
	atomic_store(&rotation->has_snapshot, rotation->endpoint->snapshot != NULL);
	rotation->swap.run = on_swap;
	rotation->ask.run = on_ask;
	rotation->reloader = awh_reloader_new(&params, error);
	if (!rotation->reloader)
		return error->code;
	rotation->asked = awh_watch_new(loop, rotation->ask_fd, on_asked, rotation);
	if (!rotation->asked)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	awh_watch_for(rotation->asked, AWH_READABLE);
	if (!rotation->config->reload_on_sighup || rotation->role->fleet)
		return 0;
	rotation->hangup = awh_signal_new(loop, SIGHUP, on_hangup, rotation, error);
	return rotation->hangup ? 0 : error->code;
}

void awh_rotation_end(struct awh_rotation *rotation)
{
	awh_reloader_free(rotation->reloader);
	awh_watch_free(rotation->asked);
	awh_signal_free(rotation->hangup);
	rotation->reloader = NULL;
	rotation->asked = NULL;
	rotation->hangup = NULL;
}

void awh_rotation_deinit(struct awh_rotation *rotation)
{
	awh_snapshot_unref(atomic_exchange(&rotation->fresh, NULL));
	awh_sources_deinit(&rotation->loaded);
}
