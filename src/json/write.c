/* SPDX-License-Identifier: MIT */
#include "json/json.h"

#include <stdint.h>

#include "base/text.h"
#include "json/number.h"
#include "json/numbers.h"

static void write_tree(struct awh_buf *buf, json_t *value, const struct awh_numbers *numbers,
		       size_t depth);

static void write_array(struct awh_buf *buf, json_t *array, const struct awh_numbers *numbers,
			size_t depth)
{
	awh_buf_put(buf, "[", 1);
	for (size_t i = 0; i < json_array_size(array) && !buf->err; i++) {
		if (i > 0)
			awh_buf_put(buf, ",", 1);
		write_tree(buf, json_array_get(array, i), numbers, depth);
	}
	awh_buf_put(buf, "]", 1);
}

static void write_object(struct awh_buf *buf, json_t *object, const struct awh_numbers *numbers,
			 size_t depth)
{
	const char *separator = "";

	awh_buf_put(buf, "{", 1);
	for (void *member = json_object_iter(object); member && !buf->err;
	     member = json_object_iter_next(object, member)) {
		awh_buf_puts(buf, separator);
		awh_put_json_string(buf, json_object_iter_key(member),
				    json_object_iter_key_len(member));
		awh_buf_put(buf, ":", 1);
		write_tree(buf, json_object_iter_value(member), numbers, depth);
		separator = ",";
	}
	awh_buf_put(buf, "}", 1);
}

static void write_number(struct awh_buf *buf, const json_t *value,
			 const struct awh_numbers *numbers)
{
	char space[AWH_NUMBER_TEXT];
	size_t len;
	const char *text = awh_numbers_text(value, numbers, space, &len);

	awh_buf_put(buf, text, len);
}

static void write_tree(struct awh_buf *buf, json_t *value, const struct awh_numbers *numbers,
		       size_t depth)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		if (depth == 0 && !buf->err)
			buf->err = ADMWH_E_LIMIT;
		else if (json_is_object(value))
			write_object(buf, value, numbers, depth - 1);
		else
			write_array(buf, value, numbers, depth - 1);
		break;
	case JSON_STRING:
		awh_put_json_string(buf, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		write_number(buf, value, numbers);
		break;
	case JSON_TRUE:
		awh_buf_puts(buf, "true");
		break;
	case JSON_FALSE:
		awh_buf_puts(buf, "false");
		break;
	case JSON_NULL:
		awh_buf_puts(buf, "null");
		break;
	}
}

void awh_json_write(struct awh_buf *buf, const json_t *value, const struct awh_numbers *numbers)
{
	/* jansson asks for values that are not const even to look at them. */
	write_tree(buf, (json_t *)(uintptr_t)value, numbers, AWH_JSON_DEPTH_MAX);
}
