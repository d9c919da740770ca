/* SPDX-License-Identifier: MIT */
#include "init/output.h"

#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/diff.h"
#include "common/files.h"
#include "common/print.h"

void output_add(struct output *output, const char *path, char *bytes, size_t len, mode_t mode)
{
	if (output->n_files == output->size) {
		output->size = 2 * output->size + 16;
		output->files = memory_grown(output->files, output->size * sizeof(*output->files));
	}
	output->files[output->n_files++] =
	    (struct output_file){text_new("%s", path), bytes, len, mode};
}

void output_addf(struct output *output, const char *path, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = text_newv(format, arguments);
	va_end(arguments);
	output_add(output, path, text, strlen(text), 0644);
}

char *output_there(const char *folder, const char *path, size_t *len, bool *is_error)
{
	char *name = path_join(folder, path);
	bool is_there = access(name, F_OK) == 0 || errno != ENOENT;
	char *bytes = is_there ? file_read(name, len) : NULL;

	if (is_there && !bytes)
		*is_error = true;
	free(name);
	return bytes;
}

enum state { IS_NEW, IS_SAME, IS_CHANGED, IS_UNREADABLE };

static bool is_secret(const struct output_file *file)
{
	return (file->mode & 0077) == 0;
}

static void print_change(const struct output_file *file, const char *there)
{
	printf("%schanged%s %s%s\n", colour(stdout, YELLOW), colour(stdout, PLAIN), file->path,
	       is_secret(file) ? " (secret, not shown)" : "");
	if (!is_secret(file))
		diff_print(stdout, "  ", there, file->bytes);
}

static enum state compare(const char *folder, const struct output_file *file)
{
	bool is_error = false;
	size_t len = 0;
	char *there = output_there(folder, file->path, &len, &is_error);
	enum state state = IS_SAME;

	if (is_error)
		state = IS_UNREADABLE;
	else if (!there)
		state = IS_NEW;
	else if (len != file->len || memcmp(there, file->bytes, len) != 0)
		state = IS_CHANGED;
	if (state == IS_NEW)
		printf("%snew%s     %s\n", colour(stdout, GREEN), colour(stdout, PLAIN),
		       file->path);
	if (state == IS_CHANGED)
		print_change(file, there);
	secret_free(there);
	return state;
}

static int write_one(const char *folder, const struct output_file *file)
{
	char *name = path_join(folder, file->path), *copy = text_new("%s", name);
	int err = folder_make(dirname(copy), is_secret(file) ? 0700 : 0777);

	if (err == 0)
		err = file_write(name, file->bytes, file->len, file->mode);
	free(copy);
	free(name);
	return err;
}

/* A file or folder that others can read, and should not, is closed to them. */
static int close_to_others(const char *folder, const char *path)
{
	char *name = path_join(folder, path);
	struct stat info;
	int err = 0;

	if (stat(name, &info) == 0 && (info.st_mode & 0077) &&
	    chmod(name, info.st_mode & (mode_t)~0077 & 07777)) {
		complain("%s: %s", name, strerror(errno));
		err = -1;
	}
	free(name);
	return err;
}

/* private/ is there before what is in it, and closed to others. */
static int write_files(const char *folder, const struct output *output, const enum state *states)
{
	char *private_folder = path_join(folder, "private");
	int err = folder_make(private_folder, 0700);

	if (err == 0)
		err = close_to_others(folder, "private");
	if (err == 0)
		err = close_to_others(folder, "private/callers");
	for (size_t i = 0; i < output->n_files && err == 0; i++) {
		const struct output_file *file = &output->files[i];

		if (states[i] != IS_SAME)
			err = write_one(folder, file);
		else if (is_secret(file))
			err = close_to_others(folder, file->path);
	}
	free(private_folder);
	return err;
}

int output_write(const char *folder, struct output *output, enum output_rule rule)
{
	enum state *states = memory_grown(NULL, (output->n_files + 1) * sizeof(*states));
	size_t counts[4] = {0};
	int err = 0;

	for (size_t i = 0; i < output->n_files; i++) {
		states[i] = compare(folder, &output->files[i]);
		counts[states[i]]++;
	}
	output->n_new = counts[IS_NEW];
	output->n_changed = counts[IS_CHANGED];
	output->n_same = counts[IS_SAME];
	if (counts[IS_UNREADABLE] > 0)
		err = -1;
	else if (counts[IS_CHANGED] > 0 && rule == OUTPUT_KEEP)
		err = 1;
	else if (rule != OUTPUT_SHOW)
		err = write_files(folder, output, states);
	free(states);
	return err;
}

void output_deinit(struct output *output)
{
	for (size_t i = 0; i < output->n_files; i++) {
		explicit_bzero(output->files[i].bytes, output->files[i].len);
		free(output->files[i].bytes);
		free(output->files[i].path);
	}
	free(output->files);
	memset(output, 0, sizeof(*output));
}
