/* SPDX-License-Identifier: MIT */
#include "server/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/eventfd.h"
#include "conn/pending.h"
#include "tls/tls.h"

/* What a stop and a reload are asked for by: a signal handler may write to them. */
static int make_eventfds(struct awh_service *service, struct awh_error *error)
{
	service->stop.ask_fd = awh_eventfd_new();
	service->control.rotation.ask_fd = awh_eventfd_new();
	if (service->stop.ask_fd < 0 || service->control.rotation.ask_fd < 0)
		return awh_fail(error, ADMWH_E_IO, "cannot make an eventfd: %s", strerror(errno));
	return 0;
}

static void close_eventfds(struct awh_service *service)
{
	if (service->stop.ask_fd >= 0)
		close(service->stop.ask_fd);
	if (service->control.rotation.ask_fd >= 0)
		close(service->control.rotation.ask_fd);
	service->stop.ask_fd = service->control.rotation.ask_fd = -1;
}

static void set_up_endpoint(struct awh_endpoint *endpoint, struct awh_shared *shared,
			    const struct awh_routes *routes)
{
	endpoint->shared = shared;
	endpoint->id = AWH_ENDPOINT_MAIN;
	endpoint->routes = routes;
	endpoint->is_plain = shared->config->plain;
	endpoint->most = ADMWH_LIMIT_CONNECTIONS;
	endpoint->body = awh_shared_limit(shared, ADMWH_LIMIT_BODY);
}

/* Each part learns of those that it works with. */
static void connect_parts(struct awh_service *service, struct awh_pages *pages)
{
	struct awh_rotation *rotation = &service->control.rotation;
	struct awh_stop *stop = &service->stop;

	service->control.shared = &service->shared;
	service->control.pages = pages;
	rotation->config = service->shared.config;
	rotation->events = service->shared.events;
	rotation->role = &service->role;
	rotation->endpoint = &service->endpoint;
	rotation->conversions = &service->conversions;
	rotation->shards = &service->shards;
	stop->shared = &service->shared;
	stop->endpoint = &service->endpoint;
	stop->shards = &service->shards;
	stop->conversions = &service->conversions;
	stop->control = &service->control;
	stop->role = &service->role;
	pages->view.listening = &service->endpoint.listening;
	pages->view.stopping = &service->shared.stopping;
}

int awh_service_init(struct awh_service *service, const struct admwh_config *config,
		     struct awh_events *events, const struct awh_routes *routes,
		     const struct awh_routes *conversions, struct awh_pages *pages,
		     struct awh_error *error)
{
	service->shared.config = config;
	service->shared.events = events;
	set_up_endpoint(&service->endpoint, &service->shared, routes);
	connect_parts(service, pages);
	if (make_eventfds(service, error))
		return error->code;
	service->shared.callers = awh_callers_new();
	if (!service->shared.callers ||
	    awh_conversions_init(&service->conversions, config, events, conversions))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return awh_rotation_first(&service->control.rotation, false, error);
}

static void shards_free(struct awh_shards *shards)
{
	for (size_t i = 0; i < shards->n_items; i++)
		awh_shard_deinit(&shards->items[i]);
	free(shards->items);
	*shards = (struct awh_shards){0};
}

void awh_service_undo(struct awh_service *service)
{
	awh_pool_free(service->shared.pool);
	service->shared.pool = NULL;
	awh_recorder_free(service->shared.recorder);
	service->shared.recorder = NULL;
	for (size_t i = 0; i < service->shards.n_items; i++)
		awh_pending_detach(&service->shards.items[i]);
	awh_conversions_undo(&service->conversions);
	awh_endpoint_close(&service->endpoint);
	awh_stop_free(&service->stop);
	awh_control_free(&service->control);
	shards_free(&service->shards);
}

void awh_service_deinit(struct awh_service *service)
{
	awh_service_undo(service);
	awh_conversions_deinit(&service->conversions);
	awh_callers_free(service->shared.callers);
	awh_snapshot_unref(service->endpoint.snapshot);
	awh_rotation_deinit(&service->control.rotation);
	close_eventfds(service);
}

int awh_service_bind(struct awh_service *service, struct awh_view *view, struct awh_error *error)
{
	const struct admwh_config *config = service->shared.config;
	struct awh_endpoint *health = &service->control.endpoint;
	int err = awh_endpoint_bind(&service->endpoint, &config->address, error);

	if (err == 0 && config->has_health)
		err = awh_endpoint_bind(health, &config->health_address, error);
	if (err == 0)
		err = awh_conversions_bind(&service->conversions, &view->conversion_port, error);
	if (err)
		return err;
	view->port = awh_listener_port(service->endpoint.listener);
	view->health_port = config->has_health ? awh_listener_port(health->listener) : 0;
	return 0;
}

/*
 * What the supervisor began with may be long out of date, and allow what a newer file denies. So
 * where files are read again, or have been, a process that finds them bad does not serve, or begins
 * without them, as a program that is started anew would.
 */
static int renew_snapshot(struct awh_rotation *rotation, struct awh_error *error)
{
	int err;

	awh_sources_deinit(&rotation->loaded);
	if (!rotation->config->reload && !rotation->role->was_reloaded)
		return awh_rotation_first(rotation, true, error);
	err = awh_rotation_catch_up(rotation, false, error);
	return rotation->config->start_unready ? 0 : err;
}

/* wolfSSL's contexts hold state that two processes must not share; an eventfd would be shared. */
int awh_service_renew(struct awh_service *service, struct awh_error *error)
{
	close_eventfds(service);
	if (make_eventfds(service, error))
		return error->code;
	return renew_snapshot(&service->control.rotation, error);
}

static int make_pool(struct awh_shared *shared, struct awh_error *error)
{
	shared->pool = awh_pool_new(awh_config_workers(shared->config),
				    awh_shared_limit(shared, ADMWH_LIMIT_QUEUE),
				    awh_shared_caller_limit(shared, ADMWH_LIMIT_QUEUE), error);
	return shared->pool ? 0 : error->code;
}

static int make_shard(struct awh_service *service, struct awh_shard *shard, struct awh_error *error)
{
	shard->loop = awh_loop_new(error);
	if (!shard->loop)
		return error->code;
	if (awh_shard_init(shard, &service->shared, service->endpoint.snapshot, awh_stop_on_drained,
			   &service->stop))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

static int make_shards(struct awh_service *service, struct awh_error *error)
{
	struct awh_shards *shards = &service->shards;
	size_t n = awh_config_threads(service->shared.config);
	int err = 0;

	shards->items = calloc(n, sizeof(*shards->items));
	if (!shards->items)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	while (shards->n_items < n && err == 0)
		err = make_shard(service, &shards->items[shards->n_items++], error);
	return err;
}

/* Without a snapshot connections would be closed unanswered here. */
static bool is_my_turn(void *userdata)
{
	const struct awh_service *service = userdata;

	return atomic_load(&service->control.rotation.has_snapshot) &&
	       awh_fleet_turn(service->role.fleet, service->role.place,
			      awh_shared_limit(&service->shared, ADMWH_LIMIT_CONNECTIONS));
}

static int start_endpoint(struct awh_service *service, struct awh_error *error)
{
	const struct awh_endpoint_owner owner = awh_shards_owner(&service->shards);
	struct awh_endpoint *endpoint = &service->endpoint;

	if (service->role.fleet) {
		endpoint->is_my_turn = is_my_turn;
		endpoint->turn_userdata = service;
	}
	if (awh_endpoint_start(endpoint, service->shards.items[0].loop, &owner))
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

static bool has_snapshot(void *userdata)
{
	const struct awh_service *service = userdata;

	return atomic_load(&service->control.rotation.has_snapshot);
}

static int make_conversions(struct awh_service *service, struct awh_error *error)
{
	struct awh_endpoint *endpoint = &service->conversions.endpoint;

	if (service->role.fleet) {
		endpoint->is_my_turn = has_snapshot;
		endpoint->turn_userdata = service;
	}
	return awh_conversions_make(&service->conversions, service->shards.items[0].loop,
				    service->endpoint.snapshot, awh_stop_on_drained, &service->stop,
				    error);
}

/* Its loop was started, and the one that accepts was not. */
static void end_conversions(struct awh_service *service)
{
	if (!service->conversions.exists)
		return;
	awh_shard_stop(&service->conversions.shard);
	awh_conversions_join(&service->conversions);
}

/* The first loop last: nothing is accepted before the others run. */
static int start_loops(struct awh_service *service, struct awh_error *error)
{
	struct awh_shards *shards = &service->shards;
	size_t i = shards->n_items;
	int err = awh_control_start(&service->control, error);

	if (err)
		return err;
	err = awh_conversions_start(&service->conversions, error);
	while (i > 0 && err == 0)
		err = awh_loop_start(shards->items[--i].loop, awh_tls_thread_trim, error);
	if (err == 0)
		return 0;
	awh_control_end(&service->control);
	if (i < shards->n_items)
		end_conversions(service);
	for (i++; i < shards->n_items; i++) {
		awh_shard_stop(&shards->items[i]);
		awh_loop_join(shards->items[i].loop);
	}
	return err;
}

static int start_serving(struct awh_service *service, struct awh_error *error)
{
	struct awh_shared *shared = &service->shared;
	int err = make_pool(shared, error);

	if (err == 0)
		err = awh_recorder_new(&shared->recorder, shared->config, shared->events, error);
	if (err == 0)
		err = make_shards(service, error);
	if (err == 0)
		err = start_endpoint(service, error);
	if (err == 0)
		err = make_conversions(service, error);
	if (err == 0)
		err = awh_stop_make(&service->stop, error);
	if (err == 0)
		err = awh_control_make(&service->control, error);
	return err ? err : start_loops(service, error);
}

static int start_watching(struct awh_service *service, struct awh_error *error)
{
	int err;

	awh_endpoint_close(&service->endpoint);
	awh_endpoint_close(&service->conversions.endpoint);
	err = awh_control_make(&service->control, error);
	if (err == 0)
		err = awh_stop_make_watching(&service->stop, error);
	return err ? err : awh_control_start(&service->control, error);
}

int awh_service_start(struct awh_service *service, struct awh_error *error)
{
	struct awh_error missed; /* the reloader tells it, too */

	if (service->role.is_watcher)
		return start_watching(service, error);
	if (service->role.fleet)
		awh_endpoint_close(&service->control.endpoint); /* the watcher's */
	else if (service->shared.config->reload)                /* a worker process has done so */
		awh_rotation_catch_up(&service->control.rotation, true, &missed);
	return start_serving(service, error);
}

bool awh_service_wait(struct awh_service *service)
{
	for (size_t i = 0; i < service->shards.n_items; i++)
		awh_loop_join(service->shards.items[i].loop);
	awh_conversions_join(&service->conversions);
	awh_control_join(&service->control);
	return !atomic_load(&service->shared.cut_off) &&
	       !atomic_load(&service->conversions.shared.cut_off);
}

bool awh_service_has_abandoned(const struct awh_service *service)
{
	return atomic_load(&service->shared.abandoned) +
		   atomic_load(&service->conversions.shared.abandoned) >
	       0;
}

void awh_service_stop(struct awh_service *service)
{
	awh_eventfd_add(service->stop.ask_fd);
}

void awh_service_reload(struct awh_service *service)
{
	awh_eventfd_add(service->control.rotation.ask_fd);
}
