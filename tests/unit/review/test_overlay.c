/* SPDX-License-Identifier: MIT */
/* Operations on an overlay, and the same on a tree: what the one does the other does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "any_pointer.h"
#include "review/node.h"
#include "review/overlay.h"
#include "review/tree_target.h"

enum { DEPTH = 2048, PATCHES = 4000, OPERATIONS = 24 };

/* A document as a tree and as an overlay. */
struct both {
	struct awh_numbers *numbers;
	char *text;
	struct awh_tree tree;
	struct awh_applier on_tree;
	struct awh_index index;
	struct awh_arena arena;
	struct awh_error memory_error;
	struct admwh_text source;
	struct awh_overlay overlay;
	struct awh_applier on_overlay;
	struct awh_error tree_error, overlay_error;
};

/* text: *stolen* */
static void open_both(struct both *both, char *text, enum awh_patch_rules rules)
{
	const struct awh_index_options options = {.depth = DEPTH};
	json_t *document;

	*both = (struct both){.numbers = awh_numbers_new(), .text = text};
	document = awh_json_parse(text, strlen(text), DEPTH, both->numbers, NULL);
	assert_non_null(document);
	awh_tree_init(&both->tree, document, both->numbers);
	json_decref(document);
	assert_int_equal(awh_index_read(&both->index, text, strlen(text), &options, NULL), 0);
	awh_text_init(&both->source, &both->index, &both->arena, &both->memory_error, "");
	awh_overlay_init(&both->overlay, &both->source, 0);
	both->on_tree = (struct awh_applier){
	    .target = &both->tree.target, .rules = rules, .error = &both->tree_error};
	both->on_overlay = (struct awh_applier){
	    .target = &both->overlay.target, .rules = rules, .error = &both->overlay_error};
}

static void close_both(struct both *both)
{
	assert_int_equal(both->memory_error.code, 0);
	awh_applier_deinit(&both->on_tree);
	awh_applier_deinit(&both->on_overlay);
	awh_overlay_deinit(&both->overlay);
	awh_text_deinit(&both->source);
	awh_arena_deinit(&both->arena);
	awh_index_deinit(&both->index);
	json_decref(both->tree.document);
	awh_numbers_free(both->numbers);
	free(both->text);
}

/* Members in the same order, numbers by the same text. */
static void compare(struct both *both)
{
	struct awh_buf tree, overlay;

	awh_buf_init(&tree, SIZE_MAX);
	awh_buf_init(&overlay, SIZE_MAX);
	awh_json_write(&tree, both->tree.document, both->numbers);
	awh_ref_write(&overlay, both->overlay.root, false);
	assert_int_equal(awh_buf_terminate(&tree), 0);
	assert_int_equal(awh_buf_terminate(&overlay), 0);
	assert_string_equal(overlay.data, tree.data);
	awh_buf_deinit(&tree);
	awh_buf_deinit(&overlay);
}

static struct awh_ref take_in(struct both *both, const json_t *value)
{
	struct awh_ref ref = {0};
	struct awh_buf text;

	if (!value)
		return ref;
	awh_buf_init(&text, SIZE_MAX);
	awh_json_write(&text, value, both->numbers);
	ref = awh_overlay_add_text(&both->overlay, text.data, text.len, NULL);
	assert_non_null(ref.text);
	awh_buf_deinit(&text);
	return ref;
}

/* Perform an operation on both. Returns what both return. */
static int perform(struct both *both, const struct awh_operation *operation)
{
	json_t *before = json_incref(both->tree.document);
	json_t *value = operation->value ? awh_json_copy(operation->value, both->numbers) : NULL;
	int on_tree, on_overlay;

	both->tree_error = both->overlay_error = (struct awh_error){0};
	on_tree = awh_operation_apply(&both->on_tree, operation, awh_tree_ref(value));
	on_overlay =
	    awh_operation_apply(&both->on_overlay, operation, take_in(both, operation->value));
	if (on_tree < 0) { /* a move may be half done in a tree */
		json_decref(both->tree.document);
		both->tree.document = json_incref(before);
	}
	json_decref(value);
	json_decref(before);
	assert_string_equal(both->overlay_error.text, both->tree_error.text);
	assert_int_equal(on_overlay, on_tree);
	both->on_tree.index = ++both->on_overlay.index;
	return on_tree;
}

static void perform_any(struct both *both, uint64_t *state)
{
	char path[PATH], from[PATH];
	struct awh_operation operation = {.op = chance(state, AWH_OPS), .path = path};
	json_t *there = any_pointer(path, both->tree.document, state);
	json_t *value = NULL;

	operation.path_len = strlen(path);
	if (operation.op == AWH_MOVE || operation.op == AWH_COPY) {
		any_pointer(from, both->tree.document, state);
		operation.from = from;
		operation.from_len = strlen(from);
	} else if (operation.op == AWH_TEST && there && chance(state, 2) == 0) {
		value = awh_json_copy(there, both->numbers);
	} else if (operation.op != AWH_REMOVE) {
		value = any_document(state, 2);
	}
	operation.value = value;
	perform(both, &operation);
	json_decref(value);
}

static char *any_text(uint64_t *state)
{
	/* White space, and escapes that could do without. */
	static const size_t flags[] = {JSON_COMPACT, JSON_INDENT(2), JSON_ENSURE_ASCII,
				       JSON_INDENT(1) | JSON_ENSURE_ASCII};
	json_t *document = any_document(state, 4);
	char *text = json_dumps(document, flags[chance(state, 4)] | JSON_ENCODE_ANY);

	assert_non_null(text);
	json_decref(document);
	return text;
}

static void does_what_a_tree_does(void **state)
{
	const char *more = getenv("ADMWH_PATCHES");
	const uint64_t patches = more ? strtoull(more, NULL, 10) : PATCHES;
	size_t n_applied = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= patches; seed++) {
		uint64_t chances = seed * UINT64_C(0x9e3779b97f4a7c15);
		struct both both;

		open_both(&both, any_text(&chances), (enum awh_patch_rules)(1 + seed % 3));
		for (int i = 0; i < OPERATIONS; i++) {
			perform_any(&both, &chances);
			compare(&both);
			if (chance(&chances, 8) == 0) {
				assert_true(awh_overlay_settle(&both.overlay, ""));
				compare(&both);
			}
			n_applied += both.tree_error.code == 0;
		}
		close_both(&both);
	}
	assert_true(n_applied > patches * OPERATIONS / 8);
}

static int add(struct both *both, const char *path, json_t *value)
{
	const struct awh_operation operation = {
	    .op = AWH_ADD, .path = path, .path_len = strlen(path), .value = value};
	int err = awh_operation_apply(&both->on_overlay, &operation, take_in(both, value));

	json_decref(value);
	return err;
}

static char *array_text(size_t n)
{
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX);
	awh_buf_puts(&text, "{\"a\":[");
	for (size_t i = 0; i < n; i++)
		awh_buf_printf(&text, "%s[%zu]", i > 0 ? "," : "", i);
	awh_buf_puts(&text, "]}");
	assert_int_equal(awh_buf_terminate(&text), 0);
	return text.data;
}

/* Were an insert to move what is behind it, this would take minutes. */
static void inserts_into_a_huge_array(void **state)
{
	enum { N = 200000, INSERTS = 100000 };
	static const char *const places[] = {"/a/0", "/a/-", "/a/100000"};
	struct both both;
	struct awh_ref array;
	struct awh_token name = {"a", 1};

	(void)state;
	open_both(&both, array_text(N), AWH_PATCH_BOTH);
	for (int i = 0; i < INSERTS; i++)
		assert_int_equal(add(&both, places[i % 3], json_integer(i)), 0);
	array = awh_ref_member(both.overlay.root, &name);
	assert_int_equal(awh_ref_size(array), N + INSERTS);
	assert_true(awh_overlay_settle(&both.overlay, ""));
	array = awh_ref_member(both.overlay.root, &name);
	assert_int_equal(awh_ref_size(array), N + INSERTS);
	/* The last one at the front, and at the end. */
	assert_int_equal(awh_ref_kind(awh_ref_element(array, 0)), AWH_KIND_NUMBER);
	assert_int_equal(awh_ref_kind(awh_ref_element(array, N + INSERTS - 1)), AWH_KIND_NUMBER);
	assert_int_equal(awh_ref_kind(awh_ref_element(array, 40000)), AWH_KIND_ARRAY);
	close_both(&both);
}

static void adds_many_members(void **state)
{
	enum { MEMBERS = 50000 };
	struct both both;
	char path[PATH];

	(void)state;
	open_both(&both, strdup("{\"o\":{\"first\":1}}"), AWH_PATCH_BOTH);
	for (int i = 0; i < MEMBERS; i++) {
		snprintf(path, sizeof(path), "/o/k%d", i);
		assert_int_equal(add(&both, path, json_integer(i)), 0);
	}
	for (int i = 0; i < MEMBERS; i += 2) {
		const size_t len = (size_t)snprintf(path, sizeof(path), "/o/k%d", i);
		const struct awh_operation operation = {
		    .op = AWH_REMOVE, .path = path, .path_len = len};

		assert_int_equal(
		    awh_operation_apply(&both.on_overlay, &operation, (struct awh_ref){0}), 0);
	}
	assert_int_equal(
	    awh_ref_size(awh_ref_member(both.overlay.root, &(struct awh_token){"o", 1})),
	    MEMBERS / 2 + 1);
	close_both(&both);
}

/* An operation on a document, and both texts: a pointer, or the text of the result. */
static const struct {
	const char *document, *op, *from, *path, *value, *result;
} cases[] = {
    /* names that are spelt in several ways are one name */
    {"{\"\\u0061\":1}", "add", NULL, "/a", "2", "{\"a\":2}"},
    {"{\"a\\/b\":1}", "replace", NULL, "/a~1b", "2", "{\"a/b\":2}"},
    {"{\"\\u007e\":{\"\\u002F\":1}}", "remove", NULL, "/~0/~1", NULL, "{\"~\":{}}"},
    {"{\"\\ud83d\\ude00\":1}", "remove", NULL, "/\xf0\x9f\x98\x80", NULL, "{}"},
    {"{\"a\\u0000b\":1,\"a\":2}", "remove", NULL, "/a", NULL, "{\"a\\u0000b\":1}"},
    {"{\"a\":\"\\u0041\"}", "test", NULL, "/a", "\"A\"", "{\"a\":\"A\"}"},
    /* a member that comes back comes last */
    {"{\"a\":1,\"b\":2}", "move", "/a", "/a", NULL, "{\"a\":1,\"b\":2}"},
    {"{\"a\":1,\"b\":2}", "move", "/a", "/c", NULL, "{\"b\":2,\"c\":1}"},
    {"{\"a\":1,\"b\":2}", "move", "/a", "/b", NULL, "{\"b\":1}"},
    /* indices */
    {"{\"a\":[1,2]}", "add", NULL, "/a/-", "3", "{\"a\":[1,2,3]}"},
    {"{\"a\":[1,2]}", "add", NULL, "/a/2", "3", "{\"a\":[1,2,3]}"},
    {"{\"a\":[1,2]}", "add", NULL, "/a/3", "3",
     "operation 0: add /a/3: index is past the end of 2 elements"},
    {"{\"a\":[1,2]}", "add", NULL, "/a/01", "3",
     "operation 0: add /a/01: \"01\" is no array index"},
    {"{\"a\":[1,2]}", "remove", NULL, "/a/-", NULL,
     "operation 0: remove /a/-: \"-\" is no array index"},
    {"{\"a\":[1,2]}", "replace", NULL, "/a/1", "[]", "{\"a\":[1,[]]}"},
    {"{\"a\":[[1],[2]]}", "move", "/a/0", "/a/1", NULL, "{\"a\":[[2],[1]]}"},
    {"{\"a\":[[1],[2]]}", "move", "/a/0", "/a/2", NULL,
     "operation 0: move /a/0 to /a/2: index is past the end of 1 elements"},
    /* into what has no children, or itself */
    {"{\"a\":\"s\"}", "add", NULL, "/a/b", "1",
     "operation 0: add /a/b: /a is a string, not an object or array"},
    {"{\"a\":{\"b\":{}}}", "move", "/a", "/a/b/c", NULL,
     "operation 0: move /a to /a/b/c: a value cannot move into its own child"},
    {"{\"a\":{\"b\":{}}}", "copy", "/a", "/a/b/c", NULL, "{\"a\":{\"b\":{\"c\":{\"b\":{}}}}}"},
    /* the whole */
    {"{\"a\":1}", "replace", NULL, "", "[1]", "[1]"},
    {"{\"a\":1}", "replace", NULL, "", "1",
     "operation 0: replace : the document must stay an object or array"},
    {"{\"a\":1}", "add", NULL, "", "{}",
     "operation 0: add : the whole document can only be replaced"},
    /* equal, but not to kube-apiserver */
    {"{\"a\":0.50}", "test", NULL, "/a", "0.5",
     "operation 0: test /a: the value differs in how kube-apiserver compares"},
    {"{\"a\":[null]}", "test", NULL, "/a", "[null]",
     "operation 0: test /a: the value differs in how kube-apiserver compares"},
    {"{\"a\":{\"b\":1,\"c\":[2]}}", "test", NULL, "/a", "{\"c\":[2],\"b\":1}",
     "{\"a\":{\"b\":1,\"c\":[2]}}"},
    {"{\"a\":{\"b\":1}}", "test", NULL, "/a", "{\"b\":1,\"c\":2}",
     "operation 0: test /a: the value differs"},
};

static enum awh_op op_named(const char *name)
{
	enum awh_op op = AWH_ADD;

	while (strcmp(awh_op_name(op), name) != 0)
		op++;
	return op;
}

static void applies_what_rfc_6902_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_operation operation = {
		    .op = op_named(cases[i].op),
		    .path = cases[i].path,
		    .path_len = strlen(cases[i].path),
		    .from = cases[i].from,
		    .from_len = cases[i].from ? strlen(cases[i].from) : 0,
		};
		struct awh_buf text;
		struct both both;

		open_both(&both, strdup(cases[i].document), AWH_PATCH_BOTH);
		if (cases[i].value)
			operation.value = awh_json_parse(cases[i].value, strlen(cases[i].value),
							 DEPTH, both.numbers, NULL);
		awh_buf_init(&text, SIZE_MAX);
		if (perform(&both, &operation) < 0)
			awh_buf_puts(&text, both.overlay_error.text);
		else
			awh_ref_write(&text, both.overlay.root, false);
		assert_int_equal(awh_buf_terminate(&text), 0);
		assert_string_equal(text.data, cases[i].result);
		compare(&both);
		awh_buf_deinit(&text);
		json_decref(operation.value);
		close_both(&both);
	}
}

/* Room for what operations bring is asked for, in large steps. */
static bool may_grow(void *owner, size_t bytes)
{
	size_t *left = owner;

	if (bytes > *left)
		return false;
	*left -= bytes;
	return true;
}

static void stops_where_there_is_no_room(void **state)
{
	const struct awh_operation operation = {.op = AWH_ADD, .path = "/a/0", .path_len = 4};
	size_t left = 1024 * 1024;
	struct both both;
	int err = 0, n = 0;

	(void)state;
	open_both(&both, array_text(10), AWH_PATCH_BOTH);
	both.index.may_grow = may_grow;
	both.index.owner = &left;
	for (; err == 0 && n < 100000; n++) {
		struct awh_ref value = awh_overlay_add_text(&both.overlay, "1", 1, NULL);

		err = awh_ref_is_absent(value)
			  ? ADMWH_E_NOMEM
			  : awh_operation_apply(&both.on_overlay, &operation, value);
	}
	assert_int_equal(err, ADMWH_E_NOMEM);
	assert_true(n > 1000 && n < 20000);
	assert_int_equal(both.memory_error.code, ADMWH_E_LIMIT);
	both.memory_error.code = 0;
	close_both(&both);
}

static bool never_grows(void *owner, size_t bytes)
{
	(void)owner;
	(void)bytes;
	return false;
}

/* Apply an operation while each piece of memory is refused. Its value has its own. */
static int apply_without_room(struct both *both, const struct awh_operation *operation)
{
	struct awh_ref value = {0};
	int err;

	if (operation->op == AWH_ADD || operation->op == AWH_REPLACE)
		value = awh_overlay_add_text(&both->overlay, "9", 1, NULL);
	both->index.may_grow = never_grows;
	both->source.uncharged = SIZE_MAX / 2;
	err = awh_operation_apply(&both->on_overlay, operation, value);
	both->source.uncharged = 0;
	both->index.may_grow = NULL;
	both->memory_error.code = 0;
	return err;
}

static void assert_overlay(struct both *both, const char *expected)
{
	struct awh_buf text;

	awh_buf_init(&text, SIZE_MAX);
	awh_ref_write(&text, both->overlay.root, false);
	assert_int_equal(awh_buf_terminate(&text), 0);
	assert_string_equal(text.data, expected);
	awh_buf_deinit(&text);
}

static void changes_nothing_without_memory(void **state)
{
	static const char json[] = "{\"l\":[1,2,3],\"m\":{\"a\":1}}";
	static const char owned[] = "{\"l\":[1,2,3,9],\"m\":{\"a\":1,\"x\":9}}";
	static const struct awh_operation prepare[] = {
	    {.op = AWH_ADD, .path = "/l/-", .path_len = 4},
	    {.op = AWH_ADD, .path = "/m/x", .path_len = 4},
	};
	static const struct awh_operation failing[] = {
	    {.op = AWH_ADD, .path = "/l/0", .path_len = 4},
	    {.op = AWH_ADD, .path = "/l/-", .path_len = 4},
	    {.op = AWH_REMOVE, .path = "/l/1", .path_len = 4},
	    {.op = AWH_REPLACE, .path = "/l/1", .path_len = 4},
	    {.op = AWH_ADD, .path = "/m/b", .path_len = 4},
	    {.op = AWH_REPLACE, .path = "/m/a", .path_len = 4},
	    {.op = AWH_REMOVE, .path = "/m/a", .path_len = 4},
	    {.op = AWH_COPY, .from = "/l", .from_len = 2, .path = "/m/b", .path_len = 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(failing) / sizeof(*failing); i++) {
		struct both both;

		open_both(&both, strdup(json), AWH_PATCH_BOTH);
		assert_int_equal(apply_without_room(&both, &failing[i]), ADMWH_E_NOMEM);
		assert_overlay(&both, json);
		for (size_t k = 0; k < 2; k++)
			assert_int_equal(
			    awh_operation_apply(&both.on_overlay, &prepare[k],
						awh_overlay_add_text(&both.overlay, "9", 1, NULL)),
			    0);
		assert_int_equal(apply_without_room(&both, &failing[i]), ADMWH_E_NOMEM);
		assert_overlay(&both, owned);
		close_both(&both);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(applies_what_rfc_6902_says),
	    cmocka_unit_test(does_what_a_tree_does),
	    cmocka_unit_test(inserts_into_a_huge_array),
	    cmocka_unit_test(adds_many_members),
	    cmocka_unit_test(stops_where_there_is_no_room),
	    cmocka_unit_test(changes_nothing_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
