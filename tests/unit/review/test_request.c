/* SPDX-License-Identifier: MIT */
/* What a request asks for before it takes memory: its index, its trees, an edited copy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <admwh/patch.h>

#include "base/buf.h"
#include "review/decode.h"
#include "review/patch.h"

enum { ENTRY = 16, BODY_MAX = 16 * 1024 * 1024 };

/* The owner that is asked. */
struct room {
	size_t left;
	size_t taken;
	size_t asked; /* the last time */
};

static int take(void *owner, size_t bytes, struct awh_error *error)
{
	struct room *room = owner;

	room->asked = bytes;
	if (bytes > room->left)
		return awh_fail(error, ADMWH_E_OVERLOAD, "no room for %zu bytes", bytes);
	room->left -= bytes;
	room->taken += bytes;
	return 0;
}

/* A review whose object is {"x":[0,...]}: n + 2 values, and 2 * n + 7 bytes. */
static void put_review(struct awh_buf *body, size_t n)
{
	awh_buf_init(body, BODY_MAX);
	awh_buf_puts(body, "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
			   "\"request\":{\"uid\":\"u\",\"kind\":{},\"resource\":{},"
			   "\"operation\":\"CREATE\",\"userInfo\":{},\"object\":{\"x\":[");
	for (size_t i = 0; i < n; i++)
		awh_buf_puts(body, i ? ",0" : "0");
	awh_buf_puts(body, "]}}}");
	assert_int_equal(body->err, 0);
}

static int decode(struct awh_request *request, const struct awh_buf *body, struct room *room,
		  struct awh_error *error)
{
	const struct awh_decode_options options = {.depth = 10, .take = take, .owner = room};

	return awh_request_decode(request, body->data, body->len, &options, error);
}

static void counts_an_index_beyond_its_first_part(void **state)
{
	static const struct {
		size_t values, taken;
	} cases[] = {
	    /* 21 entries are around the array's. */
	    {1003, 0},
	    {1004, 1024 * ENTRY},
	    {2027, 1024 * ENTRY},
	    {2028, 3 * 1024 * ENTRY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct room room = {.left = SIZE_MAX / 2};
		struct awh_request request;
		struct awh_error error;
		struct awh_buf body;

		put_review(&body, cases[i].values);
		assert_int_equal(decode(&request, &body, &room, &error), 0);
		if (room.taken != cases[i].taken)
			fail_msg("%zu values, %u entries: %zu bytes", cases[i].values,
				 request.index.n_entries, room.taken);
		awh_request_deinit(&request);
		awh_buf_deinit(&body);
	}
}

static void an_index_without_room_is_no_review(void **state)
{
	struct room room = {.left = 1024 * ENTRY};
	struct awh_request request;
	struct awh_error error = {0};
	struct awh_buf body;

	(void)state;
	put_review(&body, 3000);
	assert_int_equal(decode(&request, &body, &room, &error), ADMWH_E_LIMIT);
	assert_int_equal(error.code, ADMWH_E_OVERLOAD);
	assert_string_equal(error.text, "no room for 32768 bytes");
	assert_string_equal(request.pub.uid, "u");
	awh_request_deinit(&request);
	awh_buf_deinit(&body);
}

static void counts_trees_when_they_are_asked_for(void **state)
{
	struct room room = {.left = SIZE_MAX / 2};
	struct awh_request request;
	struct admwh_patch patch;
	struct awh_error error;
	struct awh_buf body;
	size_t before;

	(void)state;
	put_review(&body, 1000);
	assert_int_equal(decode(&request, &body, &room, &error), 0);
	before = room.taken;
	assert_non_null(admwh_request_object_json(&request.pub));
	assert_int_equal(room.taken - before, 1002 * 320 + 2007);
	before = room.taken;
	assert_non_null(admwh_request_object_json(&request.pub));
	assert_int_equal(room.taken, before);
	awh_patch_init(&patch, &request);
	assert_non_null(admwh_patch_edit(&patch));
	assert_int_equal(room.taken - before, 1002 * 480 + 2007);
	before = room.taken;
	assert_non_null(admwh_patch_edit(&patch));
	assert_int_equal(room.taken, before);
	awh_patch_deinit(&patch);
	awh_request_deinit(&request);
	awh_buf_deinit(&body);
}

/* 256 KiB by 320 bytes a value and its text. */
static void counts_no_small_tree(void **state)
{
	static const struct {
		size_t values;
		bool counts;
	} cases[] = {{812, false}, {813, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct room room = {.left = SIZE_MAX / 2};
		struct awh_request request;
		struct awh_error error;
		struct awh_buf body;

		put_review(&body, cases[i].values);
		assert_int_equal(decode(&request, &body, &room, &error), 0);
		assert_non_null(admwh_request_object_json(&request.pub));
		assert_int_equal(room.taken > 0, cases[i].counts);
		awh_request_deinit(&request);
		awh_buf_deinit(&body);
	}
}

static void gives_no_tree_without_room(void **state)
{
	struct room room = {.left = 400000};
	struct awh_request request;
	struct admwh_patch patch;
	struct awh_error error;
	struct awh_buf body;

	(void)state;
	put_review(&body, 1000);
	assert_int_equal(decode(&request, &body, &room, &error), 0);
	awh_patch_init(&patch, &request);
	assert_null(admwh_patch_edit(&patch)); /* the tree, but not its copy */
	assert_int_equal(room.asked, 1002 * 480 + 2007);
	assert_int_equal(request.error.code, ADMWH_E_OVERLOAD);
	assert_non_null(admwh_request_object_json(&request.pub));
	awh_patch_deinit(&patch);
	awh_request_deinit(&request);
	room.left = 300000;
	assert_int_equal(decode(&request, &body, &room, &error), 0);
	awh_patch_init(&patch, &request);
	assert_null(admwh_request_object_json(&request.pub));
	assert_string_equal(request.error.text, "no room for 322647 bytes");
	assert_int_equal(admwh_patch_merge_new(&patch, json_object()), ADMWH_E_OVERLOAD);
	assert_string_equal(admwh_patch_error(&patch), "no room for 322647 bytes");
	awh_patch_deinit(&patch);
	awh_request_deinit(&request);
	awh_buf_deinit(&body);
}

static void an_edit_that_does_not_count_is_allowed(void **state)
{
	static const struct {
		size_t values;
		bool has_owner;
	} cases[] = {{1000, false}, {1, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct room room = {.left = 0};
		struct awh_request request;
		struct awh_error error;
		struct awh_buf body;

		put_review(&body, cases[i].values);
		assert_int_equal(decode(&request, &body, &room, &error), 0);
		if (!cases[i].has_owner)
			request.take = NULL;
		assert_int_equal(awh_request_take_edit(&request), 0);
		assert_true(request.may_edit);
		assert_int_equal(room.asked, 0);
		awh_request_deinit(&request);
		awh_buf_deinit(&body);
	}
}

/* Decode a review of n + 23 values, and leave its memory to the next. Returns what is kept. */
static size_t decode_with(struct awh_request_memory *memory, size_t n)
{
	const struct awh_decode_options options = {.depth = 10, .memory = memory};
	struct awh_request request;
	struct awh_buf body;
	size_t kept;

	put_review(&body, n);
	assert_int_equal(awh_request_decode(&request, body.data, body.len, &options, NULL), 0);
	assert_null(memory->arena.blocks);
	assert_null(memory->index.entries);
	assert_int_equal(memory->index.capacity, 0);
	kept = awh_request_recycle(&request, memory);
	assert_null(request.body);
	awh_buf_deinit(&body);
	return kept;
}

static void uses_the_memory_of_the_request_before(void **state)
{
	struct awh_request_memory memory = {.arena = AWH_ARENA_NULL};
	const void *block, *entries;
	size_t kept;

	(void)state;
	kept = decode_with(&memory, 1900);
	block = memory.arena.blocks;
	entries = memory.index.entries;
	assert_non_null(block);
	assert_non_null(entries);
	assert_int_equal(memory.index.capacity, 2048);
	assert_true(kept > 2048 * ENTRY + 4096);
	assert_int_equal(decode_with(&memory, 1), kept);
	assert_ptr_equal(memory.arena.blocks, block);
	assert_ptr_equal(memory.index.entries, entries);
	awh_request_memory_deinit(&memory);
}

static void keeps_no_large_index(void **state)
{
	struct awh_request_memory memory = {.arena = AWH_ARENA_NULL};
	size_t kept;

	(void)state;
	kept = decode_with(&memory, 4000);
	assert_null(memory.index.entries);
	assert_int_equal(memory.index.capacity, 0);
	assert_true(kept > 4096 && kept < 4096 + 100);
	awh_request_memory_deinit(&memory);
}

static void a_request_that_was_not_decoded_leaves_the_memory_as_it_is(void **state)
{
	struct awh_request_memory memory = {.arena = AWH_ARENA_NULL};
	struct awh_request request = {0};
	const void *block, *entries;
	size_t kept;

	(void)state;
	kept = decode_with(&memory, 1);
	block = memory.arena.blocks;
	entries = memory.index.entries;
	assert_int_equal(awh_request_recycle(&request, &memory), kept);
	assert_ptr_equal(memory.arena.blocks, block);
	assert_ptr_equal(memory.index.entries, entries);
	awh_request_memory_deinit(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_an_index_beyond_its_first_part),
	    cmocka_unit_test(an_index_without_room_is_no_review),
	    cmocka_unit_test(counts_trees_when_they_are_asked_for),
	    cmocka_unit_test(counts_no_small_tree),
	    cmocka_unit_test(gives_no_tree_without_room),
	    cmocka_unit_test(an_edit_that_does_not_count_is_allowed),
	    cmocka_unit_test(uses_the_memory_of_the_request_before),
	    cmocka_unit_test(keeps_no_large_index),
	    cmocka_unit_test(a_request_that_was_not_decoded_leaves_the_memory_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
