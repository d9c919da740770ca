/* SPDX-License-Identifier: MIT */
#include "review/patch.h"

#include <stdio.h>
#include <string.h>

#include "json/go.h"
#include "review/node.h"

void awh_patch_init(struct admwh_patch *patch, struct awh_request *request)
{
	*patch = (struct admwh_patch){
	    .request = request,
	    .applier = {.rules = AWH_PATCH_BOTH, .error = &patch->failure},
	};
	awh_buf_init(&patch->operations, SIZE_MAX);
	awh_buf_init(&patch->text, SIZE_MAX);
	awh_buf_init(&patch->path, SIZE_MAX);
}

static void drop_tree(struct admwh_patch *patch)
{
	json_decref(patch->tree.document);
	patch->tree.document = NULL;
}

void awh_patch_deinit(struct admwh_patch *patch)
{
	awh_overlay_deinit(&patch->overlay);
	awh_applier_deinit(&patch->applier);
	awh_arena_deinit(&patch->pointers);
	awh_buf_deinit(&patch->operations);
	awh_buf_deinit(&patch->text);
	awh_buf_deinit(&patch->path);
	drop_tree(patch);
	json_decref(patch->edited);
	json_decref(patch->edited_as);
	awh_patch_init(patch, patch->request);
}

void awh_patch_take(struct admwh_patch *to, struct admwh_patch *from)
{
	*to = *from;
	to->applier.error = &to->failure;
	if (to->applier.target)
		to->applier.target = &to->overlay.target;
	awh_patch_init(from, from->request);
	awh_fail(&from->failure, ADMWH_E_STATE, "the review was deferred");
}

bool awh_patch_is_empty(const struct admwh_patch *patch)
{
	return patch->n_operations == 0;
}

int awh_patch_fail(struct admwh_patch *patch, int err, const char *reason)
{
	return awh_fail(&patch->failure, err, "%s", reason);
}

int awh_patch_refuse(struct admwh_patch *patch, const struct awh_operation *operation,
		     const char *reason)
{
	patch->applier.index = patch->n_operations;
	return awh_operation_fail(&patch->applier, operation, ADMWH_E_PATCH, reason);
}

static int out_of_memory(struct admwh_patch *patch)
{
	return awh_patch_fail(patch, ADMWH_E_NOMEM, "out of memory");
}

int awh_patch_check_new(struct admwh_patch *patch, const json_t *value)
{
	if (!patch)
		return ADMWH_E_INVAL;
	if (!value && patch->failure.code == 0)
		return awh_patch_fail(patch, ADMWH_E_NOMEM, "out of memory");
	return patch->failure.code;
}

int awh_patch_prepare(struct admwh_patch *patch)
{
	const struct awh_payload_span *object = &patch->request->payloads[AWH_OBJECT];

	if (patch->failure.code < 0)
		return patch->failure.code;
	if (patch->applier.target)
		return 0;
	if (!object->text)
		return awh_patch_fail(patch, ADMWH_E_PATCH, "the review has no object to patch");
	awh_overlay_init(&patch->overlay, awh_request_text(patch->request), object->entry);
	patch->applier.target = &patch->overlay.target;
	return 0;
}

int awh_patch_take_text(struct admwh_patch *patch, const struct awh_operation *operation,
			struct awh_ref *value)
{
	struct awh_error error = {0};
	char reason[sizeof(error.text) + 32];

	*value = (struct awh_ref){0};
	if (patch->text.err == ADMWH_E_LIMIT)
		return awh_patch_refuse(patch, operation, "the value is nested too deep");
	if (!patch->text.err)
		*value = awh_overlay_add_text(&patch->overlay, patch->text.data, patch->text.len,
					      &error);
	if (!awh_ref_is_absent(*value))
		return 0;
	if (!error.code)
		return out_of_memory(patch);
	snprintf(reason, sizeof(reason), "the value is no JSON: %s", error.text);
	return awh_patch_refuse(patch, operation, reason);
}

int awh_patch_take_json(struct admwh_patch *patch, const struct awh_operation *operation,
			const json_t *json, struct awh_ref *value)
{
	awh_buf_reset(&patch->text);
	awh_json_write(&patch->text, json, patch->request->numbers);
	return awh_patch_take_text(patch, operation, value);
}

/*
 * What was applied to the overlay is applied to the tree that a handler reads as well. Without
 * memory for it there is none any more: it can be built again.
 */
static void perform_on_tree(struct admwh_patch *patch, const struct awh_operation *operation,
			    struct awh_ref value)
{
	struct awh_error error;
	struct awh_applier applier = {
	    .target = &patch->tree.target, .rules = AWH_PATCH_BOTH, .error = &error};
	struct awh_ref tree = {0};
	int err = 0;

	if (value.text) {
		tree.tree = awh_json_build(value.text->index, value.entry, patch->tree.numbers);
		err = tree.tree ? 0 : ADMWH_E_NOMEM;
	}
	if (err == 0)
		err = awh_operation_apply(&applier, operation, tree);
	if (err < 0)
		drop_tree(patch);
	json_decref(tree.tree);
	awh_applier_deinit(&applier);
}

/* U+0000, in the value or in the name of a member */
static bool brings_nul(const struct awh_operation *operation, struct awh_ref value)
{
	return (value.text && awh_ref_entry(value)->bits & AWH_ENTRY_NUL) ||
	       memchr(operation->path, '\0', operation->path_len);
}

/* Write an operation behind the others. */
static int append(struct admwh_patch *patch, const struct awh_operation *operation,
		  struct awh_ref value)
{
	struct awh_buf *text = &patch->operations;

	awh_operation_put_head(text, operation);
	if (value.text) {
		awh_buf_puts(text, ",\"value\":");
		awh_ref_write(text, value, true);
	}
	awh_buf_put(text, "},", 2);
	if (text->err)
		return out_of_memory(patch);
	patch->has_test |= operation->op == AWH_TEST;
	patch->has_nul |= brings_nul(operation, value);
	patch->n_operations++;
	return 0;
}

int awh_patch_perform(struct admwh_patch *patch, const struct awh_operation *operation,
		      struct awh_ref value)
{
	int err;

	patch->applier.index = patch->n_operations;
	err = awh_operation_apply(&patch->applier, operation, value);
	if (err < 0)
		return err;
	if (patch->tree.document)
		perform_on_tree(patch, operation, value);
	return append(patch, operation, value);
}

struct admwh_value awh_patch_value(struct admwh_patch *patch)
{
	const char *where = patch->request->raw ? "request" : "request.object";
	const struct awh_ref *root = &patch->overlay.root;

	if (patch->n_operations == patch->n_shown)
		return awh_request_value(patch->request, AWH_OBJECT);
	if (!awh_overlay_settle(&patch->overlay, where))
		return (struct admwh_value){0};
	return awh_value_root(root->text, root->entry);
}

/* *new* */
static json_t *build_tree(struct admwh_patch *patch)
{
	struct admwh_value value;

	if (patch->n_operations == patch->n_shown)
		return json_incref(awh_request_tree(patch->request, AWH_OBJECT));
	value = awh_patch_value(patch);
	return !admwh_value_is_absent(value)
		   ? awh_request_build(patch->request, value.text->index, value.item)
		   : NULL;
}

json_t *awh_patch_tree(struct admwh_patch *patch)
{
	json_t *tree;

	if (!patch->tree.document) {
		tree = build_tree(patch);
		awh_tree_init(&patch->tree, tree, patch->request->numbers);
		json_decref(tree);
	}
	return patch->tree.document;
}

void awh_patch_write_object(struct awh_buf *buf, const struct admwh_patch *patch)
{
	awh_ref_write(buf, patch->overlay.root, true);
}

/*
 * kube-apiserver's test operation compares strings as they are written, and Go wrote the object it
 * compares with: so a patch with a test is written as Go would.
 */
void awh_patch_write(struct awh_buf *buf, const struct admwh_patch *patch)
{
	const struct awh_buf *text = &patch->operations;
	const size_t len = text->len > 0 ? text->len - 1 : 0; /* without the last "," */

	awh_buf_put(buf, "[", 1);
	if (patch->has_test)
		awh_go_put(buf, text->data, len);
	else
		awh_buf_put(buf, text->data, len);
	awh_buf_put(buf, "]", 1);
}
