/* SPDX-License-Identifier: MIT */
/* Reading YAML. See yaml_file.h. */
#include "yaml_file.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 4 * 1024 * 1024, VALUES_MAX = 200000, DEPTH_MAX = 100 };

/* Load the one document of a file. */
static int parse(struct kw_yaml *yaml, yaml_parser_t *parser, struct text *error)
{
	yaml_document_t second;
	int single;

	if (!yaml_parser_load(parser, &yaml->document)) {
		text_add(error, "line %zu: %s", parser->problem_mark.line + 1,
			 parser->problem ? parser->problem : "out of memory");
		return -1;
	}
	yaml->root = yaml_document_get_root_node(&yaml->document);
	if (!yaml->root)
		return 0;
	single = yaml_parser_load(parser, &second);
	if (single) {
		single = !yaml_document_get_root_node(&second);
		yaml_document_delete(&second);
	}
	if (!single) {
		text_add(error, "expected one document");
		yaml_document_delete(&yaml->document);
		return -1;
	}
	return 0;
}

int kw_yaml_read(struct kw_yaml *yaml, const char *bytes, size_t len, struct text *error)
{
	yaml_parser_t parser;
	int status = -1;

	*yaml = (struct kw_yaml){0};
	if (len > FILE_MAX) {
		text_add(error, "larger than 4 MiB");
		return -1;
	}
	if (yaml_parser_initialize(&parser)) {
		yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
		status = parse(yaml, &parser, error);
		yaml_parser_delete(&parser);
	} else {
		text_add(error, "out of memory");
	}
	return status;
}

void kw_yaml_deinit(struct kw_yaml *yaml)
{
	yaml_document_delete(&yaml->document);
}

int kw_yaml_fail(const yaml_node_t *node, struct text *error, const char *format, ...)
{
	va_list arguments;
	char what[512];

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	text_add(error, "line %zu: %s", node ? node->start_mark.line + 1 : 1, what);
	return -1;
}

const char *kw_yaml_text(const yaml_node_t *node)
{
	if (!node || node->type != YAML_SCALAR_NODE ||
	    memchr(node->data.scalar.value, '\0', node->data.scalar.length))
		return NULL;
	return (const char *)node->data.scalar.value;
}

/* Is a plain text one of these? */
static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
static const char *const trues[] = {"true", "True", "TRUE", NULL};
static const char *const falses[] = {"false", "False", "FALSE", NULL};

static bool is_plain(const yaml_node_t *node)
{
	return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

int kw_yaml_is_null(const yaml_node_t *node)
{
	const char *text = kw_yaml_text(node);

	return text && is_plain(node) && is_one_of(text, nulls);
}

/* [-+]?[0-9]+ without a leading zero, that fits. */
static json_t *as_integer(const char *text)
{
	const char *digits = text + (*text == '-' || *text == '+');
	size_t len = strspn(digits, "0123456789");
	long long value;

	if (len == 0 || digits[len] || (len > 1 && *digits == '0'))
		return NULL;
	errno = 0;
	value = strtoll(text, NULL, 10);
	return errno ? NULL : json_integer(value);
}

/* [-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)? */
static json_t *as_real(const char *text)
{
	const char *at = text + (*text == '-' || *text == '+');
	size_t whole = strspn(at, "0123456789"), fraction = 0, exponent;
	double value;

	at += whole;
	if (*at == '.') {
		fraction = strspn(++at, "0123456789");
		at += fraction;
	}
	if (whole + fraction == 0 || (whole > 1 && text[*text == '-' || *text == '+'] == '0'))
		return NULL;
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '-' || *at == '+';
		exponent = strspn(at, "0123456789");
		if (exponent == 0)
			return NULL;
		at += exponent;
	}
	if (*at)
		return NULL;
	value = strtod(text, NULL);
	return isfinite(value) ? json_real(value) : NULL;
}

static json_t *scalar_json(const yaml_node_t *node)
{
	const char *text = kw_yaml_text(node);
	json_t *number;

	if (!text)
		return NULL;
	if (is_plain(node)) {
		if (is_one_of(text, nulls))
			return json_null();
		if (is_one_of(text, trues))
			return json_true();
		if (is_one_of(text, falses))
			return json_false();
		number = as_integer(text);
		if (!number)
			number = as_real(text);
		if (number)
			return number;
	}
	return json_string(text);
}

const yaml_node_t *kw_yaml_key(struct kw_yaml *yaml, const yaml_node_pair_t *pair)
{
	return yaml_document_get_node(&yaml->document, pair->key);
}

const yaml_node_t *kw_yaml_value(struct kw_yaml *yaml, const yaml_node_pair_t *pair)
{
	return yaml_document_get_node(&yaml->document, pair->value);
}

static json_t *convert(struct kw_yaml *yaml, const yaml_node_t *node, unsigned depth,
		       struct text *error);

static json_t *sequence_json(struct kw_yaml *yaml, const yaml_node_t *node, unsigned depth,
			     struct text *error)
{
	json_t *array = json_array();

	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     array && item < node->data.sequence.items.top; item++) {
		json_t *value =
		    convert(yaml, yaml_document_get_node(&yaml->document, *item), depth, error);

		if (!value || json_array_append_new(array, value)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *mapping_json(struct kw_yaml *yaml, const yaml_node_t *node, unsigned depth,
			    struct text *error)
{
	json_t *object = json_object();

	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     object && pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key_node = kw_yaml_key(yaml, pair);
		const char *key = kw_yaml_text(key_node);
		json_t *value = NULL;

		if (!key)
			kw_yaml_fail(key_node, error, "expected a key that is text");
		else if (json_object_get(object, key))
			kw_yaml_fail(key_node, error, "%s: twice", key);
		else
			value = convert(yaml, kw_yaml_value(yaml, pair), depth, error);
		if (!value || json_object_set_new(object, key, value)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *convert(struct kw_yaml *yaml, const yaml_node_t *node, unsigned depth,
		       struct text *error)
{
	json_t *json = NULL;

	if (!node || depth == DEPTH_MAX || ++yaml->values > VALUES_MAX) {
		kw_yaml_fail(node, error, "too many values, or nested too deep");
		return NULL;
	}
	if (node->type == YAML_SCALAR_NODE)
		json = scalar_json(node);
	else if (node->type == YAML_SEQUENCE_NODE)
		json = sequence_json(yaml, node, depth + 1, error);
	else if (node->type == YAML_MAPPING_NODE)
		json = mapping_json(yaml, node, depth + 1, error);
	if (!json && error->len == 0)
		kw_yaml_fail(node, error, "not a text, or out of memory");
	return json;
}

json_t *kw_yaml_json(struct kw_yaml *yaml, const yaml_node_t *node, struct text *error)
{
	return convert(yaml, node, 0, error);
}

int kw_yaml_check_keys(struct kw_yaml *yaml, const yaml_node_t *mapping, struct text *error)
{
	json_t *seen = json_object();
	int status = seen ? 0 : -1;

	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     status == 0 && pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *node = kw_yaml_key(yaml, pair);
		const char *key = kw_yaml_text(node);

		if (!key)
			status = kw_yaml_fail(node, error, "expected a key that is text");
		else if (json_object_get(seen, key))
			status = kw_yaml_fail(node, error, "%s: twice", key);
		else
			status = json_object_set_new(seen, key, json_true());
	}
	if (status && error->len == 0)
		text_add(error, "out of memory");
	json_decref(seen);
	return status;
}
