/* SPDX-License-Identifier: MIT */
#include "server/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum { READ_BYTES = 4096 };

static bool is_secret(enum awh_source_kind kind)
{
	return kind == AWH_SOURCE_KEY || kind == AWH_SOURCE_TOKENS;
}

static int read_all(struct awh_buf *buf, int fd, const char *file, struct awh_error *error)
{
	int failed;
	ssize_t got;

	do {
		failed = awh_buf_reserve(buf, READ_BYTES);
		if (failed)
			return awh_fail(error, failed, "%s: %s", file, admwh_strerror(failed));
		got = read(fd, buf->data + buf->len, READ_BYTES);
		if (got > 0)
			buf->len += (size_t)got;
		else if (got < 0 && errno != EINTR)
			return awh_fail(error, ADMWH_E_IO, "%s: %s", file, strerror(errno));
		if (buf->len > AWH_SOURCE_MAX)
			return awh_fail(error, ADMWH_E_LIMIT, "%s: larger than %d bytes", file,
					AWH_SOURCE_MAX);
	} while (got != 0);
	awh_buf_terminate(buf);
	return 0;
}

int awh_source_miss(struct awh_source *source, const struct awh_source_name *name,
		    struct awh_error *error)
{
	char *file = name->file ? awh_strdup(name->file) : NULL;

	if (!name->file)
		return awh_fail(error, ADMWH_E_INVAL, "no file name");
	if (!file)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	*source = (struct awh_source){
	    .kind = name->kind, .bundle = name->bundle, .file = file, .missing = true};
	awh_buf_init(&source->bytes, AWH_SOURCE_MAX + READ_BYTES);
	source->bytes.secret = is_secret(name->kind);
	return 0;
}

int awh_source_read(struct awh_source *source, const struct awh_source_name *name,
		    struct awh_error *error)
{
	struct awh_source made;
	int failed = awh_source_miss(&made, name, error);
	int fd;

	if (failed)
		return failed;
	fd = open(made.file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		failed = awh_fail(error, ADMWH_E_IO, "%s: %s", made.file, strerror(errno));
		goto out;
	}
	failed = read_all(&made.bytes, fd, made.file, error);
	close(fd);
	if (failed)
		goto out;
	made.missing = false;
	*source = made;
	return 0;
out:
	awh_source_deinit(&made);
	return failed;
}

void awh_source_deinit(struct awh_source *source)
{
	free(source->file);
	awh_buf_deinit(&source->bytes);
	*source = (struct awh_source){0};
}

int awh_sources_reserve(struct awh_sources *sources, size_t more)
{
	size_t capacity = sources->n_items + more;
	struct awh_source *items;

	if (capacity <= sources->capacity)
		return 0;
	items = realloc(sources->items, capacity * sizeof(*items));
	if (!items)
		return ADMWH_E_NOMEM;
	sources->items = items;
	sources->capacity = capacity;
	return 0;
}

int awh_sources_add(struct awh_sources *sources, struct awh_source *source)
{
	if (awh_sources_reserve(sources, 1))
		return ADMWH_E_NOMEM;
	sources->items[sources->n_items++] = *source;
	return 0;
}

static struct awh_source *find(const struct awh_sources *sources, enum awh_source_kind kind,
			       size_t bundle)
{
	for (size_t i = 0; i < sources->n_items; i++)
		if (sources->items[i].kind == kind && sources->items[i].bundle == bundle)
			return &sources->items[i];
	return NULL;
}

int awh_sources_put(struct awh_sources *sources, struct awh_source *source)
{
	struct awh_source *there = find(sources, source->kind, source->bundle);

	if (!there)
		return awh_sources_add(sources, source);
	awh_source_deinit(there);
	*there = *source;
	return 0;
}

const struct awh_source *awh_sources_find(const struct awh_sources *sources,
					  enum awh_source_kind kind, size_t bundle)
{
	return find(sources, kind, bundle);
}

void awh_sources_deinit(struct awh_sources *sources)
{
	for (size_t i = 0; i < sources->n_items; i++)
		awh_source_deinit(&sources->items[i]);
	free(sources->items);
	*sources = (struct awh_sources){0};
}
