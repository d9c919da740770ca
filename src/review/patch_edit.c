/* SPDX-License-Identifier: MIT */
/* What becomes operations by comparing: a copy that the handler edits, a merge patch. */
#include "review/diff.h"
#include "review/merge.h"
#include "review/patch.h"

/* Perform the operations that turn the object into the wanted one. */
static int perform_changes(struct admwh_patch *patch, const json_t *from, const json_t *wanted)
{
	struct awh_diff diff;
	int err = awh_diff_make(&diff, from, wanted, patch->options | AWH_DIFF_KEEP_ROOT,
				patch->request->numbers, &patch->failure);

	for (size_t i = 0; i < diff.n_operations && err == 0; i++) {
		const struct awh_operation *operation = &diff.operations[i];
		struct awh_ref value = {0};

		if (operation->value)
			err = awh_patch_take_json(patch, operation, operation->value, &value);
		if (err == 0)
			err = awh_patch_perform(patch, operation, value);
	}
	awh_diff_deinit(&diff);
	return err;
}

/* The object as a tree that does not change while operations are performed; *new*. */
static json_t *take_tree(struct admwh_patch *patch)
{
	const struct awh_error *error = &patch->request->error;
	json_t *tree = json_incref(awh_patch_tree(patch));

	if (!tree)
		awh_patch_fail(patch, error->code < 0 ? error->code : ADMWH_E_NOMEM,
			       error->code < 0 ? error->text : "out of memory");
	return tree;
}

/* Turn what was edited so far into operations, before anything else is done to the object. */
static int close_edit(struct admwh_patch *patch)
{
	json_t *before;
	int err;

	if (!patch->edited || patch->edited_as)
		return 0;
	before = take_tree(patch);
	if (!before)
		return patch->failure.code;
	err = perform_changes(patch, before, patch->edited);
	json_decref(before);
	if (err == 0)
		patch->edited_as = take_tree(patch);
	return patch->failure.code;
}

/* A change after the edit was closed must not be lost silently. */
static int check_edit(struct admwh_patch *patch)
{
	if (!patch->edited_as ||
	    awh_json_equal(patch->edited, patch->edited_as, patch->request->numbers))
		return 0;
	return awh_patch_fail(
	    patch, ADMWH_E_PATCH,
	    "the object of admwh_patch_edit() was changed after another operation");
}

int awh_patch_begin(struct admwh_patch *patch)
{
	int err = patch ? awh_patch_prepare(patch) : ADMWH_E_INVAL;

	return err < 0 ? err : close_edit(patch);
}

int awh_patch_finish(struct admwh_patch *patch)
{
	int err = patch->failure.code;

	if (err == 0 && patch->edited_as)
		err = check_edit(patch);
	return err < 0 ? err : close_edit(patch);
}

int admwh_patch_merge(struct admwh_patch *patch, const json_t *merge)
{
	json_t *before, *merged;
	int err = awh_patch_begin(patch);

	if (err < 0)
		return err;
	if (!merge)
		return awh_patch_fail(patch, ADMWH_E_INVAL, "the merge patch is NULL");
	before = take_tree(patch);
	if (!before)
		return patch->failure.code;
	merged = awh_merge_apply(before, merge, patch->request->numbers, &patch->failure);
	err = merged ? perform_changes(patch, before, merged) : patch->failure.code;
	json_decref(merged);
	json_decref(before);
	return err;
}

int admwh_patch_merge_new(struct admwh_patch *patch, json_t *merge)
{
	int err = awh_patch_check_new(patch, merge);

	if (err == 0)
		err = admwh_patch_merge(patch, merge);
	json_decref(merge);
	return err;
}

/* What the object was sent with stands against a tree, and what operations have brought. */
static bool allows_tree(struct admwh_patch *patch)
{
	struct admwh_value value;

	if (!awh_request_allows_tree(patch->request, AWH_OBJECT))
		return false;
	if (!patch->has_nul || patch->request->nul_in_trees)
		return true;
	value = awh_patch_value(patch);
	if (admwh_value_is_absent(value))
		return false;
	if (!(awh_value_entry(value)->bits & AWH_ENTRY_NUL))
		return true;
	awh_value_fail_nul(value);
	return false;
}

json_t *admwh_patch_edit(struct admwh_patch *patch)
{
	json_t *before;

	if (!patch || patch->failure.code < 0)
		return NULL;
	if (patch->edited && !patch->edited_as)
		return patch->edited;
	if (!admwh_patch_object_json(patch) || awh_patch_prepare(patch) < 0 ||
	    check_edit(patch) < 0 || awh_request_take_edit(patch->request) < 0)
		return NULL;
	before = awh_patch_tree(patch);
	json_decref(patch->edited);
	json_decref(patch->edited_as);
	patch->edited_as = NULL;
	patch->edited = awh_json_copy(before, patch->request->numbers);
	if (!patch->edited)
		awh_patch_fail(patch, ADMWH_E_NOMEM, "out of memory");
	return patch->edited;
}

const json_t *awh_patch_object(struct admwh_patch *patch)
{
	return patch->edited && !patch->edited_as ? patch->edited : awh_patch_tree(patch);
}

const json_t *admwh_patch_object_json(struct admwh_patch *patch)
{
	return patch && allows_tree(patch) ? awh_patch_object(patch) : NULL;
}

struct admwh_value admwh_patch_value(struct admwh_patch *patch)
{
	if (!patch || (patch->failure.code == 0 && close_edit(patch) < 0))
		return (struct admwh_value){0};
	return awh_patch_value(patch);
}

const char *admwh_patch_error(const struct admwh_patch *patch)
{
	return patch ? patch->failure.text : "";
}
