/* SPDX-License-Identifier: MIT */
#include "live_file.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { PAUSE_MAX = 64 }; /* looks between two trials of a file that goes on failing */

struct live_content {
	void *value;
	unsigned int references; /* under the file's mutex */
};

struct live_file {
	const char *file;
	live_read_fn *read;
	live_free_fn *free_content;
	void *userdata;
	struct stat seen;       /* zero: the file was not there */
	struct problem problem; /* why what was seen is not what is used */
	unsigned int pause;     /* looks until it is tried again; 0: it is used */
	unsigned int left;      /* of these */
	pthread_mutex_t mutex;
	struct live_content *content;
};

/*
 * Kubelet swaps a symbolic link, an editor makes a new file, a script writes into the old one: each
 * shows in one of these.
 */
static bool has_changed(const struct stat *a, const struct stat *b)
{
	return a->st_dev != b->st_dev || a->st_ino != b->st_ino || a->st_size != b->st_size ||
	       a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec ||
	       a->st_ctim.tv_sec != b->st_ctim.tv_sec || a->st_ctim.tv_nsec != b->st_ctim.tv_nsec;
}

static struct live_content *read_content(const struct live_file *live, struct problem *problem)
{
	struct place place = {.file = live->file, .problem = problem};
	struct live_content *content = calloc(1, sizeof(*content));
	json_t *root = NULL;
	size_t len;
	char *text = content ? config_read(&place, &len) : NULL;

	if (!content)
		config_complain(&place, "out of memory");
	if (text)
		root = config_parse(&place, text, len);
	free(text);
	if (root)
		content->value = live->read(&place, root, live->userdata);
	json_decref(root);
	if (content && content->value) {
		content->references = 1;
		return content;
	}
	free(content);
	return NULL;
}

struct live_file *live_file_new(const char *file, live_read_fn *read, live_free_fn *free_content,
				void *userdata, struct problem *problem)
{
	struct live_file *live = calloc(1, sizeof(*live));

	if (!live) {
		*problem = (struct problem){"out of memory"};
		return NULL;
	}
	live->file = file;
	live->read = read;
	live->free_content = free_content;
	live->userdata = userdata;
	/* Before it is read: a change in between is seen as one. */
	if (stat(file, &live->seen))
		memset(&live->seen, 0, sizeof(live->seen));
	pthread_mutex_init(&live->mutex, NULL);
	live->content = read_content(live, problem);
	if (live->content)
		return live;
	pthread_mutex_destroy(&live->mutex);
	free(live);
	return NULL;
}

void live_file_free(struct live_file *live)
{
	if (!live)
		return;
	live_file_let_go(live, live->content);
	pthread_mutex_destroy(&live->mutex);
	free(live);
}

static bool is_due(struct live_file *live)
{
	return live->pause > 0 && --live->left == 0;
}

/*
 * What failed is tried again, for its reason may pass: at the next look, then ever more rarely. One
 * reason is logged once.
 */
static void keep(struct live_file *live, bool changed, const struct problem *problem)
{
	if (changed || live->pause == 0 || strcmp(live->problem.text, problem->text) != 0)
		config_log("config.kept", live->file, problem->text);
	live->problem = *problem;
	if (changed || live->pause == 0)
		live->pause = 1;
	else if (live->pause < PAUSE_MAX)
		live->pause *= 2;
	live->left = live->pause;
}

void live_file_refresh(struct live_file *live)
{
	struct live_content *fresh, *old;
	struct problem problem = {""};
	struct stat now;
	bool changed;

	if (stat(live->file, &now))
		memset(&now, 0, sizeof(now));
	changed = has_changed(&live->seen, &now);
	if (!changed && !is_due(live))
		return;
	live->seen = now;
	fresh = read_content(live, &problem);
	if (!fresh) {
		keep(live, changed, &problem);
		return;
	}
	live->pause = 0;
	config_log("config.reloaded", live->file, NULL);
	pthread_mutex_lock(&live->mutex);
	old = live->content;
	live->content = fresh;
	pthread_mutex_unlock(&live->mutex);
	live_file_let_go(live, old);
}

struct live_content *live_file_hold(struct live_file *live)
{
	struct live_content *content;

	pthread_mutex_lock(&live->mutex);
	content = live->content;
	content->references++;
	pthread_mutex_unlock(&live->mutex);
	return content;
}

const void *live_content_value(const struct live_content *content)
{
	return content->value;
}

void live_file_let_go(struct live_file *live, struct live_content *content)
{
	bool last;

	pthread_mutex_lock(&live->mutex);
	last = --content->references == 0;
	pthread_mutex_unlock(&live->mutex);
	if (!last)
		return;
	live->free_content(content->value);
	free(content);
}

struct live_watch {
	struct live_file *const *files;
	size_t n_files;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool stopping;
};

static void *watch(void *userdata)
{
	struct live_watch *watch = userdata;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	pthread_mutex_lock(&watch->mutex);
	while (!watch->stopping) {
		next.tv_sec++;
		while (!watch->stopping &&
		       pthread_cond_timedwait(&watch->wake, &watch->mutex, &next) == 0)
			;
		for (size_t i = 0; i < watch->n_files && !watch->stopping; i++)
			live_file_refresh(watch->files[i]);
	}
	pthread_mutex_unlock(&watch->mutex);
	return NULL;
}

struct live_watch *live_watch_new(struct live_file *const *files, size_t n_files)
{
	struct live_watch *new = calloc(1, sizeof(*new));
	pthread_condattr_t attributes;

	if (!new)
		return NULL;
	new->files = files;
	new->n_files = n_files;
	pthread_mutex_init(&new->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&new->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&new->thread, NULL, watch, new) == 0)
		return new;
	pthread_cond_destroy(&new->wake);
	pthread_mutex_destroy(&new->mutex);
	free(new);
	return NULL;
}

void live_watch_free(struct live_watch *watch)
{
	if (!watch)
		return;
	pthread_mutex_lock(&watch->mutex);
	watch->stopping = true;
	pthread_cond_signal(&watch->wake);
	pthread_mutex_unlock(&watch->mutex);
	pthread_join(watch->thread, NULL);
	pthread_cond_destroy(&watch->wake);
	pthread_mutex_destroy(&watch->mutex);
	free(watch);
}
