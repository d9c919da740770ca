/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../temp_folder.h"
#include "reload/path_watch.h"

/* The steps of a file's way: folder and name in turn; folders are told from the test's own. */
static void leads(const char *file, const char *const *steps)
{
	struct awh_path_watch path_watch = {0};
	size_t n = 0;

	assert_int_equal(awh_path_watch_add(&path_watch, file), 0);
	for (; steps[2 * n]; n++) {
		char expected[256];

		assert_true(n < path_watch.n_items);
		snprintf(expected, sizeof(expected), "%s%s", folder, steps[2 * n]);
		assert_string_equal(path_watch.items[n].folder, expected);
		assert_string_equal(path_watch.items[n].name, steps[2 * n + 1]);
	}
	assert_int_equal(path_watch.n_items, n);
	awh_path_watch_deinit(&path_watch);
}

static void ends_where_nothing_is_yet(void **state)
{
	(void)state;
	leads(in_folder("none"), (const char *const[]){"", "none", NULL});
	leads(in_folder("no/such/file"), (const char *const[]){"", "no", NULL});
}

static void does_not_walk_in_circles(void **state)
{
	struct awh_path_watch path_watch = {0};

	(void)state;
	assert_int_equal(symlink("b", in_folder("a")), 0);
	assert_int_equal(symlink("a", in_folder("b")), 0);
	assert_int_equal(awh_path_watch_add(&path_watch, in_folder("a")), 0);
	assert_true(path_watch.n_items < 50);
	assert_int_equal(awh_path_watch_add(&path_watch, ""), 0);
	assert_int_equal(awh_path_watch_add(&path_watch, "/"), 0);
	awh_path_watch_deinit(&path_watch);
}

static void survives_names_that_are_too_long(void **state)
{
	struct awh_path_watch path_watch = {0};
	char *name = malloc(10000);

	(void)state;
	assert_non_null(name);
	memset(name, 'a', 9999);
	name[9999] = '\0';
	assert_int_equal(awh_path_watch_add(&path_watch, name), 0);
	name[300] = '\0';
	assert_int_equal(awh_path_watch_add(&path_watch, name), 0);
	for (size_t i = 0; i < 9999; i += 2)
		memcpy(name + i, "a/", 2);
	name[9999] = '\0';
	assert_int_equal(awh_path_watch_add(&path_watch, name), 0);
	assert_int_equal(path_watch.n_items, 0);
	free(name);
	awh_path_watch_deinit(&path_watch);
}

static void knows_a_volume_of_a_kubelet(void **state)
{
	struct awh_path_watch path_watch = {0};

	(void)state;
	assert_int_equal(mkdir(in_folder("tls"), 0700), 0);
	assert_int_equal(mkdir(in_folder("tls/..2026"), 0700), 0);
	put_text("tls/..2026/tls.crt", "x");
	assert_int_equal(symlink("..2026", in_folder("tls/..data")), 0);
	assert_int_equal(symlink("..data/tls.crt", in_folder("tls/tls.crt")), 0);
	leads(in_folder("tls/tls.crt"), (const char *const[]){"/tls", "tls.crt", "/tls", "..data",
							      "/tls/..2026", "tls.crt", NULL});
	awh_path_watch_add(&path_watch, in_folder("tls/tls.crt"));
	assert_true(awh_path_watch_has(&path_watch, "..data"));
	assert_true(awh_path_watch_has(&path_watch, "tls"));
	assert_false(awh_path_watch_has(&path_watch, "..data_tmp"));
	assert_false(awh_path_watch_has(&path_watch, "other"));
	awh_path_watch_deinit(&path_watch);
}

static void follows_links_up_and_away(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("v1"), 0700), 0);
	assert_int_equal(mkdir(in_folder("x"), 0700), 0);
	put_text("v1/f", "x");
	assert_int_equal(symlink("../v1", in_folder("x/now")), 0);
	leads(in_folder("x/now/f"), (const char *const[]){"/x", "now", "/x/../v1", "f", NULL});
	assert_int_equal(symlink(in_folder("v1/f"), in_folder("x/far")), 0);
	leads(in_folder("x//far"), (const char *const[]){"/x", "far", "/v1", "f", NULL});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends_where_nothing_is_yet),
	    cmocka_unit_test(does_not_walk_in_circles),
	    cmocka_unit_test(survives_names_that_are_too_long),
	    cmocka_unit_test(knows_a_volume_of_a_kubelet),
	    cmocka_unit_test(follows_links_up_and_away),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
