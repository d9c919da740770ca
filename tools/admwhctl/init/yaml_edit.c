/* SPDX-License-Identifier: MIT */
#include "init/yaml_edit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/files.h"
#include "common/print.h"
#include "init/template.h"

struct source {
	const char *name, *text;
	yaml_document_t document;
	bool in_flow; /* the node that was found last, or one around it, is in flow style */
};

static int parse(struct source *source)
{
	yaml_parser_t parser;
	int err = -1;

	if (!yaml_parser_initialize(&parser)) {
		complain("%s: out of memory", source->name);
		return -1;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)source->text,
				     strlen(source->text));
	if (yaml_parser_load(&parser, &source->document))
		err = 0;
	else
		complain("%s:%zu: %s", source->name, parser.problem_mark.line + 1,
			 parser.problem ? parser.problem : "cannot be read");
	yaml_parser_delete(&parser);
	return err;
}

static bool is_flow(const yaml_node_t *node)
{
	return (node->type == YAML_MAPPING_NODE &&
		node->data.mapping.style == YAML_FLOW_MAPPING_STYLE) ||
	       (node->type == YAML_SEQUENCE_NODE &&
		node->data.sequence.style == YAML_FLOW_SEQUENCE_STYLE);
}

/* The pair of a mapping with this key; NULL: none. */
static yaml_node_pair_t *pair_of(struct source *source, const yaml_node_t *mapping, const char *key,
				 size_t len)
{
	for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *node = yaml_document_get_node(&source->document, pair->key);

		if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == len &&
		    memcmp(node->data.scalar.value, key, len) == 0)
			return pair;
	}
	return NULL;
}

static yaml_node_t *child_of(struct source *source, const yaml_node_t *node, const char *step,
			     size_t len)
{
	if (node->type == YAML_MAPPING_NODE) {
		yaml_node_pair_t *pair = pair_of(source, node, step, len);

		return pair ? yaml_document_get_node(&source->document, pair->value) : NULL;
	}
	if (node->type == YAML_SEQUENCE_NODE) {
		yaml_node_item_t *item = node->data.sequence.items.start + strtoul(step, NULL, 10);

		return item < node->data.sequence.items.top
			   ? yaml_document_get_node(&source->document, *item)
			   : NULL;
	}
	return NULL;
}

/* The node at a pointer, of this type; NULL: it has complained. */
static yaml_node_t *find(struct source *source, const char *pointer, yaml_node_type_t type)
{
	yaml_node_t *node = yaml_document_get_root_node(&source->document);

	source->in_flow = node && is_flow(node);
	for (const char *step = pointer; node && *step;) {
		size_t len = strcspn(++step, "/");

		node = child_of(source, node, step, len);
		source->in_flow = source->in_flow || (node && is_flow(node));
		step += len;
	}
	if (node && node->type == type)
		return node;
	complain("%s:%zu: %s: is not a %s", source->name, node ? node->start_mark.line + 1 : 1,
		 *pointer ? pointer : "the whole",
		 type == YAML_MAPPING_NODE ? "mapping" : "sequence");
	return NULL;
}

/* libyaml counts characters: where the one of this number begins. A mark at the start is not
 * counted. */
static size_t offset_of(const char *text, size_t index)
{
	static const char byte_order_mark[] = "\xEF\xBB\xBF";
	const char *at = text;

	if (strncmp(at, byte_order_mark, 3) == 0)
		at += 3;
	for (; index > 0 && *at; index--)
		for (at++; (*at & 0xC0) == 0x80; at++)
			;
	return (size_t)(at - text);
}

/* In which column an element or a member of a block node begins. The node's own mark is that of its
 * anchor or tag where it has one. */
static size_t column_of(struct source *source, const yaml_node_t *node)
{
	yaml_document_t *document = &source->document;

	if (node->type == YAML_MAPPING_NODE)
		return yaml_document_get_node(document, node->data.mapping.pairs.start->key)
		    ->start_mark.column;
	const yaml_node_t *first =
	    yaml_document_get_node(document, *node->data.sequence.items.start);
	const char *dash = source->text + offset_of(source->text, first->start_mark.index);
	size_t column = 0;

	while (dash > source->text && *--dash != '-')
		;
	for (; dash > source->text && dash[-1] != '\n'; dash--)
		column++;
	return column;
}

/* The number of the character after a node, whatever comments follow. */
static size_t end_of(struct source *source, const yaml_node_t *node)
{
	yaml_document_t *document = &source->document;

	if (is_flow(node) || node->type == YAML_SCALAR_NODE)
		return node->end_mark.index;
	if (node->type == YAML_SEQUENCE_NODE)
		return end_of(source,
			      yaml_document_get_node(document, node->data.sequence.items.top[-1]));
	yaml_node_pair_t *last = node->data.mapping.pairs.top - 1;
	size_t key = yaml_document_get_node(document, last->key)->end_mark.index;
	size_t value = end_of(source, yaml_document_get_node(document, last->value));

	return value > key ? value : key; /* the value of an alias stands elsewhere */
}

/* Is the line at `at` a comment alone, that begins at `column` or further right? */
static bool is_comment(const char *at, size_t column)
{
	size_t blanks = strspn(at, " ");

	return at[blanks] == '#' && blanks >= column;
}

/* The start of the line after a block node, and after comments that are indented as deep as it. */
static size_t line_after(struct source *source, const yaml_node_t *node, size_t column)
{
	size_t at = offset_of(source->text, end_of(source, node));
	const char *text = source->text;

	if (at > 0 && text[at - 1] != '\n')
		at += strcspn(text + at, "\n") + (strchr(text + at, '\n') != NULL);
	while (is_comment(text + at, column))
		at += strcspn(text + at, "\n") + (strchr(text + at, '\n') != NULL);
	return at;
}

/* text with the bytes from `from` to `to` replaced. */
static char *spliced(const char *text, size_t from, size_t to, const char *before,
		     const char *piece)
{
	return text_new("%.*s%s%s%s", (int)from, text, before, piece, text + to);
}

static char *insert_block(struct source *source, const yaml_node_t *node, const json_t *value)
{
	size_t column = column_of(source, node);
	/* What is in column 0 has no comments of its own: they may be about the next key. */
	size_t own = node->type == YAML_SEQUENCE_NODE || column == 0 ? column + 1 : column;
	size_t at = line_after(source, node, own);
	char *piece = block_new(value, column);
	bool ends_line = at == 0 || source->text[at - 1] == '\n';
	char *text = spliced(source->text, at, at, ends_line ? "" : "\n", piece);

	free(piece);
	return text;
}

static char *flow_of(const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY);

	if (!text)
		complain("out of memory");
	return text;
}

/* Before the bracket that ends a node; piece has what stands between brackets. */
static char *insert_flow(struct source *source, const yaml_node_t *node, bool is_empty,
			 const char *piece)
{
	size_t end = offset_of(source->text, node->end_mark.index) - 1;
	size_t last = end;

	while (last > 0 && strchr(" \t\r\n", source->text[last - 1]))
		last--;
	return spliced(source->text, last, last,
		       is_empty || source->text[last - 1] == ',' ? " " : ", ", piece);
}

/* Replace a scalar, which may be of no bytes, by one or by a value in flow style. */
static char *replace(struct source *source, const yaml_node_t *node, const json_t *value)
{
	size_t from = offset_of(source->text, node->start_mark.index);
	size_t to = offset_of(source->text, node->end_mark.index);
	char *piece = flow_of(value);
	char *text = piece ? spliced(source->text, from, to, from == to ? " " : "", piece) : NULL;

	free(piece);
	return text;
}

/* "key: []" or "key:" becomes "key:", and the value below that line in block style. */
static char *replace_by_block(struct source *source, const yaml_node_pair_t *pair,
			      const json_t *value)
{
	const yaml_node_t *key = yaml_document_get_node(&source->document, pair->key);
	const yaml_node_t *old = yaml_document_get_node(&source->document, pair->value);
	size_t from = offset_of(source->text, old->start_mark.index);
	size_t to = offset_of(source->text, old->end_mark.index);
	size_t line = to + strcspn(source->text + to, "\n");
	json_t *member = json_pack("{sO}", "", value);
	char *block = block_new(member, key->start_mark.column), *text;

	line += source->text[line] == '\n';
	while (from > 0 && source->text[from - 1] == ' ')
		from--;
	text = text_new("%.*s%.*s%s%s%s", (int)from, source->text, (int)(line - to),
			source->text + to, line > 0 && source->text[line - 1] == '\n' ? "" : "\n",
			strchr(block, '\n') + 1, source->text + line);
	json_decref(member);
	free(block);
	return text;
}

static char *add_member(struct source *source, const yaml_node_t *node, const char *key,
			const json_t *value)
{
	json_t *member = json_pack("{sO}", key, value);
	char *result = NULL;

	if (source->in_flow) {
		char *piece = flow_of(member);

		/* Without its own braces. */
		if (piece) {
			piece[strlen(piece) - 1] = '\0';
			result = insert_flow(source, node,
					     node->data.mapping.pairs.start ==
						 node->data.mapping.pairs.top,
					     piece + 1);
		}
		free(piece);
	} else {
		result = insert_block(source, node, member);
	}
	json_decref(member);
	return result;
}

/* An empty collection, or a scalar. */
static bool is_replaceable(const yaml_node_t *node)
{
	if (node->type == YAML_SEQUENCE_NODE)
		return node->data.sequence.items.start == node->data.sequence.items.top;
	if (node->type == YAML_MAPPING_NODE)
		return node->data.mapping.pairs.start == node->data.mapping.pairs.top;
	return node->type == YAML_SCALAR_NODE;
}

static char *set_member(struct source *source, const yaml_node_t *node, const char *pointer,
			const char *key, const json_t *value)
{
	yaml_node_pair_t *pair = pair_of(source, node, key, strlen(key));
	const yaml_node_t *old =
	    pair ? yaml_document_get_node(&source->document, pair->value) : NULL;

	if (!old)
		return add_member(source, node, key, value);
	if (!is_replaceable(old)) {
		complain("%s:%zu: %s/%s: is not empty", source->name, old->start_mark.line + 1,
			 pointer, key);
		return NULL;
	}
	if (source->in_flow || !(json_is_array(value) || json_is_object(value)))
		return replace(source, old, value);
	return replace_by_block(source, pair, value);
}

char *yaml_edit_set(const char *name, const char *text, const char *pointer, const char *key,
		    const json_t *value)
{
	struct source source = {.name = name, .text = text};
	char *result = NULL;

	if (parse(&source))
		return NULL;
	const yaml_node_t *node = find(&source, pointer, YAML_MAPPING_NODE);
	if (node)
		result = set_member(&source, node, pointer, key, value);
	yaml_document_delete(&source.document);
	return result;
}

char *yaml_edit_append(const char *name, const char *text, const char *pointer,
		       const json_t *element)
{
	struct source source = {.name = name, .text = text};
	char *result = NULL;

	if (parse(&source))
		return NULL;
	const yaml_node_t *node = find(&source, pointer, YAML_SEQUENCE_NODE);
	if (node && source.in_flow) {
		char *piece = flow_of(element);

		if (piece)
			result = insert_flow(&source, node,
					     node->data.sequence.items.start ==
						 node->data.sequence.items.top,
					     piece);
		free(piece);
	} else if (node) {
		json_t *list = json_pack("[O]", element);

		result = insert_block(&source, node, list);
		json_decref(list);
	}
	yaml_document_delete(&source.document);
	return result;
}
