/* SPDX-License-Identifier: MIT */
/*
 * What a program adds to a server before it starts, and what it may ask it.
 */
#include <string.h>

#include "server/server.h"

int awh_server_begin_set(struct admwh_server *server)
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
	int err = awh_server_begin_set(server);

	if (err == 0 && !has_handler)
		err = awh_fail(&server->error, ADMWH_E_INVAL, "a route needs a handler");
	return err;
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
	route->hooks = &server->hooks;
	route->files = &server->config->files;
	return route;
}

/* Metrics tell handlers apart by their paths alone. */
static int check_free(struct admwh_server *server, const struct awh_routes *others,
		      const char *path)
{
	if (path && awh_routes_find(others, path))
		return awh_fail(&server->error, ADMWH_E_EXISTS, "%s has a handler already", path);
	return 0;
}

struct admwh_route *admwh_server_add_validator(struct admwh_server *server, const char *path,
					       admwh_validate_fn *validate, void *userdata)
{
	if (begin_add(server, validate) || check_free(server, &server->conversions, path))
		return NULL;
	return add_route(server, path, admwh_route_new_validator(validate, userdata));
}

struct admwh_route *admwh_server_add_mutator(struct admwh_server *server, const char *path,
					     admwh_mutate_fn *mutate, void *userdata)
{
	if (begin_add(server, mutate) || check_free(server, &server->conversions, path))
		return NULL;
	return add_route(server, path, admwh_route_new_mutator(mutate, userdata));
}

int admwh_server_add_conversion(struct admwh_server *server, const char *path,
				admwh_convert_fn *convert, void *userdata)
{
	struct admwh_route *route;
	int err = begin_add(server, convert);

	if (err == 0)
		err = check_free(server, &server->routes, path);
	if (err)
		return err;
	route = awh_route_new_conversion(convert, userdata);
	if (!route)
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	route->files = &server->config->files;
	return awh_routes_add(&server->conversions, path, route, &server->error);
}

int admwh_server_add_health_path(struct admwh_server *server, const char *path)
{
	int err = awh_server_begin_set(server);

	if (err)
		return err;
	return add_route(server, path, awh_page_new_health(&server->pages)) ? 0
									    : server->error.code;
}

int admwh_server_add_health_check(struct admwh_server *server, const char *name,
				  admwh_health_check_fn *check, void *userdata)
{
	struct awh_check added = {.run = check, .userdata = userdata};
	int err = awh_server_begin_set(server);

	if (err)
		return err;
	if (name && awh_check_is_taken(name))
		return awh_fail(&server->error, ADMWH_E_EXISTS, "the check %s is the library's own",
				name);
	if (name && strlen(name) < sizeof(added.name))
		memcpy(added.name, name, strlen(name));
	return awh_checks_add(&server->pages.program, &added, &server->error);
}

int admwh_server_add_hooks(struct admwh_server *server, admwh_before_fn *before,
			   admwh_after_fn *after, void *userdata)
{
	int err = awh_server_begin_set(server);

	if (err)
		return err;
	if (!before && !after)
		return awh_fail(&server->error, ADMWH_E_INVAL,
				"neither a before hook nor an after hook");
	if (awh_hooks_add(&server->hooks, (struct awh_hook){before, after, userdata}))
		return awh_fail(&server->error, ADMWH_E_NOMEM, "out of memory");
	return 0;
}

int admwh_server_set_process_start(struct admwh_server *server, admwh_process_start_fn *start,
				   void *userdata)
{
	int err = awh_server_begin_set(server);

	if (err)
		return err;
	server->process_start = start;
	server->process_userdata = userdata;
	return 0;
}

int admwh_server_set_process_stop(struct admwh_server *server, admwh_process_stop_fn *stop,
				  void *userdata)
{
	int err = awh_server_begin_set(server);

	if (err)
		return err;
	server->process_stop = stop;
	server->process_stop_userdata = userdata;
	return 0;
}

void admwh_server_log(const struct admwh_server *server, const struct admwh_log_record *record)
{
	struct awh_event event;

	if (!server)
		return;
	awh_event_begin(&event, &server->events.log, record->level, record->event);
	for (size_t i = 0; i < record->n_fields && i < 20; i++)
		awh_event_field(&event, &record->fields[i]);
	awh_event_send(&event);
}

const char *admwh_server_error(const struct admwh_server *server)
{
	return server ? server->error.text : "";
}

uint16_t admwh_server_port(const struct admwh_server *server)
{
	return server ? server->pages.view.port : 0;
}

uint16_t admwh_server_conversion_port(const struct admwh_server *server)
{
	return server ? server->pages.view.conversion_port : 0;
}

uint16_t admwh_server_health_port(const struct admwh_server *server)
{
	return server ? server->pages.view.health_port : 0;
}
