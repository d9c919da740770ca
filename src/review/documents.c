/* SPDX-License-Identifier: MIT */
/* The public functions over tree_target.h, diff.h and merge.h: patches without a review. */
#include <admwh/json.h>

#include "base/error.h"
#include "json/document.h"
#include "review/diff.h"
#include "review/merge.h"
#include "review/tree_target.h"

_Static_assert((int)ADMWH_PATCH_MAKE_INDEX_BY_INDEX == (int)AWH_DIFF_INDEX_BY_INDEX &&
		   (int)ADMWH_PATCH_MAKE_SMALLEST == (int)AWH_DIFF_SMALLEST &&
		   (int)ADMWH_PATCH_MAKE_NUMBER_TEXT == (int)AWH_DIFF_NUMBER_TEXT,
	       "options of a diff are the same inside and outside");

/*
 * Patches share what they do not touch with the document they were applied to. Where the caller
 * keeps the old document as well, a change to one must not show in the other.
 */
static int take_result(struct admwh_json *json, json_t **document, json_t *result)
{
	if (result != *document && (*document)->refcount > 1) {
		json_t *copy = awh_json_copy(result, json->numbers);

		json_decref(result);
		if (!copy)
			return awh_fail(&json->error, ADMWH_E_NOMEM, "out of memory");
		result = copy;
	}
	json_decref(*document);
	*document = result;
	return 0;
}

int admwh_json_patch_apply(struct admwh_json *json, json_t **document, const json_t *patch,
			   enum admwh_patch_mode mode)
{
	static const enum awh_patch_rules rules[] = {
	    [ADMWH_PATCH_MODE_STRICT] = AWH_PATCH_BOTH,
	    [ADMWH_PATCH_MODE_RFC6902] = AWH_PATCH_RFC,
	    [ADMWH_PATCH_MODE_KUBE_APISERVER] = AWH_PATCH_KUBE,
	};
	json_t *result;
	int err;

	if (!json || !document || !*document || !patch || (int)mode < ADMWH_PATCH_MODE_STRICT ||
	    (int)mode > ADMWH_PATCH_MODE_KUBE_APISERVER) {
		awh_document_fail(json, ADMWH_E_INVAL);
		return ADMWH_E_INVAL;
	}
	result = json_incref(*document);
	err = awh_patch_apply(&result, patch, rules[mode], json->numbers, &json->error);
	if (err == 0)
		return take_result(json, document, result);
	json_decref(result);
	return err;
}

json_t *admwh_json_patch_make(struct admwh_json *json, const json_t *from, const json_t *to,
			      unsigned int options)
{
	const unsigned int all = ADMWH_PATCH_MAKE_INDEX_BY_INDEX | ADMWH_PATCH_MAKE_SMALLEST |
				 ADMWH_PATCH_MAKE_NUMBER_TEXT;
	struct awh_diff diff;
	json_t *patch = NULL;

	if (!json || !from || !to || options & ~all)
		return awh_document_fail(json, ADMWH_E_INVAL);
	if (awh_diff_make(&diff, from, to, options, json->numbers, &json->error) == 0) {
		patch = awh_diff_json(&diff, json->numbers);
		if (!patch)
			awh_document_fail(json, ADMWH_E_NOMEM);
	}
	awh_diff_deinit(&diff);
	return patch;
}

int admwh_json_merge_apply(struct admwh_json *json, json_t **document, const json_t *merge)
{
	json_t *result;

	if (!json || !document || !*document || !merge) {
		awh_document_fail(json, ADMWH_E_INVAL);
		return ADMWH_E_INVAL;
	}
	result = awh_merge_apply(*document, merge, json->numbers, &json->error);
	return result ? take_result(json, document, result) : json->error.code;
}

json_t *admwh_json_merge_make(struct admwh_json *json, const json_t *from, const json_t *to)
{
	if (!json || !from || !to)
		return awh_document_fail(json, ADMWH_E_INVAL);
	return awh_merge_make(from, to, json->numbers, &json->error);
}

json_t *admwh_json_merge_to_patch(struct admwh_json *json, const json_t *document,
				  const json_t *merge, unsigned int options)
{
	json_t *result, *patch;

	if (!json || !document || !merge)
		return awh_document_fail(json, ADMWH_E_INVAL);
	result = awh_merge_apply(document, merge, json->numbers, &json->error);
	patch = result ? admwh_json_patch_make(json, document, result, options) : NULL;
	json_decref(result);
	return patch;
}
