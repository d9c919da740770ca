/* SPDX-License-Identifier: MIT */
/*
 * admwh-runecast: Runecast Analyzer's admission webhook, seen from outside. It
 * refuses workloads whose images have more vulnerabilities than a policy allows,
 * and answers only who has a token of the role GLOBAL_ADMIN. Here: options, and
 * what they are made into.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "policies.h"
#include "routes.h"
#include "scan_results.h"
#include "tokens.h"

struct options {
	const char *address, *port, *cert_file, *key_file, *tokens, *policies, *scan_results;
	const char *unknown_image, *client_ca_file, *allow_cn, *health, *lame_duck;
};

/* All that runs, in the order it is made. */
struct program {
	struct token_file tokens;
	struct live_file *policies, *scan_results;
	struct live_file *files[2];
	struct live_watch *watch;
	struct admwh_config *config;
	struct admwh_server *server;
	struct routes routes;
};

static const char usage[] =
    "usage: admwh-runecast --cert-file FILE --key-file FILE --tokens FILE --policies FILE\n"
    "                      --scan-results FILE [OPTION]...\n"
    "\n"
    "  --address ADDRESS       where to listen (0.0.0.0)\n"
    "  --port PORT             (9080); 0 lets the system pick one\n"
    "  --cert-file FILE        certificate chain, PEM\n"
    "  --key-file FILE         its private key, PEM\n"
    "  --tokens FILE           who may ask: tokens and their roles, JSON\n"
    "  --policies FILE         what images may have, JSON\n"
    "  --scan-results FILE     what the scanner found in them, JSON\n"
    "  --unknown-image CHOICE  an image that was not scanned: deny (default), or allow with a\n"
    "                          warning\n"
    "  --client-ca-file FILE   ask for a certificate of this CA, too, in the TLS handshake\n"
    "  --allow-cn NAME         only of this common name (any name of that CA)\n"
    "  --health ADDRESS:PORT   /healthz, /readyz and /metrics by plain HTTP\n"
    "  --lame-duck SECONDS     go on accepting so long after SIGTERM (0)\n"
    "  --help\n"
    "\n"
    "All files are read again when they change. New policy ids are served after a restart.\n";

static int complain(const char *what)
{
	fprintf(stderr, "admwh-runecast: %s\n", what);
	return -1;
}

/* 0; 1 when all is done, for --help; -1. */
static int read_options(int argc, char **argv, struct options *options)
{
	const struct {
		const char *name;
		const char **value;
		const char *preset;
	} known[] = {
	    {"address", &options->address, "0.0.0.0"},
	    {"port", &options->port, "9080"},
	    {"cert-file", &options->cert_file, NULL},
	    {"key-file", &options->key_file, NULL},
	    {"tokens", &options->tokens, NULL},
	    {"policies", &options->policies, NULL},
	    {"scan-results", &options->scan_results, NULL},
	    {"unknown-image", &options->unknown_image, "deny"},
	    {"client-ca-file", &options->client_ca_file, ""},
	    {"allow-cn", &options->allow_cn, ""},
	    {"health", &options->health, ""},
	    {"lame-duck", &options->lame_duck, "0"},
	};
	enum { KNOWN = sizeof(known) / sizeof(known[0]) };
	struct option table[KNOWN + 2] = {{.name = "help", .val = 'h'}};
	int chosen;

	for (int i = 0; i < KNOWN; i++) {
		table[i + 1] = (struct option){known[i].name, required_argument, NULL, 1000 + i};
		*known[i].value = known[i].preset;
	}
	while ((chosen = getopt_long(argc, argv, "", table, NULL)) >= 1000)
		*known[chosen - 1000].value = optarg;
	if (chosen == 'h')
		return fputs(usage, stdout), 1;
	if (chosen != -1 || optind < argc)
		return fputs(usage, stderr), -1;
	for (int i = 0; i < KNOWN; i++) {
		if (*known[i].value)
			continue;
		fprintf(stderr, "admwh-runecast: --%s is required\n", known[i].name);
		return -1;
	}
	if (strcmp(options->unknown_image, "allow") != 0 &&
	    strcmp(options->unknown_image, "deny") != 0)
		return complain("--unknown-image: expected deny or allow");
	if (strspn(options->lame_duck, "0123456789") != strlen(options->lame_duck))
		return complain("--lame-duck: expected a number of seconds");
	if (*options->allow_cn && !*options->client_ca_file)
		return complain("--allow-cn needs --client-ca-file");
	return 0;
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
	const struct program *program = userdata;
	struct policies *policies = policies_read(place, root);

	if (policies && program->tokens.serving)
		tell_new_policies(place->file, policies, &program->routes);
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

static int open_files(struct program *program, const struct options *options)
{
	struct problem problem = {""};

	program->policies =
	    live_file_new(options->policies, read_policies, free_policies, program, &problem);
	if (program->policies)
		program->scan_results = live_file_new(options->scan_results, read_scan_results,
						      free_scan_results, program, &problem);
	if (!program->scan_results)
		return complain(problem.text);
	program->files[0] = program->policies;
	program->files[1] = program->scan_results;
	return 0;
}

/* The token is asked for always; a certificate, when there is a CA, besides. */
static int identify_callers(struct program *program, const struct options *options)
{
	struct admwh_config *config = program->config;

	program->tokens.file = options->tokens;
	if (tokens_use(config, &program->tokens) || admwh_config_set_bare_tokens(config, true))
		return -1;
	if (!*options->client_ca_file)
		return 0;
	if (admwh_config_add_client_ca_file(config, options->client_ca_file))
		return -1;
	return *options->allow_cn ? admwh_config_allow_cn(config, options->allow_cn)
				  : admwh_config_allow_any_name(config);
}

static int configure(struct program *program, const struct options *options)
{
	char listen[300];
	struct admwh_config *config = admwh_config_new();
	bool is_ipv6 = strchr(options->address, ':') && options->address[0] != '[';

	program->config = config;
	snprintf(listen, sizeof(listen), is_ipv6 ? "[%s]:%s" : "%s:%s", options->address,
		 options->port);
	if (admwh_config_set_listen(config, listen) ||
	    admwh_config_set_keypair_file(config, options->cert_file, options->key_file) ||
	    identify_callers(program, options) ||
	    (*options->health && admwh_config_set_health_listen(config, options->health)) ||
	    admwh_config_set_refusal(config, routes_refuse, NULL) ||
	    admwh_config_set_log(config, ADMWH_LOG_INFO, admwh_log_text, NULL) ||
	    admwh_config_set_limit(config, ADMWH_LIMIT_LAME_DUCK_TIME,
				   strtoull(options->lame_duck, NULL, 10) * 1000) ||
	    admwh_config_set_stop_on_signals(config, true) ||
	    !(program->server = admwh_server_new(config)))
		return complain(program->tokens.problem.text[0] ? program->tokens.problem.text
								: admwh_config_error(config));
	return 0;
}

static int add_routes(struct program *program, const struct options *options)
{
	struct live_content *content = live_file_hold(program->policies);
	const struct review common = {
	    .policies = program->policies,
	    .scan_results = program->scan_results,
	    .allow_unknown = strcmp(options->unknown_image, "allow") == 0,
	};
	int failed = routes_add(&program->routes, program->server, live_content_value(content),
				&common, TOKENS_ROLE);

	live_file_let_go(program->policies, content);
	return failed ? complain(admwh_server_error(program->server)) : 0;
}

static int run(struct program *program)
{
	program->tokens.serving = true;
	program->watch = live_watch_new(program->files, 2);
	if (!program->watch)
		return complain("no thread to watch files with");
	if (admwh_server_run(program->server))
		return complain(admwh_server_error(program->server));
	return 0;
}

/* Handlers use what stands below them: the server ends first. */
static void clean_up(struct program *program)
{
	admwh_server_free(program->server);
	admwh_config_free(program->config);
	live_watch_free(program->watch);
	routes_free(&program->routes);
	live_file_free(program->policies);
	live_file_free(program->scan_results);
}

int main(int argc, char **argv)
{
	struct program program = {0};
	struct options options;
	int status = 2;
	int done = read_options(argc, argv, &options);

	if (done)
		return done > 0 ? 0 : 2;
	if (open_files(&program, &options) == 0 && configure(&program, &options) == 0 &&
	    add_routes(&program, &options) == 0)
		status = run(&program) ? 1 : 0;
	clean_up(&program);
	return status;
}
