/* SPDX-License-Identifier: MIT */
#include "config/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/read_file.h"
#include "tls/tls.h"

static const struct awh_read_limit limit = {AWH_SOURCE_MAX, "1048576 bytes"};

/* Whatever is in it. */
static bool is_secret(enum awh_source_kind kind)
{
	return kind == AWH_SOURCE_KEY || kind == AWH_SOURCE_TOKENS;
}

/* A private key is in there, too, or by mistake. */
static bool holds_secret(const struct awh_source *source)
{
	return is_secret(source->kind) ||
	       awh_tls_may_hold_key(source->bytes.data, source->bytes.len);
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
	awh_buf_init(&source->bytes, awh_read_capacity(&limit));
	source->bytes.secret = true; /* until it is known what is in it */
	return 0;
}

static int digest(struct awh_source *source, const void *data, size_t len, struct awh_error *error)
{
	if (awh_tls_sha256(data, len, source->digest) == 0)
		return 0;
	return awh_fail(error, ADMWH_E_TLS, "%s: no digest of it can be made", source->file);
}

/* again: a regular file, or nothing; without waiting for a writer. */
static int fill(struct awh_source *source, bool again, struct awh_error *error)
{
	int err = awh_read_file(&source->bytes, source->file, again, &limit, error);

	if (err == 0)
		err = digest(source, source->bytes.data, source->bytes.len, error);
	source->bytes.secret = err != 0 || holds_secret(source);
	source->missing = err != 0;
	return err;
}

int awh_source_read(struct awh_source *source, const struct awh_source_name *name,
		    struct awh_error *error)
{
	struct awh_source made;
	int err = awh_source_miss(&made, name, error);

	if (err == 0)
		err = fill(&made, false, error);
	else
		return err;
	if (err)
		awh_source_deinit(&made);
	else
		*source = made;
	return err;
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

/* What cannot be read is told apart by why; only memory ends the reading. */
static int read_again(struct awh_source *source, const struct awh_source *before,
		      struct awh_error *error)
{
	const struct awh_source_name name = {before->kind, before->bundle, before->file};
	int err = awh_source_miss(source, &name, error);

	if (err)
		return err;
	err = fill(source, true, error);
	if (err) {
		awh_buf_deinit(&source->bytes);
		digest(source, error->text, strlen(error->text), NULL);
	}
	return err;
}

int awh_sources_read_again(struct awh_sources *fresh, const struct awh_sources *sources,
			   struct awh_fault *fault)
{
	*fresh = (struct awh_sources){0};
	*fault = (struct awh_fault){.kind = AWH_SOURCE_NONE};
	if (awh_sources_reserve(fresh, sources->n_items))
		return awh_fail(&fault->error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < sources->n_items; i++) {
		const struct awh_source *before = &sources->items[i];
		struct awh_source source = {0};
		struct awh_error error = {0};
		int err = read_again(&source, before, &error);

		if (source.file)
			awh_sources_add(fresh, &source);
		if (err == 0)
			continue;
		if (fault->error.code == 0 || err == ADMWH_E_NOMEM)
			*fault = (struct awh_fault){error, before->kind};
		if (err == ADMWH_E_NOMEM) {
			fault->kind = AWH_SOURCE_NONE;
			break;
		}
	}
	return fault->error.code;
}

bool awh_source_equal(const struct awh_source *a, const struct awh_source *b)
{
	return a->missing == b->missing && memcmp(a->digest, b->digest, sizeof(a->digest)) == 0;
}

bool awh_sources_equal(const struct awh_sources *a, const struct awh_sources *b)
{
	if (a->n_items != b->n_items)
		return false;
	for (size_t i = 0; i < a->n_items; i++)
		if (!awh_source_equal(&a->items[i], &b->items[i]))
			return false;
	return true;
}

void awh_sources_forget(struct awh_sources *sources, bool only_secrets)
{
	for (size_t i = 0; i < sources->n_items; i++)
		if (!only_secrets || sources->items[i].bytes.secret)
			awh_buf_deinit(&sources->items[i].bytes);
}

int awh_sources_copy(struct awh_sources *copy, const struct awh_sources *sources)
{
	*copy = (struct awh_sources){0};
	if (awh_sources_reserve(copy, sources->n_items))
		return ADMWH_E_NOMEM;
	for (size_t i = 0; i < sources->n_items; i++) {
		const struct awh_source *from = &sources->items[i];
		const struct awh_source_name name = {from->kind, from->bundle, from->file};
		struct awh_source source;

		if (awh_source_miss(&source, &name, NULL)) {
			awh_sources_deinit(copy);
			return ADMWH_E_NOMEM;
		}
		memcpy(source.digest, from->digest, sizeof(source.digest));
		source.missing = from->missing;
		awh_sources_add(copy, &source);
	}
	return 0;
}

void awh_sources_deinit(struct awh_sources *sources)
{
	for (size_t i = 0; i < sources->n_items; i++)
		awh_source_deinit(&sources->items[i]);
	free(sources->items);
	*sources = (struct awh_sources){0};
}
