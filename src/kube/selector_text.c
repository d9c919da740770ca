/* SPDX-License-Identifier: MIT */
/*
 * The text of a label selector, by the grammar of labels.Parse(), whose names the
 * functions have: "a=b,c in (d,e),!f".
 */
#include <string.h>

#include "kube/selector.h"

enum token {
	END,
	IDENTIFIER,
	IN,
	NOT_IN,
	EQUALS, /* "=" or "==" */
	NOT_EQUALS,
	NOT,
	GREATER,
	LESS,
	OPEN,
	CLOSE,
	COMMA,
};

struct parser {
	struct admwh_selector *selector;
	const char *begin, *rest;
	/* The next token. */
	enum token token;
	const char *text;
	size_t len;
};

static bool is_text(const struct parser *parser, const char *text)
{
	return parser->len == strlen(text) && memcmp(parser->text, text, parser->len) == 0;
}

static enum token word(struct parser *parser)
{
	parser->len = strcspn(parser->text, " \t\r\n=!(),><");
	if (is_text(parser, "in"))
		return IN;
	return is_text(parser, "notin") ? NOT_IN : IDENTIFIER;
}

static enum token symbol(struct parser *parser)
{
	const char next = parser->text[0] ? parser->text[1] : '\0';

	parser->len = 1 + (next == '=' && (*parser->text == '=' || *parser->text == '!'));
	switch (*parser->text) {
	case '=':
		return EQUALS;
	case '!':
		return parser->len == 2 ? NOT_EQUALS : NOT;
	case '>':
		return GREATER;
	case '<':
		return LESS;
	case '(':
		return OPEN;
	case ')':
		return CLOSE;
	default:
		return COMMA;
	}
}

/* Read the next token, which is looked at until it is taken. */
static void advance(struct parser *parser)
{
	parser->text = parser->rest + strspn(parser->rest, " \t\r\n");
	parser->len = 0;
	if (!*parser->text)
		parser->token = END;
	else if (strchr("=!(),><", *parser->text))
		parser->token = symbol(parser);
	else
		parser->token = word(parser);
	parser->rest = parser->text + parser->len;
}

/* "in" and "notin" are words like others where no operator is expected. */
static bool is_identifier(const struct parser *parser)
{
	return parser->token == IDENTIFIER || parser->token == IN || parser->token == NOT_IN;
}

static int fail(struct parser *parser, const char *expected)
{
	return awh_fail(&parser->selector->error, ADMWH_E_INVAL, "byte %zu: expected %s",
			(size_t)(parser->text - parser->begin), expected);
}

/* The error of a requirement, with its place. */
static int place(struct parser *parser, const char *at)
{
	struct awh_error error = parser->selector->error;

	if (error.code == ADMWH_E_NOMEM)
		return error.code;
	awh_error_clear(&parser->selector->error);
	return awh_fail(&parser->selector->error, error.code, "byte %zu: %s",
			(size_t)(at - parser->begin), error.text);
}

static int add_value(struct parser *parser, struct awh_requirement *requirement, const char *text,
		     size_t len)
{
	if (awh_requirement_add(parser->selector, requirement, text, len) < 0)
		return place(parser, parser->text);
	return 0;
}

/* The operator of a key, and how it stands. False where there is none. */
static bool infer_operator(const struct parser *parser, enum awh_operator *op)
{
	static const enum awh_operator operators[] = {
	    [IN] = AWH_OP_IN,           [NOT_IN] = AWH_OP_NOT_IN,
	    [EQUALS] = AWH_OP_IN,       [NOT_EQUALS] = AWH_OP_NOT_IN,
	    [GREATER] = AWH_OP_GREATER, [LESS] = AWH_OP_LESS,
	};

	if (parser->token == END || parser->token == COMMA) {
		*op = AWH_OP_EXISTS;
		return true;
	}
	if (parser->token < IN || parser->token > LESS || parser->token == NOT)
		return false;
	*op = operators[parser->token];
	return true;
}

/* "b,c": an empty value stands before, between and behind commas. */
static int parse_identifiers(struct parser *parser, struct awh_requirement *requirement)
{
	int err;

	for (;;) {
		const bool is_word = is_identifier(parser);

		err = add_value(parser, requirement, parser->text, is_word ? parser->len : 0);
		if (err < 0)
			return err;
		if (is_word)
			advance(parser);
		if (parser->token == CLOSE)
			return 0;
		if (parser->token != COMMA)
			return fail(parser, "\",\" or \")\"");
		advance(parser);
		if (!is_identifier(parser) && parser->token != COMMA && parser->token != CLOSE)
			return fail(parser, "a value, \",\" or \")\"");
	}
}

/* "(b,c)" */
static int parse_values(struct parser *parser, struct awh_requirement *requirement)
{
	int err;

	if (parser->token != OPEN)
		return fail(parser, "\"(\"");
	advance(parser);
	if (!is_identifier(parser) && parser->token != COMMA && parser->token != CLOSE)
		return fail(parser, "a value, \",\" or \")\"");
	err = parse_identifiers(parser, requirement);
	if (err == 0)
		advance(parser);
	return err;
}

static int parse_exact_value(struct parser *parser, struct awh_requirement *requirement)
{
	int err;

	if (parser->token == END || parser->token == COMMA)
		return add_value(parser, requirement, "", 0);
	if (!is_identifier(parser))
		return fail(parser, "a value");
	err = add_value(parser, requirement, parser->text, parser->len);
	if (err == 0)
		advance(parser);
	return err;
}

/* What is behind a key. */
static int parse_restriction(struct parser *parser, const char *key, size_t len, bool is_not)
{
	const enum token token = parser->token;
	struct awh_requirement *requirement;
	enum awh_operator op = AWH_OP_DOES_NOT_EXIST;
	int err = 0;

	if (!is_not && !infer_operator(parser, &op))
		return fail(parser, "an operator");
	requirement = awh_selector_add(parser->selector, key, len, op);
	if (!requirement)
		return place(parser, key);
	if (op == AWH_OP_EXISTS || op == AWH_OP_DOES_NOT_EXIST)
		return 0;
	advance(parser);
	if (token == IN || token == NOT_IN)
		err = parse_values(parser, requirement);
	else
		err = parse_exact_value(parser, requirement);
	if (err == 0 && awh_requirement_check(parser->selector, requirement) < 0)
		err = place(parser, key);
	return err;
}

static int parse_requirement(struct parser *parser)
{
	const bool is_not = parser->token == NOT;
	const char *key;
	size_t len;

	if (is_not)
		advance(parser);
	if (!is_identifier(parser))
		return fail(parser, "the key of a label");
	key = parser->text;
	len = parser->len;
	advance(parser);
	return parse_restriction(parser, key, len, is_not);
}

static int read_text(struct admwh_selector *selector, const char *text)
{
	struct parser parser = {.selector = selector, .begin = text, .rest = text};
	int err = 0;

	advance(&parser);
	if (parser.token == END)
		return 0;
	for (;;) {
		err = parse_requirement(&parser);
		if (err < 0 || parser.token == END)
			return err;
		if (parser.token != COMMA)
			return fail(&parser, "\",\" or the end");
		advance(&parser);
	}
}

struct admwh_selector *admwh_selector_parse(const char *text)
{
	struct admwh_selector *selector = awh_selector_new();
	int err;

	if (!selector)
		return NULL;
	err = text ? read_text(selector, text)
		   : awh_fail(&selector->error, ADMWH_E_INVAL, "there is no text");
	if (err != ADMWH_E_NOMEM)
		return selector;
	admwh_selector_free(selector);
	return NULL;
}
