/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json/escape.h"
#include "json/number.h"
#include "json/path.h"

enum {
	FIRST_FRAMES = 16,
	PATH_BYTES = 256,
	/* A number as short as this, without exponent, is within the range of a double. */
	DIGITS_IN_RANGE = 300,
};

/* What may come next. */
enum {
	EXPECT_VALUE,
	EXPECT_FIRST_ELEMENT, /* or "]" */
	EXPECT_FIRST_KEY,     /* or "}" */
	EXPECT_COMMA,         /* or the end of the container */
	EXPECT_END,
	EXPECT_NOTHING, /* after the end, or a failure */
};

struct awh_scan_frame {
	size_t first; /* of its members */
	size_t count; /* of an array's elements that have begun */
	bool is_object;
};

static int fail_at(struct awh_scan *scan, size_t at, const char *what)
{
	char path[PATH_BYTES];

	awh_scan_path(scan, path, sizeof(path));
	scan->expect = EXPECT_NOTHING;
	return awh_fail(scan->error, ADMWH_E_SYNTAX, "byte %zu: %s%s%s", at, path,
			path[0] ? ": " : "", what);
}

static int fail(struct awh_scan *scan, const char *what)
{
	return fail_at(scan, scan->at, what);
}

static int fail_limit(struct awh_scan *scan, enum admwh_limit limit, const char *what)
{
	scan->limit = limit;
	return fail(scan, what);
}

static int fail_memory(struct awh_scan *scan)
{
	scan->expect = EXPECT_NOTHING;
	return awh_fail(scan->error, ADMWH_E_NOMEM, "out of memory");
}

static int fail_duplicate(struct awh_scan *scan, size_t key_at)
{
	char key[AWH_PATH_KEY];
	char what[AWH_PATH_KEY + 32];

	awh_path_show_key(key, scan->text + key_at);
	snprintf(what, sizeof(what), "duplicate member \"%s\"", key);
	return fail_at(scan, key_at - 1, what);
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* How many of 8 bytes are plain, up to the first that is not. */
static size_t plain_run_of_8(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = UINT64_C(0x8080808080808080);
	uint64_t word;
	uint64_t special;

	memcpy(&word, text, sizeof(word));
	word = le64toh(word);
	/* In top bits. Only bytes behind a special one are borrowed from, so the first is right. */
	special = (word | (word - ones * 0x20) | ((word ^ (ones * '"')) - ones) |
		   ((word ^ (ones * '\\')) - ones)) &
		  tops;
	return special ? (size_t)__builtin_ctzll(special) / 8 : 8;
}

/* Skip what stands for itself in a string. */
static void skip_plain(struct awh_scan *scan)
{
	size_t run = 8;

	while (run == 8 && scan->text_len - scan->at >= 8) {
		run = plain_run_of_8(scan->text + scan->at);
		scan->at += run;
	}
	while (run == 8 && scan->at < scan->text_len && is_plain(scan->text[scan->at]))
		scan->at++;
}

static int read_escape(struct awh_scan *scan)
{
	const char *why;
	const size_t n = awh_escape_check(scan->text + scan->at, scan->text_len - scan->at, &why);

	scan->escaped = true;
	if (n == 0)
		return fail(scan, why);
	if (n == 6 && memcmp(scan->text + scan->at, "\\u0000", n) == 0) {
		if (!scan->takes_nul)
			return fail(scan, "U+0000 is not taken");
		scan->n_nuls += !scan->has_nul;
		scan->has_nul = true;
	}
	scan->at += n;
	return 0;
}

/* A character that ends the plain run of a string, other than the closing quote. */
static int read_special(struct awh_scan *scan)
{
	const char *here = scan->text + scan->at;
	size_t n;

	if (*here == '\\')
		return read_escape(scan);
	if ((unsigned char)*here < 0x20)
		return fail(scan, "control character in a string");
	n = awh_utf8_sequence(here, scan->text_len - scan->at);
	if (n == 0)
		return fail(scan, "malformed UTF-8");
	scan->at += n;
	return 0;
}

/* A string or key, at its opening quote. */
static int read_string(struct awh_scan *scan)
{
	const char *text = scan->text;
	size_t start = ++scan->at;
	int err;

	scan->escaped = scan->has_nul = false;
	for (;;) {
		skip_plain(scan);
		if (scan->at == scan->text_len)
			return fail(scan, "the text ends within a string");
		if (text[scan->at] == '"')
			break;
		err = read_special(scan);
		if (err < 0)
			return err;
	}
	scan->start = text + start;
	scan->len = scan->at++ - start;
	return 0;
}

static bool is_digit_at(const struct awh_scan *scan)
{
	return scan->at < scan->text_len && scan->text[scan->at] >= '0' &&
	       scan->text[scan->at] <= '9';
}

static bool take(struct awh_scan *scan, char c)
{
	if (scan->at == scan->text_len || scan->text[scan->at] != c)
		return false;
	scan->at++;
	return true;
}

static int read_digits(struct awh_scan *scan)
{
	if (!is_digit_at(scan))
		return fail(scan, "expected a digit");
	while (is_digit_at(scan))
		scan->at++;
	return 0;
}

static int read_number(struct awh_scan *scan)
{
	size_t start = scan->at;
	bool exponent = false;
	double value;
	int err = 0;

	take(scan, '-');
	if (!take(scan, '0'))
		err = read_digits(scan);
	if (err == 0 && take(scan, '.'))
		err = read_digits(scan);
	if (err == 0 && (take(scan, 'e') || take(scan, 'E'))) {
		exponent = true;
		if (!take(scan, '+'))
			take(scan, '-');
		err = read_digits(scan);
	}
	if (err < 0)
		return err;
	scan->start = scan->text + start;
	scan->len = scan->at - start;
	if ((exponent || scan->len > DIGITS_IN_RANGE) && !scan->trusted &&
	    !awh_number_real(scan->start, scan->len, &value))
		return fail_at(scan, start, "number out of range");
	return 0;
}

static int read_literal(struct awh_scan *scan, const char *literal)
{
	size_t len = strlen(literal);

	if (scan->text_len - scan->at < len || memcmp(scan->text + scan->at, literal, len) != 0)
		return fail(scan, "expected a value");
	scan->start = scan->text + scan->at;
	scan->len = len;
	scan->at += len;
	return 0;
}

static int grow_frames(struct awh_scan *scan)
{
	size_t capacity = scan->frames_capacity ? scan->frames_capacity * 2 : FIRST_FRAMES;
	struct awh_scan_frame *frames = realloc(scan->frames, capacity * sizeof(*frames));

	if (!frames)
		return ADMWH_E_NOMEM;
	scan->frames = frames;
	scan->frames_capacity = capacity;
	return 0;
}

static int open_container(struct awh_scan *scan, bool is_object)
{
	if (scan->depth == scan->max_depth)
		return fail_limit(scan, ADMWH_LIMIT_JSON_DEPTH, "nested too deeply");
	if (scan->depth == scan->frames_capacity && grow_frames(scan) < 0)
		return fail_memory(scan);
	scan->frames[scan->depth++] =
	    (struct awh_scan_frame){.first = scan->members.count, .is_object = is_object};
	scan->item = is_object ? AWH_ITEM_OBJECT : AWH_ITEM_ARRAY;
	scan->expect = is_object ? EXPECT_FIRST_KEY : EXPECT_FIRST_ELEMENT;
	scan->start = scan->text + scan->at++;
	scan->len = 1;
	return 0;
}

static void after_value(struct awh_scan *scan)
{
	scan->expect = scan->depth > 0 ? EXPECT_COMMA : EXPECT_END;
}

static int close_container(struct awh_scan *scan)
{
	const struct awh_scan_frame *frame = &scan->frames[scan->depth - 1];

	scan->item = frame->is_object ? AWH_ITEM_OBJECT_END : AWH_ITEM_ARRAY_END;
	scan->start = scan->text + scan->at++;
	scan->len = 1;
	awh_members_drop(&scan->members, frame->first);
	scan->depth--;
	after_value(scan);
	return 0;
}

static void skip_space(struct awh_scan *scan)
{
	while (scan->at < scan->text_len &&
	       (scan->text[scan->at] == ' ' || scan->text[scan->at] == '\n' ||
		scan->text[scan->at] == '\r' || scan->text[scan->at] == '\t'))
		scan->at++;
}

/* Is this the next byte? */
static bool is_at(const struct awh_scan *scan, char c)
{
	return scan->at < scan->text_len && scan->text[scan->at] == c;
}

static int read_scalar(struct awh_scan *scan, char c)
{
	switch (c) {
	case '"':
		scan->item = AWH_ITEM_STRING;
		return read_string(scan);
	case 't':
		scan->item = AWH_ITEM_TRUE;
		return read_literal(scan, "true");
	case 'f':
		scan->item = AWH_ITEM_FALSE;
		return read_literal(scan, "false");
	case 'n':
		scan->item = AWH_ITEM_NULL;
		return read_literal(scan, "null");
	default:
		scan->item = AWH_ITEM_NUMBER;
		if (c == '-' || (c >= '0' && c <= '9'))
			return read_number(scan);
		return fail(scan, "expected a value");
	}
}

static int read_value(struct awh_scan *scan)
{
	char c;
	int err;

	if (scan->values_left == 0)
		return fail_limit(scan, ADMWH_LIMIT_JSON_VALUES, "too many values");
	scan->values_left--;
	if (scan->depth > 0)
		scan->frames[scan->depth - 1].count += !scan->frames[scan->depth - 1].is_object;
	if (scan->at == scan->text_len)
		return fail(scan, scan->at == 0 ? "empty text" : "the text ends too early");
	c = scan->text[scan->at];
	if (c == '{' || c == '[')
		return open_container(scan, c == '{');
	err = read_scalar(scan, c);
	if (err == 0)
		after_value(scan);
	return err;
}

/* The key that was just read. */
static int add_member(struct awh_scan *scan)
{
	size_t at = (size_t)(scan->start - scan->text);
	int err = awh_members_add(&scan->members, scan->text, at, scan->len,
				  scan->frames[scan->depth - 1].first);

	if (err == ADMWH_E_EXISTS)
		return fail_duplicate(scan, at);
	return err < 0 ? fail_memory(scan) : 0;
}

static int read_key(struct awh_scan *scan)
{
	int err;

	scan->in_name = true;
	if (!is_at(scan, '"'))
		return fail(scan, scan->at == scan->text_len ? "the text ends too early"
							     : "expected a member's name");
	scan->item = AWH_ITEM_KEY;
	err = read_string(scan);
	if (err == 0 && !scan->trusted)
		err = add_member(scan);
	if (err < 0)
		return err;
	scan->in_name = false;
	skip_space(scan);
	if (!take(scan, ':'))
		return fail(scan, scan->at == scan->text_len ? "the text ends too early"
							     : "expected \":\"");
	scan->expect = EXPECT_VALUE;
	return 0;
}

/* Behind a value, within a container. */
static int read_comma(struct awh_scan *scan)
{
	bool is_object = scan->frames[scan->depth - 1].is_object;

	if (is_at(scan, is_object ? '}' : ']'))
		return close_container(scan);
	if (scan->at == scan->text_len)
		return fail(scan, "the text ends too early");
	if (!take(scan, ','))
		return fail(scan,
			    is_object ? "expected \",\" or \"}\"" : "expected \",\" or \"]\"");
	skip_space(scan);
	return is_object ? read_key(scan) : read_value(scan);
}

static int read_end(struct awh_scan *scan)
{
	if (scan->at < scan->text_len)
		return fail(scan, "more text behind the value");
	scan->item = AWH_ITEM_END;
	scan->expect = EXPECT_NOTHING;
	return 0;
}

void awh_scan_init(struct awh_scan *scan, const char *text, size_t len, size_t depth,
		   struct awh_error *error)
{
	*scan = (struct awh_scan){.text = text,
				  .text_len = len,
				  .max_depth = depth,
				  .values_left = SIZE_MAX,
				  .error = error,
				  .expect = EXPECT_VALUE};
}

void awh_scan_init_trusted(struct awh_scan *scan, const char *text, size_t len, size_t depth)
{
	awh_scan_init(scan, text, len, depth, NULL);
	scan->trusted = true;
	scan->takes_nul = true;
}

void awh_scan_deinit(struct awh_scan *scan)
{
	free(scan->frames);
	awh_members_deinit(&scan->members);
}

int awh_scan_next(struct awh_scan *scan)
{
	/* Places in the text are kept in 32 bits. */
	if (scan->text_len > UINT32_MAX)
		return fail(scan, "longer than 4 GiB");
	skip_space(scan);
	switch (scan->expect) {
	case EXPECT_VALUE:
		if (scan->at == 0 && scan->text_len >= 3 &&
		    memcmp(scan->text, "\xef\xbb\xbf", 3) == 0)
			return fail(scan, "byte order mark");
		return read_value(scan);
	case EXPECT_FIRST_ELEMENT:
		return is_at(scan, ']') ? close_container(scan) : read_value(scan);
	case EXPECT_FIRST_KEY:
		return is_at(scan, '}') ? close_container(scan) : read_key(scan);
	case EXPECT_COMMA:
		return read_comma(scan);
	case EXPECT_END:
		return read_end(scan);
	default:
		return ADMWH_E_STATE;
	}
}

int awh_scan_skip(struct awh_scan *scan)
{
	size_t outside = scan->depth;
	int err = 0;

	if (scan->item != AWH_ITEM_OBJECT && scan->item != AWH_ITEM_ARRAY)
		return 0;
	while (err == 0 && scan->depth >= outside)
		err = awh_scan_next(scan);
	return err;
}

const char *awh_scan_here(const struct awh_scan *scan)
{
	return scan->text + scan->at;
}

void awh_scan_path(const struct awh_scan *scan, char *path, size_t size)
{
	struct awh_path out;

	awh_path_init(&out, path, size);
	for (size_t i = 0; i < scan->depth; i++) {
		const struct awh_scan_frame *frame = &scan->frames[i];
		size_t end = i + 1 < scan->depth ? frame[1].first : scan->members.count;

		/* A name that is still being read is not part of the path to it. */
		if (frame->is_object && end > frame->first &&
		    !(scan->in_name && i + 1 == scan->depth))
			awh_path_add_key(&out, scan->text + scan->members.list[end - 1].at);
		else if (!frame->is_object && frame->count > 0)
			awh_path_add_index(&out, frame->count - 1);
	}
}
