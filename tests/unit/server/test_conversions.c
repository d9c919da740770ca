/* SPDX-License-Identifier: MIT */
/* What a server makes of conversions before it starts, and which ports it then has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../good_server.h"

static struct server_fixture fixture;

static int make(bool has_address)
{
	fixture = (struct server_fixture){.config = admwh_config_new()};
	if (set_up_main_endpoint(fixture.config) ||
	    (has_address && admwh_config_set_conversion_listen(fixture.config, "127.0.0.1:0")))
		return -1;
	fixture.server = admwh_server_new(fixture.config);
	return fixture.server ? 0 : -1;
}

static int set_up(void **state)
{
	*state = &fixture;
	return make(true);
}

static int set_up_without_address(void **state)
{
	*state = &fixture;
	return make(false);
}

static void refuses_an_address_that_is_none(void **state)
{
	struct admwh_config *config = admwh_config_new();

	(void)state;
	assert_int_equal(admwh_config_set_conversion_listen(config, "example.com:1"),
			 ADMWH_E_INVAL);
	assert_non_null(strstr(admwh_config_error(config), "conversion address"));
	assert_int_equal(admwh_config_set_conversion_listen(config, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_set_conversion_listen(NULL, ":1"), ADMWH_E_NOMEM);
	admwh_config_free(config);
}

static void needs_an_address_to_start(void **state)
{
	(void)state;
	assert_int_equal(admwh_server_add_conversion(fixture.server, "/c", keep, NULL), 0);
	assert_int_equal(admwh_server_start(fixture.server), ADMWH_E_STATE);
	assert_string_equal(admwh_server_error(fixture.server),
			    "the server converts at /c, and has no address for that: "
			    "admwh_config_set_conversion_listen()");
}

static void has_no_listener_without_a_handler(void **state)
{
	(void)state;
	assert_non_null(admwh_server_add_validator(fixture.server, "/a", allow, NULL));
	assert_int_equal(admwh_server_start(fixture.server), 0);
	assert_int_equal(admwh_server_conversion_port(fixture.server), 0);
}

static void starts_with_conversions_alone(void **state)
{
	(void)state;
	assert_int_equal(admwh_server_conversion_port(fixture.server), 0);
	assert_int_equal(admwh_server_add_conversion(fixture.server, "/c", keep, NULL), 0);
	assert_int_equal(admwh_server_start(fixture.server), 0);
	assert_true(admwh_server_conversion_port(fixture.server) > 0);
	assert_true(admwh_server_conversion_port(fixture.server) !=
		    admwh_server_port(fixture.server));
	assert_int_equal(admwh_server_add_conversion(fixture.server, "/d", keep, NULL),
			 ADMWH_E_STATE);
	admwh_server_stop(fixture.server);
	assert_int_equal(admwh_server_wait(fixture.server), 0);
}

static void refuses_paths_that_cannot_be(void **state)
{
	static const struct {
		const char *path;
		int err;
	} cases[] = {
	    {NULL, ADMWH_E_INVAL},      {"c", ADMWH_E_INVAL},       {"/c/", ADMWH_E_INVAL},
	    {"/c?x", ADMWH_E_INVAL},    {"/c/{id}", ADMWH_E_INVAL}, {"/a", ADMWH_E_EXISTS},
	    {"/taken", ADMWH_E_EXISTS},
	};
	struct admwh_server *server = fixture.server;

	(void)state;
	assert_non_null(admwh_server_add_validator(server, "/a", allow, NULL));
	assert_int_equal(admwh_server_add_conversion(server, "/taken", keep, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(admwh_server_add_conversion(server, cases[i].path, keep, NULL),
				 cases[i].err);
	assert_int_equal(admwh_server_add_conversion(server, "/d", NULL, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_add_conversion(NULL, "/d", keep, NULL), ADMWH_E_INVAL);
	assert_null(admwh_server_add_validator(server, "/taken", allow, NULL));
	assert_string_equal(admwh_server_error(server), "/taken has a handler already");
}

static struct admwh_conversions listener; /* without pairs: nothing is converted here */

/* Of docs/conversion.md. */
static int set_up_conversions(struct admwh_config *config, struct admwh_server **server)
{
	if (admwh_config_set_conversion_listen(config, "0.0.0.0:9445"))
		return -1;
	*server = admwh_server_new(config);
	return admwh_server_add_conversion(*server, "/convert", admwh_conversions_run, &listener);
}

static void is_set_up_as_the_document_says(void **state)
{
	struct server_fixture own = {.config = admwh_config_new()};
	void *place = &own;

	(void)state;
	assert_int_equal(set_up_main_endpoint(own.config), 0);
	assert_int_equal(set_up_conversions(own.config, &own.server), 0);
	tear_down_server(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_an_address_that_is_none),
	    cmocka_unit_test_setup_teardown(needs_an_address_to_start, set_up_without_address,
					    tear_down_server),
	    cmocka_unit_test_setup_teardown(has_no_listener_without_a_handler, set_up,
					    tear_down_server),
	    cmocka_unit_test_setup_teardown(starts_with_conversions_alone, set_up,
					    tear_down_server),
	    cmocka_unit_test_setup_teardown(refuses_paths_that_cannot_be, set_up, tear_down_server),
	    cmocka_unit_test(is_set_up_as_the_document_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
