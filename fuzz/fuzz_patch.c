/* SPDX-License-Identifier: MIT */
/*
 * Any two texts, parted by a NUL byte, as a document and a patch, as two
 * documents, and as a document and a pointer. What must hold: a patch applies
 * whole or not at all; what is applied by default is applied the same by either
 * set of rules, and what is refused is refused by one of them; over the index of the
 * document it does the same as on a tree; a difference leads from
 * the one document to the other; a merge patch does what its JSON Patch does.
 */
#include <string.h>

#include <admwh/json.h>
#include <admwh/patch.h>

#include "base/arena.h"
#include "base/buf.h"
#include "check.h"
#include "json/pointer.h"
#include "review/tree_target.h"
#include "review/diff.h"
#include "review/merge.h"
#include "review/node.h"
#include "review/overlay.h"

enum { DEPTH = 64 };

/* The document after the patch, *new*; NULL when it was refused. */
static json_t *applied(const json_t *document, const json_t *patch, enum awh_patch_rules rules,
		       struct awh_numbers *numbers)
{
	json_t *before = awh_json_copy(document, numbers);
	json_t *result = json_incref((json_t *)(uintptr_t)document);
	struct awh_error error = {0};
	int err = awh_patch_apply(&result, patch, rules, numbers, &error);

	check(awh_json_equal(document, before, numbers), "the document was changed in place");
	check(err == 0 || result == document, "a refused patch left something");
	check((err < 0) == (error.text[0] != '\0'), "a refusal without a reason, or the reverse");
	json_decref(before);
	if (err == 0)
		return result;
	json_decref(result);
	return NULL;
}

static void check_apply(const json_t *document, const json_t *patch, struct awh_numbers *numbers)
{
	json_t *strict = applied(document, patch, AWH_PATCH_BOTH, numbers);
	json_t *rfc = applied(document, patch, AWH_PATCH_RFC, numbers);
	json_t *kube = applied(document, patch, AWH_PATCH_KUBE, numbers);

	check((strict != NULL) == (rfc && kube), "the default does not refuse what either refuses");
	check(!strict ||
		  (awh_json_equal(strict, rfc, numbers) && awh_json_equal(strict, kube, numbers)),
	      "the rules come to different documents");
	json_decref(strict);
	json_decref(rfc);
	json_decref(kube);
}

/* Apply one item of a patch to an overlay, its value by way of its text. */
static int apply_item(struct awh_overlay *overlay, struct awh_applier *applier, const json_t *item,
		      const struct awh_numbers *numbers)
{
	struct awh_operation operation;
	struct awh_ref value = {0};
	struct awh_buf text;
	int err = awh_operation_read(&operation, item, (applier->rules & AWH_PATCH_RFC) != 0,
				     applier->index, applier->error);

	if (err < 0)
		return err;
	awh_buf_init(&text, SIZE_MAX);
	if (operation.value) {
		awh_json_write(&text, operation.value, numbers);
		value = awh_overlay_add_text(overlay, text.data, text.len, NULL);
		check(value.text != NULL, "a value is no JSON");
	}
	awh_buf_deinit(&text);
	return awh_operation_apply(applier, &operation, value);
}

/* settles: the whole is written and read again behind each operation */
static void apply_all(struct awh_overlay *overlay, const json_t *patch, struct awh_applier *applier,
		      const struct awh_numbers *numbers, bool settles)
{
	const size_t n = json_array_size(patch);

	for (int err = 0; applier->index < n && err == 0; applier->index++) {
		err = apply_item(overlay, applier, json_array_get(patch, applier->index), numbers);
		check(!settles || awh_overlay_settle(overlay, ""), "an object cannot be written");
	}
}

/* The document over its index comes to what its tree does, or fails for the same reason. */
static void check_overlay(const char *text, const json_t *document, const json_t *patch,
			  enum awh_patch_rules rules, struct awh_numbers *numbers)
{
	const struct awh_index_options options = {.depth = DEPTH};
	json_t *result = json_incref((json_t *)(uintptr_t)document);
	struct awh_error tree_error = {0}, overlay_error = {0}, memory = {0};
	struct awh_index index = AWH_INDEX_NULL;
	struct awh_arena arena = AWH_ARENA_NULL;
	struct awh_applier applier = {.rules = rules, .error = &overlay_error};
	struct awh_buf wanted, got;
	struct awh_overlay overlay;
	struct admwh_text source;

	check(awh_index_read(&index, text, strlen(text), &options, NULL) == 0, "no index");
	awh_text_init(&source, &index, &arena, &memory, "");
	awh_overlay_init(&overlay, &source, 0);
	applier.target = &overlay.target;
	apply_all(&overlay, patch, &applier, numbers, strlen(text) % 2);
	awh_patch_apply(&result, patch, rules, numbers, &tree_error);
	check(strcmp(tree_error.text, overlay_error.text) == 0, "another reason over the index");
	awh_buf_init(&wanted, SIZE_MAX);
	awh_buf_init(&got, SIZE_MAX);
	if (tree_error.code == 0) {
		awh_json_write(&wanted, result, numbers);
		awh_ref_write(&got, overlay.root, false);
		check(wanted.len == got.len && memcmp(wanted.data, got.data, got.len) == 0,
		      "another document over the index");
	}
	awh_buf_deinit(&wanted);
	awh_buf_deinit(&got);
	json_decref(result);
	awh_applier_deinit(&applier);
	awh_overlay_deinit(&overlay);
	awh_text_deinit(&source);
	awh_arena_deinit(&arena);
	awh_index_deinit(&index);
}

static void check_diff(const json_t *from, const json_t *to, unsigned options,
		       struct awh_numbers *numbers)
{
	struct awh_diff diff;
	json_t *patch, *result;

	check(awh_diff_make(&diff, from, to, options, numbers, NULL) == 0, "no difference found");
	patch = awh_diff_json(&diff, numbers);
	check(patch != NULL, "no memory");
	result = applied(from, patch, AWH_PATCH_RFC, numbers);
	check(result && awh_json_equal(result, to, numbers), "a difference leads elsewhere");
	if (options & AWH_DIFF_KEEP_ROOT && json_typeof(from) == json_typeof(to))
		for (size_t i = 0; i < diff.n_operations; i++)
			check(diff.operations[i].path_len > 0 ||
				  !(json_is_object(to) || json_is_array(to)),
			      "the root is replaced");
	json_decref(result);
	json_decref(patch);
	awh_diff_deinit(&diff);
}

static void check_merge(const json_t *document, const json_t *merge, struct awh_numbers *numbers)
{
	json_t *before = awh_json_copy(document, numbers);
	json_t *result = awh_merge_apply(document, merge, numbers, NULL);
	json_t *made = awh_merge_make(document, merge, numbers, NULL);

	check(awh_json_equal(document, before, numbers), "a merge changed the document in place");
	check(result != NULL, "a merge was refused");
	check_diff(document, result, 0, numbers);
	if (made) {
		json_t *merged = awh_merge_apply(document, made, numbers, NULL);

		check(awh_json_equal(merged, merge, numbers), "a merge patch leads elsewhere");
		json_decref(merged);
	}
	json_decref(before);
	json_decref(result);
	json_decref(made);
}

static void check_pointer(const json_t *document, const char *text)
{
	struct awh_arena arena = AWH_ARENA_NULL;
	struct awh_pointer pointer;
	struct awh_buf again;

	if (awh_pointer_parse(&pointer, text, strlen(text), &arena, NULL) == 0) {
		awh_buf_init(&again, SIZE_MAX);
		for (size_t i = 0; i < pointer.n_tokens; i++)
			awh_pointer_put(&again, pointer.tokens[i].text, pointer.tokens[i].len);
		check(again.len == strlen(text) &&
			  (again.len == 0 || memcmp(again.data, text, again.len) == 0),
		      "a pointer does not survive");
		check(awh_pointer_walk(document, &pointer, pointer.n_tokens) ==
			  admwh_json_pointer_get(document, text),
		      "a pointer leads to two places");
		awh_buf_deinit(&again);
	}
	awh_arena_deinit(&arena);
}

static void check_all(const char *first, const char *second, struct awh_numbers *numbers)
{
	json_t *a = awh_json_parse(first, strlen(first), DEPTH, numbers, NULL);
	json_t *b = awh_json_parse(second, strlen(second), DEPTH, numbers, NULL);

	if (a)
		check_pointer(a, second);
	if (a && b) {
		check_apply(a, b, numbers);
		if (json_is_array(b) && (json_is_object(a) || json_is_array(a)))
			for (int rules = AWH_PATCH_RFC; rules <= AWH_PATCH_BOTH; rules++)
				check_overlay(first, a, b, (enum awh_patch_rules)rules, numbers);
		check_merge(a, b, numbers);
		for (unsigned options = 0; options < 16; options++)
			check_diff(a, b, options, numbers);
	}
	json_decref(a);
	json_decref(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct awh_numbers *numbers = awh_numbers_new();
	char *text = malloc(len + 2);

	check(numbers && text, "no memory");
	memcpy(text, bytes, len);
	text[len] = text[len + 1] = '\0';
	check_all(text, text + strlen(text) + 1, numbers);
	free(text);
	awh_numbers_free(numbers);
	return 0;
}
