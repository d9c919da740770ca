/* SPDX-License-Identifier: MIT */
#include "health/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "health/check.h"
#include "health/configz.h"
#include "server/control.h"
#include "health/scrape.h"
#include "process/supervisor.h"

enum { PAGE_MAX = 64 * 1024 * 1024 };

static const char text_type[] = "text/plain; charset=utf-8";

/* the library's own checks; that of the certificate is for the control thread alone */

static const char *check_listening(void *userdata)
{
	const struct admwh_server *server = userdata;
	bool listening =
	    server->fleet ? awh_fleet_serving(server->fleet) > 0 : atomic_load(&server->listening);

	return listening ? NULL : "the server does not listen";
}

static const char *check_shutdown(void *userdata)
{
	const struct admwh_server *server = userdata;

	return atomic_load(&server->stopping) ? "the server is stopping" : NULL;
}

static const char *check_certificate(void *userdata)
{
	struct admwh_server *server = userdata;
	const struct awh_snapshot *snapshot = awh_control_snapshot(server);
	struct awh_tls_dates dates;

	if (server->config->plain)
		return NULL;
	if (!snapshot)
		return "there is no certificate that can be used";
	dates = awh_tls_context_dates(snapshot->tls);
	if (awh_clock_wall_s() > dates.end)
		return "the certificate has expired";
	return NULL;
}

/* One process that still takes reviews is worth being called. */
static const char *check_workers(void *userdata)
{
	const struct admwh_server *server = userdata;
	size_t serving = server->fleet ? awh_fleet_serving(server->fleet) : 1;
	size_t stalled = awh_metrics_stalled(
	    &server->events.metrics, (int64_t)awh_server_limit(server, ADMWH_LIMIT_DEADLINE));

	return stalled > 0 && stalled >= serving
		   ? "reviews wait, and no worker has begun one for longer than the deadline"
		   : NULL;
}

static const char *check_ping(void *userdata)
{
	(void)userdata;
	return NULL;
}

static int add_all(struct awh_checks *checks, const struct awh_checks *more,
		   struct awh_error *error)
{
	int failed = 0;

	for (size_t i = 0; i < more->n_items && failed == 0; i++)
		failed = awh_checks_add(checks, &more->items[i], error);
	return failed;
}

/* Readiness is the library's and the program's; health of the main endpoint the program's. */
static int make_checks(struct admwh_server *server)
{
	const struct awh_check listening = {
	    .name = "listening", .run = check_listening, .userdata = server, .is_own = true};
	const struct awh_check certificate = {
	    .name = "certificate", .run = check_certificate, .userdata = server, .is_own = true};
	const struct awh_check workers = {
	    .name = "workers", .run = check_workers, .userdata = server, .is_own = true};
	const struct awh_check ping = {.name = "ping", .run = check_ping};
	struct awh_check shutdown = {
	    .name = "shutdown", .run = check_shutdown, .userdata = server, .is_own = true};
	struct awh_error *error = &server->error;

	if (awh_checks_add(&server->alive, &ping, error) ||
	    awh_checks_add(&server->ready, &listening, error) ||
	    awh_checks_add(&server->ready, &certificate, error) ||
	    awh_checks_add(&server->ready, &workers, error) ||
	    add_all(&server->ready, &server->checks, error) ||
	    awh_checks_add(&server->ready, &shutdown, error) ||
	    add_all(&server->health, &server->checks, error) ||
	    (server->checks.n_items == 0 && awh_checks_add(&server->health, &ping, error)))
		return error->code;
	shutdown.is_quiet = true;
	return awh_checks_add(&server->health, &shutdown, error);
}

static int add_page(struct admwh_server *server, struct awh_routes *routes, const char *path,
		    enum awh_page page, size_t check)
{
	struct admwh_route *route = awh_route_new_health();

	if (!route)
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	route->page = page;
	route->check = check;
	return awh_routes_add(routes, path, route, &server->error);
}

/* A page of its own for each check, below the path. */
static int add_check_pages(struct admwh_server *server, struct awh_routes *routes, const char *path,
			   enum awh_page page, const struct awh_checks *checks)
{
	int failed = 0;

	for (size_t i = 0; i < checks->n_items && failed == 0; i++) {
		struct awh_buf name;

		if (checks->items[i].is_quiet)
			continue;
		awh_buf_init(&name, SIZE_MAX);
		awh_buf_printf(&name, "%s/%s", path, checks->items[i].name);
		if (awh_buf_terminate(&name))
			failed = awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
		else
			failed = add_page(server, routes, name.data, page, i);
		awh_buf_deinit(&name);
	}
	return failed;
}

/* The paths of the main endpoint are the program's: those that were there before get theirs. */
static int add_main_pages(struct admwh_server *server)
{
	struct awh_routes *routes = &server->routes;
	size_t n = routes->n_items;
	const char **paths = calloc(n + 1, sizeof(*paths));
	int failed = 0;

	if (!paths)
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		if (routes->items[i]->kind == AWH_ROUTE_HEALTH)
			paths[i] = routes->items[i]->path;
	for (size_t i = 0; i < n && failed == 0; i++)
		if (paths[i])
			failed = add_check_pages(server, routes, paths[i], AWH_PAGE_HEALTH_CHECK,
						 &server->health);
	free(paths);
	return failed;
}

static int add_health_pages(struct admwh_server *server)
{
	static const struct {
		const char *path;
		enum awh_page page;
	} pages[] = {
	    {"/healthz", AWH_PAGE_ALIVE},  {"/livez", AWH_PAGE_ALIVE},
	    {"/readyz", AWH_PAGE_READY},   {"/metrics", AWH_PAGE_METRICS},
	    {"/configz", AWH_PAGE_CONFIG},
	};
	const struct awh_text_list *more = &server->config->ready_paths;
	int failed = 0;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]) && failed == 0; i++)
		failed = add_page(server, &server->pages, pages[i].path, pages[i].page, 0);
	for (size_t i = 0; i < more->n_items && failed == 0; i++)
		failed = add_page(server, &server->pages, more->items[i], AWH_PAGE_READY_STATUS, 0);
	return failed ? failed
		      : add_check_pages(server, &server->pages, "/readyz", AWH_PAGE_READY_CHECK,
					&server->ready);
}

bool awh_check_is_taken(const char *name)
{
	static const char *const taken[] = {"listening", "certificate", "workers", "shutdown",
					    "ping"};

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcmp(name, taken[i]) == 0)
			return true;
	return false;
}

int awh_pages_make(struct admwh_server *server)
{
	int failed = make_checks(server);

	if (failed == 0)
		failed = add_main_pages(server);
	return failed ? failed : add_health_pages(server);
}

/* "readyz" of "/readyz?verbose": the first segment, as Kubernetes has it. */
static void name_of(const char *path, char *name, size_t size)
{
	size_t len = strcspn(path + 1, "/");

	if (len >= size)
		len = size - 1;
	memcpy(name, path + 1, len);
	name[len] = '\0';
}

static const char *query_of(const struct awh_http_head *head)
{
	const char *question = strchr(head->target, '?');

	return question ? question + 1 : NULL;
}

static int run_checks(const struct awh_checks *checks, const struct awh_http_head *head,
		      struct awh_buf *body)
{
	char name[AWH_NAME_MAX + 1];

	name_of(head->path, name, sizeof(name));
	return awh_checks_run(checks, name, query_of(head), body);
}

static void write_metrics(struct admwh_server *server, const struct awh_http_head *head,
			  struct awh_http_reply *reply, struct awh_buf *body)
{
	struct awh_exposition exposition = {
	    .buf = body,
	    .is_open_metrics = awh_accepts_open_metrics(head->accept),
	};

	reply->content_type = awh_exposition_type(exposition.is_open_metrics);
	awh_scrape(server, &exposition);
}

static void write_page(const struct awh_conn *conn, const struct awh_http_head *head,
		       struct awh_http_reply *reply, struct awh_buf *body)
{
	struct admwh_server *server = awh_conn_server(conn);
	const struct admwh_route *route = conn->route;

	switch ((enum awh_page)route->page) {
	case AWH_PAGE_HEALTH:
		reply->status = run_checks(&server->health, head, body);
		break;
	case AWH_PAGE_HEALTH_CHECK:
		reply->status = awh_check_run(&server->health.items[route->check], body);
		break;
	case AWH_PAGE_ALIVE:
		reply->status = run_checks(&server->alive, head, body);
		break;
	case AWH_PAGE_READY:
		reply->status = run_checks(&server->ready, head, body);
		break;
	case AWH_PAGE_READY_CHECK:
		reply->status = awh_check_run(&server->ready.items[route->check], body);
		break;
	case AWH_PAGE_READY_STATUS:
		reply->status = awh_checks_hold(&server->ready) ? 200 : 503;
		break;
	case AWH_PAGE_METRICS:
		write_metrics(server, head, reply, body);
		break;
	case AWH_PAGE_CONFIG:
		reply->content_type = "application/json";
		awh_configz(server, body);
		break;
	}
}

enum awh_step awh_page_answer(struct awh_conn *conn, const struct awh_http_head *head)
{
	struct awh_http_reply reply = {.status = 200, .content_type = text_type};
	struct awh_buf body;
	enum awh_step step;

	awh_buf_init(&body, PAGE_MAX);
	write_page(conn, head, &reply, &body);
	if (body.failed)
		step = awh_answer_and_close(conn, 503, "out of memory");
	else
		step = awh_answer(conn, &reply, body.data, body.len);
	awh_buf_deinit(&body);
	return step;
}
