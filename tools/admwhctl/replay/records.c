/* SPDX-License-Identifier: MIT */
#include "replay/records.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/print.h"
#include "common/values.h"

/* A recorder writes at most 100,000 files into a folder; a body has at most a megabyte. */
enum { FILES_MAX = 200000, BYTES_MAX = 16 << 20, RECORD_VERSION = 1 };

/* The name of a file is shown without what a terminal would follow. */
__attribute__((format(printf, 3, 4))) static int
complain_of(const struct records *records, const char *name, const char *format, ...)
{
	char *what, *shown = text_shown(name);
	va_list arguments;

	va_start(arguments, format);
	what = text_newv(format, arguments);
	va_end(arguments);
	complain("%s/%s: %s", records->folder, shown, what);
	free(what);
	free(shown);
	return -1;
}

/* Neither follows a link nor waits for the writer of a pipe. */
static int open_file(const struct records *records, const char *name, size_t *size)
{
	int fd = openat(records->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat info;

	if (fd < 0)
		return complain_of(records, name, "%s",
				   errno == ELOOP ? "a symbolic link, not a file"
						  : strerror(errno));
	if (fstat(fd, &info) || !S_ISREG(info.st_mode))
		complain_of(records, name, "not a file");
	else if (info.st_size > BYTES_MAX)
		complain_of(records, name, "more than %d bytes", BYTES_MAX);
	else {
		*size = (size_t)info.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

/* What is appended meanwhile is left out. */
static int read_text(struct record *record, const struct records *records, const char *name)
{
	size_t size = 0;
	ssize_t n = 1;
	int fd = open_file(records, name, &size);

	if (fd < 0)
		return -1;
	record->text = zeroed(size + 1, 1);
	while (n > 0 && record->len < size) {
		n = read(fd, record->text + record->len, size - record->len);
		record->len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	return n < 0 ? complain_of(records, name, "%s", strerror(errno)) : 0;
}

static int parse(struct record *record, const struct records *records, const char *name)
{
	record->json = admwh_json_new();
	if (!record->json || admwh_json_set_nul_in_trees(record->json, true))
		out_of_memory();
	record->review = admwh_json_parse(record->json, record->text, record->len);
	if (record->review)
		return 0;
	return complain_of(records, name, "not JSON: %s", admwh_json_error(record->json));
}

static bool are_pointers(const json_t *list)
{
	const json_t *pointer;
	size_t i;

	json_array_foreach(list, i, pointer) {
		const char *text = json_string_value(pointer);

		if (!text || *text != '/')
			return false;
	}
	return json_is_array(list);
}

static int check(struct record *record, const struct records *records, const char *name)
{
	const json_t *version;

	record->recorded = json_object_get(record->review, "record");
	version = json_object_get(record->recorded, "version");
	if (!json_is_object(json_object_get(record->review, "request")) || !version)
		return complain_of(records, name, "not a recorded review");
	if (json_integer_value(version) != RECORD_VERSION)
		return complain_of(records, name, "record.version: expected %d", RECORD_VERSION);
	if (*member_text(record->recorded, "route") != '/')
		return complain_of(records, name, "record.route: expected a path");
	if (!*member_text(record->recorded, "decision"))
		return complain_of(records, name, "record.decision: expected a text");
	if (!are_pointers(json_object_get(record->recorded, "omitted")))
		return complain_of(records, name,
				   "record.omitted: expected a list of JSON Pointers");
	return 0;
}

int record_read(struct record *record, const struct records *records, const char *name)
{
	*record = (struct record){0};
	return read_text(record, records, name) || parse(record, records, name) ||
		       check(record, records, name)
		   ? -1
		   : 0;
}

void record_deinit(struct record *record)
{
	json_decref(record->review);
	admwh_json_free(record->json);
	free(record->text);
	*record = (struct record){0};
}

static char *caller_of(const json_t *recorded)
{
	const json_t *caller = json_object_get(recorded, "caller");
	const char *bundle = member_text(caller, "bundle"), *bearer = member_text(caller, "bearer");

	return text_new("%s%s%s%s%s", *bundle ? "bundle " : "", bundle,
			*bundle && *bearer ? ", " : "", *bearer ? "token " : "", bearer);
}

static void entry_deinit(struct record_entry *entry)
{
	free(entry->name);
	free(entry->route);
	free(entry->caller);
}

/* Names first: what is written from now on is not of this replay. */
static int list_names(struct records *records, DIR *folder)
{
	size_t size = 0;

	for (const struct dirent *file = readdir(folder); file; file = readdir(folder)) {
		const char *end = strrchr(file->d_name, '.');

		if (file->d_name[0] == '.' || !end || strcmp(end, ".json") != 0)
			continue;
		if (records->count == FILES_MAX) {
			complain("%s: more than %d files", records->folder, FILES_MAX);
			return -1;
		}
		if (records->count == size) {
			size = 2 * size + 64;
			records->list = memory_grown(records->list, size * sizeof(*records->list));
		}
		records->list[records->count++] =
		    (struct record_entry){.name = text_new("%s", file->d_name)};
	}
	return 0;
}

/* Whether it is to be replayed. */
static bool look_into(struct records *records, struct record_entry *entry, const char *route)
{
	struct record record;
	bool is_wanted = false;

	if (record_read(&record, records, entry->name)) {
		records->n_bad++;
	} else {
		entry->route = text_new("%s", member_text(record.recorded, "route"));
		entry->caller = caller_of(record.recorded);
		is_wanted = !route || strcmp(route, entry->route) == 0;
	}
	record_deinit(&record);
	return is_wanted;
}

static void keep_wanted(struct records *records, const char *route)
{
	size_t kept = 0;

	for (size_t i = 0; i < records->count; i++) {
		struct record_entry entry = records->list[i];

		if (look_into(records, &entry, route))
			records->list[kept++] = entry;
		else
			entry_deinit(&entry);
	}
	records->count = kept;
}

static int by_route_caller_and_name(const void *a, const void *b)
{
	const struct record_entry *one = a, *other = b;
	int order = strcmp(one->route, other->route);

	if (order == 0)
		order = strcmp(one->caller, other->caller);
	return order ? order : strcmp(one->name, other->name);
}

int records_open(struct records *records, const char *folder, const char *route)
{
	DIR *opened = opendir(folder);
	int err;

	*records = (struct records){.folder = folder, .fd = -1};
	if (!opened) {
		complain("%s: %s", folder, strerror(errno));
		return -1;
	}
	records->fd = openat(dirfd(opened), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = list_names(records, opened);
	closedir(opened);
	if (err)
		return -1;
	keep_wanted(records, route);
	if (records->count > 0)
		qsort(records->list, records->count, sizeof(*records->list),
		      by_route_caller_and_name);
	return 0;
}

void records_close(struct records *records)
{
	for (size_t i = 0; i < records->count; i++)
		entry_deinit(&records->list[i]);
	free(records->list);
	if (records->fd >= 0)
		close(records->fd);
	*records = (struct records){.fd = -1};
}
