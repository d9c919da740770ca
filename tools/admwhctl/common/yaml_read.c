/* SPDX-License-Identifier: MIT */
/* Reading YAML: the events of libyaml. See yaml.h. */
#include "common/yaml.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/files.h"
#include "common/print.h"
#include "common/scalar.h"
#include "common/values.h"
#include "common/yaml_file.h"

enum {
	GROWTH_MAX = 64,    /* by aliases */
	ANCHORS_MAX = 1000, /* of a document; each alias looks through them */
};

struct anchor {
	char *name;
	json_t *value; /* NULL: it has not ended */
	struct place *place;
	struct anchor *next;
};

struct reader {
	yaml_parser_t parser;
	struct yaml_file *file;
	bool is_quiet;
	struct anchor *anchors; /* of this document, the newest first */
	size_t n_anchors;
	size_t levels;
	size_t grown, grown_max; /* bytes made by aliases, about */
};

__attribute__((format(printf, 3, 4))) static int fail(struct reader *reader, size_t line,
						      const char *format, ...)
{
	char *what;
	va_list arguments;

	if (reader->is_quiet)
		return -1;
	va_start(arguments, format);
	what = text_newv(format, arguments);
	va_end(arguments);
	complain("%s:%zu: %s", reader->file->name, line, what);
	free(what);
	return -1;
}

static size_t line_of(const yaml_event_t *event)
{
	return event->start_mark.line + 1;
}

/* What is wrong with bytes has an offset, and what is wrong with tokens a mark. */
static int fail_to_parse(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const unsigned char *text = parser->input.string.start;
	size_t line = 1;

	if (parser->error == YAML_MEMORY_ERROR)
		out_of_memory();
	if (parser->error != YAML_READER_ERROR)
		return fail(reader, parser->problem_mark.line + 1, "%s",
			    parser->problem ? parser->problem : "not YAML");
	for (size_t i = 0; i < parser->problem_offset && text + i < parser->input.string.end; i++)
		line += text[i] == '\n';
	return fail(reader, line, "%s", parser->problem);
}

static int next_event(struct reader *reader, yaml_event_t *event)
{
	return yaml_parser_parse(&reader->parser, event) ? 0 : fail_to_parse(reader);
}

static struct place *add_place(struct reader *reader, struct place *parent, size_t line)
{
	struct place *place = zeroed(1, sizeof(*place));

	place->line = line;
	place->made_before = reader->file->made;
	reader->file->made = place;
	if (!parent)
		return place;
	if (parent->last)
		parent->last->next = place;
	else
		parent->first = place;
	parent->last = place;
	return place;
}

/* Begin an anchor: what is anchored may not hold an alias of itself. */
static struct anchor *add_anchor(struct reader *reader, const yaml_char_t *name,
				 struct place *place)
{
	struct anchor *anchor;

	if (!name)
		return NULL;
	anchor = zeroed(1, sizeof(*anchor));
	anchor->name = text_new("%s", (const char *)name);
	anchor->place = place;
	anchor->next = reader->anchors;
	reader->anchors = anchor;
	reader->n_anchors++;
	return anchor;
}

static void end_anchor(struct anchor *anchor, json_t *value)
{
	if (anchor)
		anchor->value = json_incref(value);
}

static void forget_anchors(struct reader *reader)
{
	while (reader->anchors) {
		struct anchor *anchor = reader->anchors;

		reader->anchors = anchor->next;
		json_decref(anchor->value);
		free(anchor->name);
		free(anchor);
	}
	reader->n_anchors = 0;
}

static size_t size_of(const json_t *value)
{
	size_t size = 1, i;
	const char *key;
	json_t *child;

	if (json_is_string(value))
		return 1 + json_string_length(value);
	json_array_foreach((json_t *)(uintptr_t)value, i, child)
		size += size_of(child);
	json_object_foreach((json_t *)(uintptr_t)value, key, child)
		size += strlen(key) + size_of(child);
	return size;
}

static json_t *read_alias(struct reader *reader, const yaml_event_t *event, struct place *place)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct anchor *anchor = reader->anchors;

	while (anchor && strcmp(anchor->name, name) != 0)
		anchor = anchor->next;
	if (!anchor || !anchor->value) {
		fail(reader, line_of(event),
		     anchor ? "*%s: an alias within its own anchor"
			    : "*%s: there is no such anchor",
		     name);
		return NULL;
	}
	reader->grown += size_of(anchor->value);
	if (reader->grown > reader->grown_max ||
	    reader->levels + json_levels(anchor->value) > YAML_LEVELS_MAX) {
		fail(reader, line_of(event), "*%s: aliases make the document too large", name);
		return NULL;
	}
	place->first = anchor->place->first;
	return json_made(json_deep_copy(anchor->value));
}

static json_t *value_of_scalar(const struct scalar *scalar, const yaml_event_t *event)
{
	switch (scalar->kind) {
	case SCALAR_NULL:
		return json_null();
	case SCALAR_BOOL:
		return json_boolean(scalar->truth);
	case SCALAR_INTEGER:
		return json_made(json_integer(scalar->integer));
	case SCALAR_UNSIGNED:
		return json_made(json_real((double)scalar->natural));
	case SCALAR_REAL:
		return json_number(scalar->real);
	default:
		return json_made(json_stringn((const char *)event->data.scalar.value,
					      event->data.scalar.length));
	}
}

static int resolve(struct reader *reader, const yaml_event_t *event, struct scalar *scalar)
{
	const char *text = (const char *)event->data.scalar.value;
	const char *tag = (const char *)event->data.scalar.tag;

	*scalar = (struct scalar){.kind = SCALAR_STRING};
	if (!tag && !event->data.scalar.plain_implicit)
		return 0;
	if (tag && strcmp(tag, "tag:yaml.org,2002:binary") == 0)
		return fail(reader, line_of(event), "!!binary is not read: use base64 text");
	if (scalar_read(scalar, tag, text))
		return fail(reader, line_of(event), "\"%s\" is no !!%s", text,
			    strrchr(tag, ':') + 1);
	return 0;
}

static json_t *read_scalar(struct reader *reader, const yaml_event_t *event)
{
	struct scalar scalar;

	if (resolve(reader, event, &scalar))
		return NULL;
	if (scalar.kind == SCALAR_REAL && !isfinite(scalar.real)) {
		fail(reader, line_of(event), "%s: JSON has no such number",
		     (const char *)event->data.scalar.value);
		return NULL;
	}
	return value_of_scalar(&scalar, event);
}

static json_t *read_event(struct reader *reader, const yaml_event_t *event, struct place *place);

static json_t *read_value(struct reader *reader, struct place *parent, struct place **place)
{
	yaml_event_t event;
	json_t *value;

	if (next_event(reader, &event))
		return NULL;
	*place = add_place(reader, parent, line_of(&event));
	value = read_event(reader, &event, *place);
	yaml_event_delete(&event);
	return value;
}

/* Elements up to the end of the list. */
static int read_elements(struct reader *reader, json_t *list, struct place *place)
{
	for (;;) {
		yaml_event_t event;
		json_t *element = NULL;
		bool is_end;

		if (next_event(reader, &event))
			return -1;
		is_end = event.type == YAML_SEQUENCE_END_EVENT;
		if (!is_end)
			element =
			    read_event(reader, &event, add_place(reader, place, line_of(&event)));
		yaml_event_delete(&event);
		if (is_end)
			return 0;
		if (!element)
			return -1;
		if (json_array_append_new(list, element))
			out_of_memory();
	}
}

static bool is_merge(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT &&
	       strcmp((const char *)event->data.scalar.value, "<<") == 0 &&
	       (event->data.scalar.plain_implicit ||
		(event->data.scalar.tag &&
		 strcmp((const char *)event->data.scalar.tag, "tag:yaml.org,2002:merge") == 0));
}

/* "<<": the members of an object, or of each of a list, of which the first ones win. */
static int read_merge(struct reader *reader, json_t *object, struct place *parent, size_t line)
{
	struct place *place;
	json_t *value = read_value(reader, parent, &place);
	int err = value ? 0 : -1;

	if (!value)
		return -1;
	place->key = text_new("<<");
	if (json_is_object(value) && json_object_update(object, value))
		out_of_memory();
	if (!json_is_object(value) && !json_is_array(value))
		err = fail(reader, line, "<<: expected an object or a list of objects");
	for (size_t i = json_array_size(value); err == 0 && i > 0; i--) {
		const json_t *element = json_array_get(value, i - 1);

		if (!json_is_object(element))
			err = fail(reader, line, "<<: expected objects in the list");
		else if (json_object_update(object, (json_t *)(uintptr_t)element))
			out_of_memory();
	}
	json_decref(value);
	return err;
}

static struct scalar scalar_of_value(const json_t *value)
{
	if (json_is_boolean(value))
		return (struct scalar){SCALAR_BOOL, {.truth = json_is_true(value)}};
	if (json_is_integer(value))
		return (struct scalar){SCALAR_INTEGER, {.integer = json_integer_value(value)}};
	if (json_is_real(value))
		return (struct scalar){SCALAR_REAL, {.real = json_real_value(value)}};
	return (struct scalar){.kind = SCALAR_NULL};
}

/* The name of a member: of a scalar, or of an alias of one. New json string; NULL: complained. */
static json_t *read_name(struct reader *reader, const yaml_event_t *event)
{
	struct place ignored = {0};
	struct scalar scalar = {.kind = SCALAR_NULL};
	json_t *value = NULL;
	char name[64];

	if (event->type == YAML_ALIAS_EVENT) {
		value = read_alias(reader, event, &ignored);
		if (!value || json_is_string(value))
			return value;
		scalar = scalar_of_value(value);
		json_decref(value);
	} else if (event->type == YAML_SCALAR_EVENT) {
		if (resolve(reader, event, &scalar))
			return NULL;
		if (scalar.kind == SCALAR_STRING)
			return value_of_scalar(&scalar, event);
	}
	if (scalar_name(&scalar, name, sizeof(name))) {
		fail(reader, line_of(event), "the name of a member is no string");
		return NULL;
	}
	return json_made(json_string(name));
}

static int read_member(struct reader *reader, json_t *object, struct place *parent, json_t *name,
		       size_t line)
{
	const char *key = json_string_value(name);
	const struct place *same = json_object_getn(object, key, json_string_length(name))
				       ? place_find(parent, key)
				       : NULL;
	struct place *place;
	json_t *value;

	if (same)
		return fail(reader, line, "\"%s\" is there already, in line %zu", key, same->line);
	value = read_value(reader, parent, &place);
	if (!value)
		return -1;
	place->key = text_new("%s", key);
	place->line = line;
	if (json_object_setn_new(object, key, json_string_length(name), value))
		out_of_memory();
	return 0;
}

static int read_key_and_value(struct reader *reader, const yaml_event_t *event, json_t *object,
			      struct place *place)
{
	json_t *name;
	int err;

	if (is_merge(event))
		return read_merge(reader, object, place, line_of(event));
	name = read_name(reader, event);
	err = name ? read_member(reader, object, place, name, line_of(event)) : -1;
	json_decref(name);
	return err;
}

static int read_members(struct reader *reader, json_t *object, struct place *place)
{
	for (;;) {
		yaml_event_t event;
		bool is_end;
		int err = 0;

		if (next_event(reader, &event))
			return -1;
		is_end = event.type == YAML_MAPPING_END_EVENT;
		if (!is_end)
			err = read_key_and_value(reader, &event, object, place);
		yaml_event_delete(&event);
		if (is_end || err)
			return err;
	}
}

static json_t *read_collection(struct reader *reader, const yaml_event_t *event,
			       struct place *place)
{
	const bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
	json_t *value;
	int err;

	if (reader->levels == YAML_LEVELS_MAX) {
		fail(reader, line_of(event), "more than %d levels", YAML_LEVELS_MAX);
		return NULL;
	}
	reader->levels++;
	value = json_made(is_list ? json_array() : json_object());
	err = is_list ? read_elements(reader, value, place) : read_members(reader, value, place);
	reader->levels--;
	if (err == 0)
		return value;
	json_decref(value);
	return NULL;
}

static json_t *read_event(struct reader *reader, const yaml_event_t *event, struct place *place)
{
	const yaml_char_t *name;
	struct anchor *anchor;
	json_t *value;

	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(reader, event, place);
	name = event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
	       : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
							  : event->data.mapping_start.anchor;
	if (name && reader->n_anchors == ANCHORS_MAX) {
		fail(reader, line_of(event), "more than %d anchors", ANCHORS_MAX);
		return NULL;
	}
	anchor = add_anchor(reader, name, place);
	value = event->type == YAML_SCALAR_EVENT ? read_scalar(reader, event)
						 : read_collection(reader, event, place);
	end_anchor(anchor, value);
	return value;
}

static int read_documents(struct reader *reader)
{
	yaml_event_type_t type;

	do {
		yaml_event_t event;
		struct place *place;
		json_t *value = NULL;

		if (next_event(reader, &event))
			return -1;
		type = event.type;
		yaml_event_delete(&event);
		if (type != YAML_DOCUMENT_START_EVENT)
			continue;
		value = read_value(reader, NULL, &place);
		forget_anchors(reader);
		if (!value)
			return -1;
		yaml_file_add(reader->file, value, place);
	} while (type != YAML_STREAM_END_EVENT);
	return 0;
}

struct yaml_file *yaml_read_events(const char *name, const char *text, size_t len, bool is_quiet)
{
	struct reader reader = {
	    .file = yaml_file_new(name), .is_quiet = is_quiet, .grown_max = GROWTH_MAX * len};
	int err;

	if (!yaml_parser_initialize(&reader.parser))
		out_of_memory();
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
	err = read_documents(&reader);
	yaml_parser_delete(&reader.parser);
	forget_anchors(&reader);
	if (err == 0)
		return reader.file;
	yaml_file_free(reader.file);
	return NULL;
}
