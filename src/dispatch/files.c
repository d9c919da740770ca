/* SPDX-License-Identifier: MIT */
#include "dispatch/files.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/text.h"

/* It knows what it takes to free it: a deferral may outlive the file. */
struct awh_version {
	atomic_int references;
	void *object;
	admwh_file_free_fn *free_object;
	void *userdata;
};

/* What a review began with. */
struct awh_pin {
	const struct admwh_file *file; /* compared, never looked into */
	struct awh_version *version;   /* NULL: there was none */
};

static void unref(struct awh_version *version)
{
	if (!version || atomic_fetch_sub(&version->references, 1) > 1)
		return;
	version->free_object(version->object, version->userdata);
	free(version);
}

static struct awh_version *hold_current(struct admwh_file *file)
{
	struct awh_version *version;

	pthread_mutex_lock(&file->mutex);
	version = file->current;
	if (version)
		atomic_fetch_add(&version->references, 1);
	pthread_mutex_unlock(&file->mutex);
	return version;
}

struct admwh_file *awh_file_new(const char *name, admwh_file_parse_fn *parse,
				admwh_file_free_fn *free_object, void *userdata)
{
	struct admwh_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->name = awh_strdup(name);
	if (!file->name || pthread_mutex_init(&file->mutex, NULL)) {
		free(file->name);
		free(file);
		return NULL;
	}
	file->parse = parse;
	file->free_object = free_object;
	file->userdata = userdata;
	return file;
}

void awh_file_free(struct admwh_file *file)
{
	if (!file)
		return;
	unref(file->current);
	pthread_mutex_destroy(&file->mutex);
	free(file->name);
	free(file);
}

int awh_file_swap(struct admwh_file *file, void *object)
{
	struct awh_version *fresh = calloc(1, sizeof(*fresh)), *old;

	if (!fresh)
		return ADMWH_E_NOMEM;
	atomic_init(&fresh->references, 1);
	fresh->object = object;
	fresh->free_object = file->free_object;
	fresh->userdata = file->userdata;
	pthread_mutex_lock(&file->mutex);
	old = file->current;
	file->current = fresh;
	pthread_mutex_unlock(&file->mutex);
	unref(old);
	return 0;
}

void awh_file_forget(struct admwh_file *file)
{
	struct awh_version *old;

	pthread_mutex_lock(&file->mutex);
	old = file->current;
	file->current = NULL;
	pthread_mutex_unlock(&file->mutex);
	unref(old);
}

int awh_files_add(struct awh_files *files, struct admwh_file *file)
{
	struct admwh_file **items =
	    realloc(files->items, (files->n_items + 1) * sizeof(*files->items));

	if (!items)
		return ADMWH_E_NOMEM;
	items[files->n_items++] = file;
	files->items = items;
	return 0;
}

void awh_files_deinit(struct awh_files *files)
{
	for (size_t i = 0; i < files->n_items; i++)
		awh_file_free(files->items[i]);
	free(files->items);
	*files = (struct awh_files){0};
}

int awh_files_pin(const struct awh_files *files, struct awh_request *request)
{
	struct awh_pin *pins;

	if (!files || files->n_items == 0)
		return 0;
	pins = awh_arena_alloc(&request->arena, files->n_items * sizeof(*pins));
	if (!pins)
		return ADMWH_E_NOMEM;
	for (size_t i = 0; i < files->n_items; i++)
		pins[i] = (struct awh_pin){files->items[i], hold_current(files->items[i])};
	request->pins = pins;
	request->n_pins = files->n_items;
	return 0;
}

void awh_files_unpin(struct awh_request *request)
{
	for (size_t i = 0; i < request->n_pins; i++)
		unref(request->pins[i].version);
	request->pins = NULL;
	request->n_pins = 0;
}

void admwh_file_fail(struct admwh_file *file, const char *format, ...)
{
	va_list args;

	if (!file)
		return;
	va_start(args, format);
	awh_vfail(&file->reason, ADMWH_E_INVAL, format, args);
	va_end(args);
}

const void *admwh_file_object(const struct admwh_file *file)
{
	return file && file->current ? file->current->object : NULL;
}

const void *admwh_request_file(const struct admwh_request *req, const struct admwh_file *file)
{
	const struct awh_request *request = (const struct awh_request *)req;

	if (!req || !file)
		return NULL;
	for (size_t i = 0; i < request->n_pins; i++) {
		const struct awh_pin *pin = &request->pins[i];

		if (pin->file == file)
			return pin->version ? pin->version->object : NULL;
	}
	return request->n_pins > 0 ? NULL : admwh_file_object(file);
}
