/* SPDX-License-Identifier: MIT */
#include "reload/reload.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/folder.h"
#include "reload/expiry.h"
#include "reload/path_watch.h"
#include "reload/program_files.h"

enum {
	BURST_MS = 30, /* one change comes as several events */
	/* A reading counts when the next one is the same: a file may be half written. */
	SETTLE_MS = 50,
	UNSETTLED_MAX = 40, /* but not for ever: a file that never settles is read all the same */
};

struct awh_reloader {
	struct awh_reload_params params;
	struct awh_watch *timer;
	struct awh_path_watch path_watch;
	struct awh_folder **folders; /* one a step of the path_watch; NULL: not watched */
	size_t n_folders;
	int64_t due_ms;                /* of the timer */
	bool wanted;                   /* a look was asked for and has not come to its end */
	unsigned int unsettled;        /* readings in a row that differed from the one before */
	struct awh_snapshot *snapshot; /* the newest */
	struct awh_sources good;       /* what it was made of, without the bytes */
	struct awh_sources seen;       /* the reading before */
	struct awh_sources told;       /* the reading whose fault was logged */
	unsigned int failing;          /* whose files cannot be used: bits of enum awh_reload */
	bool program_failing;          /* likewise, a file of the program's own */
	struct awh_expiry expiry;      /* of the server's certificate */
};

static void schedule(struct awh_reloader *reloader, int64_t ms)
{
	reloader->due_ms = awh_clock_ms() + ms;
	awh_watch_timer(reloader->timer, ms);
}

static int64_t poll_ms(const struct awh_reloader *reloader)
{
	return (int64_t)reloader->params.config->limits[ADMWH_LIMIT_RELOAD_TIME];
}

/* Sooner than it would be, never later. */
static void hurry(struct awh_reloader *reloader, int64_t ms)
{
	if (reloader->due_ms - awh_clock_ms() > ms)
		schedule(reloader, ms);
}

/* watching */

static void on_folder(void *userdata, const char *name)
{
	struct awh_reloader *reloader = userdata;

	if (!name || awh_path_watch_has(&reloader->path_watch, name))
		hurry(reloader, BURST_MS);
}

static void free_folders(struct awh_folder **folders, size_t n)
{
	for (size_t i = 0; i < n; i++)
		awh_folder_free(folders[i]);
	free(folders);
}

static bool is_first_of_folder(const struct awh_path_watch *path_watch, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(path_watch->items[j].folder, path_watch->items[i].folder) == 0)
			return false;
	return true;
}

static int add_paths(struct awh_path_watch *path_watch, const struct admwh_config *config)
{
	int err = 0;

	for (size_t i = 0; i < config->sources.n_items && err == 0; i++)
		err = awh_path_watch_add(path_watch, config->sources.items[i].file);
	for (size_t i = 0; i < config->files.n_items && err == 0; i++)
		err = awh_path_watch_add(path_watch, config->files.items[i]->name);
	return err;
}

/*
 * Watch the folders that matter now, before they are read: a change while reading tells again. The
 * old watches go last, so that one on the same folder is never without. What cannot be watched is
 * looked at in time.
 */
static void watch_folders(struct awh_reloader *reloader)
{
	struct awh_path_watch path_watch = {0};
	struct awh_folder **folders;

	if (add_paths(&path_watch, reloader->params.config))
		goto out;
	folders = calloc(path_watch.n_items + 1, sizeof(*folders));
	if (!folders)
		goto out;
	for (size_t i = 0; i < path_watch.n_items; i++)
		if (is_first_of_folder(&path_watch, i))
			folders[i] = awh_folder_new(
			    reloader->params.loop, path_watch.items[i].folder, on_folder, reloader);
	free_folders(reloader->folders, reloader->n_folders);
	awh_path_watch_deinit(&reloader->path_watch);
	reloader->path_watch = path_watch;
	reloader->folders = folders;
	reloader->n_folders = path_watch.n_items;
	return;
out:
	awh_path_watch_deinit(&path_watch);
}

/* reading */

/* Keep a reading for comparison. *Steals* what is in it. */
static void keep(struct awh_sources *kept, struct awh_sources *fresh)
{
	awh_sources_deinit(kept);
	*kept = *fresh;
	*fresh = (struct awh_sources){0};
	awh_sources_forget(kept, false);
}

static enum awh_reload reload_kind(enum awh_source_kind kind)
{
	switch (kind) {
	case AWH_SOURCE_CERTIFICATE:
	case AWH_SOURCE_KEY:
		return AWH_RELOAD_KEYPAIR;
	case AWH_SOURCE_CLIENT_CA:
		return AWH_RELOAD_CLIENT_CA;
	case AWH_SOURCE_ALLOW:
		return AWH_RELOAD_RULES;
	case AWH_SOURCE_DENY:
		return AWH_RELOAD_DENY;
	case AWH_SOURCE_TOKENS:
		return AWH_RELOAD_TOKENS;
	case AWH_SOURCE_TOKEN_KEYS:
		return AWH_RELOAD_TOKEN_KEYS;
	case AWH_SOURCE_NONE:
		break;
	}
	return AWH_RELOAD_ALL;
}

/* What a look has come to: a gauge, and a line when nothing but this tells that all is well. */
static void note(struct awh_reloader *reloader, unsigned int failing, unsigned int changes)
{
	const unsigned int program = reloader->program_failing ? 1U << AWH_RELOAD_PROGRAM : 0;

	awh_tell_looked(reloader->params.events, failing | program,
			reloader->failing & ~failing & ~changes);
	reloader->failing = failing;
}

/* Counted each time, logged once for the same contents. */
static void tell_fault(struct awh_reloader *reloader, const struct awh_fault *fault,
		       struct awh_sources *fresh)
{
	bool is_new = !awh_sources_equal(fresh, &reloader->told);

	awh_tell_reload_failed(reloader->params.events, reload_kind(fault->kind), &fault->error,
			       is_new);
	if (is_new)
		keep(&reloader->told, fresh);
}

static unsigned int changes(const struct awh_sources *fresh, const struct awh_sources *good)
{
	unsigned int kinds = 0;

	for (size_t i = 0; i < fresh->n_items; i++)
		if (i >= good->n_items || !awh_source_equal(&fresh->items[i], &good->items[i]))
			kinds |= 1U << reload_kind(fresh->items[i].kind);
	return kinds;
}

static void take(struct awh_reloader *reloader, struct awh_snapshot *snapshot,
		 struct awh_sources *fresh)
{
	snapshot->changes = changes(fresh, &reloader->good);
	if (!snapshot->changes) /* the files are the same: a CA has become valid */
		snapshot->changes = 1U << AWH_RELOAD_CLIENT_CA;
	snapshot->generation = reloader->snapshot ? reloader->snapshot->generation + 1 : 1;
	note(reloader, 0, snapshot->changes);
	keep(&reloader->good, fresh);
	awh_sources_deinit(&reloader->told);
	awh_snapshot_unref(reloader->snapshot);
	reloader->snapshot = awh_snapshot_ref(snapshot);
	reloader->params.reloaded(reloader->params.userdata, snapshot);
}

/* Make a snapshot of a reading, or tell why there is none. */
static void use(struct awh_reloader *reloader, struct awh_sources *fresh, int err,
		struct awh_fault *fault)
{
	const struct awh_sources *good = reloader->snapshot ? &reloader->good : NULL;
	struct awh_snapshot *snapshot = NULL;

	if (err == 0)
		snapshot = awh_snapshot_new(reloader->params.config, fresh, good, fault);
	if (snapshot) {
		take(reloader, snapshot, fresh);
		return;
	}
	note(reloader, 1U << reload_kind(fault->kind), 0);
	tell_fault(reloader, fault, fresh);
}

/* The same files may make another snapshot, once a CA that was not valid yet is. */
static bool is_in_force(const struct awh_reloader *reloader, const struct awh_sources *fresh)
{
	const struct awh_snapshot *snapshot = reloader->snapshot;

	return snapshot && awh_sources_equal(fresh, &reloader->good) &&
	       !(snapshot->tls && awh_tls_context_is_outdated(snapshot->tls));
}

/* Read everything; what is new has to be read the same way twice. */
static void look(struct awh_reloader *reloader)
{
	struct awh_sources fresh;
	struct awh_fault fault;
	int err = awh_sources_read_again(&fresh, &reloader->params.config->sources, &fault);

	if (err == ADMWH_E_NOMEM) { /* nothing was learnt */
		tell_fault(reloader, &fault, &fresh);
	} else if (is_in_force(reloader, &fresh)) {
		note(reloader, 0, 0);
		awh_sources_deinit(&reloader->seen);
		awh_sources_deinit(&reloader->told);
	} else if (!awh_sources_equal(&fresh, &reloader->seen) &&
		   reloader->unsettled < UNSETTLED_MAX) {
		keep(&reloader->seen, &fresh);
		reloader->unsettled++;
		schedule(reloader, SETTLE_MS);
		return;
	} else {
		use(reloader, &fresh, err, &fault);
	}
	reloader->wanted = false;
	reloader->unsettled = 0;
	awh_sources_deinit(&fresh);
}

/* Before the others: their look ends with what is failing. */
static bool look_at_program_files(struct awh_reloader *reloader)
{
	const struct awh_files_look found =
	    awh_program_files_look(&reloader->params.config->files, reloader->params.events);

	reloader->program_failing = found.failing;
	return found.unsettled;
}

/* loop */

static void on_timer(void *userdata, unsigned int happened)
{
	struct awh_reloader *reloader = userdata;
	const struct admwh_config *config = reloader->params.config;

	(void)happened;
	schedule(reloader, poll_ms(reloader));
	if (config->reload)
		watch_folders(reloader);
	if (config->reload || reloader->wanted) {
		bool unsettled = look_at_program_files(reloader);

		look(reloader);
		if (unsettled) {
			reloader->wanted = true;
			hurry(reloader, SETTLE_MS);
		}
	}
	if (reloader->snapshot && reloader->snapshot->tls)
		awh_expiry_check(&reloader->expiry, reloader->snapshot, reloader->params.events);
}

void awh_reloader_ask(struct awh_reloader *reloader)
{
	reloader->wanted = true;
	hurry(reloader, 0);
}

struct awh_reloader *awh_reloader_new(const struct awh_reload_params *params,
				      struct awh_error *error)
{
	struct awh_reloader *reloader = calloc(1, sizeof(*reloader));

	if (!reloader) {
		awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	reloader->params = *params;
	reloader->snapshot = awh_snapshot_ref(params->snapshot);
	reloader->timer = awh_watch_new(params->loop, -1, on_timer, reloader);
	if (!reloader->timer || awh_sources_copy(&reloader->good, params->good)) {
		awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		awh_reloader_free(reloader);
		return NULL;
	}
	schedule(reloader, 0);
	return reloader;
}

const struct awh_snapshot *awh_reloader_snapshot(const struct awh_reloader *reloader)
{
	return reloader->snapshot;
}

void awh_reloader_free(struct awh_reloader *reloader)
{
	if (!reloader)
		return;
	awh_watch_free(reloader->timer);
	free_folders(reloader->folders, reloader->n_folders);
	awh_path_watch_deinit(&reloader->path_watch);
	awh_snapshot_unref(reloader->snapshot);
	awh_sources_deinit(&reloader->good);
	awh_sources_deinit(&reloader->seen);
	awh_sources_deinit(&reloader->told);
	free(reloader);
}
