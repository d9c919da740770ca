/* SPDX-License-Identifier: MIT */
/* admwhctl verify: what must hold of an installation, each a line with what to do. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "common/flags.h"
#include "common/print.h"
#include "common/values.h"
#include "verify/checks.h"
#include "verify/live.h"

static const char help[] =
    "Usage: admwhctl verify FOLDER [--live] [FLAG]...\n"
    "\n"
    "Checks an installation, and tells what to correct. FOLDER is what admwhctl init made, as it\n"
    "is now; a folder with your own kubeconfig, AdmissionConfiguration, Deployment and webhook\n"
    "configurations is checked as far as these files allow.\n"
    "Nothing is written.\n"
    "\n"
    "  --days N          warn of certificates that end within N days (default 30)\n"
    "  --quiet           show only what does not hold\n"
    "  --json            print the result as JSON\n"
    "\n"
    "With --live the server is called as the API server calls it, and as other clients might:\n"
    "\n"
    "  --live            ask the server and, by kubectl, the cluster\n"
    "  --address HOST:PORT\n"
    "                    of the server; the URL of the webhooks, or kubectl port-forward, by\n"
    "                    default\n"
    "  --health-address HOST:PORT\n"
    "                    of its metrics, which count reviews; those of each Pod by default\n"
    "  --no-kubectl      do not ask the cluster\n"
    "  --kubectl FILE    the kubectl to run (default kubectl)\n"
    "  --context NAME    its context\n"
    "\n"
    "Results:\n"
    "  yes   it holds\n"
    "  NO    it does not hold: the lines below have the place, the fault and the remedy\n"
    "  warn  it works, and should be changed\n"
    "  ?     not checked: the files do not tell\n"
    "\n"
    "Exit status: 0 nothing is wrong, 1 a check failed, 2 FOLDER cannot be checked.\n"
    "\n"
    "  admwhctl verify image-policy\n"
    "  admwhctl verify image-policy --live --context production\n"
    "  admwhctl verify image-policy --live --address 10.0.0.7:9443 --no-kubectl\n";

struct options {
	struct live_options live;
	bool is_live, is_quiet, is_json;
	unsigned int days;
	const char *folder;
};

enum flag { LIVE = 256, ADDRESS, HEALTH, NO_KUBECTL, KUBECTL, CONTEXT, DAYS, QUIET, JSON };

static const struct option flags[] = {
    {"live", no_argument, NULL, LIVE},
    {"address", required_argument, NULL, ADDRESS},
    {"health-address", required_argument, NULL, HEALTH},
    {"no-kubectl", no_argument, NULL, NO_KUBECTL},
    {"kubectl", required_argument, NULL, KUBECTL},
    {"context", required_argument, NULL, CONTEXT},
    {"days", required_argument, NULL, DAYS},
    {"quiet", no_argument, NULL, QUIET},
    {"json", no_argument, NULL, JSON},
    {0},
};

enum { MOST_DAYS = 36500 };

static const char default_kubectl[] = "kubectl";

static int take_flag(void *context, int flag, const char *value)
{
	struct options *options = context;

	switch (flag) {
	case LIVE:
		options->is_live = true;
		return 0;
	case ADDRESS:
		options->live.address = value;
		return live_check_address("--address", value);
	case HEALTH:
		options->live.health_address = value;
		return live_check_address("--health-address", value);
	case NO_KUBECTL:
		options->live.kubectl.program = NULL;
		return 0;
	case KUBECTL:
		options->live.kubectl.program = value;
		return 0;
	case CONTEXT:
		options->live.kubectl.context = value;
		return 0;
	case DAYS:
		return flag_number("--days", value, 0, MOST_DAYS, &options->days);
	case QUIET:
		options->is_quiet = true;
		return 0;
	default:
		options->is_json = true;
		return 0;
	}
}

/* Is there a flag that says how the server or the cluster is asked? */
static bool is_live_used(const struct live_options *live)
{
	return live->address || live->health_address || live->kubectl.context ||
	       live->kubectl.program != default_kubectl;
}

static int read_options(struct options *options, int argc, char **argv)
{
	*options = (struct options){.live.kubectl.program = default_kubectl, .days = 30};
	if (flags_read(argc, argv, flags, take_flag, options))
		return -1;
	if (optind + 1 != argc) {
		complain("expected one FOLDER; --help tells more");
		return -1;
	}
	if (!options->is_live && is_live_used(&options->live)) {
		complain("--address, --health-address, --no-kubectl, --kubectl and --context go "
			 "with --live");
		return -1;
	}
	options->folder = argv[optind];
	return 0;
}

static void run_checks(struct report *report, const struct facts *facts)
{
	static const struct check *const tables[] = {
	    file_checks,       server_checks,    caller_checks,  token_checks, admission_checks,
	    kubeconfig_checks, apiserver_checks, webhook_checks, call_checks,  workload_checks,
	    kustomize_checks,  hardening_checks, network_checks,
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		report_run(report, tables[i], facts);
}

static void show(const struct report *report, const struct options *options)
{
	if (options->is_json) {
		json_t *json = report_json(report);

		json_print(stdout, json);
		json_decref(json);
	} else {
		report_print(stdout, report, !options->is_quiet);
	}
}

/* Several installations would be checked against each other. */
static bool is_one(const struct folder *folder)
{
	static const char name[] = "/installation.yaml";

	if (folder_file(folder, "installation.yaml"))
		return true;
	for (size_t i = 0; i < folder->n_files; i++) {
		const char *file = folder->files[i].name, *end = strstr(file, name);

		if (!end || end[sizeof(name) - 1])
			continue;
		complain("%s is no installation, but %s/%.*s is one: name that folder",
			 folder->path, folder->path, (int)(end - file), file);
		return false;
	}
	return true;
}

static int run(int argc, char **argv)
{
	struct report report = {0};
	struct options options;
	struct facts facts;
	int exit_status = EXIT_ERROR;

	if (read_options(&options, argc, argv))
		return EXIT_ERROR;
	if (facts_read(&facts, options.folder) == 0 && is_one(&facts.folder)) {
		facts.days = options.days;
		run_checks(&report, &facts);
		if (options.is_live)
			live_run(&report, &facts, &options.live);
		show(&report, &options);
		exit_status = report_count(&report, RESULT_NO) > 0 ? EXIT_NO : EXIT_OK;
	}
	report_deinit(&report);
	facts_deinit(&facts);
	return exit_status;
}

const struct command verify_command = {
    .name = "verify",
    .summary = "check an installation, in its files and in the cluster",
    .help = help,
    .run = run,
};
