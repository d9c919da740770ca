/* SPDX-License-Identifier: MIT */
#include "review/node.h"

#include <string.h>

#include "base/text.h"
#include "json/escape.h"
#include "json/number.h"

static const struct awh_ref absent = {0};

enum awh_kind awh_ref_kind(struct awh_ref value)
{
	return value.text ? awh_entry_kind(awh_ref_entry(value)) : value.node->kind;
}

static bool is_container(struct awh_ref value)
{
	return awh_ref_kind(value) >= AWH_KIND_ARRAY;
}

size_t awh_ref_size(struct awh_ref container)
{
	return container.text ? awh_entry_count(awh_ref_entry(container)) : container.node->size;
}

struct awh_ref awh_ref_member(struct awh_ref object, const struct awh_token *name)
{
	uint32_t entry;

	if (!object.text)
		return awh_members_get(object.node, name);
	entry = awh_text_member(object.text, object.entry, name->text, name->len);
	return entry ? awh_entry_ref(object.text, entry) : absent;
}

struct awh_ref awh_ref_element(struct awh_ref array, size_t index)
{
	uint32_t entry;

	if (!array.text)
		return awh_runs_get(array.node, index);
	if (index >= awh_ref_size(array))
		return absent;
	entry = awh_text_child(array.text, array.entry, (uint32_t)index);
	return entry ? awh_entry_ref(array.text, entry) : absent;
}

/* The children of an entry. */
static bool walk_entry(struct awh_ref container, awh_child_fn *child, void *arg)
{
	struct admwh_text *text = container.text;
	const struct awh_index *index = text->index;
	const uint32_t end = index->entries[container.entry].next;
	const bool is_object = awh_ref_kind(container) == AWH_KIND_OBJECT;

	for (uint32_t i = container.entry + 1; i < end; i = awh_index_behind(index, i)) {
		struct awh_token name = {0};

		if (is_object) {
			name.text = awh_text_bytes(text, i++, &name.len);
			if (!name.text)
				return false;
		}
		if (!child(arg, is_object ? &name : NULL, awh_entry_ref(text, i)))
			return false;
	}
	return true;
}

bool awh_ref_walk(struct awh_ref container, awh_child_fn *child, void *arg)
{
	if (container.text)
		return walk_entry(container, child, arg);
	if (container.node->kind == AWH_KIND_OBJECT)
		return awh_members_walk(container.node, child, arg);
	return awh_runs_walk(container.node, child, arg);
}

static bool entry_fits(const struct awh_index *index, uint32_t entry, size_t levels)
{
	const uint32_t end = awh_index_behind(index, entry);
	const struct awh_entry *entries = index->entries;

	if (!awh_entry_is_container(&entries[entry]))
		return true;
	if (levels == 0)
		return false;
	for (uint32_t i = entry + 1; i < end; i = awh_index_behind(index, i))
		if (awh_entry_is_container(&entries[i]) && !entry_fits(index, i, levels - 1))
			return false;
	return true;
}

static bool child_fits(void *arg, const struct awh_token *name, struct awh_ref child)
{
	const size_t *levels = arg;

	(void)name;
	return awh_ref_fits(child, *levels);
}

bool awh_ref_fits(struct awh_ref value, size_t levels)
{
	if (value.text)
		return entry_fits(value.text->index, value.entry, levels);
	if (levels-- == 0)
		return false;
	return awh_ref_walk(value, child_fits, &levels);
}

/* A container that is being written. */
struct writer {
	struct awh_buf *buf;
	bool as_is;
	bool has_child;
};

static bool write_child(void *arg, const struct awh_token *name, struct awh_ref child)
{
	struct writer *writer = arg;

	if (writer->has_child)
		awh_buf_put(writer->buf, ",", 1);
	writer->has_child = true;
	if (name) {
		awh_put_json_string(writer->buf, name->text, name->len);
		awh_buf_put(writer->buf, ":", 1);
	}
	awh_ref_write(writer->buf, child, writer->as_is);
	return writer->buf->err == 0;
}

static void write_entry(struct awh_buf *buf, struct awh_ref value, bool as_is)
{
	size_t len;
	const char *text;

	if (!as_is) {
		awh_index_write(buf, value.text->index, value.entry);
		return;
	}
	text = awh_index_raw(value.text->index, value.entry, &len);
	awh_buf_put(buf, text, len);
}

void awh_ref_write(struct awh_buf *buf, struct awh_ref value, bool as_is)
{
	struct writer writer = {.buf = buf, .as_is = as_is};
	bool is_object;

	if (value.text) {
		write_entry(buf, value, as_is);
		return;
	}
	is_object = value.node->kind == AWH_KIND_OBJECT;
	awh_buf_put(buf, is_object ? "{" : "[", 1);
	if (!awh_ref_walk(value, write_child, &writer) && !buf->err)
		buf->err = ADMWH_E_NOMEM;
	awh_buf_put(buf, is_object ? "}" : "]", 1);
}

static bool same_bytes(struct awh_ref a, struct awh_ref b)
{
	const struct awh_entry *x = awh_ref_entry(a), *y = awh_ref_entry(b);

	return x->len == y->len &&
	       memcmp(a.text->index->text + x->start, b.text->index->text + y->start, x->len) == 0;
}

static bool equal_scalars(struct awh_ref a, struct awh_ref b, bool as_kube)
{
	const struct awh_entry *x = awh_ref_entry(a), *y = awh_ref_entry(b);
	const enum awh_kind kind = awh_entry_kind(x);
	const char *x_text = a.text->index->text + x->start;
	const char *y_text = b.text->index->text + y->start;

	if (kind == AWH_KIND_STRING && (x->bits | y->bits) & AWH_ENTRY_ESCAPED)
		return awh_escaped_same(x_text, x->len, y_text, y->len);
	if (same_bytes(a, b))
		return true;
	return kind == AWH_KIND_NUMBER && !as_kube &&
	       awh_number_equal(x_text, x->len, y_text, y->len);
}

/* A container that is being compared with another one, child by child. */
struct comparison {
	struct awh_ref other;
	size_t index; /* of an array's next element */
	bool as_kube;
};

static bool equal_child(void *arg, const struct awh_token *name, struct awh_ref child)
{
	struct comparison *comparison = arg;
	struct awh_ref other;

	if (name)
		other = awh_ref_member(comparison->other, name);
	else if (comparison->as_kube && awh_ref_kind(child) == AWH_KIND_NULL)
		return false;
	else
		other = awh_ref_element(comparison->other, comparison->index++);
	return !awh_ref_is_absent(other) && awh_ref_equal(child, other, comparison->as_kube);
}

/* Not deeper than either of them. */
bool awh_ref_equal(struct awh_ref a, struct awh_ref b, bool as_kube)
{
	struct comparison comparison = {.other = b, .as_kube = as_kube};

	if (awh_ref_kind(a) != awh_ref_kind(b))
		return false;
	if (!is_container(a))
		return equal_scalars(a, b, as_kube);
	return awh_ref_size(a) == awh_ref_size(b) && awh_ref_walk(a, equal_child, &comparison);
}
