/* SPDX-License-Identifier: MIT */
/*
 * admwh-runecast: Runecast Analyzer's admission webhook, seen from outside. It
 * refuses workloads whose images have more vulnerabilities than a policy allows,
 * and answers only who has a token of the role GLOBAL_ADMIN. Here: what its
 * flags are made into.
 */
#include <admwh/admwh.h>

#include "policies.h"
#include "routes.h"
#include "scan_results.h"
#include "tokens.h"

enum unknown_image { UNKNOWN_DENY, UNKNOWN_ALLOW };

struct program {
	const char *policies, *scan_results;
	int unknown_image; /* enum unknown_image */
	struct review review;
};

static int configure(struct admwh_config *config, void *userdata)
{
	struct program *program = userdata;
	struct review *review = &program->review;

	review->allow_unknown = program->unknown_image == UNKNOWN_ALLOW;
	review->policies =
	    admwh_config_add_file(config, program->policies, policies_parse, policies_free, NULL);
	if (!review->policies)
		return ADMWH_E_IO;
	review->scan_results = admwh_config_add_file(config, program->scan_results,
						     scan_results_parse, scan_results_free, NULL);
	return review->scan_results ? 0 : ADMWH_E_IO;
}

static int set_up(struct admwh_server *server, void *userdata)
{
	struct program *program = userdata;

	return routes_add(server, &program->review, TOKENS_ROLE);
}

int main(int argc, char **argv)
{
	struct program program = {0};
	const struct admwh_flag flags[] = {
	    {.name = "policies",
	     .value = "FILE",
	     .help = "what images may have, JSON",
	     .text = &program.policies,
	     .required = true},
	    {.name = "scan-results",
	     .value = "FILE",
	     .help = "what the scanner found in them, JSON",
	     .text = &program.scan_results,
	     .required = true},
	    {.name = "unknown-image",
	     .value = "deny|allow",
	     .help = "an image that was not scanned: deny, or allow with a warning",
	     .choice = &program.unknown_image,
	     .preset = "deny"},
	};
	const struct admwh_preset presets[] = {{"listen", "0.0.0.0:9080"}, {"bare-tokens", "true"}};
	const struct admwh_program what = {
	    .name = "admwh-runecast",
	    .about = "Refuses workloads whose images have more vulnerabilities than a policy "
		     "allows.\nAll files are read again when they change.",
	    .flags = flags,
	    .n_flags = sizeof(flags) / sizeof(flags[0]),
	    .presets = presets,
	    .n_presets = 2,
	    .configure = configure,
	    .setup = set_up,
	    .read_tokens = tokens_read,
	    .userdata = &program,
	};

	return admwh_program_main(argc, argv, &what);
}
