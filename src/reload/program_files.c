/* SPDX-License-Identifier: MIT */
#include "reload/program_files.h"

#include <string.h>

#include "config/program_file.h"

enum {
	/* A file that never settles is read all the same. */
	UNSETTLED_MAX = 40,
};

static bool is_same(const uint8_t a[AWH_FILE_DIGEST], const uint8_t b[AWH_FILE_DIGEST])
{
	return memcmp(a, b, AWH_FILE_DIGEST) == 0;
}

/* Counted each time, logged once for the same contents. */
static void tell_failed(struct admwh_file *file, const uint8_t digest[AWH_FILE_DIGEST],
			const struct awh_error *error, struct awh_events *events)
{
	awh_tell_file_failed(events, file->name, error,
			     !file->failing || !is_same(file->told, digest));
	memcpy(file->told, digest, AWH_FILE_DIGEST);
	file->failing = true;
}

static void look_at(struct admwh_file *file, struct awh_files_look *look, struct awh_events *events)
{
	uint8_t digest[AWH_FILE_DIGEST];
	struct awh_error error;
	struct awh_buf bytes;
	int err = awh_program_file_read(file, &bytes, digest, &error);

	if (err == 0 && file->current && is_same(digest, file->good)) {
		if (file->failing)
			awh_tell_file(events, file->name, "the contents that are in use are back");
		file->failing = false;
		file->unsettled = 0;
	} else if (!is_same(digest, file->seen) && file->unsettled < UNSETTLED_MAX) {
		file->unsettled++;
		look->unsettled = true;
	} else {
		file->unsettled = 0;
		if (err == 0)
			err = awh_program_file_parse(file, &bytes, digest, &error);
		if (err) {
			tell_failed(file, digest, &error, events);
		} else {
			awh_tell_file(events, file->name, NULL);
			file->failing = false;
		}
	}
	memcpy(file->seen, digest, AWH_FILE_DIGEST);
	look->failing = look->failing || file->failing;
	awh_buf_deinit(&bytes);
}

struct awh_files_look awh_program_files_look(const struct awh_files *files,
					     struct awh_events *events)
{
	struct awh_files_look look = {0};

	for (size_t i = 0; i < files->n_items; i++)
		look_at(files->items[i], &look, events);
	return look;
}
