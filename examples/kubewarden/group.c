/* SPDX-License-Identifier: MIT */
/* The expression of a policy group: parsed into a tree, walked. See group.h. */
#include "group.h"

#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 1024, DEPTH_MAX = 100 };

enum kind { AND, OR, NOT, CALL, TRUE, FALSE };

/* One node of the tree; its parts stand before it in the array. */
struct node {
	enum kind kind;
	size_t left, right; /* AND, OR; NOT has left alone */
	size_t member;      /* CALL */
};

struct kw_expression {
	struct node nodes[NODES_MAX];
	size_t n, root;
};

struct parser {
	struct kw_expression *expression;
	const char *start, *at;
	const char *const *members;
	size_t n_members;
	unsigned depth;
	struct text *error;
};

/* All parse functions set *node and return 0, or tell the error and return -1. */
static int parse_or(struct parser *parser, size_t *node);
static int parse_operand(struct parser *parser, size_t *node);

static int fail(struct parser *parser, const char *what)
{
	text_add(parser->error, "%s (position %zu)", what,
		 (size_t)(parser->at - parser->start) + 1);
	return -1;
}

static int add(struct parser *parser, struct node made, size_t *node)
{
	struct kw_expression *expression = parser->expression;

	if (expression->n == NODES_MAX)
		return fail(parser, "the expression is too long");
	expression->nodes[expression->n] = made;
	*node = expression->n++;
	return 0;
}

/* Step over blanks, then over this token if it is there. */
static int accept(struct parser *parser, const char *token)
{
	parser->at += strspn(parser->at, " \t\r\n");
	if (strncmp(parser->at, token, strlen(token)) != 0)
		return 0;
	parser->at += strlen(token);
	return 1;
}

/* true, false, or name(). */
static int parse_name(struct parser *parser, size_t *node)
{
	const char *name = parser->at;
	size_t len =
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	size_t member = 0;

	if (len == 0)
		return fail(parser, *name ? "unexpected character" : "unexpected end");
	if (len == 4 && strncmp(name, "true", 4) == 0)
		return parser->at += len, add(parser, (struct node){.kind = TRUE}, node);
	if (len == 5 && strncmp(name, "false", 5) == 0)
		return parser->at += len, add(parser, (struct node){.kind = FALSE}, node);
	while (member < parser->n_members && (strlen(parser->members[member]) != len ||
					      strncmp(parser->members[member], name, len) != 0))
		member++;
	if (member == parser->n_members) {
		text_add(parser->error, "Function not found: %.*s () (position %zu)", (int)len,
			 name, (size_t)(name - parser->start) + 1);
		return -1;
	}
	parser->at += len;
	if (!accept(parser, "("))
		return fail(parser, "expected '('");
	if (!accept(parser, ")"))
		return fail(parser, "expected ')': members take no arguments");
	return add(parser, (struct node){.kind = CALL, .member = member}, node);
}

static int parse_inner(struct parser *parser, size_t *node)
{
	size_t operand;

	if (accept(parser, "!")) {
		if (parse_operand(parser, &operand))
			return -1;
		return add(parser, (struct node){.kind = NOT, .left = operand}, node);
	}
	if (!accept(parser, "("))
		return parse_name(parser, node);
	if (parse_or(parser, node))
		return -1;
	return accept(parser, ")") ? 0 : fail(parser, "expected ')'");
}

/* "!" and parentheses nest; both come through here. */
static int parse_operand(struct parser *parser, size_t *node)
{
	int status;

	if (++parser->depth > DEPTH_MAX)
		return fail(parser, "the expression is nested too deep");
	status = parse_inner(parser, node);
	parser->depth--;
	return status;
}

static int parse_chain(struct parser *parser, const char *token, enum kind kind,
		       int (*parse)(struct parser *, size_t *), size_t *node)
{
	size_t right;

	if (parse(parser, node))
		return -1;
	while (accept(parser, token)) {
		if (parse(parser, &right) ||
		    add(parser, (struct node){.kind = kind, .left = *node, .right = right}, node))
			return -1;
	}
	return 0;
}

static int parse_and(struct parser *parser, size_t *node)
{
	return parse_chain(parser, "&&", AND, parse_operand, node);
}

static int parse_or(struct parser *parser, size_t *node)
{
	return parse_chain(parser, "||", OR, parse_and, node);
}

struct kw_expression *kw_expression_new(const char *text, const char *const *members,
					size_t n_members, struct text *error)
{
	struct kw_expression *expression = calloc(1, sizeof(*expression));
	struct parser parser = {.expression = expression,
				.start = text,
				.at = text,
				.members = members,
				.n_members = n_members,
				.error = error};

	if (!expression)
		return text_add(error, "out of memory"), NULL;
	if (parse_or(&parser, &expression->root) == 0) {
		accept(&parser, "");
		if (!*parser.at)
			return expression;
		fail(&parser, "unexpected character");
	}
	free(expression);
	return NULL;
}

void kw_expression_free(struct kw_expression *expression)
{
	free(expression);
}

static int evaluate(const struct kw_expression *expression, size_t at, kw_member_fn *call,
		    void *userdata)
{
	const struct node *node = &expression->nodes[at];
	int left;

	switch (node->kind) {
	case TRUE:
		return 1;
	case FALSE:
		return 0;
	case CALL:
		return call(node->member, userdata);
	case NOT:
		left = evaluate(expression, node->left, call, userdata);
		return left < 0 ? left : !left;
	case AND:
	case OR:
		left = evaluate(expression, node->left, call, userdata);
		if (left < 0 || left == (node->kind == OR))
			return left;
		return evaluate(expression, node->right, call, userdata);
	}
	return -1;
}

int kw_expression_evaluate(const struct kw_expression *expression, kw_member_fn *call,
			   void *userdata)
{
	return evaluate(expression, expression->root, call, userdata);
}
