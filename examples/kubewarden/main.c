/* SPDX-License-Identifier: MIT */
/*
 * admwh-kubewarden: Kubewarden's policy-server on libadmwh: policies.yml, and a route
 * for each of its policies.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <admwh/admwh.h>

#include "policies_file.h"
#include "reply.h"
#include "serve.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	DEADLINE_MS = 30000, /* least time the library waits for a policy */
};

struct options {
	const char *policies;
	uint64_t policy_timeout_s;
	bool disable_timeout_protection, continue_on_errors;
};

struct program {
	struct options options;
	struct kw_policies policies;
	struct kw_service service;
};

/* Log the lines of a text, one event each. */
static void log_lines(const struct admwh_server *server, const char *event, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		char line[512];

		snprintf(line, sizeof(line), "%.*s", (int)(len < sizeof(line) ? len : 511), lines);
		kw_log(server, ADMWH_LOG_WARNING, event, "what", line, NULL);
		lines += len + (lines[len] == '\n');
	}
}

static bool has_unknown_module(const struct kw_policy *policy)
{
	for (size_t i = 0; i < policy->n_members; i++)
		if (!policy->members[i].type)
			return true;
	return false;
}

/* After a module that is none of them. */
static void list_policies(void)
{
	const char *name;

	fprintf(stderr, "admwh-kubewarden: the policies there are:");
	for (size_t i = 0; (name = kw_policy_name(i)); i++)
		fprintf(stderr, "%s %s", i > 0 ? "," : "", name);
	fprintf(stderr, "\n");
}

static const char *failure_of(const struct kw_policy *policy)
{
	return policy->failure ? policy->failure : "out of memory";
}

static void print_failures(const struct program *program)
{
	bool is_unknown = false;

	for (size_t i = 0; i < program->policies.n; i++) {
		const struct kw_policy *policy = &program->policies.policies[i];

		if (!policy->failed)
			continue;
		fprintf(stderr, "admwh-kubewarden: %s:%zu: %s: %s\n", program->options.policies,
			policy->line, policy->id, failure_of(policy));
		is_unknown = is_unknown || has_unknown_module(policy);
	}
	if (is_unknown)
		list_policies();
}

static void log_failures(const struct admwh_server *server, const struct kw_policies *policies)
{
	for (size_t i = 0; i < policies->n; i++)
		if (policies->policies[i].failed)
			kw_log(server, ADMWH_LOG_ERROR, "policy.failed", "policy_id",
			       policies->policies[i].id, "error",
			       failure_of(&policies->policies[i]), NULL);
}

/* The library waits longer than the policy that may take longest. */
static uint64_t find_deadline(const struct kw_policies *policies, int64_t timeout_s)
{
	int64_t longest = DEADLINE_MS;

	for (size_t i = 0; i < policies->n; i++) {
		int64_t ms = kw_policy_timeout_ms(&policies->policies[i], timeout_s) + 1000;

		longest = ms > longest ? ms : longest;
	}
	return (uint64_t)(longest < 3600000 ? longest : 3600000);
}

static int load(struct admwh_config *config, struct program *program)
{
	const struct options *options = &program->options;
	struct text error = {0};
	size_t failed;
	int err = 0;

	if (kw_policies_read(&program->policies, options->policies, &error))
		err = admwh_config_fail(config, ADMWH_E_IO,
					"error while loading policies from \"%s\": %s",
					options->policies, text_get(&error));
	text_deinit(&error);
	if (err)
		return err;
	failed = kw_policies_start(&program->policies);
	if (failed == 0 || options->continue_on_errors)
		return 0;
	print_failures(program);
	return admwh_config_fail(config, ADMWH_E_IO, "%s: %zu of %zu policies do not work",
				 options->policies, failed, program->policies.n);
}

/* As the original: one worker a CPU. */
static unsigned int count_workers(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus < 1 ? 1 : cpus > 4096 ? 4096 : (unsigned int)cpus;
}

static int configure(struct admwh_config *config, void *userdata)
{
	struct program *program = userdata;
	struct kw_service *service = &program->service;
	int err = load(config, program);

	service->policies = &program->policies;
	service->timeout_s = program->options.disable_timeout_protection
				 ? 0
				 : (int64_t)program->options.policy_timeout_s;
	if (!err)
		err = admwh_config_set_workers(config, count_workers());
	if (!err)
		err = admwh_config_set_limit(config, ADMWH_LIMIT_DEADLINE,
					     find_deadline(&program->policies, service->timeout_s));
	return err ? err : admwh_config_set_refusal(config, kw_word_refusal, NULL);
}

static int set_up(struct admwh_server *server, void *userdata)
{
	struct program *program = userdata;

	log_lines(server, "policies.note", text_get(&program->policies.notes));
	log_failures(server, &program->policies);
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
	     .help = "the policies",
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
	     .on = &options->continue_on_errors},
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
	int status = run(argc, argv, &program);

	kw_service_deinit(&program.service);
	kw_policies_deinit(&program.policies);
	return status;
}
