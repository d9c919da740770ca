/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "live_file.h"

static int alive; /* contents that were made and not freed */
static int fails; /* how many readings fail that could succeed */

static void *read_number(struct place *place, json_t *root, void *userdata)
{
	json_t *number = json_object_get(root, "number");

	if (!json_is_integer(number)) {
		config_enter(place, "number");
		config_complain(place, "expected a number");
		return NULL;
	}
	assert_ptr_equal(userdata, &alive);
	if (fails > 0) {
		fails--;
		config_complain(place, "out of memory");
		return NULL;
	}
	alive++;
	return json_incref(number);
}

static void free_number(void *number)
{
	alive--;
	json_decref(number);
}

/* A new file in the place of the old one, as kubelet makes it. */
static void replace(const char *file, const char *text)
{
	char fresh[64];
	FILE *stream;

	snprintf(fresh, sizeof(fresh), "%s.new", file);
	stream = fopen(fresh, "w");
	assert_non_null(stream);
	fputs(text, stream);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(rename(fresh, file), 0);
}

static json_int_t number_of(struct live_file *live)
{
	struct live_content *content = live_file_hold(live);
	json_int_t number = json_integer_value(live_content_value(content));

	live_file_let_go(live, content);
	return number;
}

static int set_up(void **state)
{
	static char file[] = "/tmp/admwh-live-XXXXXX";
	int fd;

	strcpy(file, "/tmp/admwh-live-XXXXXX");
	fd = mkstemp(file);
	close(fd);
	*state = file;
	return fd < 0;
}

static int tear_down(void **state)
{
	unlink(*state);
	return alive;
}

static void refuses_to_begin_with_a_file_that_is_not_there(void **state)
{
	struct problem problem = {""};

	(void)state;
	assert_null(live_file_new("/nowhere/x.json", read_number, free_number, &alive, &problem));
	assert_string_equal(problem.text, "/nowhere/x.json: No such file or directory");
}

static void refuses_to_begin_with_a_file_that_is_wrong(void **state)
{
	struct problem problem = {""};
	char expected[100];

	replace(*state, "{\"number\":\"1\"}");
	assert_null(live_file_new(*state, read_number, free_number, &alive, &problem));
	snprintf(expected, sizeof(expected), "%s: /number: expected a number", (char *)*state);
	assert_string_equal(problem.text, expected);
}

static void reads_a_file_again_when_it_has_changed(void **state)
{
	struct problem problem = {""};
	struct live_file *live;

	replace(*state, "{\"number\":1}");
	live = live_file_new(*state, read_number, free_number, &alive, &problem);
	assert_non_null(live);
	assert_int_equal(number_of(live), 1);
	replace(*state, "{\"number\":2}");
	assert_int_equal(number_of(live), 1);
	live_file_refresh(live);
	assert_int_equal(number_of(live), 2);
	live_file_free(live);
}

static void keeps_the_last_good_content(void **state)
{
	static const char *const broken[] = {"", "{", "{\"number\":\"2\"}", "[]"};
	struct problem problem = {""};
	struct live_file *live;

	replace(*state, "{\"number\":1}");
	live = live_file_new(*state, read_number, free_number, &alive, &problem);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		replace(*state, broken[i]);
		live_file_refresh(live);
		assert_int_equal(number_of(live), 1);
	}
	unlink(*state);
	live_file_refresh(live);
	assert_int_equal(number_of(live), 1);
	replace(*state, "{\"number\":3}");
	live_file_refresh(live);
	assert_int_equal(number_of(live), 3);
	live_file_free(live);
}

static void tries_again_what_failed_for_a_passing_reason(void **state)
{
	struct problem problem = {""};
	struct live_file *live;

	replace(*state, "{\"number\":1}");
	live = live_file_new(*state, read_number, free_number, &alive, &problem);
	replace(*state, "{\"number\":2}");
	fails = 1;
	live_file_refresh(live);
	assert_int_equal(number_of(live), 1);
	live_file_refresh(live);
	assert_int_equal(number_of(live), 2);
	live_file_free(live);
}

static void tries_ever_more_rarely_what_goes_on_failing(void **state)
{
	struct problem problem = {""};
	struct live_file *live;

	replace(*state, "{\"number\":1}");
	live = live_file_new(*state, read_number, free_number, &alive, &problem);
	replace(*state, "{\"number\":2}");
	fails = 1000;
	for (int i = 0; i < 8; i++) /* read at looks 0, 1, 3, 7 */
		live_file_refresh(live);
	assert_int_equal(fails, 996);
	fails = 0;
	for (int i = 0; i < 8; i++)
		live_file_refresh(live);
	assert_int_equal(number_of(live), 2);
	live_file_free(live);
}

static void lets_old_content_stand_while_it_is_held(void **state)
{
	struct problem problem = {""};
	struct live_content *held;
	struct live_file *live;

	replace(*state, "{\"number\":1}");
	live = live_file_new(*state, read_number, free_number, &alive, &problem);
	held = live_file_hold(live);
	replace(*state, "{\"number\":2}");
	live_file_refresh(live);
	assert_int_equal(alive, 2);
	assert_int_equal(json_integer_value(live_content_value(held)), 1);
	live_file_let_go(live, held);
	assert_int_equal(alive, 1);
	live_file_free(live);
}

static void watches_by_itself(void **state)
{
	struct problem problem = {""};
	struct live_file *live;
	struct live_watch *watch;

	replace(*state, "{\"number\":1}");
	live = live_file_new(*state, read_number, free_number, &alive, &problem);
	watch = live_watch_new(&live, 1);
	assert_non_null(watch);
	replace(*state, "{\"number\":2}");
	for (int i = 0; i < 1000 && number_of(live) == 1; i++)
		usleep(10000);
	assert_int_equal(number_of(live), 2);
	live_watch_free(watch);
	live_file_free(live);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(refuses_to_begin_with_a_file_that_is_not_there),
	    TEST(refuses_to_begin_with_a_file_that_is_wrong),
	    TEST(reads_a_file_again_when_it_has_changed),
	    TEST(keeps_the_last_good_content),
	    TEST(tries_again_what_failed_for_a_passing_reason),
	    TEST(tries_ever_more_rarely_what_goes_on_failing),
	    TEST(lets_old_content_stand_while_it_is_held),
	    TEST(watches_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
