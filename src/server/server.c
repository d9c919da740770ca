/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "auth/route_check.h"
#include "config/check.h"
#include "conn/pending.h"
#include "tls/tls.h"

/* What a stop and a reload are asked for by: a signal handler may write to them. */
static int make_eventfds(struct admwh_server *server, struct awh_error *error)
{
	server->stop.ask_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	server->control.rotation.ask_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (server->stop.ask_fd < 0 || server->control.rotation.ask_fd < 0)
		return awh_fail(error, ADMWH_E_IO, "cannot make an eventfd: %s", strerror(errno));
	return 0;
}

static void close_eventfds(struct admwh_server *server)
{
	if (server->stop.ask_fd >= 0)
		close(server->stop.ask_fd);
	if (server->control.rotation.ask_fd >= 0)
		close(server->control.rotation.ask_fd);
}

/* Each part learns of those that it works with. */
static void connect_parts(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	struct awh_control *control = &server->control;

	server->shared.config = config;
	server->shared.events = &server->events;
	server->endpoint.shared = &server->shared;
	server->endpoint.id = AWH_ENDPOINT_MAIN;
	server->endpoint.routes = &server->routes;
	server->endpoint.is_plain = config->plain;
	server->endpoint.most = ADMWH_LIMIT_CONNECTIONS;
	server->endpoint.body = config->limits[ADMWH_LIMIT_BODY];
	control->shared = &server->shared;
	control->pages = &server->pages;
	control->rotation.config = config;
	control->rotation.events = &server->events;
	control->rotation.role = &server->role;
	control->rotation.endpoint = &server->endpoint;
	control->rotation.shards = &server->shards;
	server->stop.shared = &server->shared;
	server->stop.endpoint = &server->endpoint;
	server->stop.shards = &server->shards;
	server->stop.control = control;
	server->stop.role = &server->role;
	server->pages.view.config = config;
	server->pages.view.metrics = &server->events.metrics;
	server->pages.view.routes = &server->routes;
	server->pages.view.listening = &server->endpoint.listening;
	server->pages.view.stopping = &server->shared.stopping;
}

static int make_first_parts(struct admwh_server *server, struct awh_error *error)
{
	if (make_eventfds(server, error) ||
	    awh_metrics_init(&server->events.metrics, 2 + server->config->processes, error))
		return error->code;
	server->shared.callers = awh_callers_new();
	if (!server->shared.callers)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return awh_rotation_first(&server->control.rotation, false, error);
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
	server->events.log = config->log;
	connect_parts(server);
	if (make_first_parts(server, &config->error)) {
		admwh_server_free(server);
		return NULL;
	}
	config->frozen = true;
	return server;
}

static void shards_free(struct awh_shards *shards)
{
	for (size_t i = 0; i < shards->n_items; i++)
		awh_shard_deinit(&shards->items[i]);
	free(shards->items);
	*shards = (struct awh_shards){0};
}

static void parts_free(struct admwh_server *server)
{
	awh_endpoint_close(&server->endpoint);
	awh_stop_free(&server->stop);
	awh_control_free(&server->control);
	shards_free(&server->shards);
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
	awh_pool_free(server->shared.pool);
	for (size_t i = 0; i < server->shards.n_items; i++)
		awh_pending_detach(&server->shards.items[i]);
	parts_free(server);
	awh_callers_free(server->shared.callers);
	awh_pages_deinit(&server->pages);
	awh_routes_deinit(&server->routes);
	awh_hooks_deinit(&server->hooks);
	awh_snapshot_unref(server->endpoint.snapshot);
	awh_rotation_deinit(&server->control.rotation);
	awh_metrics_deinit(&server->events.metrics);
	awh_config_unref(server->config);
	close_eventfds(server);
	free(server);
}

/* Only fails when the counter is full: then it has been asked for often enough. */
static void ask(int fd)
{
	const uint64_t once = 1;
	int saved = errno; /* may be called in a signal handler */

	if (write(fd, &once, sizeof(once)) < 0)
		errno = saved;
}

void admwh_server_stop(struct admwh_server *server)
{
	if (server)
		ask(server->stop.ask_fd);
}

void admwh_server_reload(struct admwh_server *server)
{
	if (server)
		ask(server->control.rotation.ask_fd);
}

/* Bind what is to be bound, before anything is started. */
static int bind_endpoints(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	struct awh_endpoint *health = &server->control.endpoint;
	int err = awh_endpoint_bind(&server->endpoint, &config->address, &server->error);

	if (err == 0 && config->has_health)
		err = awh_endpoint_bind(health, &config->health_address, &server->error);
	if (err)
		return err;
	server->port = awh_listener_port(server->endpoint.listener);
	if (config->has_health)
		server->health_port = awh_listener_port(health->listener);
	server->pages.view.port = server->port;
	server->pages.view.health_port = server->health_port;
	return 0;
}

static int begin_start(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	struct awh_metrics *metrics = &server->events.metrics;
	struct awh_error *error = &server->error;

	server->started = true;
	if (awh_pages_make(&server->pages, &server->routes, error))
		return error->code;
	awh_routes_freeze(&server->routes);
	if (server->routes.n_items == 0 && !config->has_health)
		return awh_fail(error, ADMWH_E_STATE, "the server has no route");
	if (awh_routes_check(&server->routes, config, error) ||
	    awh_metrics_add_routes(metrics, server->routes.n_items, error) ||
	    awh_metrics_add_bundles(metrics, config->n_bundles, error))
		return error->code;
	return bind_endpoints(server);
}

/*
 * The snapshot that the supervisor began with may be long out of date, and allow what a newer file
 * denies. So where files are read again, a process that finds them bad does not serve, as a program
 * that is started anew would not.
 */
static int renew_snapshot(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	struct awh_rotation *rotation = &server->control.rotation;
	int err;

	awh_sources_deinit(&rotation->loaded);
	if (!config->reload)
		return awh_rotation_first(rotation, true, &server->error);
	err = awh_rotation_catch_up(rotation, &server->error);
	return config->start_unready ? 0 : err;
}

/* wolfSSL's contexts hold state that two processes must not share; an eventfd would be shared. */
static int renew(struct admwh_server *server)
{
	close_eventfds(server);
	if (make_eventfds(server, &server->error))
		return server->error.code;
	return renew_snapshot(server);
}

static int make_pool(struct admwh_server *server)
{
	const struct awh_shared *shared = &server->shared;

	server->shared.pool = awh_pool_new(
	    awh_config_workers(server->config), server->config->limits[ADMWH_LIMIT_QUEUE],
	    awh_shared_caller_limit(shared, ADMWH_LIMIT_QUEUE), &server->error);
	return server->shared.pool ? 0 : server->error.code;
}

static int make_shard(struct admwh_server *server, struct awh_shard *shard)
{
	shard->loop = awh_loop_new(&server->error);
	if (!shard->loop)
		return server->error.code;
	if (awh_shard_init(shard, &server->shared, server->endpoint.snapshot, awh_stop_on_drained,
			   &server->stop))
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

static int make_shards(struct admwh_server *server)
{
	struct awh_shards *shards = &server->shards;
	size_t n = awh_config_threads(server->config);
	int err = 0;

	shards->items = calloc(n, sizeof(*shards->items));
	if (!shards->items)
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	while (shards->n_items < n && err == 0)
		err = make_shard(server, &shards->items[shards->n_items++]);
	return err;
}

/* Without a snapshot connections would be closed unanswered here. */
static bool is_my_turn(void *userdata)
{
	const struct admwh_server *server = userdata;

	return atomic_load(&server->control.rotation.has_snapshot) &&
	       awh_fleet_turn(server->role.fleet, server->role.place,
			      server->config->limits[ADMWH_LIMIT_CONNECTIONS]);
}

static int start_endpoint(struct admwh_server *server)
{
	const struct awh_endpoint_owner owner = awh_shards_owner(&server->shards);
	struct awh_endpoint *endpoint = &server->endpoint;

	if (server->role.fleet) {
		endpoint->is_my_turn = is_my_turn;
		endpoint->turn_userdata = server;
	}
	if (awh_endpoint_start(endpoint, server->shards.items[0].loop, &owner))
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

/* The first loop last: nothing is accepted before the others run. */
static int start_loops(struct admwh_server *server)
{
	struct awh_shards *shards = &server->shards;
	size_t i = shards->n_items;
	int err = awh_control_start(&server->control, &server->error);

	if (err)
		return err;
	while (i > 0 && err == 0)
		err = awh_loop_start(shards->items[--i].loop, awh_tls_thread_end, &server->error);
	if (err == 0)
		return 0;
	awh_control_end(&server->control);
	for (i++; i < shards->n_items; i++) {
		awh_shard_stop(&shards->items[i]);
		awh_loop_join(shards->items[i].loop);
	}
	return err;
}

/* Start serving on threads of this process. */
static int start_here(struct admwh_server *server)
{
	struct awh_error missed; /* the reloader tells it, too */
	int err;

	if (server->process_start && server->process_start(server->process_userdata))
		return awh_fail(&server->error, ADMWH_E_HANDLER,
				"the program could not get ready to serve");
	if (server->config->reload && !server->role.fleet) /* a worker process has done so */
		awh_rotation_catch_up(&server->control.rotation, &missed);
	err = make_pool(server);
	if (err == 0)
		err = make_shards(server);
	if (err == 0)
		err = start_endpoint(server);
	if (err == 0)
		err = awh_stop_make(&server->stop, &server->error);
	if (err == 0)
		err = awh_control_make(&server->control, &server->error);
	return err ? err : start_loops(server);
}

/* Nothing is left of a start, or of what a supervisor has bound. */
static void undo_start(struct admwh_server *server)
{
	server->ended = true;
	server->port = server->health_port = 0;
	parts_free(server);
}

static void tell_started(struct admwh_server *server)
{
	const struct awh_started started = {
	    .config = server->config,
	    .port = server->port,
	    .health_port = server->health_port,
	    .n_routes = server->routes.n_items,
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
	bool cut_off;

	if (!server)
		return ADMWH_E_INVAL;
	if (!server->started || !server->shards.items)
		return awh_fail(&server->error, ADMWH_E_STATE, "the server was never started");
	for (size_t i = 0; i < server->shards.n_items; i++)
		awh_loop_join(server->shards.items[i].loop);
	awh_control_join(&server->control);
	cut_off = atomic_load(&server->shared.cut_off);
	if (!server->ended && !server->role.fleet)
		awh_tell_stopped(&server->events, !cut_off);
	server->ended = true;
	return cut_off ? fail_undrained(server) : 0;
}

/* several processes */

/* Start serving the health endpoint alone. */
static int watch_here(struct admwh_server *server)
{
	int err;

	awh_endpoint_close(&server->endpoint);
	err = awh_control_make(&server->control, &server->error);
	if (err == 0)
		err = awh_stop_make_watching(&server->stop, &server->error);
	return err ? err : awh_control_start(&server->control, &server->error);
}

static int start_in_role(struct admwh_server *server)
{
	int err = renew(server);

	if (err)
		return err;
	if (server->role.is_watcher)
		return watch_here(server);
	awh_endpoint_close(&server->control.endpoint); /* the watcher's */
	return start_here(server);
}

/* In a new process. */
static int run_in_role(const struct awh_role *role, void *userdata)
{
	struct admwh_server *server = userdata;
	int err;

	server->role = *role;
	server->pages.view.fleet = role->fleet;
	err = start_in_role(server);
	if (err) {
		awh_tell_process_failed(&server->events, &server->error);
		return err;
	}
	atomic_store(&role->place->serves, true);
	if (role->is_watcher)
		awh_control_join(&server->control);
	else if (admwh_server_wait(server) == ADMWH_E_TIMEOUT)
		atomic_store(&role->place->cut_off, true);
	return 0;
}

static void on_began(void *userdata)
{
	tell_started(userdata);
}

static void on_draining(void *userdata)
{
	struct admwh_server *server = userdata;

	awh_endpoint_close(&server->endpoint);
}

static struct awh_supervisor *new_supervisor(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	const struct awh_plan plan = {
	    .workers = config->processes,
	    .has_watcher = config->has_health,
	    .lame_duck_ms = (int64_t)config->limits[ADMWH_LIMIT_LAME_DUCK_TIME],
	    .drain_ms = (int64_t)config->limits[ADMWH_LIMIT_DRAIN_TIME],
	    .signals = {.stop = config->stop_on_signals,
			.reload = config->reload_on_sighup,
			.stop_fd = server->stop.ask_fd,
			.reload_fd = server->control.rotation.ask_fd},
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
	struct awh_supervisor *supervisor;
	bool drained;

	supervisor = new_supervisor(server);
	if (!supervisor)
		return server->error.code;
	/* Each worker makes its own: TLS contexts hold state that two processes must not share. */
	awh_snapshot_unref(server->endpoint.snapshot);
	server->endpoint.snapshot = NULL;
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
