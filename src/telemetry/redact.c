/* SPDX-License-Identifier: MIT */
#include "telemetry/redact.h"

#include <stdint.h>
#include <string.h>

#include "json/pointer.h"

/* By kubectl: the whole object as it was, with what was taken out of it since. */
#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"
#define LAST_APPLIED_TOKEN "kubectl.kubernetes.io~1last-applied-configuration"

/* Append a token. Returns the length to go back to. */
static size_t enter(struct awh_redaction *redaction, const char *name, size_t len)
{
	const size_t before = redaction->path.len;

	awh_pointer_put(&redaction->path, name, len);
	return before;
}

static size_t enter_index(struct awh_redaction *redaction, size_t index)
{
	const size_t before = redaction->path.len;

	awh_buf_puts(&redaction->path, "/");
	awh_buf_put_number(&redaction->path, index, 0);
	return before;
}

static void leave(struct awh_redaction *redaction, size_t before)
{
	redaction->path.len = before;
}

/* The first bytes of the path. A key with U+0000 is in pointers, too. */
static void list(struct awh_redaction *redaction, size_t len)
{
	json_t *pointer = json_stringn(redaction->path.data, len);

	if (redaction->path.err || json_array_append_new(redaction->omitted, pointer))
		redaction->failed = true;
}

/* In place of what was listed of the part, whose pointer has so many bytes. */
static void list_part(struct awh_redaction *redaction, size_t len)
{
	while (json_array_size(redaction->omitted) > redaction->first)
		json_array_remove(redaction->omitted, redaction->first);
	list(redaction, len);
	redaction->is_whole = true;
}

/* Leave out a member. part: bytes of the pointer of the part that it is of */
static void drop(struct awh_redaction *redaction, json_t *object, const char *name, size_t part)
{
	size_t before;

	if (json_object_del(object, name) || redaction->is_whole)
		return;
	before = enter(redaction, name, strlen(name));
	if (redaction->path.len > AWH_OMITTED_POINTER ||
	    json_array_size(redaction->omitted) - redaction->first == AWH_OMITTED_PLACES)
		list_part(redaction, part);
	else
		list(redaction, redaction->path.len);
	leave(redaction, before);
}

/* In templates of Pods and lists, too. What was read is no deeper than its limit. */
static void drop_everywhere(struct awh_redaction *redaction, json_t *value, size_t part)
{
	const char *name;
	json_t *child;
	size_t i, len;

	if (json_is_object(value))
		drop(redaction, value, LAST_APPLIED, part);
	json_object_keylen_foreach(value, name, len, child)
	{
		const size_t before = enter(redaction, name, len);

		drop_everywhere(redaction, child, part);
		leave(redaction, before);
	}
	json_array_foreach(value, i, child) {
		const size_t before = enter_index(redaction, i);

		drop_everywhere(redaction, child, part);
		leave(redaction, before);
	}
}

/* The path is that of the part from here on. */
static void begin_part(struct awh_redaction *redaction, const char *pointer)
{
	awh_buf_reset(&redaction->path);
	awh_buf_puts(&redaction->path, pointer);
	redaction->first = json_array_size(redaction->omitted);
	redaction->is_whole = false;
}

static void drop_in_part(struct awh_redaction *redaction, const char *pointer, json_t *value)
{
	begin_part(redaction, pointer);
	drop_everywhere(redaction, value, strlen(pointer));
}

void awh_redact_request(struct awh_redaction *redaction, json_t *request)
{
	static const char user[] = "/request/userInfo";

	begin_part(redaction, user);
	drop(redaction, json_object_get(request, "userInfo"), "extra", strlen(user));
	drop_in_part(redaction, "/request/object", json_object_get(request, "object"));
	drop_in_part(redaction, "/request/oldObject", json_object_get(request, "oldObject"));
}

/* A name in front of it may have U+0000. */
static bool leads_to_last_applied(const json_t *path)
{
	return json_is_string(path) && memmem(json_string_value(path), json_string_length(path),
					      LAST_APPLIED_TOKEN, strlen(LAST_APPLIED_TOKEN));
}

void awh_redact_patch(struct awh_redaction *redaction, json_t *patch)
{
	static const char part[] = "/record/patch";
	json_t *operation;
	size_t i;

	begin_part(redaction, part);
	json_array_foreach(patch, i, operation) {
		const size_t before = enter_index(redaction, i);

		if (leads_to_last_applied(json_object_get(operation, "path")))
			drop(redaction, operation, "value", strlen(part));
		drop_everywhere(redaction, operation, strlen(part));
		leave(redaction, before);
	}
}

void awh_redaction_init(struct awh_redaction *redaction)
{
	*redaction = (struct awh_redaction){.omitted = json_array()};
	awh_buf_init(&redaction->path, SIZE_MAX);
	redaction->failed = !redaction->omitted;
}

void awh_redaction_deinit(struct awh_redaction *redaction)
{
	awh_buf_deinit(&redaction->path);
	json_decref(redaction->omitted);
}
