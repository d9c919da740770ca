/* SPDX-License-Identifier: MIT */
#include "common/fields.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/print.h"
#include "common/values.h"
#include "common/yaml.h"

struct field field_root(struct fields *fields)
{
	return (struct field){fields, yaml_document(fields->file, fields->document), ""};
}

/* One more segment of a pointer; names of members that have "~" or "/" are escaped. */
static void append(struct field *field, const char *segment)
{
	size_t at = strlen(field->pointer), size = sizeof(field->pointer);

	if (at + 1 < size)
		field->pointer[at++] = '/';
	for (; *segment && at + 2 < size; segment++) {
		bool is_escaped = *segment == '~' || *segment == '/';

		field->pointer[at++] = is_escaped ? '~' : *segment;
		if (is_escaped)
			field->pointer[at++] = *segment == '~' ? '0' : '1';
	}
	field->pointer[at] = '\0';
}

static const json_t *absent_if_null(const json_t *value)
{
	return json_is_null(value) ? NULL : value;
}

struct field field_member(const struct field *parent, const char *name)
{
	struct field member = *parent;

	member.value = absent_if_null(json_object_get(parent->value, name));
	append(&member, name);
	return member;
}

struct field field_element(const struct field *parent, size_t i)
{
	struct field element = *parent;
	char number[32];

	snprintf(number, sizeof(number), "%zu", i);
	element.value = json_array_get(parent->value, i);
	append(&element, number);
	return element;
}

/* "/spec/routes/0/path" as "spec.routes[0].path". */
static void write_path(char *path, size_t size, const char *pointer)
{
	size_t at = 0;

	while (*pointer == '/' && at + 3 < size) {
		const char *segment = pointer + 1;
		size_t len = strcspn(segment, "/");
		bool is_number = len > 0 && isdigit((unsigned char)*segment);
		int n = snprintf(path + at, size - at, "%s%.*s%s",
				 is_number ? "["
				 : at > 0  ? "."
					   : "",
				 (int)len, segment, is_number ? "]" : "");

		at += n > 0 && (size_t)n < size - at ? (size_t)n : size - at - 1;
		pointer = segment + len;
	}
	path[at] = '\0';
}

void field_fault(const struct field *field, const char *format, ...)
{
	struct fields *fields = field->fields;
	char path[FIELD_PATH_BYTES], *reason;
	va_list arguments;

	fields->faults++;
	va_start(arguments, format);
	reason = text_newv(format, arguments);
	va_end(arguments);
	write_path(path, sizeof(path), field->pointer);
	if (*fields->name)
		complain("%s:%zu: %s%s%s", fields->name,
			 yaml_line(fields->file, fields->document, field->pointer), path,
			 *path ? ": " : "", reason);
	else
		complain("%s: %s", path, reason);
	free(reason);
}

static void keep(struct fields *fields, void *block)
{
	fields->kept = memory_grown(fields->kept, (fields->n_kept + 1) * sizeof(*fields->kept));
	fields->kept[fields->n_kept++] = block;
}

void *field_kept(struct fields *fields, size_t size)
{
	void *block = memory_grown(NULL, size > 0 ? size : 1);

	memset(block, 0, size);
	keep(fields, block);
	return block;
}

const char *field_kept_text(struct fields *fields, char *text)
{
	keep(fields, text);
	return text;
}

void fields_free_kept(struct fields *fields)
{
	for (size_t i = 0; i < fields->n_kept; i++)
		free(fields->kept[i]);
	free(fields->kept);
	fields->kept = NULL;
	fields->n_kept = 0;
}

void field_only(const struct field *object, const char *const *names)
{
	const char *name;
	json_t *value;

	if (object->value && !json_is_object(object->value)) {
		field_fault(object, "expected an object");
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)object->value, name, value) {
		struct field member = field_member(object, name);

		if (!is_among(name, names))
			field_fault(&member, "there is no such field");
	}
}

/* YAML reads n, yes and 1 as something else. */
static const char *no_text(const json_t *value)
{
	return json_is_boolean(value) || json_is_number(value) ? "expected a text: quote it"
							       : "expected a text";
}

const char *field_text(const struct field *object, const char *name, const char *preset)
{
	struct field member = field_member(object, name);

	if (!member.value)
		return preset;
	if (!json_is_string(member.value))
		field_fault(&member, "%s", no_text(member.value));
	else if (strlen(json_string_value(member.value)) != json_string_length(member.value))
		field_fault(&member, "has a NUL character");
	else if (json_string_length(member.value) == 0)
		field_fault(&member, "is empty");
	else
		return json_string_value(member.value);
	return preset;
}

const char *field_required(const struct field *object, const char *name)
{
	struct field member = field_member(object, name);

	if (!member.value)
		field_fault(&member, "is required");
	return field_text(object, name, NULL);
}

bool field_flag(const struct field *object, const char *name, bool preset)
{
	struct field member = field_member(object, name);

	if (!member.value)
		return preset;
	if (!json_is_boolean(member.value))
		field_fault(&member, "expected true or false");
	return json_is_true(member.value);
}

unsigned int field_number(const struct field *object, const char *name, unsigned int preset,
			  unsigned int min, unsigned int max)
{
	struct field member = field_member(object, name);
	json_int_t number = json_integer_value(member.value);

	if (!member.value)
		return preset;
	if (json_is_integer(member.value) && number >= min && number <= max)
		return (unsigned int)number;
	field_fault(&member, "expected a number from %u to %u", min, max);
	return preset;
}

size_t field_choice(const struct field *object, const char *name, const char *const *names,
		    size_t preset)
{
	struct field member = field_member(object, name);
	const char *text = field_text(object, name, names[preset]);
	char list[256] = "";
	size_t at = 0;

	for (size_t i = 0; names[i]; i++) {
		if (strcmp(text, names[i]) == 0)
			return i;
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i > 0 ? ", " : "",
				       names[i]);
	}
	field_fault(&member, "expected one of %s, not %s", list, text);
	return preset;
}

size_t field_count(const struct field *list)
{
	if (list->value && !json_is_array(list->value))
		field_fault(list, "expected a list");
	return json_array_size(list->value);
}

const char *const *field_texts(const struct field *object, const char *name)
{
	struct field list = field_member(object, name);
	size_t n = field_count(&list), at = 0;
	const char **texts = field_kept(object->fields, (n + 1) * sizeof(*texts));

	for (size_t i = 0; i < n; i++) {
		struct field element = field_element(&list, i);
		const char *text = json_string_value(element.value);

		if (!text || !*text || strlen(text) != json_string_length(element.value))
			field_fault(&element, "%s", no_text(element.value));
		else
			texts[at++] = text;
	}
	return texts;
}
