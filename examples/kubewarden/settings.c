/* SPDX-License-Identifier: MIT */
/* Typed getters over settings. See settings.h. */
#include "settings.h"

#include <string.h>

static int complain(struct text *error, const char *name, const char *expected)
{
	text_add(error, "%s: expected %s", name, expected);
	return -1;
}

int kw_settings_bool(const json_t *settings, const char *name, bool *value, struct text *error)
{
	const json_t *member = json_object_get(settings, name);

	if (!member)
		return 0;
	if (!json_is_boolean(member))
		return complain(error, name, "a boolean");
	*value = json_is_true(member);
	return 0;
}

int kw_settings_uint(const json_t *settings, const char *name, uint64_t *value, struct text *error)
{
	const json_t *member = json_object_get(settings, name);

	if (!member)
		return 0;
	if (!json_is_integer(member) || json_integer_value(member) < 0)
		return complain(error, name, "a number that is not negative");
	*value = (uint64_t)json_integer_value(member);
	return 0;
}

int kw_settings_text(const json_t *settings, const char *name, const char **value,
		     struct text *error)
{
	const json_t *member = json_object_get(settings, name);

	if (!member)
		return 0;
	if (!json_is_string(member))
		return complain(error, name, "a string");
	*value = json_string_value(member);
	return 0;
}

int kw_settings_set(const json_t *settings, const char *name, json_t **set, struct text *error)
{
	const json_t *member = json_object_get(settings, name), *element;
	json_t *made = json_object();
	size_t i;

	if (member && !json_is_array(member)) {
		json_decref(made);
		return complain(error, name, "a list of strings");
	}
	json_array_foreach(member, i, element) {
		if (!json_is_string(element)) {
			text_add(error, "%s[%zu]: expected a string", name, i);
			json_decref(made);
			return -1;
		}
		if (json_object_set_new(made, json_string_value(element), json_true())) {
			json_decref(made);
			made = NULL;
			break;
		}
	}
	if (!made)
		return text_add(error, "out of memory"), -1;
	*set = made;
	return 0;
}

bool kw_set_has(const json_t *set, const char *text)
{
	return json_object_get(set, text) != NULL;
}

size_t kw_set_tell(struct text *text, json_t *first, const json_t *second, bool common, bool quoted)
{
	const char *name;
	json_t *member;
	size_t n = 0;

	json_object_foreach(first, name, member) {
		if (kw_set_has(second, name) != common)
			continue;
		if (quoted)
			text_add(text, "%s\"%s\"", n > 0 ? ", " : "", name);
		else
			text_add(text, "%s%s", n > 0 ? "," : "", name);
		n++;
	}
	return n;
}
