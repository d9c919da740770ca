/* SPDX-License-Identifier: MIT */
/*
 * JSON with the words of Go's encoding/json: "invalid character 'x' looking for
 * beginning of value", "unexpected end of JSON input".
 */
#include <string.h>

#include "go_text.h"

#define MAX_DEPTH 10000

struct scanner {
	const char *at;
	struct text *error;
	char closing[MAX_DEPTH]; /* '}' or ']' for each that is open */
	size_t depth;
};

/* The character as Go quotes it, and where it stands. */
static bool invalid_char(struct scanner *scanner, unsigned char c, const char *context)
{
	text_add(scanner->error, "invalid character '");
	if (c == '\'') {
		text_add(scanner->error, "\\'");
	} else if (c == '"') {
		text_add(scanner->error, "\"");
	} else {
		struct text quoted = {0};
		struct text rune = {0};

		go_rune(&rune, c);
		go_quote(&quoted, text_get(&rune));
		if (quoted.len >= 2)
			text_add_bytes(scanner->error, quoted.data + 1, quoted.len - 2);
		text_deinit(&rune);
		text_deinit(&quoted);
	}
	text_add(scanner->error, "' %s", context);
	return false;
}

static bool invalid(struct scanner *scanner, const char *context)
{
	if (*scanner->at)
		return invalid_char(scanner, (unsigned char)*scanner->at, context);
	text_add(scanner->error, "unexpected end of JSON input");
	return false;
}

/* Where no space can stand Go takes the end for one. */
static bool invalid_inside(struct scanner *scanner, const char *context)
{
	char c = *scanner->at ? *scanner->at : ' ';

	return invalid_char(scanner, (unsigned char)c, context);
}

static void skip_space(struct scanner *scanner)
{
	scanner->at += strspn(scanner->at, " \t\r\n");
}

static bool take_escape(struct scanner *scanner)
{
	scanner->at++;
	if (*scanner->at && strchr("bfnrt\\/\"", *scanner->at)) {
		scanner->at++;
		return true;
	}
	if (*scanner->at != 'u')
		return invalid_inside(scanner, "in string escape code");
	scanner->at++;
	for (int i = 0; i < 4; i++, scanner->at++)
		if (!*scanner->at || !strchr("0123456789abcdefABCDEF", *scanner->at))
			return invalid_inside(scanner, "in \\u hexadecimal character escape");
	return true;
}

static bool take_string(struct scanner *scanner)
{
	for (scanner->at++; *scanner->at != '"';) {
		if (*scanner->at == '\\') {
			if (!take_escape(scanner))
				return false;
		} else if ((unsigned char)*scanner->at < 0x20) {
			return invalid(scanner, "in string literal");
		} else {
			scanner->at++;
		}
	}
	scanner->at++;
	return true;
}

static bool take_digits(struct scanner *scanner, const char *context)
{
	size_t n = strspn(scanner->at, "0123456789");

	scanner->at += n;
	return n > 0 || invalid_inside(scanner, context);
}

static bool take_number(struct scanner *scanner)
{
	scanner->at += *scanner->at == '-';
	if (*scanner->at == '0')
		scanner->at++;
	else if (!take_digits(scanner, "in numeric literal"))
		return false;
	if (*scanner->at == '.') {
		scanner->at++;
		if (!take_digits(scanner, "after decimal point in numeric literal"))
			return false;
	}
	if (*scanner->at == 'e' || *scanner->at == 'E') {
		scanner->at++;
		scanner->at += *scanner->at == '+' || *scanner->at == '-';
		return take_digits(scanner, "in exponent of numeric literal");
	}
	return true;
}

static bool take_literal(struct scanner *scanner, const char *literal)
{
	for (const char *c = literal; *c; c++, scanner->at++) {
		struct text context = {0};

		if (*scanner->at == *c)
			continue;
		text_add(&context, "in literal %s (expecting '%c')", literal, *c);
		invalid_inside(scanner, text_get(&context));
		text_deinit(&context);
		return false;
	}
	return true;
}

static bool take_key(struct scanner *scanner)
{
	skip_space(scanner);
	if (*scanner->at != '"')
		return invalid(scanner, "looking for beginning of object key string");
	if (!take_string(scanner))
		return false;
	skip_space(scanner);
	if (*scanner->at != ':')
		return invalid(scanner, "after object key");
	scanner->at++;
	return true;
}

/* "{" or "[": true when something stands inside, else it is passed over whole. */
static bool open_group(struct scanner *scanner, bool *empty)
{
	char closing = *scanner->at == '{' ? '}' : ']';

	if (scanner->depth == MAX_DEPTH)
		return invalid(scanner, "exceeded max depth");
	scanner->at++;
	skip_space(scanner);
	*empty = *scanner->at == closing;
	if (*empty) {
		scanner->at++;
		return true;
	}
	scanner->closing[scanner->depth++] = closing;
	return closing == ']' || take_key(scanner);
}

/* The beginning of a value, up to where a value is whole or the first inside it begins. */
static bool take_value(struct scanner *scanner, bool *opened)
{
	bool empty;

	*opened = false;
	skip_space(scanner);
	switch (*scanner->at) {
	case '{':
	case '[':
		if (!open_group(scanner, &empty))
			return false;
		*opened = !empty;
		return true;
	case '"':
		return take_string(scanner);
	case 't':
		return take_literal(scanner, "true");
	case 'f':
		return take_literal(scanner, "false");
	case 'n':
		return take_literal(scanner, "null");
	default:
		if (*scanner->at == '-' || (*scanner->at >= '0' && *scanner->at <= '9'))
			return take_number(scanner);
		return invalid(scanner, "looking for beginning of value");
	}
}

/* Behind a value: closes what ends there; false in *more when all is closed. */
static bool take_end(struct scanner *scanner, bool *more)
{
	for (*more = true; scanner->depth > 0; scanner->at++, scanner->depth--) {
		char closing = scanner->closing[scanner->depth - 1];

		skip_space(scanner);
		if (*scanner->at == ',') {
			scanner->at++;
			return closing == ']' || take_key(scanner);
		}
		if (*scanner->at != closing)
			return invalid(scanner, closing == '}' ? "after object key:value pair"
							       : "after array element");
	}
	*more = false;
	skip_space(scanner);
	return !*scanner->at || invalid(scanner, "after top-level value");
}

bool go_json_check(const char *text, struct text *error)
{
	struct scanner scanner = {.at = text, .error = error};
	bool opened, more = true;

	while (more) {
		if (!take_value(&scanner, &opened))
			return false;
		if (!opened && !take_end(&scanner, &more))
			return false;
	}
	return true;
}
