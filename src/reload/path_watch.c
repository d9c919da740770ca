/* SPDX-License-Identifier: MIT */
#include "reload/path_watch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <admwh/error.h>

#include "base/text.h"

enum { LINKS_MAX = 40 }; /* as many as Linux follows */

/* A walk along one name. */
struct walk {
	char folder[PATH_MAX]; /* where it is, no links in it */
	char rest[PATH_MAX];   /* what is still to go */
	char entry[PATH_MAX];  /* the folder and the next name */
	char name[NAME_MAX + 1];
	unsigned int links;
};

static bool join(char *room, const char *folder, const char *name)
{
	const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
	int len = snprintf(room, PATH_MAX, "%s%s%s", folder, slash, name);

	return len >= 0 && len < PATH_MAX;
}

/* Begin with a path, or go on with the target of a link. */
static bool set_rest(struct walk *walk, const char *path)
{
	if (path[0] == '/')
		memcpy(walk->folder, "/", 2);
	else if (walk->folder[0] == '\0')
		memcpy(walk->folder, ".", 2);
	if (strlen(path) >= sizeof(walk->rest))
		return false;
	memcpy(walk->rest, path, strlen(path) + 1);
	return true;
}

/* Cut the next name off the rest. */
static bool next_name(struct walk *walk)
{
	const char *begin = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(begin, "/");

	if (len == 0 || len >= sizeof(walk->name))
		return false;
	memcpy(walk->name, begin, len);
	walk->name[len] = '\0';
	memmove(walk->rest, begin + len, strlen(begin + len) + 1);
	return join(walk->entry, walk->folder, walk->name);
}

static bool is_last(const struct walk *walk)
{
	return walk->rest[strspn(walk->rest, "/")] == '\0';
}

static bool follow_link(struct walk *walk)
{
	char target[PATH_MAX];
	ssize_t len = readlink(walk->entry, target, sizeof(target) - 1);

	if (len <= 0 || ++walk->links > LINKS_MAX)
		return false;
	target[len] = '\0';
	if (!join(walk->entry, target, walk->rest + strspn(walk->rest, "/")))
		return false;
	return set_rest(walk, walk->entry);
}

static int add_step(struct awh_path_watch *path_watch, const struct walk *walk)
{
	struct awh_path_watch_step *items =
	    realloc(path_watch->items, (path_watch->n_items + 1) * sizeof(*items));
	struct awh_path_watch_step step = {0};

	if (!items)
		return ADMWH_E_NOMEM;
	path_watch->items = items;
	step.folder = awh_strdup(walk->folder);
	step.name = awh_strdup(walk->name);
	if (!step.folder || !step.name) {
		free(step.folder);
		free(step.name);
		return ADMWH_E_NOMEM;
	}
	items[path_watch->n_items++] = step;
	return 0;
}

/* One name further; false: the way is at its end. */
static bool go(struct awh_path_watch *path_watch, struct walk *walk, int *err)
{
	struct stat what;
	bool there, is_link;

	if (!next_name(walk))
		return false;
	there = lstat(walk->entry, &what) == 0;
	is_link = there && S_ISLNK(what.st_mode);
	if (!there || is_link || is_last(walk))
		*err = add_step(path_watch, walk);
	if (*err || !there)
		return false;
	if (is_link)
		return follow_link(walk);
	memcpy(walk->folder, walk->entry, sizeof(walk->folder));
	return !is_last(walk);
}

int awh_path_watch_add(struct awh_path_watch *path_watch, const char *file)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	int err = 0;

	if (!walk)
		return ADMWH_E_NOMEM;
	if (set_rest(walk, file))
		while (go(path_watch, walk, &err))
			;
	free(walk);
	return err;
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool awh_path_watch_has(const struct awh_path_watch *path_watch, const char *name)
{
	for (size_t i = 0; i < path_watch->n_items; i++)
		if (strcmp(path_watch->items[i].name, name) == 0 ||
		    strcmp(last_name(path_watch->items[i].folder), name) == 0)
			return true;
	return false;
}

void awh_path_watch_deinit(struct awh_path_watch *path_watch)
{
	for (size_t i = 0; i < path_watch->n_items; i++) {
		free(path_watch->items[i].folder);
		free(path_watch->items[i].name);
	}
	free(path_watch->items);
	*path_watch = (struct awh_path_watch){0};
}
