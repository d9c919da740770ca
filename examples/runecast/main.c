/* SPDX-License-Identifier: MIT */
/*
 * admwh-runecast: Runecast Analyzer's admission webhook, seen from outside. It
 * refuses workloads whose images have more vulnerabilities than a policy allows,
 * and answers only who has a token of the role GLOBAL_ADMIN. Here: what its
 * flags are made into.
 */
#include <stdio.h>
#include <string.h>

#include <admwh/admwh.h>

#include "policies.h"
#include "routes.h"
#include "scan_results.h"
#include "tokens.h"

enum unknown_image { UNKNOWN_DENY, UNKNOWN_ALLOW };

struct program {
	const char *policies_file, *scan_results_file;
	int unknown_image; /* enum unknown_image */
	struct live_file *policies, *scan_results;
	struct live_file *files[2];
	struct live_watch *watch;
	struct routes routes;
	bool serving;
};

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

	if (policies && program->serving)
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

static int open_files(struct admwh_config *config, struct program *program)
{
	struct problem problem = {""};

	program->policies =
	    live_file_new(program->policies_file, read_policies, free_policies, program, &problem);
	if (program->policies)
		program->scan_results = live_file_new(program->scan_results_file, read_scan_results,
						      free_scan_results, program, &problem);
	if (!program->scan_results)
		return admwh_config_fail(config, ADMWH_E_IO, "%s", problem.text);
	program->files[0] = program->policies;
	program->files[1] = program->scan_results;
	return 0;
}

static int configure(struct admwh_config *config, void *userdata)
{
	int err = open_files(config, userdata);

	return err ? err : admwh_config_set_refusal(config, routes_refuse, NULL);
}

static int set_up(struct admwh_server *server, void *userdata)
{
	struct program *program = userdata;
	struct live_content *content = live_file_hold(program->policies);
	const struct review common = {
	    .policies = program->policies,
	    .scan_results = program->scan_results,
	    .allow_unknown = program->unknown_image == UNKNOWN_ALLOW,
	};
	int err =
	    routes_add(&program->routes, server, live_content_value(content), &common, TOKENS_ROLE);

	live_file_let_go(program->policies, content);
	program->serving = true;
	return err;
}

static int start(void *userdata)
{
	struct program *program = userdata;

	program->watch = live_watch_new(program->files, 2);
	return program->watch ? 0 : -1;
}

static void stop(void *userdata)
{
	struct program *program = userdata;

	live_watch_free(program->watch);
}

static int run(int argc, char **argv, struct program *program)
{
	const struct admwh_flag flags[] = {
	    {.name = "policies",
	     .value = "FILE",
	     .help = "what images may have, JSON",
	     .text = &program->policies_file,
	     .required = true},
	    {.name = "scan-results",
	     .value = "FILE",
	     .help = "what the scanner found in them, JSON",
	     .text = &program->scan_results_file,
	     .required = true},
	    {.name = "unknown-image",
	     .value = "deny|allow",
	     .help = "an image that was not scanned: deny, or allow with a warning",
	     .choice = &program->unknown_image,
	     .preset = "deny"},
	};
	const struct admwh_preset presets[] = {{"listen", "0.0.0.0:9080"}, {"bare-tokens", "true"}};

	return admwh_program_main(
	    argc, argv,
	    &(struct admwh_program){
		.name = "admwh-runecast",
		.about = "Refuses workloads whose images have more vulnerabilities than a policy "
			 "allows.\nAll files are read again when they change. New policy ids are "
			 "served after a restart.",
		.flags = flags,
		.n_flags = sizeof(flags) / sizeof(flags[0]),
		.presets = presets,
		.n_presets = 2,
		.configure = configure,
		.setup = set_up,
		.start = start,
		.stop = stop,
		.read_tokens = tokens_read,
		.userdata = program,
	    });
}

int main(int argc, char **argv)
{
	struct program program = {0};
	int status = run(argc, argv, &program);

	routes_free(&program.routes);
	live_file_free(program.policies);
	live_file_free(program.scan_results);
	return status;
}
