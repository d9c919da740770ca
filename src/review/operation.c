/* SPDX-License-Identifier: MIT */
#include "review/operation.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "json/pointer.h"

static const char *const op_names[AWH_OPS] = {
    [AWH_ADD] = "add",   [AWH_REMOVE] = "remove", [AWH_REPLACE] = "replace",
    [AWH_MOVE] = "move", [AWH_COPY] = "copy",     [AWH_TEST] = "test",
};

/* The item that is being read. */
struct item {
	const json_t *json;
	size_t index;
	struct awh_error *error;
};

static int malformed(const struct item *item, const char *reason)
{
	return awh_fail(item->error, ADMWH_E_PATCH, "operation %zu: %s", item->index, reason);
}

static int read_op(const struct item *item, enum awh_op *op)
{
	const json_t *value = json_object_get(item->json, "op");
	const char *name = json_string_value(value);
	const size_t len = json_string_length(value);
	char shown[AWH_POINTER_SHOWN], reason[AWH_POINTER_SHOWN + 32];

	if (!name)
		return malformed(item, "member \"op\" is missing or no string");
	for (*op = 0; *op < AWH_OPS; (*op)++)
		if (len == strlen(op_names[*op]) && memcmp(name, op_names[*op], len) == 0)
			return 0;
	snprintf(reason, sizeof(reason), "unknown op \"%s\"", awh_pointer_show(shown, name, len));
	return malformed(item, reason);
}

/* NULL where there is none. */
static const char *read_pointer(const struct item *item, const char *member, size_t *len)
{
	const json_t *value = json_object_get(item->json, member);

	*len = json_string_length(value);
	return json_string_value(value);
}

static int read_members(struct awh_operation *operation, const struct item *item, bool needs_value)
{
	int err = read_op(item, &operation->op);

	if (err < 0)
		return err;
	if (!operation->path)
		return malformed(item, "member \"path\" is missing or no string");
	if (operation->op == AWH_MOVE || operation->op == AWH_COPY) {
		operation->from = read_pointer(item, "from", &operation->from_len);
		if (!operation->from)
			return malformed(item, "member \"from\" is missing or no string");
	}
	if (operation->op == AWH_ADD || operation->op == AWH_REPLACE || operation->op == AWH_TEST) {
		operation->value = json_object_get(item->json, "value");
		if (!operation->value && needs_value)
			return malformed(item, "member \"value\" is missing");
		if (!operation->value)
			operation->value = json_null();
	}
	return 0;
}

const char *awh_op_name(enum awh_op op)
{
	return op_names[op];
}

int awh_operation_read(struct awh_operation *operation, const json_t *json, bool needs_value,
		       size_t index, struct awh_error *error)
{
	const struct item item = {.json = json, .index = index, .error = error};

	*operation = (struct awh_operation){.path = NULL};
	operation->path = read_pointer(&item, "path", &operation->path_len);
	if (!json_is_object(json))
		return malformed(&item, "not an object");
	return read_members(operation, &item, needs_value);
}

json_t *awh_operation_json(const struct awh_operation *operation)
{
	json_t *item = json_object();
	int err = json_object_set_new(item, "op", json_string(op_names[operation->op]));

	if (err == 0 && operation->from)
		err = json_object_set_new(item, "from",
					  json_stringn(operation->from, operation->from_len));
	if (err == 0)
		err = json_object_set_new(item, "path",
					  json_stringn(operation->path, operation->path_len));
	if (err == 0 && operation->value)
		err = json_object_set(item, "value", operation->value);
	if (err == 0)
		return item;
	json_decref(item);
	return NULL;
}

void awh_operation_put_head(struct awh_buf *buf, const struct awh_operation *operation)
{
	awh_buf_puts(buf, "{\"op\":\"");
	awh_buf_puts(buf, op_names[operation->op]);
	if (operation->from) {
		awh_buf_puts(buf, "\",\"from\":");
		awh_put_json_string(buf, operation->from, operation->from_len);
		awh_buf_puts(buf, ",\"path\":");
	} else {
		awh_buf_puts(buf, "\",\"path\":");
	}
	awh_put_json_string(buf, operation->path, operation->path_len);
}

void awh_operation_write(struct awh_buf *buf, const struct awh_operation *operation,
			 const struct awh_numbers *numbers)
{
	awh_operation_put_head(buf, operation);
	if (operation->value) {
		awh_buf_puts(buf, ",\"value\":");
		awh_json_write(buf, operation->value, numbers);
	}
	awh_buf_put(buf, "},", 2);
}
