/* SPDX-License-Identifier: MIT */
/*
 * Reading a policy's settings: typed getters over a JSON object, whose errors
 * name the member. A member that is absent leaves the value as it was.
 */
#ifndef KW_SETTINGS_H
#define KW_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "common/text.h"

/* All return 0, or -1 with the error told. */
int kw_settings_bool(const json_t *settings, const char *name, bool *value, struct text *error);
int kw_settings_uint(const json_t *settings, const char *name, uint64_t *value, struct text *error);

/* A text; borrowed from the settings. */
int kw_settings_text(const json_t *settings, const char *name, const char **value,
		     struct text *error);

/* A list of texts as a set: a new object whose members are the texts, in their order. */
int kw_settings_set(const json_t *settings, const char *name, json_t **set, struct text *error);

/* Is this text a member? */
bool kw_set_has(const json_t *set, const char *text);

/*
 * Add what is in both sets (or, with common false, in the first alone), separated by commas and
 * each in quotes when quoted: {"A", "B"}. How many.
 */
size_t kw_set_tell(struct text *text, json_t *first, const json_t *second, bool common,
		   bool quoted);

#endif
