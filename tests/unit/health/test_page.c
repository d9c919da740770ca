/* SPDX-License-Identifier: MIT */
/*
 * What the pages answer: each check in turn, of the library and of the program, at the health
 * endpoint and at the main one, for one process and for several. No socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_view.h"
#include "base/clock.h"
#include "health/page.h"
#include "http/http.h"

#define NO_LISTENER "internal server error: the server does not listen\n"
#define NO_CERTIFICATE "internal server error: there is no certificate that can be used\n"
#define EXPIRED "internal server error: the certificate has expired\n"
#define STALLED                                                                                    \
	"internal server error: reviews wait, and no worker has begun one for longer than the "    \
	"deadline\n"
#define STOPPING "internal server error: the server is stopping\n"
#define NOT_APPLIED "internal server error: not applied yet\n"

enum certificate { GOOD, EXPIRED_SINCE, NONE_YET, NOT_STARTED };

struct fixture {
	struct made_view made;
	struct awh_pages pages;
	const char *applied; /* what the program's check says; NULL: all is well */
	char text[16384];    /* body of the last page */
	const char *type;    /* its Content-Type */
};

static struct fixture fixture;

static const char *check_applied(void *userdata)
{
	return *(const char **)userdata;
}

static void set_up_view(struct admwh_config *config, size_t n_slots)
{
	fixture = (struct fixture){0};
	assert_int_equal(admwh_config_add_ready_path(config, "/readiness"), 0);
	fixture.pages.view = make_view(&fixture.made, config, n_slots);
}

static int set_up(void **state)
{
	struct admwh_config *config = admwh_config_new();

	(void)state;
	assert_int_equal(set_up_config(config), 0);
	set_up_view(config, 3);
	put_snapshot(&fixture.made, &fixture.pages.view,
		     make_snapshot(config, &config->sources, false));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	awh_pages_deinit(&fixture.pages);
	unmake_view(&fixture.made);
	return 0;
}

static void add_check(const char *name)
{
	struct awh_check check = {.run = check_applied, .userdata = &fixture.applied};

	snprintf(check.name, sizeof(check.name), "%s", name);
	assert_int_equal(awh_checks_add(&fixture.pages.program, &check, &fixture.made.error), 0);
}

static void add_main(const char *path, struct admwh_route *route)
{
	assert_non_null(route);
	assert_int_equal(awh_routes_add(&fixture.made.routes, path, route, &fixture.made.error), 0);
}

static int make_pages(void)
{
	return awh_pages_make(&fixture.pages, &fixture.made.routes, &fixture.made.error);
}

static void make_good_pages(void)
{
	add_main("/healthz", awh_page_new_health(&fixture.pages));
	assert_int_equal(make_pages(), 0);
	freeze_routes(&fixture.made);
}

static int show(const struct admwh_route *route, const struct awh_http_head *head)
{
	struct awh_http_reply reply = {.status = 200, .content_type = "text/plain; charset=utf-8"};
	struct awh_buf body;

	awh_buf_init(&body, sizeof(fixture.text) - 1);
	route->page(route, head, &reply, &body);
	assert_int_equal(awh_buf_terminate(&body), 0);
	memcpy(fixture.text, body.data, body.len + 1);
	awh_buf_deinit(&body);
	fixture.type = reply.content_type;
	return reply.status;
}

/* Status of a page; 404 without one. */
static int get_of(const struct awh_routes *routes, const char *target, const char *accept)
{
	const struct admwh_route *route;
	struct awh_http_head head = {.method = "GET", .target = target, .accept = accept};
	char path[256];

	snprintf(path, sizeof(path), "%.*s", (int)strcspn(target, "?"), target);
	head.path = path;
	route = awh_routes_find(routes, path);
	fixture.text[0] = '\0';
	return route ? show(route, &head) : 404;
}

static int get(const char *target)
{
	return get_of(&fixture.pages.routes, target, NULL);
}

static int get_main(const char *target)
{
	return get_of(&fixture.made.routes, target, NULL);
}

static void answers(int status, int wanted_status, const char *wanted, const char *target)
{
	if (status != wanted_status || strcmp(fixture.text, wanted) != 0)
		fail_msg("%s: %d %s", target, status, fixture.text);
}

static void read_file(struct awh_sources *sources, enum awh_source_kind kind, const char *name)
{
	char path[4096];
	const struct awh_source_name what = {.kind = kind,
					     .file = pki_file(path, sizeof(path), name)};
	struct awh_source source;

	assert_int_equal(awh_source_read(&source, &what, &fixture.made.error), 0);
	assert_int_equal(awh_sources_add(sources, &source), 0);
}

static void put_expired(void)
{
	struct awh_sources sources = {0};

	read_file(&sources, AWH_SOURCE_CERTIFICATE, "server/expired.crt");
	read_file(&sources, AWH_SOURCE_KEY, "keys/server.key");
	read_file(&sources, AWH_SOURCE_CLIENT_CA, "ca/good.crt");
	put_snapshot(&fixture.made, &fixture.pages.view,
		     make_snapshot(fixture.made.config, &sources, true));
	awh_sources_deinit(&sources);
}

static void put_certificate(enum certificate certificate)
{
	struct admwh_config *config = fixture.made.config;
	struct awh_view *view = &fixture.pages.view;

	if (certificate == GOOD)
		put_snapshot(&fixture.made, view, make_snapshot(config, &config->sources, false));
	else if (certificate == EXPIRED_SINCE)
		put_expired();
	else if (certificate == NONE_YET)
		put_snapshot(&fixture.made, view, NULL);
	else
		view->reloader = NULL;
}

/* Reviews wait in a process, since its last one was taken. */
static void let_wait(size_t slot, int64_t ms)
{
	struct awh_gauges *gauges = &fixture.made.events.metrics.slots[slot];

	atomic_store(&gauges->queued, ms > 0);
	atomic_store(&gauges->moved_ms, awh_clock_ms() - ms);
}

static void a_check_of_the_program_cannot_have_a_name_of_the_librarys(void **state)
{
	static const struct {
		const char *name;
		bool is_taken;
	} cases[] = {
	    {"listening", true}, {"certificate", true}, {"workers", true},
	    {"shutdown", true},  {"ping", true},        {"Ping", false},
	    {"pin", false},      {"pings", false},      {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(awh_check_is_taken(cases[i].name), cases[i].is_taken);
	add_check("shutdown");
	assert_int_equal(make_pages(), ADMWH_E_EXISTS);
}

static void a_path_of_a_check_that_has_a_handler_is_refused(void **state)
{
	(void)state;
	add_check("applied");
	add_main("/healthz", awh_page_new_health(&fixture.pages));
	add_main("/healthz/applied", admwh_route_new_validator(allow, NULL));
	assert_int_equal(make_pages(), ADMWH_E_EXISTS);
	assert_non_null(strstr(fixture.made.error.text, "/healthz/applied"));
}

static void a_ready_path_that_is_a_page_already_is_refused(void **state)
{
	(void)state;
	assert_int_equal(admwh_config_add_ready_path(fixture.made.config, "/metrics"), 0);
	assert_int_equal(make_pages(), ADMWH_E_EXISTS);
	assert_non_null(strstr(fixture.made.error.text, "/metrics"));
}

static void has_these_pages_and_no_others(void **state)
{
	static const char *const health[] = {
	    "/configz",          "/healthz",         "/livez",          "/metrics",
	    "/readiness",        "/readyz",          "/readyz/applied", "/readyz/certificate",
	    "/readyz/listening", "/readyz/shutdown", "/readyz/workers",
	};
	static const char *const main_paths[] = {"/healthz", "/healthz/applied", "/other",
						 "/other/applied"};

	(void)state;
	add_check("applied");
	add_main("/other", awh_page_new_health(&fixture.pages));
	make_good_pages();
	assert_int_equal(fixture.pages.routes.n_items, sizeof(health) / sizeof(health[0]));
	for (size_t i = 0; i < fixture.pages.routes.n_items; i++)
		assert_string_equal(fixture.pages.routes.items[i]->path, health[i]);
	assert_int_equal(fixture.made.routes.n_items, sizeof(main_paths) / sizeof(main_paths[0]));
	for (size_t i = 0; i < fixture.made.routes.n_items; i++)
		assert_string_equal(fixture.made.routes.items[i]->path, main_paths[i]);
}

/* One thing at a time is wrong: whose check fails, and its own page with the reason. */
static void each_check_of_the_library_fails_with_503(void **state)
{
	static const struct {
		bool is_deaf, stops;
		enum certificate certificate;
		int64_t waits_ms;
		const char *target, *reason;
	} cases[] = {
	    {true, false, GOOD, 0, "/readyz/listening", NO_LISTENER},
	    {false, true, GOOD, 0, "/readyz/shutdown", STOPPING},
	    {false, false, NONE_YET, 0, "/readyz/certificate", NO_CERTIFICATE},
	    {false, false, NOT_STARTED, 0, "/readyz/certificate", NO_CERTIFICATE},
	    {false, false, EXPIRED_SINCE, 0, "/readyz/certificate", EXPIRED},
	    {false, false, GOOD, 31000, "/readyz/workers", STALLED},
	};
	static const char *const targets[] = {"/readyz/listening", "/readyz/certificate",
					      "/readyz/workers", "/readyz/shutdown"};

	(void)state;
	make_good_pages();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[256];

		atomic_store(&fixture.made.listening, !cases[i].is_deaf);
		atomic_store(&fixture.made.stopping, cases[i].stops);
		put_certificate(cases[i].certificate);
		let_wait(0, cases[i].waits_ms);
		for (size_t j = 0; j < sizeof(targets) / sizeof(targets[0]); j++) {
			bool fails = strcmp(targets[j], cases[i].target) == 0;

			answers(get(targets[j]), fails ? 503 : 200, fails ? cases[i].reason : "ok",
				targets[j]);
		}
		assert_int_equal(get("/readyz"), 503);
		snprintf(line, sizeof(line), "[-]%s failed: reason withheld\n",
			 cases[i].target + strlen("/readyz/"));
		assert_non_null(strstr(fixture.text, line));
		assert_null(strstr(strstr(fixture.text, line) + 1, "[-]"));
		answers(get("/readiness"), 503, "", "/readiness");
		answers(get("/livez"), 200, "ok", "/livez");
		answers(get("/healthz"), 200, "ok", "/healthz");
	}
}

static void reviews_that_wait_no_longer_than_the_deadline_are_no_failure(void **state)
{
	(void)state;
	make_good_pages();
	let_wait(0, 20000);
	assert_int_equal(get("/readyz"), 200);
	fixture.made.config->limits[ADMWH_LIMIT_DEADLINE] = 10000;
	assert_int_equal(get("/readyz"), 503);
	let_wait(0, 0); /* none waits: how long ago the last one was taken is no matter */
	atomic_store(&fixture.made.events.metrics.slots[0].moved_ms, INT32_MIN);
	assert_int_equal(get("/readyz"), 200);
}

static void answers_as_kubernetes_components_do(void **state)
{
	static const struct {
		const char *target, *body;
	} cases[] = {
	    {"/healthz", "ok"},
	    {"/livez", "ok"},
	    {"/readyz", "ok"},
	    {"/readyz?", "ok"},
	    {"/readiness?verbose", ""},
	    {"/livez?verbose", "[+]ping ok\nlivez check passed\n"},
	    {"/healthz?verbose&exclude=ping", "[+]ping excluded: ok\nhealthz check passed\n"},
	    {"/readyz?verbose", "[+]listening ok\n[+]certificate ok\n[+]workers ok\n[+]applied ok\n"
				"[+]shutdown ok\nreadyz check passed\n"},
	    {"/readyz?verbose&exclude=listening&exclude=applied",
	     "[+]listening excluded: ok\n[+]certificate ok\n[+]workers ok\n[+]applied excluded: "
	     "ok\n[+]shutdown ok\nreadyz check passed\n"},
	};

	(void)state;
	add_check("applied");
	make_good_pages();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answers(get(cases[i].target), 200, cases[i].body, cases[i].target);
		assert_string_equal(fixture.type, "text/plain; charset=utf-8");
	}
}

static void a_check_of_the_program_fails_both_endpoints_with_500(void **state)
{
	static const char ready[] = "[+]listening ok\n[+]certificate ok\n[+]workers ok\n"
				    "[-]applied failed: reason withheld\n[+]shutdown ok\n"
				    "readyz check failed\n";

	(void)state;
	add_check("applied");
	make_good_pages();
	fixture.applied = "not applied yet";
	answers(get("/readyz"), 500, ready, "/readyz");
	answers(get("/readyz/applied"), 500, NOT_APPLIED, "/readyz/applied");
	answers(get("/readiness"), 503, "", "/readiness");
	answers(get("/healthz"), 200, "ok", "/healthz");
	answers(get("/readyz?exclude=applied"), 200, "ok", "exclude");
	answers(get_main("/healthz"), 500,
		"[-]applied failed: reason withheld\nhealthz check failed\n", "main /healthz");
	answers(get_main("/healthz/applied"), 500, NOT_APPLIED, "main /healthz/applied");
	answers(get_main("/healthz?exclude=applied"), 200, "ok", "main exclude");
	fixture.applied = NULL;
	answers(get_main("/healthz?verbose"), 200, "[+]applied ok\nhealthz check passed\n", "main");
	answers(get_main("/healthz/applied"), 200, "ok", "main");
}

/* A state of the library's comes first: 503 says that it will pass. */
static void the_librarys_503_outweighs_the_programs_500(void **state)
{
	(void)state;
	add_check("applied");
	make_good_pages();
	fixture.applied = "not applied yet";
	atomic_store(&fixture.made.stopping, true);
	assert_int_equal(get("/readyz"), 503);
	assert_int_equal(get("/readyz?exclude=shutdown"), 500);
	assert_int_equal(get_main("/healthz"), 503);
}

/* The main endpoint's health is the program's, and that the server stops; not its readiness. */
static void health_of_the_main_endpoint_knows_no_readiness(void **state)
{
	(void)state;
	make_good_pages();
	atomic_store(&fixture.made.listening, false);
	put_certificate(NONE_YET);
	let_wait(0, 31000);
	answers(get_main("/healthz?verbose"), 200, "[+]ping ok\nhealthz check passed\n", "health");
	answers(get_main("/healthz/ping"), 200, "ok", "/healthz/ping");
	atomic_store(&fixture.made.stopping, true);
	answers(get_main("/healthz"), 503,
		"[+]ping ok\n[-]shutdown failed: reason withheld\nhealthz check failed\n",
		"health");
}

static void plain_http_needs_no_certificate(void **state)
{
	struct admwh_config *config = admwh_config_new();

	(void)state;
	assert_int_equal(admwh_config_insecure_plain_http(config), 0);
	assert_int_equal(admwh_config_insecure_no_client_auth(config), 0);
	set_up_view(config, 1);
	make_good_pages();
	assert_int_equal(get("/readyz"), 200);
	answers(get("/readyz/certificate"), 200, "ok", "/readyz/certificate");
}

/* Worker processes: slot 0 is the supervisor's, a worker's is its number and one. */
static void one_process_that_takes_reviews_is_ready(void **state)
{
	static const struct {
		bool serves[2], stalls[2];
		int listening, workers;
	} cases[] = {
	    {{false, false}, {false, false}, 503, 200}, {{false, true}, {false, false}, 200, 200},
	    {{true, true}, {false, false}, 200, 200},   {{true, true}, {true, false}, 200, 200},
	    {{true, true}, {true, true}, 200, 503},     {{false, true}, {false, true}, 200, 503},
	};
	struct awh_fleet *fleet = awh_fleet_new(2, NULL);

	(void)state;
	fixture.pages.view.fleet = fleet;
	atomic_store(&fixture.made.listening, false); /* the watcher's own */
	make_good_pages();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t j = 0; j < 2; j++) {
			atomic_store(&fleet->places[j].serves, cases[i].serves[j]);
			let_wait(1 + j, cases[i].stalls[j] ? 31000 : 0);
		}
		assert_int_equal(get("/readyz/listening"), cases[i].listening);
		assert_int_equal(get("/readyz/workers"), cases[i].workers);
		assert_int_equal(get("/livez"), 200);
	}
	awh_fleet_free(fleet);
}

static void metrics_come_in_the_form_that_is_asked_for(void **state)
{
	static const struct {
		const char *accept, *type;
	} cases[] = {
	    {NULL, "text/plain; version=0.0.4; charset=utf-8"},
	    {"text/plain", "text/plain; version=0.0.4; charset=utf-8"},
	    {"application/openmetrics-text;q=0.9",
	     "application/openmetrics-text; version=1.0.0; charset=utf-8"},
	};

	(void)state;
	make_good_pages();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(get_of(&fixture.pages.routes, "/metrics", cases[i].accept), 200);
		assert_string_equal(fixture.type, cases[i].type);
		assert_non_null(strstr(fixture.text, "\nadmwh_ready 1\n"));
	}
	put_certificate(EXPIRED_SINCE);
	assert_int_equal(get("/metrics"), 200);
	assert_non_null(strstr(fixture.text, "\nadmwh_ready 0\n"));
}

static void the_configuration_is_json(void **state)
{
	(void)state;
	make_good_pages();
	assert_int_equal(get("/configz?verbose"), 200);
	assert_string_equal(fixture.type, "application/json");
	assert_int_equal(fixture.text[0], '{');
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_check_of_the_program_cannot_have_a_name_of_the_librarys),
	    TEST(a_path_of_a_check_that_has_a_handler_is_refused),
	    TEST(a_ready_path_that_is_a_page_already_is_refused),
	    TEST(has_these_pages_and_no_others),
	    TEST(each_check_of_the_library_fails_with_503),
	    TEST(reviews_that_wait_no_longer_than_the_deadline_are_no_failure),
	    TEST(answers_as_kubernetes_components_do),
	    TEST(a_check_of_the_program_fails_both_endpoints_with_500),
	    TEST(the_librarys_503_outweighs_the_programs_500),
	    TEST(health_of_the_main_endpoint_knows_no_readiness),
	    cmocka_unit_test_teardown(plain_http_needs_no_certificate, tear_down),
	    TEST(one_process_that_takes_reviews_is_ready),
	    TEST(metrics_come_in_the_form_that_is_asked_for),
	    TEST(the_configuration_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
