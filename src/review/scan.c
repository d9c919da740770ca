/* SPDX-License-Identifier: MIT */
#include "review/scan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/text.h"
#include "review/number.h"

enum {
	FIRST_FRAMES = 16,
	FIRST_KEYS = 64,
	PATH_BYTES = 256,
	KEY_BYTES = 64, /* of a key in a path or message */
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
	size_t first_key;
	size_t count; /* members or elements that have begun */
	bool is_object;
};

/* A member of an open object. Entries leave in the reverse order they came, so that in each chain
 * the newest is first and those of outer objects are behind those of the inner one. */
struct awh_scan_key {
	uint32_t at; /* where its name begins, behind the quote */
	uint32_t hash;
	uint32_t next; /* in its bucket: 1 + key, 0 for none */
};

/* Bytes up to the closing quote of a string that was checked before. */
static size_t string_len(const char *text)
{
	size_t len = 0;

	while (text[len] != '"')
		len += text[len] == '\\' ? 2 : 1;
	return len;
}

static bool is_plain_key(const char *key, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!(key[i] >= 'a' && key[i] <= 'z') && !(key[i] >= 'A' && key[i] <= 'Z') &&
		    !(key[i] >= '0' && key[i] <= '9') && key[i] != '_' && key[i] != '-')
			return false;
	return len > 0;
}

/* A path that grows in a fixed space; what does not fit is left out whole. */
struct path {
	char *text;
	size_t size;
	size_t len;
	bool full;
};

static void put(struct path *path, const char *text, size_t len)
{
	static const char dots[] = "...";

	if (path->full)
		return;
	if (len >= path->size - path->len - strlen(dots)) {
		path->full = true;
		text = dots;
		len = strlen(dots);
	}
	memcpy(path->text + path->len, text, len);
	path->len += len;
	path->text[path->len] = '\0';
}

/* At most KEY_BYTES of a key as it is written, cut between characters. */
static size_t key_part(const char *key, size_t len)
{
	size_t part = 0;

	while (part < len) {
		size_t n = key[part] == '\\' ? 2 : awh_utf8_sequence(key + part, len - part);

		if (part + n > KEY_BYTES)
			break;
		part += n;
	}
	return part;
}

static void put_key(struct path *path, const char *key)
{
	size_t len = string_len(key);
	size_t part = key_part(key, len);
	char text[KEY_BYTES + 16];
	size_t n = 0;
	bool plain = is_plain_key(key, len);

	if (!plain) {
		text[n++] = '[';
		text[n++] = '"';
	} else if (path->len > 0) {
		text[n++] = '.';
	}
	memcpy(text + n, key, part);
	n += part;
	if (part < len) {
		memcpy(text + n, "...", 3);
		n += 3;
	}
	if (!plain) {
		text[n++] = '"';
		text[n++] = ']';
	}
	put(path, text, n);
}

static void put_index(struct path *path, size_t index)
{
	char text[AWH_NUMBER_TEXT];
	size_t len = awh_number_format_integer(text, (int64_t)index);

	put(path, "[", 1);
	put(path, text, len);
	put(path, "]", 1);
}

void awh_scan_path(const struct awh_scan *scan, char *path, size_t size)
{
	struct path out = {.text = path, .size = size};

	path[0] = '\0';
	for (size_t i = 0; i < scan->depth; i++) {
		const struct awh_scan_frame *frame = &scan->frames[i];
		size_t end = i + 1 < scan->depth ? frame[1].first_key : scan->n_keys;

		/* A name that is still being read is not part of the path to it. */
		if (frame->is_object && end > frame->first_key &&
		    !(scan->in_name && i + 1 == scan->depth))
			put_key(&out, scan->text + scan->keys[end - 1].at);
		else if (!frame->is_object && frame->count > 0)
			put_index(&out, frame->count - 1);
	}
}

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

static int fail_memory(struct awh_scan *scan)
{
	scan->expect = EXPECT_NOTHING;
	return awh_fail(scan->error, ADMWH_E_NOMEM, "out of memory");
}

static int fail_duplicate(struct awh_scan *scan, size_t key_at)
{
	const char *key = scan->text + key_at;
	size_t len = string_len(key);
	size_t part = key_part(key, len);
	char what[KEY_BYTES + 32] = "duplicate member \"";
	size_t n = strlen(what);

	memcpy(what + n, key, part);
	n += part;
	memcpy(what + n, part < len ? "...\"" : "\"", part < len ? 5 : 2);
	return fail_at(scan, key_at - 1, what);
}

/* More room for an array; NULL when memory runs out. */
static void *grow(void *array, size_t *capacity, size_t first, size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : first;
	void *grown = wanted <= SIZE_MAX / size ? realloc(array, wanted * size) : NULL;

	if (grown)
		*capacity = wanted;
	return grown;
}

/* Are none of 8 bytes a quote, a backslash, a control character or beyond ASCII? */
static bool are_plain(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = UINT64_C(0x8080808080808080);
	uint64_t word;
	uint64_t quote;
	uint64_t backslash;

	memcpy(&word, text, sizeof(word));
	quote = word ^ (ones * '"');
	backslash = word ^ (ones * '\\');
	return ((((word - ones * 0x20) | (quote - ones) | (backslash - ones)) | word) & tops) == 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The 4 digits of a \u escape; -1 when they are not. */
static int32_t read_hex(const char *text, size_t len)
{
	int32_t value = 0;

	if (len < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static bool is_high_surrogate(int32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* A \u escape, at the "u". */
static int read_unicode_escape(struct awh_scan *scan)
{
	const char *here = scan->text + scan->at;
	size_t left = scan->text_len - scan->at;
	int32_t unit = read_hex(here + 1, left - 1);

	if (unit < 0)
		return fail_at(scan, scan->at - 1, "expected 4 hexadecimal digits behind \\u");
	if (unit == 0)
		return fail_at(scan, scan->at - 1, "U+0000 is not taken");
	scan->at += 5;
	if (is_high_surrogate(unit)) {
		left -= 5;
		if (left < 6 || here[5] != '\\' || here[6] != 'u' ||
		    !is_low_surrogate(read_hex(here + 7, 4)))
			return fail_at(scan, scan->at - 6, "lone surrogate");
		scan->at += 6;
	} else if (is_low_surrogate(unit)) {
		return fail_at(scan, scan->at - 6, "lone surrogate");
	}
	return 0;
}

/* An escape, at the byte behind the backslash. */
static int read_escape(struct awh_scan *scan)
{
	if (scan->at == scan->text_len)
		return fail(scan, "the text ends within a string");
	switch (scan->text[scan->at]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		scan->at++;
		return 0;
	case 'u':
		return read_unicode_escape(scan);
	default:
		return fail_at(scan, scan->at - 1, "unknown escape");
	}
}

/* A character that ends the plain run of a string, other than the closing quote. */
static int read_special(struct awh_scan *scan)
{
	const char *here = scan->text + scan->at;
	size_t n;

	if (*here == '\\') {
		scan->escaped = true;
		scan->at++;
		return read_escape(scan);
	}
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

	scan->escaped = false;
	for (;;) {
		while (scan->text_len - scan->at >= 8 && are_plain(text + scan->at))
			scan->at += 8;
		while (scan->at < scan->text_len && (unsigned char)text[scan->at] >= 0x20 &&
		       (unsigned char)text[scan->at] < 0x80 && text[scan->at] != '"' &&
		       text[scan->at] != '\\')
			scan->at++;
		if (scan->at == scan->text_len)
			return fail(scan, "the text ends within a string");
		if (text[scan->at] == '"')
			break;
		int err = read_special(scan);
		if (err < 0)
			return err;
	}
	scan->start = text + start;
	scan->len = scan->at++ - start;
	return 0;
}

static size_t put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* One escape at text, the backslash; returns the bytes it takes. */
static size_t unescape_one(char *out, size_t *n, const char *text)
{
	static const char names[] = "bfnrt";
	static const char values[] = "\b\f\n\r\t";
	const char *name;
	uint32_t c;

	if (text[1] != 'u') {
		name = strchr(names, text[1]);
		out[(*n)++] = name ? values[name - names] : text[1];
		return 2;
	}
	c = (uint32_t)read_hex(text + 2, 4);
	if (!is_high_surrogate((int32_t)c)) {
		*n += put_utf8(out + *n, c);
		return 6;
	}
	c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)read_hex(text + 8, 4) - 0xdc00);
	*n += put_utf8(out + *n, c);
	return 12;
}

size_t awh_scan_unescape(char *out, const char *text, size_t len)
{
	size_t n = 0;
	size_t i = 0;

	while (i < len) {
		const char *backslash = memchr(text + i, '\\', len - i);
		size_t run = backslash ? (size_t)(backslash - (text + i)) : len - i;

		memcpy(out + n, text + i, run);
		n += run;
		i += run;
		if (backslash)
			i += unescape_one(out, &n, backslash);
	}
	return n;
}

static uint64_t rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/* SipHash-1-3: keyed, so that no one can choose names that fall together. */
static uint64_t hash_key(const uint64_t seed[2], const char *key, size_t len)
{
	uint64_t v[4] = {
	    seed[0] ^ UINT64_C(0x736f6d6570736575), seed[1] ^ UINT64_C(0x646f72616e646f6d),
	    seed[0] ^ UINT64_C(0x6c7967656e657261), seed[1] ^ UINT64_C(0x7465646279746573)};
	uint64_t word = 0;
	size_t whole = len & ~(size_t)7;

	for (size_t i = 0; i < whole; i += 8) {
		memcpy(&word, key + i, 8);
		sip_word(v, word);
	}
	word = 0;
	memcpy(&word, key + whole, len - whole);
	sip_word(v, word ^ (uint64_t)len << 56);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void make_seed(struct awh_scan *scan)
{
	if (getrandom(scan->seed, sizeof(scan->seed), GRND_NONBLOCK) == sizeof(scan->seed))
		return;
	/* Early at boot, or an old kernel: still unlike any other run. */
	scan->seed[0] = (uint64_t)awh_clock_us();
	scan->seed[1] = (uint64_t)(uintptr_t)scan ^ (uint64_t)awh_clock_wall_s() << 32;
}

/* Twice the buckets, and every key linked again, oldest first. */
static int grow_buckets(struct awh_scan *scan)
{
	size_t n_buckets = scan->n_buckets ? scan->n_buckets * 2 : FIRST_KEYS * 2;
	uint32_t *buckets = calloc(n_buckets, sizeof(*buckets));

	if (!buckets)
		return fail_memory(scan);
	for (size_t i = 0; i < scan->n_keys; i++) {
		struct awh_scan_key *key = &scan->keys[i];
		uint32_t *bucket = &buckets[key->hash & (n_buckets - 1)];

		key->next = *bucket;
		*bucket = (uint32_t)i + 1;
	}
	free(scan->buckets);
	scan->buckets = buckets;
	scan->n_buckets = n_buckets;
	return 0;
}

static int reserve_key(struct awh_scan *scan)
{
	if (scan->n_keys == scan->keys_capacity) {
		struct awh_scan_key *keys =
		    grow(scan->keys, &scan->keys_capacity, FIRST_KEYS, sizeof(*keys));

		if (!keys)
			return fail_memory(scan);
		scan->keys = keys;
	}
	if (!scan->buckets)
		make_seed(scan);
	return scan->n_keys < scan->n_buckets / 2 ? 0 : grow_buckets(scan);
}

static int reserve_scratch(struct awh_scan *scan, size_t size)
{
	char *scratch;

	if (size <= scan->scratch_capacity)
		return 0;
	scratch = realloc(scan->scratch, size);
	if (!scratch)
		return fail_memory(scan);
	scan->scratch = scratch;
	scan->scratch_capacity = size;
	return 0;
}

/* Do two keys read the same? scratch has room for both. */
static bool same_key(const struct awh_scan *scan, size_t a, size_t b)
{
	size_t a_len = string_len(scan->text + a);
	size_t b_len = string_len(scan->text + b);

	a_len = awh_scan_unescape(scan->scratch, scan->text + a, a_len);
	b_len = awh_scan_unescape(scan->scratch + a_len, scan->text + b, b_len);
	return a_len == b_len && memcmp(scan->scratch, scan->scratch + a_len, a_len) == 0;
}

/* The key that was just read: is it new to its object? */
static int add_key(struct awh_scan *scan)
{
	struct awh_scan_frame *frame = &scan->frames[scan->depth - 1];
	const char *name = scan->start;
	size_t len = scan->len;
	size_t at = (size_t)(scan->start - scan->text);
	int err = reserve_key(scan);

	if (err == 0 && scan->escaped) {
		err = reserve_scratch(scan, len);
		if (err == 0) {
			len = awh_scan_unescape(scan->scratch, name, len);
			name = scan->scratch;
		}
	}
	if (err < 0)
		return err;
	uint32_t hash = (uint32_t)hash_key(scan->seed, name, len);
	uint32_t *bucket = &scan->buckets[hash & (scan->n_buckets - 1)];

	for (uint32_t i = *bucket; i > frame->first_key; i = scan->keys[i - 1].next) {
		const struct awh_scan_key *other = &scan->keys[i - 1];

		if (other->hash != hash)
			continue;
		err = reserve_scratch(scan, scan->len + string_len(scan->text + other->at) + 1);
		if (err < 0)
			return err;
		if (same_key(scan, other->at, at))
			return fail_duplicate(scan, at);
	}
	scan->keys[scan->n_keys] =
	    (struct awh_scan_key){.at = (uint32_t)at, .hash = hash, .next = *bucket};
	*bucket = (uint32_t)++scan->n_keys;
	return 0;
}

/* Take the members of a closing object out, newest first: each is at the head of its chain. */
static void drop_keys(struct awh_scan *scan, size_t first_key)
{
	while (scan->n_keys > first_key) {
		const struct awh_scan_key *key = &scan->keys[--scan->n_keys];

		scan->buckets[key->hash & (scan->n_buckets - 1)] = key->next;
	}
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

static int open_container(struct awh_scan *scan, bool is_object)
{
	if (scan->depth == scan->max_depth)
		return fail(scan, "nested too deeply");
	if (scan->depth == scan->frames_capacity) {
		struct awh_scan_frame *frames =
		    grow(scan->frames, &scan->frames_capacity, FIRST_FRAMES, sizeof(*frames));

		if (!frames)
			return fail_memory(scan);
		scan->frames = frames;
	}
	scan->frames[scan->depth++] =
	    (struct awh_scan_frame){.first_key = scan->n_keys, .is_object = is_object};
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
	drop_keys(scan, frame->first_key);
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
		err = add_key(scan);
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
				  .error = error,
				  .expect = EXPECT_VALUE};
}

void awh_scan_init_trusted(struct awh_scan *scan, const char *text, size_t len, size_t depth)
{
	awh_scan_init(scan, text, len, depth, NULL);
	scan->trusted = true;
}

void awh_scan_deinit(struct awh_scan *scan)
{
	free(scan->frames);
	free(scan->keys);
	free(scan->buckets);
	free(scan->scratch);
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

bool awh_scan_is(const struct awh_scan *scan, const char *text)
{
	size_t len = strlen(text);
	const char *at = scan->start;
	const char *end = scan->start + scan->len;

	if (!scan->escaped)
		return scan->len == len && memcmp(at, text, len) == 0;
	while (at < end && *text) {
		char piece[4];
		size_t n = 0;

		if (*at == '\\')
			at += unescape_one(piece, &n, at);
		else
			piece[n++] = *at++;
		if (strncmp(piece, text, n) != 0)
			return false;
		text += n;
	}
	return at == end && *text == '\0';
}

const char *awh_item_name(enum awh_item item)
{
	switch (item) {
	case AWH_ITEM_NULL:
		return "null";
	case AWH_ITEM_FALSE:
	case AWH_ITEM_TRUE:
		return "a boolean";
	case AWH_ITEM_NUMBER:
		return "a number";
	case AWH_ITEM_STRING:
		return "a string";
	case AWH_ITEM_ARRAY:
		return "an array";
	case AWH_ITEM_OBJECT:
		return "an object";
	default:
		return "nothing";
	}
}
