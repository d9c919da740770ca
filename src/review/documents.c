/* SPDX-License-Identifier: MIT */
/*
 * The public face of json.c, apply.c, diff.c and merge.c: documents and patches
 * without a review.
 */
#include <stdint.h>
#include <stdlib.h>

#include <admwh/json.h>

#include "base/buf.h"
#include "base/error.h"
#include "review/apply.h"
#include "review/diff.h"
#include "review/json.h"
#include "review/merge.h"

_Static_assert((int)ADMWH_PATCH_MAKE_INDEX_BY_INDEX == (int)AWH_DIFF_INDEX_BY_INDEX &&
		   (int)ADMWH_PATCH_MAKE_SMALLEST == (int)AWH_DIFF_SMALLEST &&
		   (int)ADMWH_PATCH_MAKE_NUMBER_TEXT == (int)AWH_DIFF_NUMBER_TEXT,
	       "options of a diff are the same inside and outside");

struct admwh_json {
	struct awh_numbers *numbers;
	struct awh_error error;
};

static void *fail(struct admwh_json *json, int code)
{
	if (json)
		awh_fail(&json->error, code, "%s", admwh_strerror(code));
	return NULL;
}

struct admwh_json *admwh_json_new(void)
{
	struct admwh_json *json = calloc(1, sizeof(*json));

	if (!json)
		return NULL;
	json->numbers = awh_numbers_new();
	if (!json->numbers) {
		free(json);
		return NULL;
	}
	return json;
}

void admwh_json_free(struct admwh_json *json)
{
	if (!json)
		return;
	awh_numbers_free(json->numbers);
	free(json);
}

const char *admwh_json_error(const struct admwh_json *json)
{
	return json ? json->error.text : "";
}

json_t *admwh_json_parse(struct admwh_json *json, const char *text, size_t len)
{
	if (!json || !text)
		return fail(json, ADMWH_E_INVAL);
	return awh_json_parse(text, len, AWH_PATCH_DEPTH, json->numbers, &json->error);
}

char *admwh_json_write(struct admwh_json *json, const json_t *value, size_t *len)
{
	struct awh_buf text;

	if (!json || !value)
		return fail(json, ADMWH_E_INVAL);
	awh_buf_init(&text, SIZE_MAX);
	awh_json_write(&text, value, json->numbers);
	if (awh_buf_terminate(&text) < 0) {
		fail(json, text.failed);
		awh_buf_deinit(&text);
		return NULL;
	}
	if (len)
		*len = text.len;
	return text.data;
}

json_t *admwh_json_copy(struct admwh_json *json, const json_t *value)
{
	json_t *copy;

	if (!json || !value)
		return fail(json, ADMWH_E_INVAL);
	copy = awh_json_copy(value, json->numbers);
	return copy ? copy : fail(json, ADMWH_E_NOMEM);
}

bool admwh_json_equal(const struct admwh_json *json, const json_t *a, const json_t *b)
{
	return a && b && awh_json_equal(a, b, json ? json->numbers : NULL);
}

/*
 * Patches share what they do not touch with the document they were applied to. Where the caller
 * keeps the old document as well, a change of his to one must not show in the other.
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
	static const enum awh_judge judges[] = {
	    [ADMWH_PATCH_MODE_STRICT] = AWH_JUDGE_BOTH,
	    [ADMWH_PATCH_MODE_RFC6902] = AWH_JUDGE_RFC,
	    [ADMWH_PATCH_MODE_KUBE_APISERVER] = AWH_JUDGE_KUBE,
	};
	json_t *result;
	int err;

	if (!json || !document || !*document || !patch || (int)mode < ADMWH_PATCH_MODE_STRICT ||
	    (int)mode > ADMWH_PATCH_MODE_KUBE_APISERVER) {
		fail(json, ADMWH_E_INVAL);
		return ADMWH_E_INVAL;
	}
	result = json_incref(*document);
	err = awh_patch_apply(&result, patch, judges[mode], json->numbers, &json->error);
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
		return fail(json, ADMWH_E_INVAL);
	if (awh_diff_make(&diff, from, to, options, json->numbers, &json->error) == 0) {
		patch = awh_diff_json(&diff, json->numbers);
		if (!patch)
			fail(json, ADMWH_E_NOMEM);
	}
	awh_diff_deinit(&diff);
	return patch;
}

int admwh_json_merge_apply(struct admwh_json *json, json_t **document, const json_t *merge)
{
	json_t *result;

	if (!json || !document || !*document || !merge) {
		fail(json, ADMWH_E_INVAL);
		return ADMWH_E_INVAL;
	}
	result = awh_merge_apply(*document, merge, json->numbers, &json->error);
	return result ? take_result(json, document, result) : json->error.code;
}

json_t *admwh_json_merge_make(struct admwh_json *json, const json_t *from, const json_t *to)
{
	if (!json || !from || !to)
		return fail(json, ADMWH_E_INVAL);
	return awh_merge_make(from, to, json->numbers, &json->error);
}

json_t *admwh_json_merge_to_patch(struct admwh_json *json, const json_t *document,
				  const json_t *merge, unsigned int options)
{
	json_t *result, *patch;

	if (!json || !document || !merge)
		return fail(json, ADMWH_E_INVAL);
	result = awh_merge_apply(document, merge, json->numbers, &json->error);
	patch = result ? admwh_json_patch_make(json, document, result, options) : NULL;
	json_decref(result);
	return patch;
}
