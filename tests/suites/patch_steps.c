/* SPDX-License-Identifier: MIT */
/*
 * Mutators made by chance: reviews of documents of tests/unit/review/generate.h, each patched by
 * operations until one fails. For each a line of JSON: the object, the patch, the object after it,
 * the operation that failed, and why.
 *
 * patch_steps COUNT [FIRST-SEED]
 */
#include <admwh/admwh.h>

#include "../unit/review/any_pointer.h"
#include "base/text.h"
#include "review/patch.h"

enum { OPERATIONS = 12 };

struct plan {
	uint64_t chances;
	struct awh_buf line;
};

static int perform(struct admwh_patch *patch, const json_t *operation)
{
	const char *op = json_string_value(json_object_get(operation, "op"));
	const char *path = json_string_value(json_object_get(operation, "path"));
	const char *from = json_string_value(json_object_get(operation, "from"));
	const json_t *value = json_object_get(operation, "value");

	switch (op[0] + op[2]) {
	case 'a' + 'd':
		return admwh_patch_add(patch, path, value);
	case 'r' + 'm':
		return admwh_patch_remove(patch, path);
	case 'r' + 'p':
		return admwh_patch_replace(patch, path, value);
	case 'm' + 'v':
		return admwh_patch_move(patch, from, path);
	case 'c' + 'p':
		return admwh_patch_copy(patch, from, path);
	default:
		return admwh_patch_test(patch, path, value);
	}
}

/* *new* */
static json_t *any_operation(json_t *document, uint64_t *chances)
{
	static const char *const ops[] = {"add", "remove", "replace", "move", "copy", "test"};
	const uint32_t op = chance(chances, 6);
	char path[PATH], from[PATH];
	json_t *there = any_pointer(path, document, chances);
	json_t *operation = json_pack("{s:s,s:s}", "op", ops[op], "path", path);

	if (op == 3 || op == 4) {
		any_pointer(from, document, chances);
		json_object_set_new(operation, "from", json_string(from));
	} else if (op == 5 && there && chance(chances, 4) > 0) {
		json_object_set_new(operation, "value", json_deep_copy(there));
	} else if (op != 1) {
		json_object_set_new(operation, "value", any_document(chances, 2));
	}
	return operation;
}

static bool applies(json_t *document, json_t *operation)
{
	struct admwh_json *json = admwh_json_new();
	json_t *copy = json_deep_copy(document);
	json_t *patch = json_pack("[O]", operation);
	const bool does = admwh_json_patch_apply(json, &copy, patch, ADMWH_PATCH_MODE_STRICT) == 0;

	json_decref(patch);
	json_decref(copy);
	admwh_json_free(json);
	return does;
}

/* One that applies, mostly; *new* */
static json_t *good_operation(json_t *document, uint64_t *chances)
{
	json_t *operation = any_operation(document, chances);

	while (!applies(document, operation) && chance(chances, 16) > 0) {
		json_decref(operation);
		operation = any_operation(document, chances);
	}
	return operation;
}

static void put_member(struct awh_buf *line, const char *name, const char *text, size_t len)
{
	awh_buf_printf(line, ",\"%s\":", name);
	awh_buf_put(line, text, len);
}

static void put_json(struct awh_buf *line, const char *name, const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	if (!text)
		abort();
	put_member(line, name, text, strlen(text));
	free(text);
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	struct plan *plan = userdata;
	struct admwh_value result;
	struct awh_buf text;
	int err = 0;

	(void)req;
	for (int i = 0; i < OPERATIONS && err == 0; i++) {
		/* Of the object as it is now, by what values show. */
		json_t *now = admwh_value_json(admwh_patch_value(patch));
		json_t *operation = good_operation(now, &plan->chances);

		err = perform(patch, operation);
		if (err < 0)
			put_json(&plan->line, "failed", operation);
		json_decref(operation);
		json_decref(now);
	}
	result = admwh_patch_value(patch);
	awh_buf_init(&text, SIZE_MAX);
	awh_index_write(&text, result.text->index, result.item);
	put_member(&plan->line, "result", text.data, text.len);
	awh_buf_reset(&text);
	awh_patch_write(&text, patch);
	put_member(&plan->line, "patch", text.data, text.len);
	awh_buf_reset(&text);
	awh_put_json_string(&text, admwh_patch_error(patch), strlen(admwh_patch_error(patch)));
	put_member(&plan->line, "error", text.data, text.len);
	awh_buf_deinit(&text);
	return admwh_response_allow(resp);
}

static void run(uint64_t seed)
{
	struct plan plan = {.chances = seed * UINT64_C(0x9e3779b97f4a7c15)};
	json_t *object = NULL;
	struct awh_buf body;
	char *text;

	do {
		json_decref(object);
		object = any_document(&plan.chances, 4);
	} while (!json_is_object(object));
	text = json_dumps(object, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	awh_buf_init(&plan.line, SIZE_MAX);
	awh_buf_init(&body, SIZE_MAX);
	awh_buf_puts(&plan.line, "{\"seed\":");
	awh_buf_put_number(&plan.line, seed, 1);
	put_json(&plan.line, "object", object);
	awh_buf_printf(&body,
		       "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
		       "\"request\":{\"uid\":\"u\",\"kind\":{},\"resource\":{},\"operation\":"
		       "\"CREATE\",\"userInfo\":{},\"object\":%s}}",
		       text);
	admwh_answer_free(admwh_review_mutate(body.data, body.len, mutate, &plan));
	awh_buf_puts(&plan.line, "}");
	if (awh_buf_terminate(&plan.line) < 0)
		abort();
	puts(plan.line.data);
	awh_buf_deinit(&plan.line);
	awh_buf_deinit(&body);
	free(text);
	json_decref(object);
}

int main(int argc, char **argv)
{
	const uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 4000;
	const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

	for (uint64_t seed = first; seed < first + count; seed++)
		run(seed);
	return 0;
}
