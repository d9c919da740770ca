/* SPDX-License-Identifier: MIT */
/*
 * admwh-kubewarden: Kubewarden's policy-server on libadmwh: policies.yml, which may
 * change while it serves, and a path for each of its policies.
 */
#include <unistd.h>

#include <admwh/admwh.h>

#include "reply.h"
#include "serve.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct options {
	const char *policies;
	uint64_t policy_timeout_s;
	bool disable_timeout_protection;
};

struct program {
	struct options options;
	struct kw_service service;
};

/* As the original: one worker a CPU. */
static unsigned int count_workers(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus < 1 ? 1 : cpus > 4096 ? 4096 : (unsigned int)cpus;
}

static int configure(struct admwh_config *config, void *userdata)
{
	struct program *program = userdata;
	struct kw_store *store = &program->service.store;
	int err;

	store->timeout_s = program->options.disable_timeout_protection
			       ? 0
			       : (int64_t)program->options.policy_timeout_s;
	err = kw_store_open(store, config, program->options.policies);
	if (!err)
		err = admwh_config_set_workers(config, count_workers());
	return err ? err : admwh_config_set_refusal(config, kw_word_refusal, NULL);
}

static int set_up(struct admwh_server *server, void *userdata)
{
	struct program *program = userdata;

	return kw_serve(&program->service, server);
}

/* Threads do not survive a fork: each process has a watch of its own. */
static int start(void *userdata)
{
	struct program *program = userdata;

	program->service.watch = kw_watch_new();
	return program->service.watch ? 0 : -1;
}

static void stop(void *userdata)
{
	struct program *program = userdata;

	kw_watch_free(program->service.watch);
}

static int run(int argc, char **argv, struct program *program)
{
	struct options *options = &program->options;
	const struct admwh_flag flags[] = {
	    {.name = "policies",
	     .value = "FILE",
	     .help = "the policies, read again when they change",
	     .text = &options->policies,
	     .preset = "policies.yml"},
	    {.name = "policy-timeout",
	     .value = "SECONDS",
	     .help = "time a policy may take",
	     .number = &options->policy_timeout_s,
	     .preset = "2",
	     .least = 1,
	     .most = 3600},
	    {.name = "disable-timeout-protection",
	     .help = "no time limit for policies that set none",
	     .on = &options->disable_timeout_protection},
	    {.name = "continue-on-errors",
	     .help = "serve although a policy does not work; that one denies",
	     .on = &program->service.store.continue_on_errors},
	    {.name = "always-accept-admission-reviews-on-namespace",
	     .value = "NAME",
	     .help = "namespace whose reviews are all allowed",
	     .text = &program->service.always_accepted},
	};
	const struct admwh_preset presets[] = {{"listen", "0.0.0.0:3000"},
					       {"health-listen", "0.0.0.0:8081"},
					       {"ready-path", "/readiness"}};

	return admwh_program_main(argc, argv,
				  &(struct admwh_program){
				      .name = "admwh-kubewarden",
				      .about = "Kubewarden's policy-server, with policies in C.",
				      .prefix = "KUBEWARDEN_",
				      .flags = flags,
				      .n_flags = COUNT(flags),
				      .presets = presets,
				      .n_presets = COUNT(presets),
				      .configure = configure,
				      .setup = set_up,
				      .start = start,
				      .stop = stop,
				      .userdata = program,
				  });
}

int main(int argc, char **argv)
{
	struct program program = {0};

	return run(argc, argv, &program);
}
