/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dispatch/files.h"

enum { SWAPS = 2000, READERS = 4 };

/* An object knows whether it is still there. */
struct object {
	int number;
	bool freed;
};

static atomic_int n_freed;

static void *parse(const char *bytes, size_t len, struct admwh_file *file, void *userdata)
{
	(void)bytes, (void)len, (void)file;
	return userdata;
}

/* The objects of the first tests are not of the heap. */
static void mark(void *object, void *userdata)
{
	(void)userdata;
	((struct object *)object)->freed = true;
	atomic_fetch_add(&n_freed, 1);
}

static void release(void *object, void *userdata)
{
	(void)userdata;
	free(object);
	atomic_fetch_add(&n_freed, 1);
}

static const struct object *see(const struct awh_request *request, const struct admwh_file *file)
{
	return admwh_request_file(&request->pub, file);
}

static void a_review_sees_the_version_that_it_began_with(void **state)
{
	struct object objects[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
	struct awh_files files = {0};
	struct admwh_file *file = awh_file_new("f", parse, mark, NULL);
	struct awh_request first = {0}, second = {0}, without = {0};

	(void)state;
	atomic_store(&n_freed, 0);
	assert_int_equal(awh_files_add(&files, file), 0);
	assert_int_equal(awh_file_swap(file, &objects[0]), 0);
	assert_int_equal(awh_files_pin(&files, &first), 0);
	assert_int_equal(awh_file_swap(file, &objects[1]), 0);
	assert_int_equal(awh_files_pin(&files, &second), 0);
	assert_int_equal(awh_file_swap(file, &objects[2]), 0);
	assert_ptr_equal(see(&first, file), &objects[0]);
	assert_ptr_equal(see(&second, file), &objects[1]);
	assert_ptr_equal(see(&without, file), &objects[2]); /* of no server */
	assert_int_equal(n_freed, 0);
	awh_files_unpin(&first);
	assert_true(objects[0].freed && !objects[1].freed);
	/* A deferral may outlive the server and its config. */
	awh_files_deinit(&files);
	assert_true(objects[2].freed && !objects[1].freed);
	assert_ptr_equal(see(&second, file), &objects[1]);
	awh_files_unpin(&second);
	assert_int_equal(n_freed, 3);
	awh_arena_deinit(&first.arena);
	awh_arena_deinit(&second.arena);
}

static void a_file_without_a_version_has_no_object(void **state)
{
	struct object object = {.number = 1};
	struct awh_files files = {0};
	struct admwh_file *file = awh_file_new("f", parse, mark, NULL);
	struct admwh_file *other = awh_file_new("g", parse, mark, NULL);
	struct awh_request request = {0};

	(void)state;
	assert_int_equal(awh_files_add(&files, file), 0);
	assert_null(admwh_file_object(file));
	assert_int_equal(awh_files_pin(&files, &request), 0);
	assert_int_equal(awh_file_swap(file, &object), 0);
	assert_null(see(&request, file)); /* there was none when it began */
	assert_int_equal(awh_file_swap(other, &object), 0);
	assert_null(see(&request, other)); /* of another server */
	assert_null(see(&request, NULL));
	assert_null(admwh_request_file(NULL, file));
	assert_null(admwh_file_object(NULL));
	awh_files_unpin(&request);
	awh_arena_deinit(&request.arena);
	awh_files_deinit(&files);
	awh_file_free(other);
	awh_file_free(NULL);
}

static struct awh_files shared;
static atomic_bool done;

static char no_memory[] = "no memory", older[] = "an older version came back",
	    other[] = "the version changed";

/* Each version is whole, and does not change, for as long as it is held. */
static void *read_versions(void *userdata)
{
	int last = 0;

	(void)userdata;
	while (!atomic_load(&done)) {
		struct awh_request request = {0};
		const struct object *object, *again;

		if (awh_files_pin(&shared, &request))
			return no_memory;
		object = see(&request, shared.items[0]);
		if (!object || object->number < last)
			return older;
		last = object->number;
		again = see(&request, shared.items[0]);
		awh_files_unpin(&request);
		awh_arena_deinit(&request.arena);
		if (again != object)
			return other;
	}
	return NULL;
}

static void versions_are_swapped_under_reviews(void **state)
{
	pthread_t threads[READERS];
	struct admwh_file *file = awh_file_new("f", parse, release, NULL);

	(void)state;
	atomic_store(&n_freed, 0);
	assert_int_equal(awh_files_add(&shared, file), 0);
	for (int i = 0; i < SWAPS; i++) {
		struct object *object = calloc(1, sizeof(*object));

		object->number = i;
		assert_int_equal(awh_file_swap(file, object), 0);
		for (int j = 0; i == 0 && j < READERS; j++)
			assert_int_equal(pthread_create(&threads[j], NULL, read_versions, NULL), 0);
	}
	atomic_store(&done, true);
	for (int i = 0; i < READERS; i++) {
		void *problem;

		pthread_join(threads[i], &problem);
		if (problem)
			fail_msg("%s", (char *)problem);
	}
	assert_int_equal(n_freed, SWAPS - 1);
	awh_files_deinit(&shared);
	assert_int_equal(n_freed, SWAPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_review_sees_the_version_that_it_began_with),
	    cmocka_unit_test(a_file_without_a_version_has_no_object),
	    cmocka_unit_test(versions_are_swapped_under_reviews),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
