/* SPDX-License-Identifier: MIT */
#include "review/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "review/node.h"

/* A text, and its index. */
struct awh_source {
	struct awh_source *next;
	struct awh_index index;
	struct admwh_text text;
	struct awh_buf json; /* of a text that has memory of its own */
};

static const struct awh_ref absent = {0};

static struct awh_overlay *overlay_of(struct awh_target *target)
{
	return AWH_CONTAINER(target, struct awh_overlay, target);
}

static struct awh_ref root(struct awh_target *target)
{
	return overlay_of(target)->root;
}

static void set_root(struct awh_target *target, struct awh_ref value)
{
	overlay_of(target)->root = value;
}

static struct awh_ref child(struct awh_ref container, const struct awh_key *key)
{
	if (awh_ref_kind(container) == AWH_KIND_ARRAY)
		return awh_ref_element(container, key->index);
	return awh_ref_member(container, key->name);
}

static bool set(struct awh_target *target, struct awh_ref parent, const struct awh_key *key,
		struct awh_ref value)
{
	struct awh_overlay *overlay = overlay_of(target);

	if (parent.node->kind == AWH_KIND_ARRAY)
		return awh_runs_set(overlay, parent.node, key->index, value);
	return awh_members_set(overlay, parent.node, key->name, value);
}

/* A node of an entry, a container; NULL without memory. */
static struct awh_node *make_node(struct awh_overlay *overlay, struct awh_ref value)
{
	struct awh_node *node = awh_overlay_alloc(overlay, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = awh_ref_kind(value);
	if (node->kind == AWH_KIND_ARRAY)
		return awh_runs_init(overlay, node, value) ? node : NULL;
	node->base = value;
	node->size = awh_ref_size(value);
	return node;
}

static struct awh_ref own(struct awh_target *target, struct awh_ref parent,
			  const struct awh_key *key)
{
	const bool is_root = awh_ref_is_absent(parent);
	const struct awh_ref value = is_root ? root(target) : child(parent, key);
	struct awh_ref made = {0};

	if (!value.text)
		return value;
	made.node = make_node(overlay_of(target), value);
	if (made.node && is_root)
		set_root(target, made);
	else if (made.node && !set(target, parent, key, made))
		return absent;
	return made;
}

static bool insert(struct awh_target *target, struct awh_ref parent, size_t index,
		   struct awh_ref value)
{
	return awh_runs_insert(overlay_of(target), parent.node, index, value);
}

static bool remove_child(struct awh_target *target, struct awh_ref parent,
			 const struct awh_key *key)
{
	struct awh_overlay *overlay = overlay_of(target);

	if (parent.node->kind == AWH_KIND_ARRAY)
		return awh_runs_remove(overlay, parent.node, key->index);
	return awh_members_remove(overlay, parent.node, key->name);
}

static bool put_back(struct awh_target *target, struct awh_ref parent, const struct awh_key *key,
		     struct awh_ref value)
{
	if (parent.node->kind == AWH_KIND_ARRAY)
		return awh_runs_insert(overlay_of(target), parent.node, key->index, value);
	awh_members_put_back(parent.node, key->name, value);
	return true;
}

static struct awh_source *add_source(struct awh_overlay *overlay, const char *where)
{
	struct awh_source *source = awh_overlay_alloc(overlay, sizeof(*source));

	if (!source)
		return NULL;
	source->next = overlay->sources;
	overlay->sources = source;
	source->index.may_grow = overlay->text->index->may_grow;
	source->index.owner = overlay->text->index->owner;
	awh_text_init(&source->text, &source->index, overlay->text->arena, overlay->text->error,
		      where);
	source->text.numbers = overlay->text->numbers;
	source->text.nul_in_trees = overlay->text->nul_in_trees;
	awh_buf_init(&source->json, UINT32_MAX);
	return source;
}

/* Read a text into an index that may grow. 0 or an error, which is remembered but for malformed
 * text. */
static int read_text(struct awh_overlay *overlay, struct awh_index *index, const char *json,
		     size_t len, struct awh_error *error)
{
	const struct awh_index_options options = {.depth = AWH_JSON_DEPTH_MAX};
	struct awh_error reason = {0};
	int err = awh_index_read(index, json, len, &options, &reason);

	if (err == ADMWH_E_NOMEM)
		awh_text_fail_memory(overlay->text);
	else if (err == ADMWH_E_LIMIT && overlay->text->error->code == 0)
		awh_fail(overlay->text->error, err, "%s", reason.text);
	else if (err == ADMWH_E_SYNTAX && error)
		*error = reason;
	return err;
}

struct awh_ref awh_overlay_add_text(struct awh_overlay *overlay, const char *json, size_t len,
				    struct awh_error *error)
{
	struct awh_index *scratch = &overlay->scratch;
	struct awh_source *source;
	struct awh_entry *entries;
	char *text;

	if (read_text(overlay, scratch, json, len, error) < 0)
		return absent;
	source = add_source(overlay, "");
	text = source ? awh_overlay_alloc(overlay, len + 1) : NULL;
	entries = text ? awh_overlay_alloc(overlay, scratch->n_entries * sizeof(*entries)) : NULL;
	if (!entries)
		return absent;
	memcpy(text, json, len);
	memcpy(entries, scratch->entries, scratch->n_entries * sizeof(*entries));
	source->index.text = text;
	source->index.len = len;
	source->index.entries = entries;
	source->index.n_entries = scratch->n_entries;
	return awh_entry_ref(&source->text, 0);
}

/* What was changed becomes a text of its own; entries do not change. */
static struct awh_ref copy(struct awh_target *target, struct awh_ref value)
{
	struct awh_overlay *overlay = overlay_of(target);
	struct awh_ref made = absent;
	struct awh_buf json;

	if (value.text)
		return value;
	awh_buf_init(&json, UINT32_MAX);
	awh_ref_write(&json, value, false);
	if (!json.err)
		made = awh_overlay_add_text(overlay, json.data, json.len, NULL);
	awh_buf_deinit(&json);
	return made;
}

static struct awh_ref null(struct awh_target *target)
{
	return awh_overlay_add_text(overlay_of(target), "null", 4, NULL);
}

static void write_value(struct awh_target *target, struct awh_buf *buf, struct awh_ref value)
{
	(void)target;
	awh_ref_write(buf, value, false);
}

static bool equal(struct awh_target *target, struct awh_ref a, struct awh_ref b, bool as_kube)
{
	(void)target;
	return awh_ref_equal(a, b, as_kube);
}

void awh_overlay_init(struct awh_overlay *overlay, struct admwh_text *text, uint32_t entry)
{
	static const struct awh_target_ops ops = {
	    .root = root,
	    .kind = awh_ref_kind,
	    .size = awh_ref_size,
	    .child = child,
	    .own = own,
	    .set = set,
	    .insert = insert,
	    .remove = remove_child,
	    .put_back = put_back,
	    .set_root = set_root,
	    .copy = copy,
	    .null = null,
	    .write = write_value,
	    .fits = awh_ref_fits,
	    .equal = equal,
	};

	*overlay = (struct awh_overlay){
	    .target.ops = &ops, .text = text, .root = awh_entry_ref(text, entry)};
	awh_index_raw(text->index, entry, &overlay->written);
	overlay->scratch.may_grow = text->index->may_grow;
	overlay->scratch.owner = text->index->owner;
}

void awh_overlay_deinit(struct awh_overlay *overlay)
{
	for (struct awh_source *source = overlay->sources; source; source = source->next) {
		awh_text_deinit(&source->text);
		if (source->json.data)
			awh_index_deinit(&source->index);
		awh_buf_deinit(&source->json);
	}
	overlay->sources = NULL;
	awh_index_deinit(&overlay->scratch);
}

/* Take room for a text of about so many bytes, and write it. */
static bool write_whole(struct awh_overlay *overlay, struct awh_buf *json, size_t about)
{
	if (!awh_text_charge(overlay->text, about))
		return false;
	awh_buf_reserve(json, about);
	awh_ref_write(json, overlay->root, true);
	if (json->err == ADMWH_E_NOMEM)
		awh_text_fail_memory(overlay->text);
	else if (json->err && overlay->text->error->code == 0)
		awh_fail(overlay->text->error, json->err, "the patched object: %s",
			 admwh_strerror(json->err));
	return !json->err &&
	       (json->len <= about || awh_text_charge(overlay->text, json->len - about));
}

bool awh_overlay_settle(struct awh_overlay *overlay, const char *where)
{
	struct awh_source *source;

	if (overlay->root.text)
		return true;
	source = add_source(overlay, where);
	if (!source || !write_whole(overlay, &source->json, overlay->written) ||
	    read_text(overlay, &source->index, source->json.data, source->json.len, NULL) < 0)
		return false;
	overlay->written = source->json.len;
	overlay->root = awh_entry_ref(&source->text, 0);
	return true;
}
