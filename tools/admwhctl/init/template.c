/* SPDX-License-Identifier: MIT */
#include "init/template.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/yaml.h"

char *scalar_new(const char *text)
{
	json_t *value = json_made(json_string(text));
	char *scalar = strchr(text, '\n') ? json_dumps(value, JSON_ENCODE_ANY) : yaml_text(value);

	if (!scalar)
		out_of_memory();
	scalar[strcspn(scalar, "\n")] = '\0';
	json_decref(value);
	return scalar;
}

char *block_new(const json_t *value, size_t column)
{
	char *plain = yaml_text(value), *indented = NULL;
	size_t len;
	FILE *to = text_open(&indented, &len);

	for (const char *line = plain; *line;) {
		size_t width = strcspn(line, "\n");

		fprintf(to, "%*s%.*s\n", width ? (int)column : 0, "", (int)width, line);
		line += width + (line[width] == '\n');
	}
	text_close(to);
	free(plain);
	return indented;
}

void template_set(struct template *template, const char *name, char *value)
{
	for (size_t i = 0; i < template->n_places; i++)
		if (strcmp(template->places[i].name, name) == 0) {
			free(template->places[i].value);
			template->places[i].value = value;
			return;
		}
	assert(template->n_places < TEMPLATE_MAX);
	template->places[template->n_places].name = name;
	template->places[template->n_places++].value = value;
}

void template_set_scalar(struct template *template, const char *name, const char *text)
{
	template_set(template, name, scalar_new(text));
}

void template_set_number(struct template *template, const char *name, unsigned int number)
{
	template_set(template, name, text_new("%u", number));
}

static const char *value_of(const struct template *template, const char *name, size_t len)
{
	for (size_t i = 0; i < template->n_places; i++)
		if (strlen(template->places[i].name) == len &&
		    memcmp(template->places[i].name, name, len) == 0)
			return template->places[i].value;
	assert(false && "a name of a template is not set");
	return "";
}

char *template_fill(const struct template *template, const char *text)
{
	char *filled = NULL;
	const char *line = text; /* where it begins */
	size_t len;
	FILE *to = text_open(&filled, &len);

	for (const char *at = text; *at;) {
		const char *end = strncmp(at, "${", 2) == 0 ? strchr(at, '}') : NULL;

		if (!end) {
			line = *at == '\n' ? at + 1 : line;
			fputc(*at++, to);
			continue;
		}
		const char *value = value_of(template, at + 2, (size_t)(end - at - 2));
		fputs(value, to);
		/* What fills whole lines has newlines of its own, or is nothing. */
		bool is_alone = at == line && end[1] == '\n';
		at = end + 1;
		if (is_alone) {
			line = ++at;
		}
	}
	text_close(to);
	return filled;
}

void template_deinit(struct template *template)
{
	for (size_t i = 0; i < template->n_places; i++)
		free(template->places[i].value);
	*template = (struct template){0};
}
