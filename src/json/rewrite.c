/* SPDX-License-Identifier: MIT */
/*
 * The text of an entry again, as awh_json_write() writes a tree of it: without white space, strings
 * with as few escapes as they need.
 */
#include "base/buf.h"
#include "base/text.h"
#include "json/escape.h"
#include "json/index.h"

/* A string or name whose escapes are resolved first. */
static void put_escaped(struct awh_buf *buf, const char *text, size_t len)
{
	struct awh_buf plain;

	awh_buf_init(&plain, SIZE_MAX);
	if (awh_buf_reserve(&plain, len) == 0)
		awh_put_json_string(buf, plain.data, awh_unescape(plain.data, text, len));
	else
		buf->err = plain.err;
	awh_buf_deinit(&plain);
}

static void put_scalar(struct awh_buf *buf, const struct awh_index *index, uint32_t entry)
{
	const struct awh_entry *e = &index->entries[entry];
	const enum awh_kind kind = awh_entry_kind(e);
	const char *text = index->text + e->start;

	if (kind != AWH_KIND_STRING && kind != AWH_KIND_NAME)
		awh_buf_put(buf, text, e->len);
	else if (e->bits & AWH_ENTRY_ESCAPED)
		put_escaped(buf, text, e->len);
	else
		awh_put_json_string(buf, text, e->len);
}

/* Not deeper than the text, which has a limit. */
void awh_index_write(struct awh_buf *buf, const struct awh_index *index, uint32_t entry)
{
	const uint32_t end = awh_index_behind(index, entry);
	const bool is_object = awh_entry_kind(&index->entries[entry]) == AWH_KIND_OBJECT;
	const char *separator = "";

	if (!awh_entry_is_container(&index->entries[entry])) {
		put_scalar(buf, index, entry);
		return;
	}
	awh_buf_put(buf, is_object ? "{" : "[", 1);
	for (uint32_t i = entry + 1; i < end && !buf->err; i = awh_index_behind(index, i)) {
		awh_buf_puts(buf, separator);
		separator = ",";
		if (is_object) {
			put_scalar(buf, index, i++);
			awh_buf_put(buf, ":", 1);
		}
		awh_index_write(buf, index, i);
	}
	awh_buf_put(buf, is_object ? "}" : "]", 1);
}
