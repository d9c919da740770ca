/* SPDX-License-Identifier: MIT */
/* The public functions that lead from one value to others. */
#include <string.h>

#include "json/pointer.h"
#include "json/value.h"

/* A token of a pointer without escapes. Longer ones are put into the arena. */
enum { TOKEN_BYTES = 512 };

static const struct admwh_value absent = {0};

/* The entry of a value that is set; NULL for absence and null. */
static const struct awh_entry *set_entry(struct admwh_value value)
{
	const struct awh_entry *entry = awh_value_entry(value);

	return entry && awh_entry_kind(entry) != AWH_KIND_NULL ? entry : NULL;
}

/* The entry of a value of this kind. NULL for others, of which those that are set are remembered.
 */
static const struct awh_entry *entry_of_kind(struct admwh_value value, enum awh_kind kind,
					     const char *expected)
{
	const struct awh_entry *entry = set_entry(value);

	if (!entry || awh_entry_kind(entry) == kind)
		return entry;
	awh_value_fail_kind(value, expected);
	return NULL;
}

struct admwh_value admwh_value_getn(struct admwh_value value, const char *name, size_t len)
{
	const struct awh_entry *entry = entry_of_kind(value, AWH_KIND_OBJECT, "an object");
	uint32_t member;

	if (!entry || !name)
		return awh_value_missing(value, name, len);
	member = awh_text_member(awh_value_text(value), value.item, name, len);
	return member ? awh_value_make(value.text, member, entry->next)
		      : awh_value_missing(value, name, len);
}

struct admwh_value admwh_value_get(struct admwh_value value, const char *name)
{
	return admwh_value_getn(value, name, name ? strlen(name) : 0);
}

struct admwh_value admwh_value_get_names(struct admwh_value value, const char *const *names,
					 size_t n_names)
{
	for (size_t i = 0; i < n_names && value.text; i++)
		value = admwh_value_get(value, names[i]);
	return value;
}

struct admwh_value admwh_value_at(struct admwh_value value, size_t index)
{
	const struct awh_entry *entry = entry_of_kind(value, AWH_KIND_ARRAY, "an array");
	uint32_t element;

	if (!entry || index >= awh_entry_count(entry))
		return awh_value_missing_at(value, index);
	element = awh_text_child(awh_value_text(value), value.item, (uint32_t)index);
	return element ? awh_value_make(value.text, element, entry->next) : absent;
}

/* A member by a token with "~", which is resolved in a space of its own. */
static struct admwh_value get_escaped(struct admwh_value value, const char *token, size_t len)
{
	struct admwh_text *text = awh_value_text(value);
	char space[TOKEN_BYTES];
	char *name = len <= sizeof(space) ? space : awh_text_take(text, len);
	size_t n = 0;

	if (!name)
		return absent;
	for (size_t i = 0; i < len; i++)
		name[n++] = token[i] != '~' ? token[i] : token[++i] == '0' ? '~' : '/';
	return admwh_value_getn(value, name, n);
}

/* What a token of a pointer leads to. Where no value says what the token is, digits are an index.
 */
static struct admwh_value step(struct admwh_value value, const struct awh_token *token)
{
	const struct awh_entry *entry = set_entry(value);
	size_t index;

	if (!entry || awh_entry_kind(entry) == AWH_KIND_ARRAY) {
		if (entry && token->len == 1 && token->text[0] == '-')
			return awh_value_missing_at(value, awh_entry_count(entry));
		if (awh_token_index(token, SIZE_MAX, &index))
			return admwh_value_at(value, index);
	}
	if (entry && !awh_entry_is_container(entry)) {
		awh_value_fail_kind(value, "an array or object");
		return absent;
	}
	if (memchr(token->text, '~', token->len))
		return get_escaped(value, token->text, token->len);
	return admwh_value_getn(value, token->text, token->len);
}

static void fail_pointer(struct admwh_value value, const char *pointer, const char *why)
{
	char shown[AWH_POINTER_SHOWN];

	awh_pointer_show(shown, pointer, strlen(pointer));
	awh_text_fail(awh_value_text(value), value.item, ADMWH_E_POINTER, "\"%s\": %s", shown, why);
}

struct admwh_value admwh_value_find(struct admwh_value value, const char *pointer)
{
	const char *why;

	if (!value.text || !pointer)
		return absent;
	why = awh_pointer_check(pointer, strlen(pointer));
	if (why) {
		fail_pointer(value, pointer, why);
		return absent;
	}
	while (*pointer == '/' && value.text) {
		const struct awh_token token = {pointer + 1, strcspn(pointer + 1, "/")};

		value = step(value, &token);
		pointer = token.text + token.len;
	}
	return value;
}

/* The first child of a container. is_object: it is a member, which stands behind its name */
static struct admwh_value first_child(struct admwh_value value, bool is_object)
{
	const struct awh_entry *entry = awh_value_entry(value);

	if (awh_entry_count(entry) == 0)
		return absent;
	return awh_value_make(value.text, value.item + 1 + is_object, entry->next);
}

struct admwh_value admwh_value_first(struct admwh_value value)
{
	const struct awh_entry *entry = set_entry(value);

	if (!entry)
		return absent;
	if (!awh_entry_is_container(entry)) {
		awh_value_fail_kind(value, "an array or object");
		return absent;
	}
	return first_child(value, awh_entry_kind(entry) == AWH_KIND_OBJECT);
}

struct admwh_value admwh_value_first_element(struct admwh_value value)
{
	return entry_of_kind(value, AWH_KIND_ARRAY, "an array") ? first_child(value, false)
								: absent;
}

struct admwh_value admwh_value_first_member(struct admwh_value value)
{
	return entry_of_kind(value, AWH_KIND_OBJECT, "an object") ? first_child(value, true)
								  : absent;
}

struct admwh_value admwh_value_next(struct admwh_value value)
{
	const struct awh_index *index = awh_value_entry(value) ? value.text->index : NULL;
	uint32_t next;

	if (!index)
		return absent;
	next = awh_index_behind(index, value.item);
	if (next >= value.end)
		return absent;
	next += awh_entry_kind(&index->entries[next]) == AWH_KIND_NAME;
	return awh_value_make(value.text, next, value.end);
}
