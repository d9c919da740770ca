/* SPDX-License-Identifier: MIT */
#include "common/yaml.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/values.h"
#include "common/yaml_file.h"

struct yaml_file *yaml_file_new(const char *name)
{
	struct yaml_file *file = zeroed(1, sizeof(*file));

	file->name = text_new("%s", strcmp(name, "-") == 0 ? "standard input" : name);
	return file;
}

const struct place *place_find(const struct place *parent, const char *key)
{
	const struct place *place = parent->first;

	while (place && (!place->key || strcmp(place->key, key) != 0))
		place = place->next;
	return place;
}

void yaml_file_add(struct yaml_file *file, json_t *value, struct place *place)
{
	if (json_is_null(value))
		return;
	file->documents =
	    memory_grown(file->documents, (file->count + 1) * sizeof(*file->documents));
	file->documents[file->count++] = (struct document){value, place};
}

/* encoding/json and kubectl write 1.0 as 1. */
static json_t *plain_numbers(json_t *value)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_real(value))
		return json_number(json_real_value(value));
	json_array_foreach(value, i, child)
		json_array_set_new(value, i, plain_numbers(child));
	json_object_foreach(value, key, child)
		if (!json_is_string(child))
			json_object_set_new(value, key, plain_numbers(child));
	return json_incref(value);
}

/* Values of JSON have no places of their own: the YAML reader finds them, where it can. */
static void take_places(struct yaml_file *file, const char *text, size_t len)
{
	struct yaml_file *places = yaml_read_events(file->name, text, len, true);

	if (places && places->count == file->count) {
		for (size_t i = 0; i < file->count; i++)
			file->documents[i].place = places->documents[i].place;
		file->made = places->made;
		places->made = NULL;
	}
	yaml_file_free(places);
}

/*
 * One JSON text or several. What YAML reads otherwise is read as JSON: pairs of surrogates, U+2028,
 * names of more than 1024 characters. NULL: it is no JSON, or one with numbers beyond 64 bits or
 * more levels than are read, and the YAML reader's error is the one to show.
 */
static struct yaml_file *read_json(const char *name, const char *text, size_t len)
{
	struct yaml_file *file = yaml_file_new(name);
	json_error_t error;
	size_t at = 0;

	while (at < len) {
		json_t *value = json_loadb(
		    text + at, len - at,
		    JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

		if (!value || json_levels(value) > YAML_LEVELS_MAX) {
			json_decref(value);
			yaml_file_free(file);
			return NULL;
		}
		yaml_file_add(file, plain_numbers(value), NULL);
		json_decref(value);
		at += (size_t)error.position;
		while (at < len && isspace((unsigned char)text[at]))
			at++;
	}
	take_places(file, text, len);
	return file;
}

struct yaml_file *yaml_read(const char *name, const char *text, size_t len)
{
	struct yaml_file *file = NULL;
	size_t at = 0;

	while (at < len && isspace((unsigned char)text[at]))
		at++;
	if (at < len && (text[at] == '{' || text[at] == '['))
		file = read_json(name, text, len);
	return file ? file : yaml_read_events(name, text, len, false);
}

struct yaml_file *yaml_read_file(const char *name)
{
	size_t len;
	char *text = file_read(name, &len);
	struct yaml_file *file = text ? yaml_read(name, text, len) : NULL;

	free(text);
	return file;
}

void yaml_file_free(struct yaml_file *file)
{
	if (!file)
		return;
	while (file->made) {
		struct place *place = file->made;

		file->made = place->made_before;
		free(place->key);
		free(place);
	}
	for (size_t i = 0; i < file->count; i++)
		json_decref(file->documents[i].value);
	free(file->documents);
	free(file->name);
	free(file);
}

const char *yaml_name(const struct yaml_file *file)
{
	return file->name;
}

size_t yaml_count(const struct yaml_file *file)
{
	return file->count;
}

json_t *yaml_document(const struct yaml_file *file, size_t i)
{
	return file->documents[i].value;
}

/* A reference token of a JSON pointer, with ~1 and ~0 undone; pointer moves behind it. New. */
static char *take_token(const char **pointer)
{
	size_t len = strcspn(*pointer, "/"), n = 0;
	char *token = text_new("%.*s", (int)len, *pointer);

	for (size_t i = 0; i < len; i++) {
		bool is_escape = token[i] == '~' && (token[i + 1] == '0' || token[i + 1] == '1');

		token[n++] = is_escape ? (token[++i] == '1' ? '/' : '~') : token[i];
	}
	token[n] = '\0';
	*pointer += len;
	return token;
}

/* A member has a key, and an element has an index. */
static const struct place *find_child(const struct place *parent, const char *token)
{
	const struct place *place = parent->first;

	if (place && place->key)
		return place_find(parent, token);
	for (unsigned long i = strtoul(token, NULL, 10); place && i > 0; i--)
		place = place->next;
	return place;
}

size_t yaml_line(const struct yaml_file *file, size_t i, const char *pointer)
{
	const struct place *place = file->documents[i].place;
	size_t line = 1;

	while (place) {
		char *token;

		line = place->line;
		if (*pointer != '/')
			break;
		pointer++;
		token = take_token(&pointer);
		place = find_child(place, token);
		free(token);
	}
	return line;
}
