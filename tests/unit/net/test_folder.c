/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/folder.h"

enum { TIME_MS = 20000 };

struct fixture {
	char path[64];
	struct awh_loop *loop;
	struct awh_folder *folder;
	struct awh_watch *timer;
	const char *expected;
	bool told;
};

static void end(struct fixture *fixture)
{
	awh_folder_free(fixture->folder);
	awh_watch_free(fixture->timer);
	fixture->folder = NULL;
	fixture->timer = NULL;
	awh_loop_end(fixture->loop);
}

static void on_change(void *userdata, const char *name)
{
	struct fixture *fixture = userdata;

	if (!name || strcmp(name, fixture->expected) != 0 || fixture->told)
		return;
	fixture->told = true;
	end(fixture);
}

static void on_timer(void *userdata, unsigned int happened)
{
	(void)happened;
	end(userdata);
}

static void set_up(struct fixture *fixture)
{
	struct awh_error error = {0};

	snprintf(fixture->path, sizeof(fixture->path), "/tmp/admwh-folder-XXXXXX");
	assert_non_null(mkdtemp(fixture->path));
	fixture->loop = awh_loop_new(&error);
	assert_non_null(fixture->loop);
}

static const char *in(const struct fixture *fixture, const char *name)
{
	static char paths[2][128];
	static unsigned int next;
	char *path = paths[next++ % 2];

	snprintf(path, sizeof(paths[0]), "%s/%s", fixture->path, name);
	return path;
}

static void put(const struct fixture *fixture, const char *name)
{
	int fd = open(in(fixture, name), O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

static void create(struct fixture *fixture)
{
	put(fixture, "new");
}

static void write_in_place(struct fixture *fixture)
{
	put(fixture, "there");
}

static void delete_it(struct fixture *fixture)
{
	unlink(in(fixture, "there"));
}

static void rename_over(struct fixture *fixture)
{
	rename(in(fixture, "other"), in(fixture, "there"));
}

static void link_it(struct fixture *fixture)
{
	assert_int_equal(symlink("x", in(fixture, "..data_tmp")), 0);
	rename(in(fixture, "..data_tmp"), in(fixture, "..data"));
}

static void remove_all(struct fixture *fixture)
{
	unlink(in(fixture, "there"));
	unlink(in(fixture, "other"));
	rmdir(fixture->path);
}

static void reports_what_changes(void **state)
{
	static const struct {
		void (*change)(struct fixture *fixture);
		const char *name; /* NULL: the folder's own */
	} cases[] = {
	    {create, "new"},        {write_in_place, "there"}, {delete_it, "there"},
	    {rename_over, "there"}, {link_it, "..data"},       {remove_all, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture = {.expected = cases[i].name};
		struct awh_error error = {0};

		set_up(&fixture);
		if (!fixture.expected)
			fixture.expected = strrchr(fixture.path, '/') + 1;
		put(&fixture, "there");
		put(&fixture, "other");
		fixture.folder = awh_folder_new(fixture.loop, fixture.path, on_change, &fixture);
		assert_non_null(fixture.folder);
		fixture.timer = awh_watch_new(fixture.loop, -1, on_timer, &fixture);
		awh_watch_timer(fixture.timer, TIME_MS);
		cases[i].change(&fixture);
		assert_int_equal(awh_loop_start(fixture.loop, NULL, &error), 0);
		awh_loop_join(fixture.loop);
		assert_true(fixture.told);
		awh_loop_free(fixture.loop);
		remove_all(&fixture);
		unlink(in(&fixture, "new"));
		unlink(in(&fixture, "..data"));
		rmdir(fixture.path);
	}
}

static void watches_nothing_that_is_not_there(void **state)
{
	struct fixture fixture = {0};

	(void)state;
	set_up(&fixture);
	rmdir(fixture.path);
	assert_null(awh_folder_new(fixture.loop, fixture.path, on_change, &fixture));
	awh_folder_free(NULL);
	awh_loop_free(fixture.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(watches_nothing_that_is_not_there),
	    cmocka_unit_test(reports_what_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
