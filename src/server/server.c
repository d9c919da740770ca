/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container.h"
#include "base/log.h"
#include "conn/conn.h"
#include "config/cpus.h"
#include "telemetry/events.h"
#include "server/control.h"
#include "health/page.h"
#include "server/rotate.h"
#include "process/supervisor.h"

enum {
	THREADS_PRESET_MAX = 8, /* a container's share of a large machine is rarely more */
	WORKERS_PER_THREAD = 4,
};

/*
 * Of what the config has read. Without one a server that may start unready has nothing to compare
 * its files with. again: it was good once
 */
static int first_snapshot(struct admwh_server *server, bool again, struct awh_error *error)
{
	const struct admwh_config *config = server->config;
	struct awh_fault fault;

	server->snapshot =
	    awh_snapshot_new(config, &config->sources, again ? &config->sources : NULL, &fault);
	if (server->snapshot)
		return awh_sources_copy(&server->loaded, &config->sources)
			   ? awh_fail(error, ADMWH_E_NOMEM, "out of memory")
			   : 0;
	if (config->start_unready && fault.error.code != ADMWH_E_NOMEM)
		return 0;
	return awh_fail(error, fault.error.code, "%s", fault.error.text);
}

/* What a stop and a reload are asked for by: a signal handler may write to them. */
static int make_eventfds(struct admwh_server *server, struct awh_error *error)
{
	server->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	server->reload_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (server->stop_fd < 0 || server->reload_fd < 0)
		return awh_fail(error, ADMWH_E_IO, "cannot make an eventfd: %s", strerror(errno));
	return 0;
}

static void make_endpoint(struct admwh_server *server)
{
	server->endpoint.server = server;
	server->endpoint.id = AWH_ENDPOINT_MAIN;
	server->endpoint.routes = &server->routes;
	server->endpoint.is_plain = server->config->plain;
	server->endpoint.most = ADMWH_LIMIT_CONNECTIONS;
	server->endpoint.body = awh_server_limit(server, ADMWH_LIMIT_BODY);
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
	if (make_eventfds(server, &config->error))
		goto out;
	if (awh_metrics_init(&server->events.metrics, 2 + config->processes, &config->error))
		goto out;
	server->callers = awh_callers_new();
	if (!server->callers) {
		awh_fail(&config->error, ADMWH_E_NOMEM, "out of memory");
		goto out;
	}
	if (first_snapshot(server, false, &config->error))
		goto out;
	make_endpoint(server);
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
	if (shard->scratch) /* requests went through it, with their tokens */
		explicit_bzero(shard->scratch, AWH_SCRATCH);
	awh_rotate_deinit_shard(shard);
	free(shard->scratch);
	*shard = (struct awh_shard){0};
}

static void shards_free(struct admwh_server *server)
{
	for (size_t i = 0; i < server->n_shards; i++)
		awh_shard_deinit(&server->shards[i]);
	free(server->shards);
	server->shards = NULL;
	server->n_shards = 0;
}

/* What lives on the first shard's loop. */
static void controls_free(struct admwh_server *server)
{
	awh_endpoint_close(&server->endpoint);
	awh_watch_free(server->stop_watch);
	awh_watch_free(server->lame_duck);
	awh_signal_free(server->signals[0]);
	awh_signal_free(server->signals[1]);
	awh_watch_free(server->orders);
	server->stop_watch = server->lame_duck = server->orders = NULL;
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
	for (size_t i = 0; i < server->n_shards; i++)
		awh_work_detach(&server->shards[i]);
	controls_free(server);
	awh_control_free(server);
	shards_free(server);
	awh_callers_free(server->callers);
	awh_checks_deinit(&server->checks);
	awh_checks_deinit(&server->alive);
	awh_checks_deinit(&server->ready);
	awh_checks_deinit(&server->health);
	awh_routes_deinit(&server->pages);
	awh_routes_deinit(&server->routes);
	awh_chain_deinit(&server->chain);
	awh_snapshot_unref(server->snapshot);
	awh_snapshot_unref(atomic_exchange(&server->fresh, NULL));
	awh_sources_deinit(&server->loaded);
	awh_metrics_deinit(&server->events.metrics);
	awh_config_unref(server->config);
	if (server->stop_fd >= 0)
		close(server->stop_fd);
	if (server->reload_fd >= 0)
		close(server->reload_fd);
	free(server);
}

const char *admwh_server_error(const struct admwh_server *server)
{
	return server ? server->error.text : "";
}

/* What each call that sets a server up begins with. */
static int begin_set(struct admwh_server *server)
{
	if (!server)
		return ADMWH_E_INVAL;
	awh_error_clear(&server->error);
	if (server->started)
		return awh_fail(&server->error, ADMWH_E_STATE, "the server was started already");
	return 0;
}

static int begin_add(struct admwh_server *server, bool has_handler)
{
	int failed = begin_set(server);

	if (failed == 0 && !has_handler)
		failed = awh_fail(&server->error, ADMWH_E_INVAL, "a route needs a handler");
	return failed;
}

/* route: NULL when there was no memory for it */
static struct admwh_route *add_route(struct admwh_server *server, const char *path,
				     struct admwh_route *route)
{
	if (!route) {
		awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	if (awh_routes_add(&server->routes, path, route, &server->error))
		return NULL;
	route->error = &server->error;
	route->chain = &server->chain;
	return route;
}

struct admwh_route *admwh_server_add_validator(struct admwh_server *server, const char *path,
					       admwh_validate_fn *validate, void *userdata)
{
	if (begin_add(server, validate))
		return NULL;
	return add_route(server, path, admwh_route_new_validator(validate, userdata));
}

struct admwh_route *admwh_server_add_mutator(struct admwh_server *server, const char *path,
					     admwh_mutate_fn *mutate, void *userdata)
{
	if (begin_add(server, mutate))
		return NULL;
	return add_route(server, path, admwh_route_new_mutator(mutate, userdata));
}

int admwh_server_add_health_path(struct admwh_server *server, const char *path)
{
	int failed = begin_set(server);

	if (failed)
		return failed;
	return add_route(server, path, awh_route_new_health()) ? 0 : server->error.code;
}

int admwh_server_add_health_check(struct admwh_server *server, const char *name,
				  admwh_health_check_fn *check, void *userdata)
{
	struct awh_check added = {.run = check, .userdata = userdata};
	int failed = begin_set(server);

	if (failed)
		return failed;
	if (name && awh_check_is_taken(name))
		return awh_fail(&server->error, ADMWH_E_EXISTS, "the check %s is the library's own",
				name);
	if (name && strlen(name) < sizeof(added.name))
		memcpy(added.name, name, strlen(name));
	return awh_checks_add(&server->checks, &added, &server->error);
}

int admwh_server_add_hooks(struct admwh_server *server, admwh_before_fn *before,
			   admwh_after_fn *after, void *userdata)
{
	int failed = begin_set(server);

	if (failed)
		return failed;
	if (!before && !after)
		return awh_fail(&server->error, ADMWH_E_INVAL, "neither a before nor an after");
	if (awh_chain_add(&server->chain, (struct awh_around){before, after, userdata}))
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

static bool is_my_turn(void *userdata)
{
	const struct awh_endpoint *endpoint = userdata;
	const struct admwh_server *server = endpoint->server;

	if (!atomic_load(&server->has_snapshot))
		return false; /* they would be closed unanswered here */
	return awh_fleet_turn(server->fleet, server->place,
			      awh_server_limit(server, ADMWH_LIMIT_CONNECTIONS));
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
	const struct awh_shard *shard = userdata;

	(void)happened;
	if (shard->n_conns > 0)
		awh_tell_limit(&shard->server->events, ADMWH_LIMIT_DRAIN_TIME);
	awh_conns_cut(userdata);
}

static void on_all_ended(struct awh_task *task)
{
	struct admwh_server *server = AWH_CONTAINER(task, struct admwh_server, finish);

	controls_free(server);
	awh_loop_end(server->shards[0].loop);
	awh_control_end(server);
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
	if (!server->endpoint.listener)
		return;
	atomic_store(&server->listening, false);
	awh_endpoint_finish(&server->endpoint);
	post_to_shards(server, false);
}

static void on_lame_duck(void *userdata, unsigned int happened)
{
	(void)happened;
	end_accepting(userdata);
}

/* In a worker process: whoever asks for a stop asks for that of all of them. */
static void pass_on(const struct admwh_server *server, enum awh_order order)
{
	const char byte = (char)order;

	send(server->orders_fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void awh_server_pass_on_reload(const struct admwh_server *server)
{
	pass_on(server, AWH_ORDER_RELOAD);
}

/* The watcher says that it is over until it is. */
static void obey_watching(struct admwh_server *server, char order)
{
	atomic_store(&server->stopping, true);
	if (order != AWH_ORDER_CUT || !server->orders)
		return;
	awh_watch_free(server->orders);
	server->orders = NULL;
	awh_control_end(server);
}

static void obey(struct admwh_server *server, char order)
{
	if (order == AWH_ORDER_RELOAD)
		awh_rotate_ask(server);
	if (order != AWH_ORDER_LAME_DUCK && order != AWH_ORDER_STOP && order != AWH_ORDER_CUT)
		return;
	if (server->watches) {
		obey_watching(server, order);
		return;
	}
	atomic_store(&server->stopping, true);
	if (order != AWH_ORDER_LAME_DUCK)
		end_accepting(server);
	if (order == AWH_ORDER_CUT)
		post_to_shards(server, true);
}

/* On the first shard's thread of a worker process, on the control thread's of the watcher. */
static void on_orders(void *userdata, unsigned int happened)
{
	struct admwh_server *server = userdata;
	char orders[16];
	ssize_t got = recv(server->orders_fd, orders, sizeof(orders), MSG_DONTWAIT);

	(void)happened;
	for (ssize_t i = 0; i < got; i++)
		obey(server, orders[i]);
	if (got == 0) { /* the supervisor is gone */
		awh_watch_for(server->orders, 0);
		obey(server, server->watches ? AWH_ORDER_CUT : AWH_ORDER_STOP);
	}
}

/* On the first shard's thread. The second stop does not wait for anyone. */
static void on_stop(void *userdata, unsigned int happened)
{
	struct admwh_server *server = userdata;
	uint64_t times = 0;

	(void)happened;
	if (read(server->stop_fd, &times, sizeof(times)) != sizeof(times))
		return;
	if (server->fleet) {
		pass_on(server, AWH_ORDER_STOP);
		return;
	}
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
	if (server && write(server->stop_fd, &once, sizeof(once)) < 0)
		errno = saved;
}

/* start */

unsigned int awh_server_threads(const struct admwh_server *server)
{
	unsigned int cpus;

	if (server->config->threads)
		return server->config->threads;
	cpus = awh_cpus();
	return cpus < THREADS_PRESET_MAX ? cpus : THREADS_PRESET_MAX;
}

unsigned int awh_server_workers(const struct admwh_server *server)
{
	return server->config->workers ? server->config->workers
				       : awh_server_threads(server) * WORKERS_PER_THREAD;
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
	shard->server = server;
	awh_rotate_init_shard(shard);
	shard->loop = awh_loop_new(&server->error);
	return shard->loop ? awh_shard_init(shard, server, &server->error) : server->error.code;
}

static int make_shards(struct admwh_server *server)
{
	size_t n = awh_server_threads(server);
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

/* A worker process hears of all that from its supervisor. */
static int follow_orders(struct admwh_server *server, struct awh_loop *loop)
{
	server->orders = awh_watch_new(loop, server->orders_fd, on_orders, server);
	if (!server->orders)
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	awh_watch_for(server->orders, AWH_READABLE);
	return 0;
}

static int make_controls(struct admwh_server *server)
{
	struct awh_loop *loop = server->shards[0].loop;

	server->finish.run = on_all_ended;
	server->stop_watch = awh_watch_new(loop, server->stop_fd, on_stop, server);
	server->lame_duck = awh_watch_new(loop, -1, on_lame_duck, server);
	if (server->fleet)
		awh_listener_set_turn(server->endpoint.listener, is_my_turn);
	if (!server->stop_watch || !server->lame_duck ||
	    awh_endpoint_start(&server->endpoint, loop, server->shards, server->n_shards))
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	awh_watch_for(server->stop_watch, AWH_READABLE);
	if (server->fleet)
		return follow_orders(server, loop);
	return server->config->stop_on_signals ? catch_signals(server) : 0;
}

/* The first loop last: nothing is accepted before the others run. */
static int start_loops(struct admwh_server *server)
{
	size_t i = server->n_shards;
	int failed = awh_control_start(server);

	if (failed)
		return failed;
	atomic_store(&server->listening, true);
	while (i > 0 && failed == 0)
		failed =
		    awh_loop_start(server->shards[--i].loop, awh_tls_thread_end, &server->error);
	if (failed == 0)
		return 0;
	awh_control_end(server);
	for (i++; i < server->n_shards; i++) {
		awh_loop_post(server->shards[i].loop, &server->shards[i].stop);
		awh_loop_join(server->shards[i].loop);
	}
	return failed;
}

void awh_server_log_start(struct admwh_server *server)
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
	awh_event_text(&event, "client_auth", awh_config_auth_name(config));
	awh_event_number(&event, "bundles", (int64_t)config->n_bundles);
	awh_event_number(&event, "routes", (int64_t)server->routes.n_items);
	awh_event_number(&event, "threads", awh_server_threads(server));
	awh_event_number(&event, "workers", awh_server_workers(server));
	if (config->processes)
		awh_event_number(&event, "processes", config->processes);
	awh_event_send(&event);
	if (config->insecure || config->observe) {
		awh_event_begin(&event, &server->events.log, ADMWH_LOG_WARNING,
				"identify.insecure");
		awh_event_text(&event, "reason",
			       config->plain     ? "HTTP without TLS, for anyone"
			       : config->observe ? "callers are observed: no one is refused"
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

int awh_server_bind(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	int failed;

	if (server->routes.n_items == 0 && !config->has_health)
		return awh_fail(&server->error, ADMWH_E_STATE, "the server has no route");
	if (awh_admit_check(server, &server->error))
		return server->error.code;
	if (awh_metrics_add_routes(&server->events.metrics, server->routes.n_items, &server->error))
		return server->error.code;
	if (awh_metrics_add_bundles(&server->events.metrics, config->n_bundles, &server->error))
		return server->error.code;
	failed = awh_endpoint_bind(&server->endpoint, &config->address, &server->error);
	if (failed == 0 && config->has_health)
		failed = awh_endpoint_bind(&server->health_endpoint, &config->health_address,
					   &server->error);
	if (failed)
		return failed;
	server->port = awh_listener_port(server->endpoint.listener);
	if (config->has_health)
		server->health_port = awh_listener_port(server->health_endpoint.listener);
	return 0;
}

/*
 * What the supervisor began with may be long out of date, and let in whom a newer file denies. So
 * where files are read again, a process that finds them bad does not serve, as a program that is
 * started anew would not.
 */
static int renew_snapshot(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	int failed;

	if (!config->reload)
		return first_snapshot(server, true, &server->error);
	failed = awh_rotate_catch_up(server, &server->error);
	return config->start_unready ? 0 : failed;
}

/* wolfSSL's contexts hold state that two processes must not share; an eventfd would be shared. */
int awh_server_renew(struct admwh_server *server)
{
	close(server->stop_fd);
	close(server->reload_fd);
	if (make_eventfds(server, &server->error))
		return server->error.code;
	awh_sources_deinit(&server->loaded);
	return renew_snapshot(server);
}

static int make_parts(struct admwh_server *server)
{
	const struct admwh_config *config = server->config;
	struct awh_error missed; /* the reloader tells it, too */
	int failed;

	if (server->process_start && server->process_start(server->process_userdata))
		return awh_fail(&server->error, ADMWH_E_HANDLER,
				"the program could not get ready to serve");
	server->pool = awh_pool_new(awh_server_workers(server), config->limits[ADMWH_LIMIT_QUEUE],
				    awh_server_share(server, ADMWH_LIMIT_QUEUE), &server->error);
	if (config->reload && !server->fleet) /* a worker process has done so */
		awh_rotate_catch_up(server, &missed);
	failed = server->pool ? make_shards(server) : server->error.code;
	if (failed == 0)
		failed = make_controls(server);
	return failed ? failed : awh_control_make(server);
}

int awh_server_start_here(struct admwh_server *server)
{
	int failed;

	if (server->fleet)
		awh_endpoint_close(&server->health_endpoint); /* the watcher's */
	failed = make_parts(server);
	return failed ? failed : start_loops(server);
}

int awh_server_watch_here(struct admwh_server *server)
{
	int failed;

	server->watches = true;
	awh_endpoint_close(&server->endpoint);
	failed = awh_control_make(server);
	if (failed == 0)
		failed = follow_orders(server, server->control);
	return failed ? failed : awh_control_start(server);
}

static int begin_start(struct admwh_server *server)
{
	int failed;

	server->started = true;
	failed = awh_pages_make(server);
	awh_routes_freeze(&server->routes);
	return failed;
}

/* Nothing is left of a start, or of what a supervisor has bound. */
static void undo_start(struct admwh_server *server)
{
	server->ended = true;
	server->port = server->health_port = 0;
	controls_free(server);
	awh_control_free(server);
	shards_free(server);
}

int admwh_server_start(struct admwh_server *server)
{
	int failed = begin_set(server);

	if (failed)
		return failed;
	if (server->config->processes)
		return awh_fail(&server->error, ADMWH_E_STATE,
				"worker processes are started by admwh_server_run() alone");
	failed = begin_start(server);
	if (failed)
		return failed;
	failed = awh_server_bind(server);
	if (failed == 0)
		failed = awh_server_start_here(server);
	if (failed) {
		undo_start(server);
		return failed;
	}
	awh_server_log_start(server);
	return 0;
}

void awh_server_log_stop(struct admwh_server *server, bool drained)
{
	struct awh_event event;

	awh_event_begin(&event, &server->events.log, ADMWH_LOG_INFO, "accept.stopped");
	awh_event_text(&event, "drained", drained ? "yes" : "no");
	awh_event_send(&event);
}

int admwh_server_wait(struct admwh_server *server)
{
	if (!server)
		return ADMWH_E_INVAL;
	if (!server->started || !server->shards)
		return awh_fail(&server->error, ADMWH_E_STATE, "the server was never started");
	for (size_t i = 0; i < server->n_shards; i++)
		awh_loop_join(server->shards[i].loop);
	awh_loop_join(server->control);
	if (!server->ended) {
		server->ended = true;
		if (!server->fleet)
			awh_server_log_stop(server, !atomic_load(&server->cut_off));
	}
	if (atomic_load(&server->cut_off))
		return awh_fail(&server->error, ADMWH_E_TIMEOUT,
				"the drain ended with requests in flight");
	return 0;
}

int admwh_server_run(struct admwh_server *server)
{
	int failed = begin_set(server);

	if (failed)
		return failed;
	if (server->config->processes == 0) {
		failed = admwh_server_start(server);
		return failed ? failed : admwh_server_wait(server);
	}
	failed = begin_start(server);
	if (failed)
		return failed;
	failed = awh_supervise(server);
	undo_start(server);
	return failed;
}

int admwh_server_set_process_start(struct admwh_server *server, admwh_process_start_fn *start,
				   void *userdata)
{
	int failed = begin_set(server);

	if (failed)
		return failed;
	server->process_start = start;
	server->process_userdata = userdata;
	return 0;
}

uint16_t admwh_server_port(const struct admwh_server *server)
{
	return server ? server->port : 0;
}

uint16_t admwh_server_health_port(const struct admwh_server *server)
{
	return server ? server->health_port : 0;
}
