/* SPDX-License-Identifier: MIT */
#include "config_file.h"

#include <stdio.h>
#include <string.h>

#include <admwh/admwh.h>

/* Names of members may hold a newline: what is said of a file is one line. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int config_complain(struct place *place, const char *format, ...)
{
	char what[320];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(place->problem->text, sizeof(place->problem->text), "%.300s%s%s%s%s",
		 place->file ? place->file : "", place->file ? ": " : "", place->pointer,
		 place->pointer[0] ? ": " : "", what);
	clean(place->problem->text);
	return -1;
}

json_t *config_parse(struct place *place, const char *text, size_t len)
{
	struct admwh_json *json = admwh_json_new();
	json_t *value = json ? admwh_json_parse(json, text, len) : NULL;

	if (!value && !json)
		config_complain(place, "out of memory");
	else if (!value && place->secret) /* what follows the byte's number is from the file */
		config_complain(place, "%.*s: no JSON", (int)strcspn(admwh_json_error(json), ":"),
				admwh_json_error(json));
	else if (!value)
		config_complain(place, "%s", admwh_json_error(json));
	admwh_json_free(json);
	if (value && !json_is_object(value)) {
		config_complain(place, "expected an object");
		json_decref(value);
		return NULL;
	}
	return value;
}

size_t config_enter(struct place *place, const char *name)
{
	size_t before = strlen(place->pointer), at = before;
	const size_t last = sizeof(place->pointer) - 1;

	if (at < last)
		place->pointer[at++] = '/';
	for (; *name && at + 1 < last; name++) { /* RFC 6901: ~ and / are written ~0 and ~1 */
		if (*name == '~' || *name == '/') {
			place->pointer[at++] = '~';
			place->pointer[at++] = *name == '~' ? '0' : '1';
		} else {
			place->pointer[at++] = *name;
		}
	}
	place->pointer[at] = '\0';
	return before;
}

size_t config_enter_index(struct place *place, size_t i)
{
	char number[24];

	snprintf(number, sizeof(number), "%zu", i);
	return config_enter(place, number);
}

void config_leave(struct place *place, size_t before)
{
	place->pointer[before] = '\0';
}

int config_check_members(struct place *place, json_t *value, const char *const *names,
			 size_t n_names)
{
	const char *name;
	json_t *member;

	if (!json_is_object(value))
		return config_complain(place, "expected an object");
	json_object_foreach(value, name, member) {
		size_t i = 0;

		while (i < n_names && strcmp(names[i], name) != 0)
			i++;
		if (i < n_names || strcmp(name, "note") == 0)
			continue;
		config_enter(place, place->secret ? "?" : name);
		return config_complain(place, "there is no such setting");
	}
	return 0;
}

const char *config_text(struct place *place, json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);
	const char *text = json_string_value(value);
	size_t before = config_enter(place, name);

	for (const char *c = text; c && *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			text = NULL;
	if (!value)
		config_complain(place, "required");
	else if (!text || !*text)
		config_complain(place, "expected a text");
	else
		config_leave(place, before);
	return text && *text ? text : NULL;
}
