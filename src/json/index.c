/* SPDX-License-Identifier: MIT */
#include "json/index.h"

#include <stdlib.h>
#include <string.h>

#include "json/escape.h"
#include "json/path.h"
#include "json/reader.h"

enum { PATH_BYTES = 256 };

/*
 * End what is open where the text failed, and find the path to there: a container that was open
 * is the last child of the one around it. A name that is being read is not part of its own path.
 */
static void close_all(struct awh_reader *reader)
{
	while (reader->open) {
		struct awh_entry *container = reader->open;
		const uint32_t around = container->next;

		container->bits &= ~(uint32_t)AWH_ENTRY_TABLED;
		container->len = (uint32_t)(reader->at - container->start);
		container->next = (uint32_t)(reader->next_entry - reader->entries);
		reader->open = around == AWH_NO_ENTRY ? NULL : &reader->entries[around];
		if (reader->open)
			reader->open->bits |= container->bits & AWH_ENTRY_NUL;
	}
}

/* The last child that an open container has, a name in an object; 0 without one. */
static uint32_t last_child(const struct awh_index *index, uint32_t container)
{
	const uint32_t named = awh_entry_kind(&index->entries[container]) == AWH_KIND_OBJECT;
	const uint32_t end = index->entries[container].next;
	uint32_t last = 0;

	for (uint32_t i = container + 1; i < end;) {
		last = i;
		i = i + named < end ? awh_index_behind(index, i + named) : end;
	}
	return last;
}

static void failure_path(const struct awh_reader *reader, const struct awh_index *index, char *path)
{
	struct awh_path out;
	uint32_t at = 0;

	awh_path_init(&out, path, PATH_BYTES);
	for (uint32_t level = 1; level <= reader->depth; level++) {
		const struct awh_entry *container = &index->entries[at];
		const bool is_object = awh_entry_kind(container) == AWH_KIND_OBJECT;
		const uint32_t last = last_child(index, at);

		if (is_object && last && !(reader->in_name && level == reader->depth))
			awh_path_add_key(&out, index->text + index->entries[last].start);
		else if (!is_object && awh_entry_count(container) > 0)
			awh_path_add_index(&out, awh_entry_count(container) - 1);
		at = last + is_object;
	}
}

static int explain(struct awh_reader *reader, struct awh_index *index, struct awh_error *error)
{
	char path[PATH_BYTES];
	char key[AWH_PATH_KEY + 4] = "";

	index->limit = reader->limit ? reader->limit : index->limit;
	close_all(reader);
	if (reader->err != ADMWH_E_SYNTAX)
		return awh_fail(error, reader->err, "%s",
				reader->err == ADMWH_E_NOMEM ? "out of memory"
							     : admwh_strerror(reader->err));
	failure_path(reader, index, path);
	if (reader->duplicate) {
		const size_t n = awh_path_show_key(key + 2, index->text + reader->duplicate);

		memcpy(key, " \"", 2);
		memcpy(key + 2 + n, "\"", 2);
	}
	return awh_fail(error, ADMWH_E_SYNTAX, "byte %zu: %s%s%s%s", reader->at, path,
			path[0] ? ": " : "", reader->what, key);
}

bool awh_index_has(enum awh_index_blocks blocks)
{
	switch (blocks) {
#if defined(__x86_64__)
	case AWH_INDEX_AVX2:
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
		       __builtin_cpu_supports("bmi2");
	case AWH_INDEX_SSE2:
		return true;
#elif defined(__aarch64__)
	case AWH_INDEX_NEON:
		return true;
#endif
	case AWH_INDEX_BEST:
	case AWH_INDEX_PORTABLE:
		return true;
	default:
		return false;
	}
}

static awh_read_fn *choose(enum awh_index_blocks blocks)
{
#if defined(__x86_64__)
	if (blocks == AWH_INDEX_AVX2 || (blocks == AWH_INDEX_BEST && awh_index_has(AWH_INDEX_AVX2)))
		return awh_read_avx2;
	if (blocks != AWH_INDEX_PORTABLE)
		return awh_read_sse2;
#elif defined(__aarch64__)
	if (blocks != AWH_INDEX_PORTABLE)
		return awh_read_neon;
#endif
	(void)blocks;
	return awh_read_portable;
}

static void begin(struct awh_index *index, const char *text, size_t len)
{
	index->text = text;
	index->len = len;
	index->n_entries = 0;
	index->n_values = 0;
	index->limit = (enum admwh_limit)0;
}

int awh_index_read(struct awh_index *index, const char *text, size_t len,
		   const struct awh_index_options *options, struct awh_error *error)
{
	const size_t values = options->values && options->values < AWH_INDEX_VALUES_MAX
				  ? options->values
				  : AWH_INDEX_VALUES_MAX;
	struct awh_reader reader = {
	    .text = len > 0 ? text : "",
	    .len = len,
	    .entries = index->entries,
	    .next_entry = index->entries,
	    .end_of_entries = index->entries ? index->entries + index->capacity : NULL,
	    .values_left = (uint32_t)values,
	    .max_depth = options->depth,
	    .refuses_nul = options->refuses_nul,
	    .index = index,
	};

	begin(index, text, len);
	/* Places in the text are kept in 32 bits. */
	if (len > UINT32_MAX)
		return awh_fail(error, ADMWH_E_SYNTAX, "byte 0: longer than 4 GiB");
	if (!choose(options->blocks)(&reader))
		explain(&reader, index, error);
	awh_names_deinit(&reader.names);
	index->n_entries = (uint32_t)(reader.next_entry - reader.entries);
	index->n_values = (uint32_t)values - reader.values_left;
	return reader.err;
}

void awh_index_deinit(struct awh_index *index)
{
	free(index->entries);
	*index = (struct awh_index)AWH_INDEX_NULL;
}

bool awh_index_is(const struct awh_index *index, uint32_t entry, const char *text, size_t len)
{
	const struct awh_entry *e = &index->entries[entry];
	const char *written = index->text + e->start;

	if (e->bits & AWH_ENTRY_ESCAPED)
		return awh_escaped_is(written, e->len, text, len);
	return e->len == len && memcmp(written, text, len) == 0;
}

/* The child of a container that an entry is, or is in; *position: its number in an array. */
static uint32_t child_around(const struct awh_index *index, uint32_t container, uint32_t entry,
			     size_t *position)
{
	const uint32_t named = awh_entry_kind(&index->entries[container]) == AWH_KIND_OBJECT;
	uint32_t child = container + 1;
	uint32_t behind = awh_index_behind(index, child + named);

	*position = 0;
	while (behind <= entry) {
		child = behind;
		behind = awh_index_behind(index, child + named);
		++*position;
	}
	return child + named;
}

void awh_index_path(const struct awh_index *index, uint32_t root, uint32_t entry, char *path,
		    size_t size)
{
	struct awh_path out;
	uint32_t at = root;

	awh_path_init(&out, path, size);
	while (at < entry) {
		const struct awh_entry *container = &index->entries[at];
		size_t position;

		at = child_around(index, at, entry, &position);
		if (awh_entry_kind(container) == AWH_KIND_OBJECT)
			awh_path_add_key(&out, index->text + index->entries[at - 1].start);
		else
			awh_path_add_index(&out, position);
	}
}

const char *awh_kind_name(enum awh_kind kind)
{
	static const char *const names[] = {
	    [AWH_KIND_NULL] = "null",       [AWH_KIND_FALSE] = "a boolean",
	    [AWH_KIND_TRUE] = "a boolean",  [AWH_KIND_NUMBER] = "a number",
	    [AWH_KIND_STRING] = "a string", [AWH_KIND_NAME] = "a name",
	    [AWH_KIND_ARRAY] = "an array",  [AWH_KIND_OBJECT] = "an object",
	};

	return names[kind];
}
