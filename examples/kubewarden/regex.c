/* SPDX-License-Identifier: MIT */
/* Regular expressions in linear time. See regex.h. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "regex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <pcre2.h>

enum {
	PATTERN_MAX = 16384, /* bytes of a pattern */
	WORKSPACE_LEAST = 4096,
	WORKSPACE_MOST = 1 << 20, /* int: what a match may need of memory, 4 MiB */
};

/* Steps a match may need at most: less than a second's worth. */
static const double steps_max = 5e8;

struct kw_regex {
	pcre2_code *code;
	double states; /* of the pattern, about; a character takes their square in steps at most */
};

/* What a piece of a pattern is. */
enum piece { ATOM, OPEN, CLOSE, REPEAT, UNKNOWN };

/* Bytes of an escape: "\d", "\x{41}", "\pL". */
static size_t escape_len(const char *at)
{
	const char *brace = at[1] && at[2] == '{' ? strchr(at, '}') : NULL;
	size_t digits;

	if (!at[1])
		return 1;
	if (strchr("pPx", at[1]) && brace)
		return (size_t)(brace - at) + 1;
	if (at[1] == 'x' || at[1] == '0') {
		digits = strspn(at + 2, at[1] == 'x' ? "0123456789abcdefABCDEF" : "01234567");
		return 2 + (digits < 2 ? digits : 2);
	}
	return strchr("pP", at[1]) && at[2] ? 3 : 2;
}

/* "\x{ 41 }": PCRE2 10.43 knows it, RE2 and older ones do not. */
static bool is_blank_escape(const char *at, size_t len)
{
	return at[1] && at[2] == '{' && (memchr(at, ' ', len) || memchr(at, '\t', len));
}

static size_t class_len(const char *start)
{
	const char *at = start + 1;

	at += *at == '^';
	at += *at == ']';
	while (*at && *at != ']') {
		const char *end = at[0] == '[' && at[1] == ':' ? strstr(at, ":]") : NULL;

		at += end ? end + 2 - at : *at == '\\' && at[1] ? 2 : 1;
	}
	return (size_t)(at - start) + (*at == ']');
}

static enum piece read_class(const char *start, size_t *len)
{
	*len = class_len(start);
	for (const char *at = start; at < start + *len; at++) {
		if (*at != '\\')
			continue;
		if (is_blank_escape(at, escape_len(at)))
			return UNKNOWN;
		at++;
	}
	return ATOM;
}

/* "(", or with what RE2 knows behind "(?": a name, or flags and ":" or ")". */
static enum piece read_group(const char *at, size_t *len)
{
	const char *end = at + 2;

	*len = 1;
	if (at[1] != '?')
		return at[1] == '*' ? UNKNOWN : OPEN;
	*len = 3;
	if (strncmp(at + 2, "P<", 2) == 0 || (at[2] == '<' && at[3] != '=' && at[3] != '!')) {
		end = strchr(at, '>');
		*len = end ? (size_t)(end - at) + 1 : strlen(at);
		return OPEN;
	}
	while (*end && strchr("imsU-", *end))
		end++;
	if (*end != ':' && *end != ')')
		return UNKNOWN;
	*len = (size_t)(end - at) + 1;
	return OPEN;
}

/* The piece that a pattern begins with. */
static enum piece read_piece(const char *at, size_t *len)
{
	*len = 1;
	switch (*at) {
	case '\\':
		*len = escape_len(at);
		if (is_blank_escape(at, *len))
			return UNKNOWN;
		return at[1] && strchr("123456789gkCGKQRX", at[1]) ? UNKNOWN : ATOM;
	case '[':
		return read_class(at, len);
	case '(':
		return read_group(at, len);
	case ')':
		return CLOSE;
	case '*':
	case '+':
	case '?':
		return REPEAT;
	case '{':
		*len = 1 + strspn(at + 1, "0123456789,");
		if (at[*len] != '}' || !strchr("0123456789", at[1]))
			return *len = 1, ATOM;
		++*len;
		return REPEAT;
	default:
		while (((unsigned char)at[*len] & 0xc0) == 0x80)
			++*len;
		return ATOM;
	}
}

/* Put the atom at the end of a pattern into a group. */
static void wrap_atom(struct text *pattern, size_t atom)
{
	char *copy = pattern->failed ? NULL : strdup(pattern->data + atom);

	pattern->failed = !copy;
	if (!copy)
		return;
	pattern->len = atom;
	text_add(pattern, "(?:%s)", copy);
	free(copy);
}

/*
 * A pattern of RE2's syntax as one for PCRE2. What RE2 does not know is refused. "a+" becomes
 * "(?:a)+": repeating a single character, PCRE2 keeps count of it, and the states of a match would
 * become as many as its characters. "{" is escaped where it begins no repetition of RE2: "{,2}" and
 * "{ 2 }" are some of PCRE2 10.43.
 */
static int translate(const char *pattern, struct text *to, struct text *error)
{
	enum piece before = OPEN, piece;
	bool lazy = false; /* before is the "?" of "a*?" */
	size_t len, atom = 0;

	for (const char *at = pattern; *at; at += len) {
		bool is_lazy = before == REPEAT && *at == '?' && !lazy;

		piece = read_piece(at, &len);
		if (piece == UNKNOWN || (piece == REPEAT && before == REPEAT && !is_lazy)) {
			text_add(error,
				 "error parsing regexp: invalid or unsupported syntax: `%.*s`",
				 (int)len, at);
			return -1;
		}
		if (piece == REPEAT && before == ATOM && *at != '*' && *at != '?')
			wrap_atom(to, atom);
		atom = to->len;
		text_add(to, "%s%.*s", *at == '{' && piece == ATOM ? "\\" : "", (int)len, at);
		before = piece;
		lazy = is_lazy;
	}
	if (to->failed)
		text_add(error, "out of memory");
	return to->failed ? -1 : 0;
}

/* The words of Go's regexp, which the original's policies are written with. */
static void explain(int code, const char *pattern, size_t offset, struct text *error)
{
	unsigned char text[256];
	const char *bracket = strrchr(pattern, '[');

	text_add(error, "error parsing regexp: ");
	if (code == PCRE2_ERROR_MISSING_SQUARE_BRACKET && bracket) {
		text_add(error, "missing closing ]: `%s`", bracket);
	} else if (code == PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS) {
		text_add(error, "missing closing ): `%s`", pattern);
	} else if (code == PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS) {
		text_add(error, "unexpected ): `%s`", pattern);
	} else {
		pcre2_get_error_message(code, text, sizeof(text));
		text_add(error, "%s at offset %zu: `%s`", (const char *)text, offset, pattern);
	}
}

static pcre2_code *compile(const char *pattern, uint32_t options, struct text *error)
{
	pcre2_code *code;
	PCRE2_SIZE offset = 0;
	int failure = 0;

	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
			     PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY | options,
			     &failure, &offset, NULL);
	if (!code)
		explain(failure, pattern, offset, error);
	return code;
}

/*
 * "(?s:.*?)(?:pattern)" once from the start, instead of the pattern from each character on: a
 * search from everywhere would take quadratic time.
 */
static pcre2_code *compile_search(const char *pattern, struct text *error)
{
	struct text translated = {0}, search = {0};
	pcre2_code *code = NULL;

	if (translate(pattern, &translated, error))
		goto out;
	/* As it was written first: what is wrong is to be told of that. */
	code = compile(pattern, 0, error);
	if (!code)
		goto out;
	pcre2_code_free(code);
	code = NULL;
	text_add(&search, "(?s:.*?)(?:%s)", text_get(&translated));
	if (search.failed)
		text_add(error, "out of memory");
	else
		code = compile(text_get(&search), PCRE2_ANCHORED, error);
out:
	text_deinit(&translated);
	text_deinit(&search);
	return code;
}

struct kw_regex *kw_regex_new(const char *pattern, struct text *error)
{
	struct kw_regex *regex;
	size_t size = 0;

	if (strlen(pattern) > PATTERN_MAX)
		return text_add(error, "error parsing regexp: expression too large"), NULL;
	regex = calloc(1, sizeof(*regex));
	if (!regex)
		return text_add(error, "out of memory"), NULL;
	regex->code = compile_search(pattern, error);
	if (!regex->code) {
		free(regex);
		return NULL;
	}
	/* An item takes about eight bytes; the head of the code is left in, on the safe side. */
	pcre2_pattern_info(regex->code, PCRE2_INFO_SIZE, &size);
	regex->states = (double)size / 8;
	return regex;
}

void kw_regex_free(struct kw_regex *regex)
{
	if (!regex)
		return;
	pcre2_code_free(regex->code);
	free(regex);
}

bool kw_regex_found(const struct kw_regex *regex, const char *subject)
{
	double steps = (double)strlen(subject) * regex->states * regex->states;
	pcre2_match_data *match = steps <= steps_max ? pcre2_match_data_create(1, NULL) : NULL;
	int found = PCRE2_ERROR_DFA_WSSIZE;

	for (size_t size = WORKSPACE_LEAST;
	     match && found == PCRE2_ERROR_DFA_WSSIZE && size <= WORKSPACE_MOST; size *= 4) {
		int *workspace = malloc(size * sizeof(*workspace));

		if (!workspace)
			break;
		found = pcre2_dfa_match(regex->code, (PCRE2_SPTR)subject, PCRE2_ZERO_TERMINATED, 0,
					PCRE2_DFA_SHORTEST, match, NULL, workspace, size);
		free(workspace);
	}
	pcre2_match_data_free(match);
	return found >= 0;
}
