/* SPDX-License-Identifier: MIT */
/* From a command line to a server that has stopped. */
#include <stdio.h>

#include <admwh/program.h>
#include <admwh/version.h>

#include "config/check.h"
#include "config/config.h"
#include "program/options.h"
#include "server/server.h"

enum { HELP_MAX = 65536 };

static int complain(const struct admwh_program *program, const char *what, int status)
{
	fprintf(stderr, "%s: %s\n", program->name, *what ? what : "out of memory");
	return status;
}

/* Wrong flags, and what they amount to, are the caller's mistake; a file or an address is not. */
static int complain_of_flags(const struct admwh_program *program, int err, const char *what)
{
	return complain(program, what, err == ADMWH_E_INVAL ? ADMWH_EXIT_USAGE : ADMWH_EXIT_FAILED);
}

static int print_version(const struct admwh_program *program)
{
	printf("%s %s\n", program->name, program->version ? program->version : admwh_version());
	return fflush(stdout) ? ADMWH_EXIT_FAILED : ADMWH_EXIT_STOPPED;
}

static int print_help(const struct awh_options *options)
{
	struct awh_buf text;
	int status = ADMWH_EXIT_FAILED;

	awh_buf_init(&text, HELP_MAX);
	awh_put_help(&text, options);
	if (awh_buf_terminate(&text))
		complain(options->program, "out of memory", status);
	else if (fputs(text.data, stdout) >= 0 && fflush(stdout) == 0)
		status = ADMWH_EXIT_STOPPED;
	awh_buf_deinit(&text);
	return status;
}

/* What a program has unless it or a flag says otherwise. */
static int set_defaults(struct admwh_config *config)
{
	int err = admwh_config_set_log(config, ADMWH_LOG_INFO, admwh_log_text, NULL);

	if (err == 0)
		err = admwh_config_set_hardening(config, true);
	if (err == 0)
		err = admwh_config_set_stop_on_signals(config, true);
	return err ? err : admwh_config_set_reload_on_sighup(config, true);
}

/* The library's own words name its functions' subjects; here they are flags. */
static int check_flags(const struct admwh_config *config, struct awh_error *error)
{
	if (config->plain)
		return 0;
	if (!awh_sources_find(&config->sources, AWH_SOURCE_CERTIFICATE, 0))
		return awh_fail(error, ADMWH_E_INVAL,
				"--tls-cert and --tls-key are required; --help says more");
	if (config->n_bundles == 0 && !config->insecure && !awh_config_has_tokens(config))
		return awh_fail(error, ADMWH_E_INVAL,
				"no caller could be allowed: --client-ca with --client-allow, or "
				"--token-file, is required; --help says more");
	for (size_t i = 0; i < config->n_bundles; i++) {
		const struct admwh_bundle *bundle = config->bundles[i];

		if (!awh_sources_find(&config->sources, AWH_SOURCE_CLIENT_CA, i))
			return awh_fail(error, ADMWH_E_INVAL,
					"bundle \"%s\" has no CA: --client-ca %s=FILE is required",
					bundle->name, bundle->name);
		if (!bundle->any_name && bundle->rules.n_items == 0 &&
		    !awh_sources_find(&config->sources, AWH_SOURCE_ALLOW, i))
			return awh_fail(error, ADMWH_E_INVAL,
					"bundle \"%s\" allows no caller: --client-allow %s=RULE is "
					"required",
					bundle->name, bundle->name);
	}
	return 0;
}

/* The files of lines that the program's own flags name. */
static int add_files(const struct awh_options *options, struct admwh_config *config,
		     struct awh_error *error)
{
	for (size_t i = 0; i < options->n_items; i++) {
		const struct awh_option *option = &options->items[i];
		struct admwh_file **file = option->flag->lines;

		if (!file || option->n_values == 0)
			continue;
		*file =
		    admwh_config_add_line_file(config, option->values[0], option->flag->line_error);
		if (!*file) /* a file with a fault is no wrong flag */
			return awh_fail(error, ADMWH_E_IO, "%s: %s", option->source,
					config->error.text);
	}
	return 0;
}

static int configure(const struct awh_options *options, struct admwh_config *config,
		     struct awh_error *error)
{
	const struct admwh_program *program = options->program;
	int err = set_defaults(config);

	if (err == 0 && program->configure)
		err = program->configure(config, program->userdata);
	if (err)
		return awh_fail(error, err, "%s",
				*admwh_config_error(config) ? admwh_config_error(config)
							    : "the program cannot be configured");
	err = awh_options_apply(options, config, error);
	if (err == 0)
		err = add_files(options, config, error); /* which may be missing by a flag */
	return err ? err : check_flags(config, error);
}

static int count_handlers(const struct admwh_program_route *route)
{
	return (route->validate != NULL) + (route->mutate != NULL) + (route->convert != NULL);
}

static int add_route(const struct admwh_program *program, const struct admwh_program_route *route,
		     struct admwh_server *server)
{
	void *userdata = route->userdata ? route->userdata : program->userdata;
	const bool has_filter = route->group || route->kind || route->operations;
	struct admwh_route *added;

	if (count_handlers(route) != 1 || (route->convert && has_filter))
		return admwh_server_fail(server, ADMWH_E_INVAL,
					 "route %s: one handler, and no filter of a conversion, "
					 "is expected",
					 route->path ? route->path : "without a path");
	if (route->convert)
		return admwh_server_add_conversion(server, route->path, route->convert, userdata);
	added = route->mutate
		    ? admwh_server_add_mutator(server, route->path, route->mutate, userdata)
		    : admwh_server_add_validator(server, route->path, route->validate, userdata);
	if (!added)
		return server->error.code;
	return has_filter
		   ? admwh_route_add_filter(added, route->group, route->kind, route->operations)
		   : 0;
}

static int set_up(const struct admwh_program *program, struct admwh_server *server)
{
	int err = 0;

	if (program->start)
		err = admwh_server_set_process_start(server, program->start, program->userdata);
	if (err == 0 && program->stop)
		err = admwh_server_set_process_stop(server, program->stop, program->userdata);
	for (size_t i = 0; i < program->n_routes && err == 0; i++)
		err = add_route(program, &program->routes[i], server);
	return err || !program->setup ? err : program->setup(server, program->userdata);
}

static int serve(const struct awh_options *options, struct admwh_config *config)
{
	const struct admwh_program *program = options->program;
	struct awh_error error = {0};
	struct admwh_server *server;
	int status = ADMWH_EXIT_STOPPED;

	if (configure(options, config, &error))
		return complain_of_flags(program, error.code, error.text);
	server = admwh_server_new(config);
	if (!server)
		return complain_of_flags(program, config->error.code, config->error.text);
	if (set_up(program, server))
		status = complain(program,
				  *admwh_server_error(server) ? admwh_server_error(server)
							      : "the program cannot be set up",
				  ADMWH_EXIT_FAILED);
	else if (admwh_server_run(server))
		status = complain(program, admwh_server_error(server), ADMWH_EXIT_FAILED);
	admwh_server_free(server);
	return status;
}

int admwh_program_main(int argc, char **argv, const struct admwh_program *program)
{
	struct awh_options options = {.program = program};
	struct admwh_config *config = NULL;
	struct awh_error error = {0};
	int status;

	if (awh_options_read(&options, argc, argv, &error))
		status = complain_of_flags(program, error.code, error.text);
	else if (options.help)
		status = print_help(&options);
	else if (options.version)
		status = print_version(program);
	else if (!(config = admwh_config_new()))
		status = complain(program, "out of memory", ADMWH_EXIT_FAILED);
	else
		status = serve(&options, config);
	admwh_config_free(config);
	awh_options_deinit(&options);
	return status;
}

int admwh_config_fail(struct admwh_config *config, int err, const char *format, ...)
{
	va_list args;

	if (!config)
		return err;
	va_start(args, format);
	awh_vfail(&config->error, err, format, args);
	va_end(args);
	return err;
}

int admwh_server_fail(struct admwh_server *server, int err, const char *format, ...)
{
	va_list args;

	if (!server)
		return err;
	va_start(args, format);
	awh_vfail(&server->error, err, format, args);
	va_end(args);
	return err;
}
