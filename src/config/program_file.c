/* SPDX-License-Identifier: MIT */
#include "config/program_file.h"

#include <string.h>

#include "config/config.h"
#include "config/line_file.h"
#include "config/read_file.h"
#include "tls/tls.h"

static const struct awh_read_limit limit = {AWH_PROGRAM_FILE_MAX, "64 MiB"};

int awh_program_file_read(const struct admwh_file *file, struct awh_buf *bytes,
			  uint8_t digest[AWH_FILE_DIGEST], struct awh_error *error)
{
	int err;

	awh_buf_init(bytes, awh_read_capacity(&limit));
	err = awh_read_file(bytes, file->name, true, &limit, error);
	if (awh_tls_sha256(err ? error->text : bytes->data, err ? strlen(error->text) : bytes->len,
			   digest))
		return awh_fail(error, ADMWH_E_TLS, "%s: no digest of it can be made", file->name);
	return err;
}

int awh_program_file_parse(struct admwh_file *file, const struct awh_buf *bytes,
			   const uint8_t digest[AWH_FILE_DIGEST], struct awh_error *error)
{
	void *object;

	awh_error_clear(&file->reason);
	object = file->parse(bytes->data, bytes->len, file, file->userdata);
	if (!object)
		return awh_fail(error, ADMWH_E_INVAL, "%s: %s", file->name,
				file->reason.code ? file->reason.text
						  : "the program cannot understand it");
	if (awh_file_swap(file, object)) {
		file->free_object(object, file->userdata);
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	}
	memcpy(file->good, digest, AWH_FILE_DIGEST);
	return 0;
}

/* Take what is on the disk, where it differs from what is in use. */
static int catch_up(struct admwh_file *file, struct awh_error *error)
{
	uint8_t digest[AWH_FILE_DIGEST];
	struct awh_buf bytes;
	int err = awh_program_file_read(file, &bytes, digest, error);

	if (err == 0 && (!file->current || memcmp(digest, file->good, sizeof(digest)) != 0))
		err = awh_program_file_parse(file, &bytes, digest, error);
	awh_buf_deinit(&bytes);
	return err;
}

int awh_program_files_catch_up(const struct awh_files *files, bool keeps, struct awh_error *error)
{
	struct awh_error later;
	int err = 0;

	for (size_t i = 0; i < files->n_items; i++) {
		int failed = catch_up(files->items[i], err ? &later : error);

		if (failed && !keeps)
			awh_file_forget(files->items[i]);
		err = err ? err : failed;
	}
	return err;
}

/* *steals* file, which is NULL when memory ran out. */
static struct admwh_file *add(struct admwh_config *config, struct admwh_file *file)
{
	if (!file) {
		awh_config_no_memory(config);
		return NULL;
	}
	/* Where the config may start unready, a file that is no good yet is tolerated. */
	if (awh_config_tolerate_text(config, catch_up(file, &config->error)) == 0) {
		if (awh_files_add(&config->files, file) == 0)
			return file;
		awh_config_no_memory(config);
	}
	awh_file_free(file);
	return NULL;
}

struct admwh_file *admwh_config_add_file(struct admwh_config *config, const char *name,
					 admwh_file_parse_fn *parse,
					 admwh_file_free_fn *free_object, void *userdata)
{
	if (awh_config_begin_set(config))
		return NULL;
	if (!name || !*name || !parse || !free_object) {
		awh_fail(&config->error, ADMWH_E_INVAL,
			 "a file needs a name, a parse function and a free function");
		return NULL;
	}
	return add(config, awh_file_new(name, parse, free_object, userdata));
}

struct admwh_file *admwh_config_add_line_file(struct admwh_config *config, const char *name,
					      admwh_line_error_fn *error)
{
	struct admwh_file *file;

	if (awh_config_begin_set(config))
		return NULL;
	if (!name || !*name) {
		awh_fail(&config->error, ADMWH_E_INVAL, "a file needs a name");
		return NULL;
	}
	file = awh_file_new(name, awh_line_file_parse, awh_line_file_free, NULL);
	if (file)
		file->line_error = error;
	return add(config, file);
}
