/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a text: the index must say of it what the reference reader does
 * (reference/scan.h), with each set of vector instructions of this CPU: the same
 * error, byte for byte, the same entries, and the same limits, at each and one past;
 * and a tree built from it must equal jansson's.
 */
#include <string.h>

#include "check.h"
#include "json/index.h"
#include "json/json.h"
#include "reference/scan.h"

enum { DEPTH = 64 };

/* What the reference makes of a text. */
struct expected {
	int err;
	enum admwh_limit limit;
	struct awh_error error;
	struct awh_entry *entries;
	uint32_t n_entries, n_values;
	uint32_t open; /* the innermost container that has not ended; UINT32_MAX: none */
	size_t depth;
};

static uint32_t bits_of(const struct awh_scan *scan)
{
	static const enum awh_kind kinds[] = {
	    [AWH_ITEM_NULL] = AWH_KIND_NULL,     [AWH_ITEM_FALSE] = AWH_KIND_FALSE,
	    [AWH_ITEM_TRUE] = AWH_KIND_TRUE,     [AWH_ITEM_NUMBER] = AWH_KIND_NUMBER,
	    [AWH_ITEM_STRING] = AWH_KIND_STRING, [AWH_ITEM_KEY] = AWH_KIND_NAME,
	    [AWH_ITEM_ARRAY] = AWH_KIND_ARRAY,   [AWH_ITEM_OBJECT] = AWH_KIND_OBJECT,
	};
	const bool is_text = scan->item == AWH_ITEM_STRING || scan->item == AWH_ITEM_KEY;

	return kinds[scan->item] | (is_text && scan->escaped ? AWH_ENTRY_ESCAPED : 0u) |
	       (is_text && scan->has_nul ? AWH_ENTRY_NUL : 0u);
}

static void close_container(struct expected *expected, const struct awh_scan *scan)
{
	struct awh_entry *entry = &expected->entries[expected->open];
	const uint32_t parent = entry->next;

	entry->len = (uint32_t)(scan->start + 1 - scan->text) - entry->start;
	entry->next = expected->n_entries;
	if (parent != UINT32_MAX)
		expected->entries[parent].bits |= entry->bits & AWH_ENTRY_NUL;
	expected->open = parent;
}

static void add_item(struct expected *expected, const struct awh_scan *scan)
{
	struct awh_entry *entry = &expected->entries[expected->n_entries];
	struct awh_entry *parent =
	    expected->open == UINT32_MAX ? NULL : &expected->entries[expected->open];

	if (scan->item == AWH_ITEM_END)
		return;
	if (scan->item == AWH_ITEM_ARRAY_END || scan->item == AWH_ITEM_OBJECT_END) {
		close_container(expected, scan);
		return;
	}
	*entry = (struct awh_entry){.start = (uint32_t)(scan->start - scan->text),
				    .len = (uint32_t)scan->len,
				    .bits = bits_of(scan)};
	if (parent) {
		parent->bits |= entry->bits & AWH_ENTRY_NUL;
		parent->bits += scan->item != AWH_ITEM_KEY ? AWH_ENTRY_CHILD : 0u;
	}
	expected->n_values += scan->item != AWH_ITEM_KEY;
	if (awh_entry_is_container(entry)) {
		entry->next = expected->open;
		expected->open = expected->n_entries;
	}
	expected->n_entries++;
	if (scan->depth > expected->depth)
		expected->depth = scan->depth;
}

/* A text has no more values and names than bytes. */
static struct expected read_by_reference(const char *text, size_t len,
					 const struct awh_index_options *options)
{
	struct expected expected = {.open = UINT32_MAX};
	struct awh_scan scan;

	expected.entries = calloc(len + 1, sizeof(*expected.entries));
	check(expected.entries, "out of memory");
	awh_scan_init(&scan, text, len, options->depth, &expected.error);
	scan.takes_nul = !options->refuses_nul;
	if (options->values > 0)
		scan.values_left = options->values;
	do {
		expected.err = awh_scan_next(&scan);
		if (expected.err == 0)
			add_item(&expected, &scan);
	} while (expected.err == 0 && scan.item != AWH_ITEM_END);
	expected.limit = scan.limit;
	awh_scan_deinit(&scan);
	return expected;
}

/* A container's ESCAPED bit has a meaning of its own for the index. */
static uint32_t comparable(const struct awh_entry *entry)
{
	return entry->bits &
	       ~(uint32_t)(awh_entry_is_container(entry) ? AWH_ENTRY_TABLED : AWH_ENTRY_RESPELT);
}

static void check_entries(const struct awh_index *index, const struct expected *expected)
{
	check(index->n_entries == expected->n_entries, "another number of entries");
	check(index->n_values == expected->n_values, "another number of values");
	for (uint32_t i = 0; i < index->n_entries; i++) {
		const struct awh_entry *entry = &index->entries[i];
		const struct awh_entry *other = &expected->entries[i];

		check(entry->start == other->start && entry->len == other->len, "another place");
		check(comparable(entry) == comparable(other), "other bits");
		check(!awh_entry_is_container(entry) || entry->next == other->next, "another end");
	}
}

/* After a failure the entries before it are there, and lead nowhere else. */
static void check_part(const struct awh_index *index, const struct expected *expected)
{
	check(index->n_entries >= expected->n_entries, "entries before the failure are missing");
	for (uint32_t i = 0; i < index->n_entries; i++) {
		const struct awh_entry *entry = &index->entries[i];

		check(entry->start <= index->len && entry->len <= index->len - entry->start,
		      "an entry leads out of the text");
		check(!awh_entry_is_container(entry) ||
			  (entry->next > i && entry->next <= index->n_entries),
		      "a container leads out of the entries");
		check(i >= expected->n_entries || entry->start == expected->entries[i].start,
		      "another entry before the failure");
	}
}

static void compare(const char *text, size_t len, struct awh_index_options options,
		    enum awh_index_blocks blocks, const struct expected *expected)
{
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_error error = {0};
	int err;

	options.blocks = blocks;
	err = awh_index_read(&index, text, len, &options, &error);

	check(err == expected->err, "another verdict");
	check(strcmp(error.text, expected->error.text) == 0, "another error text");
	check(index.limit == expected->limit, "another limit");
	if (err == 0)
		check_entries(&index, expected);
	else
		check_part(&index, expected);
	awh_index_deinit(&index);
}

static struct expected read_both(const char *text, size_t len,
				 const struct awh_index_options *options)
{
	struct expected expected = read_by_reference(text, len, options);

	for (int blocks = AWH_INDEX_PORTABLE; blocks <= AWH_INDEX_NEON; blocks++)
		if (awh_index_has((enum awh_index_blocks)blocks))
			compare(text, len, *options, (enum awh_index_blocks)blocks, &expected);
	return expected;
}

/* A text that was taken, within its own limits and one less. */
static void check_limits(const char *text, size_t len, const struct expected *taken)
{
	for (int less = 0; less < 2; less++) {
		struct awh_index_options options = {.depth = DEPTH};
		struct expected expected;

		options.values = taken->n_values - (size_t)less;
		if (options.values > 0) {
			expected = read_both(text, len, &options);
			check((expected.err == 0) == (less == 0), "not at the limit of values");
			free(expected.entries);
		}
		options = (struct awh_index_options){.depth = taken->depth - (size_t)less};
		if (taken->depth > 0) {
			expected = read_both(text, len, &options);
			check((expected.err == 0) == (less == 0), "not at the limit of depth");
			free(expected.entries);
		}
	}
}

/* jansson takes fewer numbers, and no U+0000 in names. */
static void check_tree(const char *text, size_t len)
{
	const size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	json_t *other = json_loadb(text, len, flags, NULL);
	json_t *built = awh_json_parse(text, len, DEPTH, NULL, NULL);

	check(built, "no tree of a text that was taken");
	check(!other || json_equal(built, other), "another tree than jansson's");
	json_decref(built);
	json_decref(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct awh_index_options options = {.depth = DEPTH, .refuses_nul = true};
	struct expected expected = read_both(text, len, &options);

	free(expected.entries);
	options.refuses_nul = false;
	expected = read_both(text, len, &options);
	if (expected.err == 0) {
		check_limits(text, len, &expected);
		check_tree(text, len);
	}
	free(expected.entries);
	return 0;
}
