/* SPDX-License-Identifier: MIT */
/* By POSIX alone: fts(3) is no part of every C library. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/files.h"
#include "common/print.h"

/* A folder that is walked, and those that lead to it. */
struct step {
	const struct step *above;
	dev_t device;
	ino_t inode;
};

struct walk {
	int (*visit)(const char *name, void *userdata);
	void *userdata;
};

static int walk_folder(const struct walk *walk, const char *name, const struct step *step);

/* A link can lead back to a folder above it. */
static bool is_above(const struct step *step, const struct stat *info)
{
	for (; step; step = step->above)
		if (step->device == info->st_dev && step->inode == info->st_ino)
			return true;
	return false;
}

static bool is_link(const char *name)
{
	struct stat info;

	return lstat(name, &info) == 0 && S_ISLNK(info.st_mode);
}

static int walk_entry(const struct walk *walk, const char *name, const struct step *above)
{
	struct stat info;

	if (stat(name, &info)) {
		if (errno == ENOENT && is_link(name)) /* such as a lock file of an editor */
			return 0;
		complain("%s: %s", name, strerror(errno));
		return -1;
	}
	if (S_ISREG(info.st_mode))
		return walk->visit(name, walk->userdata);
	if (!S_ISDIR(info.st_mode) || is_above(above, &info))
		return 0;
	return walk_folder(
	    walk, name,
	    &(struct step){.above = above, .device = info.st_dev, .inode = info.st_ino});
}

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Unlike alphasort(), the same in every locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int walk_folder(const struct walk *walk, const char *name, const struct step *step)
{
	struct dirent **entries;
	int n = scandir(name, &entries, is_entry, by_name);
	int err = 0;

	if (n < 0) {
		complain("%s: %s", name, strerror(errno));
		return -1;
	}
	for (int i = 0; i < n; i++) {
		char *path = path_join(name, entries[i]->d_name);

		if (!err)
			err = walk_entry(walk, path, step);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return err;
}

int folder_walk(const char *name, int (*visit)(const char *name, void *userdata), void *userdata)
{
	return walk_entry(&(struct walk){visit, userdata}, name, NULL);
}
