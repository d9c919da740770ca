/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/container.h"
#include "base/log.h"
#include "server/conn.h"
#include "server/events.h"
#include "server/keeper.h"

enum {
	THREADS_PRESET_MAX = 8, /* a container's share of a large machine is rarely more */
	WORKERS_PER_THREAD = 4,
};

static void make_door(struct admwh_server *server)
{
	server->door.server = server;
	server->door.id = AWH_DOOR_MAIN;
	server->door.routes = &server->routes;
	server->door.is_plain = server->config->plain;
	server->door.most = ADMWH_LIMIT_CONNECTIONS;
	server->door.body = awh_server_limit(server, ADMWH_LIMIT_BODY);
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
	server->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (server->stop_fd < 0) {
		awh_fail(&config->error, ADMWH_E_IO, "cannot make an eventfd: %s", strerror(errno));
		goto out;
	}
	if (awh_metrics_init(&server->events.metrics, AWH_SLOTS, &config->error))
		goto out;
	server->guard = awh_guard_new(config, &config->sources, &config->error);
	if (!server->guard)
		goto out;
	make_door(server);
	config->frozen = true;
	return server;
out:
	admwh_server_free(server);
	return NULL;
}

void awh_shard_deinit(struct awh_shard *shard)
{
	awh_watch_free(shard->drain);
	awh_loop_free(shard->loop);
	awh_guard_unref(shard->guard);
	free(shard->scratch);
	*shard = (struct awh_shard){0};
}

static void shards_free(struct admwh_server *server)
{
	for (size_t i = 0; i < server->n_shards; i++) {
		awh_shard_deinit(&server->shards[i]);
	}
	free(server->shards);
	server->shards = NULL;
	server->n_shards = 0;
}

/* What lives on the first shard's loop. */
static void controls_free(struct admwh_server *server)
{
	awh_door_close(&server->door);
	awh_watch_free(server->stop_watch);
	awh_watch_free(server->lame_duck);
	awh_signal_free(server->signals[0]);
	awh_signal_free(server->signals[1]);
	server->stop_watch = server->lame_duck = NULL;
	server->signals[0] = server->signals[1] = NULL;
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
	awh_pool_free(server->pool);
	controls_free(server);
	awh_keeper_free(server);
	shards_free(server);
	awh_routes_deinit(&server->pages);
	awh_routes_deinit(&server->routes);
	awh_guard_unref(server->guard);
	awh_metrics_deinit(&server->events.metrics);
	admwh_config_free(server->config);
	if (server->stop_fd >= 0)
		close(server->stop_fd);
	free(server);
}

const char *admwh_server_error(const struct admwh_server *server)
{
	return server ? server->error.text : "";
}

static struct admwh_route *add_route(struct admwh_server *server, const char *path,
				     struct admwh_route *route)
{
	awh_error_clear(&server->error);
	if (server->started) {
		admwh_route_free(route);
		awh_fail(&server->error, ADMWH_E_STATE, "the server was started already");
		return NULL;
	}
	if (!route) {
		awh_fail(&server->error, ADMWH_E_INVAL, "no handler, or out of memory");
		return NULL;
	}
	if (awh_routes_add(&server->routes, path, route, &server->error))
		return NULL;
	return route;
}

struct admwh_route *admwh_server_add_validator(struct admwh_server *server, const char *path,
					       admwh_validate_fn *validate, void *userdata)
{
	return add_route(server, path, admwh_route_new_validator(validate, userdata));
}

struct admwh_route *admwh_server_add_mutator(struct admwh_server *server, const char *path,
					     admwh_mutate_fn *mutate, void *userdata)
{
	return add_route(server, path, admwh_route_new_mutator(mutate, userdata));
}

int admwh_server_add_health(struct admwh_server *server, const char *path)
{
	return add_route(server, path, awh_route_new_health()) ? 0 : server->error.code;
}

static void on_shard_evict(struct awh_task *task)
{
	struct awh_shard *shard = AWH_CONTAINER(task, struct awh_shard, evict);

	awh_conns_evict(shard);
}

/* stop */

static void on_shard_stop(struct awh_task *task)
{
	struct awh_shard *shard = AWH_CONTAINER(task, struct awh_shard, stop);

	shard->stopping = true;
	awh_watch_timer(shard->drain,
			(int64_t)awh_server_limit(shard->server, ADMWH_LIMIT_DRAIN_TIME));
	awh_conns_retire(shard);
	awh_shard_check_end(shard);
}

static void on_shard_cut(struct awh_task *task)
{
	struct awh_shard *shard = AWH_CONTAINER(task, struct awh_shard, cut);

	awh_conns_cut(shard);
}

static void on_drain(void *userdata, unsigned int happened)
{
	(void)happened;
	awh_conns_cut(userdata);
}

static void on_all_ended(struct awh_task *task)
{
	struct admwh_server *server = AWH_CONTAINER(task, struct admwh_server, finish);

	controls_free(server);
	awh_loop_end(server->shards[0].loop);
	awh_keeper_end(server);
}

void awh_shard_check_end(struct awh_shard *shard)
{
	struct admwh_server *server = shard->server;

	if (!shard->stopping || shard->ended || shard->n_conns > 0)
		return;
	shard->ended = true;
	awh_watch_free(shard->drain);
	shard->drain = NULL;
	if (shard != &server->shards[0])
		awh_loop_end(shard->loop);
	/* The first loop stays until the last one is done: a second stop must reach them all. */
	if (atomic_fetch_add(&server->n_ended, 1) + 1 == server->n_shards)
		awh_loop_post(server->shards[0].loop, &server->finish);
}

static void post_to_shards(struct admwh_server *server, bool cut)
{
	for (size_t i = 0; i < server->n_shards; i++) {
		struct awh_shard *shard = &server->shards[i];

		awh_loop_post(shard->loop, cut ? &shard->cut : &shard->stop);
	}
}

static void end_accepting(struct admwh_server *server)
{
	if (!server->door.listener)
		return;
	atomic_store(&server->listening, false);
	awh_door_finish(&server->door);
	post_to_shards(server, false);
}

static void on_lame_duck(void *userdata, unsigned int happened)
{
	(void)happened;
	end_accepting(userdata);
}

/* On the first shard's thread. The second stop does not wait for anyone. */
static void on_stop(void *userdata, unsigned int happened)
{
	struct admwh_server *server = userdata;
	uint64_t times = 0;

	(void)happened;
	if (read(server->stop_fd, &times, sizeof(times)) != sizeof(times))
		return;
	server->stops += times > 1 ? 2 : 1;
	atomic_store(&server->stopping, true);
	if (server->stops == 1 && awh_server_limit(server, ADMWH_LIMIT_LAME_DUCK_TIME) > 0) {
		awh_watch_timer(server->lame_duck,
				(int64_t)awh_server_limit(server, ADMWH_LIMIT_LAME_DUCK_TIME));
		return;
	}
	end_accepting(server);
	if (server->stops > 1) {
		awh_watch_for(server->stop_watch, 0);
		post_to_shards(server, true);
	}
}

void admwh_server_stop(struct admwh_server *server)
{
	const uint64_t once = 1;
	int saved = errno; /* may be called in a signal handler */

	/* Only fails when the counter is full: then it has been asked for often enough. */
	if (write(server->stop_fd, &once, sizeof(once)) < 0)
		errno = saved;
}

/* start */

static unsigned int threads_of(const struct admwh_config *config)
{
	cpu_set_t set;
	unsigned int cpus = 1;

	if (config->threads)
		return config->threads;
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		cpus = (unsigned int)CPU_COUNT(&set);
	return cpus < THREADS_PRESET_MAX ? cpus : THREADS_PRESET_MAX;
}

int awh_shard_init(struct awh_shard *shard, struct admwh_server *server, struct awh_error *error)
{
	shard->server = server;
	shard->stop.run = on_shard_stop;
	shard->cut.run = on_shard_cut;
	shard->evict.run = on_shard_evict;
	shard->scratch = malloc(AWH_SCRATCH);
	shard->drain = awh_watch_new(shard->loop, -1, on_drain, shard);
	if (!shard->scratch || !shard->drain)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

static int make_shard(struct admwh_server *server, struct awh_shard *shard)
{
	shard->guard = awh_guard_ref(server->guard);
	shard->loop = awh_loop_new(&server->error);
	return shard->loop ? awh_shard_init(shard, server, &server->error) : server->error.code;
}

static int make_shards(struct admwh_server *server)
{
	size_t n = threads_of(server->config);
	int failed = 0;

	server->shards = calloc(n, sizeof(*server->shards));
	if (!server->shards)
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	while (server->n_shards < n && failed == 0) {
		server->n_shards++;
		failed = make_shard(server, &server->shards[server->n_shards - 1]);
	}
	return failed;
}

static void on_signal(void *userdata)
{
	admwh_server_stop(userdata);
}

static int catch_signals(struct admwh_server *server)
{
	struct awh_loop *loop = server->shards[0].loop;

	server->signals[0] = awh_signal_new(loop, SIGTERM, on_signal, server, &server->error);
	if (!server->signals[0])
		return server->error.code;
	server->signals[1] = awh_signal_new(loop, SIGINT, on_signal, server, &server->error);
	return server->signals[1] ? 0 : server->error.code;
}

static int make_controls(struct admwh_server *server)
{
	struct awh_loop *loop = server->shards[0].loop;

	server->finish.run = on_all_ended;
	server->stop_watch = awh_watch_new(loop, server->stop_fd, on_stop, server);
	server->lame_duck = awh_watch_new(loop, -1, on_lame_duck, server);
	if (!server->stop_watch || !server->lame_duck ||
	    awh_door_start(&server->door, loop, server->shards, server->n_shards))
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	awh_watch_for(server->stop_watch, AWH_READABLE);
	return server->config->stop_on_signals ? catch_signals(server) : 0;
}

/* The first loop last: nothing is accepted before the others run. */
static int start_loops(struct admwh_server *server)
{
	size_t i = server->n_shards;
	int failed = awh_keeper_start(server);

	if (failed)
		return failed;
	atomic_store(&server->listening, true);
	while (i > 0 && failed == 0)
		failed =
		    awh_loop_start(server->shards[--i].loop, awh_tls_thread_end, &server->error);
	if (failed == 0)
		return 0;
	awh_keeper_end(server);
	for (i++; i < server->n_shards; i++) {
		awh_loop_post(server->shards[i].loop, &server->shards[i].stop);
		awh_loop_join(server->shards[i].loop);
	}
	return failed;
}

static void log_start(struct admwh_server *server, unsigned int workers)
{
	const struct admwh_config *config = server->config;
	const char *warning = awh_tls_library_warning();
	char address[AWH_ADDRESS_TEXT];
	struct awh_event event;

	awh_address_text(&config->address, address, sizeof(address));
	awh_event_begin(&event, &server->events.log, ADMWH_LOG_INFO, "accept.started");
	awh_event_text(&event, "address", address);
	awh_event_number(&event, "port", server->port);
	if (server->health_port)
		awh_event_number(&event, "health_port", server->health_port);
	awh_event_text(&event, "tls", config->plain ? "none" : awh_tls_library());
	awh_event_text(&event, "client_auth",
		       config->plain                        ? "plain"
		       : config->insecure                   ? "insecure"
		       : config->auth == ADMWH_AUTH_REQUEST ? "request"
							    : "handshake");
	awh_event_number(&event, "bundles", (int64_t)config->n_bundles);
	awh_event_number(&event, "routes", (int64_t)server->routes.n_items);
	awh_event_number(&event, "threads", (int64_t)server->n_shards);
	awh_event_number(&event, "workers", workers);
	awh_event_send(&event);
	if (config->insecure) {
		awh_event_begin(&event, &server->events.log, ADMWH_LOG_WARNING,
				"identify.insecure");
		awh_event_text(&event, "reason",
			       config->plain ? "HTTP without TLS, for anyone"
					     : "no client is asked for a certificate");
		awh_event_send(&event);
	}
	if (warning) {
		awh_event_begin(&event, &server->events.log, ADMWH_LOG_WARNING,
				"handshake.version");
		awh_event_text(&event, "reason", warning);
		awh_event_send(&event);
	}
}

static int bind_doors(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	int failed = awh_door_bind(&server->door, &config->address, &server->error);

	if (failed == 0 && config->has_health)
		failed =
		    awh_door_bind(&server->health_door, &config->health_address, &server->error);
	if (failed)
		return failed;
	server->port = awh_listener_port(server->door.listener);
	if (config->has_health)
		server->health_port = awh_listener_port(server->health_door.listener);
	return 0;
}

static int make_parts(struct admwh_server *server, unsigned int workers)
{
	const struct admwh_config *config = server->config;
	int failed;

	if (server->routes.n_items == 0)
		return awh_fail(&server->error, ADMWH_E_STATE, "the server has no route");
	failed =
	    awh_metrics_add_routes(&server->events.metrics, server->routes.n_items, &server->error);
	if (failed)
		return failed;
	failed = bind_doors(server);
	if (failed)
		return failed;
	server->pool = awh_pool_new(workers, config->limits[ADMWH_LIMIT_QUEUE], &server->error);
	failed = server->pool ? make_shards(server) : server->error.code;
	if (failed == 0)
		failed = make_controls(server);
	return failed ? failed : awh_keeper_make(server);
}

int admwh_server_start(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	unsigned int workers =
	    config->workers ? config->workers : threads_of(config) * WORKERS_PER_THREAD;
	int failed;

	awh_error_clear(&server->error);
	if (server->started)
		return awh_fail(&server->error, ADMWH_E_STATE, "the server was started already");
	server->started = true;
	awh_routes_freeze(&server->routes);
	failed = make_parts(server, workers);
	if (failed == 0)
		failed = start_loops(server);
	if (failed) {
		server->ended = true;
		server->port = server->health_port = 0;
		controls_free(server);
		awh_keeper_free(server);
		shards_free(server);
		return failed;
	}
	log_start(server, workers);
	return 0;
}

int admwh_server_wait(struct admwh_server *server)
{
	struct awh_event event;

	if (!server->started || !server->shards)
		return awh_fail(&server->error, ADMWH_E_STATE, "the server was never started");
	for (size_t i = 0; i < server->n_shards; i++)
		awh_loop_join(server->shards[i].loop);
	awh_loop_join(server->keeper);
	if (!server->ended) {
		server->ended = true;
		awh_event_begin(&event, &server->events.log, ADMWH_LOG_INFO, "accept.stopped");
		awh_event_text(&event, "drained", atomic_load(&server->cut_off) ? "no" : "yes");
		awh_event_send(&event);
	}
	if (atomic_load(&server->cut_off))
		return awh_fail(&server->error, ADMWH_E_TIMEOUT,
				"the drain ended with requests in flight");
	return 0;
}

int admwh_server_run(struct admwh_server *server)
{
	int failed = admwh_server_start(server);

	return failed ? failed : admwh_server_wait(server);
}

uint16_t admwh_server_port(const struct admwh_server *server)
{
	return server->port;
}

uint16_t admwh_server_health_port(const struct admwh_server *server)
{
	return server ? server->health_port : 0;
}
