/* SPDX-License-Identifier: MIT */
/* The public functions that say what a value is. */
#include <stdint.h>
#include <string.h>

#include "json/number.h"
#include "json/path.h"
#include "json/value.h"

enum { PATH_BYTES = 1024 };

static bool is_kind(struct admwh_value value, enum awh_kind kind)
{
	const struct awh_entry *entry = awh_value_entry(value);

	return entry && awh_entry_kind(entry) == kind;
}

/* Is it of this kind? What is set and of another one is remembered. */
static bool expect(struct admwh_value value, enum awh_kind kind, const char *expected)
{
	if (is_kind(value, kind))
		return true;
	if (admwh_value_is_set(value))
		awh_value_fail_kind(value, expected);
	return false;
}

enum admwh_kind admwh_value_kind(struct admwh_value value)
{
	static const enum admwh_kind kinds[] = {
	    [AWH_KIND_NULL] = ADMWH_NULL,     [AWH_KIND_FALSE] = ADMWH_BOOLEAN,
	    [AWH_KIND_TRUE] = ADMWH_BOOLEAN,  [AWH_KIND_NUMBER] = ADMWH_NUMBER,
	    [AWH_KIND_STRING] = ADMWH_STRING, [AWH_KIND_NAME] = ADMWH_ABSENT,
	    [AWH_KIND_ARRAY] = ADMWH_ARRAY,   [AWH_KIND_OBJECT] = ADMWH_OBJECT,
	};
	const struct awh_entry *entry = awh_value_entry(value);

	return entry ? kinds[awh_entry_kind(entry)] : ADMWH_ABSENT;
}

bool admwh_value_is_absent(struct admwh_value value)
{
	return !awh_value_entry(value);
}

bool admwh_value_is_set(struct admwh_value value)
{
	return awh_value_entry(value) && !is_kind(value, AWH_KIND_NULL);
}

bool admwh_value_is_true(struct admwh_value value)
{
	return !is_kind(value, AWH_KIND_FALSE) && expect(value, AWH_KIND_TRUE, "a boolean");
}

bool admwh_value_is(struct admwh_value value, const char *text)
{
	return text && is_kind(value, AWH_KIND_STRING) &&
	       awh_index_is(value.text->index, value.item, text, strlen(text));
}

const char *admwh_value_text(struct admwh_value value, size_t *len)
{
	const char *text = NULL;
	size_t text_len = 0;

	if (is_kind(value, AWH_KIND_STRING))
		text = awh_text_bytes(awh_value_text(value), value.item, &text_len);
	if (len)
		*len = text_len;
	return text;
}

const char *admwh_value_string(struct admwh_value value)
{
	size_t len;

	if (!expect(value, AWH_KIND_STRING, "a string"))
		return NULL;
	if (awh_value_entry(value)->bits & AWH_ENTRY_NUL) {
		awh_value_fail_nul(value);
		return NULL;
	}
	return awh_text_resolve(awh_value_text(value), value.item, &len);
}

bool admwh_value_integer(struct admwh_value value, int64_t *number)
{
	int64_t integer = 0;
	bool is = expect(value, AWH_KIND_NUMBER, "a number");
	const char *text;
	size_t len;

	if (is) {
		text = awh_index_raw(value.text->index, value.item, &len);
		is = awh_number_whole(text, len, &integer);
		if (!is)
			awh_text_fail(awh_value_text(value), value.item, ADMWH_E_HANDLER,
				      "expected an integer of 64 bits, got %.*s",
				      (int)(len < 32 ? len : 32), text);
	}
	if (number)
		*number = integer;
	return is;
}

bool admwh_value_real(struct admwh_value value, double *number)
{
	double real = 0;
	bool is = expect(value, AWH_KIND_NUMBER, "a number");
	const char *text;
	size_t len;

	if (is) {
		/* The reader has refused what is beyond the greatest double. */
		text = awh_index_raw(value.text->index, value.item, &len);
		is = awh_number_real(text, len, &real);
	}
	if (number)
		*number = real;
	return is;
}

const char *admwh_value_raw(struct admwh_value value, size_t *len)
{
	size_t raw_len = 0;
	const char *raw =
	    awh_value_entry(value) ? awh_index_raw(value.text->index, value.item, &raw_len) : NULL;

	if (len)
		*len = raw_len;
	return raw;
}

size_t admwh_value_size(struct admwh_value value)
{
	const struct awh_entry *entry = awh_value_entry(value);

	return entry && awh_entry_is_container(entry) ? awh_entry_count(entry) : 0;
}

/* Does another name than the object's own members have it? */
static bool is_root(const struct admwh_text *text, uint32_t entry)
{
	for (size_t i = 0; i < AWH_TEXT_ROOTS; i++)
		if (text->roots[i] == entry)
			return true;
	return entry == 0;
}

/* Has it a name? */
static bool is_member(struct admwh_value value)
{
	return awh_value_entry(value) && !is_root(value.text, value.item) &&
	       awh_entry_kind(awh_value_entry(value) - 1) == AWH_KIND_NAME;
}

const char *admwh_value_key(struct admwh_value value, size_t *len)
{
	struct admwh_text *text = awh_value_text(value);
	const char *key = NULL;
	size_t key_len = 0;

	if (is_member(value))
		key = awh_text_bytes(text, value.item - 1, &key_len);
	if (len)
		*len = key_len;
	return key;
}

bool admwh_value_key_is(struct admwh_value value, const char *name)
{
	return name && is_member(value) &&
	       awh_index_is(value.text->index, value.item - 1, name, strlen(name));
}

/* The root that an entry is, or is in. */
static uint32_t root_of(const struct admwh_text *text, uint32_t entry)
{
	for (size_t i = 0; i < AWH_TEXT_ROOTS; i++)
		if (text->roots[i] && entry >= text->roots[i] &&
		    entry < awh_index_behind(text->index, text->roots[i]))
			return text->roots[i];
	return 0;
}

const char *admwh_value_path(struct admwh_value value)
{
	struct admwh_text *text = awh_value_text(value);
	char path[PATH_BYTES + 1];
	struct awh_path out;
	const char *kept;

	if (!text)
		return "";
	awh_path_init(&out, path, sizeof(path));
	if (!awh_text_path(text, root_of(text, value.item), value.item, &out))
		return "";
	awh_value_add_missing(value, &out);
	kept = path[0] ? awh_text_keep(text, path) : "";
	return kept ? kept : "";
}

/* Trees are counted together, as many small ones are no less than a large one. */
static bool charge_tree(struct admwh_text *text, uint32_t entry)
{
	text->uncharged_trees += awh_json_tree_size(text->index, entry, AWH_JSON_VALUE_SIZE);
	if (text->uncharged_trees <= AWH_TREE_UNCOUNTED)
		return true;
	if (!awh_text_charge(text, text->uncharged_trees))
		return false;
	text->uncharged_trees = 0;
	return true;
}

static json_t *build(struct admwh_value value)
{
	struct admwh_text *text = awh_value_text(value);
	json_t *tree = NULL;

	if (!charge_tree(text, value.item))
		return NULL;
	if (text->numbers && !*text->numbers)
		*text->numbers = awh_numbers_new();
	if (!text->numbers || *text->numbers)
		tree =
		    awh_json_build(text->index, value.item, text->numbers ? *text->numbers : NULL);
	if (!tree)
		awh_text_fail_memory(text);
	return tree;
}

json_t *admwh_value_json(struct admwh_value value)
{
	const struct awh_entry *entry = awh_value_entry(value);

	if (!entry)
		return NULL;
	if (entry->bits & AWH_ENTRY_NUL && !value.text->nul_in_trees) {
		awh_value_fail_nul(value);
		return NULL;
	}
	return build(value);
}
