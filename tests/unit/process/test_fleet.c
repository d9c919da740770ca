/* SPDX-License-Identifier: MIT */
/* The places of worker processes: shared by all of them, and whose turn a connection is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "process/fleet.h"

enum { PLACES = 4, ROOM = 1024 };

struct fixture {
	struct awh_gauges gauges[PLACES + 1];
	struct awh_fleet *fleet;
};

static struct fixture fixture;

static int set_up(void **state)
{
	(void)state;
	fixture = (struct fixture){.fleet = awh_fleet_new(PLACES, fixture.gauges)};
	return fixture.fleet ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	awh_fleet_free(fixture.fleet);
	return 0;
}

static void put(size_t place, size_t connections, bool serves)
{
	atomic_store(&fixture.gauges[place].connections[AWH_ENDPOINT_MAIN], connections);
	atomic_store(&fixture.fleet->places[place].serves, serves);
}

static bool is_turn(size_t place, size_t connections)
{
	return awh_fleet_turn(fixture.fleet, &fixture.fleet->places[place], connections);
}

static void there_is_none_for_more_places_than_memory_has(void **state)
{
	(void)state;
	assert_null(
	    awh_fleet_new(SIZE_MAX / sizeof(*fixture.fleet->places) - 4096, fixture.gauges));
	awh_fleet_free(NULL);
}

static void take_turns_by_how_many_connections_they_have(void **state)
{
	static const struct {
		size_t mine, others[3];
		bool serves[3];
		bool turn;
	} cases[] = {
	    {1, {0, 1, 1}, {true, true, true}, false},
	    {1, {0, 1, 1}, {false, true, true}, true},
	    {2, {1, 9, 9}, {true, true, true}, false},
	    {7, {6, 6, 6}, {true, true, true}, false},
	    {10, {8, 9, 9}, {true, true, true}, false},
	    {0, {0, 0, 0}, {true, true, true}, true},
	    {5, {5, 6, 7}, {true, true, true}, true},
	    {9, {8, 9, 9}, {true, true, true}, true}, /* an eighth more is no matter */
	    {100, {89, 99, 99}, {true, true, true}, true},
	    {101, {89, 99, 99}, {true, true, true}, false},
	    {500, {1, 2, 3}, {false, false, false}, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put(0, cases[i].mine, true);
		for (size_t j = 0; j < 3; j++)
			put(j + 1, cases[i].others[j], cases[i].serves[j]);
		assert_int_equal(is_turn(0, ROOM), cases[i].turn);
	}
}

static void a_full_place_takes_no_turns(void **state)
{
	(void)state;
	put(0, 6, true);
	for (size_t i = 1; i < PLACES; i++)
		put(i, 4, true);
	assert_true(is_turn(0, 4));
	assert_false(is_turn(0, 5));
}

static void connections_of_the_health_endpoint_do_not_count(void **state)
{
	(void)state;
	put(0, 2, true);
	put(1, 2, true);
	atomic_store(&fixture.gauges[0].connections[AWH_ENDPOINT_HEALTH], 50);
	assert_true(is_turn(0, ROOM));
}

/* The watcher has a place behind those of the workers, and serves no review. */
static void the_watcher_is_no_worker(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		put(i, 3, false);
	put(PLACES, 0, true);
	assert_int_equal(awh_fleet_serving(fixture.fleet), 0);
	assert_true(is_turn(0, ROOM));
}

static void those_that_serve_are_counted(void **state)
{
	(void)state;
	assert_int_equal(awh_fleet_serving(fixture.fleet), 0);
	for (size_t i = 0; i < PLACES; i++) {
		put(i, 0, true);
		assert_int_equal(awh_fleet_serving(fixture.fleet), i + 1);
	}
	put(2, 0, false);
	assert_int_equal(awh_fleet_serving(fixture.fleet), PLACES - 1);
}

static void what_one_process_says_all_of_them_see(void **state)
{
	struct awh_fleet *fleet = fixture.fleet;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		atomic_store(&fleet->places[1].serves, true);
		atomic_store(&fleet->places[2].done, true);
		atomic_store(&fleet->places[PLACES].cut_off, true);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(awh_fleet_serving(fleet), 1);
	assert_true(atomic_load(&fleet->places[2].done));
	assert_true(atomic_load(&fleet->places[PLACES].cut_off));
	assert_false(atomic_load(&fleet->places[0].cut_off));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_is_none_for_more_places_than_memory_has),
	    TEST(take_turns_by_how_many_connections_they_have),
	    TEST(a_full_place_takes_no_turns),
	    TEST(connections_of_the_health_endpoint_do_not_count),
	    TEST(the_watcher_is_no_worker),
	    TEST(those_that_serve_are_counted),
	    TEST(what_one_process_says_all_of_them_see),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
