/* SPDX-License-Identifier: MIT */
/* Texts of YAML with places to fill in. */
#ifndef ADMWHCTL_TEMPLATE_H
#define ADMWHCTL_TEMPLATE_H

#include <jansson.h>
#include <stddef.h>

/* A text as a YAML scalar of one line. New. */
char *scalar_new(const char *text);

/* A value as block YAML, each of its lines indented. New; ends the program without memory. */
char *block_new(const json_t *value, size_t column);

/* What stands for "${NAME}"; a template may have at most TEMPLATE_MAX names. */
enum { TEMPLATE_MAX = 32 };
struct template
{
	struct {
		const char *name;
		char *value;
	} places[TEMPLATE_MAX];
	size_t n_places;
};

/* name is borrowed. The value is put in as it is. steals value. */
void template_set(struct template *template, const char *name, char *value);

/* A value that is quoted where it must be. */
void template_set_scalar(struct template *template, const char *name, const char *text);

void template_set_number(struct template *template, const char *name, unsigned int number);

/*
 * The text with its places filled in. A line of nothing but a place whose value is empty is left
 * out, newline included. A name that is not set is a programming error. New, free with free().
 */
char *template_fill(const struct template *template, const char *text);

void template_deinit(struct template *template);

#endif
