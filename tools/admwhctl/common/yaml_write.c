/* SPDX-License-Identifier: MIT */
/* Writing YAML. See yaml.h. */
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/print.h"
#include "common/scalar.h"
#include "common/yaml.h"

enum { KEY_MAX = 1000 }; /* a longer key needs a "?" of its own: YAML 1.1, 7.3.3 */

static bool is_plain_char(char c)
{
	return isalnum((unsigned char)c) ||
	       (c && strchr("_./:@%+,=()*&!#?[]{}<>|~^$;-'\"\\ ", c)) || (unsigned char)c >= 0x80;
}

/* Digits, signs and what else numbers, dates, times and addresses are made of. */
static bool could_be_number(const char *text)
{
	return isdigit((unsigned char)*text) &&
	       strspn(text, "0123456789abcdefABCDEFxXoO_.:+-tTzZ ") == strlen(text);
}

/* Bytes of a letter that YAML takes as it is, and a terminal shows; 0: the first is none. */
static size_t printable_len(const char *at, size_t len)
{
	static const char *const not_in_yaml[] = {"\t", "\xef\xbb\xbf", "\xef\xbf\xbe",
						  "\xef\xbf\xbf"};

	for (size_t i = 0; i < sizeof(not_in_yaml) / sizeof(*not_in_yaml); i++)
		if (strncmp(at, not_in_yaml[i], strlen(not_in_yaml[i])) == 0)
			return 0;
	return shown_length(at, len);
}

static bool is_printable(const char *text, size_t len, const char *besides)
{
	const char *end = text + len;

	while (text < end) {
		size_t n = printable_len(text, (size_t)(end - text));

		if (n == 0 && (*text == '\0' || !strchr(besides, *text)))
			return false;
		text += n ? n : 1;
	}
	return true;
}

static bool begins_plain(const char *text)
{
	while (text[0] == '-' && (text[1] == '-' || isalpha((unsigned char)text[1])))
		text++;
	return isalnum((unsigned char)*text) || *text == '/' || *text == '_' ||
	       (unsigned char)*text >= 0x80;
}

static bool is_plain(const char *text, size_t len)
{
	struct scalar scalar;

	if (len == 0 || strlen(text) != len || !is_printable(text, len, "") || !begins_plain(text))
		return false;
	for (const char *at = text; *at; at++)
		if (!is_plain_char(*at))
			return false;
	if (strstr(text, ": ") || strstr(text, " #") || text[len - 1] == ':' ||
	    text[len - 1] == ' ' || could_be_number(text) || strncmp(text, "---", 3) == 0)
		return false;
	scalar_read(&scalar, NULL, text);
	return scalar.kind == SCALAR_STRING;
}

static void write_escape(FILE *to, unsigned int code)
{
	if (code == '\n' || code == '\t' || code == '"' || code == '\\')
		fprintf(to, "\\%c", code == '\n' ? 'n' : code == '\t' ? 't' : (int)code);
	else
		fprintf(to, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
}

static void write_quoted(FILE *to, const char *text, size_t len)
{
	fputc('"', to);
	for (size_t n; len > 0; text += n, len -= n) {
		n = printable_len(text, len);
		if (n > 0 && *text != '"' && *text != '\\')
			fwrite(text, 1, n, to);
		else
			write_escape(to, code_point(text, &n));
	}
	fputc('"', to);
}

static void write_indent(FILE *to, size_t indent)
{
	fprintf(to, "%*s", (int)indent, "");
}

static bool is_literal(const char *text, size_t len)
{
	return memchr(text, '\n', len) && !isspace((unsigned char)*text) &&
	       is_printable(text, len, "\n\t");
}

static void write_literal(FILE *to, const char *text, size_t len, size_t indent)
{
	const char *chomping = text[len - 1] != '\n' ? "-" : text[len - 2] == '\n' ? "+" : "";
	const char *end = text + len;

	fprintf(to, "|%s\n", chomping);
	while (text < end) {
		size_t n = strcspn(text, "\n");

		if (n > 0)
			write_indent(to, indent);
		fwrite(text, 1, n, to);
		fputc('\n', to);
		text += n + 1;
	}
}

static void write_key(FILE *to, const char *key, size_t len)
{
	if (is_plain(key, len))
		fwrite(key, 1, len, to);
	else
		write_quoted(to, key, len);
}

/* As short as it can be. */
static void write_real(FILE *to, double real)
{
	char text[32];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	fputs(text, to);
}

/* A value that needs no line of its own, and the end of the line. indent: of the next level. */
static void write_scalar(FILE *to, const json_t *value, size_t indent)
{
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);

	if (json_is_string(value) && is_literal(text, len)) {
		write_literal(to, text, len, indent);
		return;
	}
	if (json_is_string(value))
		write_key(to, text, len);
	else if (json_is_integer(value))
		fprintf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		write_real(to, json_real_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", to);
	else
		fputs(json_is_null(value) ? "null" : json_is_array(value) ? "[]" : "{}", to);
	fputc('\n', to);
}

static bool is_block(const json_t *value)
{
	return json_array_size(value) > 0 || json_object_size(value) > 0;
}

static void write_block(FILE *to, const json_t *value, size_t indent, bool is_begun);

static void write_member(FILE *to, const char *key, size_t len, const json_t *value, size_t indent)
{
	bool is_long = len > KEY_MAX;
	size_t deeper = json_is_array(value) && !is_long ? indent : indent + 2;

	if (is_long)
		fputs("? ", to);
	write_key(to, key, len);
	if (is_long) {
		fputc('\n', to);
		write_indent(to, indent);
	}
	fputc(':', to);
	fputc(is_block(value) ? '\n' : ' ', to);
	if (is_block(value))
		write_block(to, value, deeper, false);
	else
		write_scalar(to, value, indent + 2);
}

/* is_begun: the first line has its indentation, behind "- ". */
static void write_block(FILE *to, const json_t *value, size_t indent, bool is_begun)
{
	void *iter = json_object_iter((json_t *)(uintptr_t)value);

	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *element = json_array_get(value, i);

		write_indent(to, is_begun && i == 0 ? 0 : indent);
		fputs("- ", to);
		if (is_block(element))
			write_block(to, element, indent + 2, true);
		else
			write_scalar(to, element, indent + 2);
	}
	for (; iter; iter = json_object_iter_next((json_t *)(uintptr_t)value, iter)) {
		write_indent(to, is_begun ? 0 : indent);
		is_begun = false;
		write_member(to, json_object_iter_key(iter), json_object_iter_key_len(iter),
			     json_object_iter_value(iter), indent);
	}
}

void yaml_write(FILE *to, const json_t *value)
{
	if (is_block(value))
		write_block(to, value, 0, false);
	else
		write_scalar(to, value, 2);
}

char *yaml_text(const json_t *value)
{
	char *text = NULL;
	size_t len;
	FILE *to = text_open(&text, &len);

	yaml_write(to, value);
	text_close(to);
	return text;
}
