/* SPDX-License-Identifier: MIT */
#include "health/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "health/configz.h"
#include "health/exposition.h"
#include "health/scrape.h"
#include "http/http.h"

/* the library's own checks; that of the certificate is for the control thread alone */

static const char *check_listening(void *userdata)
{
	const struct awh_view *view = userdata;

	return awh_view_serving(view) > 0 ? NULL : "the server does not listen";
}

static const char *check_shutdown(void *userdata)
{
	const struct awh_view *view = userdata;

	return atomic_load(view->stopping) ? "the server is stopping" : NULL;
}

static const char *check_certificate(void *userdata)
{
	const struct awh_view *view = userdata;
	const struct awh_snapshot *snapshot = awh_view_snapshot(view);

	if (view->config->plain)
		return NULL;
	if (!snapshot)
		return "there is no certificate that can be used";
	if (awh_clock_wall_s() > awh_tls_context_dates(snapshot->tls).end)
		return "the certificate has expired";
	return NULL;
}

/* One process that still takes reviews is worth being called. */
static const char *check_workers(void *userdata)
{
	const struct awh_view *view = userdata;
	size_t serving = view->fleet ? awh_fleet_serving(view->fleet) : 1;
	size_t stalled = awh_view_stalled(view);

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
	int err = 0;

	for (size_t i = 0; i < more->n_items && err == 0; i++)
		err = awh_checks_add(checks, &more->items[i], error);
	return err;
}

/* Readiness is the library's and the program's; health of the main endpoint the program's. */
static int make_checks(struct awh_pages *pages, struct awh_error *error)
{
	void *view = &pages->view;
	const struct awh_check listening = {
	    .name = "listening", .run = check_listening, .userdata = view, .is_own = true};
	const struct awh_check certificate = {
	    .name = "certificate", .run = check_certificate, .userdata = view, .is_own = true};
	const struct awh_check workers = {
	    .name = "workers", .run = check_workers, .userdata = view, .is_own = true};
	const struct awh_check ping = {.name = "ping", .run = check_ping};
	struct awh_check shutdown = {
	    .name = "shutdown", .run = check_shutdown, .userdata = view, .is_own = true};

	if (awh_checks_add(&pages->alive, &ping, error) ||
	    awh_checks_add(&pages->ready, &listening, error) ||
	    awh_checks_add(&pages->ready, &certificate, error) ||
	    awh_checks_add(&pages->ready, &workers, error) ||
	    add_all(&pages->ready, &pages->program, error) ||
	    awh_checks_add(&pages->ready, &shutdown, error) ||
	    add_all(&pages->health, &pages->program, error) ||
	    (pages->program.n_items == 0 && awh_checks_add(&pages->health, &ping, error)))
		return error->code;
	shutdown.is_quiet = true;
	return awh_checks_add(&pages->health, &shutdown, error);
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

static int run_checks(const struct awh_checks *checks, const struct awh_http_head *head,
		      struct awh_buf *body)
{
	const char *query = strchr(head->target, '?');
	char name[AWH_NAME_MAX + 1];

	name_of(head->path, name, sizeof(name));
	return awh_checks_run(checks, name, query ? query + 1 : NULL, body);
}

/* the pages */

static const struct awh_pages *pages_of(const struct admwh_route *route)
{
	return route->userdata;
}

static void show_health(const struct admwh_route *route, const struct awh_http_head *head,
			struct awh_http_reply *reply, struct awh_buf *body)
{
	reply->status = run_checks(&pages_of(route)->health, head, body);
}

static void show_health_check(const struct admwh_route *route, const struct awh_http_head *head,
			      struct awh_http_reply *reply, struct awh_buf *body)
{
	(void)head;
	reply->status = awh_check_run(&pages_of(route)->health.items[route->check], body);
}

static void show_alive(const struct admwh_route *route, const struct awh_http_head *head,
		       struct awh_http_reply *reply, struct awh_buf *body)
{
	reply->status = run_checks(&pages_of(route)->alive, head, body);
}

static void show_ready(const struct admwh_route *route, const struct awh_http_head *head,
		       struct awh_http_reply *reply, struct awh_buf *body)
{
	reply->status = run_checks(&pages_of(route)->ready, head, body);
}

static void show_ready_check(const struct admwh_route *route, const struct awh_http_head *head,
			     struct awh_http_reply *reply, struct awh_buf *body)
{
	(void)head;
	reply->status = awh_check_run(&pages_of(route)->ready.items[route->check], body);
}

static void show_ready_status(const struct admwh_route *route, const struct awh_http_head *head,
			      struct awh_http_reply *reply, struct awh_buf *body)
{
	(void)head, (void)body;
	reply->status = awh_checks_hold(&pages_of(route)->ready) ? 200 : 503;
}

static void show_metrics(const struct admwh_route *route, const struct awh_http_head *head,
			 struct awh_http_reply *reply, struct awh_buf *body)
{
	const struct awh_pages *pages = pages_of(route);
	struct awh_exposition exposition = {
	    .buf = body,
	    .is_open_metrics = awh_accepts_open_metrics(head->accept),
	};

	reply->content_type = awh_exposition_type(exposition.is_open_metrics);
	awh_scrape(&pages->view, awh_checks_hold(&pages->ready), &exposition);
}

static void show_config(const struct admwh_route *route, const struct awh_http_head *head,
			struct awh_http_reply *reply, struct awh_buf *body)
{
	(void)head;
	reply->content_type = "application/json";
	awh_configz(&pages_of(route)->view, body);
}

/* making them */

static struct admwh_route *new_page(struct awh_pages *pages, awh_page_fn *show, size_t check)
{
	struct admwh_route *route = awh_route_new_page(show, pages);

	if (route)
		route->check = check;
	return route;
}

static int add_page(struct awh_pages *pages, struct awh_routes *routes, const char *path,
		    awh_page_fn *show, size_t check, struct awh_error *error)
{
	struct admwh_route *route = new_page(pages, show, check);

	if (!route)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return awh_routes_add(routes, path, route, error);
}

/* A page of its own for each check, below the path. */
static int add_check_pages(struct awh_pages *pages, struct awh_routes *routes, const char *path,
			   awh_page_fn *show, const struct awh_checks *checks,
			   struct awh_error *error)
{
	int err = 0;

	for (size_t i = 0; i < checks->n_items && err == 0; i++) {
		struct awh_buf name;

		if (checks->items[i].is_quiet)
			continue;
		awh_buf_init(&name, SIZE_MAX);
		awh_buf_printf(&name, "%s/%s", path, checks->items[i].name);
		if (awh_buf_terminate(&name))
			err = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		else
			err = add_page(pages, routes, name.data, show, i, error);
		awh_buf_deinit(&name);
	}
	return err;
}

/* The paths of the main endpoint are the program's: those that were there before get theirs. */
static int add_main_pages(struct awh_pages *pages, struct awh_routes *routes,
			  struct awh_error *error)
{
	size_t n = routes->n_items;
	const char **paths = calloc(n + 1, sizeof(*paths));
	int err = 0;

	if (!paths)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		if (routes->items[i]->kind == AWH_ROUTE_PAGE)
			paths[i] = routes->items[i]->path;
	for (size_t i = 0; i < n && err == 0; i++)
		if (paths[i])
			err = add_check_pages(pages, routes, paths[i], show_health_check,
					      &pages->health, error);
	free(paths);
	return err;
}

static int add_health_pages(struct awh_pages *pages, struct awh_error *error)
{
	static const struct {
		const char *path;
		awh_page_fn *show;
	} table[] = {
	    {"/healthz", show_alive},   {"/livez", show_alive},    {"/readyz", show_ready},
	    {"/metrics", show_metrics}, {"/configz", show_config},
	};
	const struct awh_text_list *more = &pages->view.config->ready_paths;
	struct awh_routes *routes = &pages->routes;
	int err = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]) && err == 0; i++)
		err = add_page(pages, routes, table[i].path, table[i].show, 0, error);
	for (size_t i = 0; i < more->n_items && err == 0; i++)
		err = add_page(pages, routes, more->items[i], show_ready_status, 0, error);
	if (err)
		return err;
	return add_check_pages(pages, routes, "/readyz", show_ready_check, &pages->ready, error);
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

struct admwh_route *awh_page_new_health(struct awh_pages *pages)
{
	return new_page(pages, show_health, 0);
}

int awh_pages_make(struct awh_pages *pages, struct awh_routes *main, struct awh_error *error)
{
	int err = make_checks(pages, error);

	if (err == 0)
		err = add_main_pages(pages, main, error);
	return err ? err : add_health_pages(pages, error);
}

void awh_pages_deinit(struct awh_pages *pages)
{
	awh_checks_deinit(&pages->program);
	awh_checks_deinit(&pages->alive);
	awh_checks_deinit(&pages->ready);
	awh_checks_deinit(&pages->health);
	awh_routes_deinit(&pages->routes);
}
