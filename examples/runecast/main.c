/* SPDX-License-Identifier: MIT */
/*
 * admwh-runecast: Runecast Analyzer's admission webhook, seen from outside. It
 * refuses workloads whose images have more vulnerabilities than a policy allows,
 * and answers only who has a token of the role GLOBAL_ADMIN. Here: what its
 * options are made into.
 */
#include <stdio.h>
#include <string.h>

#include <admwh/admwh.h>

#include "common/address.h"
#include "options.h"
#include "policies.h"
#include "routes.h"
#include "scan_results.h"
#include "tokens.h"

/* All that runs, in the order it is made. */
struct service {
	struct token_file tokens;
	struct live_file *policies, *scan_results;
	struct live_file *files[2];
	struct live_watch *watch;
	struct admwh_config *config;
	struct admwh_server *server;
	struct routes routes;
};

static int complain(const char *what)
{
	fprintf(stderr, "admwh-runecast: %s\n", what);
	return -1;
}

/* A path is there from the start or not at all. */
static void tell_new_policies(const char *file, const struct policies *policies,
			      const struct routes *routes)
{
	for (size_t i = 0; i < policies->n_items; i++) {
		char what[120];

		if (routes_serve(routes, policies->items[i].id))
			continue;
		snprintf(what, sizeof(what), "/policies/%s: served after a restart",
			 policies->items[i].id);
		config_log("config.restart_needed", file, what);
	}
}

static void *read_policies(struct place *place, json_t *root, void *userdata)
{
	const struct service *service = userdata;
	struct policies *policies = policies_read(place, root);

	if (policies && service->tokens.serving)
		tell_new_policies(place->file, policies, &service->routes);
	return policies;
}

static void *read_scan_results(struct place *place, json_t *root, void *userdata)
{
	(void)userdata;
	return scan_results_read(place, root);
}

static void free_policies(void *policies)
{
	policies_free(policies);
}

static void free_scan_results(void *results)
{
	scan_results_free(results);
}

static int open_files(struct service *service, const struct options *options)
{
	struct problem problem = {""};

	service->policies =
	    live_file_new(options->policies, read_policies, free_policies, service, &problem);
	if (service->policies)
		service->scan_results = live_file_new(options->scan_results, read_scan_results,
						      free_scan_results, service, &problem);
	if (!service->scan_results)
		return complain(problem.text);
	service->files[0] = service->policies;
	service->files[1] = service->scan_results;
	return 0;
}

/* The token is asked for always; a certificate, when there is a CA, besides. */
static int identify_callers(struct service *service, const struct options *options)
{
	struct admwh_config *config = service->config;

	service->tokens.file = options->tokens;
	if (tokens_use(config, &service->tokens) || admwh_config_set_bare_tokens(config, true))
		return -1;
	if (!options->client_ca_file)
		return 0;
	if (admwh_config_add_client_ca_file(config, options->client_ca_file))
		return -1;
	return options->allow_cn ? admwh_config_allow_cn(config, options->allow_cn)
				 : admwh_config_allow_any_name(config);
}

static int listen_on(struct admwh_config *config, const struct options *options)
{
	struct text address = {0};
	int err;

	address_add(&address, options->address, options->port);
	err = address.failed ? ADMWH_E_NOMEM : admwh_config_set_listen(config, text_get(&address));
	text_deinit(&address);
	return err;
}

static int configure(struct service *service, const struct options *options)
{
	struct admwh_config *config = admwh_config_new();

	service->config = config;
	if (listen_on(config, options) ||
	    admwh_config_set_keypair_file(config, options->cert_file, options->key_file) ||
	    identify_callers(service, options) ||
	    (options->health && admwh_config_set_health_listen(config, options->health)) ||
	    admwh_config_set_refusal(config, routes_refuse, NULL) ||
	    admwh_config_set_log(config, ADMWH_LOG_INFO, admwh_log_text, NULL) ||
	    admwh_config_set_limit(config, ADMWH_LIMIT_LAME_DUCK_TIME, options->lame_duck * 1000) ||
	    admwh_config_set_stop_on_signals(config, true) ||
	    admwh_config_set_hardening(config, true) ||
	    !(service->server = admwh_server_new(config)))
		return complain(service->tokens.problem.text[0] ? service->tokens.problem.text
								: admwh_config_error(config));
	return 0;
}

static int add_routes(struct service *service, const struct options *options)
{
	struct live_content *content = live_file_hold(service->policies);
	const struct review common = {
	    .policies = service->policies,
	    .scan_results = service->scan_results,
	    .allow_unknown = options->unknown_image == UNKNOWN_ALLOW,
	};
	int err = routes_add(&service->routes, service->server, live_content_value(content),
			     &common, TOKENS_ROLE);

	live_file_let_go(service->policies, content);
	return err ? complain(admwh_server_error(service->server)) : 0;
}

static int run(struct service *service)
{
	service->tokens.serving = true;
	service->watch = live_watch_new(service->files, 2);
	if (!service->watch)
		return complain("no thread to watch files with");
	if (admwh_server_run(service->server))
		return complain(admwh_server_error(service->server));
	return 0;
}

/* Handlers use what stands below them: the server ends first. */
static void clean_up(struct service *service)
{
	admwh_server_free(service->server);
	admwh_config_free(service->config);
	live_watch_free(service->watch);
	routes_free(&service->routes);
	live_file_free(service->policies);
	live_file_free(service->scan_results);
}

int main(int argc, char **argv)
{
	struct service service = {0};
	struct text text = {0};
	struct options options;
	enum program_outcome outcome = options_read(&options, argc, argv, &text);
	int status = 2;

	if (outcome != PROGRAM_READ) {
		const struct program program = options_program(&options);

		status = program_tell(&program, outcome, &text);
	} else if (open_files(&service, &options) == 0 && configure(&service, &options) == 0 &&
		   add_routes(&service, &options) == 0) {
		status = run(&service) ? 1 : 0;
	}
	clean_up(&service);
	text_deinit(&text);
	return status;
}
