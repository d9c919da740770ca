/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <stdlib.h>

#include "auth/route_check.h"
#include "config/check.h"
#include "process/harden.h"

static int init(struct admwh_server *server, struct awh_error *error)
{
	const struct admwh_config *config = server->config;

	server->events.log = config->log;
	server->pages.view.config = config;
	server->pages.view.metrics = &server->events.metrics;
	server->pages.view.routes = &server->routes;
	server->pages.view.conversions = &server->conversions;
	if (awh_service_init(&server->service, config, &server->events, &server->routes,
			     &server->conversions, &server->pages, error))
		return error->code;
	return awh_metrics_init(&server->events.metrics, 2 + config->processes, error);
}

struct admwh_server *admwh_server_new(struct admwh_config *config)
{
	struct admwh_server *server;

	if (!config || awh_config_check(config))
		return NULL;
	server = calloc(1, sizeof(*server));
	if (!server) {
		awh_fail(&config->error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	server->config = awh_config_ref(config);
	if (init(server, &config->error)) {
		admwh_server_free(server);
		return NULL;
	}
	config->frozen = true;
	return server;
}

/* The program's part of a process, once no handler runs in it. */
static void stop_here(struct admwh_server *server)
{
	if (server->process_started && server->process_stop)
		server->process_stop(server->process_stop_userdata);
	server->process_started = false;
}

void admwh_server_free(struct admwh_server *server)
{
	if (!server)
		return;
	if (server->started) {
		admwh_server_stop(server);
		admwh_server_stop(server);
		admwh_server_wait(server);
	}
	awh_service_deinit(&server->service);
	stop_here(server);
	awh_pages_deinit(&server->pages);
	awh_routes_deinit(&server->routes);
	awh_routes_deinit(&server->conversions);
	awh_hooks_deinit(&server->hooks);
	awh_metrics_deinit(&server->events.metrics);
	awh_config_unref(server->config);
	free(server);
}

void admwh_server_stop(struct admwh_server *server)
{
	if (server)
		awh_service_stop(&server->service);
}

void admwh_server_reload(struct admwh_server *server)
{
	if (server)
		awh_service_reload(&server->service);
}

static int check_routes(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	const struct awh_routes *conversions = &server->conversions;

	if (conversions->n_items > 0 && !config->has_conversion)
		return awh_fail(&server->error, ADMWH_E_STATE,
				"the server converts at %s, and has no address for that: "
				"admwh_config_set_conversion_listen()",
				conversions->items[0]->path);
	if (server->routes.n_items + conversions->n_items == 0 && !config->has_health)
		return awh_fail(&server->error, ADMWH_E_STATE, "the server has no route");
	return 0;
}

static int set_warnings(struct admwh_server *server)
{
	const struct awh_text_list *paths = &server->config->warn_paths;
	int err = 0;

	for (size_t i = 0; i < paths->n_items && err == 0; i++)
		err = awh_routes_warn(&server->routes, paths->items[i], &server->error);
	return err;
}

static int begin_start(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	struct awh_metrics *metrics = &server->events.metrics;
	struct awh_error *error = &server->error;
	const size_t n_conversions = server->conversions.n_items;

	server->started = true;
	if (awh_pages_make(&server->pages, &server->routes, error) || set_warnings(server))
		return error->code;
	awh_routes_freeze(&server->routes, 0);
	awh_routes_freeze(&server->conversions, server->routes.n_items);
	if (check_routes(server) || awh_routes_check(&server->routes, config, error) ||
	    awh_metrics_add_routes(metrics, server->routes.n_items + n_conversions, error) ||
	    awh_metrics_add_bundles(metrics, config->n_bundles, error) ||
	    awh_service_bind(&server->service, &server->pages.view, error))
		return error->code;
	return 0;
}

/* In each process that serves or watches; the program's own preparations come after it. */
static int start_here(struct admwh_server *server)
{
	int err = server->config->hardening ? awh_process_harden(&server->error) : 0;

	if (err)
		return err;
	if (!server->service.role.is_watcher && server->process_start &&
	    server->process_start(server->process_userdata))
		return awh_fail(&server->error, ADMWH_E_HANDLER,
				"the program could not get ready to serve");
	server->process_started = !server->service.role.is_watcher;
	return awh_service_start(&server->service, &server->error);
}

/* Nothing is left of a start, or of what a supervisor has bound. */
static void undo_start(struct admwh_server *server)
{
	server->ended = true;
	server->pages.view.port = server->pages.view.health_port = 0;
	server->pages.view.conversion_port = 0;
	awh_service_undo(&server->service);
}

static void tell_started(struct admwh_server *server)
{
	const struct awh_started started = {
	    .config = server->config,
	    .port = server->pages.view.port,
	    .health_port = server->pages.view.health_port,
	    .conversion_port = server->pages.view.conversion_port,
	    .n_routes = server->routes.n_items + server->conversions.n_items,
	};

	awh_tell_started(&server->events, &started);
}

int admwh_server_start(struct admwh_server *server)
{
	int err = awh_server_begin_set(server);

	if (err)
		return err;
	if (server->config->processes)
		return awh_fail(&server->error, ADMWH_E_STATE,
				"worker processes are started by admwh_server_run() alone");
	err = begin_start(server);
	if (err == 0)
		err = start_here(server);
	if (err) {
		undo_start(server);
		return err;
	}
	tell_started(server);
	return 0;
}

static int fail_undrained(struct admwh_server *server)
{
	return awh_fail(&server->error, ADMWH_E_TIMEOUT, "the drain ended with requests in flight");
}

int admwh_server_wait(struct admwh_server *server)
{
	bool drained;

	if (!server)
		return ADMWH_E_INVAL;
	if (!server->started || !server->service.shards.items)
		return awh_fail(&server->error, ADMWH_E_STATE, "the server was never started");
	drained = awh_service_wait(&server->service);
	if (!server->ended && !server->service.role.fleet)
		awh_tell_stopped(&server->events, drained);
	server->ended = true;
	return drained ? 0 : fail_undrained(server);
}

/* several processes */

static int start_in_role(struct admwh_server *server, const struct awh_role *role)
{
	int err;

	server->service.role = *role;
	server->pages.view.fleet = role->fleet;
	err = awh_service_renew(&server->service, &server->error);
	return err ? err : start_here(server);
}

/* In a new process. */
static int run_in_role(const struct awh_role *role, void *userdata)
{
	struct admwh_server *server = userdata;
	int err = start_in_role(server, role);

	if (err) {
		awh_tell_process_failed(&server->events, &server->error);
		stop_here(server);
		return err;
	}
	atomic_store(&role->place->serves, true);
	if (!awh_service_wait(&server->service))
		atomic_store(&role->place->cut_off, true);
	else if (!awh_service_has_abandoned(&server->service))
		stop_here(server);
	return 0;
}

static void on_began(void *userdata)
{
	tell_started(userdata);
}

static void on_draining(void *userdata)
{
	struct admwh_server *server = userdata;

	awh_endpoint_close(&server->service.endpoint);
	awh_endpoint_close(&server->service.conversions.endpoint);
}

static struct awh_supervisor *new_supervisor(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	const struct awh_plan plan = {
	    .processes = config->processes,
	    .has_watcher = config->has_health,
	    .lame_duck_ms = (int64_t)config->limits[ADMWH_LIMIT_LAME_DUCK_TIME],
	    .drain_ms = (int64_t)config->limits[ADMWH_LIMIT_DRAIN_TIME],
	    .signals = {.stop = config->stop_on_signals,
			.reload = config->reload_on_sighup,
			.stop_fd = server->service.stop.ask_fd,
			.reload_fd = server->service.control.rotation.ask_fd},
	    .events = &server->events,
	    .run = run_in_role,
	    .began = on_began,
	    .draining = on_draining,
	    .userdata = server,
	};

	return awh_supervisor_new(&plan, &server->error);
}

static int run_processes(struct admwh_server *server)
{
	struct awh_endpoint *endpoint = &server->service.endpoint;
	struct awh_supervisor *supervisor = new_supervisor(server);
	bool drained;

	if (!supervisor)
		return server->error.code;
	/* Each worker makes its own: TLS contexts hold state that two processes must not share. */
	awh_snapshot_unref(endpoint->snapshot);
	endpoint->snapshot = NULL;
	drained = awh_supervisor_run(supervisor);
	awh_tell_stopped(&server->events, drained);
	awh_supervisor_free(supervisor);
	return drained ? 0 : fail_undrained(server);
}

int admwh_server_run(struct admwh_server *server)
{
	int err = awh_server_begin_set(server);

	if (err)
		return err;
	if (server->config->processes == 0) {
		err = admwh_server_start(server);
		return err ? err : admwh_server_wait(server);
	}
	err = begin_start(server);
	if (err == 0)
		err = run_processes(server);
	undo_start(server);
	return err;
}
