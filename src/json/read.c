/* SPDX-License-Identifier: MIT */
/*
 * The grammar of JSON (RFC 8259), once. The file is compiled for each set of vector
 * instructions, see meson.build: AWH_BLOCKS names the set and AWH_READ the function.
 *
 * Each function takes the place of the next byte and returns the place behind what it
 * has read, or FAILED.
 */
#include "json/reader.h"

#include "base/text.h"
#include "json/blocks.h"
#include "json/escape.h"
#include "json/number.h"

#define FAILED SIZE_MAX

/* What each item of a text passes through. */
#define HOT static inline __attribute__((always_inline))

enum {
	/* A number as short as this, without exponent, is within the range of a double. */
	DIGITS_IN_RANGE = 300,
};

static size_t fail(struct awh_reader *reader, size_t at, const char *what)
{
	reader->err = ADMWH_E_SYNTAX;
	reader->what = what;
	reader->at = at;
	return FAILED;
}

static size_t fail_limit(struct awh_reader *reader, size_t at, enum admwh_limit limit,
			 const char *what)
{
	reader->limit = limit;
	return fail(reader, at, what);
}

static size_t fail_memory(struct awh_reader *reader)
{
	reader->err = ADMWH_E_NOMEM;
	return FAILED;
}

/* Something else stands where a token is due. */
static size_t fail_expected(struct awh_reader *reader, size_t at, const char *what)
{
	return fail(reader, at, at == reader->len ? "the text ends too early" : what);
}

/* The byte at a place; 0 at the end. */
HOT char byte_at(const struct awh_reader *reader, size_t at)
{
	return at < reader->len ? reader->text[at] : '\0';
}

static size_t behind_space(const struct awh_reader *reader, size_t at)
{
	char c;

	while ((c = byte_at(reader, at)) == ' ' || c == '\n' || c == '\r' || c == '\t')
		at++;
	return at;
}

/* Move to what is behind white space, and return its first byte. */
HOT char skip_space(const struct awh_reader *reader, size_t *at)
{
	const char c = byte_at(reader, *at);

	if (c > ' ')
		return c;
	*at = behind_space(reader, *at);
	return byte_at(reader, *at);
}

/* The last block, of which the text fills only a part: the rest are bytes of 0. */
static uint64_t special_of_tail(const struct awh_reader *reader, size_t block)
{
	char tail[AWH_BLOCK] = {0};

	memcpy(tail, reader->text + block, reader->len - block);
	return awh_block_special(tail);
}

/* Make the block at a place the one that is looked at. */
HOT void load_block(struct awh_reader *reader, size_t block)
{
	reader->block = block;
	reader->special = reader->len - block >= AWH_BLOCK ? awh_block_special(reader->text + block)
							   : special_of_tail(reader, block);
}

/* Skip what stands for itself in a string. */
HOT size_t skip_plain(struct awh_reader *reader, size_t at)
{
	uint64_t special;

	if (at - reader->block >= AWH_BLOCK)
		load_block(reader, at - at % AWH_BLOCK);
	special = reader->special >> at % AWH_BLOCK;
	if (special)
		return at + (size_t)__builtin_ctzll(special);
	do
		load_block(reader, reader->block + AWH_BLOCK);
	while (!reader->special);
	return reader->block + (size_t)__builtin_ctzll(reader->special);
}

static size_t read_escape(struct awh_reader *reader, size_t at, uint32_t *bits)
{
	const char *why;
	const size_t n = awh_escape_check(reader->text + at, reader->len - at, &why);

	if (n == 0)
		return fail(reader, at, why);
	*bits |= AWH_ENTRY_ESCAPED;
	if (reader->text[at + 1] == 'u' || reader->text[at + 1] == '/')
		*bits |= AWH_ENTRY_RESPELT;
	if (n == 6 && memcmp(reader->text + at, "\\u0000", n) == 0) {
		if (reader->refuses_nul)
			return fail(reader, at, "U+0000 is not taken");
		*bits |= AWH_ENTRY_NUL;
	}
	return at + n;
}

/* What ends the plain run of a string, other than the closing quote: one or several of them. */
static size_t read_special(struct awh_reader *reader, size_t at, uint32_t *bits)
{
	do {
		const unsigned char c = (unsigned char)byte_at(reader, at);
		size_t n;

		if (at == reader->len)
			return fail(reader, at, "the text ends within a string");
		if (c < 0x20)
			return fail(reader, at, "control character in a string");
		if (c == '\\') {
			at = read_escape(reader, at, bits);
			if (at == FAILED)
				return FAILED;
			continue;
		}
		n = awh_utf8_sequence(reader->text + at, reader->len - at);
		if (n == 0)
			return fail(reader, at, "malformed UTF-8");
		at += n;
	} while (byte_at(reader, at) == '\\' || (unsigned char)byte_at(reader, at) >= 0x80);
	return at;
}

HOT bool add_entry(struct awh_reader *reader, size_t start, size_t len, uint32_t bits)
{
	if (reader->next_entry == reader->end_of_entries && !awh_reader_grow(reader))
		return false;
	*reader->next_entry++ =
	    (struct awh_entry){.start = (uint32_t)start, .len = (uint32_t)len, .bits = bits};
	return true;
}

/* A string or name that is more than a plain run, which goes from its start up to here. */
static __attribute__((noinline)) size_t read_mixed_string(struct awh_reader *reader, size_t start,
							  size_t at, uint32_t bits)
{
	do {
		at = read_special(reader, at, &bits);
		if (at == FAILED) {
			reader->in_name = (bits & AWH_ENTRY_KIND) == AWH_KIND_NAME;
			return FAILED;
		}
		at = skip_plain(reader, at);
	} while (byte_at(reader, at) != '"');
	if (!add_entry(reader, start, at - start, bits))
		return FAILED;
	if (reader->open)
		reader->open->bits |= bits & AWH_ENTRY_NUL;
	return at + 1;
}

/* A string or name, behind its opening quote. */
HOT size_t read_string(struct awh_reader *reader, size_t at, uint32_t bits)
{
	const size_t start = at;

	at = skip_plain(reader, at);
	if (byte_at(reader, at) != '"')
		return read_mixed_string(reader, start, at, bits);
	return add_entry(reader, start, at - start, bits) ? at + 1 : FAILED;
}

static inline size_t read_digits(struct awh_reader *reader, size_t at)
{
	if (!awh_is_digit(byte_at(reader, at)))
		return fail(reader, at, "expected a digit");
	while (awh_is_digit(byte_at(reader, at)))
		at++;
	return at;
}

/* What may follow the digits of an integer. */
static size_t read_fraction(struct awh_reader *reader, size_t at, bool *exponent)
{
	if (byte_at(reader, at) == '.')
		at = read_digits(reader, at + 1);
	if (at == FAILED || (byte_at(reader, at) | 0x20) != 'e')
		return at;
	*exponent = true;
	at++;
	at += byte_at(reader, at) == '+' || byte_at(reader, at) == '-';
	return read_digits(reader, at);
}

static inline size_t read_number(struct awh_reader *reader, size_t at)
{
	const size_t start = at;
	bool exponent = false;

	at += reader->text[at] == '-';
	at = byte_at(reader, at) == '0' ? at + 1 : read_digits(reader, at);
	if (at != FAILED)
		at = read_fraction(reader, at, &exponent);
	if (at == FAILED)
		return FAILED;
	if ((exponent || at - start > DIGITS_IN_RANGE) &&
	    !awh_number_in_range(reader->text + start, at - start))
		return fail(reader, start, "number out of range");
	return add_entry(reader, start, at - start, AWH_KIND_NUMBER) ? at : FAILED;
}

static inline size_t read_literal(struct awh_reader *reader, size_t at, const char *literal,
				  size_t len, enum awh_kind kind)
{
	if (reader->len - at < len || memcmp(reader->text + at, literal, len) != 0)
		return fail(reader, at, "expected a value");
	return add_entry(reader, at, len, kind) ? at + len : FAILED;
}

HOT size_t open_container(struct awh_reader *reader, size_t at, enum awh_kind kind)
{
	const struct awh_entry *around = reader->open;
	const uint32_t number = around ? (uint32_t)(around - reader->entries) : AWH_NO_ENTRY;

	if (reader->depth == reader->max_depth)
		return fail_limit(reader, at, ADMWH_LIMIT_JSON_DEPTH, "nested too deeply");
	if (!add_entry(reader, at, 0, kind))
		return FAILED;
	reader->open = reader->next_entry - 1;
	reader->open->next = number;
	reader->depth++;
	return at + 1;
}

/* At the closing bracket. */
HOT size_t close_container(struct awh_reader *reader, size_t at)
{
	awh_reader_close(reader, at + 1);
	return at + 1;
}

/* A value, whose first byte is c. */
HOT size_t read_value(struct awh_reader *reader, size_t at, char c)
{
	if (reader->values_left == 0)
		return fail_limit(reader, at, ADMWH_LIMIT_JSON_VALUES, "too many values");
	reader->values_left--;
	if (reader->open)
		reader->open->bits += AWH_ENTRY_CHILD;
	switch (c) {
	case '"':
		return read_string(reader, at + 1, AWH_KIND_STRING);
	case '{':
		return open_container(reader, at, AWH_KIND_OBJECT);
	case '[':
		return open_container(reader, at, AWH_KIND_ARRAY);
	case 't':
		return read_literal(reader, at, "true", 4, AWH_KIND_TRUE);
	case 'f':
		return read_literal(reader, at, "false", 5, AWH_KIND_FALSE);
	case 'n':
		return read_literal(reader, at, "null", 4, AWH_KIND_NULL);
	default:
		return c == '-' || awh_is_digit(c) ? read_number(reader, at)
						   : fail_expected(reader, at, "expected a value");
	}
}

/* 8 bytes of the text, or what is left of it, the first in the lowest byte. */
HOT uint64_t word_at(const struct awh_reader *reader, size_t at)
{
	uint64_t word = 0;

	if (reader->len - at >= sizeof(word))
		memcpy(&word, reader->text + at, sizeof(word));
	else
		memcpy(&word, reader->text + at, reader->len - at);
	return le64toh(word);
}

/* One of 32 bits, by the length of a name and its first and last bytes. */
HOT uint32_t filter_bit(const struct awh_reader *reader, const struct awh_entry *name)
{
	uint64_t word = word_at(reader, name->start);

	if (name->len < sizeof(word))
		word &= ((uint64_t)1 << 8 * name->len) - 1;
	else
		word += word_at(reader, name->start + name->len - sizeof(word)) >> 7;
	return (uint32_t)1 << ((word + name->len) * UINT64_C(0x9e3779b97f4a7c15) >> 59);
}

/* Has the innermost object another member of this name, by looking at each? */
static bool has_name(const struct awh_reader *reader, const struct awh_entry *name)
{
	const struct awh_entry *other = reader->open + 1;

	for (; other < name; other = awh_names_next(reader->entries, other))
		if (awh_names_same(reader->text, other, name))
			return true;
	return false;
}

/* The name that was just read: there may be no other like it. */
HOT int check_name(struct awh_reader *reader)
{
	const struct awh_entry *name = reader->next_entry - 1;
	struct awh_entry *object = reader->open;
	uint32_t bit = UINT32_MAX;

	if (awh_entry_count(object) >= AWH_NAMES_FEW || object->bits & AWH_ENTRY_TABLED)
		return awh_names_add(&reader->names, reader->text, reader->entries, object, name);
	/* Other spellings of a name have other bytes: then each is looked for. */
	if (!(name->bits & AWH_ENTRY_RESPELT))
		bit = filter_bit(reader, name);
	else if (name->len > AWH_NAMES_SHORT)
		return awh_names_add(&reader->names, reader->text, reader->entries, object, name);
	if (object->len & bit && has_name(reader, name))
		return ADMWH_E_EXISTS;
	object->len |= bit;
	return 0;
}

static size_t fail_name(struct awh_reader *reader, size_t at, const char *what)
{
	reader->in_name = true;
	return fail_expected(reader, at, what);
}

static size_t fail_member(struct awh_reader *reader, int err)
{
	if (err != ADMWH_E_EXISTS)
		return fail_memory(reader);
	reader->duplicate = reader->next_entry[-1].start;
	return fail_name(reader, reader->duplicate - 1, "duplicate member");
}

/* A member, whose first byte is c. */
HOT size_t read_member(struct awh_reader *reader, size_t at, char c)
{
	int err;

	if (c != '"')
		return fail_name(reader, at, "expected a member's name");
	at = read_string(reader, at + 1, AWH_KIND_NAME);
	if (at == FAILED)
		return FAILED;
	err = check_name(reader);
	if (err < 0)
		return fail_member(reader, err);
	if (skip_space(reader, &at) != ':')
		return fail_expected(reader, at, "expected \":\"");
	at++;
	c = skip_space(reader, &at);
	return read_value(reader, at, c);
}

/*
 * The innermost container, behind its opening bracket or one of its children: up to the next
 * bracket, of its own or of a child.
 */
HOT size_t read_children(struct awh_reader *reader, size_t at, bool is_object)
{
	const char end = is_object ? '}' : ']';
	const size_t depth = reader->depth;
	bool is_first = awh_entry_count(reader->open) == 0;

	do {
		char c = skip_space(reader, &at);

		if (c == end)
			return close_container(reader, at);
		if (!is_first) {
			if (c != ',')
				return fail_expected(reader, at,
						     is_object ? "expected \",\" or \"}\""
							       : "expected \",\" or \"]\"");
			at++;
			c = skip_space(reader, &at);
		}
		at = is_object ? read_member(reader, at, c) : read_value(reader, at, c);
		is_first = false;
	} while (at != FAILED && reader->depth == depth);
	return at;
}

static size_t read_first(struct awh_reader *reader)
{
	size_t at = 0;
	const char c = skip_space(reader, &at);

	if (reader->len >= 3 && memcmp(reader->text, "\xef\xbb\xbf", 3) == 0)
		return fail(reader, at, "byte order mark");
	if (reader->len == 0)
		return fail(reader, at, "empty text");
	return read_value(reader, at, c);
}

bool AWH_READ(struct awh_reader *reader)
{
	size_t at;

	load_block(reader, 0);
	at = read_first(reader);
	while (at != FAILED && reader->open)
		at = awh_entry_kind(reader->open) == AWH_KIND_OBJECT
			 ? read_children(reader, at, true)
			 : read_children(reader, at, false);
	if (at == FAILED)
		return false;
	at = behind_space(reader, at);
	if (at < reader->len)
		fail(reader, at, "more text behind the value");
	return at == reader->len;
}
