/* SPDX-License-Identifier: MIT */
#include "review/tree_target.h"

#include "base/container.h"
#include "review/kube.h"

static struct awh_tree *tree_of(struct awh_target *target)
{
	return AWH_CONTAINER(target, struct awh_tree, target);
}

struct awh_ref awh_tree_ref(json_t *value)
{
	return (struct awh_ref){.tree = value};
}

static struct awh_ref root(struct awh_target *target)
{
	return awh_tree_ref(tree_of(target)->document);
}

static enum awh_kind kind(struct awh_ref value)
{
	static const enum awh_kind kinds[] = {
	    [JSON_OBJECT] = AWH_KIND_OBJECT, [JSON_ARRAY] = AWH_KIND_ARRAY,
	    [JSON_STRING] = AWH_KIND_STRING, [JSON_INTEGER] = AWH_KIND_NUMBER,
	    [JSON_REAL] = AWH_KIND_NUMBER,   [JSON_TRUE] = AWH_KIND_TRUE,
	    [JSON_FALSE] = AWH_KIND_FALSE,   [JSON_NULL] = AWH_KIND_NULL,
	};

	return kinds[json_typeof(value.tree)];
}

static size_t size(struct awh_ref value)
{
	return json_is_array(value.tree) ? json_array_size(value.tree)
					 : json_object_size(value.tree);
}

static struct awh_ref child(struct awh_ref container, const struct awh_key *key)
{
	if (json_is_array(container.tree))
		return awh_tree_ref(json_array_get(container.tree, key->index));
	return awh_tree_ref(json_object_getn(container.tree, key->name->text, key->name->len));
}

static bool set(struct awh_target *target, struct awh_ref parent, const struct awh_key *key,
		struct awh_ref value)
{
	(void)target;
	if (json_is_array(parent.tree))
		return json_array_set(parent.tree, key->index, value.tree) == 0;
	return json_object_setn_nocheck(parent.tree, key->name->text, key->name->len, value.tree) ==
	       0;
}

static void set_root(struct awh_target *target, struct awh_ref value)
{
	struct awh_tree *tree = tree_of(target);

	json_incref(value.tree);
	json_decref(tree->document);
	tree->document = value.tree;
}

static bool is_shared(const json_t *value)
{
	return (json_is_object(value) || json_is_array(value)) && value->refcount > 1;
}

static struct awh_ref own(struct awh_target *target, struct awh_ref parent,
			  const struct awh_key *key)
{
	const bool is_root = awh_ref_is_absent(parent);
	struct awh_ref value = is_root ? root(target) : child(parent, key);
	bool done = true;

	if (!is_shared(value.tree))
		return value;
	value.tree = awh_json_copy_level(value.tree);
	if (value.tree && is_root)
		set_root(target, value);
	else if (value.tree)
		done = set(target, parent, key, value);
	json_decref(value.tree); /* its parent refers to it */
	return done ? value : (struct awh_ref){0};
}

static bool insert(struct awh_target *target, struct awh_ref parent, size_t index,
		   struct awh_ref value)
{
	(void)target;
	return json_array_insert(parent.tree, index, value.tree) == 0;
}

static bool remove_child(struct awh_target *target, struct awh_ref parent,
			 const struct awh_key *key)
{
	(void)target;
	if (json_is_array(parent.tree))
		json_array_remove(parent.tree, key->index);
	else
		json_object_deln(parent.tree, key->name->text, key->name->len);
	return true;
}

static struct awh_ref copy(struct awh_target *target, struct awh_ref value)
{
	return awh_tree_ref(awh_json_copy(value.tree, tree_of(target)->numbers));
}

static struct awh_ref null(struct awh_target *target)
{
	(void)target;
	return awh_tree_ref(json_null());
}

static void hold(struct awh_ref value)
{
	json_incref(value.tree);
}

static void release(struct awh_ref value)
{
	json_decref(value.tree);
}

static void write_value(struct awh_target *target, struct awh_buf *buf, struct awh_ref value)
{
	awh_json_write(buf, value.tree, tree_of(target)->numbers);
}

static bool fits(struct awh_ref value, size_t levels)
{
	return awh_json_fits(value.tree, levels);
}

static bool equal(struct awh_target *target, struct awh_ref a, struct awh_ref b, bool as_kube)
{
	return as_kube ? awh_kube_equal(a.tree, b.tree, tree_of(target)->numbers)
		       : awh_json_equal(a.tree, b.tree, tree_of(target)->numbers);
}

void awh_tree_init(struct awh_tree *tree, json_t *document, struct awh_numbers *numbers)
{
	static const struct awh_target_ops ops = {
	    .root = root,
	    .kind = kind,
	    .size = size,
	    .child = child,
	    .own = own,
	    .set = set,
	    .insert = insert,
	    .remove = remove_child,
	    .set_root = set_root,
	    .copy = copy,
	    .null = null,
	    .hold = hold,
	    .release = release,
	    .write = write_value,
	    .fits = fits,
	    .equal = equal,
	};

	*tree = (struct awh_tree){
	    .target.ops = &ops, .document = json_incref(document), .numbers = numbers};
}

static int apply_item(struct awh_applier *applier, const json_t *item, struct awh_numbers *numbers)
{
	struct awh_operation operation;
	struct awh_ref value;
	int err = awh_operation_read(&operation, item, (applier->rules & AWH_PATCH_RFC) != 0,
				     applier->index, applier->error);

	if (err < 0)
		return err;
	if (operation.op != AWH_ADD && operation.op != AWH_REPLACE)
		return awh_operation_apply(applier, &operation, awh_tree_ref(operation.value));
	/* The document must not refer to a value that the owner of the patch may change. */
	value = awh_tree_ref(awh_json_copy(operation.value, numbers));
	if (!value.tree)
		return awh_fail(applier->error, ADMWH_E_NOMEM, "out of memory");
	err = awh_operation_apply(applier, &operation, value);
	json_decref(value.tree);
	return err;
}

int awh_patch_apply(json_t **document, const json_t *operations, enum awh_patch_rules rules,
		    struct awh_numbers *numbers, struct awh_error *error)
{
	struct awh_tree tree;
	struct awh_applier applier = {.target = &tree.target, .rules = rules, .error = error};
	const bool is_container = json_is_object(*document) || json_is_array(*document);
	int err = 0;

	if (!json_is_array(operations))
		return awh_fail(error, ADMWH_E_PATCH, "the patch is not an array");
	if (rules & AWH_PATCH_KUBE && !is_container)
		return awh_fail(error, ADMWH_E_PATCH, "the document is no object or array");
	awh_tree_init(&tree, *document, numbers);
	for (; applier.index < json_array_size(operations) && err == 0; applier.index++)
		err = apply_item(&applier, json_array_get(operations, applier.index), numbers);
	awh_applier_deinit(&applier);
	if (err < 0) {
		json_decref(tree.document);
		return err;
	}
	json_decref(*document);
	*document = tree.document;
	return 0;
}
