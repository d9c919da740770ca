/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of the library fails in turn, from the first setter to the
 * end of a server: it says so, or does without, and nothing is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../good_server.h"
#include "../wrapped_alloc.h"

static atomic_long left; /* allocations until one fails; negative: none does */

static bool alloc_fails(void)
{
	return atomic_fetch_sub(&left, 1) == 0;
}

/* A server's whole life but for requests; whether all of it went well. */
static bool live(void)
{
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *server = NULL;
	bool good = set_up_config(config) == 0 && (server = admwh_server_new(config));

	if (!good)
		assert_string_not_equal(admwh_config_error(config), "");
	good = good && admwh_server_add_validator(server, "/a", allow, NULL) &&
	       admwh_server_add_health_path(server, "/healthz") == 0;
	if (good) {
		admwh_server_stop(server);
		good = admwh_server_run(server) == 0;
	}
	if (!good && server)
		assert_string_not_equal(admwh_server_error(server), "");
	admwh_server_free(server);
	admwh_config_free(config);
	return good;
}

static void survives_every_allocation_that_fails(void **state)
{
	long n = 0, survived = 0;

	(void)state;
	for (bool ran_out = true; ran_out; n++) {
		atomic_store(&left, n);
		survived += live();
		ran_out = atomic_load(&left) < 0;
	}
	atomic_store(&left, -1);
	assert_true(n > 50);
	assert_true(survived >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(survives_every_allocation_that_fails),
	};

	atomic_store(&left, -1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
